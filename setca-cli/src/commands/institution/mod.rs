//! `setca institution`: the banks that may end what their own customers have.

mod add;
mod list;
mod remove;

use ca_core::audit::{Acting, Actor, AuditEntry};
use ca_core::authority::Clock as _;
use ca_server::SystemClock;
use ca_server::data::{Folder, Institution as Bank, Settings};
use clap::Subcommand;

use self::add::Add;
use self::list::List;
use self::remove::Remove;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, data_failure, store_failure};
use crate::report::{Report, say};
use crate::tree::Tree;

/// Banks with a token of their own: they may revoke what their own customers have.
///
/// An issuer may end the certificates of its cardholders, an acquirer those of its merchants and
/// payment gateways, for the reasons in policies/revocation.toml, over POST
/// /v1/certificates/ISSUER/SERIAL/revoke and release. Never that of a CA. DIR/setca.toml keeps the
/// SHA-256 of each token, not the token.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca institution add first-bank --brand Sample --role issuer --bin 411111
  setca institution list
  setca institution remove first-bank")]
pub(crate) enum Institution {
    Add(Add),
    List(List),
    Remove(Remove),
}

impl Institution {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::Add(add) => add.run(global),
            Self::List(list) => list.run(global),
            Self::Remove(remove) => remove.run(global),
        }
    }
}

/// DIR and what it says about itself.
fn settings(global: &Global) -> Result<(Folder, Settings), Failure> {
    let folder = Folder::at(&global.dir);
    let settings = Settings::read(&folder).map_err(|e| data_failure(&e))?;
    Ok((folder, settings))
}

/// Writes DIR/setca.toml and says when that counts; `act` on `bank` is in the audit log first.
fn keep(
    global: &Global,
    (folder, settings): (&Folder, &Settings),
    act: &str,
    bank: &Bank,
) -> Result<(), Failure> {
    let acting = Acting::new(Actor::Folder, SystemClock::default().now());
    let of = [
        ("institution", bank.name.clone()),
        ("brand", bank.remit.brand.clone()),
        ("side", bank.remit.side.name().to_owned()),
    ];
    let entry = AuditEntry::noted(&acting, act, of, None);
    house::records(global)?.note(&[entry]).map_err(|e| store_failure(&e))?;
    settings.replace(folder).map_err(|e| data_failure(&e))?;
    say("a running service knows it when it is started again");
    Ok(())
}

fn line(bank: &Bank) -> Tree {
    Tree::new()
        .with("name", bank.name.as_str())
        .with("brand", bank.remit.brand.as_str())
        .with("role", bank.remit.side.name())
        .with("bins", Tree::list(bank.remit.bins.iter().map(ToString::to_string)))
}
