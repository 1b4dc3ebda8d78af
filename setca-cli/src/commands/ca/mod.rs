//! `setca ca`: the hierarchy, and its life.

mod create;
mod export;
mod life;
mod list;
mod made;
mod root;

use ca_core::profile::KeyUse;
use clap::Subcommand;
use der::pem::{self, LineEnding};

use crate::cli::Global;
use crate::failure::Failure;
use crate::house;
use crate::report::Report;

pub(crate) use root::thumbprint;

/// The hierarchy: list, show, export; create, renew, rollover.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca ca list
  setca ca show sample-cca
  setca ca export sample-cca --out chain.pem
  setca ca create --brand Other
  setca ca rollover sample-cca --dry-run
  setca ca rollover root")]
pub(crate) enum Ca {
    List(list::List),
    Show(list::Show),
    Export(export::Export),
    Create(create::Create),
    Renew(life::Renew),
    Rollover(life::Rollover),
}

impl Ca {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::List(list::List {}) => list::list(&*house::records(global)?),
            Self::Show(show) => show.run(&*house::records(global)?),
            Self::Export(export) => export.run(&*house::records(global)?),
            Self::Create(create) => create.run(global),
            Self::Renew(renew) => renew.run(global),
            Self::Rollover(rollover) => rollover.run(global),
        }
    }
}

/// A certificate as PEM.
pub(crate) fn pem_text(label: &str, der: &[u8]) -> Result<String, Failure> {
    pem::encode_string(label, LineEnding::LF, der)
        .map_err(|e| Failure::refused(format!("cannot write PEM: {e}")))
}

pub(super) fn key_use(text: &str) -> Result<KeyUse, String> {
    let all = [
        KeyUse::CertificateSigning,
        KeyUse::Encryption,
        KeyUse::MessageSignature,
        KeyUse::OcspSigning,
    ];
    all.into_iter().find(|known| known.name() == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|known| known.name()).collect();
        format!("known: {}", names.join(", "))
    })
}
