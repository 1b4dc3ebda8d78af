//! Fills a store through its acts, many certificates in one act.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use ca_core::UnixTime;
use ca_core::profile::{KeyUse, Role};
use ca_core::store::{
    CaId, Intent, IssuedCertificate, Revocation, RevocationReason, SerialNumber, Store,
};
use ca_server::store::SqliteStore;

/// Makes the store in `path` with `number` certificates, every tenth revoked.
pub(crate) fn fill(path: &Path, number: u64) -> Result<()> {
    let store = SqliteStore::open(path)?;
    let begin = Instant::now();
    for first in (0..number).step_by(BATCH) {
        let batch = first..number.min(first + BATCH as u64);
        let intents: Option<Vec<Intent>> = batch.clone().map(intent).collect();
        let intents = intents.context("a serial number")?;
        store.record_intents(&intents)?;
        let issued: Vec<IssuedCertificate> = intents.into_iter().map(issued).collect();
        store.record_issued(&issued, None)?;
        progress("issued", batch.end, number, begin);
    }
    revoke(&store, number, begin)?;
    println!();
    Ok(())
}

/// Revokes from several threads, so that acts share a sync of the disk.
fn revoke(store: &SqliteStore, number: u64, begin: Instant) -> Result<()> {
    std::thread::scope(|scope| {
        let threads = (0..THREADS).map(|thread| {
            scope.spawn(move || -> Result<()> {
                let mine = (0..number).step_by(10).skip(thread).step_by(THREADS);
                for one in mine {
                    let serial = serial(one).context("a serial number")?;
                    let reason = RevocationReason::KeyCompromise;
                    store.revoke(&issuer(), &serial, &revocation(reason))?;
                    if thread == 0 && one.is_multiple_of(1_000) {
                        progress("revoked", one / 10, number / 10, begin);
                    }
                }
                Ok(())
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread died")))
        })
    })
}

fn progress(what: &str, done: u64, of: u64, begin: Instant) {
    print!("\r  {what} {done} of {of}, {:.0} s ", begin.elapsed().as_secs_f64());
    let _ = std::io::stdout().flush();
}

pub(crate) fn issuer() -> CaId {
    CaId::new("sample-cca").unwrap_or_else(|| unreachable!("a good identifier"))
}

/// Sixteen octets, spread as drawn ones are.
pub(crate) fn serial(number: u64) -> Option<SerialNumber> {
    let spread = u128::from(number).wrapping_mul(SPREAD);
    // Positive, and of one length: the first octet is 0x40 to 0x7f.
    let octets = (spread & !(3 << 126) | 1 << 126).to_be_bytes();
    SerialNumber::from_octets(&octets)
}

pub(crate) fn revocation(reason: RevocationReason) -> Revocation {
    Revocation::new(NOW, reason)
}

fn intent(number: u64) -> Option<Intent> {
    let spread = u128::from(number).wrapping_mul(SPREAD).to_le_bytes();
    let digest = |mark: u8| {
        let mut digest = [mark; 32];
        digest[..16].copy_from_slice(&spread);
        digest
    };
    Some(Intent {
        issuer: issuer(),
        serial: serial(number)?,
        tbs: vec![0x30; TBS],
        subject: format!("CN=cardholder {number}, OU=Sample Bank, O=Sample, C=DE"),
        role: Role::Cardholder,
        key_use: KeyUse::MessageSignature,
        brand: Some("Sample".to_owned()),
        public_key: digest(1),
        thumbprint: digest(2).to_vec(),
        not_after: NOW.plus_days(365),
        request: Some(digest(3)),
        renews: None,
        recorded_at: NOW,
    })
}

fn issued(intent: Intent) -> IssuedCertificate {
    IssuedCertificate { intent, der: vec![0x30; TBS + 280] }
}

const NOW: UnixTime = UnixTime::from_secs(1_795_352_400);
/// Certificates in one act.
const BATCH: usize = 2_000;
const THREADS: usize = 64;
/// Odd, so that no two numbers share a product.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
/// Octets of a cardholder certificate before its signature.
const TBS: usize = 1_000;
