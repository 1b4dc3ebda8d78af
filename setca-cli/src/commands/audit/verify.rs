//! `setca audit verify`: is the log as it was written?

use std::path::PathBuf;
use std::time::Duration;

use ca_core::audit::{AuditFault, Checkpoint, Examined, NoteKey, examine};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{key, parsed_key, text};
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, store_failure};
use crate::report::Report;
use crate::tree::Tree;

/// Read the whole audit log and compare it with its tree and with every checkpoint.
///
/// The first entry that is missing, was changed or was moved is named. Checkpoints that were kept
/// elsewhere (--checkpoint) find a log that was written anew together with its tree; those in the
/// store are compared in any case. No passphrase is needed.
///
/// Exit code 0 if the log is whole, 1 if not.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca audit verify
  setca audit verify --checkpoint january.checkpoint --checkpoint february.checkpoint
  setca audit verify --key 'setca/1f0c5a2b+…' --format json")]
pub(crate) struct Verify {
    /// A checkpoint that was kept elsewhere; may be given more than once.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The key it must be signed with, if that in DIR/setca.toml is not to be trusted.
    #[arg(long, value_name = "KEY", value_parser = parsed_key)]
    key: Option<NoteKey>,
}

impl Verify {
    /// Verifies.
    pub(super) fn run(self, global: &Global) -> Result<Report, Failure> {
        let store = house::records(global)?;
        let key = match self.key {
            Some(key) => key,
            None => key(global)?,
        };
        let mut given = Vec::new();
        for path in &self.checkpoint {
            let note = text(path)?;
            let read = key.open(&note).and_then(Checkpoint::parse);
            let wrong = |error| Failure::refused(format!("{}: {error}", path.display()));
            given.push(read.map_err(wrong)?);
        }
        let bar = ProgressBar::new(store.audit_size().map_err(|e| store_failure(&e))?);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} entries, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        let found = examine(&*store, Some(&key), &given, &mut |done| bar.set_position(done));
        bar.finish_and_clear();
        report(found.map_err(|e| store_failure(&e))?)
    }
}

fn report(found: Result<Examined, AuditFault>) -> Result<Report, Failure> {
    match found {
        Ok(Examined { size, root, checkpoints, signed }) => Report::tree(
            &Tree::new()
                .with("verdict", "whole")
                .with("entries", size)
                .with("root", root.to_string())
                .with("checkpoints", checkpoints)
                .with("notSignedYet", size.saturating_sub(signed)),
        ),
        Err(fault) => {
            let tree = Tree::new().with("verdict", "changed").with("reason", fault.to_string());
            Ok(Report::tree(&tree)?.refused())
        }
    }
}
