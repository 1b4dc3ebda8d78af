//! Signing an answer: by which responder, with which statuses, and whether it is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};

use super::cache::{Kept, LONGEST_REQUEST, UNSEEN};
use super::issuers::Issuing;
use super::{OcspQuestion, OcspReply};
use crate::UnixTime;
use crate::authority::{Authority, Ca, Error, Held, Hierarchy};
use crate::issue::{OcspOrder, prepare_ocsp};
use crate::profile::KeyUse;
use crate::status::SerialStatus;
use crate::store::SerialNumber;
use crate::wire::extensions::{AuthorityKeyIdentifier, ExtensionValue as _};
use crate::wire::ocsp::{CertId, CertStatus, OcspRequest, ResponseStatus, SingleResponse};
use crate::wire::{Cert, RevokedInfo};

impl Authority {
    /// Signs the answer to a question.
    #[must_use]
    pub fn ocsp_sign(&self, question: &OcspQuestion) -> Arc<OcspReply> {
        match self.signed_answer(question) {
            Ok(reply) => {
                self.ocsp_counts.made(ResponseStatus::Successful);
                reply
            }
            Err(Error::Store(_)) => self.ocsp_error(ResponseStatus::TryLater),
            Err(_) => self.ocsp_error(ResponseStatus::InternalError),
        }
    }

    pub(super) fn signed_answer(&self, question: &OcspQuestion) -> Result<Arc<OcspReply>, Error> {
        let OcspQuestion { request, hierarchy, now, .. } = question;
        let mut named = request.cert_ids.iter().map(|id| (id, hierarchy.issuing(id)));
        let first = named.find_map(|(id, issuing)| Some((id, issuing?)));
        // The question has one: it is none without.
        let (asked, issuing) = first.ok_or_else(|| Error::Hierarchy("no issuer".to_owned()))?;
        let responder = self.responder(&issuing, asked, *now)?;
        let until = now.plus_secs(self.parts.policies.lists().ocsp_answer_secs);
        let until = until.min(responder.certificate.not_after());
        let mut responses = Vec::with_capacity(request.cert_ids.len());
        let mut standings = Vec::with_capacity(request.cert_ids.len());
        for id in &request.cert_ids {
            let standing = self.standing_under(issuing.ca, hierarchy, id)?;
            responses.push(SingleResponse {
                cert_id: id.clone(),
                status: said(standing.as_ref().map(|(_, status)| *status)),
                this_update: *now,
                next_update: Some(until),
            });
            standings.push(standing);
        }
        let order = OcspOrder {
            responder: responder.certificate,
            algorithm: responder.algorithm,
            produced_at: *now,
            responses: &responses,
            nonce: request.nonce.as_deref(),
        };
        let prepared = prepare_ocsp(&order).map_err(Error::Ocsp)?;
        let octets = prepared.sign(&responder.key, self.parts.signer.as_ref())?;
        // What is unknown now may be issued in a moment: neither we nor a proxy keep that.
        let known = responses.iter().all(|response| response.status != CertStatus::Unknown);
        let validity = (request.nonce.is_none() && known).then_some((*now, until));
        let reply = Arc::new(OcspReply::new(octets, validity));
        self.keep(question, issuing.ca, &standings, &reply);
        Ok(reply)
    }

    /// Keeps the answer if it is to one short question about one certificate that was issued, put
    /// without ornament: a stranger who makes up serial numbers, requestor names or extensions does
    /// not push out what others ask for.
    fn keep(
        &self,
        question: &OcspQuestion,
        ca: &Ca,
        standings: &[Option<(SerialNumber, SerialStatus)>],
        reply: &Arc<OcspReply>,
    ) {
        let (Some(life), [Some((serial, status))]) = (reply.validity, standings) else { return };
        let plain = OcspRequest { cert_ids: question.request.cert_ids.clone(), nonce: None };
        let is_plain = plain.to_der().is_ok_and(|octets| octets == question.octets);
        if question.octets.len() > LONGEST_REQUEST || !is_plain {
            return;
        }
        let kept = Kept {
            reply: Arc::clone(reply),
            ca: ca.record.id.clone(),
            serial: *serial,
            status: *status,
            seen: AtomicU64::new(UNSEEN),
            hierarchy: question.number,
            life,
            hits: AtomicU32::default(),
        };
        self.answers.keep(&question.octets, kept);
    }

    /// The responder for the first certificate asked about: certified by the very certificate that
    /// issued it, as long as there is such a responder.
    fn responder<'a>(
        &self,
        issuing: &Issuing<'a>,
        id: &CertId,
        now: UnixTime,
    ) -> Result<Held<'a>, Error> {
        let ca = issuing.ca;
        let last = match issuing.certificates.as_slice() {
            [only] => return ca.responder(only, now),
            several => several.last().copied(),
        };
        // Certificates of one key cannot be told apart by the request, but by what was issued.
        let record = match SerialNumber::from_octets(id.serial()) {
            Some(serial) => self.parts.store.certificate(&ca.record.id, &serial)?,
            None => None,
        };
        let issued = record.and_then(|record| Cert::from_der(&record.der?).ok());
        let named = issued.and_then(|issued| AuthorityKeyIdentifier::find(&issued).ok().flatten());
        let mut own = ca.generations(KeyUse::CertificateSigning);
        let exact = named.and_then(|named| own.find(|certificate| named.names(certificate)));
        match exact.or(last) {
            Some(signing) => ca.responder(signing, now),
            None => ca.need(KeyUse::OcspSigning),
        }
    }

    /// Where the serial number of a CertID stands; none for another issuer's, and for what is no
    /// serial number.
    fn standing_under(
        &self,
        ca: &Ca,
        hierarchy: &Hierarchy,
        id: &CertId,
    ) -> Result<Option<(SerialNumber, SerialStatus)>, Error> {
        let ours = hierarchy.issuing(id).is_some_and(|one| std::ptr::eq(one.ca, ca));
        let serial = SerialNumber::from_octets(id.serial()).filter(|_| ours);
        let Some(serial) = serial else { return Ok(None) };
        let status = self.statuses.status(&ca.record.id, &serial)?;
        Ok(Some((serial, status)))
    }
}

/// Never good for a serial that was not issued, or only intended.
fn said(standing: Option<SerialStatus>) -> CertStatus {
    match standing {
        Some(SerialStatus::Revoked(revocation)) => CertStatus::Revoked(RevokedInfo {
            at: revocation.at,
            // unspecified is written as no reason at all (RFC 5280 §5.3.1).
            reason: Some(revocation.reason.code()).filter(|code| *code != 0),
        }),
        Some(SerialStatus::Good) => CertStatus::Good,
        Some(SerialStatus::Intended | SerialStatus::Unknown) | None => CertStatus::Unknown,
    }
}
