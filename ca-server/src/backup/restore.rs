//! The way back: a new folder out of a backup, whole or not there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use ca_core::UnixTime;
use ca_core::audit::{Acting, Actor, AuditEntry, examine};
use ca_core::authority::Clock as _;
use ca_core::store::Store as _;

use super::check::read;
use super::manifest::DATABASE;
use super::{BackupError, Manifest, Progress};
use crate::SystemClock;
use crate::data::building::{Building, refuse_occupied};
use crate::data::{Folder, Settings, files};
use crate::store::{Place, PostgresStore, SqliteStore};

/// A folder that was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What was in the backup.
    pub manifest: Manifest,
    /// How far the numbers of all lists were put ahead.
    pub skipped: u64,
}

/// Makes a new data folder out of a backup, and its records in the place that it keeps them in: in
/// the folder, in a file that is not there yet, or in a database that is empty.
///
/// Every file is compared with its digest, the records with their counts, and the audit log is
/// examined whole. What was recorded after the backup is lost: certificates issued since then are
/// unknown to the folder. So that no list number is given twice, the numbers go on far ahead of all
/// that can have been published since.
///
/// # Errors
/// [`BackupError`]; nothing is then left, neither a folder nor a record.
pub fn restore(
    file: &Path,
    folder: &Folder,
    told: &mut dyn FnMut(Progress),
) -> Result<Restored, BackupError> {
    let path = folder.path();
    refuse_occupied(path)?;
    let building = Building::beside(path)?;
    let root = building.folder.path();
    let mut open: Option<(String, File)> = None;
    let manifest = read(file, &mut |entry, octets| {
        if open.as_ref().is_none_or(|(name, _)| *name != entry.path) {
            if let Some((name, file)) = open.take() {
                file.sync_all().map_err(BackupError::io("write", &root.join(name)))?;
            }
            open = Some((entry.path.clone(), created(root, &entry.path)?));
        }
        let Some((_, file)) = &mut open else { return Ok(()) };
        file.write_all(octets).map_err(BackupError::io("write", &root.join(&entry.path)))
    })?;
    if let Some((name, file)) = open {
        file.sync_all().map_err(BackupError::io("write", &root.join(name)))?;
    }
    let settings = Settings::read(&building.folder)?;
    let store = SqliteStore::open(&root.join(DATABASE))?;
    agree(&manifest, &settings, &store, told)?;
    let now = SystemClock::default().now();
    let skipped = ahead(&manifest, now);
    store.skip_numbers(skipped)?;
    let of = [("made", manifest.made.clone()), ("audit_root", manifest.audit_root.clone())];
    store.note(&[AuditEntry::noted(&Acting::new(Actor::Folder, now), "restore", of, None)])?;
    // The last writer takes the log away with it: the folder is closed when it gets its name.
    drop(store);
    put_in_place(&root.join(DATABASE), folder.place(), told)?;
    for part in ["keys", "policies", "offline-root"] {
        let part = root.join(part);
        if part.exists() {
            files::sync_folder(&part)?;
        }
    }
    building.give_name(path)?;
    Ok(Restored { manifest, skipped })
}

/// Brings the records where they are to be, if that is not in the folder.
fn put_in_place(
    restored: &Path,
    place: &Place,
    told: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    match place {
        Place::Folder => return Ok(()),
        Place::File(path) => {
            if path.exists() {
                return Err(BackupError::Occupied(path.clone()));
            }
            fs::copy(restored, path).map_err(BackupError::io("write", path))?;
            File::open(path)
                .and_then(|file| file.sync_all())
                .map_err(BackupError::io("sync", path))?;
        }
        Place::Database(url) => {
            let store = PostgresStore::open(url)?;
            store.fill_from(restored, &mut |done, total| told(Progress::Copied { done, total }))?;
        }
    }
    fs::remove_file(restored).map_err(BackupError::io("remove", restored))
}

/// The records are those that the manifest tells of.
fn agree(
    manifest: &Manifest,
    settings: &Settings,
    store: &SqliteStore,
    told: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    let differs = |what: String| BackupError::Contents { entry: DATABASE.to_owned(), what };
    let found = store.counts()?;
    if found != manifest.counts {
        return Err(differs(format!("it holds {found:?}, not {:?}", manifest.counts)));
    }
    let total = manifest.audit_entries;
    let key = settings.audit_key.as_ref();
    let examined = examine(store, key, &[], &mut |done| told(Progress::Examined { done, total }))?;
    let examined = examined.map_err(BackupError::Audit)?;
    if (examined.size, examined.root.to_string()) != (total, manifest.audit_root.clone()) {
        return Err(differs("it has another audit log".to_owned()));
    }
    Ok(())
}

/// A file of the folder, with the folders above it, for its owner only.
fn created(root: &Path, entry: &str) -> Result<File, BackupError> {
    let path = root.join(entry);
    if let Some(parent) = path.parent() {
        let mut folders = DirBuilder::new();
        folders.recursive(true).mode(0o700);
        folders.create(parent).map_err(BackupError::io("create", parent))?;
    }
    let mode = if matches!(entry, "setca.toml" | "root.pem") { 0o644 } else { 0o600 };
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(mode);
    options.open(&path).map_err(BackupError::io("create", &path))
}

/// More numbers than lists can have been published since the backup.
fn ahead(manifest: &Manifest, now: UnixTime) -> u64 {
    let made = UnixTime::parse_rfc3339(&manifest.made).unwrap_or_default();
    let seconds = now.as_secs().saturating_sub(made.as_secs());
    seconds.saturating_add(1).saturating_mul(LISTS_A_SECOND)
}

/// Of one CA: each costs a signature and a synced commit.
const LISTS_A_SECOND: u64 = 1_000;
