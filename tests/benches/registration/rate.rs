//! How many registrations a second, against what the private keys alone would allow.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ca_core::profile::{KeyUse, Role};

use crate::house::House;
use crate::keys::Keys;
use crate::{cores, entity};

/// Private-key operations a second, on all cores.
pub(crate) struct Bare {
    certificate: f64,
    message: f64,
    open: f64,
}

/// Measures and prints what the keys do alone.
pub(crate) fn bare(house: &House) -> Result<Bare> {
    println!("\nsuite {}", house.suite);
    let sign = |key_use| once_more(|| house.sign_bare(key_use));
    let bare = Bare {
        certificate: sign(KeyUse::CertificateSigning)?,
        message: sign(KeyUse::MessageSignature)?,
        open: once_more(|| house.open_bare())?,
    };
    for (what, key_use, rate) in [
        ("certificates signed", KeyUse::CertificateSigning, bare.certificate),
        ("messages signed", KeyUse::MessageSignature, bare.message),
        ("envelopes opened", KeyUse::Encryption, bare.open),
    ] {
        println!("bare {what} with {}: {rate:.0}/s", house.kind(key_use)?);
    }
    Ok(bare)
}

impl Bare {
    /// Registrations a second if nothing else took any time. A cardholder's has three answers, two
    /// envelopes and a certificate; a merchant's or gateway's two, one and two.
    pub(crate) fn registrations(&self, role: Role) -> f64 {
        let (messages, envelopes, certificates) = match role {
            Role::Cardholder => (3.0, 2.0, 1.0),
            _ => (2.0, 1.0, 2.0),
        };
        let seconds =
            messages / self.message + envelopes / self.open + certificates / self.certificate;
        1.0 / seconds
    }
}

pub(crate) fn heading() {
    println!(
        "{:<24} {:>8} {:>11} {:>9} {:>12}",
        "registrations", "threads", "per second", "of bare", "CPU ms each"
    );
}

/// Registers with all `keys` on so many threads, and prints how quickly.
pub(crate) fn line(
    house: &House,
    role: Role,
    threads: usize,
    best: f64,
    keys: Vec<Keys>,
) -> Result<()> {
    let count = keys.len() as f64;
    let keys = Mutex::new(keys);
    let next = || keys.lock().ok().and_then(|mut keys| keys.pop());
    let register = || -> Result<()> {
        while let Some(keys) = next() {
            entity::register(house, &house.authority, role, &keys)?;
        }
        Ok(())
    };
    let (begin, cpu) = (Instant::now(), cpu_millis());
    on_threads(threads, register)?;
    let rate = count / begin.elapsed().as_secs_f64();
    let cpu = (cpu_millis() - cpu) / count;
    let role = role.to_string();
    println!("{role:<24} {threads:>8} {rate:>11.0} {:>9.2} {cpu:>12.1}", rate / best);
    Ok(())
}

/// Does `work` on all cores for a while: how often a second.
fn once_more(work: impl Fn() -> Result<()> + Sync) -> Result<f64> {
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let begin = Instant::now();
    let repeat = || -> Result<()> {
        while !stop.load(Ordering::Relaxed) {
            work()?;
            done.fetch_add(1, Ordering::Relaxed);
            stop.fetch_or(begin.elapsed() >= RUN, Ordering::Relaxed);
        }
        Ok(())
    };
    on_threads(cores(), repeat)?;
    Ok(done.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64())
}

fn on_threads(threads: usize, work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().ok().context("the work of a benchmark does not panic")?
        })
    })
}

/// What all threads of this process have computed so far; nothing where there is no `/proc`.
fn cpu_millis() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // proc(5): utime and stime are fields 14 and 15, the second field ends with the last bracket.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * MILLIS_PER_TICK
}

/// Linux counts hundredths of a second for programs (USER_HZ).
const MILLIS_PER_TICK: f64 = 10.0;
/// How long bare operations are measured.
const RUN: Duration = Duration::from_secs(2);
