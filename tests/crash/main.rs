//! Kills the service again and again under load, and finds out whether anything was lost.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a program for people is for")]

use std::time::Instant;

use clap::Parser;
use e2e::{Hierarchy, crash};

/// Lets `setca serve` die under load, by SIGKILL at random moments and by itself between two steps
/// of the store or of a key, starts it again each time, and compares in the end what everybody was
/// told with what is there.
///
/// Example:
///
///     cargo build --release -p setca-cli
///     cargo run --release -p e2e --bin crash -- --deaths 1000
///     cargo run --release -p e2e --bin crash -- --deaths 50 --power-cuts
///     cargo run --release -p e2e --bin crash -- --every-step
///
/// Ends with an error at the first thing that was lost, is there twice, or has come back.
#[derive(Debug, Parser)]
#[command(name = "crash", verbatim_doc_comment)]
struct Crash {
    /// How often the service dies.
    #[arg(long, default_value_t = 1_000)]
    deaths: u64,
    /// At each death the disk loses what was not synced: ext4 in a file. Needs root and mkfs.ext4.
    #[arg(long)]
    power_cuts: bool,
    /// Instead: let each of the operator's commands die at each of its steps.
    #[arg(long)]
    every_step: bool,
}

fn main() {
    let Crash { deaths, power_cuts, every_step } = Crash::parse();
    let begin = Instant::now();
    if every_step {
        crash::every_step(&|(command, steps)| println!("{steps:5} steps  {command}"));
        println!("{} s", begin.elapsed().as_secs());
        return;
    }
    let survived = crash::survive(&Hierarchy::for_tests(), deaths, power_cuts, &|died| {
        if died.is_multiple_of(50) {
            eprintln!("{died} of {deaths} deaths, {} s", begin.elapsed().as_secs());
        }
    });
    println!("{survived}");
    println!("{} s", begin.elapsed().as_secs());
}
