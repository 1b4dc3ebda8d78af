//! What ends a command early: one line, and whose fault it was as an exit code.

use std::fmt;
use std::io;
use std::path::Path;

/// Exit codes of the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// Done, or valid.
    Done = 0,
    /// Refused, or invalid.
    Refused = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The outside world: network, disk, locked store, wrong passphrase.
    Outside = 3,
}

/// A command that did not happen: says what happened, to which object, what to do next.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    message: String,
}

impl Failure {
    /// The object was refused: it is broken, unknown or not allowed.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, message: message.into() }
    }

    /// The command line asks for something that cannot be meant.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// The outside world did not play along.
    pub(crate) fn outside(message: impl Into<String>) -> Self {
        Self { exit: Exit::Outside, message: message.into() }
    }

    /// The same failure, and what to do next.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self { message: format!("{}; {hint}", self.message), ..self }
    }

    /// A file could not be read or written.
    pub(crate) fn file(act: &str, path: &Path, error: &io::Error) -> Self {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => ": check the path",
            io::ErrorKind::PermissionDenied => ": check its owner and mode",
            _ => "",
        };
        Self::outside(format!("cannot {act} {}: {error}{hint}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
