//! The checks on every answer before anything in it is opened (spec `set-messages.md` §4.1).

use super::EeError;
use super::trust::is_authentic;
use super::wallet::Session;
use crate::UnixTime;
use crate::decide::DateWindow;
use crate::envelope::SignedMessage;
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::{
    DecodeError, DecodeErrorKind, ErrorMessage, ErrorTbs, Message, MessageHeader, MessageWrapper,
    Rrpid, decode, tags,
};

/// Takes the answer to the request `rrpid` out of its wrapper.
///
/// An Error of the CA becomes [`EeError::Peer`], whatever its header says.
pub(super) fn receive(
    session: &Session,
    answer: &[u8],
    rrpid: &Rrpid,
    now: UnixTime,
) -> Result<Message, EeError> {
    // Steps 1 and 2.
    let wrapper = MessageWrapper::from_der(answer).map_err(|fault| match fault.kind {
        DecodeErrorKind::TooLong => EeError::TooBig { found: answer.len(), limit: MAX_MESSAGE },
        _ => EeError::Malformed(fault),
    })?;
    if wrapper.message.alternative() == tags::ERROR {
        return Err(peer_error(session, &wrapper, now)?);
    }
    check_header(&wrapper.header, now)?;
    // Step 7: no wrapper extension is predefined, so a critical one is always unknown (§1.1).
    if let Some(extension) = wrapper.unknown_critical_extension() {
        return Err(EeError::UnknownExtension(extension.extn_id));
    }
    // Steps 8 and 9.
    let message = Message::from_wrapper(&wrapper)?;
    // Step 10, the half that can be checked from outside.
    match &wrapper.header.rrpid {
        Some(found) if found == rrpid => Ok(message),
        Some(_) => Err(EeError::Rrpid),
        None => Err(EeError::NoRrpid),
    }
}

/// Steps 3, 4 and 6.
fn check_header(header: &MessageHeader, now: UnixTime) -> Result<(), EeError> {
    if header.version != MessageHeader::VERSION {
        return Err(EeError::Version(header.version));
    }
    let window = DateWindow::default();
    let date = header.date.time();
    if date < now.minus_secs(window.past) {
        return Err(EeError::TooOld(date));
    }
    if date > now.plus_secs(window.future) {
        return Err(EeError::TooNew(date));
    }
    Ok(())
}

/// What an Error says. It ends the run whether it is authentic or not: there is no other answer.
fn peer_error(
    session: &Session,
    wrapper: &MessageWrapper,
    now: UnixTime,
) -> Result<EeError, DecodeError> {
    match Message::from_wrapper(wrapper)? {
        Message::Error(ErrorMessage::Unsigned(tbs)) => {
            Ok(EeError::Peer { code: tbs.error_code, authentic: false })
        }
        Message::Error(ErrorMessage::Signed(octets)) => {
            let signed = SignedMessage::decode(octets.as_der())?;
            let content = signed.unverified_content().unwrap_or_default();
            let tbs: ErrorTbs = decode(content, MAX_MESSAGE)?;
            let authentic = is_authentic(session, &signed, now);
            Ok(EeError::Peer { code: tbs.error_code, authentic })
        }
        other => Ok(EeError::Unexpected { expected: "Error", found: other.alternative() }),
    }
}
