//! authorityKeyIdentifier.

use const_oid::ObjectIdentifier;
use der::asn1::{Int, OctetString};
use der::{Decode, Encode, Sequence};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::{ExtensionValue, OUT_OF_BOUNDS, SubjectKeyIdentifier, strict};
use crate::Suite;
use crate::wire::{Cert, DecodeError, oids};

/// authorityKeyIdentifier: which certificate's key verifies this signature (RFC 5280 §4.2.1.1, spec
/// `set-certificates.md` §3.2, §10.5).
///
/// Name and serial number are those of the **issuer's certificate**: its issuer field, not its
/// subject. `modern` writes all three fields, `set-1997` no keyIdentifier.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorityKeyIdentifier {
    /// keyIdentifier: the subjectKeyIdentifier of the issuer's certificate.
    pub key_identifier: Option<Vec<u8>>,
    /// DER of the issuer field and content octets of the serial number of the issuer's certificate.
    pub issuer_and_serial: Option<(Vec<u8>, Vec<u8>)>,
}

impl AuthorityKeyIdentifier {
    /// The value that names `issuer`, the certificate of the key that will sign.
    ///
    /// Without a readable subjectKeyIdentifier in it, keyIdentifier is left out.
    #[must_use]
    pub fn naming(issuer: &Cert, suite: Suite) -> Self {
        let key_identifier = match suite {
            Suite::Modern => SubjectKeyIdentifier::find(issuer).ok().flatten().map(|id| id.0),
            Suite::Set1997 => None,
        };
        let issuer_and_serial = Some((issuer.issuer_der().to_vec(), issuer.serial().to_vec()));
        Self { key_identifier, issuer_and_serial }
    }

    /// True if issuer name and serial number are there and name `certificate` (§5 check 2).
    #[must_use]
    pub fn names(&self, certificate: &Cert) -> bool {
        self.issuer_and_serial.as_ref().is_some_and(|(issuer, serial)| {
            issuer == certificate.issuer_der() && serial == certificate.serial()
        })
    }
}

impl ExtensionValue for AuthorityKeyIdentifier {
    const OID: ObjectIdentifier = oids::AUTHORITY_KEY_IDENTIFIER;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        let key_identifier = match &self.key_identifier {
            Some(id) => Some(OctetString::new(id.as_slice())?),
            None => None,
        };
        let (issuer, serial) = match &self.issuer_and_serial {
            Some((issuer, serial)) => {
                let name = GeneralName::DirectoryName(Name::from_der(issuer)?);
                (Some(vec![name]), Some(Int::new(serial)?))
            }
            None => (None, None),
        };
        Syntax { key_identifier, issuer, serial }.to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let value: Syntax = strict(octets)?;
        let issuer_and_serial = match (value.issuer, value.serial) {
            (None, None) => None,
            (Some(names), Some(serial)) => {
                Some((directory_name(&names)?, serial.as_bytes().to_vec()))
            }
            // RFC 5280 §4.2.1.1: both present or both absent.
            _ => return Err(OUT_OF_BOUNDS),
        };
        Ok(Self {
            key_identifier: value.key_identifier.map(|id| id.into_bytes().into()),
            issuer_and_serial,
        })
    }
}

/// DER of the one directoryName there must be (§3.2).
fn directory_name(names: &[GeneralName]) -> Result<Vec<u8>, DecodeError> {
    match names {
        [GeneralName::DirectoryName(name)] => {
            name.to_der().map_err(|e| DecodeError::from_der_error(&e))
        }
        _ => Err(OUT_OF_BOUNDS),
    }
}

#[derive(Sequence)]
struct Syntax {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    key_identifier: Option<OctetString>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    issuer: Option<Vec<GeneralName>>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    serial: Option<Int>,
}
