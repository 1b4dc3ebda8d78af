//! Validation of chains per second, against the bare signature checks and against rustls-webpki.
//!
//! `cargo bench -p e2e --bench validation`: one run, one process, one thread. Ratios hold,
//! absolutes do not: they are this machine's.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod chain;
mod sizes;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::chain::{Chain, Key};

fn main() -> Result<()> {
    println!("a chain of four certificates, RFC 5280, no revocation, one thread");
    println!(
        "{:<9} {:>8} {:>10} {:>6} {:>10} {:>6} {:>10} {:>6} {:>9} {:>6}",
        "keys",
        "bare/s",
        "decoded/s",
        "cost",
        "traced/s",
        "cost",
        "octets/s",
        "cost",
        "webpki/s",
        "cost"
    );
    for key in [Key::Rsa2048, Key::Rsa3072, Key::P256] {
        let chain = Chain::new(key)?;
        let [bare, decoded, traced, octets, peer] = together([
            &mut || chain.verify_bare(),
            &mut || chain.validate_decoded(false),
            &mut || chain.validate_decoded(true),
            &mut || chain.validate(),
            &mut || chain.validate_by_webpki(),
        ]);
        print!("{:<9} {bare:>8.0}", key.name());
        for rate in [decoded, traced, octets] {
            print!(" {rate:>10.0} {:>5.2}x", bare / rate);
        }
        println!(" {peer:>9.0} {:>5.2}x", bare / peer);
    }
    println!("\ncost: the time against that of the three signature checks alone;");
    println!(
        "decoded: certificates decoded beforehand; octets: from DER to verdict, as webpki does\n"
    );
    sizes::print()
}

/// How often a second each act is done, measured in turns so that all meet the same machine.
pub(crate) fn together<const N: usize>(acts: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut done = [0_u32; N];
    let mut spent = [Duration::ZERO; N];
    let mut acts = acts;
    for _ in 0..ROUNDS {
        for ((act, done), spent) in acts.iter_mut().zip(&mut done).zip(&mut spent) {
            let begin = Instant::now();
            while begin.elapsed() < TURN {
                act();
                *done += 1;
            }
            *spent += begin.elapsed();
        }
    }
    std::array::from_fn(|index| f64::from(done[index]) / spent[index].as_secs_f64())
}

/// Turns of each act.
const ROUNDS: u32 = 20;
/// How long a turn lasts.
const TURN: Duration = Duration::from_millis(100);
