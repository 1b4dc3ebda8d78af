//! `setca restore`.

use std::path::PathBuf;

use ca_server::backup;
use clap::Args;

use super::backup::{backup_failure, bar, described, show};
use crate::cli::Global;
use crate::failure::Failure;
use crate::house;
use crate::report::{Report, say};
use crate::tree::Tree;

/// Make DIR out of a backup: every file, count and entry of the audit log is compared first.
///
/// DIR must be new or empty; so must the database be that --store names, which has the records then:
/// this is also the way from one machine to several. What was done after the backup is lost: certificates issued since then
/// are unknown, revocations since then are forgotten and must be made again. List numbers go on far
/// ahead of all that can have been given since, so that none is given twice. The audit log says that
/// it was restored, and from what.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca --dir setca-data restore /mnt/safe/setca-2026-11-23.tar
  setca --dir brand --store postgres://setca:PASSWORD@db.example.com/setca restore today.tar
  setca restore today.tar --check        is the file whole? nothing is made")]
pub(crate) struct Restore {
    /// The backup.
    file: PathBuf,
    /// Only read the file whole and compare it with its manifest.
    #[arg(long)]
    check: bool,
}

impl Restore {
    /// Restores it.
    pub(crate) fn run(&self, global: &Global) -> Result<Report, Failure> {
        if self.check {
            let manifest = backup::check(&self.file).map_err(|e| backup_failure(&e))?;
            return Report::tree(&described(&manifest));
        }
        let bar = bar();
        let restored = backup::restore(&self.file, &house::given_folder(global)?, &mut |step| {
            show(&bar, step)
        });
        bar.finish_and_clear();
        let restored = restored.map_err(|e| backup_failure(&e))?;
        let dir = global.dir.display();
        say(format_args!(
            "what was done after {} is lost: revoke again what was revoked since then",
            restored.manifest.made
        ));
        let next = Tree::list([
            format!("put the passphrase where it was ({dir}/passphrase, or as you give it)"),
            format!(
                "setca --dir {dir} crl issue root (and each CA): lists that replace the lost ones"
            ),
            format!("setca --dir {dir} serve"),
        ]);
        let tree = described(&restored.manifest)
            .with("dir", dir.to_string())
            .with("numbersSkipped", restored.skipped)
            .with("next", next);
        Report::tree(&tree)
    }
}
