//! The records a [`Store`](super::Store) keeps. Plain data: octets, numbers, times, names.

use super::{CaId, SerialNumber};
use crate::UnixTime;
use crate::profile::{KeyUse, Role};
use crate::signer::KeyId;

/// A CA of the hierarchy and the certificates it works with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaRecord {
    /// Names the CA.
    pub id: CaId,
    /// The CA that certified it; none for the root.
    pub superior: Option<CaId>,
    /// One role, or several of CCA, MCA, PCA.
    pub roles: Vec<Role>,
    /// Brand (BrandID); none for the root.
    pub brand: Option<String>,
    /// Every generation, oldest first; the last one of a key use is in force.
    pub certificates: Vec<CaCertificate>,
}

impl CaRecord {
    /// The certificate in force for a key use.
    #[must_use]
    pub fn in_force(&self, key_use: KeyUse) -> Option<&CaCertificate> {
        self.certificates.iter().rfind(|certificate| certificate.key_use == key_use)
    }

    /// True once it may sign certificates.
    #[must_use]
    pub fn is_established(&self) -> bool {
        self.in_force(KeyUse::CertificateSigning).is_some()
    }
}

/// A CA's own certificate for one key use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaCertificate {
    /// What the key is for.
    pub key_use: KeyUse,
    /// The key pair.
    pub key: KeyId,
    /// DER certificate.
    pub der: Vec<u8>,
}

/// What is about to be signed: the row by which an operator finds, and can revoke, a certificate
/// that may exist outside although we died before recording it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Intent {
    /// The issuing CA.
    pub issuer: CaId,
    /// Serial number under that issuer.
    pub serial: SerialNumber,
    /// DER of the unsigned certificate.
    pub tbs: Vec<u8>,
    /// Subject as text, for the inventory.
    pub subject: String,
    /// Role of the subject.
    pub role: Role,
    /// What the key is for.
    pub key_use: KeyUse,
    /// Brand, if any.
    pub brand: Option<String>,
    /// The certified public key: SHA-256 of the DER SubjectPublicKeyInfo.
    pub public_key: [u8; 32],
    /// The suite's digest of [`Self::tbs`] (spec `set-certificates.md` §5.2).
    pub thumbprint: Vec<u8>,
    /// notAfter of the certificate.
    pub not_after: UnixTime,
    /// SHA-256 of the message that asked for it; none if no message did.
    pub request: Option<[u8; 32]>,
    /// The certificate of the same issuer that it replaces, in a renewal.
    pub renews: Option<SerialNumber>,
    /// When the intent was recorded.
    pub recorded_at: UnixTime,
}

/// A signed certificate, and the intent it fulfils.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IssuedCertificate {
    /// The intent; `record_issued` matches it by issuer and serial.
    pub intent: Intent,
    /// DER certificate.
    pub der: Vec<u8>,
}

/// Where a certificate stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CertificateState {
    /// Prepared and perhaps signed, never answered for: never "good".
    Intent,
    /// Issued.
    Issued,
    /// Revoked (an intent can be, too).
    Revoked,
}

impl CertificateState {
    /// Every state, in the order a certificate comes to them.
    pub const ALL: [Self; 3] = [Self::Intent, Self::Issued, Self::Revoked];

    /// The state with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The stable name used on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Issued => "issued",
            Self::Revoked => "revoked",
        }
    }
}

/// One line of the inventory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateRecord {
    /// Position in the inventory, the cursor of [`CertificateQuery`](super::CertificateQuery).
    pub position: u64,
    /// What was recorded before signing.
    pub intent: Intent,
    /// DER certificate; none while only intended.
    pub der: Option<Vec<u8>>,
    /// Revocation, if revoked.
    pub revocation: Option<Revocation>,
}

