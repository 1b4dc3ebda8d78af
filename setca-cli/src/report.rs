//! The result of a command, and how it reaches stdout.

use std::io::{self, Write};

use clap::ValueEnum;
use serde::Serialize;

use crate::failure::{Exit, Failure};
use crate::tree::Tree;

/// How a result is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON value.
    Json,
}

/// What a command found out or did.
#[derive(Debug)]
pub(crate) struct Report {
    /// The exit code: a verdict may be a refusal without anything having failed.
    pub(crate) exit: Exit,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// Octets asked for as such: PEM or DER, the same in both formats.
    Raw(Vec<u8>),
    /// A text and the JSON value it says.
    Views { text: String, json: String },
}

impl Report {
    /// A report whose text is the tree's own.
    pub(crate) fn tree(tree: &Tree) -> Result<Self, Failure> {
        Self::views(tree.to_text(), tree)
    }

    /// A report with a text of its own beside the JSON value.
    pub(crate) fn views(text: String, json: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_string_pretty(json)
            .map_err(|e| Failure::refused(format!("the result cannot be written as JSON: {e}")))?;
        Ok(Self { exit: Exit::Done, body: Body::Views { text, json } })
    }

    /// A report that is octets and nothing else.
    pub(crate) fn raw(octets: Vec<u8>) -> Self {
        Self { exit: Exit::Done, body: Body::Raw(octets) }
    }

    /// A report of nothing: all was said on stderr, or written to a file.
    pub(crate) fn empty() -> Self {
        Self::raw(Vec::new())
    }

    /// The same report as a verdict against the object.
    pub(crate) fn refused(self) -> Self {
        Self { exit: Exit::Refused, ..self }
    }

    /// Writes the report to stdout.
    ///
    /// A reader that has gone away (`setca … | head`) is not a fault.
    pub(crate) fn print(&self, format: Format) -> Result<(), Failure> {
        let octets = match (&self.body, format) {
            (Body::Raw(octets), _) => octets.clone(),
            (Body::Views { text, .. }, Format::Text) => text.clone().into_bytes(),
            (Body::Views { json, .. }, Format::Json) => format!("{json}\n").into_bytes(),
        };
        let mut out = io::stdout().lock();
        match out.write_all(&octets).and_then(|()| out.flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::outside(format!("cannot write to stdout: {e}")))
            }
            _ => Ok(()),
        }
    }
}

/// One line of a result that grows while it is made, on stdout at once; nobody listening is not a
/// fault.
pub(crate) fn say_result(line: impl std::fmt::Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// One line of talk on stderr; nobody listening is not a fault.
pub(crate) fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
