//! `setca audit checkpoint`: the log as it is now, signed.

use std::path::PathBuf;

use clap::Args;

use super::kept;
use crate::cli::Global;
use crate::commands::output;
use crate::failure::Failure;
use crate::house::{self, authority_failure, store_failure};
use crate::report::Report;

/// Sign a checkpoint of the audit log now, and write it to a file to be kept elsewhere.
///
/// A checkpoint is a signed note (C2SP tlog-checkpoint): the key's name, the number of entries, the
/// root of their tree. Nothing is signed if the log is not the one that was signed before, with more
/// at its end; the last checkpoint is written again if the log has not grown.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca audit checkpoint
  setca audit checkpoint --out 2026-11-23.checkpoint")]
pub(crate) struct Sign {
    /// Where to; else to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Sign {
    /// Signs.
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let authority = house::authority(global, false)?;
        let signed = authority.sign_checkpoint().map_err(|e| authority_failure(&e))?;
        let store = authority.store().as_ref();
        let note = match signed {
            Some(note) => note,
            None if store.audit_size().map_err(|e| store_failure(&e))? == 0 => {
                return Err(Failure::refused("the audit log is empty: nothing was done yet"));
            }
            None => kept(store, None)?,
        };
        output::write(note.into_bytes(), self.out.as_deref())
    }
}
