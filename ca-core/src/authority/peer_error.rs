//! A SET Error that an end entity posted: taken in, never answered (spec `set-messages.md` §2.13,
//! §4.1; decisions.md 22).
//!
//! It says that one of our answers was dropped. The registration remembers what and when; nothing
//! else changes: whatever was issued stays, and revoking it is somebody's decision.

use super::{Authority, Error};
use crate::UnixTime;
use crate::audit::{Acting, Actor};
use crate::decide::{DateWindow, check_date, check_extensions, check_version};
use crate::envelope::SignedMessage;
use crate::profile::KeyUse;
use crate::store::{Conflict, PeerError, SerialNumber, StoreError, StoredAnswer};
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::pkcs7::IssuerAndSerial;
use crate::wire::{
    Cert, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageWrapper, Rrpid, decode, oids,
};

impl Authority {
    /// Records a posted Error with the registration whose answer it is about. What does not decode,
    /// is out of date, forged, or about an answer we do not know is dropped: there is nobody to
    /// tell.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) fn take_in(&self, wrapper: &MessageWrapper, now: UnixTime) -> Result<(), Error> {
        let Some((tbs, signed)) = readable(wrapper, now) else {
            return Ok(());
        };
        if let Some(signed) = signed
            && !self.may_be_genuine(&signed)?
        {
            return Ok(());
        }
        match self.answer_meant(wrapper, &tbs.error_msg)? {
            Some(answer) => {
                let code = u16::from(tbs.error_code.number());
                self.note_peer_error(&answer.lid_ca, PeerError { code, at: now })
            }
            None => Ok(()),
        }
    }

    /// False if a signature was made in the name of a certificate of ours and is not its own.
    ///
    /// As far as can be told: certificates of other CAs we do not have, and an unsigned Error is
    /// taken in, too, from those who have no certificate yet.
    fn may_be_genuine(&self, signed: &SignedMessage) -> Result<bool, Error> {
        for (number, name) in signed.signers().enumerate() {
            let Some(certificate) = self.certificate_named(name)? else { continue };
            let spki = certificate.spki_der();
            if signed.verify(self.suite(), oids::CT_ERROR_TBS, None, number, spki).is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The certificate that one of our CAs has issued under this name and number.
    fn certificate_named(&self, name: &IssuerAndSerial) -> Result<Option<Cert>, Error> {
        let Some(serial) = SerialNumber::from_octets(name.serial.as_bytes()) else {
            return Ok(None);
        };
        let hierarchy = self.hierarchy();
        let issuer = hierarchy.cas().iter().find(|ca| {
            ca.held(KeyUse::CertificateSigning)
                .is_some_and(|held| held.certificate.subject_der() == name.issuer.octets())
        });
        let Some(issuer) = issuer else { return Ok(None) };
        let record = self.parts.store.certificate(&issuer.record.id, &serial)?;
        Ok(record.and_then(|record| Cert::from_der(&record.der?).ok()))
    }

    /// The answer of ours that an Error is about: by the rrpid of the header it encloses, else by
    /// its own.
    fn answer_meant(
        &self,
        wrapper: &MessageWrapper,
        about: &ErrorMsg,
    ) -> Result<Option<StoredAnswer>, Error> {
        let enclosed = match about {
            ErrorMsg::MessageHeader(header) => header.rrpid,
            ErrorMsg::BadWrapper(octets) => rrpid_of(octets.as_bytes()),
        };
        for rrpid in [enclosed, wrapper.header.rrpid].into_iter().flatten() {
            if let Some(answer) = self.parts.store.answer(rrpid.as_bytes())? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn note_peer_error(&self, lid_ca: &[u8], error: PeerError) -> Result<(), Error> {
        let _alone = self.registrations.enter(lid_ca.to_vec());
        loop {
            let Some(mut registration) = self.parts.store.registration(lid_ca)? else {
                return Ok(());
            };
            // The same complaint again is no news, and must not cost a write each time.
            if registration.peer_error.is_some_and(|known| known.code == error.code) {
                return Ok(());
            }
            registration.peer_error = Some(error);
            let acting = Acting::new(Actor::EndEntity, error.at);
            match self.parts.store.record_registration(&registration, None, &acting) {
                Err(StoreError::Conflict(Conflict::Registration(_))) => {}
                outcome => return Ok(outcome?),
            }
        }
    }
}

/// The Error in a wrapper that passes the checks on any message (spec `set-messages.md` §4.1), with
/// its SignedData if it is signed.
fn readable(wrapper: &MessageWrapper, now: UnixTime) -> Option<(ErrorTbs, Option<SignedMessage>)> {
    check_version(u64::try_from(wrapper.header.version).ok()?).ok()?;
    check_date(wrapper.header.date.time(), now, DateWindow::default()).ok()?;
    let extensions = wrapper.extensions.iter().flatten();
    check_extensions(extensions.map(|extension| (extension.extn_id, extension.critical))).ok()?;
    match Message::from_wrapper(wrapper).ok()? {
        Message::Error(ErrorMessage::Unsigned(tbs)) => Some((tbs, None)),
        Message::Error(ErrorMessage::Signed(octets)) => {
            let signed = SignedMessage::decode(octets.as_der()).ok()?;
            let fits = signed.content_type() == oids::CT_ERROR_TBS;
            let content = signed.unverified_content().filter(|_| fits)?;
            Some((decode(content, MAX_MESSAGE).ok()?, Some(signed)))
        }
        _ => None,
    }
}

/// The rrpid in the header of an answer that was returned whole.
fn rrpid_of(answer: &[u8]) -> Option<Rrpid> {
    MessageWrapper::from_der(answer).ok()?.header.rrpid
}
