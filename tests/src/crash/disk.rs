//! A disk that loses its power: ext4 in a file, from which only what was synced is kept.
//!
//! The data folder lies on it. At a cut the file is copied behind the file system's back, so what
//! the kernel had not written yet is gone; then the copy is mounted in its place.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use crate::Hierarchy;

pub(super) struct Disk {
    image: PathBuf,
    mounted: PathBuf,
}

impl Disk {
    /// Puts the data folder of a hierarchy on a disk of its own. Needs root and mkfs.ext4.
    pub(super) fn below(hierarchy: &Hierarchy) -> Self {
        let (image, before) = (hierarchy.beside("disk.img"), hierarchy.beside("before"));
        let mounted = hierarchy.dir();
        std::fs::rename(&mounted, &before).expect("renamed");
        let file = std::fs::File::create(&image).expect("a file");
        file.set_len(SIZE).expect("room");
        run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), image.as_os_str()]);
        std::fs::create_dir(&mounted).expect("a folder");
        let disk = Self { image, mounted };
        disk.mount();
        let _ = std::fs::remove_dir(disk.mounted.join("lost+found"));
        run("cp", &["-a".as_ref(), before.join(".").as_os_str(), disk.mounted.as_os_str()]);
        run("sync", &["-f".as_ref(), disk.mounted.as_os_str()]);
        disk
    }

    /// Nobody writes any more; what was not synced is lost.
    pub(super) fn cut(&self) {
        let after = self.image.with_extension("after");
        run("cp", &["--sparse=always".as_ref(), self.image.as_os_str(), after.as_os_str()]);
        self.unmount();
        std::fs::rename(&after, &self.image).expect("renamed");
        self.mount();
    }

    fn mount(&self) {
        let options = ["-o".as_ref(), "loop".as_ref()];
        let places = [self.image.as_os_str(), self.mounted.as_os_str()];
        run("mount", &[options, places].concat());
    }

    fn unmount(&self) {
        run("umount", &[self.mounted.as_os_str()]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.mounted).status();
    }
}

fn run(program: &str, arguments: &[&OsStr]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|e| panic!("{program} is needed, and root: {e}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} (root is needed): {said}");
}

/// Octets of the disk.
const SIZE: u64 = 512 << 20;
