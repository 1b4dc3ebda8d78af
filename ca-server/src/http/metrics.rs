//! `GET /metrics`: how the service stands, for Prometheus.
//!
//! The names are a promise; README and `setca serve --help` point to their table.

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::blocking::blocking;
use super::prometheus::{Exposition, Kind, Sample};
use super::{ApiError, Shared};
use crate::status_report::{CheckReport, IndexReport, StatusLine, StatusReport};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(app): State<Shared>) -> Result<Response, ApiError> {
    let text = blocking(move || {
        let suite = app.authority.suite().name();
        let report = StatusReport::of_service(&app.authority, &app.observed);
        if let Err(error) = &report {
            tracing::error!(error = error as &dyn std::error::Error, "metrics without records");
        }
        Ok::<_, ApiError>(exposition(suite, report.ok().as_ref()))
    });
    Ok(([(CONTENT_TYPE, TEXT_FORMAT), (CACHE_CONTROL, "no-store")], text.await?).into_response())
}

/// Without a report the records cannot be read, and that is what it says.
fn exposition(suite: &str, report: Option<&StatusReport>) -> String {
    let mut out = Exposition::default();
    let version = [("version", env!("CARGO_PKG_VERSION")), ("suite", suite)];
    let info = [Sample::new(&version, true)];
    out.family("setca_build_info", Kind::Gauge, "Always 1; version and suite.", info);
    let readable = report.is_some();
    out.single("setca_store_up", Kind::Gauge, "1 if the records can be read.", readable);
    let ready = report.is_some_and(|report| report.ready);
    out.single("setca_ready", Kind::Gauge, "1 if /readyz says ready.", ready);
    let Some(report) = report else { return out.into_text() };
    lines(&mut out, report);
    if let Some(index) = report.index {
        index_families(&mut out, index);
    }
    if let Some(check) = &report.check {
        check_families(&mut out, check);
    }
    if let Some(audit) = report.audit {
        let gauge = Kind::Gauge;
        out.single("setca_audit_entries", gauge, "Entries of the audit log.", audit.entries);
        let help = "Entries the last checkpoint was signed over.";
        out.single("setca_audit_signed_entries", gauge, help, audit.signed);
        let help = "1 if the audit log is not what was signed before.";
        out.single("setca_audit_changed", gauge, help, audit.changed);
    }
    let answers =
        report.ocsp_answers.iter().map(|(kind, count)| Sample::new(&[("kind", kind)], *count));
    let help = "OCSP answers since the start.";
    out.family("setca_ocsp_answers_total", Kind::Counter, help, answers);
    publishing(&mut out, report);
    let chaos = report.chaos.iter().map(|kind| Sample::new(&[("kind", kind)], true));
    out.family("setca_chaos", Kind::Gauge, "1 for each way in which answers are spoilt.", chaos);
    out.into_text()
}

fn lines(out: &mut Exposition, report: &StatusReport) {
    for (prefix, kinds, what) in [
        ("setca_list", &["crl", "delta", "shard", "bci"][..], "list"),
        ("setca_responder", &["responder"], "responder certificate"),
        ("setca_ca_key", &["key"], "key of a CA"),
    ] {
        let of_kind =
            || report.lines.iter().filter(move |line| kinds.contains(&line.kind.as_str()));
        let there = || of_kind().filter(|line| prefix != "setca_list" || line.number.is_some());
        let gauge = Kind::Gauge;
        let name = format!("{prefix}_age_seconds");
        let samples = there().map(|line| sample(line, line.age_seconds as f64));
        out.family(&name, gauge, &format!("Seconds since the {what} began."), samples);
        let name = format!("{prefix}_remaining_seconds");
        let help = format!("Seconds until the {what} ends; negative after that.");
        let samples = there().map(|line| sample(line, line.remaining_seconds as f64));
        out.family(&name, gauge, &help, samples);
        let name = format!("{prefix}_state");
        let help = format!("The {what} is 0 fresh, 1 due, 2 late, 3 expired or not there.");
        out.family(&name, gauge, &help, of_kind().map(|line| sample(line, state(line))));
        let name = format!("{prefix}_number");
        let numbers = of_kind().filter_map(|line| Some(sample(line, line.number? as f64)));
        out.family(&name, gauge, "cRLNumber or sequenceNum of the list.", numbers);
        let name = format!("{prefix}_octets");
        let octets = of_kind().filter_map(|line| Some(sample(line, line.octets? as f64)));
        out.family(&name, gauge, "DER octets of the list.", octets);
    }
}

