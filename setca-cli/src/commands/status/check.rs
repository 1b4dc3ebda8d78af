//! `setca status check`: do all that tell how a certificate stands say the same?

use std::time::Duration;

use ca_core::authority::{Authority, CheckOrder, Checked};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, authority_failure};
use crate::report::Report;
use crate::tree::Tree;

/// Compare records, index, CRLs, deltas, shards, BCIs and OCSP, serial number by serial number.
///
/// Builds the index from the records, compares every published list with them whole, and asks OCSP
/// for a sample of what was issued and for what is revoked. What a list could not know when it was
/// made is no mismatch. Each mismatch is named; a service does the same in the background.
///
/// Exit code 0 if all say the same, 1 if not, 3 if it cannot be found out.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca status check
  setca status check --all --format json")]
pub(super) struct Check {
    /// Ask OCSP for every certificate.
    #[arg(long)]
    all: bool,
    /// Ask OCSP for so many certificates that are not revoked.
    #[arg(long, value_name = "COUNT", default_value_t = CheckOrder::default().living)]
    living: usize,
    /// Ask OCSP for so many certificates that are revoked.
    #[arg(long, value_name = "COUNT", default_value_t = CheckOrder::default().revoked)]
    revoked: usize,
}

impl Check {
    /// Checks.
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let order = if self.all {
            CheckOrder::all()
        } else {
            CheckOrder { living: self.living, revoked: self.revoked, ..CheckOrder::default() }
        };
        let authority = house::authority(global, false)?;
        let mut checked = check(&authority, &order)?;
        if !checked.mismatches.is_empty() {
            // Lists of a CA are published one after the other: in between they differ.
            std::thread::sleep(LOOK_AGAIN);
            checked = check(&authority, &order)?;
        }
        let report = Report::tree(&tree(&checked))?;
        Ok(if checked.mismatches.is_empty() { report } else { report.refused() })
    }
}

fn check(authority: &Authority, order: &CheckOrder) -> Result<Checked, Failure> {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} serial numbers, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    let checked = authority.check_status(order, &mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        true
    });
    bar.finish_and_clear();
    let checked = checked.map_err(|e| authority_failure(&e))?;
    checked.ok_or_else(|| Failure::outside("the check was ended"))
}

fn tree(checked: &Checked) -> Tree {
    let mismatches = checked.mismatches.iter().map(ToString::to_string);
    Tree::new()
        .with("at", checked.at)
        .with("serials", checked.serials)
        .with("revoked", checked.revoked)
        .with("lists", checked.lists)
        .with("ocspAnswers", checked.answers)
        .with("mismatches", Tree::list(mismatches))
}

/// Longer than it takes to publish the lists of a CA.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
