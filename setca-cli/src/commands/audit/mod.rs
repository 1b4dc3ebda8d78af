//! `setca audit`: what was done, by whom, and proof that nobody has changed it.

mod check;
mod checkpoint;
mod list;
mod prove;
mod verify;

use std::path::Path;

use ca_core::audit::{AuditEntry, NoteKey};
use ca_core::store::Store;
use ca_server::data::{Folder, Settings};
use clap::Subcommand;

use self::check::Check;
use self::checkpoint::Sign;
use self::list::List;
use self::prove::Prove;
use self::verify::Verify;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{data_failure, store_failure};
use crate::input;
use crate::report::Report;
use crate::tree::Tree;

/// The audit log: every act with who, when and on what, in a Merkle tree (RFC 6962).
///
/// An entry is written in the transaction of its act: an act that cannot be logged does not happen.
/// Refusals and sign-ins are in it, too; secrets and card numbers never. A running service signs a
/// checkpoint every five minutes and when it stops; keep some elsewhere, and nobody can change what
/// they cover without being found. The key they are signed with is in DIR/setca.toml (`audit_key`)
/// in the form that other programs for signed notes read.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca audit list --limit 20
  setca audit checkpoint --out today.checkpoint
  setca audit verify --checkpoint today.checkpoint
  setca audit prove --inclusion 17 --out entry.tlog-proof
  setca audit prove --consistency today.checkpoint --out grown.proof
  setca audit check entry.tlog-proof --key 'setca/1f0c5a2b+…'")]
pub(crate) enum Audit {
    List(List),
    Checkpoint(Sign),
    Verify(Verify),
    Prove(Prove),
    Check(Check),
}

impl Audit {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::List(list) => list.run(global),
            Self::Checkpoint(sign) => sign.run(global),
            Self::Verify(verify) => verify.run(global),
            Self::Prove(prove) => prove.run(global),
            Self::Check(check) => check.run(),
        }
    }
}

/// The key under the checkpoints of DIR.
fn key(global: &Global) -> Result<NoteKey, Failure> {
    let settings = Settings::read(&Folder::at(&global.dir)).map_err(|e| data_failure(&e))?;
    settings.audit_key.ok_or_else(|| {
        Failure::refused(format!(
            "{} has no key for checkpoints yet: setca audit checkpoint makes it",
            global.dir.display()
        ))
    })
}

fn parsed_key(text: &str) -> Result<NoteKey, String> {
    NoteKey::parse(text).map_err(|error| error.to_string())
}

/// A file of text.
fn text(path: &Path) -> Result<String, Failure> {
    let wrong = |_| Failure::refused(format!("{} is not text", path.display()));
    String::from_utf8(input::read(path)?).map_err(wrong)
}

/// The note of the checkpoint of so many entries that the store keeps, or of the most.
fn kept(store: &dyn Store, size: Option<u64>) -> Result<String, Failure> {
    let note = match size {
        Some(size) => store
            .checkpoints(size.saturating_sub(1), 1)
            .map(|notes| notes.into_iter().next().filter(|note| size_of(note) == Some(size))),
        None => store.last_checkpoint(),
    };
    note.map_err(|e| store_failure(&e))?.ok_or_else(|| {
        let of = size.map_or_else(String::new, |size| format!(" of {size} entries"));
        Failure::refused(format!("there is no checkpoint{of}: setca audit checkpoint signs one"))
    })
}

/// Entries, by the second line of a note.
fn size_of(note: &str) -> Option<u64> {
    note.lines().nth(1)?.parse().ok()
}

fn entry_tree(position: u64, entry: &AuditEntry) -> Tree {
    let of = entry
        .of
        .iter()
        .fold(Tree::new(), |tree, (name, value)| tree.with(name.clone(), value.as_str()));
    Tree::new()
        .with("position", position)
        .with("at", ca_core::UnixTime::from_secs(entry.at))
        .with("by", entry.by.as_str())
        .with("act", entry.act.as_str())
        .with("of", of)
        .with("outcome", entry.outcome.as_str())
}
