//! What OCSP answers beside what the store says.

use super::CheckOrder;
use super::mismatch::StatusMismatch;
use crate::authority::{Authority, Ca, Error};
use crate::profile::KeyUse;
use crate::store::{SerialNumber, Standing, Status};
use crate::wire::ocsp::{
    CertId, CertIdHash, CertStatus, MAX_CERT_IDS, OcspRequest, OcspResponse, SingleResponse,
};
use crate::wire::{Cert, RevokedInfo};

/// Chooses serial numbers and asks for them as a relying party would, without the network.
pub(super) struct Asker<'a> {
    authority: &'a Authority,
    order: &'a CheckOrder,
    /// Every so many living certificates one is asked for.
    stride: u64,
    living: u64,
    revoked: usize,
    /// How many have been asked for.
    pub(super) asked: u64,
}

impl<'a> Asker<'a> {
    /// `living` certificates are there to choose from.
    pub(super) fn new(authority: &'a Authority, order: &'a CheckOrder, living: usize) -> Self {
        let stride = living.checked_div(order.living).unwrap_or(usize::MAX).max(1);
        let stride = u64::try_from(stride).unwrap_or(u64::MAX);
        Self { authority, order, stride, living: 0, revoked: 0, asked: 0 }
    }

    /// True if this one is asked for.
    pub(super) fn chooses(&mut self, status: &Status) -> bool {
        if matches!(status, Status::Revoked { .. }) {
            self.revoked = self.revoked.saturating_add(1);
            return self.revoked <= self.order.revoked;
        }
        self.living = self.living.saturating_add(1);
        self.order.living > 0 && self.living.checked_rem(self.stride).is_none_or(|rest| rest == 0)
    }

    /// Asks for what was chosen of one CA: the first ones one by one, as most clients do, the rest
    /// in batches.
    pub(super) fn ask(
        &mut self,
        ca: &Ca,
        chosen: &[Standing],
        found: &mut Vec<StatusMismatch>,
    ) -> Result<(), Error> {
        let size = if self.asked < ONE_BY_ONE { 1 } else { MAX_CERT_IDS };
        for batch in chosen.chunks(size) {
            self.asked = self.asked.saturating_add(u64::try_from(batch.len()).unwrap_or(u64::MAX));
            let issuer = ca.need(KeyUse::CertificateSigning)?.certificate;
            let answers = self.answers(issuer, batch)?;
            for standing in batch {
                let answer = answer_about(&answers, standing.serial.as_octets());
                if !agrees(answer, Some(&standing.status)) {
                    found.extend(self.look_again(ca, issuer, &standing.serial)?);
                }
            }
        }
        Ok(())
    }

    /// The mismatch as it is now, if it still is one: it may have been revoked in between.
    fn look_again(
        &self,
        ca: &Ca,
        issuer: &Cert,
        serial: &SerialNumber,
    ) -> Result<Option<StatusMismatch>, Error> {
        let id = &ca.record.id;
        self.authority.follow()?;
        let record = self.authority.parts.store.certificate(id, serial)?;
        let standing = record.map(|record| Standing::of(&record));
        let asked = standing.clone().unwrap_or(Standing {
            issuer: id.clone(),
            serial: *serial,
            status: Status::Intended,
        });
        let answers = self.answers(issuer, &[asked])?;
        let answer = answer_about(&answers, serial.as_octets());
        let store = standing.map(|standing| standing.status);
        let (issuer, serial) = (id.clone(), *serial);
        let mismatch = StatusMismatch::Answer { issuer, serial, answer: answer.copied(), store };
        Ok((!agrees(answer, store.as_ref())).then_some(mismatch))
    }

    fn answers(&self, issuer: &Cert, batch: &[Standing]) -> Result<Vec<SingleResponse>, Error> {
        let id = |standing: &Standing| {
            CertId::of(CertIdHash::Sha256, issuer, standing.serial.as_octets())
        };
        let cert_ids: der::Result<Vec<CertId>> = batch.iter().map(id).collect();
        let cert_ids = cert_ids.map_err(Error::Encode)?;
        let request = OcspRequest { cert_ids, nonce: None }.to_der().map_err(Error::Encode)?;
        // Whatever cannot be read is no answer, and that is a mismatch.
        let reply = self.authority.ocsp_checked(&request);
        let response = reply.and_then(|reply| OcspResponse::from_der(&reply.octets).ok());
        let basic = response.and_then(|response| response.basic);
        Ok(basic.map(|basic| basic.responses).unwrap_or_default())
    }
}

fn answer_about<'a>(answers: &'a [SingleResponse], serial: &[u8]) -> Option<&'a CertStatus> {
    answers.iter().find(|one| one.cert_id.serial() == serial).map(|one| &one.status)
}

fn agrees(answer: Option<&CertStatus>, store: Option<&Status>) -> bool {
    match (answer, store) {
        (Some(CertStatus::Good), Some(Status::Issued))
        | (Some(CertStatus::Unknown), Some(Status::Intended) | None) => true,
        (Some(CertStatus::Revoked(said)), Some(Status::Revoked { revocation, .. })) => {
            let reason = Some(revocation.reason.code()).filter(|code| *code != 0);
            *said == RevokedInfo { at: revocation.at, reason }
        }
        _ => false,
    }
}

/// So many questions are about one certificate each.
const ONE_BY_ONE: u64 = 64;
