//! Kills the service again and again under load, and finds out whether anything was lost.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a program for people is for")]

use std::time::Instant;

use clap::Parser;
use e2e::crash::Beside;
use e2e::postgres::Postgres;
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
///     cargo run --release -p e2e --bin crash -- --deaths 200 --postgres
///     cargo run --release -p e2e --bin crash -- --replicas 20
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
    /// The records are in PostgreSQL, and at every second death it is killed, too. Needs Debian's
    /// package postgresql.
    #[arg(long, conflicts_with = "power_cuts")]
    postgres: bool,
    /// Instead: three services over one PostgreSQL; so many rounds, in each of which every service is
    /// killed, stopped for a while, and cut off from the database for a while.
    #[arg(long, value_name = "ROUNDS")]
    replicas: Option<u64>,
    /// Instead: let each of the operator's commands die at each of its steps.
    #[arg(long)]
    every_step: bool,
}

fn main() {
    let Crash { deaths, power_cuts, postgres, replicas, every_step } = Crash::parse();
    let begin = Instant::now();
    if every_step {
        crash::every_step(&|(command, steps)| println!("{steps:5} steps  {command}"));
        println!("{} s", begin.elapsed().as_secs());
        return;
    }
    if let Some(rounds) = replicas {
        let told = |round| eprintln!("{round} of {rounds} rounds, {} s", begin.elapsed().as_secs());
        println!("{}", crash::endure(rounds, &told));
        println!("{} s", begin.elapsed().as_secs());
        return;
    }
    let told = |died: u64| {
        if died.is_multiple_of(50) {
            eprintln!("{died} of {deaths} deaths, {} s", begin.elapsed().as_secs());
        }
    };
    let survived = if postgres {
        let database = Postgres::start();
        let hierarchy = Hierarchy::in_database(&database.database("records"));
        crash::survive(&hierarchy, deaths, Beside::Database(&database), &told)
    } else {
        let beside = if power_cuts { Beside::Power } else { Beside::Nothing };
        crash::survive(&Hierarchy::for_tests(), deaths, beside, &told)
    };
    println!("{survived}");
    println!("{} s", begin.elapsed().as_secs());
}
