//! Stage 1 of a cardholder: CardCInitReq and its answer (spec `set-messages.md` §4.3).

use const_oid::ObjectIdentifier;

use super::exchange::Exchange;
use super::receive::receive;
use super::trust::{SignedContent, verify};
use super::wallet::{Labels, Session, wrapped};
use super::{EeError, Wallet};
use crate::UnixTime;
use crate::envelope::SignedMessage;
use crate::profile::Role;
use crate::signer::SecureRandom;
use crate::wire::{
    BrandCrlIdentifierOctets, CardCInitReq, CardCInitResTbs, Cert, Challenge, LocalId, Message,
    Rrpid, Thumbs, oids,
};

impl Wallet {
    /// Makes CardCInitReq: the octets to post, and what waits for the answer.
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn initiate(
        self,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, Initiating), EeError> {
        let session = Session { role: Role::Cardholder, ..self.session };
        let rrpid = Rrpid::random(random)?;
        let lid_ee = LocalId::random(random)?;
        let chall_ee = Challenge::random(random)?;
        let thumbs = session.thumbs()?;
        let message = Message::CardCInitReq(CardCInitReq {
            rrpid,
            lid_ee: lid_ee.clone(),
            chall_ee,
            brand_id: session.brand.clone(),
            thumbs: Some(thumbs.clone()),
        });
        let octets = wrapped(&message, Some(&rrpid), now)?;
        let labels = Labels { lid_ee, lid_ca: None };
        Ok((octets, Initiating { session, labels, rrpid, chall_ee, thumbs }))
    }
}

/// CardCInitReq was sent.
#[derive(Clone, Debug)]
pub struct Initiating {
    session: Session,
    labels: Labels,
    rrpid: Rrpid,
    chall_ee: Challenge,
    thumbs: Thumbs,
}

impl Initiating {
    /// Checks the answer: CardCInitRes.
    ///
    /// # Errors
    /// [`EeError`] of the first check that fails; the run is over.
    pub fn accept(self, answer: &[u8], now: UnixTime) -> Result<Initiated, EeError> {
        let Self { mut session, mut labels, .. } = self;
        let octets = match receive(&session, answer, &self.rrpid, now)? {
            Message::CardCInitRes(octets) => octets,
            other => {
                let found = other.alternative();
                return Err(EeError::Unexpected { expected: "CardCInitRes", found });
            }
        };
        // Step 1: signature, chain, BCI and CRLs.
        let signed = SignedMessage::decode(octets.as_der())?;
        let trusted = verify::<CardCInitResTbs>(&session, &signed, now)?;
        let tbs = &trusted.content;
        // Steps 2 to 4.
        if tbs.rrpid != self.rrpid {
            return Err(EeError::Rrpid);
        }
        if tbs.thumbs.as_ref() != Some(&self.thumbs) {
            return Err(EeError::Thumbs);
        }
        if tbs.chall_ee != self.chall_ee {
            return Err(EeError::Challenge("chall-EE"));
        }
        labels.check(&tbs.lid_ee, tbs.lid_ca.as_ref())?;
        // Steps 6 and 7.
        let exchange = Exchange::of(&session, &trusted.evidence, &tbs.cae_thumb, now)?;
        // Step 5.
        let tbs = trusted.remember(&mut session);
        labels.keep(tbs.lid_ca);
        Ok(Initiated { session, labels, exchange })
    }
}

/// The CCA is known, and so is a key to encrypt to.
#[derive(Clone, Debug)]
pub struct Initiated {
    pub(super) session: Session,
    pub(super) labels: Labels,
    pub(super) exchange: Exchange,
}

impl Initiated {
    /// The CCA's key-exchange certificate: who will be told the account number.
    #[must_use]
    pub const fn recipient(&self) -> &Cert {
        &self.exchange.recipient
    }
}

impl SignedContent for CardCInitResTbs {
    const CONTENT_TYPE: ObjectIdentifier = oids::CT_CARD_C_INIT_RES_TBS;

    fn bci(&self) -> Option<&BrandCrlIdentifierOctets> {
        self.brand_crl_identifier.as_ref()
    }
}
