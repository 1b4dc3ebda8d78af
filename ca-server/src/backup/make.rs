//! Making a backup of a folder that may be in use.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ca_core::audit::{Acting, Actor, AuditEntry, Tree};
use ca_core::authority::Clock as _;
use ca_core::store::Store;
use ca_core::{UnixTime, hex};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use super::manifest::{DATABASE, FORMAT, FileEntry, MANIFEST};
use super::{BackupError, Manifest, Progress, check};
use crate::SystemClock;
use crate::data::building::{Building, parent_of};
use crate::data::{Folder, Settings, files};
use crate::store::{Place, PostgresStore, SqliteStore};

/// What is to be in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct BackupOrder {
    /// The root's private keys, too, if they are in the folder.
    pub offline_root: bool,
}

/// A backup that was made, read again and found right.
#[derive(Clone, Debug)]
pub struct Made {
    /// What is in it.
    pub manifest: Manifest,
    /// Octets of the file.
    pub octets: u64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

/// Writes a data folder into the file `out`. A service may go on working on it: the records are
/// those of one moment, and the keys of all of them are there.
///
/// # Errors
/// [`BackupError`]; `out` is then not there.
pub fn make(
    folder: &Folder,
    out: &Path,
    order: BackupOrder,
    told: &mut dyn FnMut(Progress),
) -> Result<Made, BackupError> {
    if out.exists() {
        return Err(BackupError::Occupied(out.to_owned()));
    }
    // Never made here: it may be where another disk is to be mounted.
    let place = parent_of(out);
    let _ = fs::metadata(place).map_err(BackupError::io("write into", place))?;
    let settings = Settings::read(folder)?;
    let store = Copied::open(folder)?;
    let made = SystemClock::default().now();
    let of = [("file", out.file_name().unwrap_or_default().to_string_lossy().into_owned())];
    let entry = AuditEntry::noted(&Acting::new(Actor::Folder, made), "backup", of, None);
    store.records().note(&[entry])?;
    let draft = Building::beside(out)?;
    // The records first: a key is made before anything recorded needs it.
    let database = draft.folder.path().join(DATABASE);
    store.copy_to(&database, &mut |done, total| told(Progress::Copied { done, total }))?;
    drop(store);
    let mut manifest = described(&settings, &database, made)?;
    let mut sources = vec![(DATABASE.to_owned(), database)];
    sources.extend(folder_files(folder, order)?);
    for (path, source) in &sources {
        let (octets, sha256) = digest_of(source)?;
        manifest.files.push(FileEntry { path: path.clone(), octets, sha256: hex(&sha256) });
    }
    let archive = draft.folder.path().join("backup.tar");
    write(&archive, &manifest, &sources, made)?;
    // What was written, not what was meant.
    let found = check(&archive)?;
    if found != manifest {
        let what = "another manifest was read back".to_owned();
        return Err(BackupError::Contents { entry: MANIFEST.to_owned(), what });
    }
    let (octets, sha256) = digest_of(&archive)?;
    // Never over a file that has come meanwhile: a link is not made where there is a name.
    fs::hard_link(&archive, out).map_err(BackupError::io("create", out))?;
    files::sync_folder(parent_of(out))?;
    Ok(Made { manifest, octets, sha256 })
}

/// The records, wherever they are.
enum Copied {
    File(SqliteStore),
    Database(PostgresStore),
}

impl Copied {
    fn open(folder: &Folder) -> Result<Self, BackupError> {
        // That they are there, and of this hierarchy.
        drop(folder.records()?);
        Ok(match folder.place() {
            Place::Folder => Self::File(SqliteStore::open(&folder.database())?),
            Place::File(path) => Self::File(SqliteStore::open(path)?),
            Place::Database(url) => Self::Database(PostgresStore::open(url)?),
        })
    }

    fn records(&self) -> &dyn Store {
        match self {
            Self::File(store) => store,
            Self::Database(store) => store,
        }
    }

