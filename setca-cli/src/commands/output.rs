//! Octets to a file or to stdout.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use crate::failure::Failure;
use crate::report::{Report, say};

/// Writes `octets` to `out`, or makes them the result on stdout.
///
/// # Errors
/// The file cannot be written, or DER would go to a terminal.
pub(crate) fn write(octets: Vec<u8>, out: Option<&Path>) -> Result<Report, Failure> {
    match out {
        Some(path) => {
            fs::write(path, &octets).map_err(|e| Failure::file("write", path, &e))?;
            say(format_args!("wrote {}", path.display()));
            Ok(Report::empty())
        }
        None if octets.first() == Some(&0x30) && io::stdout().is_terminal() => {
            Err(Failure::usage("DER is not for a terminal: give --out FILE or redirect stdout"))
        }
        None => Ok(Report::raw(octets)),
    }
}
