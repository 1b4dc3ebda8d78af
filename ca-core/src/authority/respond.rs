//! Any message posted by an end entity, from its octets to the octets of the answer.

use sha2::Digest as _;

use super::fault::Fault;
use super::{Authority, Ca, Error, Hierarchy};
use crate::UnixTime;
use crate::decide::{DateWindow, Refusal, check_date, check_extensions, check_version};
use crate::profile::Role;
use crate::store::{Conflict, Registration, StoreError, StoredAnswer};
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::{
    BadWrapper, CertReq, DecodeErrorKind, ErrorMsg, Message, MessageHeader, MessageWrapper, Rrpid,
    decode, tags,
};

/// What goes back to whoever posted to `/set`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SetReply {
    /// A DER MessageWrapper: an answer or a SET Error.
    Answer(Vec<u8>),
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

impl Authority {
    /// Answers one body posted to `/set`: the checks of spec `set-messages.md` §4.1, in its order.
    ///
    /// # Errors
    /// Only what is our fault and may be tried again: [`Error::Store`], [`Error::Key`] and such.
    pub fn respond(&self, octets: &[u8]) -> Result<SetReply, Error> {
        let now = self.parts.clock.now();
        // Steps 1 and 2: size, wrapper. Without a header there is no rrpid and nobody to sign.
        let wrapper = match MessageWrapper::from_der(octets) {
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
            return Ok(SetReply::Nothing);
        }
        match self.receive(&wrapper, now) {
            Ok(answer) => Ok(SetReply::Answer(answer)),
            Err(Fault::Ours(error)) => Err(error),
            Err(Fault::Refused(refusal)) => {
                let about = ErrorMsg::MessageHeader(wrapper.header.clone());
                let rrpid = wrapper.header.rrpid.as_ref();
                let hierarchy = self.hierarchy();
                self.error_answer(&refusal, about, rrpid, addressed(&hierarchy, &wrapper), now)
            }
        }
    }

    fn receive(&self, wrapper: &MessageWrapper, now: UnixTime) -> Result<Vec<u8>, Fault> {
        // Steps 3 and 4.
        check_version(u64::try_from(wrapper.header.version).unwrap_or_default())?;
        let rrpid = header_rrpid(&wrapper.header)?;
        // Step 5: whoever sent this before gets what he got before, whatever the date.
        let request = sha2::Sha256::digest(wrapper.message.as_der()).into();
        let _one_run = self.requests.enter(*rrpid.as_bytes());
        if let Some(stored) = self.parts.store.answer(rrpid.as_bytes())? {
            return repeated(stored, request);
        }
        // Steps 6 and 7.
        check_date(wrapper.header.date.time(), now, DateWindow::default())?;
        let extensions = wrapper.extensions.iter().flatten();
        check_extensions(extensions.map(|extension| (extension.extn_id, extension.critical)))?;
        // Steps 8 and 9.
        let message = Message::from_wrapper(wrapper).map_err(|_| Refusal::Malformed)?;
        let received = Received { rrpid, request, now };
        // Steps 10 and 11 depend on the message.
        match &message {
            Message::CardCInitReq(message) => self.initiate(&received, message),
            Message::RegFormReq(message) => self.give_form(&received, message.as_der()),
            Message::CertReq(CertReq::EncX(message)) => self.certify(&received, message.as_der()),
            other => Err(Refusal::MessageNotSupported(other.alternative()).into()),
        }
    }

    /// Records a registration as it now stands with the answer, then lets the answer go.
    pub(super) fn record_answer(
        &self,
        received: &Received<'_>,
        registration: &Registration,
        octets: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let answer = stored_answer(received, registration, octets);
        match self.parts.store.record_registration(registration, Some(&answer)) {
            Ok(()) => Ok(answer.octets),
            Err(error) => self.answer_of_other_run(received, error),
        }
    }

    /// Another process answered the same request in the meantime: its answer is the answer.
    pub(super) fn answer_of_other_run(
        &self,
        received: &Received<'_>,
        error: StoreError,
    ) -> Result<Vec<u8>, Fault> {
        if let StoreError::Conflict(Conflict::Answer(_)) = error
            && let Some(stored) = self.parts.store.answer(received.rrpid.as_bytes())?
        {
            return repeated(stored, received.request);
        }
        Err(error.into())
    }
}

/// The CA that would have served a message, if brand and role can be told (decisions.md 7).
fn addressed<'a>(hierarchy: &'a Hierarchy, wrapper: &MessageWrapper) -> Option<&'a Ca> {
    match Message::from_wrapper(wrapper).ok()? {
        Message::CardCInitReq(request) => hierarchy.serving(request.brand_id.as_str(), Role::Cca),
        Message::RegFormReq(envelope)
        | Message::CertReq(CertReq::EncX(envelope) | CertReq::Enc(envelope)) => {
            hierarchy.recipient(&decode(envelope.as_der(), MAX_MESSAGE).ok()?)
        }
        _ => None,
    }
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

fn repeated(stored: StoredAnswer, request: [u8; 32]) -> Result<Vec<u8>, Fault> {
    if stored.request == request { Ok(stored.octets) } else { Err(Refusal::RrpidReused.into()) }
}

fn header_rrpid(header: &MessageHeader) -> Result<&Rrpid, Refusal> {
    header.rrpid.as_ref().ok_or(Refusal::HeaderIncomplete)
}
