//! `setca cert export`: the inventory, or part of it, in one file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ca_core::hex;
use ca_core::store::{CertificateQuery, CertificateRecord, Store};
use clap::Args;
use indicatif::ProgressBar;

use super::filter::Filter;
use super::line;
use crate::failure::Failure;
use crate::house::store_failure;
use crate::report::Report;
use crate::tree::Tree;

/// Write certificates of the inventory into a file: all, or those that the options say.
///
/// JSON has one object a line, as `setca cert list --format json` shows it, with publicKey, the
/// SHA-256 of the SubjectPublicKeyInfo. CSV is that of RFC 4180, UTF-8, with a line of names first; a
/// cell that a spreadsheet would take for a formula (it begins with = + - @ or a control character)
/// gets an apostrophe before it.
///
/// The file must not exist; it gets its name when all is in it.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert export --out inventory.jsonl
  setca cert export --state revoked --csv --out revoked.csv
  setca cert export --ca sample-mca --expires-before 2026-12-31T23:59:59Z --csv --out ending.csv")]
pub(crate) struct Export {
    #[command(flatten)]
    filter: Filter,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// As CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// As JSON, one object a line (the default).
    #[arg(long)]
    json: bool,
}

impl Export {
    /// Writes it.
    pub(super) fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let query = self.filter.query(store)?;
        if self.out.exists() {
            return Err(occupied(&self.out));
        }
        let draft = Draft::beside(&self.out)?;
        let count = self.fill(store, query, &draft)?;
        draft.publish(&self.out)?;
        let tree = Tree::new().with("file", self.out.display().to_string());
        Report::tree(&tree.with("certificates", count))
    }

    fn fill(
        &self,
        store: &dyn Store,
        mut query: CertificateQuery,
        draft: &Draft,
    ) -> Result<u64, Failure> {
        let failed = |e: io::Error| Failure::file("write", &self.out, &e);
        let mut file = BufWriter::new(&draft.file);
        if self.csv {
            write_row(&mut file, COLUMNS).map_err(failed)?;
        }
        query.limit = PAGE;
        let (bar, mut count) = (bar(), 0);
        loop {
            let page = store.certificates(&query).map_err(|e| store_failure(&e))?;
            for record in &page.items {
                let row = cells(record);
                let written = if self.csv {
                    write_row(&mut file, row.each_ref().map(String::as_str))
                } else {
                    write_object(&mut file, record)
                };
                written.map_err(failed)?;
                count += 1;
            }
            bar.set_position(count);
            query.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        bar.finish_and_clear();
        file.flush().and_then(|()| draft.file.sync_all()).map_err(failed)?;
        Ok(count)
    }
}

/// A file that has no name of its own yet; removed unless it gets one.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    fn beside(out: &Path) -> Result<Self, Failure> {
        let name = out.file_name().ok_or_else(|| Failure::usage("--out names no file"))?;
        let mut draft = std::ffi::OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}", std::process::id()));
        let path = out.with_file_name(draft);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|e| Failure::file("create", out, &e))?;
        Ok(Self { path, file })
    }

    fn publish(&self, out: &Path) -> Result<(), Failure> {
        // Never over a file that has come meanwhile: a link is not made where there is a name.
        fs::hard_link(&self.path, out).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => occupied(out),
            _ => Failure::file("create", out, &e),
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What is left behind does no harm, and there is nobody to tell.
        let _ = fs::remove_file(&self.path);
    }
}

fn occupied(out: &Path) -> Failure {
    Failure::refused(format!("{} exists: it is not overwritten", out.display()))
}

fn write_object(file: &mut impl Write, record: &CertificateRecord) -> io::Result<()> {
    let object = line(record).with("publicKey", hex(&record.intent.public_key));
    serde_json::to_writer(&mut *file, &object)?;
    file.write_all(b"\n")
}

/// RFC 4180 §2: cells with a comma, a quotation mark or a line break are quoted; CRLF.
fn write_row<const N: usize>(file: &mut impl Write, row: [&str; N]) -> io::Result<()> {
    let row = row.map(cell).join(",");
    file.write_all(row.as_bytes())?;
    file.write_all(b"\r\n")
}

fn cell(text: &str) -> String {
    let formula = |c: char| matches!(c, '=' | '+' | '-' | '@') || c.is_control();
    let mark = if text.starts_with(formula) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{mark}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{mark}{text}")
    }
}

/// What stands under [`COLUMNS`].
fn cells(record: &CertificateRecord) -> [String; 13] {
    let intent = &record.intent;
    let revocation = record.revocation.as_ref();
    let since = revocation.and_then(|revocation| revocation.invalid_since);
    [
        intent.serial.to_string(),
        record.state().name().to_owned(),
        intent.issuer.to_string(),
        intent.role.name().to_owned(),
        intent.key_use.name().to_owned(),
        intent.brand.clone().unwrap_or_default(),
        intent.subject.clone(),
        intent.not_after.to_string(),
        intent.recorded_at.to_string(),
        revocation.map(|revocation| revocation.at.to_string()).unwrap_or_default(),
        revocation.map(|revocation| revocation.reason.name().to_owned()).unwrap_or_default(),
        since.map(|since| since.to_string()).unwrap_or_default(),
        hex(&intent.public_key),
    ]
}

/// Progress on standard error; none where that is no terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message("certificates written");
    let style = indicatif::ProgressStyle::with_template("{pos} {msg}");
    bar.set_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

const COLUMNS: [&str; 13] = [
    "serial",
    "state",
    "issuer",
    "role",
    "keyUse",
    "brand",
    "subject",
    "notAfter",
    "recordedAt",
    "revokedAt",
    "reason",
    "invalidSince",
    "publicKey",
];
/// Certificates looked up at once.
const PAGE: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_is_quoted_where_it_must_be_and_never_a_formula() {
        for (text, expected) in [
            ("plain", "plain"),
            ("C=US, O=Sample", "\"C=US, O=Sample\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1,5", "\"'-1,5\""),
            ("@sum", "'@sum"),
            ("\tx", "'\tx"),
            ("\r\nx", "\"'\r\nx\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
