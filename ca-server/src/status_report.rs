//! How a service stands, in the words of `GET /v1/status`; `setca status` says the same of a
//! folder.

use std::collections::BTreeMap;

use ca_core::authority::{Authority, Error, Health, HealthLine, HealthOf};
use ca_core::status::Size;
use serde::{Deserialize, Serialize};

use crate::observed::Observed;

/// What can be known from outside. No secret stands in it, and no path of the machine.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    /// When it was written, RFC 3339.
    pub at: String,
    /// True if relying parties can rely on what is served.
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<String>,
    /// What an operator should know although it is ready.
    pub warnings: Vec<String>,
    /// The worst of [`Self::lines`]: `fresh`, `due`, `late` or `expired`.
    pub state: String,
    /// Each list, responder certificate and key of a CA.
    pub lines: Vec<StatusLine>,
    /// The index that OCSP answers from; none of a folder that no service was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexReport>,
    /// The last comparison of all that tell of status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckReport>,
    /// The audit log; none of a folder that no service was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditReport>,
    /// OCSP answers since the service began, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ocsp_answers: BTreeMap<String, u64>,
    /// Lists that could not be published since the service began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publish_failures: Vec<FailureReport>,
    /// What is spoilt on purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chaos: Vec<String>,
}

/// One list, responder certificate or key.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusLine {
    /// `crl`, `delta`, `shard`, `bci`, `responder` or `key`.
    pub kind: String,
    /// The CA, or the brand of a BCI.
    pub of: String,
    /// The shard, or the use of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// cRLNumber or sequenceNum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// DER octets of a published list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub octets: Option<u64>,
    /// thisUpdate or notBefore.
    pub begins: String,
    /// nextUpdate, notAfter, or the end of the private key usage period.
    pub ends: String,
    /// The next one is wanted from here on.
    pub due_at: String,
    /// And is late from here on.
    pub late_at: String,
    /// Seconds since it began.
    pub age_seconds: i64,
    /// Seconds until it ends; negative after that.
    pub remaining_seconds: i64,
    /// `fresh`, `due`, `late` or `expired`.
    pub state: String,
    /// Who makes the next one: `service` or `operator`.
    pub renewal: String,
}

/// The status index.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexReport {
    /// It has been loaded.
    pub loaded: bool,
    /// The feed could not be read when it was tried last: OCSP answers tryLater.
    pub behind: bool,
    /// Certificates issued or intended and not revoked.
    pub living: u64,
    /// Revoked ones.
    pub revoked: u64,
    /// Octets of memory it takes.
    pub octets: u64,
    /// The change applied last; none while it is being moved on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The last change there is.
    pub end: u64,
}

/// The audit log.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// How many it has.
    pub entries: u64,
    /// How many the last checkpoint was signed over.
    pub signed: u64,
    /// It is not what was signed before: no checkpoint is signed.
    pub changed: bool,
}

/// The comparisons of all that tell of status.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// How many came to an end since the service began.
    pub runs: u64,
    /// How many could not: the records could not be read.
    pub failed: u64,
    /// When the last one began; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The same in seconds since the epoch.
    pub at_seconds: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// Serial numbers compared.
    pub serials: u64,
    /// Lists compared.
    pub lists: u64,
    /// Certificates OCSP was asked for.
    pub answers: u64,
    /// What did not agree; the log has each.
    pub mismatches: u64,
}

