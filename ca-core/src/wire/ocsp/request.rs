//! OCSPRequest.

use der::asn1::Any;
use der::{Encode, Sequence};
use x509_cert::ext::Extension;

use super::{CertId, has_unknown_critical, nonce_extension, nonce_of};
use crate::wire::{DecodeError, decode};

/// A request for the status of 1 to 64 certificates (RFC 6960 §4.1).
///
/// A signature and a requestor name are read over: our responder answers everyone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspRequest {
    /// The certificates asked for, in order.
    pub cert_ids: Vec<CertId>,
    /// Nonce, 1 to 128 octets: the answer repeats it.
    pub nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// Reads one DER request. The caller bounds its length: 64 KiB is plenty.
    ///
    /// # Errors
    /// [`DecodeError`]: answer it with
    /// [`ResponseStatus::MalformedRequest`](super::ResponseStatus).
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let tbs = decode::<Request>(octets, MAX_REQUEST)?.tbs_request;
        let extensions = tbs.request_extensions.unwrap_or_default();
        let count = tbs.request_list.len();
        let critical = tbs.request_list.iter().any(|one| {
            one.extensions.as_ref().is_some_and(|extensions| has_unknown_critical(extensions))
        });
        if tbs.version != 0
            || !(1..=MAX_CERT_IDS).contains(&count)
            || critical
            || has_unknown_critical(&extensions)
        {
            return Err(DecodeError::malformed_at(0));
        }
        let nonce = nonce_of(&extensions)?;
        let cert_ids = tbs.request_list.into_iter().map(|one| one.cert_id).collect();
        Ok(Self { cert_ids, nonce })
    }

    /// DER of an unsigned request.
    ///
    /// # Errors
    /// The encoder's.
    pub fn to_der(&self) -> der::Result<Vec<u8>> {
        let extensions = self.nonce.as_deref().map(nonce_extension).transpose()?;
        let request_list =
            self.cert_ids.iter().map(|id| One { cert_id: id.clone(), extensions: None });
        Request {
            tbs_request: Tbs {
                version: 0,
                requestor_name: None,
                request_list: request_list.collect(),
                request_extensions: extensions.map(|nonce| vec![nonce]),
            },
            signature: None,
        }
        .to_der()
    }
}

/// OCSPRequest.
#[derive(Sequence)]
struct Request {
    tbs_request: Tbs,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    signature: Option<Any>,
}

/// TBSRequest.
#[derive(Sequence)]
struct Tbs {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", default = "v1")]
    version: u8,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    requestor_name: Option<Any>,
    request_list: Vec<One>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    request_extensions: Option<Vec<Extension>>,
}

/// Request.
#[derive(Sequence)]
struct One {
    cert_id: CertId,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

/// version DEFAULT v1.
fn v1() -> u8 {
    0
}

/// Most certificates in one request: our decision.
pub const MAX_CERT_IDS: usize = 64;
/// Largest request read, in octets.
const MAX_REQUEST: usize = 64 * 1024;
