//! Stages 1 and 2 of a merchant or a payment gateway in one: Me-AqCInitReq and its answer, a form
//! or a referral (spec `set-messages.md` §4.5).

use const_oid::ObjectIdentifier;

use super::exchange::Exchange;
use super::receive::receive;
use super::trust::{SignedContent, verify};
use super::wallet::{Labels, Session, wrapped};
use super::{ApplicationFault, EeError, FormAnswer, FormOffer, Referral, Wallet};
use crate::UnixTime;
use crate::envelope::SignedMessage;
use crate::profile::Role;
use crate::signer::SecureRandom;
use crate::wire::{
    BrandCrlIdentifierOctets, Challenge, IdData, LocalId, MeAqCInitReq, MeAqCInitResTbs, Message,
    RegFormOrReferral, RequestType, Rrpid, Thumbs, oids,
};

impl Wallet {
    /// Makes Me-AqCInitReq: the octets to post, and what waits for the answer.
    ///
    /// # Errors
    /// [`EeError::Application`] for a type of cardholders, or an identity of the other class
    /// (§3.2); else [`EeError`] of blame Own.
    pub fn contact(
        self,
        request_type: RequestType,
        id_data: IdData,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, Contacting), EeError> {
        match (request_type.role(), &id_data) {
            (Role::Merchant, IdData::Merchant(_)) | (Role::Gateway, IdData::Acquirer(_)) => {}
            _ => return Err(ApplicationFault::Identity(request_type).into()),
        }
        let session = Session { role: request_type.role(), ..self.session };
        let rrpid = Rrpid::random(random)?;
        let lid_ee = LocalId::random(random)?;
        let chall_ee = Challenge::random(random)?;
        let thumbs = session.thumbs()?;
        let message = Message::MeAqCInitReq(MeAqCInitReq {
            rrpid,
            lid_ee: lid_ee.clone(),
            chall_ee,
            request_type,
            id_data: id_data.clone(),
            brand_id: session.brand.clone(),
            language: session.language.clone(),
            thumbs: Some(thumbs.clone()),
        });
        let octets = wrapped(&message, Some(&rrpid), now)?;
        let labels = Labels { lid_ee, lid_ca: None };
        Ok((octets, Contacting { session, labels, request_type, id_data, rrpid, chall_ee, thumbs }))
    }
}

/// Me-AqCInitReq was sent.
#[derive(Clone, Debug)]
pub struct Contacting {
    session: Session,
    labels: Labels,
    request_type: RequestType,
    id_data: IdData,
    rrpid: Rrpid,
    chall_ee: Challenge,
    thumbs: Thumbs,
}

impl Contacting {
    /// Checks the answer: Me-AqCInitRes.
    ///
    /// # Errors
    /// [`EeError`] of the first check that fails; the run is over.
    pub fn accept(self, answer: &[u8], now: UnixTime) -> Result<FormAnswer, EeError> {
        // Step 1.
        let octets = match receive(&self.session, answer, &self.rrpid, now)? {
            Message::MeAqCInitRes(octets) => octets,
            other => {
                let found = other.alternative();
                return Err(EeError::Unexpected { expected: "Me-AqCInitRes", found });
            }
        };
        // Step 2.
        let signed = SignedMessage::decode(octets.as_der())?;
        let trusted = verify::<MeAqCInitResTbs>(&self.session, &signed, now)?;
        // Steps 4 to 6.
        self.check(&trusted.content)?;
        let Self { mut session, mut labels, request_type, id_data, .. } = self;
        // Step 7. A referral has nothing to encrypt, so only a form needs the key of step 3.
        let form = match &trusted.content.reg_form_or_referral {
            RegFormOrReferral::Form(form) => form.clone(),
            RegFormOrReferral::Referral(referral) => {
                return Ok(FormAnswer::Referral(Referral::from(referral.clone())));
            }
        };
        let thumb = trusted.content.cae_thumb.as_ref();
        let exchange = Exchange::of_optional(&session, &trusted.evidence, thumb, now)?;
        let tbs = trusted.remember(&mut session);
        labels.keep(tbs.lid_ca);
        Ok(FormAnswer::Form(Box::new(FormOffer {
            session,
            labels,
            exchange,
            request_type,
            id_data: Some(id_data),
            chall_ca: tbs.chall_ca,
            form,
            account_field: tbs.acct_data_field,
        })))
    }

    fn check(&self, tbs: &MeAqCInitResTbs) -> Result<(), EeError> {
        if tbs.rrpid != self.rrpid {
            return Err(EeError::Rrpid);
        }
        self.labels.check(&tbs.lid_ee, tbs.lid_ca.as_ref())?;
        if tbs.chall_ee != self.chall_ee {
            return Err(EeError::Challenge("chall-EE"));
        }
        if tbs.request_type != self.request_type {
            return Err(EeError::Challenge("requestType"));
        }
        if tbs.thumbs.as_ref() != Some(&self.thumbs) {
            return Err(EeError::Thumbs);
        }
        Ok(())
    }
}

impl SignedContent for MeAqCInitResTbs {
    const CONTENT_TYPE: ObjectIdentifier = oids::CT_ME_AQ_C_INIT_RES_TBS;

    fn bci(&self) -> Option<&BrandCrlIdentifierOctets> {
        self.brand_crl_identifier.as_ref()
    }
}
