//! `setca cert list`: the inventory, page by page.

use std::fmt::Write as _;

use ca_core::profile::Role;
use ca_core::store::{CertificateQuery, CertificateRecord, CertificateState, Store};
use clap::Args;

use super::line;
use crate::failure::Failure;
use crate::house::{find_ca, store_failure};
use crate::report::Report;
use crate::tree::{Shown, Tree};

/// List certificates in the order they were recorded.
///
/// State `intent` is a certificate that was about to be signed when the service died: it may exist
/// outside, is never good in OCSP, and can be revoked.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert list
  setca cert list --ca sample-mca --state revoked --format json
  setca cert list --limit 20 --after 40")]
pub(crate) struct List {
    /// Only those this CA issued.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
    /// Only those in this state: intent, issued, revoked.
    #[arg(long, value_parser = state)]
    state: Option<CertificateState>,
    /// Only those of this role: rca, bca, gca, cca, mca, pca, cardholder, merchant, gateway, ocsp.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
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
        let issuer = self.ca.as_deref().map(|name| find_ca(store, name)).transpose()?;
        let page = store
            .certificates(&CertificateQuery {
                issuer: issuer.map(|ca| ca.id),
                state: self.state,
                role: self.role,
                after: self.after,
                limit: self.limit,
                ..CertificateQuery::default()
            })
            .map_err(|e| store_failure(&e))?;
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

fn table(records: &[CertificateRecord]) -> String {
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

fn state(text: &str) -> Result<CertificateState, String> {
    [CertificateState::Intent, CertificateState::Issued, CertificateState::Revoked]
        .into_iter()
        .find(|known| known.name() == text)
        .ok_or_else(|| "known: intent, issued, revoked".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    ROLES
        .into_iter()
        .find(|known| known.name() == text)
        .ok_or_else(|| format!("known: {}", ROLES.map(Role::name).join(", ")))
}

const ROLES: [Role; 10] = [
    Role::Rca,
    Role::Bca,
    Role::Gca,
    Role::Cca,
    Role::Mca,
    Role::Pca,
    Role::Cardholder,
    Role::Merchant,
    Role::Gateway,
    Role::Ocsp,
];
const HEAD: [&str; 6] = ["SERIAL", "STATE", "ISSUER", "ROLE AND USE", "NOT AFTER", "SUBJECT"];
