//! `setca cert expiring`: how much ends when, and what ends first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ca_core::UnixTime;
use ca_core::authority::Clock as _;
use ca_core::profile::Role;
use ca_core::store::{CaId, CertificateRecord, Expires, ExpiryQuery, Store};
use ca_server::SystemClock;
use clap::Args;

use super::filter::role;
use super::line;
use super::list::table;
use crate::failure::Failure;
use crate::house::{find_ca, store_failure};
use crate::report::Report;
use crate::tree::Tree;

/// Say how many certificates end in the next days, by role, and which are the first.
///
/// By week from now, or by month where it is more than 92 days. Certificates that are revoked do not
/// count. CSV has a line for each period and role that has any; the certificates themselves are in
/// `setca cert export --expires-after TIME --expires-before TIME`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert expiring --within 30
  setca cert expiring --within 365 --brand Sample --role merchant
  setca cert expiring --within 365 --csv > ending.csv")]
pub(crate) struct Expiring {
    /// In so many days from now.
    #[arg(long, value_name = "DAYS")]
    within: u32,
    /// Only those this CA issued.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
    /// Only those of this role: rca, bca, gca, cca, mca, pca, cardholder, merchant, gateway, ocsp.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Only those of this brand (BrandID).
    #[arg(long)]
    brand: Option<String>,
    /// Show at most so many of them, the first to end first.
    #[arg(long, value_name = "N", default_value = "20")]
    limit: usize,
    /// The counts as CSV.
    #[arg(long)]
    csv: bool,
}

impl Expiring {
    /// Counts.
    pub(super) fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let now = SystemClock::default().now();
        let outlook = self.outlook(store, now)?;
        if self.csv {
            return Ok(Report::raw(outlook.csv().into_bytes()));
        }
        let periods = outlook.counts.iter().map(|((period, role), count)| {
            Tree::new()
                .with("period", period.as_str())
                .with("role", *role)
                .with("certificates", *count)
        });
        let json = Tree::new()
            .with("from", now)
            .with("to", now.plus_days(self.within))
            .with("certificates", outlook.total())
            .with("periods", Tree::list(periods))
            .with("first", Tree::list(outlook.first.iter().map(line)));
        Report::views(outlook.text(), &json)
    }

    fn outlook(&self, store: &dyn Store, now: UnixTime) -> Result<Outlook, Failure> {
        let issuer = self.ca.as_deref().map(|name| find_ca(store, name)).transpose()?;
        let issuer = issuer.map(|ca| ca.id);
        let expires = Expires { from: Some(now), to: Some(now.plus_days(self.within)) };
        let mut query = ExpiryQuery { expires, limit: PAGE, ..ExpiryQuery::default() };
        let mut outlook = Outlook::default();
        loop {
            let page = store.expiring(&query).map_err(|e| store_failure(&e))?;
            for record in page.items {
                if self.admits(&record, issuer.as_ref()) {
                    let period = self.period(now, record.intent.not_after);
                    let place = (period, record.intent.role.name());
                    *outlook.counts.entry(place).or_default() += 1;
                    if outlook.first.len() < self.limit {
                        outlook.first.push(record);
                    }
                }
            }
            query.after = page.next;
            if page.next.is_none() {
                return Ok(outlook);
            }
        }
    }

    fn admits(&self, record: &CertificateRecord, issuer: Option<&CaId>) -> bool {
        let intent = &record.intent;
        issuer.is_none_or(|issuer| *issuer == intent.issuer)
            && self.role.is_none_or(|role| role == intent.role)
            && self.brand.as_ref().is_none_or(|brand| intent.brand.as_ref() == Some(brand))
    }

    /// The first day of the week from now, or the month (RFC 3339, cut off).
    fn period(&self, now: UnixTime, end: UnixTime) -> String {
        let (day, length) = if self.within > MOST_DAYS_BY_WEEK {
            (end, "2026-12".len())
        } else {
            let weeks = end.as_secs().saturating_sub(now.as_secs()) / WEEK;
            (now.plus_secs(weeks * WEEK), "2026-12-01".len())
        };
        day.to_string().chars().take(length).collect()
    }
}

/// What ends.
#[derive(Debug, Default)]
struct Outlook {
    /// By period and name of the role.
    counts: BTreeMap<(String, &'static str), u64>,
    first: Vec<CertificateRecord>,
}

impl Outlook {
    fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    fn csv(&self) -> String {
        let mut text = "period,role,certificates\r\n".to_owned();
        for ((period, role), count) in &self.counts {
            // Writing to a String never fails.
            let _ = write!(text, "{period},{role},{count}\r\n");
        }
        text
    }

    /// A line for each period, a column for each role that has any; then the first certificates.
    fn text(&self) -> String {
        if self.counts.is_empty() {
            return "no certificate ends in that time\n".to_owned();
        }
        let roles: Vec<&str> = Role::ALL.map(Role::name).into_iter().collect();
        let has_any = |role: &&str| self.counts.keys().any(|(_, own)| own == role);
        let roles: Vec<&str> = roles.into_iter().filter(has_any).collect();
        let mut text = format!("{:10}", "FROM");
        for role in &roles {
            let _ = write!(text, "  {:>10}", role.to_uppercase());
        }
        text.push('\n');
        let mut periods: Vec<&str> = self.counts.keys().map(|(period, _)| &**period).collect();
        periods.dedup();
        for period in periods {
            let _ = write!(text, "{period:10}");
            for role in &roles {
                let count = self.counts.get(&(period.to_owned(), role)).copied();
                let _ = write!(text, "  {:>10}", count.unwrap_or_default());
            }
            text.push('\n');
        }
        let shown = self.first.len();
        let _ = writeln!(text, "\n{} in all, the first {shown}:", self.total());
        text + &table(&self.first)
    }
}

/// Certificates looked up at once.
const PAGE: usize = 1000;
const WEEK: u64 = 7 * 86_400;
/// A quarter of a year.
const MOST_DAYS_BY_WEEK: u32 = 92;
