//! What `setca cert revoke`, `setca crl issue` and `setca bci issue` share: publishing lists.

use std::path::{Path, PathBuf};

use ca_core::authority::{Authority, Error};
use ca_core::store::{CaRecord, ListHead, ListId, PublishedList, Store};
use ca_server::data::Folder;
use clap::Args;
use der::pem::{self, LineEnding};

use super::output;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{authority_failure, store_failure};
use crate::input::Object;
use crate::inspect;
use crate::report::{Report, say};
use crate::tree::Tree;

/// What a revocation asks for: the CRL of a CA, its delta or its shards, and the BCIs that list it:
/// its brand's, every brand's for the root. Returns CRL, delta and BCIs as they are published now;
/// none of a CA that issues no CRL, or whose lists follow a revocation only when they are due.
///
/// # Errors
/// The CA's key is not here, or the store refuses.
pub(crate) fn after_revocation(
    authority: &Authority,
    ca: &CaRecord,
) -> Result<Vec<ListHead>, Failure> {
    let mut lists = published(authority, ca, authority.publish_after_revocation(&ca.id))?;
    // One of perhaps thousands was made: the certificate names it.
    lists.retain(|list| !matches!(list.list, ListId::Shard { .. }));
    Ok(lists)
}

/// The same whatever the policies say, and every shard.
///
/// # Errors
/// As [`after_revocation`].
pub(crate) fn all_lists(authority: &Authority, ca: &CaRecord) -> Result<Vec<ListHead>, Failure> {
    published(authority, ca, authority.publish_lists(&ca.id))
}

fn published(
    authority: &Authority,
    ca: &CaRecord,
    outcome: Result<Option<PublishedList>, Error>,
) -> Result<Vec<ListHead>, Failure> {
    let store = authority.store().as_ref();
    match outcome {
        // All is published: whoever asked for it has it, and hears what is wrong beside it.
        Err(alarm @ Error::Exchange { .. }) => say(format_args!("note: {alarm}")),
        outcome => {
            if outcome.map_err(|e| authority_failure(&e))?.is_none() {
                return Ok(Vec::new());
            }
        }
    }
    let mut heads = store.list_heads().map_err(|e| store_failure(&e))?;
    heads.retain(|head| match &head.list {
        ListId::Bci(brand) => ca.brand.as_ref().is_none_or(|own| own == brand),
        ListId::Crl(of) | ListId::Delta(of) | ListId::Shard { ca: of, .. } => *of == ca.id,
        ListId::DeltaBase(_) => false,
    });
    // BCIs last: they name the CRL.
    heads.sort_by_key(|head| matches!(head.list, ListId::Bci(_)));
    Ok(heads)
}

/// The brands of the hierarchy, each once.
///
/// # Errors
/// The records cannot be read.
pub(crate) fn brands(store: &dyn Store) -> Result<Vec<String>, Failure> {
    let cas = store.cas().map_err(|e| store_failure(&e))?;
    let mut brands: Vec<String> = cas.into_iter().filter_map(|ca| ca.brand).collect();
    brands.sort();
    brands.dedup();
    Ok(brands)
}

/// True if the CA is the root and its keys have been carried away.
pub(crate) fn is_off_line(global: &Global, ca: &CaRecord) -> bool {
    ca.superior.is_none() && !Folder::at(&global.dir).offline_root().exists()
}

/// One line of JSON or text for a published list.
pub(crate) fn tree(list: &ListHead) -> Tree {
    // As people write them.
    let title = match &list.list {
        ListId::Bci(_) => "BCI",
        ListId::Crl(_) | ListId::Shard { .. } => "CRL",
        ListId::Delta(_) => "delta CRL",
        ListId::DeltaBase(_) => "base of the delta CRL",
    };
    Tree::new()
        .with("list", title)
        .with("of", list.list.owner())
        .with_some("shard", list.list.shard().map(|shard| shard.to_string()))
        .with("number", list.number)
        .with("thisUpdate", list.this_update)
        .with("nextUpdate", list.next_update)
}

/// How a published list is shown.
#[derive(Args, Debug)]
pub(crate) struct Shape {
    /// Write it as PEM instead of what stands in it.
    #[arg(long, conflicts_with = "der")]
    pem: bool,
    /// Write it as DER instead of what stands in it.
    #[arg(long)]
    der: bool,
    /// Write to this file instead of stdout (with --pem or --der).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Shape {
    /// Shows or writes the list published last.
    ///
    /// # Errors
    /// Nothing was published yet; the file cannot be written.
    pub(crate) fn show(
        &self,
        store: &dyn Store,
        list: &ListId,
        label: &'static str,
        hint: &str,
    ) -> Result<Report, Failure> {
        let found = store.list(list).map_err(|e| store_failure(&e))?;
        let der = found.ok_or_else(|| Failure::refused(hint))?.der.to_vec();
        let out = self.out.as_deref();
        if self.der {
            return output::write(der, out);
        }
        if self.pem {
            let text = pem::encode_string(label, LineEnding::LF, &der)
                .map_err(|e| Failure::refused(format!("cannot write PEM: {e}")))?;
            return output::write(text.into_bytes(), out);
        }
        refuse_out(out)?;
        let tree = inspect::tree(&Object::Pem(label.to_owned(), der)).map_err(Failure::outside)?;
        Report::tree(&tree)
    }
}

fn refuse_out(out: Option<&Path>) -> Result<(), Failure> {
    match out {
        None => Ok(()),
        Some(_) => Err(Failure::usage("--out needs --pem or --der")),
    }
}
