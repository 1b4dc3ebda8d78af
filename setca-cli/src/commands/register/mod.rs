//! `setca register`: the end entity's side, over SET messages.

mod acceptor;
mod card;
mod cardholder;
mod collect;
mod draft;
mod folder;
mod form;
mod job;
mod notes;
mod order;
mod outcome;
pub(super) mod renew;
mod sealed;
mod service;

use clap::Subcommand;

use crate::cli::Global;
use crate::failure::Failure;
use crate::report::Report;

/// Register with a CA over SET messages, as a wallet, a merchant or a payment gateway does.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca register cardholder --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out wallet
  setca register merchant --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out shop --bin 411111 --merchant-id SHOP-1
  setca register collect --out shop")]
pub(crate) enum Register {
    Cardholder(cardholder::Cardholder),
    Merchant(acceptor::Merchant),
    Gateway(acceptor::Gateway),
    #[command(visible_alias = "resume")]
    Collect(collect::Collect),
}

impl Register {
    /// Registers.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::Cardholder(command) => command.run(global),
            Self::Merchant(command) => command.run(global),
            Self::Gateway(command) => command.run(global),
            Self::Collect(command) => command.run(global),
        }
    }
}
