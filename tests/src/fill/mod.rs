//! Fills the store of a data folder with certificates, through the acts of [`Store`].
//!
//! What is recorded is what the service records: an intent, then the certificate. The certificates
//! are those of one template with another serial number, subject, key and end each.

mod template;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;

use anyhow::{Context as _, Result, ensure};
use ca_core::UnixTime;
use ca_core::authority::Authority;
use ca_core::profile::Role;
use ca_core::store::conformance::samples;
use ca_core::store::{
    CaId, Intent, IssuedCertificate, Revocation, RevocationOrder, RevocationReason, SerialNumber,
    Store,
};
use ca_core::wire::Cert;
use ca_server::data::{Folder, PassphraseSource};
use ca_server::store::SqliteStore;
use indicatif::{ProgressBar, ProgressStyle};

use template::Template;

/// A store that has been, or is being filled.
pub struct Filler {
    store: Arc<dyn Store>,
    issuer: CaId,
    template: Template,
}

/// A store's filling, as far as a client of the service has to know it.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Who issued the certificates.
    pub issuer: CaId,
    /// Its certificate.
    pub certificate: Cert,
    /// How many certificates there are, without gaps from number 0.
    pub certificates: u64,
}

impl Filled {
    /// Looks into a data folder; needs no passphrase.
    ///
    /// # Errors
    /// If there is no such folder or CA, or nothing was filled in.
    pub fn find(dir: &Path, issuer: Option<&CaId>) -> Result<Self> {
        let store = open(dir)?;
        let cas = store.cas()?;
        let ca = cas
            .iter()
            .find(|ca| issuer.map_or(ca.roles.contains(&Role::Cca), |id| ca.id == *id))
            .with_context(|| format!("{} has no such CA", dir.display()))?;
        let signing = ca.in_force(ca_core::profile::KeyUse::CertificateSigning);
        let certificate = Cert::from_der(&signing.context("a CA without certificate")?.der)?;
        let certificates = count(&store, &ca.id, false)?;
        ensure!(certificates > 0, "{} was not filled: run `load fill` first", dir.display());
        Ok(Self { issuer: ca.id.clone(), certificate, certificates })
    }
}

/// The store of a data folder.
///
/// # Errors
/// If there is none.
pub fn open(dir: &Path) -> Result<SqliteStore> {
    let path = Folder::at(dir).database();
    ensure!(path.is_file(), "{} is no data folder: make one with setca init", dir.display());
    Ok(SqliteStore::open(&path)?)
}

impl Filler {
    /// Opens a data folder to fill it with certificates of `issuer`, else of its first CCA.
    ///
    /// # Errors
    /// If it is none, or has no such CA, or no passphrase was found.
    pub fn open(dir: &Path, issuer: Option<&CaId>) -> Result<Self> {
        let parts = Folder::at(dir).open(&PassphraseSource::Usual, false)?.parts;
        let store = Arc::clone(&parts.store);
        let (policies, signer) = (Arc::clone(&parts.policies), Arc::clone(&parts.signer));
        let hierarchy = Authority::open(parts)?.hierarchy();
        let ca = match issuer {
            Some(id) => hierarchy.ca(id),
            None => hierarchy.cas().iter().find(|ca| ca.record.roles.contains(&Role::Cca)),
        };
        let ca = ca.with_context(|| format!("{} has no such CA", dir.display()))?;
        let issuer = ca.record.id.clone();
        // What was begun goes on with the certificate it began with.
        let first = store.certificate(&issuer, &serial(0)?)?;
        let template = match first {
            Some(record) => Template::again(policies.suite(), record)?,
            None => Template::new(ca, &policies, signer.as_ref())?,
        };
        Ok(Self { store, issuer, template })
    }

    /// Who issues the certificates.
    #[must_use]
    pub const fn issuer(&self) -> &CaId {
        &self.issuer
    }

    /// Records certificates until there are so many; returns how many were missing.
    ///
    /// # Errors
    /// If the store fails. Whatever was recorded stays, and the next run goes on behind it.
    pub fn certificates(&self, number: u64) -> Result<u64> {
        let first = count(self.store.as_ref(), &self.issuer, false)?;
        let intended = count(self.store.as_ref(), &self.issuer, true)?;
        let missing = number.saturating_sub(first);
        let bar = bar("certificates", missing);
        std::thread::scope(|scope| {
            let (made, batches) = mpsc::sync_channel::<Result<Vec<IssuedCertificate>>>(1);
            scope.spawn(move || {
                for begin in (first..number).step_by(BATCH) {
                    let end = number.min(begin + BATCH as u64);
                    let batch = (begin..end).map(|one| self.template.certificate(one)).collect();
                    if made.send(batch).is_err() {
                        return;
                    }
                }
            });
            let mut begin = first;
            for batch in batches {
                let batch = batch?;
                let known = usize::try_from(intended.saturating_sub(begin))?.min(batch.len());
                let new = batch.iter().skip(known).map(|issued| issued.intent.clone());
                let new: Vec<Intent> = new.collect();
                self.store.record_intents(&new, &samples::acting())?;
                self.store.record_issued(&batch, None, &samples::acting())?;
                begin += batch.len() as u64;
                bar.inc(batch.len() as u64);
            }
            bar.finish();
            Ok(missing)
        })
    }

