//! Writing files so that they are whole or not there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::DataError;

/// Writes a new file, readable by its owner only, and makes it durable.
pub(crate) fn write_private(path: &Path, octets: &[u8]) -> Result<(), DataError> {
    write(path, octets, 0o600)
}

/// Writes a new file, readable by everyone, and makes it durable.
pub(crate) fn write_public(path: &Path, octets: &[u8]) -> Result<(), DataError> {
    write(path, octets, 0o644)
}

/// Makes a folder that only its owner can enter.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), DataError> {
    DirBuilder::new().mode(0o700).create(path).map_err(DataError::io("create", path))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), DataError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(DataError::io("write", path))
}

/// Writes a public file in place of the one that is there.
pub(crate) fn replace_public(path: &Path, octets: &[u8]) -> Result<(), DataError> {
    place(path, octets, 0o644)?;
    sync_folder(path.parent().unwrap_or(path))
}

/// A file that is there already is never written over.
fn write(path: &Path, octets: &[u8], mode: u32) -> Result<(), DataError> {
    if path.exists() {
        let source = io::Error::from(io::ErrorKind::AlreadyExists);
        return Err(DataError::Io { action: "create", path: path.to_owned(), source });
    }
    place(path, octets, mode)
}

/// Written under another name and then given its own: whoever finds the name finds the whole. What
/// a write that died left behind has a name nobody looks for, and is written over.
fn place(path: &Path, octets: &[u8], mode: u32) -> Result<(), DataError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.new"));
    let write = || {
        if draft.exists() {
            fs::remove_file(&draft)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(octets)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(DataError::io("create", path))
}
