//! `load fill`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};
use ca_core::store::CaId;
use clap::Args;
use e2e::fill::Filler;

use crate::report::say;

/// Record certificates and revocations in the store of a data folder.
///
/// The folder is one that `setca init` made. A cardholder certificate is signed by the CA's own key
/// and then copied: each copy has its own serial number, subject, key, end (within two years) and
/// digests, but the signature of the first, and keys that are no points of the curve. Only the
/// records count. They are written through the acts by which the service records what it issues and
/// revokes, reasons mixed.
///
/// A few certificates more are recorded and never revoked: `load run` revokes two of them.
///
/// A run that was interrupted goes on where it stopped; larger numbers later add to what is there.
/// Of the same number of certificates more are revoked than before; of another, others as well.
///
/// Example:
///
///     load fill --dir big --certificates 1000000 --revoked 100000
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Fill {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// The CA that issues: the first CCA of the folder unless given.
    #[arg(long, value_parser = ca)]
    ca: Option<CaId>,
    /// How many certificates there shall be.
    #[arg(long, default_value_t = 1_000_000)]
    certificates: u64,
    /// How many of them shall be revoked.
    #[arg(long, default_value_t = 100_000)]
    revoked: u64,
}

impl Fill {
    pub(crate) fn run(self) -> Result<()> {
        anyhow::ensure!(self.revoked <= self.certificates, "--revoked is above --certificates");
        let begin = Instant::now();
        let filler = Filler::open(&self.dir, self.ca.as_ref())
            .with_context(|| format!("{} cannot be filled", self.dir.display()))?;
        let issued = filler.certificates(self.certificates + SPARE)?;
        let filled = begin.elapsed().as_secs_f64();
        let revoked = filler.revoked(self.revoked, self.certificates)?;
        let whole = begin.elapsed().as_secs_f64();
        say(format_args!(
            "{}: {issued} certificates recorded in {filled:.1} s, {revoked} revocations in {:.1} s",
            filler.issuer(),
            whole - filled
        ));
        Ok(())
    }
}

/// Certificates left for `load run`.
const SPARE: u64 = 64;

pub(crate) fn ca(text: &str) -> Result<CaId, String> {
    CaId::new(text).ok_or_else(|| format!("{text:?} names no CA"))
}
