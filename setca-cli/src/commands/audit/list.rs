//! `setca audit list`: the entries, page by page.

use std::fmt::Write as _;

use ca_core::audit::AuditEntry;
use ca_core::store::Store;
use clap::Args;

use super::entry_tree;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, store_failure};
use crate::report::Report;
use crate::tree::{Shown, Tree};

/// Show entries of the audit log, the oldest first.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca audit list                               the last 50
  setca audit list --from 0 --limit 20
  setca audit list --containing 7c4d597f40b2630c8de30dfe68373dcf --from 0
  setca audit list --containing '\"refused' --format json")]
pub(crate) struct List {
    /// Begin with this position; else so that the last entry is shown.
    #[arg(long, value_name = "POSITION")]
    from: Option<u64>,
    /// At most this many.
    #[arg(long, value_name = "N", default_value = "50")]
    limit: usize,
    /// Only entries with this text in their line: a serial number, an actor, an act. Without --from
    /// the whole log is searched.
    #[arg(long, value_name = "TEXT")]
    containing: Option<String>,
}

impl List {
    /// Lists.
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let store = house::records(global)?;
        let size = store.audit_size().map_err(|e| store_failure(&e))?;
        let last = size.saturating_sub(u64::try_from(self.limit).unwrap_or(u64::MAX));
        let begin = if self.containing.is_some() { 0 } else { last };
        let (entries, next) = self.entries(&*store, self.from.unwrap_or(begin), size)?;
        let tree = |(position, entry): &Placed| entry_tree(*position, entry);
        let json = Tree::new()
            .with("entries", Tree::list(entries.iter().map(tree)))
            .with_some("next", next);
        Report::views(text(&entries, next), &json)
    }

    /// What was asked for, and where to go on.
    fn entries(
        &self,
        store: &dyn Store,
        begin: u64,
        size: u64,
    ) -> Result<(Vec<Placed>, Option<u64>), Failure> {
        let (mut entries, mut at) = (Vec::new(), begin);
        while entries.len() < self.limit {
            let page = store.audit_lines(at, PAGE).map_err(|e| store_failure(&e))?;
            if page.is_empty() {
                return Ok((entries, None));
            }
            for line in page {
                if entries.len() == self.limit {
                    break;
                }
                at = line.position.saturating_add(1);
                if self.containing.as_ref().is_some_and(|text| !line.text.contains(text)) {
                    continue;
                }
                let entry = AuditEntry::from_line(&line.text).ok_or_else(|| {
                    let position = line.position;
                    Failure::outside(format!("entry {position} is damaged: setca audit verify"))
                })?;
                entries.push((line.position, entry));
            }
        }
        Ok((entries, (at < size).then_some(at)))
    }
}

/// One line an entry.
fn text(entries: &[Placed], next: Option<u64>) -> String {
    let mut text = String::new();
    for (position, entry) in entries {
        let of: Vec<String> =
            entry.of.iter().map(|(name, value)| format!("{name}={}", Shown(value))).collect();
        let at = ca_core::UnixTime::from_secs(entry.at);
        let (by, act, outcome) = (Shown(&entry.by), &entry.act, Shown(&entry.outcome));
        // Writing to a String never fails.
        let _ = writeln!(text, "{position}  {at}  {by}  {act}  {}  {outcome}", of.join(" "));
    }
    if entries.is_empty() {
        text.push_str("no entries\n");
    }
    if let Some(next) = next {
        let _ = writeln!(text, "more: --from {next}");
    }
    text
}

/// An entry and its position.
type Placed = (u64, AuditEntry);

/// Lines in memory at a time.
const PAGE: usize = 4_096;
