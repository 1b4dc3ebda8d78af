//! Stage 4: from an order to a certificate that is ready to be signed.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, Int};
use der::{Decode, Encode};
use sha2::Digest as _;

use super::extensions::extensions;
use super::lint::{LintError, Ordered, SERIAL_OCTETS, lint};
use super::signed::Unsigned;
use super::tbs::{TbsCertificate, VERSION_3, Validity};
use super::{Locations, NameError, SubjectName};
use crate::profile::{CertificateProfile, ExtensionKind, KeyUsageBits, Role};
use crate::signer::{KeyError, KeyId, RandomError, SecureRandom, SignatureAlgorithm, Signer};
use crate::store::SerialNumber;
use crate::wire::Cert;
use crate::wire::extensions::{
    CertificateType, ExtensionValue, KeyUsage, MerchantData, PrivateKeyUsagePeriod, Tunneling,
};
use crate::{Suite, UnixTime};

/// One certificate to be made.
///
/// The profile decides which extensions stand in it: a value it has no rule for is not written.
#[derive(Clone, Debug)]
pub struct CertificateOrder<'a> {
    /// What such a certificate contains.
    pub profile: &'a CertificateProfile,
    /// Suite of the hierarchy.
    pub suite: Suite,
    /// Who signs.
    pub issuer: Issuer<'a>,
    /// subject.
    pub subject: SubjectName,
    /// DER SubjectPublicKeyInfo of the subject.
    pub spki_der: &'a [u8],
    /// One role, or several of CCA, MCA, PCA; the profile's is among them.
    pub roles: &'a [Role],
    /// notBefore.
    pub not_before: UnixTime,
    /// Latest notAfter: the card's expiry.
    pub not_after_cap: Option<UnixTime>,
    /// DER SubjectPublicKeyInfo of the root that comes after this one.
    pub hashed_root_key: Option<&'a [u8]>,
    /// tunneling.
    pub tunneling: Option<Tunneling>,
    /// merchantData.
    pub merchant_data: Option<MerchantData>,
    /// cardCertRequired.
    pub card_cert_required: Option<bool>,
    /// setExtensions.
    pub set_extensions: Option<&'a [ObjectIdentifier]>,
    /// Where the issuer's status and certificate are found.
    pub locations: Option<&'a Locations>,
}

/// The key that signs, and the certificate that says it may.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// The issuer's certificate for signing certificates; none for a self-signed root.
    pub certificate: Option<&'a Cert>,
    /// The signing key.
    pub key: KeyId,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
}

/// Makes the unsigned certificate for `order`, with a fresh serial number, and lints it.
///
/// notAfter is the earliest of the profile's length, the issuer's notAfter (§1.4) and the order's
/// cap.
///
/// # Errors
/// [`PrepareError`]: nothing was signed, nothing was reserved.
pub fn prepare(
    order: &CertificateOrder<'_>,
    random: &dyn SecureRandom,
) -> Result<PreparedCertificate, PrepareError> {
    let issuer_spki = check_issuer(order)?;
    check_roles(order)?;
    let not_after = not_after(order)?;
    let subject = order.subject.to_der()?;
    let serial = draw_serial(random)?;
    let tbs = tbs(order, &serial, &subject, not_after)?;
    let ordered = Ordered {
        profile: order.profile,
        suite: order.suite,
        roles: order.roles,
        issuer: order.issuer.certificate,
        spki_der: order.spki_der,
    };
    lint(&tbs, &ordered)?;
    Ok(PreparedCertificate {
        serial,
        not_after,
        subject_text: order.subject.to_string(),
        public_key_hash: sha2::Sha256::digest(order.spki_der).into(),
        unsigned: Unsigned {
            tbs,
            algorithm: order.issuer.algorithm,
            key: order.issuer.key,
            spki: issuer_spki.to_vec(),
        },
    })
}

/// A linted certificate without a signature; only [`prepare`] makes one.
#[derive(Debug)]
#[must_use = "a prepared certificate is not issued until it is signed and recorded"]
pub struct PreparedCertificate {
    serial: SerialNumber,
    not_after: UnixTime,
    subject_text: String,
    public_key_hash: [u8; 32],
    unsigned: Unsigned,
}

impl PreparedCertificate {
    /// The serial number drawn for it: reserve it before signing.
    #[must_use]
    pub const fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// DER of the unsigned certificate: record it before signing.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.unsigned.tbs
    }

    /// notAfter.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// Subject as text: `C=US, O=Brand, OU=Brand CCA`.
    #[must_use]
    pub fn subject_text(&self) -> &str {
        &self.subject_text
    }

    /// SHA-256 of the DER SubjectPublicKeyInfo.
    #[must_use]
    pub const fn public_key_hash(&self) -> [u8; 32] {
        self.public_key_hash
    }

    /// Signs with the issuer's key; the result is the DER certificate.
    ///
    /// The signature is verified with the issuer's public key before it is handed out: see
    /// `Unsigned::sign` for the reason.
    ///
    /// # Errors
    /// [`KeyError`] if `key` is not the issuer's, or signing fails or makes a wrong signature.
    pub fn sign(self, key: &KeyId, signer: &dyn Signer) -> Result<Vec<u8>, KeyError> {
        self.unsigned.sign(key, signer)
    }
}

