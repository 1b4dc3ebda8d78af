//! What may be asked: the command line as types.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::audit::Audit;
use crate::commands::backup::Backup;
use crate::commands::bci::Bci;
use crate::commands::ca::Ca;
use crate::commands::cert::Cert;
use crate::commands::crl::Crl;
use crate::commands::demo::Demo;
use crate::commands::init::Init;
use crate::commands::inspect::Inspect;
use crate::commands::institution::Institution;
use crate::commands::ocsp::Ocsp;
use crate::commands::register::Register;
use crate::commands::registration::Registration;
use crate::commands::restore::Restore;
use crate::commands::selftest::Selftest;
use crate::commands::serve::Serve;
use crate::commands::status::Status;
use crate::commands::up::Up;
use crate::commands::verify::Verify;
use crate::failure::Failure;
use crate::report::{Format, Report};

/// The certification body of a SET (Secure Electronic Transaction) payment system.
///
/// A hierarchy of CAs (root, brand, optionally geo-political, then cardholder, merchant and payment
/// gateway CA) registers wallets, merchants and gateways, issues and revokes their certificates,
/// answers for their status, and tells whether a chain is to be trusted, and why.
///
/// Results go to stdout, talk to stderr. Exit codes: 0 done or valid, 1 refused or invalid, 2
/// usage, 3 the outside world (network, disk, locked store, wrong passphrase).
#[derive(Debug, Parser)]
#[command(name = "setca", version, propagate_version = true, after_long_help = EXAMPLES)]
pub(crate) struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// The data folder: store, keys, policies.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "SETCA_DIR",
        default_value = "./setca-data",
        hide_env_values = true
    )]
    pub(crate) dir: PathBuf,
    /// Where the records are: postgres://USER:PASSWORD@HOST:PORT,…/DATABASE, which several machines
    /// may share, or sqlite:PATH; else DIR/setca.db.
    #[arg(long, global = true, value_name = "URL", env = "SETCA_STORE", hide_env_values = true)]
    pub(crate) store: Option<String>,
    /// How the result is written.
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// File with the passphrase of the private keys; else SETCA_PASSPHRASE, the file named by
    /// SETCA_PASSPHRASE_FILE, DIR/passphrase, or a prompt.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Up(Up),
    Demo(Demo),
    Init(Init),
    Serve(Serve),
    #[command(subcommand)]
    Register(Register),
    #[command(subcommand)]
    Registration(Registration),
    #[command(subcommand)]
    Institution(Institution),
    #[command(subcommand)]
    Ca(Ca),
    #[command(subcommand)]
    Cert(Cert),
    #[command(subcommand)]
    Crl(Crl),
    #[command(subcommand)]
    Bci(Bci),
    #[command(subcommand)]
    Ocsp(Ocsp),
    Status(Status),
    #[command(subcommand)]
    Audit(Audit),
    Backup(Backup),
    Restore(Restore),
    Verify(Verify),
    Inspect(Inspect),
    Selftest(Selftest),
}

impl Command {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::Up(command) => command.run(global),
            Self::Demo(command) => command.run(global),
            Self::Init(command) => command.run(global),
            Self::Serve(command) => command.run(global),
            Self::Register(command) => command.run(global),
            Self::Registration(command) => command.run(global),
            Self::Institution(command) => command.run(global),
            Self::Ca(command) => command.run(global),
            Self::Cert(command) => command.run(global),
            Self::Crl(command) => command.run(global),
            Self::Bci(command) => command.run(global),
            Self::Ocsp(command) => command.run(),
            Self::Status(command) => command.run(global),
            Self::Audit(command) => command.run(global),
            Self::Backup(command) => command.run(global),
            Self::Restore(command) => command.run(global),
            Self::Verify(command) => command.run(),
            Self::Inspect(command) => command.run(),
            Self::Selftest(command) => command.run(),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  setca up                                   a sample brand, served on loopback
  setca demo                                 the whole story in one go
  setca ca list                              its hierarchy
  setca ca export sample-cca --out cca.pem   a CA certificate with its chain
  setca inspect cca.pem                      what stands in it
  setca verify cca.pem --trust root.pem      whether to trust it, and why not

Each command explains itself: setca COMMAND --help";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself_with_an_example() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} has no help");
            let example = command.get_after_long_help().map(ToString::to_string);
            let found = example
                .is_some_and(|text| text.starts_with("Example") && text.contains("  setca "));
            assert!(found, "{name} shows no example");
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
