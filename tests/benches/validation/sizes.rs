//! The cost of policies and of name constraints as they grow: linear, per thousand the same.

use std::time::Instant;

use anyhow::Result;
use rcgen::{CustomExtension, GeneralSubtree, NameConstraints};

use crate::chain::{Chain, Extras, Key};

/// Prints both tables.
pub(crate) fn print() -> Result<()> {
    println!(
        "{:<34} {:>8} {:>12} {:>16}",
        "P-256 chain of four", "size", "microseconds", "per unit"
    );
    let plain = micros(&Chain::new(Key::P256)?);
    println!("{:<34} {:>8} {plain:>12.0}", "without either", 0);
    for size in [10, 100, 1000] {
        let extras =
            Extras { ca: policies(size, true), leaf: policies(size, false), ..Extras::default() };
        line("policies, mapped on two levels", size, &Chain::with(Key::P256, extras)?, plain);
    }
    for size in [10, 100, 1000] {
        line("permitted dNSName subtrees", size, &constrained(size, 1)?, plain);
    }
    for size in [10, 100, 1000] {
        line("dNSNames under ten subtrees", size, &constrained(10, size)?, plain);
    }
    Ok(())
}

fn line(what: &str, size: usize, chain: &Chain, plain: f64) {
    let spent = micros(chain);
    let unit = (spent - plain) / size as f64;
    println!("{what:<34} {size:>8} {spent:>12.0} {unit:>13.2} us");
}

/// The least of several runs, because everything else on a machine only adds.
fn micros(chain: &Chain) -> f64 {
    let run = || {
        let begin = Instant::now();
        chain.validate();
        begin.elapsed().as_secs_f64() * 1e6
    };
    (0..RUNS).map(|_| run()).fold(f64::INFINITY, f64::min)
}

/// The leaf's names stand below the last of the subtrees.
fn constrained(subtrees: usize, names: usize) -> Result<Chain> {
    let subtree = |number| GeneralSubtree::DnsName(format!("n{number}.example"));
    let permitted = (0..subtrees).map(subtree);
    let permitted = permitted.chain([GeneralSubtree::DnsName("shop.example".to_owned())]);
    let last = subtrees - 1;
    let extras = Extras {
        constraints: Some(NameConstraints {
            permitted_subtrees: permitted.collect(),
            excluded_subtrees: Vec::new(),
        }),
        names: (0..names).map(|number| format!("h{number}.n{last}.example")).collect(),
        ..Extras::default()
    };
    Chain::with(Key::P256, extras)
}

/// certificatePolicies with so many policies below one arc and, in a CA, policyMappings of each to
/// itself under the next arc.
fn policies(size: usize, mapped: bool) -> Vec<CustomExtension> {
    let oid = |number: usize| [&[0x06, 0x05, 0x2a, 0x03], &base128(number)[..]].concat();
    let all: Vec<u8> = (0..size).flat_map(|number| tlv(0x30, &oid(number))).collect();
    let mut extensions = vec![extension(&[2, 5, 29, 32], &tlv(0x30, &all))];
    if mapped {
        let pair = |number| tlv(0x30, &[oid(number), oid(number)].concat());
        let all: Vec<u8> = (0..size).flat_map(pair).collect();
        extensions.push(extension(&[2, 5, 29, 33], &tlv(0x30, &all)));
    }
    extensions
}

fn extension(oid: &[u64], content: &[u8]) -> CustomExtension {
    CustomExtension::from_oid_content(oid, content.to_vec())
}

/// A number below 2,000,000 in three octets of base 128, the first of which is not zero.
fn base128(number: usize) -> [u8; 3] {
    let number = number + (1 << 14);
    let octet = |shift: usize| (number >> shift & 0x7f) as u8;
    [octet(14) | 0x80, octet(7) | 0x80, octet(0)]
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let header = match length {
        0..=127 => vec![tag, length as u8],
        128..=255 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [&header, content].concat()
}

const RUNS: u32 = 50;
