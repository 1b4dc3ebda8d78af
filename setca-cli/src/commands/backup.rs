//! `setca backup`.

use std::path::PathBuf;

use ca_core::hex;
use ca_server::backup::{self, BackupError, BackupOrder, Manifest, Progress};
use ca_server::data::Settings;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, chain, data_failure, store_failure};
use crate::report::{Report, say};
use crate::tree::Tree;

/// Write DIR into one file, while a service goes on working on it.
///
/// Records of one moment, keys (encrypted as in DIR), settings and policies, in a tar archive with
/// a manifest. It is read again and compared before it gets its name. The passphrase and the
/// operator's token stand in DIR in clear and are not in it: keep them elsewhere. The root's keys are
/// in it only with --offline-root.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca backup /mnt/safe/setca-2026-11-23.tar
  setca backup today.tar && setca --dir drill restore today.tar   the drill")]
pub(crate) struct Backup {
    /// The file to write; it must not exist.
    file: PathBuf,
    /// Put the root's private keys into it, too.
    #[arg(long)]
    offline_root: bool,
}

impl Backup {
    /// Makes it.
    pub(crate) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let folder = house::given_folder(global)?;
        Settings::read(&folder).map_err(|e| data_failure(&e))?;
        let order = BackupOrder { offline_root: self.offline_root };
        let bar = bar();
        let made = backup::make(&folder, &self.file, order, &mut |step| show(&bar, step));
        bar.finish_and_clear();
        let made = made.map_err(|e| backup_failure(&e))?;
        let there = |path: PathBuf, what: &'static str| path.exists().then_some(what);
        let mut apart: Vec<&str> = [
            there(folder.passphrase_file(), "passphrase"),
            there(folder.operator_token_file(), "operator.token"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !self.offline_root {
            apart.extend(there(folder.offline_root(), "offline-root"));
        }
        if !apart.is_empty() {
            say(format_args!("not in it, keep apart: {}", apart.join(", ")));
        }
        let tree = described(&made.manifest)
            .with("file", self.file.display().to_string())
            .with("octets", made.octets)
            .with("sha256", hex(&made.sha256));
        Report::tree(&tree)
    }
}

/// What is in a backup.
pub(super) fn described(manifest: &Manifest) -> Tree {
    let counts = manifest.counts;
    Tree::new()
        .with("made", manifest.made.as_str())
        .with("certificates", counts.certificates)
        .with("revoked", counts.revoked)
        .with("registrations", counts.registrations)
        .with("auditEntries", manifest.audit_entries)
        .with("auditRoot", manifest.audit_root.as_str())
}

/// A bar on a terminal.
pub(super) fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent} %, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

pub(super) fn show(bar: &ProgressBar, step: Progress) {
    let (what, done, total) = match step {
        Progress::Copied { done, total } => ("copying the records", done, total),
        Progress::Examined { done, total } => ("examining the audit log", done, total),
        _ => return,
    };
    bar.set_message(what);
    bar.set_length(total);
    bar.set_position(done);
}

/// In one line, and whose fault it is.
pub(super) fn backup_failure(error: &BackupError) -> Failure {
    match error {
        BackupError::Data(error) => data_failure(error),
        BackupError::Store(error) => store_failure(error),
        BackupError::Io { .. } | BackupError::Open(_) => Failure::outside(chain(error)),
        _ => Failure::refused(chain(error)),
    }
}
