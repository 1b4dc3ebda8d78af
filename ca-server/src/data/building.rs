//! A data folder while it is made: beside its place, named when it is whole.

use std::fs;
use std::io;
use std::path::Path;

use ca_core::hex;
use ca_core::signer::SecureRandom as _;

use super::{DataError, Folder, files};
use crate::SystemRandom;

/// A folder under construction; removed unless it is given its name.
pub(crate) struct Building {
    pub(crate) folder: Folder,
    named: bool,
}

impl Building {
    pub(crate) fn beside(path: &Path) -> Result<Self, DataError> {
        let parent = parent_of(path);
        fs::create_dir_all(parent).map_err(DataError::io("create", parent))?;
        let mark: [u8; 8] = SystemRandom.array().map_err(|_| DataError::Random)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let place = parent.join(format!(".{name}.new-{}", hex(&mark)));
        files::make_private_folder(&place)?;
        Ok(Self { folder: Folder::at(&place), named: false })
    }

    /// For a folder that keeps its records somewhere.
    pub(crate) fn of(folder: &Folder) -> Result<Self, DataError> {
        let mut building = Self::beside(folder.path())?;
        building.folder.records = folder.records.clone();
        Ok(building)
    }

    /// Makes everything durable, then the name: whoever sees the name sees the whole.
    pub(crate) fn give_name(mut self, path: &Path) -> Result<(), DataError> {
        files::sync_folder(self.folder.path())?;
        // Replaces an empty folder, refuses anything that has come into it meanwhile.
        fs::rename(self.folder.path(), path).map_err(DataError::io("create", path))?;
        self.named = true;
        files::sync_folder(parent_of(path))
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        if !self.named
            && let Err(error) = fs::remove_dir_all(self.folder.path())
        {
            tracing::warn!(%error, path = %self.folder.path().display(), "left behind");
        }
    }
}

/// An absent or empty folder is free; one with anything in it is somebody's.
pub(crate) fn refuse_occupied(path: &Path) -> Result<(), DataError> {
    let mut listing = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(DataError::io("read", path))?,
    };
    let Some(entry) = listing.next() else { return Ok(()) };
    let found = if Folder::at(path).is_established() {
        "setca data".to_owned()
    } else {
        let entry = entry.map_err(DataError::io("read", path))?;
        entry.file_name().to_string_lossy().into_owned()
    };
    Err(DataError::Occupied { path: path.to_owned(), found })
}

/// The folder a path stands in; a bare name stands in the working folder.
pub(crate) fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
