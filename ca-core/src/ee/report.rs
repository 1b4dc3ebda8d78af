//! The Error that tells the CA why its answer was dropped (spec `set-messages.md` §2.13, §4.11).

use super::EeError;
use super::wallet::wrapped;
use crate::UnixTime;
use crate::signer::SecureRandom;
use crate::wire::{
    BadWrapper, CertThumb, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageWrapper, Nonce,
};

impl EeError {
    /// An unsigned Error about `answer`, ready to be posted: a wallet without a certificate cannot
    /// sign. `None` where the CA is not to be told ([`EeError::error_code`]).
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn report(
        &self,
        answer: &[u8],
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<Option<Vec<u8>>, Self> {
        let Some(error_code) = self.error_code() else {
            return Ok(None);
        };
        // Nothing but octets the CA has sent goes back: no secret of ours can be among them.
        let header = MessageWrapper::from_der(answer).ok().map(|wrapper| wrapper.header);
        let rrpid = header.as_ref().and_then(|header| header.rrpid);
        let error = ErrorTbs {
            error_code,
            error_nonce: Nonce::random(random)?,
            error_oid: match self {
                Self::UnknownExtension(oid) => Some(*oid),
                _ => None,
            },
            error_thumb: self.thumb().cloned(),
            error_msg: match header {
                Some(header) => ErrorMsg::MessageHeader(header),
                None => ErrorMsg::BadWrapper(BadWrapper::new(answer)),
            },
        };
        let message = Message::Error(ErrorMessage::Unsigned(error));
        wrapped(&message, rrpid.as_ref(), now).map(Some)
    }

    /// The certificate at fault.
    const fn thumb(&self) -> Option<&CertThumb> {
        match self {
            Self::Certificate { thumb, .. } => Some(thumb),
            _ => None,
        }
    }
}