    /// Revokes `number` of the first `of` certificates, spread over all of them; of a smaller
    /// number each is among those of a larger. Returns how many were not revoked before.
    ///
    /// # Errors
    /// If the store fails. Whatever was recorded stays, and the next run goes on behind it.
    pub fn revoked(&self, number: u64, of: u64) -> Result<u64> {
        ensure!(number <= of, "{number} of {of} certificates cannot be revoked");
        let step = step(of);
        let chosen = (0..number)
            .map(|one| u64::try_from(u128::from(one) * u128::from(step) % u128::from(of.max(1))));
        let mut chosen: Vec<u64> = chosen.collect::<Result<_, _>>()?;
        // In the order of the inventory, neighbours are read together.
        chosen.sort_unstable();
        let bar = bar("revocations", number);
        let mut new = 0;
        for batch in chosen.chunks(BATCH) {
            let orders: Result<Vec<_>> = batch.iter().map(|one| self.order(*one)).collect();
            new += self.store.revoke_all(&orders?, &samples::acting())? as u64;
            bar.inc(batch.len() as u64);
        }
        bar.finish();
        Ok(new)
    }

    fn order(&self, number: u64) -> Result<RevocationOrder> {
        let at = self.template.begins().plus_secs(number % 600);
        let revocation =
            Revocation { invalid_since: invalid_since(number, at), ..reason(number, at) };
        Ok(RevocationOrder { issuer: self.issuer.clone(), serial: serial(number)?, revocation })
    }
}

/// Serial number of a filled-in certificate: sixteen octets, spread as drawn ones are.
///
/// # Errors
/// Never: the octets are those of a positive number.
pub fn serial(number: u64) -> Result<SerialNumber> {
    // Positive, and of one length: the first octet is 0x40 to 0x7f.
    let octets = (spread(number) & !(3 << 126) | 1 << 126).to_be_bytes();
    SerialNumber::from_octets(&octets).context("a serial number")
}

/// As good as random, and no two the same, the two highest bits left out.
const fn spread(number: u64) -> u128 {
    (number as u128).wrapping_mul(SPREAD)
}

/// How many certificates there are from number 0 on: issued, or at least intended. They were
/// recorded one after the other, so the end can be searched for.
fn count(store: &dyn Store, issuer: &CaId, intended: bool) -> Result<u64> {
    let is_there = |number: u64| -> Result<bool> {
        let found = store.certificate(issuer, &serial(number)?)?;
        Ok(found.is_some_and(|record| intended || record.der.is_some()))
    };
    let mut beyond = 1;
    while is_there(beyond - 1)? {
        beyond *= 2;
    }
    let mut within = beyond / 2;
    beyond -= 1;
    while within < beyond {
        let middle = within + (beyond - within) / 2;
        if is_there(middle)? { within = middle + 1 } else { beyond = middle }
    }
    Ok(within)
}

/// Every reason in its turn; one in eight is a hold.
fn reason(number: u64, at: UnixTime) -> Revocation {
    let all = RevocationReason::ALL;
    let place = usize::try_from(number % all.len() as u64).unwrap_or(0);
    Revocation::new(at, all.get(place).copied().unwrap_or(RevocationReason::Unspecified))
}

/// One in four was not to be trusted an hour before.
fn invalid_since(number: u64, at: UnixTime) -> Option<UnixTime> {
    number.is_multiple_of(4).then(|| at.minus_secs(3_600))
}

/// A step that meets each of so many numbers once: one that shares no divisor with it.
fn step(of: u64) -> u64 {
    let shares = |mut a: u64, mut b: u64| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a != 1
    };
    // The golden section spreads the first few as evenly as the last (Knuth, TAOCP 3, §6.4).
    let mut step = (of as f64 * 0.618_033_988_75) as u64;
    while shares(step.max(1), of) {
        step += 1;
    }
    step.max(1)
}

fn bar(what: &'static str, number: u64) -> ProgressBar {
    let line = "{bar:30} {human_pos}/{human_len} {msg}, {per_sec}, {eta} left, {elapsed} so far";
    let style = ProgressStyle::with_template(line);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(number).with_style(style).with_message(what)
}

/// Certificates in one act.
const BATCH: usize = 2_000;
/// Odd, so that no two numbers share a product.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_meets_every_number() {
        for of in [1, 2, 10, 2_000, 4_097] {
            let mut met: Vec<u64> = (0..of).map(|one| one * step(of) % of).collect();
            met.sort_unstable();
            assert!(met.into_iter().eq(0..of), "{of}");
        }
    }
}
