//! Validation of chains per second, against the bare signature checks and against rustls-webpki.
//!
//! `cargo bench -p e2e --bench validation`: one run, one process, one thread. Ratios hold, absolutes
//! do not: they are this machine's.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod chain;
mod sizes;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::chain::{Chain, Key};

fn main() -> Result<()> {
    println!("a chain of four certificates, RFC 5280, from DER octets, no revocation, one thread");
    println!(
        "{:<10} {:>11} {:>11} {:>8} {:>11} {:>8} {:>11} {:>8}",
        "keys", "bare/s", "setca/s", "of bare", "traced/s", "of bare", "webpki/s", "setca is"
    );
    for key in [Key::Rsa2048, Key::Rsa3072, Key::P256] {
        let chain = Chain::new(key)?;
        let [bare, plain, traced, peer] = together([
            &mut || chain.verify_bare(),
            &mut || chain.validate(false),
            &mut || chain.validate(true),
            &mut || chain.validate_by_webpki(),
        ]);
        println!(
            "{:<10} {:>11.0} {:>11.0} {:>7.2}x {:>11.0} {:>7.2}x {:>11.0} {:>7.2}x",
            key.name(),
            bare,
            plain,
            bare / plain,
            traced,
            bare / traced,
            peer,
            plain / peer
        );
    }
    println!("\n\"of bare\" is the time against that of the three signature checks alone;");
    println!("\"setca is\" its rate against that of rustls-webpki.\n");
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
