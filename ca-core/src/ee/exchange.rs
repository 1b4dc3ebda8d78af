//! The CA's key-exchange certificate: who will be told what nobody else may read (spec
//! `set-messages.md` §4.3 steps 6 and 7).

use super::EeError;
use super::trust::Evidence;
use super::wallet::Session;
use crate::UnixTime;
use crate::envelope::ContentCipher;
use crate::path::Purpose;
use crate::profile::Role;
use crate::wire::extensions::{ExtensionValue, Tunneling};
use crate::wire::{Cert, CertThumb};

/// A valid key-exchange certificate of the CA, and how that CA may encrypt its answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) recipient: Cert,
    /// Content encryption of the answer: cardholders only, others are answered in clear (§2.10).
    pub(super) tunnel: Option<ContentCipher>,
}

impl Exchange {
    /// The certificate that caeThumb names, judged.
    pub(super) fn of(
        session: &Session,
        evidence: &Evidence,
        thumb: &CertThumb,
        now: UnixTime,
    ) -> Result<Self, EeError> {
        let recipient = evidence.named(session, thumb).ok_or(EeError::MissingCertificate(WHAT))?;
        evidence.judge(session, WHAT, recipient, Purpose::Encryption, session.ca(), now)?;
        let tunnel = match session.role {
            Role::Cardholder => Some(tunnel(session, recipient).ok_or(EeError::NoTunneling)?),
            _ => None,
        };
        Ok(Self { recipient: recipient.clone(), tunnel })
    }

    /// As [`Exchange::of`] for a caeThumb that may be missing (spec §6 row 7).
    pub(super) fn of_optional(
        session: &Session,
        evidence: &Evidence,
        thumb: Option<&CertThumb>,
        now: UnixTime,
    ) -> Result<Self, EeError> {
        Self::of(session, evidence, thumb.ok_or(EeError::MissingCertificate(WHAT))?, now)
    }
}

/// The best cipher that the CA offers and the suite has (§4.3 step 6).
fn tunnel(session: &Session, certificate: &Cert) -> Option<ContentCipher> {
    let offer = Tunneling::find(certificate).ok().flatten();
    ContentCipher::best_of(session.suite, offer.as_ref())
}

const WHAT: &str = "the CA's encryption certificate";
