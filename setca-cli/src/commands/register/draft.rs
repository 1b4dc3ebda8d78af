//! A folder in the making, and how it takes its place in one step.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ca_core::hex;
use ca_core::signer::SecureRandom as _;
use ca_server::SystemRandom;

use crate::failure::Failure;

/// A folder in the making, beside the one it becomes; gone if it is dropped before that.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    kept: bool,
}

impl Draft {
    /// Begins a folder that takes the place of `out`.
    ///
    /// # Errors
    /// Nothing can be made beside it.
    pub(super) fn begin(out: &Path) -> Result<Self, Failure> {
        let path = beside(out)?;
        fs::create_dir_all(parent_of(out))
            .map_err(|e| Failure::file("create", parent_of(out), &e))?;
        make_folder(&path)?;
        Ok(Self { path, kept: false })
    }

    /// Makes a folder in it.
    pub(super) fn folder(&self, name: &str) -> Result<(), Failure> {
        make_folder(&self.path.join(name))
    }

    /// Writes a file in it, durably.
    pub(super) fn write(&self, name: &str, octets: &[u8], mode: u32) -> Result<(), Failure> {
        let path = self.path.join(name);
        create(&path, octets, mode).map_err(|e| Failure::file("create", &path, &e))
    }

    /// The names in it.
    pub(super) fn names(&self) -> Result<Vec<String>, Failure> {
        let read = || -> io::Result<Vec<String>> {
            let entries = fs::read_dir(&self.path)?;
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        };
        read().map_err(|e| Failure::file("read", &self.path, &e))
    }

    /// Gives it the name `out`; an empty folder of that name gives way, one with content does not.
    ///
    /// # Errors
    /// `out` has content, or cannot be made.
    pub(super) fn publish(mut self, out: &Path) -> Result<(), Failure> {
        self.sync()?;
        fs::rename(&self.path, out).map_err(|e| Failure::file("create", out, &e))?;
        self.kept = true;
        sync_folder(parent_of(out)).map_err(|e| Failure::file("write", parent_of(out), &e))
    }

    /// Changes places with `out`, in one step; returns where the old one is now.
    ///
    /// # Errors
    /// `out` is not there, or cannot be replaced.
    pub(super) fn exchange(mut self, out: &Path) -> Result<PathBuf, Failure> {
        self.sync()?;
        swap(&self.path, out).map_err(|e| Failure::file("replace", out, &e))?;
        self.kept = true;
        sync_folder(parent_of(out)).map_err(|e| Failure::file("write", parent_of(out), &e))?;
        Ok(self.path.clone())
    }

    fn sync(&self) -> Result<(), Failure> {
        sync_folder(&self.path).map_err(|e| Failure::file("write", &self.path, &e))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed now is a hidden folder that nobody reads.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Writes a file in the place of another, or of none, in one step.
///
/// # Errors
/// It cannot be written.
pub(super) fn write_over(path: &Path, octets: &[u8], mode: u32) -> Result<(), Failure> {
    let draft = beside(path)?;
    let write = || {
        create(&draft, octets, mode)?;
        fs::rename(&draft, path)?;
        sync_folder(parent_of(path))
    };
    write().map_err(|e| {
        let _ = fs::remove_file(&draft);
        Failure::file("write", path, &e)
    })
}

fn create(path: &Path, octets: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    DirBuilder::new().mode(0o700).create(path).map_err(|e| Failure::file("create", path, &e))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|folder| folder.sync_all())
}

/// One step where the system has it: `out` is never missing, whenever we die.
#[cfg(target_os = "linux")]
fn swap(draft: &Path, out: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, draft, CWD, out, RenameFlags::EXCHANGE) {
        // A file system that cannot: NFS, some of FUSE.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => swap_in_steps(draft, out),
        done => Ok(done?),
    }
}

#[cfg(not(target_os = "linux"))]
fn swap(draft: &Path, out: &Path) -> io::Result<()> {
    swap_in_steps(draft, out)
}

/// Between the steps `out` is missing, and both folders lie beside it under hidden names.
fn swap_in_steps(draft: &Path, out: &Path) -> io::Result<()> {
    let mut aside = draft.as_os_str().to_owned();
    aside.push(".old");
    let aside = PathBuf::from(aside);
    fs::rename(out, &aside)?;
    fs::rename(draft, out)?;
    fs::rename(&aside, draft)
}

/// A name of our own in the folder that holds `out`, so that the last step is one rename.
fn beside(out: &Path) -> Result<PathBuf, Failure> {
    let name = out.file_name().ok_or_else(|| {
        Failure::usage(format!("--out {} is no name for a new folder", out.display()))
    })?;
    let tag: [u8; 8] = SystemRandom
        .array()
        .map_err(|_| Failure::outside("the random source of this machine failed"))?;
    let name = format!(".{}.{}", name.to_string_lossy(), hex(&tag));
    Ok(parent_of(out).join(name))
}

fn parent_of(out: &Path) -> &Path {
    match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Mode of what only the owner may read.
pub(super) const PRIVATE: u32 = 0o600;
/// Mode of what anybody may read.
pub(super) const PUBLIC: u32 = 0o644;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let draft = Draft::begin(&dir.path().join("wallet")).unwrap();
        draft.write("key.p8", b"x", PRIVATE).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        drop(draft);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn both_ways_of_changing_places_keep_both_folders() {
        for change in [swap, swap_in_steps] {
            let dir = tempfile::tempdir().unwrap();
            let (new, old) = (dir.path().join("new"), dir.path().join("old"));
            fs::create_dir(&new).unwrap();
            fs::create_dir(&old).unwrap();
            fs::write(new.join("a"), "new").unwrap();
            fs::write(old.join("a"), "old").unwrap();
            change(&new, &old).unwrap();
            assert_eq!(fs::read_to_string(old.join("a")).unwrap(), "new");
            assert_eq!(fs::read_to_string(new.join("a")).unwrap(), "old");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn a_file_written_over_leaves_no_draft() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pending.p8");
        write_over(&path, b"one", PRIVATE).unwrap();
        write_over(&path, b"two", PRIVATE).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
