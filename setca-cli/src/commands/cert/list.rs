//! `setca cert list`: the inventory, page by page.

use std::fmt::Write as _;

use ca_core::store::{CertificateQuery, CertificateRecord, Page, Store};
use clap::Args;

use super::filter::Filter;
use super::line;
use crate::failure::Failure;
use crate::house::store_failure;
use crate::report::Report;
use crate::tree::{Shown, Tree};

/// List certificates in the order they were recorded.
///
/// State `intent` is a certificate that was about to be signed when the service died: it may exist
/// outside, is never good in OCSP, and can be revoked.
///
/// Every option narrows. A page costs the same whatever the inventory holds: one of the options
/// finds certificates by an index, the others are checked on what it finds.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert list
  setca cert list --ca sample-mca --state revoked --format json
  setca cert list --subject 'daves shop' --brand Sample
  setca cert list --registration 5f0c
  setca cert list --key suspect.pem
  setca cert list --expires-after 2026-12-01T00:00:00Z --expires-before 2026-12-31T23:59:59Z
  setca cert list --limit 20 --after 40")]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    /// At most this many.
    #[arg(long, value_name = "N", default_value = "100")]
    limit: usize,
    /// Go on after this position (the last line of the list before says which).
    #[arg(long, value_name = "POSITION")]
    after: Option<u64>,
}

impl List {
    /// Lists.
    pub(super) fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let query = self.filter.query(store)?;
        let page =
            full_page(store, CertificateQuery { after: self.after, limit: self.limit, ..query })?;
        let json = Tree::new()
            .with("certificates", Tree::list(page.items.iter().map(line)))
            .with_some("next", page.next);
        let mut text = table(&page.items);
        if let Some(next) = page.next {
            // Writing to a String never fails.
            let _ = writeln!(text, "more: --after {next}");
        }
        Report::views(text, &json)
    }
}

/// Goes through short pages until there are as many as were asked for.
fn full_page(
    store: &dyn Store,
    mut query: CertificateQuery,
) -> Result<Page<CertificateRecord>, Failure> {
    let wanted = query.page_size();
    let mut items = Vec::new();
    loop {
        query.limit = wanted - items.len();
        let page = store.certificates(&query).map_err(|e| store_failure(&e))?;
        items.extend(page.items);
        if page.next.is_none() || items.len() >= wanted {
            return Ok(Page { items, next: page.next });
        }
        query.after = page.next;
    }
}

/// For people.
pub(super) fn table(records: &[CertificateRecord]) -> String {
    if records.is_empty() {
        return "no certificates\n".to_owned();
    }
    let rows: Vec<[String; 6]> = records
        .iter()
        .map(|record| {
            let intent = &record.intent;
            [
                intent.serial.to_string(),
                record.state().name().to_owned(),
                intent.issuer.to_string(),
                format!("{} {}", intent.role, intent.key_use),
                intent.not_after.to_string(),
                Shown(&intent.subject).to_string(),
            ]
        })
        .collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&HEAD.map(str::to_owned)).chain(&rows) {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        // Writing to a String never fails.
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

const HEAD: [&str; 6] = ["SERIAL", "STATE", "ISSUER", "ROLE AND USE", "NOT AFTER", "SUBJECT"];
