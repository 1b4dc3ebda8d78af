//! `setca`: the certification body of a SET payment system, on the command line.
//!
//! ```text
//! cli (what was asked) ─▶ commands::* (one file each) ─▶ Report ─▶ stdout
//!                                                     └▶ Failure ─▶ stderr, exit code
//! ```
//!
//! stdout has the result, stderr the talk. Exit codes: 0 done or valid, 1 refused or invalid, 2
//! usage, 3 the outside world (network, disk, locked store, wrong passphrase).

mod cli;
mod commands;
mod failure;
mod house;
mod http;
mod input;
mod inspect;
mod passphrase;
mod report;
mod tree;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::report::say;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = cli.global.format;
    let outcome = cli.command.run(&cli.global).and_then(|report| {
        report.print(format)?;
        Ok(report.exit)
    });
    let exit = outcome.unwrap_or_else(|failure| {
        say(format_args!("setca: {failure}"));
        failure.exit
    });
    ExitCode::from(exit as u8)
}
