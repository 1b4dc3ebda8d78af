//! The values of certificate extensions: SET's own and the PKIX ones our profiles use.
//!
//! One small type each. [`ExtensionValue::to_value`] gives the octets that stand inside
//! `extnValue`, [`ExtensionValue::from_value`] reads them strictly. Spec `set-certificates.md` §3
//! and §10.5.

mod authority_key_identifier;
mod certificate_type;
mod distribution;
#[cfg(test)]
mod distribution_tests;
mod draft;
mod gateway;
mod hashed_root_key;
mod key;
mod location;
mod merchant;
mod policies;
mod policy;
mod reasons;

use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use der::{Decode, Encode};
use x509_cert::ext::Extension;

pub use authority_key_identifier::AuthorityKeyIdentifier;
pub use certificate_type::CertificateType;
pub use distribution::{
    DistributionPoint, DistributionPoints, FreshestCrl, Holders, IssuingDistributionPoint,
    LocationName, PointName,
};
pub use draft::{DraftDigest, DraftQualifier};
pub use gateway::{CardCertRequired, SetExtensions, Tunneling};
pub use hashed_root_key::HashedRootKey;
pub use key::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, OcspNoCheck, PrivateKeyUsagePeriod,
    SubjectKeyIdentifier,
};
pub use location::{AuthorityInfoAccess, CrlDistributionPoints};
pub use merchant::{MerName, MerchantData};
pub use policies::{
    CertificatePolicies, InhibitAnyPolicy, PolicyConstraints, PolicyMapping, PolicyMappings,
};
pub use policy::{
    AdditionalPolicy, PolicyInformation, PolicyQualifier, SetPolicy, SetPolicyQualifier,
    SetQualifier,
};
pub use reasons::ReasonSet;

use super::{Cert, DecodeError, decode};

/// The value of one kind of extension.
pub trait ExtensionValue: Sized {
    /// extnID.
    const OID: ObjectIdentifier;

    /// The octets inside `extnValue`.
    ///
    /// # Errors
    /// The encoder's, for a value outside the bounds of its type.
    fn to_value(&self) -> der::Result<Vec<u8>>;

    /// Reads the octets inside `extnValue`: DER only, bounded, nothing left over.
    ///
    /// # Errors
    /// [`DecodeError`] if they are not such a value.
    fn from_value(octets: &[u8]) -> Result<Self, DecodeError>;

    /// The value in `certificate`, `None` if the extension is absent.
    ///
    /// # Errors
    /// [`DecodeError`] if the extension is there and cannot be read.
    fn find(certificate: &Cert) -> Result<Option<Self>, DecodeError> {
        certificate
            .extension(Self::OID)
            .map(|extension| Self::from_value(extension.extn_value.as_bytes()))
            .transpose()
    }
}

/// An extension around the octets of its value.
pub(crate) fn extension(
    extn_id: ObjectIdentifier,
    critical: bool,
    value: Vec<u8>,
) -> der::Result<Extension> {
    Ok(Extension { extn_id, critical, extn_value: OctetString::new(value)? })
}

/// Reads one extension value strictly.
fn strict<T>(octets: &[u8]) -> Result<T, DecodeError>
where
    T: for<'a> Decode<'a, Error = der::Error> + Encode,
{
    decode(octets, MAX_VALUE)
}

/// A value that is well-formed DER and breaks a bound or a rule of its type.
const OUT_OF_BOUNDS: DecodeError = DecodeError::malformed_at(0);

/// A value that would break a bound or a rule of its type.
fn unencodable(tag: der::Tag) -> der::Error {
    tag.value_error().into()
}

/// Implements [`ExtensionValue`] for a type that is its own DER structure.
macro_rules! der_extension {
    ($name:ty, $oid:expr) => {
        impl $crate::wire::extensions::ExtensionValue for $name {
            const OID: const_oid::ObjectIdentifier = $oid;

            fn to_value(&self) -> der::Result<Vec<u8>> {
                der::Encode::to_der(self)
            }

            fn from_value(octets: &[u8]) -> Result<Self, $crate::wire::DecodeError> {
                $crate::wire::extensions::strict(octets)
            }
        }
    };
}
use der_extension;

/// Longest extension value read, in octets: merchantData with 32 names stays below 16 KiB.
const MAX_VALUE: usize = 32 * 1024;
