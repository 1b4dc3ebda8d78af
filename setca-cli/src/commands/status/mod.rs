//! `setca status`: is everything fresh that relying parties rely on?

mod check;
mod table;

use std::time::Duration;

use ca_core::authority::{Clock as _, Health, Hierarchy};
use ca_server::SystemClock;
use ca_server::data::{Folder, Settings};
use ca_server::status_report::StatusReport;
use clap::{Args, Subcommand};

use self::check::Check;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, authority_failure, data_failure, store_failure};
use crate::http::Client;
use crate::report::Report;

/// Show how fresh every CRL, BCI, responder certificate and CA key is.
///
/// Reads the records in DIR, without a passphrase; with --url asks a running service, which also
/// tells of its index, its last check and lists it cannot publish. A thing is fresh; due when the
/// policies want the next one; late when the next one should have been there and relying parties
/// are about to notice (a tenth of its life left, or an hour); expired when they notice.
///
/// Exit code 0 if nothing is late or expired and the service is ready, 1 if not, 3 if it cannot be
/// found out.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "\
Examples:
  setca status
  setca status --url http://127.0.0.1:8080 --format json
  setca status check   records = index = CRL = delta = shards = OCSP?"
)]
pub(crate) struct Status {
    #[command(subcommand)]
    act: Option<Act>,
    /// Ask the service at this URL instead of the folder.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Act {
    Check(Check),
}

impl Status {
    /// Shows it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match (self.act, self.url) {
            (Some(Act::Check(check)), _) => check.run(global),
            (None, Some(url)) => shown(&of_service(&url)?),
            (None, None) => shown(&of_folder(global)?),
        }
    }
}

fn shown(status: &StatusReport) -> Result<Report, Failure> {
    let report = Report::views(table::text(status), status)?;
    let well = status.ready && matches!(status.state.as_str(), "fresh" | "due");
    Ok(if well { report } else { report.refused() })
}

fn of_folder(global: &Global) -> Result<StatusReport, Failure> {
    let store = house::records(global)?;
    let folder = Folder::at(&global.dir);
    let settings = Settings::read(&folder).map_err(|e| data_failure(&e))?;
    // A folder whose policies cannot be read is not refused, its state is unknown.
    let policies = folder
        .read_policies(&settings)
        .map_err(|e| Failure::outside(data_failure(&e).to_string()))?;
    let cas = store.cas().map_err(|e| store_failure(&e))?;
    let hierarchy = Hierarchy::load(cas).map_err(|e| authority_failure(&e))?;
    let now = SystemClock::default().now();
    let health = Health::of(&*store, &hierarchy, &policies, now).map_err(|e| store_failure(&e))?;
    Ok(StatusReport::of_records(&health))
}

fn of_service(url: &str) -> Result<StatusReport, Failure> {
    let url = format!("{}/v1/status", url.trim_end_matches('/'));
    let answer = Client::new(PATIENCE, MAX_ANSWER)
        .get(&url)
        .map_err(|e| Failure::outside(format!("{url}: {e}")))?;
    if !answer.is_success() {
        return Err(Failure::outside(format!("{url}: status {}", answer.status)));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|e| Failure::outside(format!("{url} is no status of setca: {e}")))
}

/// How long a service may take to tell.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest status read, in octets: some ten thousand lists.
const MAX_ANSWER: u64 = 8 * 1024 * 1024;
