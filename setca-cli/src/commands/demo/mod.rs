//! `setca demo`.

mod acts;
mod end_entity;
mod evidence;
mod folder;
mod http;
mod keys;
mod rollover;
mod step;
mod story;

use std::path::PathBuf;

use ca_core::Suite;
use clap::Args;
use serde::Serialize;

use crate::cli::Global;
use crate::failure::Failure;
use crate::house::warn_of_suite;
use crate::report::{Format, Report, say_result};

use folder::Home;
use step::Step;

/// The whole story in one go, in both suites: registration, renewal, revocation, rollover.
///
/// Makes a hierarchy in a temporary folder, serves it on a free loopback port and registers a
/// cardholder, a merchant and a payment gateway with SET messages over HTTP. The merchant renews a
/// certificate; another cardholder waits until the operator approves. Then all chains are
/// validated, one certificate is revoked (the merchant's; in suite set-1997, where a merchant CA
/// has no CRL, the gateway's), and CRL, BCI, OCSP (modern only) and validation say so. At the end
/// the root rolls over, and a wallet that trusts only the old one registers all the same. Each step
/// prints its verdict and the time it took. Exit 0 if every verdict is the one expected.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca demo
  setca demo --suite modern
  setca demo --keep demo    leaves every file, and says how OpenSSL judges them")]
pub(crate) struct Demo {
    /// Leave everything in this new folder, a folder for each suite; else it is gone at the end.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Tell this cryptographic suite alone: modern or set-1997. Default is both.
    #[arg(long)]
    suite: Option<Suite>,
}

impl Demo {
    /// Tells the story.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let aloud = global.format == Format::Text;
        let suites = match self.suite {
            Some(suite) => vec![suite],
            None => vec![Suite::Modern, Suite::Set1997],
        };
        let home = Home::new(self.keep.as_deref())?;
        let mut steps = Vec::new();
        let mut openssl = String::new();
        for (index, suite) in suites.into_iter().enumerate() {
            if aloud {
                let gap = if index == 0 { "" } else { "\n" };
                say_result(format_args!("{gap}Suite {suite}"));
            }
            warn_of_suite(suite);
            let room = home.room(suite)?;
            steps.extend(story::tell(suite, &room, aloud)?);
            let revoked = format!("{}-signature", story::revoked_in(suite).who);
            openssl.push_str(&room.openssl(suite, &revoked));
        }
        let expected = steps.iter().all(|step| step.expected);
        let told = Told { folder: home.kept(), expected, steps: &steps };
        let report = Report::views(farewell(&told, &openssl), &told)?;
        Ok(if expected { report } else { report.refused() })
    }
}

/// The story for programs.
#[derive(Serialize)]
struct Told<'a> {
    folder: Option<String>,
    expected: bool,
    steps: &'a [Step],
}

/// The last words.
fn farewell(told: &Told<'_>, openssl: &str) -> String {
    let verdict = match told.expected {
        true => "Every verdict is the one expected.",
        false => "A verdict above is not the one expected.",
    };
    let mut text = format!("\n{verdict}\n");
    if let Some(folder) = &told.folder {
        text.push_str(&format!(
            "\nEverything is in {folder}, with the passphrase of each hierarchy in \
             setca-data/passphrase (0600). OpenSSL, before and after the revocation:\n{openssl}"
        ));
    }
    text
}

/// The brand of the demo.
const BRAND: &str = "Sample";
