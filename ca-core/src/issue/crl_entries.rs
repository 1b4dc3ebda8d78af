//! Entries of CRLs, encoded: what a list is mostly made of, kept from one list to the next.

use der::{Encode, EncodeValue};

use super::crl::ListError;
use super::signed::{SEQUENCE, header_len, push_header};
use crate::store::{RevocationReason, RevokedEntry};
use crate::{Part, Suite, UnixTime};

/// Encoded entries in ascending order of [`SerialNumber`](crate::store::SerialNumber).
#[derive(Clone, Debug, Default)]
pub struct EncodedEntries {
    /// Whole entries each.
    pub parts: Vec<Part>,
    /// How many entries.
    pub count: usize,
    /// How many octets.
    pub len: usize,
}

impl EncodedEntries {
    /// Encodes entries.
    ///
    /// # Errors
    /// [`ListError::Unsorted`], [`ListError::Encode`].
    pub fn of(entries: &[RevokedEntry], suite: Suite) -> Result<Self, ListError> {
        let mut neighbours = entries.iter().zip(entries.iter().skip(1));
        if let Some((_, after)) = neighbours.find(|(a, b)| a.serial >= b.serial) {
            return Err(ListError::Unsorted(after.serial.to_string()));
        }
        let mut octets = Vec::new();
        for entry in entries {
            push_entry(&mut octets, entry, suite).map_err(ListError::Encode)?;
        }
        let mut encoded = Self::default();
        encoded.push(Part::from(octets), entries.len());
        Ok(encoded)
    }

    /// Appends entries that were encoded before.
    pub(crate) fn push(&mut self, part: Part, count: usize) {
        self.count = self.count.saturating_add(count);
        self.len = self.len.saturating_add(part.octets().len());
        self.parts.push(part);
    }
}

/// Appends one entry, whose content is always below 128 octets: 22 + 17 + 2 + 12 + 26.
///
/// # Errors
/// A time that no certificate has.
pub(crate) fn push_entry(
    octets: &mut Vec<u8>,
    entry: &RevokedEntry,
    suite: Suite,
) -> der::Result<()> {
    let serial = entry.serial.as_octets();
    let time = entry.revocation.at.to_x509()?;
    let (reason, since) = (reason_code(entry, suite), invalidity_date(entry, suite));
    let reason_len = reason.map_or(0, |_| REASON_PREFIX.len().saturating_add(1));
    let since_len = since.map_or(0, |_| INVALIDITY_PREFIX.len().saturating_add(GENERALIZED_TIME));
    let extensions = reason_len.saturating_add(since_len);
    let framed = if extensions == 0 { 0 } else { extensions.saturating_add(2) };
    let serial_framed = header_len(serial.len()).saturating_add(serial.len());
    let time_len = usize::try_from(time.value_len()?)?.saturating_add(2);
    let content = serial_framed.saturating_add(time_len).saturating_add(framed);
    push_header(octets, SEQUENCE, content);
    push_header(octets, INTEGER, serial.len());
    octets.extend_from_slice(serial);
    time.encode_to_vec(octets)?;
    if extensions > 0 {
        push_header(octets, SEQUENCE, extensions);
    }
    if let Some(code) = reason {
        octets.extend_from_slice(&REASON_PREFIX);
        octets.push(code);
    }
    if let Some(since) = since {
        octets.extend_from_slice(&INVALIDITY_PREFIX);
        since.to_generalized()?.encode_to_vec(octets)?;
    }
    Ok(())
}

/// reasonCode: left out when unspecified (RFC 5280 §5.3.1), and in `set-1997` (§9 row 19).
fn reason_code(entry: &RevokedEntry, suite: Suite) -> Option<u8> {
    match (suite, entry.revocation.reason) {
        (Suite::Set1997, _) | (_, RevocationReason::Unspecified) => None,
        (Suite::Modern, reason) => Some(reason.code()),
    }
}

/// invalidityDate (RFC 5280 §5.3.2); never in `set-1997`, as [`reason_code`].
fn invalidity_date(entry: &RevokedEntry, suite: Suite) -> Option<UnixTime> {
    entry.revocation.invalid_since.filter(|_| suite == Suite::Modern)
}

/// reasonCode, up to the ENUMERATED's one octet: SEQUENCE { 2.5.29.21, OCTET STRING { ENUMERATED.
const REASON_PREFIX: [u8; 11] = [0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01];
/// invalidityDate, not critical, up to the GeneralizedTime: SEQUENCE { 2.5.29.24, OCTET STRING.
const INVALIDITY_PREFIX: [u8; 9] = [0x30, 0x18, 0x06, 0x03, 0x55, 0x1d, 0x18, 0x04, 0x11];
/// Octets of a DER GeneralizedTime of a whole second.
const GENERALIZED_TIME: usize = 17;
const INTEGER: u8 = 0x02;
