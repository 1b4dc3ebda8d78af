//! How certificates stand, without the certificates: what a status index is loaded from and kept up
//! with.

use super::{CaId, CertificateRecord, Positioned, Revocation, SerialNumber};
use crate::UnixTime;

/// How one certificate of one issuer stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The issuing CA.
    pub issuer: CaId,
    /// Serial number under that issuer.
    pub serial: SerialNumber,
    /// Intended, issued or revoked.
    pub status: Status,
}

impl Standing {
    /// Of a line of the inventory.
    #[must_use]
    pub fn of(record: &CertificateRecord) -> Self {
        let status = match (record.revocation, &record.der) {
            (Some(revocation), _) => {
                Status::Revoked { revocation, not_after: record.intent.not_after }
            }
            (None, Some(_)) => Status::Issued,
            (None, None) => Status::Intended,
        };
        let (issuer, serial) = (record.intent.issuer.clone(), record.intent.serial);
        Self { issuer, serial, status }
    }
}

/// Where a certificate stands, with what a list says of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Prepared and perhaps signed, never answered for: never "good".
    Intended,
    /// Issued and not revoked.
    Issued,
    /// Revoked, issued or not.
    Revoked {
        /// When and why.
        revocation: Revocation,
        /// notAfter of the certificate.
        not_after: UnixTime,
    },
}

/// One entry of the feed: an act has touched a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Place in the feed: from 1, without gaps, in the order in which the acts became durable.
    pub position: u64,
    /// How the certificate stands now, later acts included.
    pub standing: Standing,
}

impl Positioned for Change {
    fn position(&self) -> u64 {
        self.position
    }
}
