//! Extensions of gateway and CA encryption certificates (spec `set-certificates.md` §3.10).

use const_oid::ObjectIdentifier;
use der::{Encode, Sequence};

use super::{ExtensionValue, der_extension, strict};
use crate::wire::{DecodeError, oids};

/// cardCertRequired: TRUE if the gateway takes payments only from cardholders with a certificate.
///
/// A value, not a default: FALSE is written out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CardCertRequired(pub bool);

impl ExtensionValue for CardCertRequired {
    const OID: ObjectIdentifier = oids::CARD_CERT_REQUIRED;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        self.0.to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        strict(octets).map(Self)
    }
}

/// tunneling: can the CA or gateway send encrypted messages to the cardholder, and how.
///
/// ```text
/// TunnelingSyntax ::= SEQUENCE {
///     tunneling    BOOLEAN DEFAULT TRUE,
///     tunnelAlgIDs SEQUENCE OF OBJECT IDENTIFIER }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct Tunneling {
    /// Whether it can.
    #[asn1(default = "yes")]
    pub tunneling: bool,
    /// Content-encryption algorithms, preferred first; may be empty.
    pub algorithms: Vec<ObjectIdentifier>,
}

der_extension!(Tunneling, oids::TUNNELING);

/// setExtensions: message extensions for payment instructions that the gateway supports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetExtensions(pub Vec<ObjectIdentifier>);

impl ExtensionValue for SetExtensions {
    const OID: ObjectIdentifier = oids::SET_EXTENSIONS;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        self.0.to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        strict(octets).map(Self)
    }
}

/// tunneling DEFAULT TRUE.
fn yes() -> bool {
    true
}
