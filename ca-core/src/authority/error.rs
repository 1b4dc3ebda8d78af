//! What can go wrong that is not a refusal, and whose fault it is.

use crate::audit::AuditFault;
use crate::decide::CaRefusal;
use crate::envelope::SealError;
use crate::issue::{ListError, OcspError, PrepareError};
use crate::signer::KeyError;
use crate::store::{ListId, StoreError};

/// A request that could not be carried out, for a reason on our side.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The audit log is not what was signed before.
    #[error("the audit log was changed: {0}")]
    Audit(#[source] AuditFault),
    /// A message between CAs that no receiver would take.
    #[error("{0}")]
    CaMessage(#[source] CaRefusal),
    /// A message between CAs that no receiver would read.
    #[error("{message} would have {found} octets and more, at most {limit} are sent")]
    CaMessageTooBig {
        /// Name of the message.
        message: &'static str,
        /// Octets of its parts.
        found: usize,
        /// Most octets of parts.
        limit: usize,
    },
    /// A list that was published, and that a CA would not take from the one that published it.
    #[error("{list} is published, but the CA it is sent to would not take it: {refusal}")]
    Exchange {
        /// The list.
        list: ListId,
        /// Why.
        #[source]
        refusal: Box<CaRefusal>,
    },
    /// A CRL or BCI cannot be prepared.
    #[error("{0}")]
    List(#[source] ListError),
    /// An OCSP answer cannot be prepared.
    #[error("{0}")]
    Ocsp(#[source] OcspError),
    /// A value of ours does not encode.
    #[error("encoding failed")]
    Encode(#[source] der::Error),
    /// The records do not make a whole hierarchy.
    #[error("hierarchy is not whole: {0}")]
    Hierarchy(String),
    /// A private key is missing or failed.
    #[error("{0}")]
    Key(#[source] KeyError),
    /// The policies do not allow it, or do not say.
    #[error("policies: {0}")]
    Policy(String),
    /// A certificate cannot be prepared as its profile wants it.
    #[error("{0}")]
    Prepare(#[source] Box<PrepareError>),
    /// The random source failed.
    #[error("random source failed")]
    Random,
    /// An answer cannot be sealed.
    #[error("{0}")]
    Seal(#[source] SealError),
    /// What a registration keeps sealed does not open under the account key of this service.
    #[error("what a registration keeps sealed does not open: another account key, or damage")]
    Sealed,
    /// The store refused or failed.
    #[error("{0}")]
    Store(#[source] StoreError),
}
