//! A bank's list of its customers: a text file of the data folder, one entry a line.
//!
//! Cardholders are named by the 64 hex digits of the keyed hash of their account number (`setca
//! registration customer` makes them), merchants and gateways as `BIN:ID`. Empty lines and lines
//! that begin with `#` say nothing.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use ca_core::authority::Case;
use ca_core::hex;
use ca_core::profile::Role;

/// Why a list says neither yes nor no.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListError {
    /// The case has nothing to be found by.
    #[error("the registration has no account number and no identifier to look up")]
    Nameless,
    /// It is not there, or cannot be read.
    #[error("cannot read {0}")]
    Read(PathBuf, #[source] io::Error),
    /// A line that is no entry: its content is not repeated, it may be an account number.
    #[error("{0}:{1}: no entry; write 64 hex digits (setca registration customer) or BIN:ID")]
    Entry(PathBuf, usize),
    /// It is longer than any list.
    #[error("{0} is larger than {MAX_LIST} octets")]
    TooLong(PathBuf),
}

/// True if the list at `path` names the one who registers.
///
/// # Errors
/// [`ListError`]. A broken line matters only to those whom no other line names: what it was meant
/// to say is not known, so it must not count as a no.
pub(super) fn is_listed(path: &Path, case: &Case) -> Result<bool, ListError> {
    let wanted = entry_of(case).ok_or(ListError::Nameless)?;
    let unreadable = |error| ListError::Read(path.to_owned(), error);
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() > MAX_LIST {
        return Err(ListError::TooLong(path.to_owned()));
    }
    let mut broken = None;
    for (index, line) in BufReader::new(file.take(MAX_LIST)).split(b'\n').enumerate() {
        let line = line.map_err(unreadable)?;
        let line = line.trim_ascii();
        if line.eq_ignore_ascii_case(wanted.as_bytes()) {
            return Ok(true);
        }
        if !(line.is_empty() || line.starts_with(b"#") || is_entry(line)) {
            broken = broken.or(Some(index + 1));
        }
    }
    match broken {
        Some(line) => Err(ListError::Entry(path.to_owned(), line)),
        None => Ok(false),
    }
}

/// The line that names the one who registers.
fn entry_of(case: &Case) -> Option<String> {
    match case.role {
        Role::Cardholder => case.pan_hash.as_ref().map(|hash| hex(hash)),
        _ => {
            let id = case.business_id.as_deref().unwrap_or_default();
            case.bin.as_ref().map(|bin| format!("{bin}:{id}"))
        }
    }
}

fn is_entry(line: &[u8]) -> bool {
    let hash = line.len() == 64 && line.iter().all(u8::is_ascii_hexdigit);
    let named = matches!(line.split_at_checked(6), Some((bin, [b':', ..]))
        if bin.iter().all(u8::is_ascii_digit));
    hash || named
}

/// A million customers have 65 MB.
const MAX_LIST: u64 = 128 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_hash_or_a_bin_with_an_identifier() {
        let hash = "aB".repeat(32);
        for line in [hash.as_str(), "490000:SHOP-1", "490000:"] {
            assert!(is_entry(line.as_bytes()), "{line}");
        }
        for line in ["4111111111111111", "49000:SHOP", "x90000:SHOP", "490000", &hash[1..]] {
            assert!(!is_entry(line.as_bytes()), "{line}");
        }
    }
}
