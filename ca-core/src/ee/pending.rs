//! A request the CA has not decided yet, and how to ask after it (spec `set-messages.md` §4.7,
//! "Polling").

use der::Encode;

use super::kept::Kept;
use super::request::Pair;
use super::wallet::wrapped;
use super::{EeError, Requesting};
use crate::UnixTime;
use crate::signer::SecureRandom;
use crate::wire::{
    CertInqReqTbs, CertStatusCode, Challenge, LocalId, Message, RequestType, Rrpid,
    SignedDataOctets, oids,
};

/// The CA has not decided yet; the key pairs are not lost. Wiped when dropped.
#[derive(Clone, Debug)]
pub struct Pending {
    pub(super) kept: Kept,
    pub(super) lid_ca: LocalId,
    pub(super) status: CertStatusCode,
    pub(super) message: Option<String>,
}

impl Pending {
    /// requestInProgress or requestPended.
    #[must_use]
    pub const fn status(&self) -> CertStatusCode {
        self.status
    }

    /// For people.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What is asked for.
    #[must_use]
    pub const fn request_type(&self) -> RequestType {
        self.kept.request_type
    }

    /// The CA's label of the request: what its operator finds it by.
    #[must_use]
    pub const fn lid_ca(&self) -> &LocalId {
        &self.lid_ca
    }

    /// Makes CertInqReq, signed as the CertReq was; its answer is like CertRes.
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn inquire(
        &self,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, Requesting), EeError> {
        let pair = Pair {
            rrpid: Rrpid::random(random)?,
            chall_ee3: Challenge::random(random)?,
            thumbs: None,
        };
        let content = CertInqReqTbs {
            rrpid: pair.rrpid,
            lid_ee: self.kept.labels.lid_ee.clone(),
            chall_ee3: pair.chall_ee3,
            lid_ca: self.lid_ca.clone(),
        };
        let signed = self.kept.sign(oids::CT_CERT_INQ_REQ_TBS, &content.to_der()?, true)?;
        let message = Message::CertInqReq(SignedDataOctets::new(signed)?);
        let message = wrapped(&message, Some(&pair.rrpid), now)?;
        Ok((message.clone(), Requesting { kept: self.kept.clone(), pair, message }))
    }
}
