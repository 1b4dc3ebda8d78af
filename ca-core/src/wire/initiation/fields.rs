//! From octets to known headers, each at most once.

use super::header::{Header, Presence, REGISTRATION, is_value};
use super::{InitiationError, MAX_INITIATION};

/// The known headers of an initiation with their values.
#[derive(Debug)]
pub(super) struct Fields(Vec<(Header, String)>);

impl Fields {
    /// Takes an initiation apart into known headers and the body.
    ///
    /// Without a blank line everything is header: the body is optional.
    pub(super) fn read(octets: &[u8]) -> Result<(Self, &[u8]), InitiationError> {
        if octets.len() > MAX_INITIATION {
            let (found, limit) = (octets.len(), MAX_INITIATION);
            return Err(InitiationError::TooLong { found, limit });
        }
        let mut fields = Self(Vec::new());
        let mut rest = octets;
        let mut number = 0;
        while !rest.is_empty() {
            let (line, after) = split_line(rest);
            rest = after;
            number += 1;
            if line.is_empty() {
                break;
            }
            let (mut text, first) = (line_text(line, number)?, number);
            // A folded line goes on where the next begins with a space (RFC 5322 §2.2.3).
            while let Some(b' ' | b'\t') = rest.first() {
                let (more, after) = split_line(rest);
                rest = after;
                number += 1;
                text.push_str(&line_text(more, number)?);
            }
            fields.add(&text, first)?;
        }
        Ok((fields, rest))
    }

    /// The headers that have the same value in every initiation do have it, and nothing stands
    /// here that belongs elsewhere.
    pub(super) fn check_fixed(&self) -> Result<(), InitiationError> {
        // First, because another initiation has other headers.
        let found = self.value(Header::InitiationType).unwrap_or_default();
        if !found.is_empty() && !found.eq_ignore_ascii_case(REGISTRATION) {
            return Err(InitiationError::WrongType(found.to_owned()));
        }
        for header in Header::ALL.iter().copied() {
            let value = self.value(header);
            match (header.presence(), value) {
                (Presence::Foreign, Some(_)) => {
                    return Err(InitiationError::Foreign(header.name()));
                }
                (Presence::Mandatory, None) => {
                    return Err(InitiationError::Missing(header.name()));
                }
                _ => {}
            }
            if value.is_some_and(|value| !has_fixed_value(header, value)) {
                return Err(InitiationError::Value(header.name()));
            }
        }
        Ok(())
    }

    /// The value of an optional header, read.
    pub(super) fn parsed<T>(
        &self,
        header: Header,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, InitiationError> {
        let Some(value) = self.value(header) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| InitiationError::Value(header.name()))
    }

    /// The value of a mandatory header, read.
    pub(super) fn needed<T>(
        &self,
        header: Header,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, InitiationError> {
        self.parsed(header, read)?.ok_or_else(|| InitiationError::Missing(header.name()))
    }

    fn value(&self, header: Header) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == header).map(|(_, value)| value.as_str())
    }

    fn add(&mut self, text: &str, line: usize) -> Result<(), InitiationError> {
        let (name, value) = text.split_once(':').ok_or(InitiationError::Line(line))?;
        if name.is_empty() || !name.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(InitiationError::Line(line));
        }
        // One that nobody knows is nobody's business (§6.4, last line).
        let Some(header) = Header::named(name) else { return Ok(()) };
        if self.value(header).is_some() {
            return Err(InitiationError::Repeated(header.name()));
        }
        let value = value.trim_matches(' ');
        if !is_value(value) {
            return Err(InitiationError::Value(header.name()));
        }
        self.0.push((header, value.to_owned()));
        Ok(())
    }
}

/// Compared by meaning: letter case and the parameters of the media type do not count.
fn has_fixed_value(header: Header, value: &str) -> bool {
    let Some(expected) = header.fixed_value() else { return true };
    if header != Header::ContentType {
        return value.eq_ignore_ascii_case(expected);
    }
    let essence = value.split(';').next().unwrap_or_default().trim();
    let charset = value.to_ascii_lowercase().replace([' ', '"'], "");
    essence.eq_ignore_ascii_case("text/plain")
        && (!charset.contains("charset=") || charset.contains("charset=us-ascii"))
}

/// The first line without its end (CRLF, or LF alone), and what follows.
fn split_line(octets: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = octets.splitn(2, |octet| *octet == b'\n');
    let line = parts.next().unwrap_or_default();
    (line.strip_suffix(b"\r").unwrap_or(line), parts.next().unwrap_or_default())
}

/// A line as text: visible ASCII, a tab counting as a space.
fn line_text(line: &[u8], number: usize) -> Result<String, InitiationError> {
    line.iter()
        .map(|octet| match octet {
            b'\t' => Some(' '),
            0x20..=0x7e => Some(char::from(*octet)),
            _ => None,
        })
        .collect::<Option<String>>()
        .ok_or(InitiationError::Line(number))
}