fn sample(line: &StatusLine, value: f64) -> Sample<'_> {
    let mut labels = match line.kind.as_str() {
        "responder" | "key" => vec![("ca", line.of.as_str())],
        kind => vec![("kind", kind), ("of", line.of.as_str())],
    };
    if let Some(part) = &line.part {
        labels.push((if line.kind == "key" { "key_use" } else { "shard" }, part));
    }
    labels.push(("renewal", &line.renewal));
    Sample { labels, value }
}

fn state(line: &StatusLine) -> f64 {
    match line.state.as_str() {
        "fresh" => 0.0,
        "due" => 1.0,
        "late" => 2.0,
        _ => 3.0,
    }
}

fn index_families(out: &mut Exposition, index: IndexReport) {
    let gauge = Kind::Gauge;
    let certificates = [
        Sample::new(&[("state", "living")], index.living),
        Sample::new(&[("state", "revoked")], index.revoked),
    ];
    out.family(
        "setca_index_certificates",
        gauge,
        "Serial numbers in the status index.",
        certificates,
    );
    out.single("setca_index_octets", gauge, "Memory of the status index.", index.octets);
    out.single("setca_index_loaded", gauge, "1 if the status index is loaded.", index.loaded);
    let help = "1 if the feed of changes cannot be read: OCSP answers tryLater.";
    out.single("setca_index_behind", gauge, help, index.behind);
    let position = index.position.map(|position| Sample::new(&[], position));
    out.family("setca_feed_position", gauge, "The change the index applied last.", position);
    out.single("setca_feed_end", gauge, "The last change in the records.", index.end);
}

fn check_families(out: &mut Exposition, check: &CheckReport) {
    let (gauge, counter) = (Kind::Gauge, Kind::Counter);
    let help = "Comparisons of records, index, lists and OCSP since the start.";
    let runs = [
        Sample::new(&[("outcome", "done")], check.runs),
        Sample::new(&[("outcome", "failed")], check.failed),
    ];
    out.family("setca_status_checks_total", counter, help, runs);
    if check.at.is_none() {
        return;
    }
    let help = "What the last comparison found to disagree; 0 is good.";
    out.single("setca_status_check_mismatches", gauge, help, check.mismatches);
    let help = "When the last comparison began, in seconds since 1970.";
    out.single("setca_status_check_timestamp_seconds", gauge, help, check.at_seconds);
    let seconds = check.milliseconds as f64 / 1_000.0;
    let help = "How long the last comparison took.";
    out.single("setca_status_check_duration_seconds", gauge, help, seconds);
    let help = "Serial numbers the last comparison looked at.";
    out.single("setca_status_check_serials", gauge, help, check.serials);
}

fn publishing(out: &mut Exposition, report: &StatusReport) {
    let samples = |now: bool| {
        let failures = report.publish_failures.iter().filter(move |one| !now || one.why.is_some());
        failures.map(move |one| {
            let mut labels = vec![("kind", one.kind.as_str()), ("of", one.of.as_str())];
            labels.extend(one.part.as_deref().map(|part| ("shard", part)));
            Sample { labels, value: if now { 1.0 } else { one.count as f64 } }
        })
    };
    let help = "Attempts to publish a list that failed since the start.";
    out.family("setca_publish_failures_total", Kind::Counter, help, samples(false));
    let help = "1 for each list that is due and cannot be published: the old one is served.";
    out.family("setca_publish_failing", Kind::Gauge, help, samples(true));
}

/// The text format, version 0.0.4.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
