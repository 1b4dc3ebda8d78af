//! Revocation by decision: one certificate, many, a hold and its release; and who may decide that.

use super::{Authority, Error};
use crate::audit::{Acting, Actor};
use crate::decide::{RevocationRefusal, Revoker, check_own, check_revoker};
use crate::status::SerialStatus;
use crate::store::{
    CaId, CertificateRecord, Conflict, Registration, Revocation, RevocationOrder, RevocationReason,
    SerialNumber, StoreError,
};
use crate::{Suite, UnixTime};

/// Why a certificate is revoked, and since when it should have been.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cause {
    /// reasonCode.
    pub reason: RevocationReason,
    /// invalidityDate (RFC 5280 §5.3.2), if it is known.
    pub invalid_since: Option<UnixTime>,
}

impl Cause {
    /// The revocation of a certificate at `now` in a hierarchy of `suite`.
    ///
    /// # Errors
    /// [`Error::Policy`] of a hold in `set-1997`, and of an invalidity date to come.
    pub fn at(self, now: UnixTime, suite: Suite) -> Result<Revocation, Error> {
        let Self { reason, invalid_since } = self;
        let revocation = Revocation { at: now, reason, invalid_since };
        // Spec `set-certificates.md` §6.2: a SET 1.0 list has no entry extensions, so its readers
        // would take a hold for the end; §6.1: who is to be stopped for a time is blocked where
        // payments are decided.
        if revocation.is_hold() && suite == Suite::Set1997 {
            return Err(Error::Policy(
                "suite set-1997 knows no certificateHold: its lists have no reasons, and would say \
                 revoked for good"
                    .to_owned(),
            ));
        }
        // RFC 5280 §5.3.2: the date may be earlier than the revocation date.
        match invalid_since {
            Some(since) if since > now => {
                Err(Error::Policy(format!("invalidity date {since} is to come: it is now {now}")))
            }
            _ => Ok(revocation),
        }
    }
}

impl From<RevocationReason> for Cause {
    fn from(reason: RevocationReason) -> Self {
        Self { reason, invalid_since: None }
    }
}

impl Authority {
    /// May this one revoke (or, with certificateHold, release) the certificate? Returns what is
    /// recorded of it.
    ///
    /// # Errors
    /// [`RevokeError::Unknown`], [`RevokeError::Refused`] with the rule, or what is our fault.
    pub fn may_revoke(
        &self,
        revoker: &Revoker,
        ca: &CaId,
        serial: &SerialNumber,
        reason: RevocationReason,
    ) -> Result<CertificateRecord, RevokeError> {
        let (record, registration) = self.asked_by(revoker, ca, serial)?;
        let rules = self.parts.policies.revocation();
        check_revoker(revoker, &record, registration.as_ref(), reason, rules)?;
        Ok(record)
    }

    /// What is recorded of a certificate, for somebody who may end it; how it stands is what the
    /// status index says.
    ///
    /// # Errors
    /// As [`Authority::may_revoke`].
    pub fn certificate_for(
        &self,
        revoker: &Revoker,
        ca: &CaId,
        serial: &SerialNumber,
    ) -> Result<CertificateRecord, RevokeError> {
        let (record, registration) = self.asked_by(revoker, ca, serial)?;
        let rules = self.parts.policies.revocation();
        check_own(revoker, &record, registration.as_ref(), rules)?;
        // As for an OCSP answer: what another process recorded a moment ago counts at once.
        self.follow()?;
        let revocation = match self.statuses.status(ca, serial)? {
            SerialStatus::Revoked(revocation) => Some(revocation),
            SerialStatus::Good | SerialStatus::Intended | SerialStatus::Unknown => None,
        };
        Ok(CertificateRecord { revocation, ..record })
    }

    fn asked_by(
        &self,
        revoker: &Revoker,
        ca: &CaId,
        serial: &SerialNumber,
    ) -> Result<(CertificateRecord, Option<Registration>), RevokeError> {
        let store = &self.parts.store;
        let record = store
            .certificate(ca, serial)?
            .ok_or_else(|| RevokeError::Unknown { issuer: ca.clone(), serial: *serial })?;
        let registration = match revoker {
            Revoker::Operator => None,
            Revoker::Institution { .. } => store.registration_of(ca, serial)?,
        };
        Ok((record, registration))
    }

