//! What stops a message on its way: a refusal, or something of ours.

use super::Error;
use crate::decide::Refusal;
use crate::envelope::{OpenError, SealError};
use crate::issue::{ListError, PrepareError};
use crate::signer::{KeyError, RandomError};
use crate::store::StoreError;

/// Why a message got no positive answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// Not the peer's doing; may be tried again.
    Ours(Error),
    /// Answered with a SET Error.
    Refused(Refusal),
}

impl Fault {
    /// What an envelope or a signature that does not open means (spec `set-crypto.md` §5.2, §5.4).
    pub(super) fn opening(error: OpenError) -> Self {
        Self::Refused(match error {
            OpenError::Malformed(_) => Refusal::Malformed,
            OpenError::Signature(_) => Refusal::SignatureInvalid,
            OpenError::Undecryptable => Refusal::Undecryptable,
            OpenError::WrongContentType { .. } => Refusal::AlternativeMismatch,
            OpenError::Key(error) => return Self::Ours(error.into()),
            OpenError::Random(error) => return Self::Ours(error.into()),
        })
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<RandomError> for Fault {
    fn from(error: RandomError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<der::Error> for Fault {
    fn from(error: der::Error) -> Self {
        Self::Ours(error.into())
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Key(error) => Self::Key(error),
            SealError::Random(error) => error.into(),
            other => Self::Seal(other),
        }
    }
}

impl From<ListError> for Error {
    fn from(error: ListError) -> Self {
        Self::List(error)
    }
}

impl From<PrepareError> for Error {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Random(error) => error.into(),
            other => Self::Prepare(Box::new(other)),
        }
    }
}

impl From<RandomError> for Error {
    fn from(_: RandomError) -> Self {
        Self::Random
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<der::Error> for Error {
    fn from(error: der::Error) -> Self {
        Self::Encode(error)
    }
}
