//! Reading a backup: every entry against the manifest, in its order, nothing more and nothing less.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ca_core::hex;
use sha2::{Digest as _, Sha256};
use tar::{Archive, Entry};

use super::manifest::{FORMAT, FileEntry, LONGEST_MANIFEST, MANIFEST, is_ours};
use super::{BackupError, Manifest};

/// Reads a backup whole; returns its manifest if all of it is what the manifest says.
///
/// # Errors
/// [`BackupError::NoBackup`], [`BackupError::Format`], [`BackupError::Contents`] with the entry.
pub fn check(file: &Path) -> Result<Manifest, BackupError> {
    read(file, &mut |_, _| Ok(()))
}

/// Takes the octets of a file, piece by piece.
type Taker<'a> = dyn FnMut(&FileEntry, &[u8]) -> Result<(), BackupError> + 'a;

/// Reads a backup whole; `piece` gets the octets of each file, piece by piece.
pub(super) fn read(path: &Path, piece: &mut Taker<'_>) -> Result<Manifest, BackupError> {
    let none = |what| BackupError::NoBackup { path: path.to_owned(), what };
    let file = File::open(path).map_err(BackupError::io("read", path))?;
    let mut archive = Archive::new(file);
    let mut entries = archive.entries().map_err(|_| none("not a tar archive"))?;
    let mut next = || match entries.next() {
        Some(entry) => entry.map(Some).map_err(|_| none("it is cut off or not a tar archive")),
        None => Ok(None),
    };
    let first = next()?.ok_or_else(|| none("it is empty"))?;
    let manifest = manifest_in(first, path)?;
    for file in &manifest.files {
        let differs =
            |what: &str| BackupError::Contents { entry: file.path.clone(), what: what.to_owned() };
        if !is_ours(&file.path) {
            return Err(differs("no file of a data folder is called so"));
        }
        let mut entry = next()?.ok_or_else(|| differs("it is missing"))?;
        let regular = entry.header().entry_type().is_file();
        if !regular || entry.path_bytes() != file.path.as_bytes() {
            return Err(differs("another file stands in its place"));
        }
        let (mut hash, mut octets, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 20]);
        loop {
            let read = entry.read(&mut buffer).map_err(|_| differs("it cannot be read whole"))?;
            let Some(found) = buffer.get(..read).filter(|found| !found.is_empty()) else { break };
            octets = octets.saturating_add(read as u64);
            if octets > file.octets {
                break;
            }
            hash.update(found);
            piece(file, found)?;
        }
        if octets != file.octets {
            return Err(differs("it has another length"));
        }
        if hex(&hash.finalize()) != file.sha256 {
            return Err(differs("it has another SHA-256"));
        }
    }
    match next()? {
        None => Ok(manifest),
        Some(entry) => {
            let entry = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            Err(BackupError::Contents { entry, what: "the manifest does not name it".to_owned() })
        }
    }
}

fn manifest_in(entry: Entry<'_, File>, path: &Path) -> Result<Manifest, BackupError> {
    let none = |what| BackupError::NoBackup { path: path.to_owned(), what };
    if *entry.path_bytes() != *MANIFEST.as_bytes() || entry.size() > LONGEST_MANIFEST {
        return Err(none("its first entry is no manifest.json"));
    }
    let mut text = Vec::new();
    let _ = entry
        .take(LONGEST_MANIFEST)
        .read_to_end(&mut text)
        .map_err(|_| none("its manifest is cut off"))?;
    // The number first: what else another version wrote means nothing to us.
    #[derive(serde::Deserialize)]
    struct Version {
        format: u64,
    }
    let unread = |_| none("its manifest cannot be read");
    let Version { format } = serde_json::from_slice(&text).map_err(unread)?;
    if format != FORMAT {
        return Err(BackupError::Format(format));
    }
    serde_json::from_slice(&text).map_err(unread)
}
