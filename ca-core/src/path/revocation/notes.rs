//! Why lists and answers at hand did not count.

use core::fmt;

/// One line for each, but of many only the first.
#[derive(Debug, Default)]
pub(super) struct Notes {
    lines: Vec<String>,
    more: usize,
    /// True if one of them is about an OCSP answer.
    pub(super) of_ocsp: bool,
}

impl Notes {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// `what` is what did not count, `fault` why.
    pub(super) fn add(&mut self, what: impl fmt::Display, fault: &str) {
        if self.lines.len() >= SHOWN {
            self.more += 1;
            return;
        }
        let line = format!("{what} {fault}");
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }
}

impl fmt::Display for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("; "))?;
        match self.more {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// Lists named in a message: who has more of one issuer has one reason for all.
const SHOWN: usize = 8;
