//! OCSPResponse.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, BitString, GeneralizedTime, Null, OctetString};
use der::{Choice, Encode, Enumerated, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::CrlReason;
use x509_cert::name::Name;

use super::{CertId, has_unknown_critical, nonce_of};
use crate::UnixTime;
use crate::wire::RevokedInfo;
use crate::wire::signed::SignedOctets;
use crate::wire::{Cert, DecodeError, decode, oids};

/// OCSPResponseStatus (RFC 6960 §4.2.1).
#[derive(Clone, Copy, Debug, Enumerated, Eq, PartialEq)]
#[repr(u8)]
pub enum ResponseStatus {
    /// There is an answer.
    Successful = 0,
    /// The request is not an OCSP request.
    MalformedRequest = 1,
    /// The responder is in trouble.
    InternalError = 2,
    /// Ask again later.
    TryLater = 3,
    /// The request must be signed.
    SigRequired = 5,
    /// The responder does not answer for this issuer.
    Unauthorized = 6,
}

/// OCSPResponse: a status, and the answer if it is [`ResponseStatus::Successful`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspResponse {
    /// responseStatus.
    pub status: ResponseStatus,
    /// The basic response.
    pub basic: Option<BasicOcspResponse>,
}

impl OcspResponse {
    /// Reads one DER response, at most 64 KiB.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not one, or is successful without an answer, or the reverse.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let outer: Outer = decode(octets, MAX_RESPONSE)?;
        let basic = match outer.bytes {
            Some(bytes) if bytes.kind == oids::OCSP_BASIC => {
                Some(BasicOcspResponse::read(bytes.response.as_bytes())?)
            }
            Some(_) => return Err(DecodeError::malformed_at(0)),
            None => None,
        };
        if basic.is_some() != (outer.status == ResponseStatus::Successful) {
            return Err(DecodeError::malformed_at(0));
        }
        Ok(Self { status: outer.status, basic })
    }

    /// DER of a response that only says what went wrong: five octets.
    #[must_use]
    pub const fn error(status: ResponseStatus) -> [u8; 5] {
        [0x30, 0x03, 0x0a, 0x01, status as u8]
    }
}

/// BasicOCSPResponse with the octets its signature covers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BasicOcspResponse {
    /// DER of tbsResponseData as received.
    pub tbs_der: Vec<u8>,
    /// responderID.
    pub responder: ResponderId,
    /// producedAt.
    pub produced_at: UnixTime,
    /// One answer for each certificate.
    pub responses: Vec<SingleResponse>,
    /// Nonce of the request.
    pub nonce: Option<Vec<u8>>,
    /// signatureAlgorithm.
    pub signature_algorithm: AlgorithmIdentifierOwned,
    /// Signature octets.
    pub signature: Vec<u8>,
    /// Certificates that help to verify it, at most 8.
    pub certificates: Vec<Cert>,
}

impl BasicOcspResponse {
    /// The answer about `id`, `None` if there is none.
    #[must_use]
    pub fn status_of(&self, id: &CertId) -> Option<&SingleResponse> {
        self.responses.iter().find(|one| one.cert_id.names_same(id))
    }

    fn read(octets: &[u8]) -> Result<Self, DecodeError> {
        let basic: Basic = decode(octets, MAX_RESPONSE)?;
        let at = |e: der::Error| DecodeError::from_der_error(&e);
        let data = basic.data;
        let extensions = data.extensions.unwrap_or_default();
        let certificates = basic.certificates.unwrap_or_default();
        let responses: Result<Vec<_>, DecodeError> =
            data.responses.into_iter().map(SingleResponse::of).collect();
        if data.version != 0
            || has_unknown_critical(&extensions)
            || certificates.len() > MAX_CERTIFICATES
        {
            return Err(DecodeError::malformed_at(0));
        }
        let certificates: Result<Vec<_>, DecodeError> =
            certificates.iter().map(|any| Cert::from_der(&any.to_der().map_err(at)?)).collect();
        Ok(Self {
            tbs_der: SignedOctets::of(octets)?.tbs().to_vec(),
            responder: data.responder,
            produced_at: UnixTime::from(&data.produced_at),
            responses: responses?,
            nonce: nonce_of(&extensions)?,
            signature_algorithm: basic.algorithm,
            signature: basic.signature.raw_bytes().to_vec(),
            certificates: certificates?,
        })
    }
}

/// ResponderID.
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
pub enum ResponderId {
    /// byName.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true")]
    ByName(Name),
    /// byKey: SHA-1 of the public key bits, whatever the suite (RFC 6960 §4.2.1).
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
    ByKey(OctetString),
}

