//! Which brand CRL identifier governs an answer (spec `set-certificates.md` §6.3).

use super::wallet::Session;
use crate::wire::{BrandCrlIdentifier, BrandCrlIdentifierOctets, DecodeError};

/// No BCI to judge by: the answer that depends on it is refused (decisions.md 9).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BciFault {
    /// It does not decode.
    #[error("cannot be decoded: {0}")]
    Malformed(DecodeError),
    /// There is none, neither in the answer nor from before.
    #[error("there is none")]
    Missing,
    /// Another one with the same sequence number was seen before.
    #[error("differs from the one seen before with sequence number {0}")]
    Sequence(u64),
}

/// The enclosed BCI, or the one of before if that is newer. Brand, dates and signature are the
/// business of `path`.
pub(super) fn current(
    session: &Session,
    enclosed: Option<&BrandCrlIdentifierOctets>,
) -> Result<BrandCrlIdentifier, BciFault> {
    let known = session.cache.bci.as_ref();
    let Some(octets) = enclosed else {
        return known.cloned().ok_or(BciFault::Missing);
    };
    let enclosed = BrandCrlIdentifier::from_der(octets.as_der()).map_err(BciFault::Malformed)?;
    let Some(known) = known else { return Ok(enclosed) };
    // Check 3: a lower number is a replay and ignored, an equal one must be the same object.
    let (new, old) = (enclosed.unsigned().sequence_num, known.unsigned().sequence_num);
    if new == old && enclosed.tbs_der() != known.tbs_der() {
        return Err(BciFault::Sequence(new));
    }
    Ok(if new > old { enclosed } else { known.clone() })
}
