//! `setca demo`.

mod acts;
mod cardholder;
mod evidence;
mod folder;
mod http;
mod story;

use std::path::PathBuf;

use ca_core::Suite;
use clap::Args;
use serde::Serialize;

use crate::cli::Global;
use crate::failure::Failure;
use crate::report::{Format, Report};

use folder::Home;
use story::Story;

/// The whole story in one go: hierarchy, service, registration, validation, revocation.
///
/// Makes a hierarchy in a temporary folder, serves it on a free loopback port, registers a
/// cardholder with SET messages over HTTP, issues a merchant's and a gateway's certificates,
/// validates all chains, revokes the merchant and shows that CRL, BCI, OCSP and validation say so.
/// Each step prints its verdict and the time it took. Exit 0 if every verdict is the one expected.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca demo
  setca demo --keep demo    leaves every file, and says how OpenSSL judges them")]
pub(crate) struct Demo {
    /// Leave everything in this new folder; else it is gone at the end.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Cryptographic suite.
    #[arg(long, default_value = "modern")]
    suite: Suite,
}

impl Demo {
    /// Tells the story.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        if self.suite != Suite::Modern {
            return Err(Failure::refused("the demo does not tell suite set-1997 yet"));
        }
        let home = Home::new(self.keep.as_deref())?;
        let mut story = Story::new(&home, global.format == Format::Text);
        story.tell()?;
        let expected = story.steps.iter().all(|step| step.expected);
        let told = Told { folder: home.kept(), expected, steps: &story.steps };
        let report = Report::views(home.farewell(expected), &told)?;
        Ok(if expected { report } else { report.refused() })
    }
}

/// The story for programs.
#[derive(Serialize)]
struct Told<'a> {
    folder: Option<String>,
    expected: bool,
    steps: &'a [story::Step],
}