impl CertificateRecord {
    /// True if this is what a run of `request` left behind when it died: its key and what it was to
    /// renew may be reserved again, for a certificate with another serial (decisions.md 21).
    #[must_use]
    pub fn yields_to(&self, request: Option<&[u8; 32]>) -> bool {
        self.state() == CertificateState::Intent
            && request.is_some()
            && self.intent.request.as_ref() == request
    }

    /// True if its key may be certified again by `intent`: it was left behind by the same request,
    /// or `intent` renews a CA's own certificate, whose key stays the same.
    #[must_use]
    pub fn yields_key_to(&self, intent: &Intent) -> bool {
        let own = intent.role.is_ca() || intent.role == Role::Ocsp;
        let same_holder = self.intent.issuer == intent.issuer
            && self.intent.role == intent.role
            && self.intent.key_use == intent.key_use
            && self.intent.subject == intent.subject;
        self.yields_to(intent.request.as_ref())
            || (own && intent.renews.is_some() && same_holder && self.revocation.is_none())
    }

    /// True if it can never be valid again: revoked, and not merely on hold.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.revocation.is_some_and(|revocation| !revocation.is_hold())
    }

    /// Where the certificate stands.
    #[must_use]
    pub const fn state(&self) -> CertificateState {
        match (&self.revocation, &self.der) {
            (Some(_), _) => CertificateState::Revoked,
            (None, Some(_)) => CertificateState::Issued,
            (None, None) => CertificateState::Intent,
        }
    }
}

/// When and why a certificate was revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// revocationDate.
    pub at: UnixTime,
    /// reasonCode.
    pub reason: RevocationReason,
    /// invalidityDate (RFC 5280 §5.3.2): since when the certificate or its key must not be trusted,
    /// where that is known.
    pub invalid_since: Option<UnixTime>,
}

impl Revocation {
    /// A revocation of which nobody knows since when it should have been.
    #[must_use]
    pub const fn new(at: UnixTime, reason: RevocationReason) -> Self {
        Self { at, reason, invalid_since: None }
    }

    /// True if it can be taken back.
    #[must_use]
    pub const fn is_hold(&self) -> bool {
        matches!(self.reason, RevocationReason::CertificateHold)
    }

    /// What stands once this is recorded over `standing`; none if that must stay as it is.
    ///
    /// A hold gives way to a revocation for good, which then counts from the date of the hold: the
    /// certificate was never valid in between (X.509, hold instruction code; recalled `[R]`).
    #[must_use]
    pub fn over(self, standing: Option<Self>) -> Option<Self> {
        match standing {
            None => Some(self),
            Some(hold) if hold.is_hold() && !self.is_hold() => Some(Self {
                at: hold.at,
                invalid_since: self.invalid_since.or(hold.invalid_since),
                ..self
            }),
            Some(_) => None,
        }
    }
}

/// One certificate that is to be revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationOrder {
    /// The issuing CA.
    pub issuer: CaId,
    /// Serial number under that issuer.
    pub serial: SerialNumber,
    /// When and why.
    pub revocation: Revocation,
}

/// CRLReason of RFC 5280 §5.3.1, without removeFromCRL, which only a delta says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RevocationReason {
    /// unspecified (0): written as no reasonCode at all.
    Unspecified,
    /// keyCompromise (1).
    KeyCompromise,
    /// cACompromise (2).
    CaCompromise,
    /// affiliationChanged (3).
    AffiliationChanged,
    /// superseded (4).
    Superseded,
    /// cessationOfOperation (5).
    CessationOfOperation,
    /// certificateHold (6): for a time; the one that can be released.
    CertificateHold,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// Every reason, in numeric order.
    pub const ALL: [Self; 8] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::PrivilegeWithdrawn,
    ];

    /// The number of RFC 5280 §5.3.1.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// The name of RFC 5280 §5.3.1.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    /// The reason with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// The reason with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// An entry of a CRL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevokedEntry {
    /// Serial number under the issuer.
    pub serial: SerialNumber,
    /// When and why.
    pub revocation: Revocation,
}
