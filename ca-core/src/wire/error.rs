//! Decoding hostile octets: one entry, one error.

use core::fmt;

use der::{Decode, Encode};
use zeroize::Zeroizing;

/// Decodes exactly one DER value of type `T` from `octets`.
///
/// The value is encoded again and compared, so an encoding that is not *the* DER one (a DEFAULT
/// written out, a padded length, unsorted SET OF) is refused wherever it hides (X.690 §10, §11).
///
/// # Errors
/// [`DecodeErrorKind::Malformed`] with the offset of the first octet that does not fit,
/// [`DecodeErrorKind::NotCanonical`] with the offset where the canonical encoding differs,
/// [`DecodeErrorKind::TooLong`] above `limit` octets.
pub fn decode<'a, T>(octets: &'a [u8], limit: usize) -> Result<T, DecodeError>
where
    T: Decode<'a, Error = der::Error> + Encode,
{
    if octets.len() > limit {
        return Err(DecodeError { kind: DecodeErrorKind::TooLong, offset: limit });
    }
    let value = T::from_der(octets).map_err(|e| DecodeError::from_der_error(&e))?;
    // Wiped when dropped: what is decoded may hold a PAN or a key.
    let again = Zeroizing::new(value.to_der().map_err(|e| DecodeError::from_der_error(&e))?);
    if again.as_slice() != octets {
        let offset = again.iter().zip(octets).take_while(|(a, b)| a == b).count();
        return Err(DecodeError { kind: DecodeErrorKind::NotCanonical, offset });
    }
    Ok(value)
}

/// Octets that are not the DER value that was expected: the peer's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind} at octet {offset}")]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Where, counted from the first octet of the decoded object.
    pub offset: usize,
}

impl DecodeError {
    /// An object that does not fit its structure at `offset`.
    #[must_use]
    pub const fn malformed_at(offset: usize) -> Self {
        Self { kind: DecodeErrorKind::Malformed, offset }
    }

    /// The place where `der` gave up, zero if it does not tell.
    #[must_use]
    pub fn from_der_error(error: &der::Error) -> Self {
        let offset = error.position().and_then(|p| usize::try_from(p).ok()).unwrap_or(0);
        Self::malformed_at(offset)
    }
}

/// The ways in which octets fail to decode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Not the expected structure, or truncated, or with octets left over.
    Malformed,
    /// The right value in an encoding that is not DER.
    NotCanonical,
    /// More octets than the bound of this object.
    TooLong,
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed DER",
            Self::NotCanonical => "encoding is not DER",
            Self::TooLong => "object too long",
        })
    }
}
