//! One policy file: its text, and the way from a place in it to a line.

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::error::{MISSING_KEY, PolicyError, SYNTAX, UNKNOWN_KEY, VALUE};

/// A file as it was given to the loader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// Reads the file into `T`, which refuses keys it does not know.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, PolicyError> {
        // Twice: only the first pass tells bad TOML from TOML that says something else.
        toml::de::DeTable::parse(self.text).map_err(|error| self.toml_error(SYNTAX, &error))?;
        toml::from_str(self.text).map_err(|error| self.toml_error(rule_of(&error), &error))
    }

    /// `value` breaks `rule`.
    pub(super) fn refuse<T>(
        &self,
        value: &Spanned<T>,
        rule: &'static str,
        message: impl Into<String>,
    ) -> PolicyError {
        self.refuse_at(value.span().start, rule, message)
    }

    /// The file as a whole breaks `rule`.
    pub(super) fn refuse_file(
        &self,
        rule: &'static str,
        message: impl Into<String>,
    ) -> PolicyError {
        self.refuse_at(0, rule, message)
    }

    /// What stands at this octet of the file breaks `rule`.
    pub(super) fn refuse_at(
        &self,
        offset: usize,
        rule: &'static str,
        message: impl Into<String>,
    ) -> PolicyError {
        let before = self.text.bytes().take(offset);
        let line = before.filter(|octet| *octet == b'\n').count() + 1;
        PolicyError { file: self.path.to_owned(), line, rule, message: message.into() }
    }

    fn toml_error(&self, rule: &'static str, error: &toml::de::Error) -> PolicyError {
        let offset = error.span().map_or(0, |span| span.start);
        self.refuse_at(offset, rule, error.message())
    }
}

/// serde has no codes for what is wrong with the data, only these beginnings.
fn rule_of(error: &toml::de::Error) -> &'static str {
    if error.message().starts_with("unknown field") {
        UNKNOWN_KEY
    } else if error.message().starts_with("missing field") {
        MISSING_KEY
    } else {
        VALUE
    }
}
