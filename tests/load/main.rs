//! What setca does at a million certificates, and what others do beside it: see `load --help`.
//!
//! ```text
//! fill       records certificates and revocations in a data folder (e2e::fill)
//! run        starts the service on it and measures, in turn, each of:
//! client       a closed loop of keep-alive connections
//! question     OCSP requests
//! server       child processes: the service, and the peers it is compared with
//! peers        a static file, nginx, openssl ocsp
//! revocation   one more, and a list of many
//! report     the table, or JSON
//! ```

mod client;
mod fill;
mod peers;
mod question;
mod report;
mod revocation;
mod run;
mod server;
mod static_file;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Fills a setca data folder with very many certificates and measures the service on it.
///
/// Example:
///
///     setca --dir big init --brand Sample
///     load fill --dir big --certificates 1000000 --revoked 100000
///     load run --dir big
///     load fill --dir big --certificates 1000000 --revoked 1000000
///     load run --dir big
///
/// where load stands for `cargo run --release -p e2e --bin load --`. Build the service first:
/// `cargo build --release -p setca-cli`. The passphrase of the folder is found as setca finds it.
#[derive(Debug, Parser)]
#[command(name = "load", verbatim_doc_comment)]
struct Load {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fill(fill::Fill),
    Run(run::Run),
    Peers(peers::Install),
    #[command(hide = true)]
    Static(static_file::Static),
}

fn main() -> ExitCode {
    let done = match Load::parse().command {
        Command::Fill(fill) => fill.run(),
        Command::Run(run) => run.run(),
        Command::Peers(install) => install.run(),
        Command::Static(file) => file.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}
