//! `setca institution add`: a bank gets a token.

use ca_core::decide::Remit;
use ca_core::profile::{BinRange, Side};
use ca_core::store::is_plain_name;
use ca_server::SystemRandom;
use ca_server::data::{Institution, OperatorToken};
use clap::Args;

use super::{keep, line, settings};
use crate::cli::Global;
use crate::commands::publish::brands;
use crate::failure::Failure;
use crate::house::{self, data_failure};
use crate::report::Report;

/// Give a bank a token, and print it: it is shown this once.
///
/// Whoever has the token may revoke in the bank's name. For another token, remove the bank and add
/// it again.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca institution add first-bank --brand Sample --role issuer --bin 411111 --bin 420000-420099
  setca institution add acquirer --brand Sample --role acquirer --format json")]
pub(crate) struct Add {
    /// How it is called here: lower-case letters, digits and hyphens.
    #[arg(value_parser = name)]
    name: String,
    /// The brand whose certificates these are.
    #[arg(long, value_name = "NAME")]
    brand: String,
    /// Issuer of cards, or acquirer of merchants and gateways.
    #[arg(long, value_parser = side)]
    role: Side,
    /// Only registrations of this BIN, six digits, or a range of two; may be said again.
    #[arg(long = "bin", value_name = "BIN", value_parser = bin)]
    bins: Vec<BinRange>,
}

impl Add {
    /// Adds it.
    pub(super) fn run(self, global: &Global) -> Result<Report, Failure> {
        let Self { name, brand, role, bins } = self;
        let (folder, mut settings) = settings(global)?;
        if settings.institutions.iter().any(|known| known.name == name) {
            return Err(Failure::refused(format!(
                "there is an institution {name}: setca institution remove {name} takes its token \
                 away"
            )));
        }
        let known = brands(&*house::records(global)?)?;
        if !known.contains(&brand) {
            let known = known.join(", ");
            return Err(Failure::refused(format!("no brand {brand}: there are {known}")));
        }
        let token = OperatorToken::generate(&SystemRandom).map_err(|e| data_failure(&e))?;
        let remit = Remit { brand, side: role, bins };
        let bank = Institution { name, remit, token: token.hash() };
        let tree = line(&bank).with("token", token.expose());
        settings.institutions.push(bank.clone());
        keep(global, (&folder, &settings), "institution.add", &bank)?;
        Report::tree(&tree)
    }
}

fn name(text: &str) -> Result<String, String> {
    is_plain_name(text)
        .then(|| text.to_owned())
        .ok_or_else(|| "write 1 to 64 lower-case letters, digits and hyphens".to_owned())
}

fn side(text: &str) -> Result<Side, String> {
    Side::named(text).ok_or_else(|| "write issuer or acquirer".to_owned())
}

fn bin(text: &str) -> Result<BinRange, String> {
    BinRange::parse(text).ok_or_else(|| "write six digits or a range 411100-411199".to_owned())
}
