//! `setca register`: the end entity's side, over SET messages.

mod card;
mod cardholder;
mod form;
mod service;
mod wallet;

use clap::Subcommand;

use crate::cli::Global;
use crate::failure::Failure;
use crate::report::Report;

/// Register with a CA over SET messages, as a wallet does.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Example:
  setca register cardholder --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out wallet")]
pub(crate) enum Register {
    Cardholder(cardholder::Cardholder),
}

impl Register {
    /// Registers.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::Cardholder(command) => command.run(global),
        }
    }
}
