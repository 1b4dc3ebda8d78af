//! Any message posted by an end entity, from its octets to the octets of the answer.

use sha2::Digest as _;

use super::fault::Fault;
use super::reg_form::recipients;
use super::{Authority, Ca, Error, Hierarchy, Stage, inquire};
use crate::audit::{Acting, Actor};
use crate::decide::{DateWindow, Refusal, check_date, check_extensions, check_version};
use crate::envelope::{CERT_REQ_ENC, REG_FORM_REQ, Slot};
use crate::profile::Role;
use crate::store::{Conflict, Registration, RegistrationState, StoreError, StoredAnswer};
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::{
    BadWrapper, CertReq, DecodeErrorKind, EnvelopedDataOctets, ErrorMsg, Message, MessageHeader,
    MessageWrapper, Rrpid, decode, tags,
};
use crate::{UnixTime, hex};

/// What goes back to whoever posted to `/set`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SetReply {
    /// A DER MessageWrapper: an answer or a SET Error.
    Answer {
        /// The wrapper.
        octets: Vec<u8>,
        /// Seconds after which to ask again, where the request stays open (decisions.md 30).
        retry_after: Option<u64>,
    },
    /// Nothing: a SET Error was taken in (spec `set-messages.md` §4.1).
    Nothing,
}

/// A message that passed the checks on its header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received<'a> {
    /// The pair's identifier.
    pub(super) rrpid: &'a Rrpid,
    /// SHA-256 of the wrapper's message field.
    pub(super) request: [u8; 32],
    /// When it was received: the only reading of the clock.
    pub(super) now: UnixTime,
}

/// What a message is answered with.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) octets: Vec<u8>,
    /// As in [`SetReply::Answer`].
    pub(super) retry_after: Option<u64>,
}

impl Answer {
    /// What the answer is when the registration stands as it does.
    pub(super) fn about(registration: &Registration, octets: Vec<u8>) -> Self {
        let waits =
            matches!(registration.state, RegistrationState::InProgress | RegistrationState::Pended);
        Self { octets, retry_after: waits.then_some(RETRY_AFTER) }
    }
}

impl Authority {
    /// Answers one body posted to `/set`: the checks of spec `set-messages.md` §4.1, in its order.
    ///
    /// # Errors
    /// Only what is our fault and may be tried again: [`Error::Store`], [`Error::Key`] and such.
    pub fn respond(&self, octets: &[u8]) -> Result<SetReply, Error> {
        self.parts.within(Stage::Decide, || self.reply(octets))
    }

    fn reply(&self, octets: &[u8]) -> Result<SetReply, Error> {
        let now = self.parts.clock.now();
        // Steps 1 and 2: size, wrapper. Without a header there is no rrpid and nobody to sign.
        let wrapper = match self.parts.within(Stage::Decode, || MessageWrapper::from_der(octets)) {
            Ok(wrapper) => wrapper,
            Err(fault) => {
                let refusal = match fault.kind {
                    DecodeErrorKind::TooLong => {
                        Refusal::TooBig { found: octets.len(), limit: MAX_MESSAGE }
                    }
                    _ => Refusal::Malformed,
                };
                let about = ErrorMsg::BadWrapper(BadWrapper::new(octets));
                return self.error_answer(&refusal, about, None, None, now);
            }
        };
        // An Error is never answered, whatever is wrong with it.
        if wrapper.message.alternative() == tags::ERROR {
            self.take_in(&wrapper, now)?;
            return Ok(SetReply::Nothing);
        }
        match self.receive(&wrapper, now) {
            Ok(Answer { octets, retry_after }) => Ok(SetReply::Answer { octets, retry_after }),
            Err(Fault::Ours(error)) => Err(error),
            Err(Fault::Refused(refusal)) => {
                let about = ErrorMsg::MessageHeader(wrapper.header.clone());
                let rrpid = wrapper.header.rrpid.as_ref();
                let hierarchy = self.hierarchy();
                let ca = self.addressed(&hierarchy, &wrapper);
                self.note_refused(&wrapper, ca, &refusal, now)?;
                self.error_answer(&refusal, about, rrpid, ca, now)
            }
        }
    }

    /// What has no wrapper is only counted: it is nobody's act.
    fn note_refused(
        &self,
        wrapper: &MessageWrapper,
        ca: Option<&Ca>,
        refusal: &Refusal,
        now: UnixTime,
    ) -> Result<(), Error> {
        let rrpid = wrapper.header.rrpid.as_ref().map(|rrpid| hex(rrpid.as_bytes()));
        let of = [
            ("ca", ca.map(|ca| ca.record.id.to_string()).unwrap_or_default()),
            ("message", wrapper.message.alternative().to_string()),
            ("rrpid", rrpid.unwrap_or_default()),
        ];
        self.note(&Acting::new(Actor::EndEntity, now), "message", of, Some(refusal.code()))
    }

