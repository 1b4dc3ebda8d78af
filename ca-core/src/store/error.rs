//! Why a storage act did not happen.

use super::{CaId, ListId, SerialNumber};
use crate::hex;

/// A storage act that did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What the act builds on is not there.
    #[error("no such record: {0}")]
    Absent(String),
    /// What the act would record is there already.
    #[error("already recorded: {0}")]
    Conflict(Conflict),
    /// The stored octets are not what was written.
    #[error("stored record is damaged: {0}")]
    Damaged(String),
    /// Changes were forgotten that somebody asked for.
    #[error("changes after {after} are forgotten: the feed begins at {first}")]
    Trimmed {
        /// The position asked about.
        after: u64,
        /// Position of the first change there is.
        first: u64,
    },
    /// The store cannot be reached or written. Nothing was changed, or, where the way to it was lost
    /// while an act ended, it is not known: whoever tries again is told by a conflict.
    #[error("store unavailable: {0}")]
    Unavailable(String),
}

/// What an act clashed with: the caller answers each differently (the stored answer for a repeated
/// rrpid, rejectedByCA for a certified key).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// The rrpid has an answer.
    #[error("answer for rrpid {}", hex(.0))]
    Answer([u8; 20]),
    /// The identifier names another CA.
    #[error("CA {0}")]
    Ca(CaId),
    /// The certificate was issued before.
    #[error("issued certificate {serial} of {issuer}")]
    Issued {
        /// The issuing CA.
        issuer: CaId,
        /// Serial number under that issuer.
        serial: SerialNumber,
    },
    /// A list with this or a higher number is published.
    #[error("{list} number {published}, which is not below {offered}")]
    ListNumber {
        /// Which list.
        list: ListId,
        /// The number in force.
        published: u64,
        /// The number that was to replace it.
        offered: u64,
    },
    /// The certificate is not on hold: there is nothing to release.
    #[error("{serial} of {issuer}, and not as on hold")]
    NotHeld {
        /// The issuing CA.
        issuer: CaId,
        /// Serial number under that issuer.
        serial: SerialNumber,
    },
    /// The public key was certified before, by whomever, or an open request holds it (decisions.md
    /// 21).
    #[error("public key with SHA-256 {}", hex(.0))]
    PublicKey([u8; 32]),
    /// The registration has moved since it was read.
    #[error("another state of registration {}", hex(.0))]
    Registration(Vec<u8>),
    /// The certificate has a living renewal.
    #[error("renewal of {serial} of {issuer}")]
    Renewed {
        /// The issuing CA.
        issuer: CaId,
        /// Serial number of the certificate that is renewed.
        serial: SerialNumber,
    },
    /// The certificate is revoked already.
    #[error("revocation of {serial} of {issuer}")]
    Revoked {
        /// The issuing CA.
        issuer: CaId,
        /// Serial number under that issuer.
        serial: SerialNumber,
    },
    /// The issuer has used the serial number.
    #[error("serial {serial} of {issuer}")]
    Serial {
        /// The issuing CA.
        issuer: CaId,
        /// Serial number under that issuer.
        serial: SerialNumber,
    },
}

impl From<Conflict> for StoreError {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}
