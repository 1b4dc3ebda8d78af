//! Revoking many certificates: searched first, recorded in batches, lists published once.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::time::Duration;

use ca_core::authority::{Authority, Cause, Clock as _};
use ca_core::decide::{RevocationRefusal, check_reason};
use ca_core::store::{
    CaId, CertificateQuery, CertificateRecord, ListHead, Revocation, RevocationReason,
    SerialNumber, Store,
};
use ca_core::{Suite, UnixTime};
use ca_server::SystemClock;
use ca_server::data::{Folder, Settings};
use indicatif::{ProgressBar, ProgressStyle};

use super::key;
use super::list_file::{self, Line};
use super::revoke::{not_listed, root_is_off_line};
use crate::cli::Global;
use crate::commands::publish;
use crate::failure::Failure;
use crate::house::{self, authority_failure, data_failure, find_ca, store_failure};
use crate::input;
use crate::report::{Report, say};
use crate::tree::Tree;

/// What is looked for, and why it is revoked.
pub(super) struct Search<'a> {
    /// The records.
    pub(super) store: &'a dyn Store,
    /// Only certificates of this CA.
    pub(super) ca: Option<CaId>,
    /// Why, unless a line says otherwise.
    pub(super) reason: Option<RevocationReason>,
    /// Since when they must not be trusted.
    pub(super) invalid_since: Option<UnixTime>,
}

impl Search<'_> {
    /// One certificate.
    pub(super) fn serial(&self, serial: SerialNumber) -> Result<Plan, Failure> {
        let mut plan = Plan::default();
        self.line(&mut plan, Line { number: 1, issuer: None, serial, reason: self.reason()? })?;
        Ok(plan)
    }

    /// What a list names.
    pub(super) fn file(&self, path: &Path) -> Result<Plan, Failure> {
        let octets = input::read(path)?;
        let text = std::str::from_utf8(&octets)
            .map_err(|e| Failure::refused(format!("{} is no text: {e}", path.display())))?;
        let cas = self.store.cas().map_err(|e| store_failure(&e))?;
        let cas: Vec<CaId> = cas.into_iter().map(|ca| ca.id).collect();
        let lines = list_file::lines(path, text, &cas, self.reason)?;
        let bar = bar(lines.len(), "looked up");
        let mut plan = Plan::default();
        for line in lines {
            self.line(&mut plan, line)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(plan)
    }

    /// Every certificate of a public key.
    pub(super) fn key(&self, text: &str) -> Result<Plan, Failure> {
        let mut query = CertificateQuery {
            issuer: self.ca.clone(),
            public_key: Some(key::digest(text)?),
            ..CertificateQuery::default()
        };
        let (reason, mut plan) = (self.reason()?, Plan::default());
        loop {
            let page = self.store.certificates(&query).map_err(|e| store_failure(&e))?;
            page.items.iter().for_each(|record| self.add(&mut plan, record, reason));
            if page.next.is_none() {
                return plan.or_refuse(|| format!("no certificate of the key {text}"));
            }
            query.after = page.next;
        }
    }

    /// Every certificate of a registration.
    pub(super) fn registration(&self, lid_ca: &[u8]) -> Result<Plan, Failure> {
        let found = self.store.registration(lid_ca).map_err(|e| store_failure(&e))?;
        let id = ca_core::hex(lid_ca);
        let found = found.ok_or_else(|| {
            Failure::refused(format!("no registration {id}: see setca registration list"))
        })?;
        let (reason, mut plan) = (self.reason()?, Plan::default());
        for serial in found.issued {
            let record = self.store.certificate(&found.ca, &serial);
            if let Some(record) = record.map_err(|e| store_failure(&e))? {
                self.add(&mut plan, &record, reason);
            }
        }
        plan.or_refuse(|| format!("registration {id} has no certificate"))
    }

    fn reason(&self) -> Result<RevocationReason, Failure> {
        self.reason.ok_or_else(|| Failure::usage("--reason is missing"))
    }

    fn line(&self, plan: &mut Plan, line: Line) -> Result<(), Failure> {
        let Line { number, issuer, serial, reason } = line;
        let query = CertificateQuery {
            issuer: issuer.or_else(|| self.ca.clone()),
            serial: Some(serial),
            ..CertificateQuery::default()
        };
        let found = self.store.certificates(&query).map_err(|e| store_failure(&e))?.items;
        match found.as_slice() {
            [record] => self.add(plan, record, reason),
            [] => {
                let why = "no such certificate".to_owned();
                plan.unknown.push(Unknown { line: number, serial, why });
            }
            several => {
                let issuers: Vec<&str> =
                    several.iter().map(|record| record.intent.issuer.as_str()).collect();
                let why = format!("issued by {}: write ISSUER:{serial}", issuers.join(" and "));
                plan.unknown.push(Unknown { line: number, serial, why });
            }
        }
        Ok(())
    }

    fn add(&self, plan: &mut Plan, record: &CertificateRecord, reason: RevocationReason) {
        let (issuer, serial) = (record.intent.issuer.clone(), record.intent.serial);
        let cause = Cause { reason, invalid_since: self.invalid_since };
        if !plan.seen.insert((issuer.clone(), serial)) {
            plan.repeated += 1;
            return;
        }
        if let Err(refusal) = check_reason(record, reason) {
            plan.refused.push(refusal);
            return;
        }
        plan.issuers.insert(issuer.clone());
        // Of what is asked here only the reason counts.
        let wanted = Revocation::new(record.intent.recorded_at, reason);
        if wanted.over(record.revocation).is_some() {
            plan.wanted.push((issuer, serial, cause));
        } else {
            plan.already += 1;
        }
    }
}

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    wanted: Vec<(CaId, SerialNumber, Cause)>,
    seen: HashSet<(CaId, SerialNumber)>,
    /// Of everything named, also of what is revoked already: its list may never have been made.
    issuers: BTreeSet<CaId>,
    already: usize,
    repeated: usize,
    unknown: Vec<Unknown>,
    /// Not revoked, whoever asks: the reason is not for such a certificate.
    refused: Vec<RevocationRefusal>,
}

