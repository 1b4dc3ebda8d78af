//! What names a CA, and a certificate of it.

use core::cmp::Ordering;
use core::fmt;
use std::sync::Arc;

use crate::{hex, unhex};

/// Names a CA: `sample-cca`. Lower-case letters, digits and hyphens, 1 to 64 of them; stands in
/// URLs. Cheap to clone.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CaId(Arc<str>);

impl CaId {
    /// Checks the form of an identifier.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        is_plain_name(text).then(|| Self(text.into()))
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

/// True for lower-case letters, digits and hyphens, 1 to 64 of them: a name that may stand in URLs,
/// settings and logs.
#[must_use]
pub fn is_plain_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// A certificate serial number: the content octets of the INTEGER, positive, minimal, 1 to 20;
/// ordered as its octets are. 21 octets in place, because there are millions of them.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SerialNumber {
    /// Zeros after the number: with the length behind them, padding does not change the order.
    octets: [u8; MOST],
    length: u8,
}

impl SerialNumber {
    /// From content octets; `None` unless positive, minimal and at most 20 octets (RFC 5280
    /// §4.1.2.2).
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        let (first, rest) = octets.split_first()?;
        let minimal = *first != 0 || rest.first().is_some_and(|second| *second >= 0x80);
        if *first >= 0x80 || !minimal {
            return None;
        }
        let mut padded = [0; MOST];
        padded.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(Self { octets: padded, length: u8::try_from(octets.len()).ok()? })
    }

    /// Content octets, big-endian.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Reads hexadecimal digits, colons and spaces ignored.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
        let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits };
        Self::from_octets(&unhex(&padded)?)
    }
}

/// By the first eight octets, which nearly always decide: no call, as a comparison of arrays is
/// one.
impl Ord for SerialNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        let first = |one: &Self| one.octets.first_chunk().map(|first| u64::from_be_bytes(*first));
        let rest = |one: &Self| (one.octets, one.length);
        first(self).cmp(&first(other)).then_with(|| rest(self).cmp(&rest(other)))
    }
}

impl PartialOrd for SerialNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Lower-case hexadecimal, two digits an octet.
impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.as_octets()))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

/// Octets of the longest serial number (RFC 5280 §4.1.2.2).
const MOST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_ordered_as_their_octets() {
        let octets: [&[u8]; 8] = [
            &[1],
            &[1, 0],
            &[1, 0, 0],
            &[1, 0, 0, 0, 0, 0, 0, 0, 0],
            &[1, 0, 1],
            &[1, 1],
            &[2],
            &[0x7f; 20],
        ];
        assert!(octets.is_sorted());
        let serials = octets.map(|octets| SerialNumber::from_octets(octets).unwrap());
        assert!(serials.is_sorted_by(|a, b| a < b));
        assert_eq!(serials.map(|serial| serial.as_octets().to_vec()), octets.map(<[u8]>::to_vec));
    }

    #[test]
    fn what_is_no_serial_number_is_none() {
        for octets in [&[][..], &[0x80], &[0, 0x7f], &[1; 21]] {
            assert_eq!(SerialNumber::from_octets(octets), None);
        }
        assert!(SerialNumber::from_octets(&[0, 0x80]).is_some());
    }
}
