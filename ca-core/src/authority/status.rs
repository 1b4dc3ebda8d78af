//! OCSP: what the records say of a serial number, signed by the issuer's own responder (RFC 6960).

use super::{Authority, Ca, Error, Hierarchy};
use crate::UnixTime;
use crate::issue::{OcspOrder, prepare_ocsp};
use crate::profile::KeyUse;
use crate::store::{CertificateState, SerialNumber};
use crate::wire::RevokedInfo;
use crate::wire::ocsp::{
    CertId, CertStatus, OcspRequest, OcspResponse, ResponseStatus, SingleResponse,
};

/// An OCSP answer and how long it may be kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspReply {
    /// DER OCSPResponse, an error response included.
    pub octets: Vec<u8>,
    /// thisUpdate and nextUpdate, for cache headers; none for errors and answers with a nonce.
    pub validity: Option<(UnixTime, UnixTime)>,
}

impl Authority {
    /// Answers one DER OCSPRequest; every fault is an OCSP error response (RFC 6960 §4.2.1).
    #[must_use]
    pub fn ocsp(&self, octets: &[u8]) -> OcspReply {
        let now = self.parts.clock.now();
        let Ok(request) = OcspRequest::from_der(octets) else {
            return refused(ResponseStatus::MalformedRequest);
        };
        let hierarchy = self.hierarchy();
        // One response has one responder: that of the first issuer that is ours. A request about
        // strangers only is not for us (RFC 5019 §2.2.3).
        let mut issuers = request.cert_ids.iter().filter_map(|id| issuer_of(&hierarchy, id));
        let Some(ca) = issuers.next() else {
            return refused(ResponseStatus::Unauthorized);
        };
        match self.answer_status(ca, &request, now) {
            Ok(reply) => reply,
            Err(Error::Store(_)) => refused(ResponseStatus::TryLater),
            Err(_) => refused(ResponseStatus::InternalError),
        }
    }

    fn answer_status(
        &self,
        ca: &Ca,
        request: &OcspRequest,
        now: UnixTime,
    ) -> Result<OcspReply, Error> {
        let responder = ca.need(KeyUse::OcspSigning)?;
        let until = now.plus_secs(self.parts.policies.lists().ocsp_answer_secs);
        let until = until.min(responder.certificate.not_after());
        let mut responses = Vec::new();
        for id in &request.cert_ids {
            responses.push(SingleResponse {
                cert_id: id.clone(),
                status: self.status_of(ca, id)?,
                this_update: now,
                next_update: Some(until),
            });
        }
        let order = OcspOrder {
            responder: responder.certificate,
            algorithm: responder.algorithm,
            produced_at: now,
            responses: &responses,
            nonce: request.nonce.as_deref(),
        };
        let prepared = prepare_ocsp(&order).map_err(Error::Ocsp)?;
        let octets = prepared.sign(&responder.key, self.parts.signer.as_ref())?;
        let validity = request.nonce.is_none().then_some((now, until));
        Ok(OcspReply { octets, validity })
    }

    /// Never good for a serial that was not issued, or only intended.
    fn status_of(&self, ca: &Ca, id: &CertId) -> Result<CertStatus, Error> {
        let signing = ca.need(KeyUse::CertificateSigning)?;
        let serial = SerialNumber::from_octets(id.serial());
        let (true, Some(serial)) = (id.is_issued_by(signing.certificate), serial) else {
            return Ok(CertStatus::Unknown);
        };
        let Some(record) = self.parts.store.certificate(&ca.record.id, &serial)? else {
            return Ok(CertStatus::Unknown);
        };
        Ok(match (record.state(), record.revocation) {
            (_, Some(revocation)) => CertStatus::Revoked(RevokedInfo {
                at: revocation.at,
                // unspecified is written as no reason at all (RFC 5280 §5.3.1).
                reason: Some(revocation.reason.code()).filter(|code| *code != 0),
            }),
            (CertificateState::Issued, None) => CertStatus::Good,
            (CertificateState::Intent | CertificateState::Revoked, None) => CertStatus::Unknown,
        })
    }
}

fn issuer_of<'a>(hierarchy: &'a Hierarchy, id: &CertId) -> Option<&'a Ca> {
    hierarchy.cas().iter().find(|ca| {
        ca.held(KeyUse::CertificateSigning).is_some_and(|held| id.is_issued_by(held.certificate))
    })
}

fn refused(status: ResponseStatus) -> OcspReply {
    OcspReply { octets: OcspResponse::error(status).to_vec(), validity: None }
}
