//! `setca audit check`: a proof, judged without the log.

use std::path::PathBuf;

use ca_core::audit::{AuditProof, Checkpoint, NoteKey, Proven};
use clap::Args;

use super::{entry_tree, parsed_key, text};
use crate::failure::Failure;
use crate::report::Report;
use crate::tree::Tree;

/// Check a proof from `setca audit prove`; no data folder is needed.
///
/// Exit code 0 if it holds, 1 if not.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca audit check entry.tlog-proof --key 'setca/1f0c5a2b+…'
  setca audit check grown.proof --key 'setca/1f0c5a2b+…' --format json")]
pub(crate) struct Check {
    /// The proof.
    file: PathBuf,
    /// The key of the log: `audit_key` in the operator's setca.toml, had from the operator once.
    #[arg(long, value_name = "KEY", value_parser = parsed_key)]
    key: NoteKey,
}

impl Check {
    /// Checks.
    pub(super) fn run(&self) -> Result<Report, Failure> {
        let file = self.file.display();
        let wrong = |error| Failure::refused(format!("{file}: {error}"));
        let proof = AuditProof::parse(&text(&self.file)?).map_err(wrong)?;
        match proof.verify(&self.key).map_err(wrong)? {
            Proven::Inclusion { entry, index, checkpoint } => Report::tree(
                &Tree::new()
                    .with("proves", "the entry is in the log")
                    .with("entry", entry_tree(index, &entry))
                    .with("checkpoint", checkpoint_tree(&checkpoint)),
            ),
            Proven::Consistency { old, new } => Report::tree(
                &Tree::new()
                    .with("proves", "the log has only grown")
                    .with("old", checkpoint_tree(&old))
                    .with("new", checkpoint_tree(&new)),
            ),
            _ => Err(Failure::refused(format!("{file} proves something unknown"))),
        }
    }
}

fn checkpoint_tree(checkpoint: &Checkpoint) -> Tree {
    Tree::new()
        .with("log", checkpoint.origin.as_str())
        .with("entries", checkpoint.size)
        .with("root", checkpoint.root.to_string())
}
