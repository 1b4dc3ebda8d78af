//! The octets of a signed object as received.

use core::ops::Range;

use der::{Decode, Header, Reader, SliceReader};

use super::DecodeError;
use crate::Suite;

/// The received octets of `SEQUENCE { tbs, … }`, and where in them the signed part stands: what is
/// hashed and verified is never encoded again.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct SignedOctets {
    der: Vec<u8>,
    tbs: Range<usize>,
}

impl SignedOctets {
    /// Finds the first element inside the outer SEQUENCE. What stands after it is for the caller.
    pub(super) fn of(octets: &[u8]) -> Result<Self, DecodeError> {
        let tbs = first_element(octets).map_err(|e| DecodeError::from_der_error(&e))?;
        if tbs.end > octets.len() {
            return Err(DecodeError::malformed_at(octets.len()));
        }
        Ok(Self { der: octets.to_vec(), tbs })
    }

    /// The whole object.
    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The unsigned object: what the signature and the thumbprint cover.
    pub(super) fn tbs(&self) -> &[u8] {
        self.der.get(self.tbs.clone()).unwrap_or_default()
    }

    /// Where the unsigned object stands.
    pub(super) const fn tbs_range(&self) -> &Range<usize> {
        &self.tbs
    }

    /// The suite's digest of the unsigned object (spec `set-certificates.md` §5.2).
    pub(super) fn thumbprint(&self, suite: Suite) -> Vec<u8> {
        suite.digest(self.tbs())
    }
}

fn first_element(octets: &[u8]) -> der::Result<Range<usize>> {
    let mut reader = SliceReader::new(octets)?;
    Header::decode(&mut reader)?;
    let start = usize::try_from(reader.position())?;
    let first = Header::decode(&mut reader)?;
    let content = usize::try_from(reader.position())?;
    Ok(start..content.saturating_add(usize::try_from(first.length())?))
}