/// An order that cannot become a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// A value cannot be encoded.
    #[error("certificate cannot be encoded")]
    Encode(#[source] der::Error),
    /// The issuer's certificate is not one for this order.
    #[error("issuer cannot sign this certificate: {0}")]
    Issuer(&'static str),
    /// The issuer's key must not sign at notBefore any more, or not yet.
    #[error("notBefore {0} is outside the private key usage period of the issuer")]
    IssuerPeriod(UnixTime),
    /// The finished certificate breaks a rule.
    #[error(transparent)]
    Lint(#[from] LintError),
    /// The profile requires an extension that the order has no value for.
    #[error("profile requires {0:?}, the order has no value for it")]
    Missing(ExtensionKind),
    /// The subject is not a SET name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Nothing is left between notBefore and the earliest end.
    #[error("certificate would end at {not_after}, not after it begins at {not_before}")]
    NoLife {
        /// notBefore.
        not_before: UnixTime,
        /// The earliest end.
        not_after: UnixTime,
    },
    /// A policy statement of the profile does not fit the SET qualifier.
    #[error("policy statement of the profile does not fit the SET policy qualifier")]
    Policy,
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The roles are not those of the profile, or may not stand together.
    #[error("profile {profile} does not fit the roles {roles:?}")]
    Roles {
        /// Name of the profile.
        profile: String,
        /// Roles ordered.
        roles: Vec<Role>,
    },
}

/// The issuer holds a certificate for the key, with keyCertSign, of a role the profile names.
/// Returns the issuer's public key.
fn check_issuer<'a>(order: &CertificateOrder<'a>) -> Result<&'a [u8], PrepareError> {
    let Some(issuer) = order.issuer.certificate else {
        // A self-signed certificate is a root's, signed with the very key it certifies.
        return match KeyId::of_spki(order.spki_der) {
            Some(key) if key == order.issuer.key && order.roles == [Role::Rca] => {
                Ok(order.spki_der)
            }
            _ => Err(PrepareError::Issuer("only a root signs its own key")),
        };
    };
    if KeyId::of_spki(issuer.spki_der()) != Some(order.issuer.key) {
        return Err(PrepareError::Issuer("its certificate is for another key"));
    }
    let usage = KeyUsage::find(issuer).ok().flatten();
    if !usage.is_some_and(|usage| usage.0.contains(KeyUsageBits::KEY_CERT_SIGN)) {
        return Err(PrepareError::Issuer("its key usage has no keyCertSign"));
    }
    let kind = CertificateType::find(issuer).ok().flatten();
    let roles = kind.map(CertificateType::roles).unwrap_or_default();
    // Spec set-certificates.md §5.1, as the profile has it.
    if !roles.iter().any(|role| order.profile.issued_by.contains(role)) {
        return Err(PrepareError::Issuer("the profile does not name its role"));
    }
    // §1.4: the key may sign only within its usage period.
    match PrivateKeyUsagePeriod::find(issuer) {
        Ok(Some(period)) if period.contains(order.not_before) => Ok(issuer.spki_der()),
        _ => Err(PrepareError::IssuerPeriod(order.not_before)),
    }
}

fn check_roles(order: &CertificateOrder<'_>) -> Result<(), PrepareError> {
    let responder = order.roles == [Role::Ocsp];
    let together = CertificateType::of(order.roles).is_some() || responder;
    if together && order.roles.contains(&order.profile.role) {
        return Ok(());
    }
    Err(PrepareError::Roles { profile: order.profile.name.clone(), roles: order.roles.to_vec() })
}

fn not_after(order: &CertificateOrder<'_>) -> Result<UnixTime, PrepareError> {
    let ends = [
        Some(order.not_before.plus_days(order.profile.validity_days)),
        order.issuer.certificate.map(Cert::not_after),
        order.not_after_cap,
    ];
    let not_before = order.not_before;
    let not_after = ends.into_iter().flatten().min().unwrap_or(not_before);
    if not_after > not_before {
        Ok(not_after)
    } else {
        Err(PrepareError::NoLife { not_before, not_after })
    }
}

/// 16 octets, 127 random bits (§2). A draw whose first octet is zero would be a shorter number:
/// it is thrown away, so that every serial number has the same length.
fn draw_serial(random: &dyn SecureRandom) -> Result<SerialNumber, PrepareError> {
    for _ in 0..SERIAL_TRIES {
        let mut octets = [0; SERIAL_OCTETS];
        random.fill(&mut octets)?;
        if let Some(first) = octets.first_mut() {
            *first &= 0x7f;
            if *first != 0
                && let Some(serial) = SerialNumber::from_octets(&octets)
            {
                return Ok(serial);
            }
        }
    }
    Err(PrepareError::Random(RandomError))
}

fn tbs(
    order: &CertificateOrder<'_>,
    serial: &SerialNumber,
    subject: &[u8],
    not_after: UnixTime,
) -> Result<Vec<u8>, PrepareError> {
    let extensions = extensions(order, serial, not_after)?;
    let issuer = order.issuer.certificate.map_or(subject, Cert::subject_der);
    let build = || -> der::Result<Vec<u8>> {
        TbsCertificate {
            version: VERSION_3,
            serial_number: Int::new(serial.as_octets())?,
            signature: order.issuer.algorithm.identifier()?,
            issuer: Any::from_der(issuer)?,
            validity: Validity {
                not_before: order.not_before.to_x509()?,
                not_after: not_after.to_x509()?,
            },
            subject: Any::from_der(subject)?,
            subject_public_key_info: Any::from_der(order.spki_der)?,
            extensions,
        }
        .to_der()
    };
    build().map_err(PrepareError::Encode)
}

/// The chance that this many first octets in a row are zero is 2^-112.
const SERIAL_TRIES: usize = 16;