/// A line that names no certificate.
#[derive(Debug)]
struct Unknown {
    line: usize,
    serial: SerialNumber,
    why: String,
}

impl Plan {
    /// Before anything is done: is every reason one that this hierarchy has?
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn check(&self, global: &Global) -> Result<(), Failure> {
        let settings = Settings::read(&Folder::at(&global.dir)).map_err(|e| data_failure(&e))?;
        self.check_for(settings.suite, SystemClock::default().now())
    }

    fn check_for(&self, suite: Suite, now: UnixTime) -> Result<(), Failure> {
        let mut causes: Vec<Cause> = Vec::new();
        for (_, _, cause) in &self.wanted {
            if !causes.contains(cause) {
                cause.at(now, suite).map_err(|e| authority_failure(&e))?;
                causes.push(*cause);
            }
        }
        Ok(())
    }

    /// What would be done.
    pub(super) fn report(&self) -> Result<Report, Failure> {
        let certificates = self.wanted.iter().map(|(issuer, serial, cause)| {
            Tree::new()
                .with("serial", serial.to_string())
                .with("issuer", issuer.as_str())
                .with("reason", cause.reason.name())
        });
        let tree = Tree::new()
            .with("dryRun", true)
            .with("wouldRevoke", self.wanted.len())
            .with("alreadyRevoked", self.already);
        self.finish(tree.with("certificates", Tree::list(certificates)))
    }

    /// Revokes in batches, then publishes the list of each issuer once.
    pub(super) fn carry_out(&self, global: &Global) -> Result<Report, Failure> {
        let authority = house::authority(global, self.needs_root(global)?)?;
        let bar = bar(self.wanted.len(), "revoked");
        let mut revoked = 0;
        for batch in self.wanted.chunks(BATCH) {
            // Each batch is durable before the next begins.
            let recorded = authority.revoke_all(batch).map_err(|e| {
                let failure = authority_failure(&e);
                let hint = format!("{revoked} are revoked, the same command goes on from there");
                failure.with_hint(&hint)
            })?;
            revoked += recorded;
            bar.inc(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        }
        bar.finish_and_clear();
        let lists = self.publish(global, &authority)?;
        // Somebody else may have been faster with some.
        let already = self.already + self.wanted.len().saturating_sub(revoked);
        let tree = Tree::new().with("revoked", revoked).with("alreadyRevoked", already);
        self.finish(tree.with("published", Tree::list(lists.iter().map(publish::tree))))
    }

    fn needs_root(&self, global: &Global) -> Result<bool, Failure> {
        let store = house::records(global)?;
        for issuer in &self.issuers {
            let ca = find_ca(&*store, issuer.as_str())?;
            if ca.superior.is_none() && !publish::is_off_line(global, &ca) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every list, whatever becomes of the others.
    fn publish(&self, global: &Global, authority: &Authority) -> Result<Vec<ListHead>, Failure> {
        let mut lists: Vec<ListHead> = Vec::new();
        let mut failures = Vec::new();
        for issuer in &self.issuers {
            let ca = find_ca(authority.store().as_ref(), issuer.as_str())?;
            if publish::is_off_line(global, &ca) {
                say(root_is_off_line(global, &ca));
                continue;
            }
            match publish::after_revocation(authority, &ca) {
                Ok(published) if published.is_empty() => say(not_listed(authority, &ca)),
                Ok(published) => {
                    // A BCI follows the CRL of each CA: the last one counts.
                    lists.retain(|list| published.iter().all(|newer| newer.list != list.list));
                    lists.extend(published);
                }
                Err(failure) => failures.push(format!("{failure}; try setca crl issue {issuer}")),
            }
        }
        if failures.is_empty() {
            return Ok(lists);
        }
        Err(Failure::outside(format!(
            "all are revoked in the records and in OCSP, but not in every list: {}",
            failures.join("; ")
        )))
    }

    /// Adds what was not found and what may not be: that is a refusal.
    fn finish(&self, tree: Tree) -> Result<Report, Failure> {
        let unknown = self.unknown.iter().map(|unknown| {
            Tree::new()
                .with("line", unknown.line)
                .with("serial", unknown.serial.to_string())
                .with("why", unknown.why.as_str())
        });
        let refused = self.refused.iter().map(|refusal| {
            Tree::new()
                .with("serial", refusal.serial.to_string())
                .with("issuer", refusal.issuer.as_str())
                .with("why", refusal.rule.to_string())
        });
        let tree = tree
            .with("repeated", self.repeated)
            .with("unknown", Tree::list(unknown))
            .with("refused", Tree::list(refused));
        let report = Report::tree(&tree)?;
        let whole = self.unknown.is_empty() && self.refused.is_empty();
        Ok(if whole { report } else { report.refused() })
    }

    fn or_refuse(self, why: impl FnOnce() -> String) -> Result<Self, Failure> {
        if self.seen.is_empty() { Err(Failure::refused(why())) } else { Ok(self) }
    }
}

/// Progress on standard error; none where that is no terminal.
fn bar(count: usize, done: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(done);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Certificates in one transaction: few enough that others are not kept waiting.
const BATCH: usize = 500;
