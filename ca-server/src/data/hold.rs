//! One service at a time holds a folder with its records in it.
//!
//! Commands may work on the folder beside it: SQLite orders their acts, and the service follows
//! them. A second service would publish the same lists and gain nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use super::{DataError, Folder};

/// The hold on a folder; ends when it is dropped, also by the end of the process.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

impl Folder {
    /// Holds the folder for a service; `who` tells others about it.
    ///
    /// # Errors
    /// [`DataError::Held`] with what the holder said of itself; [`DataError::Io`].
    pub fn hold(&self, who: &str) -> Result<Held, DataError> {
        let path = self.holder_file();
        let io = |action| DataError::io(action, &path);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(io("create"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.take(LONGEST).read_to_string(&mut holder).map_err(io("read"))?;
                let (path, holder) = (self.path().to_owned(), holder.trim().to_owned());
                return Err(DataError::Held { path, holder });
            }
            Err(TryLockError::Error(error)) => return Err(io("lock")(error)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{who}")
        };
        write(&mut file).map_err(io("write"))?;
        Ok(Held { _file: file })
    }
}

/// Octets of what a holder says of itself.
const LONGEST: u64 = 1_024;
