//! `setca institution remove`: a bank's token is taken away.

use clap::Args;

use super::{keep, line, settings};
use crate::cli::Global;
use crate::failure::Failure;
use crate::report::Report;

/// Take a bank's token away.
///
/// What it has revoked stays revoked.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca institution remove first-bank")]
pub(crate) struct Remove {
    /// How it is called here.
    name: String,
}

impl Remove {
    /// Removes it.
    pub(super) fn run(self, global: &Global) -> Result<Report, Failure> {
        let (folder, mut settings) = settings(global)?;
        let place = settings.institutions.iter().position(|known| known.name == self.name);
        let Some(place) = place else {
            let name = &self.name;
            let hint = "see setca institution list";
            return Err(Failure::refused(format!("there is no institution {name}: {hint}")));
        };
        let bank = settings.institutions.remove(place);
        keep(global, (&folder, &settings), "institution.remove", &bank)?;
        Report::tree(&line(&bank))
    }
}