    /// As they are at one moment, in a file.
    fn copy_to(&self, path: &Path, told: &mut dyn FnMut(u64, u64)) -> Result<(), BackupError> {
        match self {
            Self::File(store) => Ok(store.copy_to(path, told)?),
            Self::Database(store) => Ok(store.copy_to(path, told)?),
        }
    }
}

/// Counts and audit root of the copy.
fn described(
    settings: &Settings,
    database: &Path,
    made: UnixTime,
) -> Result<Manifest, BackupError> {
    let copy = SqliteStore::open(database)?;
    let size = copy.audit_size()?;
    let root = Tree::read(size, |at| copy.audit_node(at))?.root();
    Ok(Manifest {
        format: FORMAT,
        setca: env!("CARGO_PKG_VERSION").to_owned(),
        made: made.to_string(),
        suite: settings.suite.name().to_owned(),
        counts: copy.counts()?,
        audit_entries: size,
        audit_root: root.to_string(),
        files: Vec::new(),
    })
}

/// Name in the archive, and where it is, of every file but the records.
fn folder_files(
    folder: &Folder,
    order: BackupOrder,
) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let mut found = vec![
        ("setca.toml".to_owned(), folder.settings_file()),
        ("root.pem".to_owned(), folder.root_certificate()),
    ];
    collect(&folder.keys(), "keys", &mut found)?;
    if folder.policies().exists() {
        collect(&folder.policies(), "policies", &mut found)?;
    }
    if order.offline_root && folder.offline_root().exists() {
        collect(&folder.offline_root(), "offline-root", &mut found)?;
    }
    Ok(found)
}

/// The files below a folder, by name; drafts of files that are being written are passed by.
fn collect(
    folder: &Path,
    name: &str,
    found: &mut Vec<(String, PathBuf)>,
) -> Result<(), BackupError> {
    let listing = fs::read_dir(folder).map_err(BackupError::io("read", folder))?;
    let entries: Result<Vec<_>, _> = listing.collect();
    let mut paths: Vec<PathBuf> =
        entries.map_err(BackupError::io("read", folder))?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        let Some(last) = path.file_name().and_then(|last| last.to_str()) else { continue };
        let inside = format!("{name}/{last}");
        if path.is_dir() {
            collect(&path, &inside, found)?;
        } else if !last.starts_with('.') {
            found.push((inside, path));
        }
    }
    Ok(())
}

/// Length and SHA-256 of a file.
fn digest_of(path: &Path) -> Result<(u64, [u8; 32]), BackupError> {
    let failed = || BackupError::io("read", path);
    let mut file = File::open(path).map_err(failed())?;
    let (mut hash, mut octets, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer).map_err(failed())?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
        hash.update(piece);
        octets = octets.saturating_add(read as u64);
    }
    Ok((octets, hash.finalize().into()))
}

/// Writes the archive, readable by its owner only, and makes it durable.
fn write(
    archive: &Path,
    manifest: &Manifest,
    sources: &[(String, PathBuf)],
    made: UnixTime,
) -> Result<(), BackupError> {
    let failed = || BackupError::io("write", archive);
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(archive).map_err(failed())?;
    let mut tar = Builder::new(file);
    let text = serde_json::to_vec_pretty(manifest).map_err(|e| failed()(e.into()))?;
    let mut manifest_header = header(text.len() as u64, made);
    tar.append_data(&mut manifest_header, MANIFEST, text.as_slice()).map_err(failed())?;
    for (entry, (path, source)) in manifest.files.iter().zip(sources) {
        let file = File::open(source).map_err(BackupError::io("read", source))?;
        // Of the length that was digested: a file that has grown since is found when it is checked.
        let reader = file.take(entry.octets);
        tar.append_data(&mut header(entry.octets, made), path, reader).map_err(failed())?;
    }
    let mut file = tar.into_inner().map_err(failed())?;
    file.flush().and_then(|()| file.sync_all()).map_err(failed())
}

fn header(octets: u64, made: UnixTime) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(octets);
    header.set_mode(0o600);
    header.set_mtime(made.as_secs());
    header
}
