//! What names a CA, and a certificate of it.

use core::fmt;

use crate::{hex, unhex};

/// Names a CA: `sample-cca`. Lower-case letters, digits and hyphens, 1 to 64 of them; stands in
/// URLs.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CaId(String);

impl CaId {
    /// Checks the form of an identifier.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(text.to_owned()))
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A certificate serial number: the content octets of the INTEGER, positive, minimal, 1 to 20.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SerialNumber(Vec<u8>);

impl SerialNumber {
    /// From content octets; `None` unless positive, minimal and at most 20 octets (RFC 5280
    /// §4.1.2.2).
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        let (first, rest) = octets.split_first()?;
        let minimal = *first != 0 || rest.first().is_some_and(|second| *second >= 0x80);
        (octets.len() <= 20 && *first < 0x80 && minimal).then(|| Self(octets.to_vec()))
    }

    /// Content octets, big-endian.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }

    /// Reads hexadecimal digits, colons and spaces ignored.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
        let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits };
        Self::from_octets(&unhex(&padded)?)
    }
}

/// Lower-case hexadecimal, two digits an octet.
impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}
