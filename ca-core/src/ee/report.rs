//! The Error that tells the CA why its answer was dropped (spec `set-messages.md` §2.13, §4.11).

use der::Encode;

use super::kept::{Keys, identity};
use super::wallet::wrapped;
use super::{EeError, Holder};
use crate::envelope::{Attachments, sign};
use crate::signer::SecureRandom;
use crate::wire::{
    BadWrapper, CertThumb, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageHeader,
    MessageWrapper, Nonce, SignedDataOctets, oids,
};
use crate::{Suite, UnixTime};

impl EeError {
    /// An unsigned Error about `answer`, ready to be posted: an end entity without a certificate
    /// cannot sign. `None` where the CA is not to be told ([`EeError::error_code`]).
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn report(
        &self,
        answer: &[u8],
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<Option<Vec<u8>>, Self> {
        let header = header_of(answer);
        let Some(tbs) = self.error_tbs(answer, header.clone(), random)? else { return Ok(None) };
        posted(ErrorMessage::Unsigned(tbs), header.as_ref(), now).map(Some)
    }

    /// The same, signed by an end entity that has a signature certificate (§4.1).
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn signed_report(
        &self,
        answer: &[u8],
        (suite, sender): (Suite, Holder<'_>),
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<Option<Vec<u8>>, Self> {
        let header = header_of(answer);
        let Some(tbs) = self.error_tbs(answer, header.clone(), random)? else { return Ok(None) };
        let signed = sign(
            suite,
            oids::CT_ERROR_TBS,
            &tbs.to_der()?,
            true,
            &[identity(suite, Some(sender.certificate), sender.key)],
            Attachments { certificates: vec![sender.certificate.der().to_vec()], crls: Vec::new() },
            &Keys([Some(sender.key), None]),
        )?;
        let message = ErrorMessage::Signed(SignedDataOctets::new(signed)?);
        posted(message, header.as_ref(), now).map(Some)
    }

    fn error_tbs(
        &self,
        answer: &[u8],
        header: Option<MessageHeader>,
        random: &dyn SecureRandom,
    ) -> Result<Option<ErrorTbs>, Self> {
        let Some(error_code) = self.error_code() else { return Ok(None) };
        // Nothing but octets the CA has sent goes back: no secret of ours can be among them.
        Ok(Some(ErrorTbs {
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
        }))
    }

    /// The certificate at fault.
    const fn thumb(&self) -> Option<&CertThumb> {
        match self {
            Self::Certificate { thumb, .. } => Some(thumb),
            _ => None,
        }
    }
}

fn header_of(answer: &[u8]) -> Option<MessageHeader> {
    MessageWrapper::from_der(answer).ok().map(|wrapper| wrapper.header)
}

fn posted(
    error: ErrorMessage,
    header: Option<&MessageHeader>,
    now: UnixTime,
) -> Result<Vec<u8>, EeError> {
    let rrpid = header.and_then(|header| header.rrpid);
    wrapped(&Message::Error(error), rrpid.as_ref(), now)
}