/// A list that could not be published.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureReport {
    /// As in [`StatusLine`].
    pub kind: String,
    /// As in [`StatusLine`].
    pub of: String,
    /// As in [`StatusLine`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// How often since the service began.
    pub count: u64,
    /// Why it still cannot be; none if it has been published since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Since when it cannot be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl StatusReport {
    /// What the records of a folder tell.
    #[must_use]
    pub fn of_records(health: &Health) -> Self {
        let reasons: Vec<String> = health.alarms().map(ToString::to_string).collect();
        Self {
            at: health.at.to_string(),
            ready: reasons.is_empty(),
            reasons,
            warnings: health.warnings().map(ToString::to_string).collect(),
            state: health.worst().name().to_owned(),
            lines: health.lines.iter().map(|line| StatusLine::of(line, health)).collect(),
            ..Self::default()
        }
    }

    /// What a running service tells.
    ///
    /// # Errors
    /// [`Error::Store`] if the records cannot be read.
    pub fn of_service(authority: &Authority, observed: &Observed) -> Result<Self, Error> {
        let mut report = Self::of_records(&authority.health()?);
        let index = IndexReport::of(authority)?;
        if !index.loaded || index.behind {
            let why = "the status index is behind the records: OCSP answers tryLater";
            report.reasons.push(why.to_owned());
        }
        let check = CheckReport::of(observed);
        if check.mismatches > 0 {
            let (count, at) = (check.mismatches, check.at.as_deref().unwrap_or_default());
            let why = format!(
                "{count} mismatches between records, lists and OCSP at {at}: setca status check"
            );
            report.reasons.push(why);
        }
        for (list, failing) in observed.publishing() {
            if let Some((why, since)) = &failing.now {
                report.warnings.push(format!("{list} cannot be published since {since}: {why}"));
            }
            let (kind, of, part) = names(&HealthOf::List(list));
            let (count, now) = (failing.count, failing.now);
            let since = now.as_ref().map(|(_, since)| since.to_string());
            let why = now.map(|(why, _)| why);
            report.publish_failures.push(FailureReport { kind, of, part, count, why, since });
        }
        let (entries, signed) = authority.audited()?;
        let audit = AuditReport { entries, signed, changed: observed.audit_changed() };
        if audit.changed {
            let why = "the audit log is not what was signed before: setca audit verify";
            report.warnings.push(why.to_owned());
        }
        let answers = authority.ocsp_counts().read().by_kind().into_iter();
        report.ocsp_answers = answers.map(|(kind, count)| (kind.to_owned(), count)).collect();
        report.chaos = observed.chaos().kinds().iter().map(ToString::to_string).collect();
        if !report.chaos.is_empty() {
            report.warnings.push(format!("answers are spoilt: {}", report.chaos.join(", ")));
        }
        report.ready = report.reasons.is_empty();
        Ok(Self { index: Some(index), check: Some(check), audit: Some(audit), ..report })
    }
}

impl StatusLine {
    fn of(line: &HealthLine, health: &Health) -> Self {
        let (kind, of, part) = names(&line.what);
        let seconds = |time: ca_core::UnixTime| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let now = seconds(health.at);
        Self {
            kind,
            of,
            part,
            number: line.number,
            octets: line.octets.map(wide),
            begins: line.begins.to_string(),
            ends: line.ends.to_string(),
            due_at: line.due_at.to_string(),
            late_at: line.late_at.to_string(),
            age_seconds: now - seconds(line.begins),
            remaining_seconds: seconds(line.ends) - now,
            state: line.freshness.name().to_owned(),
            renewal: line.renewal.name().to_owned(),
        }
    }
}

impl IndexReport {
    fn of(authority: &Authority) -> Result<Self, Error> {
        let end = authority.store().last_change()?;
        let followed = authority.statuses().followed();
        let size = authority.statuses().loaded().map(|index| index.size());
        let Size { living, revoked, octets } = size.unwrap_or_default();
        Ok(Self {
            loaded: followed.loaded,
            behind: followed.behind,
            living: wide(living),
            revoked: wide(revoked),
            octets: wide(octets),
            position: followed.position,
            end,
        })
    }
}

impl CheckReport {
    fn of(observed: &Observed) -> Self {
        let checks = observed.checks();
        let (runs, failed) = (checks.runs, checks.failed);
        let Some(last) = checks.last else { return Self { runs, failed, ..Self::default() } };
        let found = last.checked;
        Self {
            runs,
            failed,
            at: Some(found.at.to_string()),
            at_seconds: found.at.as_secs(),
            milliseconds: u64::try_from(last.took.as_millis()).unwrap_or(u64::MAX),
            serials: found.serials,
            lists: found.lists,
            answers: found.answers,
            mismatches: wide(found.mismatches.len()),
        }
    }
}

/// Kind, CA or brand, part.
fn names(what: &HealthOf) -> (String, String, Option<String>) {
    let (kind, of, part) = match what {
        HealthOf::Key(ca, key_use) => ("key", ca.as_str(), Some(key_use.name().to_owned())),
        HealthOf::List(list) => {
            (list.kind(), list.owner(), list.shard().map(|shard| shard.to_string()))
        }
        HealthOf::Responder(ca) => ("responder", ca.as_str(), None),
        // Whatever else there will be names itself.
        other => return (other.to_string(), String::new(), None),
    };
    (kind.to_owned(), of.to_owned(), part)
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
