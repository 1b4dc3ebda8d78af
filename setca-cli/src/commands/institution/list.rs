//! `setca institution list`.

use clap::Args;

use super::{line, settings};
use crate::cli::Global;
use crate::failure::Failure;
use crate::report::Report;
use crate::tree::Tree;

/// List the banks that have a token.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca institution list
  setca institution list --format json")]
pub(crate) struct List {}

impl List {
    /// Lists them.
    pub(super) fn run(self, global: &Global) -> Result<Report, Failure> {
        let (_, settings) = settings(global)?;
        let lines = settings.institutions.iter().map(line);
        Report::tree(&Tree::new().with("institutions", Tree::list(lines)))
    }
}
