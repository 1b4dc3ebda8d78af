//! The records a [`Store`](super::Store) keeps. Plain data: octets, numbers, times, names.

use core::fmt;

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
}

/// CRLReason of RFC 5280 §5.3.1, without removeFromCRL and certificateHold (issue of deltas and
/// hold).
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
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// Every reason, in numeric order.
    pub const ALL: [Self; 7] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
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
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
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

/// A signed list with a number of its own.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ListId {
    /// The brand CRL identifier of a brand.
    Bci(String),
    /// The complete CRL of a CA.
    Crl(CaId),
}

/// `BCI of BRAND`, `CRL of CA`.
impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bci(brand) => write!(f, "BCI of {brand}"),
            Self::Crl(ca) => write!(f, "CRL of {ca}"),
        }
    }
}

/// A published CRL or BCI.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublishedList {
    /// Which list.
    pub list: ListId,
    /// cRLNumber or sequenceNum.
    pub number: u64,
    /// DER.
    pub der: Vec<u8>,
    /// thisUpdate or notBefore.
    pub this_update: UnixTime,
    /// nextUpdate or notAfter.
    pub next_update: UnixTime,
}

/// An answer that must be the same, byte for byte, when the request comes again (spec
/// `set-messages.md` §4.8).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredAnswer {
    /// The pair's identifier.
    pub rrpid: [u8; 20],
    /// SHA-256 of the wrapper's `message` field.
    pub request: [u8; 32],
    /// LID-CA of the registration it belongs to.
    pub lid_ca: Vec<u8>,
    /// The whole answer as sent.
    pub octets: Vec<u8>,
    /// When it was recorded.
    pub recorded_at: UnixTime,
}

/// How far a registration has come.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RegistrationState {
    /// The certificate was issued.
    Complete,
    /// A form was given out.
    FormSent,
    /// Requested; the answer of the bank's system is awaited.
    InProgress,
    /// The first message was answered.
    Initiated,
    /// Requested; a person decides.
    Pended,
    /// The end entity was referred elsewhere.
    Referred,
    /// Refused for good.
    Refused,
}

impl RegistrationState {
    /// Every state, for backends that store the name.
    pub const ALL: [Self; 7] = [
        Self::Complete,
        Self::FormSent,
        Self::InProgress,
        Self::Initiated,
        Self::Pended,
        Self::Referred,
        Self::Refused,
    ];

    /// The stable name used in the store, on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::FormSent => "form-sent",
            Self::InProgress => "in-progress",
            Self::Initiated => "initiated",
            Self::Pended => "pended",
            Self::Referred => "referred",
            Self::Refused => "refused",
        }
    }
}

/// One registration from its first message to its certificates. Holds no PAN: a keyed hash of it,
/// its BIN and its last four digits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// LID-CA: names the registration at the CA.
    pub lid_ca: Vec<u8>,
    /// How often it was recorded: an act that builds on an older state is refused.
    pub revision: u64,
    /// LID-EE: names it at the end entity; never changes (decisions.md 23).
    pub lid_ee: Vec<u8>,
    /// The CA that serves it.
    pub ca: CaId,
    /// Who registers.
    pub role: Role,
    /// BrandID.
    pub brand: String,
    /// How far it has come.
    pub state: RegistrationState,
    /// RequestType number of the form run.
    pub request_type: Option<u8>,
    /// Language of the form given out.
    pub language: Option<String>,
    /// regFormID given out.
    pub form_id: Option<u64>,
    /// Chall-CA given out with it.
    pub chall_ca: Option<[u8; 20]>,
    /// First six digits of the account number, or the acquirer's BIN.
    pub bin: Option<String>,
    /// merchantID or acquirerBusinessID.
    pub business_id: Option<String>,
    /// Keyed hash of the account number (HMAC-SHA-256 under a key of the store's owner).
    pub pan_hash: Option<[u8; 32]>,
    /// Last four digits of the account number.
    pub pan_tail: Option<String>,
    /// CertStatusCode of the CertRes given last.
    pub status: Option<u8>,
    /// Why it was refused: stable code of the refusal.
    pub refusal: Option<String>,
    /// eeMessage: what people are told.
    pub message: Option<String>,
    /// DER SubjectPublicKeyInfo of the keys that signed the CertReq, in the order of its
    /// SignerInfos: they sign its inquiries, too (spec `set-messages.md` §2.12).
    pub signers: Vec<Vec<u8>>,
    /// The request that waits for a decision.
    pub open: Option<OpenRequest>,
    /// What the decision and later inquiries need and nobody may read: encrypted, forgotten with
    /// the answers once nothing is open.
    pub sealed: Option<Vec<u8>>,
    /// Who decided.
    pub decision: Option<Decided>,
    /// Serial numbers issued in it by [`Self::ca`].
    pub issued: Vec<SerialNumber>,
    /// The Error its end entity posted last.
    pub peer_error: Option<PeerError>,
    /// When it began.
    pub created_at: UnixTime,
    /// When it last moved.
    pub updated_at: UnixTime,
}

/// A CertReq without its decision. It holds its public keys: nobody else gets them certified
/// (decisions.md 21).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenRequest {
    /// SHA-256 of the wrapper's `message` field: what the intents of its certificates will name.
    pub request: [u8; 32],
    /// The keys to certify: SHA-256 of each DER SubjectPublicKeyInfo.
    pub public_keys: Vec<[u8; 32]>,
}

/// A decision on a registration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decided {
    /// Who: a rule, a bank's system, an operator.
    pub by: String,
    /// Approved, or rejected.
    pub approved: bool,
    /// When.
    pub at: UnixTime,
}

/// A SET Error that an end entity posted about our answer (decisions.md 22).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerError {
    /// ErrorCode number.
    pub code: u16,
    /// When it came.
    pub at: UnixTime,
}

/// One line of the list of registrations.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistrationRecord {
    /// Position in the list, the cursor of
    /// [`RegistrationQuery`](super::RegistrationQuery).
    pub position: u64,
    /// The registration.
    pub registration: Registration,
}
