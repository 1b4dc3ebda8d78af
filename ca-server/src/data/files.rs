//! Writing files so that they are whole or not there.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
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

/// A file that is there already is never written over. Whoever finds half a file finds it in a
/// folder that has not been given its name yet.
fn write(path: &Path, octets: &[u8], mode: u32) -> Result<(), DataError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(octets)?;
        file.sync_all()
    };
    write().map_err(DataError::io("create", path))
}
