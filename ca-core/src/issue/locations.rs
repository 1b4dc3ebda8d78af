//! URLs that a CA writes into the certificates it issues (spec `set-certificates.md` §10.5).

use crate::store::{SerialNumber, Shard};

/// Where the status of what a CA issues, and its own certificate, are found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Locations {
    /// The CRL that lists what the CA revokes.
    pub crl: CrlLocation,
    /// The delta CRL, where there is one: freshestCRL.
    pub delta_url: Option<String>,
    /// The OCSP responder.
    pub ocsp_url: String,
    /// The CA's certificate.
    pub ca_issuers_url: String,
}

/// The CRL that a certificate names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CrlLocation {
    /// The shard that the serial number falls into: `{prefix}/{of}-{index}.crl`.
    Shards {
        /// What stands before the shard, without the slash.
        prefix: String,
        /// How many shards there are.
        of: u16,
    },
    /// One for all: its URL.
    Whole(String),
}

impl CrlLocation {
    /// The URL that the certificate with this serial number names.
    #[must_use]
    pub fn of(&self, serial: &SerialNumber) -> String {
        match self {
            Self::Shards { prefix, of } => shard_url(prefix, Shard::holding(serial, *of)),
            Self::Whole(url) => url.clone(),
        }
    }
}

/// The URL of one shard.
pub(crate) fn shard_url(prefix: &str, shard: Shard) -> String {
    format!("{prefix}/{shard}.crl")
}