    /// Revokes a certificate in the name of somebody, if that one may. Once more is no fault:
    /// returns what stands, and whether that is new.
    ///
    /// # Errors
    /// As [`Authority::may_revoke`]; [`RevokeError::Cause`] as [`Cause::at`];
    /// [`RevokeError::Stands`] if it is revoked for another reason.
    pub fn revoke_as(
        &self,
        revoker: &Revoker,
        ca: &CaId,
        serial: &SerialNumber,
        cause: Cause,
    ) -> Result<(Revocation, bool), RevokeError> {
        let acting = self.acting_as(revoker);
        let outcome = self.revoke_in_name(revoker, ca, serial, cause, &acting);
        let reason = cause.reason.name().to_owned();
        let of = [("issuer", ca.to_string()), ("serial", serial.to_string()), ("reason", reason)];
        self.noting(&acting, REVOKE, of, outcome, From::from)
    }

    fn revoke_in_name(
        &self,
        revoker: &Revoker,
        ca: &CaId,
        serial: &SerialNumber,
        cause: Cause,
        acting: &Acting,
    ) -> Result<(Revocation, bool), RevokeError> {
        let record = self.may_revoke(revoker, ca, serial, cause.reason)?;
        cause.at(acting.at, self.suite()).map_err(RevokeError::cause)?;
        if let Some(outcome) = stands(&record, cause.reason) {
            return outcome;
        }
        match self.revoke_by(ca, serial, cause, acting) {
            // Somebody was faster.
            Err(Error::Store(StoreError::Conflict(Conflict::Revoked { .. }))) => {
                let record = self.parts.store.certificate(ca, serial)?;
                let outcome = record.and_then(|record| stands(&record, cause.reason));
                outcome.unwrap_or(Err(RevokeError::Moved))
            }
            outcome => Ok((outcome?, true)),
        }
    }

    /// Releases a certificate in the name of somebody, if that one may. Once more is no fault:
    /// returns whether there was a hold.
    ///
    /// # Errors
    /// As [`Authority::may_revoke`]; [`RevokeError::Stands`] if it is revoked for good.
    pub fn release_as(
        &self,
        revoker: &Revoker,
        ca: &CaId,
        serial: &SerialNumber,
    ) -> Result<bool, RevokeError> {
        let acting = self.acting_as(revoker);
        let outcome = self.release_in_name(revoker, ca, serial, &acting);
        let of = [("issuer", ca.to_string()), ("serial", serial.to_string())];
        self.noting(&acting, RELEASE, of, outcome, From::from)
    }