    fn receive(&self, wrapper: &MessageWrapper, now: UnixTime) -> Result<Answer, Fault> {
        // Steps 3 and 4.
        check_version(u64::try_from(wrapper.header.version).unwrap_or_default())?;
        let rrpid = header_rrpid(&wrapper.header)?;
        // Step 5: whoever sent this before gets what he got before, whatever the date.
        let request = sha2::Sha256::digest(wrapper.message.as_der()).into();
        let _one_run = self.requests.enter(*rrpid.as_bytes());
        if let Some(stored) = self.parts.store.answer(rrpid.as_bytes())? {
            return self.repeated(stored, request);
        }
        // Steps 6 and 7.
        check_date(wrapper.header.date.time(), now, DateWindow::default())?;
        let extensions = wrapper.extensions.iter().flatten();
        check_extensions(extensions.map(|extension| (extension.extn_id, extension.critical)))?;
        // Steps 8 and 9.
        check_served(wrapper.message.alternative())?;
        let message = self.parts.within(Stage::Decode, || Message::from_wrapper(wrapper));
        let message = message.map_err(|_| Refusal::Malformed)?;
        let received = Received { rrpid, request, now };
        // Steps 10 and 11 depend on the message.
        match &message {
            Message::CardCInitReq(message) => self.initiate(&received, message),
            Message::MeAqCInitReq(message) => self.give_form_to_me_aq(&received, message),
            Message::RegFormReq(message) => self.give_form(&received, message.as_der()),
            Message::CertReq(message) => self.certify(&received, message),
            Message::CertInqReq(message) => self.inquire(&received, message.as_der()),
            other => Err(Refusal::MessageNotSupported(other.alternative()).into()),
        }
    }

    /// Records a registration as it now stands with the answer, then lets the answer go.
    pub(super) fn record_answer(
        &self,
        received: &Received<'_>,
        registration: &Registration,
        octets: Vec<u8>,
    ) -> Result<Answer, Fault> {
        let answer = stored_answer(received, registration, octets);
        let acting = Acting::new(Actor::EndEntity, received.now);
        match self.parts.store.record_registration(registration, Some(&answer), &acting) {
            Ok(()) => Ok(Answer::about(registration, answer.octets)),
            Err(error) => self.answer_of_other_run(received, error),
        }
    }

    /// Another process answered the same request in the meantime: its answer is the answer.
    pub(super) fn answer_of_other_run(
        &self,
        received: &Received<'_>,
        error: StoreError,
    ) -> Result<Answer, Fault> {
        if let StoreError::Conflict(Conflict::Answer(_)) = error
            && let Some(stored) = self.parts.store.answer(received.rrpid.as_bytes())?
        {
            return self.repeated(stored, received.request);
        }
        Err(error.into())
    }

    /// The CA that would have served a message, if brand and role can be told (decisions.md 7).
    fn addressed<'a>(&self, hierarchy: &'a Hierarchy, wrapper: &MessageWrapper) -> Option<&'a Ca> {
        match Message::from_wrapper(wrapper).ok()? {
            Message::CardCInitReq(request) => {
                hierarchy.serving(request.brand_id.as_str(), Role::Cca)
            }
            Message::MeAqCInitReq(request) => {
                hierarchy.registering(request.brand_id.as_str(), request.request_type.role())
            }
            Message::RegFormReq(envelope) => sealed_to(hierarchy, &REG_FORM_REQ, &envelope),
            Message::CertReq(CertReq::EncX(envelope) | CertReq::Enc(envelope)) => {
                sealed_to(hierarchy, &CERT_REQ_ENC, &envelope)
            }
            Message::CertInqReq(signed) => {
                let lid_ca = inquire::lid_ca_of(signed.as_der())?;
                hierarchy.ca(&self.parts.store.registration(&lid_ca).ok()??.ca)
            }
            _ => None,
        }
    }

    /// The stored octets; when to ask again is said as things stand now.
    fn repeated(&self, stored: StoredAnswer, request: [u8; 32]) -> Result<Answer, Fault> {
        if stored.request != request {
            return Err(Refusal::RrpidReused.into());
        }
        Ok(match self.parts.store.registration(&stored.lid_ca)? {
            Some(registration) => Answer::about(&registration, stored.octets),
            None => Answer { octets: stored.octets, retry_after: None },
        })
    }
}

fn sealed_to<'a>(
    hierarchy: &'a Hierarchy,
    slot: &Slot,
    envelope: &EnvelopedDataOctets,
) -> Option<&'a Ca> {
    hierarchy.recipient(&decode(envelope.as_der(), MAX_MESSAGE).ok()?, recipients(slot))
}

pub(super) fn stored_answer(
    received: &Received<'_>,
    registration: &Registration,
    octets: Vec<u8>,
) -> StoredAnswer {
    StoredAnswer {
        rrpid: *received.rrpid.as_bytes(),
        request: received.request,
        lid_ca: registration.lid_ca.clone(),
        octets,
        recorded_at: received.now,
    }
}

fn header_rrpid(header: &MessageHeader) -> Result<&Rrpid, Refusal> {
    header.rrpid.as_ref().ok_or(Refusal::HeaderIncomplete)
}

/// A CA takes requests of certificate messages (spec `set-messages.md` §1.2), whole or not.
fn check_served(alternative: u32) -> Result<(), Refusal> {
    if SERVED.contains(&alternative) {
        Ok(())
    } else {
        Err(Refusal::MessageNotSupported(alternative))
    }
}

/// The messages that a CA answers with something else than an Error.
const SERVED: [u32; 5] = [
    tags::CARD_C_INIT_REQ,
    tags::ME_AQ_C_INIT_REQ,
    tags::REG_FORM_REQ,
    tags::CERT_REQ,
    tags::CERT_INQ_REQ,
];
/// Seconds after which an undecided registration is worth asking about again (decisions.md 30).
const RETRY_AFTER: u64 = 300;
