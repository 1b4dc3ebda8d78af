//! Stage 2 of a cardholder: RegFormReq and its answer, a form or a referral (spec
//! `set-messages.md` §4.4).

use const_oid::ObjectIdentifier;
use der::Encode;
use zeroize::Zeroizing;

use super::exchange::Exchange;
use super::receive::receive;
use super::trust::{SignedContent, verify};
use super::wallet::{Labels, Session, wrapped};
use super::{EeError, FormAnswer, FormOffer, Initiated, Referral};
use crate::UnixTime;
use crate::envelope::{Block, Extra, REG_FORM_REQ, SignedMessage, seal_exh};
use crate::signer::SecureRandom;
use crate::wire::{
    BrandCrlIdentifierOctets, Challenge, EnvelopedDataOctets, Message, Nonce, Pan, PanOnly,
    RegFormOrReferral, RegFormReqData, RegFormResTbs, RequestType, Rrpid, Thumbs, oids,
};

impl Initiated {
    /// Makes RegFormReq for a first certificate, with the account number sealed to the CCA.
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn ask_form(
        self,
        pan: &Pan,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, AskingForm), EeError> {
        self.asking(RequestType::CardInitialSig, pan, now, random)
    }

    /// Makes RegFormReq for a certificate in the place of one that is held.
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn ask_renewal_form(
        self,
        pan: &Pan,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, AskingForm), EeError> {
        self.asking(RequestType::CardRenewalSig, pan, now, random)
    }

    fn asking(
        self,
        request_type: RequestType,
        pan: &Pan,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, AskingForm), EeError> {
        let Self { session, labels, exchange } = self;
        let rrpid = Rrpid::random(random)?;
        let chall_ee2 = Challenge::random(random)?;
        let thumbs = session.thumbs()?;
        let request = RegFormReqData {
            rrpid,
            lid_ee: labels.lid_ee.clone(),
            chall_ee2,
            lid_ca: labels.lid_ca.clone(),
            request_type,
            language: session.language.clone(),
            thumbs: Some(thumbs.clone()),
        };
        let account = PanOnly { pan: pan.clone(), ex_nonce: Nonce::random(random)? };
        let account = Zeroizing::new(account.to_der()?);
        let sealed = seal_exh(
            session.suite,
            &exchange.recipient,
            &REG_FORM_REQ,
            &request.to_der()?,
            Extra { block: Block::PanOnly, der: &account },
            random,
        )?;
        let message = Message::RegFormReq(EnvelopedDataOctets::new(sealed)?);
        let octets = wrapped(&message, Some(&rrpid), now)?;
        let waiting =
            AskingForm { session, labels, exchange, request_type, rrpid, chall_ee2, thumbs };
        Ok((octets, waiting))
    }
}

/// RegFormReq was sent.
#[derive(Clone, Debug)]
pub struct AskingForm {
    session: Session,
    labels: Labels,
    exchange: Exchange,
    request_type: RequestType,
    rrpid: Rrpid,
    chall_ee2: Challenge,
    thumbs: Thumbs,
}

impl AskingForm {
    /// Checks the answer: RegFormRes.
    ///
    /// # Errors
    /// [`EeError`] of the first check that fails; the run is over.
    pub fn accept(self, answer: &[u8], now: UnixTime) -> Result<FormAnswer, EeError> {
        let octets = match receive(&self.session, answer, &self.rrpid, now)? {
            Message::RegFormRes(octets) => octets,
            other => {
                let found = other.alternative();
                return Err(EeError::Unexpected { expected: "RegFormRes", found });
            }
        };
        // Step 1.
        let signed = SignedMessage::decode(octets.as_der())?;
        let trusted = verify::<RegFormResTbs>(&self.session, &signed, now)?;
        // Steps 2 to 4.
        self.check(&trusted.content)?;
        // Step 5: another key for CertReq, if one is named.
        let Self { mut session, mut labels, exchange, request_type, .. } = self;
        let exchange = match &trusted.content.cae_thumb {
            Some(thumb) => Exchange::of(&session, &trusted.evidence, thumb, now)?,
            None => exchange,
        };
        let tbs = trusted.remember(&mut session);
        labels.keep(tbs.lid_ca);
        Ok(match tbs.form_or_referral {
            RegFormOrReferral::Form(form) => FormAnswer::Form(Box::new(FormOffer {
                session,
                labels,
                exchange,
                request_type,
                id_data: None,
                chall_ca: tbs.chall_ca,
                form,
                account_field: None,
            })),
            RegFormOrReferral::Referral(referral) => FormAnswer::Referral(Referral::from(referral)),
        })
    }

    fn check(&self, tbs: &RegFormResTbs) -> Result<(), EeError> {
        if tbs.rrpid != self.rrpid {
            return Err(EeError::Rrpid);
        }
        if tbs.request_type != self.request_type {
            return Err(EeError::Challenge("requestType"));
        }
        self.labels.check(&tbs.lid_ee, tbs.lid_ca.as_ref())?;
        if tbs.chall_ee2 != self.chall_ee2 {
            return Err(EeError::Challenge("chall-EE2"));
        }
        if tbs.thumbs.as_ref() != Some(&self.thumbs) {
            return Err(EeError::Thumbs);
        }
        Ok(())
    }
}

impl SignedContent for RegFormResTbs {
    const CONTENT_TYPE: ObjectIdentifier = oids::CT_REG_FORM_RES_TBS;

    fn bci(&self) -> Option<&BrandCrlIdentifierOctets> {
        self.brand_crl_identifier.as_ref()
    }
}
