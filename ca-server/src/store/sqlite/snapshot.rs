//! The whole file at one moment, for a backup; and what a restored one needs.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use ca_core::store::StoreError;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::super::columns::signed;
use super::fault::Fault;
use super::{SqliteStore, schema};
use crate::backup::Counts;

impl SqliteStore {
    /// Copies the store as it is at one moment into a new file that only its owner can read, and
    /// makes that durable; others go on writing meanwhile. `told` hears how many octets of how many
    /// were copied.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if one of the files cannot be read or written.
    pub fn copy_to(&self, path: &Path, told: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        let unavailable =
            |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", path.display()));
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(path);
        drop(file.map_err(unavailable)?);
        // A connection of its own: look-ups do not wait for it.
        let source = schema::open_reader(&self.path).map_err(|e| Fault::from(e).at(&self.path))?;
        copy(&source, path, told).map_err(|fault| fault.at(path))?;
        File::open(path).and_then(|file| file.sync_all()).map_err(unavailable)
    }

    /// How much it holds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM certificate), (SELECT count(*) FROM revocation), \
             (SELECT count(*) FROM registration)";
        self.read(|connection| {
            Ok(connection.query_row(sql, (), |row| {
                let count = |column| row.get::<_, u32>(column).map(u64::from);
                let (certificates, revoked) = (count(0)?, count(1)?);
                Ok(Counts { certificates, revoked, registrations: count(2)? })
            })?)
        })
    }

    /// Puts the number that each list was given last ahead, so that none that somebody else has
    /// given since is given again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub fn skip_numbers(&self, by: u64) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute("UPDATE list_number SET number = number + ?1", [signed(by)])?;
            Ok(())
        })
    }
}

fn copy(source: &Connection, path: &Path, told: &mut dyn FnMut(u64, u64)) -> Result<(), Fault> {
    // One state of the file from the first page to the last: without it each write by another
    // connection begins the copy anew (sqlite.org/c3ref/backup_finish.html).
    source.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1;")?;
    let page: u32 = source.query_row("PRAGMA page_size", (), |row| row.get(0))?;
    let mut target = Connection::open(path)?;
    let backup = Backup::new(source, &mut target)?;
    loop {
        let step = backup.step(PAGES)?;
        let progress = backup.progress();
        let octets = |pages: i32| u64::from(pages.unsigned_abs()).saturating_mul(page.into());
        let total = octets(progress.pagecount);
        told(total.saturating_sub(octets(progress.remaining)), total);
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            // Nobody else has the copy, and a reader of a log waits for nobody.
            _ => std::thread::sleep(PAUSE),
        }
    }
}

/// Pages copied between two tellings: 16 MiB.
const PAGES: i32 = 4_096;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);
