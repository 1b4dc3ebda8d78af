//! The records of registrations and their answers: plain data.

use super::{CaId, SerialNumber};
use crate::UnixTime;
use crate::profile::Role;

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
    /// Granted while its end entity was away: until when what is sealed waits for the first
    /// inquiry. `None` once that has come.
    pub collect_by: Option<UnixTime>,
    /// Serial numbers issued in it by [`Self::ca`].
    pub issued: Vec<SerialNumber>,
    /// The Error its end entity posted last.
    pub peer_error: Option<PeerError>,
    /// When it began.
    pub created_at: UnixTime,
    /// When it last moved.
    pub updated_at: UnixTime,
}

impl Registration {
    /// A registration that begins at `now`: what only comes later is absent.
    #[must_use]
    pub fn begun(
        lid_ca: Vec<u8>,
        lid_ee: Vec<u8>,
        ca: CaId,
        role: Role,
        brand: String,
        now: UnixTime,
    ) -> Self {
        Self {
            lid_ca,
            revision: 0,
            lid_ee,
            ca,
            role,
            brand,
            state: RegistrationState::Initiated,
            request_type: None,
            language: None,
            form_id: None,
            chall_ca: None,
            bin: None,
            business_id: None,
            pan_hash: None,
            pan_tail: None,
            status: None,
            refusal: None,
            message: None,
            signers: Vec::new(),
            open: None,
            sealed: None,
            decision: None,
            collect_by: None,
            issued: Vec::new(),
            peer_error: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// True if the certificate was issued in it.
    #[must_use]
    pub fn has_issued(&self, issuer: &CaId, serial: &SerialNumber) -> bool {
        self.ca == *issuer && self.issued.contains(serial)
    }
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
