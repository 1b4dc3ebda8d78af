//! A status as a table for people.

use std::fmt::Write as _;

use ca_server::status_report::{StatusLine, StatusReport};

use crate::tree::Shown;

/// One line for each thing, fresh shards of a CA together; then what is wrong.
pub(super) fn text(status: &StatusReport) -> String {
    let mut out = String::new();
    let ready = if status.ready { "ready" } else { "not ready" };
    // Writing to a String never fails.
    let _ = writeln!(out, "{}: {ready}, {}\n", Shown(&status.at), Shown(&status.state));
    let _ = writeln!(out, "{HEAD}");
    for row in rows(&status.lines) {
        let Row { line, count } = row;
        let number = line.number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let left = left(line.remaining_seconds);
        let _ = writeln!(
            out,
            "{:8} {left:>9}  {:20}  {number:>8}  {:8}  {}",
            Shown(&line.state).to_string(),
            Shown(&line.ends).to_string(),
            Shown(&line.renewal).to_string(),
            Shown(&what(line, count)),
        );
    }
    extras(&mut out, status);
    for (mark, texts) in [("NOT READY", &status.reasons), ("warning", &status.warnings)] {
        for text in texts {
            let _ = writeln!(out, "{mark}: {}", Shown(text));
        }
    }
    out
}

fn extras(out: &mut String, status: &StatusReport) {
    out.push('\n');
    if let Some(index) = status.index {
        let _ = writeln!(
            out,
            "index: {} living, {} revoked, {} octets, at change {} of {}",
            index.living,
            index.revoked,
            index.octets,
            index.position.map_or_else(|| "?".to_owned(), |position| position.to_string()),
            index.end
        );
    }
    match &status.check {
        Some(check) if check.at.is_some() => {
            let _ = writeln!(
                out,
                "check: {} mismatches in {} serial numbers, {} lists, {} OCSP answers at {}",
                check.mismatches,
                check.serials,
                check.lists,
                check.answers,
                Shown(check.at.as_deref().unwrap_or_default())
            );
        }
        Some(_) => out.push_str("check: not yet\n"),
        None => {}
    }
}

struct Row<'a> {
    line: &'a StatusLine,
    /// More than one for shards.
    count: usize,
}

/// Shards of one CA in one state make one row: that of the one that ends first.
fn rows(lines: &[StatusLine]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for line in lines {
        let same = |row: &&mut Row<'_>| {
            line.kind == "shard"
                && row.line.kind == "shard"
                && (&row.line.of, &row.line.state) == (&line.of, &line.state)
        };
        match rows.iter_mut().find(same) {
            Some(row) => {
                row.count += 1;
                if line.remaining_seconds < row.line.remaining_seconds {
                    row.line = line;
                }
            }
            None => rows.push(Row { line, count: 1 }),
        }
    }
    rows
}

fn what(line: &StatusLine, count: usize) -> String {
    let StatusLine { kind, of, part, .. } = line;
    let part = part.as_deref().unwrap_or_default();
    match kind.as_str() {
        "bci" => format!("BCI of {of}"),
        "crl" => format!("CRL of {of}"),
        "delta" => format!("delta CRL of {of}"),
        "key" => format!("{part} key of {of}"),
        "responder" => format!("responder certificate of {of}"),
        "shard" if count > 1 => format!("{count} shards of the CRL of {of}"),
        "shard" => format!("shard {part} of the CRL of {of}"),
        other => format!("{other} of {of}"),
    }
}

/// The two largest units: `6 d 23 h`.
fn left(seconds: i64) -> String {
    let (sign, left) = (if seconds < 0 { "-" } else { "" }, seconds.unsigned_abs());
    let (days, hours, minutes) = (left / 86_400, left / 3_600 % 24, left / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{left} s"),
        (0, 0, _) => format!("{sign}{minutes} min"),
        (0, ..) => format!("{sign}{hours} h {minutes} m"),
        (1..=99, ..) => format!("{sign}{days} d {hours} h"),
        _ => format!("{sign}{days} d"),
    }
}

const HEAD: &str = "state         left  until                   number  renewal   what";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_told_in_its_two_largest_units() {
        let told = [7, 119, 3_660, 90_000, -90_000, 9_000_000].map(left);
        assert_eq!(told, ["7 s", "1 min", "1 h 1 m", "1 d 1 h", "-1 d 1 h", "104 d"]);
    }

    #[test]
    fn shards_in_one_state_are_one_row() {
        let shard = |part: &str, state: &str, left| StatusLine {
            kind: "shard".to_owned(),
            of: "a".to_owned(),
            part: Some(part.to_owned()),
            state: state.to_owned(),
            remaining_seconds: left,
            ..StatusLine::default()
        };
        let lines = [shard("3-0", "fresh", 9), shard("3-1", "late", 1), shard("3-2", "fresh", 8)];
        let rows: Vec<_> = rows(&lines).iter().map(|row| what(row.line, row.count)).collect();
        assert_eq!(rows, ["2 shards of the CRL of a", "shard 3-1 of the CRL of a"]);
    }
}
