//! `setca ca list`, `setca ca show`: what the hierarchy is.

use std::fmt::Write as _;

use ca_core::authority::{Clock as _, Hierarchy};
use ca_core::profile::{KeyUse, Role};
use ca_core::store::{CaCertificate, CaRecord, ListId, Store};
use ca_server::SystemClock;
use clap::Args;

use crate::failure::Failure;
use crate::house::{authority_failure, certificate_of, find_ca, store_failure, stored_certificate};
use crate::inspect::certificate;
use crate::inspect::names::name_der_text;
use crate::report::{Report, say};
use crate::tree::Tree;

/// Show the CAs as a tree; on stderr, what of it ends soon.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca ca list
  setca ca list --format json")]
pub(crate) struct List {}

/// Show one CA: its roles, certificates and lists.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Example:
  setca ca show sample-cca")]
pub(crate) struct Show {
    /// Identifier of the CA, as `setca ca list` shows it.
    id: String,
}

pub(super) fn list(store: &dyn Store) -> Result<Report, Failure> {
    let cas = store.cas().map_err(|e| store_failure(&e))?;
    let json: Result<Vec<Tree>, Failure> = cas.iter().map(summary).collect();
    let mut text = String::new();
    for root in cas.iter().filter(|ca| ca.superior.is_none()) {
        branch(&mut text, &cas, root, "", "")?;
    }
    let hierarchy = Hierarchy::load(cas.clone()).map_err(|e| authority_failure(&e))?;
    for ending in hierarchy.endings(SystemClock::default().now()) {
        say(format_args!("warning: {ending}"));
    }
    Report::views(text, &json?)
}

/// One CA and what is below it.
fn branch(
    text: &mut String,
    cas: &[CaRecord],
    ca: &CaRecord,
    first: &str,
    indent: &str,
) -> Result<(), Failure> {
    let name = format!("{first}{}", ca.id);
    let mut line = format!("{name:28} {:12}", roles(ca));
    if let Some(signing) = certificate_of(ca, KeyUse::CertificateSigning) {
        let certificate = stored_certificate(&ca.id, &signing.der)?;
        let subject = name_der_text(certificate.subject_der());
        // Writing to a String never fails.
        let _ = write!(line, " {subject}  until {}", certificate.not_after());
    }
    let _ = writeln!(text, "{}", line.trim_end());
    let below: Vec<&CaRecord> =
        cas.iter().filter(|other| other.superior.as_ref() == Some(&ca.id)).collect();
    for (number, child) in below.iter().enumerate() {
        let last = number + 1 == below.len();
        let (mark, bar) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        branch(text, cas, child, &format!("{indent}{mark}"), &format!("{indent}{bar}"))?;
    }
    Ok(())
}

fn roles(ca: &CaRecord) -> String {
    let names: Vec<&str> = ca.roles.iter().map(|role| Role::name(*role)).collect();
    names.join("+")
}

/// A CA with one line for each of its certificates.
fn summary(ca: &CaRecord) -> Result<Tree, Failure> {
    let certificates: Result<Vec<Tree>, Failure> = ca
        .certificates
        .iter()
        .map(|held| {
            let certificate = stored_certificate(&ca.id, &held.der)?;
            Ok(head(ca, held)
                .with("serial", certificate.serial())
                .with("subject", name_der_text(certificate.subject_der()))
                .with("notBefore", certificate.not_before())
                .with("notAfter", certificate.not_after()))
        })
        .collect();
    Ok(identity(ca).with("certificates", certificates?))
}

fn identity(ca: &CaRecord) -> Tree {
    Tree::new()
        .with("id", ca.id.as_str())
        .with("roles", Tree::list(ca.roles.iter().map(|role| role.name())))
        .with_some("brand", ca.brand.as_deref())
        .with_some("superior", ca.superior.as_ref().map(|id| id.as_str()))
}

/// Every generation is listed; the last of a key use is in force.
fn head(ca: &CaRecord, held: &CaCertificate) -> Tree {
    Tree::new()
        .with("keyUse", held.key_use.name())
        .with("inForce", certificate_of(ca, held.key_use) == Some(held))
        .with("key", held.key.to_string())
}

impl Show {
    pub(super) fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let ca = find_ca(store, &self.id)?;
        let certificates: Result<Vec<Tree>, Failure> = ca
            .certificates
            .iter()
            .map(|held| {
                let certificate = stored_certificate(&ca.id, &held.der)?;
                Ok(head(&ca, held).with("certificate", certificate::tree(&certificate)))
            })
            .collect();
        let crl = store.list_head(&ListId::Crl(ca.id.clone())).map_err(|e| store_failure(&e))?;
        let crl = crl.map(|list| {
            Tree::new()
                .with("number", list.number)
                .with("thisUpdate", list.this_update)
                .with("nextUpdate", list.next_update)
        });
        Report::tree(&identity(&ca).with_some("crl", crl).with("certificates", certificates?))
    }
}