    fn release_in_name(
        &self,
        revoker: &Revoker,
        ca: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<bool, RevokeError> {
        let record = self.may_revoke(revoker, ca, serial, RevocationReason::CertificateHold)?;
        match record.revocation {
            None => return Ok(false),
            Some(standing) if !standing.is_hold() => {
                let (issuer, serial) = (ca.clone(), *serial);
                return Err(RevokeError::Stands { issuer, serial, standing });
            }
            Some(_) => {}
        }
        match self.release_by(ca, serial, acting) {
            Err(Error::Store(StoreError::Conflict(Conflict::NotHeld { .. }))) => {
                Err(RevokeError::Moved)
            }
            outcome => Ok(outcome.map(|()| true)?),
        }
    }

    /// Revokes a certificate in the name of whoever runs this authority; [`Authority::may_revoke`]
    /// is not asked. OCSP says so at once, the CRL when it is published next. Returns what stands:
    /// over a hold, the date of the hold.
    ///
    /// # Errors
    /// [`Error::Policy`] as [`Cause::at`]; [`Error::Store`] with Absent or Conflict if
    /// there is nothing to revoke.
    pub fn revoke(
        &self,
        ca: &CaId,
        serial: &SerialNumber,
        cause: impl Into<Cause>,
    ) -> Result<Revocation, Error> {
        let (cause, acting) = (cause.into(), self.parts.acting());
        let outcome = self.revoke_by(ca, serial, cause, &acting);
        let reason = cause.reason.name().to_owned();
        let of = [("issuer", ca.to_string()), ("serial", serial.to_string()), ("reason", reason)];
        self.noting(&acting, REVOKE, of, outcome, From::from)
    }

    fn revoke_by(
        &self,
        ca: &CaId,
        serial: &SerialNumber,
        cause: Cause,
        acting: &Acting,
    ) -> Result<Revocation, Error> {
        let revocation = cause.at(acting.at, self.suite())?;
        self.parts.store.revoke(ca, serial, &revocation, acting)?;
        let recorded = self.parts.store.certificate(ca, serial)?;
        let gone = || StoreError::Absent(format!("revocation of {serial} of {ca}"));
        Ok(recorded.and_then(|record| record.revocation).ok_or_else(gone)?)
    }

    /// Revokes many certificates in one act, all or none, as [`Authority::revoke`] does; returns how
    /// many were not revoked before. Those that were stay as they are.
    ///
    /// # Errors
    /// As [`Authority::revoke`], but that nothing conflicts.
    pub fn revoke_all(&self, causes: &[(CaId, SerialNumber, Cause)]) -> Result<usize, Error> {
        let (acting, suite) = (self.parts.acting(), self.suite());
        let orders: Result<Vec<RevocationOrder>, Error> = causes
            .iter()
            .map(|(issuer, serial, cause)| {
                let (issuer, serial) = (issuer.clone(), *serial);
                Ok(RevocationOrder { issuer, serial, revocation: cause.at(acting.at, suite)? })
            })
            .collect();
        let outcome =
            orders.and_then(|orders| Ok(self.parts.store.revoke_all(&orders, &acting)?));
        self.noting(
            &acting,
            REVOKE,
            [("certificates", causes.len().to_string())],
            outcome,
            From::from,
        )
    }

    /// Takes a hold back in the name of whoever runs this authority: the certificate is good again in
    /// OCSP at once, and leaves the CRL when it is published next (RFC 5280 §5.3.1).
    ///
    /// # Errors
    /// [`Error::Store`] with Absent or Conflict if there is no hold.
    pub fn release(&self, ca: &CaId, serial: &SerialNumber) -> Result<(), Error> {
        let acting = self.parts.acting();
        let outcome = self.release_by(ca, serial, &acting);
        let of = [("issuer", ca.to_string()), ("serial", serial.to_string())];
        self.noting(&acting, RELEASE, of, outcome, From::from)
    }

    fn release_by(&self, ca: &CaId, serial: &SerialNumber, acting: &Acting) -> Result<(), Error> {
        Ok(self.parts.store.release(ca, serial, acting)?)
    }

    fn acting_as(&self, revoker: &Revoker) -> Acting {
        Acting::new(Actor::from(revoker), self.parts.clock.now())
    }
}

/// What there is to say before anything is done: it is revoked for this reason already, or for
/// another that does not give way.
fn stands(
    record: &CertificateRecord,
    reason: RevocationReason,
) -> Option<Result<(Revocation, bool), RevokeError>> {
    let standing = record.revocation?;
    if standing.reason == reason {
        return Some(Ok((standing, false)));
    }
    let (issuer, serial) = (record.intent.issuer.clone(), record.intent.serial);
    (!standing.is_hold()).then_some(Err(RevokeError::Stands { issuer, serial, standing }))
}

/// Acts in the audit log.
const REVOKE: &str = "certificate.revoke";
const RELEASE: &str = "certificate.release";

/// Why a certificate was not revoked, or not released.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError {
    /// What [`Cause::at`] refuses.
    #[error("{0}")]
    Cause(String),
    /// Somebody else acted on it in the same instant: asked again, it has an answer.
    #[error("the certificate has moved meanwhile")]
    Moved,
    /// Our fault.
    #[error(transparent)]
    Ours(#[from] Error),
    /// Who asks may not.
    #[error(transparent)]
    Refused(#[from] RevocationRefusal),
    /// It is revoked for another reason, for good.
    #[error("{serial} of {issuer} is revoked since {} for {}, for good",
        .standing.at, .standing.reason.name())]
    Stands {
        /// Issuer of the certificate.
        issuer: CaId,
        /// Its serial number.
        serial: SerialNumber,
        /// What stands.
        standing: Revocation,
    },
    /// The issuer never reserved the serial number.
    #[error("{issuer} has no certificate {serial}")]
    Unknown {
        /// The CA asked about.
        issuer: CaId,
        /// The serial number asked about.
        serial: SerialNumber,
    },
}

impl RevokeError {
    fn cause(error: Error) -> Self {
        match error {
            Error::Policy(why) => Self::Cause(why),
            error => Self::Ours(error),
        }
    }
}

impl From<StoreError> for RevokeError {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.into())
    }
}
