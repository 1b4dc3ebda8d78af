//! OCSP: what the status index says of a serial number, signed by the issuer's own responder (RFC 6960).

use super::{Authority, Ca, Error, Held, Hierarchy};
use crate::UnixTime;
use crate::issue::{OcspOrder, prepare_ocsp};
use crate::profile::KeyUse;
use crate::status::SerialStatus;
use crate::store::SerialNumber;
use crate::wire::extensions::{AuthorityKeyIdentifier, ExtensionValue as _};
use crate::wire::ocsp::{
    CertId, CertStatus, OcspRequest, OcspResponse, ResponseStatus, SingleResponse,
};
use crate::wire::{Cert, RevokedInfo};

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
        // A CA without a responder answers for nothing (`set-1997`, §10.5: off by default).
        if ca.held(KeyUse::OcspSigning).is_none() {
            return refused(ResponseStatus::Unauthorized);
        }
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
        // What another process recorded a moment ago counts at once; a look at the feed costs far
        // less than the signature.
        self.follow()?;
        let responder = self.responder(ca, request, now)?;
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

    /// The responder for the first certificate asked about: certified by the very certificate that
    /// issued it, as long as there is such a responder.
    fn responder<'a>(
        &self,
        ca: &'a Ca,
        request: &OcspRequest,
        now: UnixTime,
    ) -> Result<Held<'a>, Error> {
        let by_key = |id: &&CertId| signing(ca, id).is_some();
        let Some(id) = request.cert_ids.iter().find(by_key) else {
            return ca.need(KeyUse::OcspSigning);
        };
        let generations = ca.generations(KeyUse::CertificateSigning);
        let mut of_key = generations.filter(|own| id.is_issued_by(own));
        if let (Some(only), None) = (of_key.next(), of_key.next()) {
            return ca.responder(only, now);
        }
        // Certificates of one key cannot be told apart by the request, but by what was issued.
        let record = match SerialNumber::from_octets(id.serial()) {
            Some(serial) => self.parts.store.certificate(&ca.record.id, &serial)?,
            None => None,
        };
        let issued = record.and_then(|record| Cert::from_der(&record.der?).ok());
        let named = issued.and_then(|issued| AuthorityKeyIdentifier::find(&issued).ok().flatten());
        let mut own = ca.generations(KeyUse::CertificateSigning);
        let exact = named.and_then(|named| own.find(|certificate| named.names(certificate)));
        match exact.or_else(|| signing(ca, id)) {
            Some(signing) => ca.responder(signing, now),
            None => ca.need(KeyUse::OcspSigning),
        }
    }

    /// Never good for a serial that was not issued, or only intended.
    fn status_of(&self, ca: &Ca, id: &CertId) -> Result<CertStatus, Error> {
        let serial = SerialNumber::from_octets(id.serial());
        let (Some(_), Some(serial)) = (signing(ca, id), serial) else {
            return Ok(CertStatus::Unknown);
        };
        Ok(match self.statuses.status(&ca.record.id, &serial)? {
            SerialStatus::Revoked(revocation) => CertStatus::Revoked(RevokedInfo {
                at: revocation.at,
                // unspecified is written as no reason at all (RFC 5280 §5.3.1).
                reason: Some(revocation.reason.code()).filter(|code| *code != 0),
            }),
            SerialStatus::Good => CertStatus::Good,
            SerialStatus::Intended | SerialStatus::Unknown => CertStatus::Unknown,
        })
    }
}

fn issuer_of<'a>(hierarchy: &'a Hierarchy, id: &CertId) -> Option<&'a Ca> {
    hierarchy.cas().iter().find(|ca| signing(ca, id).is_some())
}

/// The last certificate of the CA that has name and key of a CertID.
fn signing<'a>(ca: &'a Ca, id: &CertId) -> Option<&'a Cert> {
    ca.generations(KeyUse::CertificateSigning).rev().find(|own| id.is_issued_by(own))
}

fn refused(status: ResponseStatus) -> OcspReply {
    OcspReply { octets: OcspResponse::error(status).to_vec(), validity: None }
}
