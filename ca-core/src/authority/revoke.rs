//! Revocation by decision of the operator: one certificate, many, a hold and its release.

use super::{Authority, Error};
use crate::store::{CaId, Revocation, RevocationOrder, RevocationReason, SerialNumber, StoreError};
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
    /// Revokes a certificate; OCSP says so at once, the CRL when it is published next. Returns what
    /// stands: over a hold, the date of the hold.
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
        let revocation = cause.into().at(self.parts.clock.now(), self.suite())?;
        self.parts.store.revoke(ca, serial, &revocation)?;
        let recorded = self.parts.store.certificate(ca, serial)?;
        let gone = || StoreError::Absent(format!("revocation of {serial} of {ca}"));
        Ok(recorded.and_then(|record| record.revocation).ok_or_else(gone)?)
    }

    /// Revokes many certificates in one act, all or none; returns how many were not revoked before.
    /// Those that were stay as they are.
    ///
    /// # Errors
    /// As [`Authority::revoke`], but that nothing conflicts.
    pub fn revoke_all(&self, causes: &[(CaId, SerialNumber, Cause)]) -> Result<usize, Error> {
        let (now, suite) = (self.parts.clock.now(), self.suite());
        let orders: Result<Vec<RevocationOrder>, Error> = causes
            .iter()
            .map(|(issuer, serial, cause)| {
                let (issuer, serial) = (issuer.clone(), serial.clone());
                Ok(RevocationOrder { issuer, serial, revocation: cause.at(now, suite)? })
            })
            .collect();
        Ok(self.parts.store.revoke_all(&orders?)?)
    }

    /// Takes a hold back: the certificate is good again in OCSP at once, and leaves the CRL when it
    /// is published next (RFC 5280 §5.3.1).
    ///
    /// # Errors
    /// [`Error::Store`] with Absent or Conflict if there is no hold.
    pub fn release(&self, ca: &CaId, serial: &SerialNumber) -> Result<(), Error> {
        Ok(self.parts.store.release(ca, serial)?)
    }
}