impl ResponderId {
    /// Names the responder by its key.
    ///
    /// # Errors
    /// Never for a digest; the signature follows the encoder's.
    pub fn by_key(responder: &Cert) -> der::Result<Self> {
        let key = responder.tbs().subject_public_key_info().subject_public_key.raw_bytes();
        OctetString::new(super::CertIdHash::Sha1.digest(key)).map(Self::ByKey)
    }

    /// True if it names the key or the subject of `certificate`.
    #[must_use]
    pub fn names(&self, certificate: &Cert) -> bool {
        match self {
            Self::ByName(name) => name.to_der().is_ok_and(|name| name == certificate.subject_der()),
            Self::ByKey(_) => Self::by_key(certificate).is_ok_and(|id| id == *self),
        }
    }
}

/// SingleResponse: the status of one certificate, and how long it may be relied on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SingleResponse {
    /// certID, as in the request.
    pub cert_id: CertId,
    /// certStatus.
    pub status: CertStatus,
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: Option<UnixTime>,
}

/// CertStatus.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertStatus {
    /// Issued and not revoked.
    Good,
    /// Revoked.
    Revoked(RevokedInfo),
    /// Not known to this responder.
    Unknown,
}

impl SingleResponse {
    fn of(syntax: Single) -> Result<Self, DecodeError> {
        if has_unknown_critical(&syntax.extensions.unwrap_or_default()) {
            return Err(DecodeError::malformed_at(0));
        }
        let status = match syntax.status {
            Status::Good(Null) => CertStatus::Good,
            Status::Revoked(info) => CertStatus::Revoked(RevokedInfo {
                at: UnixTime::from(&info.at),
                reason: info.reason.map(|reason| reason as u8),
            }),
            Status::Unknown(Null) => CertStatus::Unknown,
        };
        Ok(Self {
            cert_id: syntax.cert_id,
            status,
            this_update: UnixTime::from(&syntax.this_update),
            next_update: syntax.next_update.as_ref().map(UnixTime::from),
        })
    }

    pub(crate) fn syntax(&self) -> der::Result<Single> {
        let status = match self.status {
            CertStatus::Good => Status::Good(Null),
            CertStatus::Revoked(info) => Status::Revoked(Revoked {
                at: info.at.to_generalized()?,
                // RFC 5280 §5.3.1: unspecified is left out.
                reason: info.reason.filter(|code| *code != 0).map(reason).transpose()?,
            }),
            CertStatus::Unknown => Status::Unknown(Null),
        };
        Ok(Single {
            cert_id: self.cert_id.clone(),
            status,
            this_update: self.this_update.to_generalized()?,
            next_update: self.next_update.map(UnixTime::to_generalized).transpose()?,
            extensions: None,
        })
    }
}

/// CRLReason by its number; 7 is not used.
fn reason(code: u8) -> der::Result<CrlReason> {
    der::Decode::from_der(&[0x0a, 0x01, code])
}

/// OCSPResponse.
#[derive(Sequence)]
pub(crate) struct Outer {
    status: ResponseStatus,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    bytes: Option<ResponseBytes>,
}

impl Outer {
    /// A successful response around a DER BasicOCSPResponse.
    pub(crate) fn successful(basic: Vec<u8>) -> der::Result<Self> {
        let bytes = ResponseBytes { kind: oids::OCSP_BASIC, response: OctetString::new(basic)? };
        Ok(Self { status: ResponseStatus::Successful, bytes: Some(bytes) })
    }
}

/// ResponseBytes.
#[derive(Sequence)]
struct ResponseBytes {
    kind: ObjectIdentifier,
    response: OctetString,
}

/// BasicOCSPResponse.
#[derive(Sequence)]
struct Basic {
    data: Data,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    certificates: Option<Vec<Any>>,
}

/// ResponseData.
#[derive(Sequence)]
pub(crate) struct Data {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", default = "v1")]
    pub(crate) version: u8,
    pub(crate) responder: ResponderId,
    pub(crate) produced_at: GeneralizedTime,
    pub(crate) responses: Vec<Single>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) extensions: Option<Vec<Extension>>,
}

/// SingleResponse.
#[derive(Sequence)]
pub(crate) struct Single {
    cert_id: CertId,
    status: Status,
    this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    next_update: Option<GeneralizedTime>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

/// CertStatus.
#[derive(Choice)]
enum Status {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(Revoked),
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

/// RevokedInfo.
#[derive(Sequence)]
struct Revoked {
    at: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    reason: Option<CrlReason>,
}

/// version DEFAULT v1.
fn v1() -> u8 {
    0
}

/// Largest response read, in octets.
const MAX_RESPONSE: usize = 64 * 1024;
/// Most certificates in a response [D].
const MAX_CERTIFICATES: usize = 8;
