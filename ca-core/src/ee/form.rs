//! Stage 2: RegFormReq and its answer, a form or a referral (spec `set-messages.md` §4.4).

use const_oid::ObjectIdentifier;
use der::Encode;
use zeroize::Zeroizing;

use super::initiate::Exchange;
use super::receive::receive;
use super::trust::{SignedContent, verify};
use super::wallet::{Labels, Session, wrapped};
use super::{EeError, Initiated};
use crate::UnixTime;
use crate::envelope::{Block, Extra, REG_FORM_REQ, SignedMessage, seal_exh};
use crate::signer::SecureRandom;
use crate::wire::{
    BrandCrlIdentifierOctets, Challenge, EnvelopedDataOctets, Message, Nonce, Pan, PanOnly,
    ReferralData, RegField, RegFormData, RegFormOrReferral, RegFormReqData, RegFormResTbs,
    RequestType, Rrpid, Thumbs, oids,
};

impl Initiated {
    /// Makes RegFormReq, with the account number sealed to the CCA.
    ///
    /// # Errors
    /// [`EeError`] of blame Own.
    pub fn ask_form(
        self,
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
            request_type: REQUEST_TYPE,
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
        Ok((octets, AskingForm { session, labels, exchange, rrpid, chall_ee2, thumbs }))
    }
}

/// RegFormReq was sent.
#[derive(Clone, Debug)]
pub struct AskingForm {
    session: Session,
    labels: Labels,
    exchange: Exchange,
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
        let Self { mut session, mut labels, exchange, .. } = self;
        let exchange = match &trusted.content.cae_thumb {
            Some(thumb) => Exchange::of(&session, &trusted.evidence, thumb, now)?,
            None => exchange,
        };
        let tbs = trusted.remember(&mut session);
        labels.keep(tbs.lid_ca);
        let chall_ca = tbs.chall_ca;
        Ok(match tbs.form_or_referral {
            RegFormOrReferral::Form(form) => {
                FormAnswer::Form(Box::new(FormOffer { session, labels, exchange, chall_ca, form }))
            }
            RegFormOrReferral::Referral(referral) => FormAnswer::Referral(Referral(referral)),
        })
    }

    fn check(&self, tbs: &RegFormResTbs) -> Result<(), EeError> {
        if tbs.rrpid != self.rrpid {
            return Err(EeError::Rrpid);
        }
        if tbs.request_type != REQUEST_TYPE {
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

/// What the CCA says to the wish for a form.
#[derive(Clone, Debug)]
pub enum FormAnswer {
    /// It serves this card.
    Form(Box<FormOffer>),
    /// It does not: a new run begins elsewhere.
    Referral(Referral),
}

/// A form to fill in and a policy to agree to.
///
/// Stays good for another try when the answers were refused (§4.7 step 10).
#[derive(Clone, Debug)]
pub struct FormOffer {
    pub(super) session: Session,
    pub(super) labels: Labels,
    pub(super) exchange: Exchange,
    pub(super) chall_ca: Challenge,
    form: RegFormData,
}

impl FormOffer {
    /// What must be shown, and agreed to before a certificate is requested. Consent has no field on
    /// the wire: the caller records it (decisions.md 32).
    #[must_use]
    pub fn policy(&self) -> &str {
        self.form.policy.as_str()
    }

    /// The fields in order; none if there is no form.
    #[must_use]
    pub fn fields(&self) -> &[RegField] {
        self.form
            .reg_template
            .as_ref()
            .and_then(|template| template.reg_field_seq.as_deref())
            .unwrap_or_default()
    }

    /// regFormID; 0 is no form (decisions.md 4).
    pub(super) fn form_id(&self) -> u64 {
        self.form.reg_template.as_ref().map_or(NO_FORM, |template| template.reg_form_id)
    }
}

/// Why not here, and where else.
#[derive(Clone, Debug)]
pub struct Referral(ReferralData);

impl Referral {
    /// To be shown.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_ref().map(|reason| reason.as_str())
    }

    /// Other CAs in order of preference; their addresses are not trusted more than this answer.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let urls = self.0.referral_url_seq.as_deref().unwrap_or_default();
        urls.iter().map(|url| url.as_str())
    }
}

impl SignedContent for RegFormResTbs {
    const CONTENT_TYPE: ObjectIdentifier = oids::CT_REG_FORM_RES_TBS;

    fn bci(&self) -> Option<&BrandCrlIdentifierOctets> {
        self.brand_crl_identifier.as_ref()
    }
}

/// A first certificate; renewal needs a second signature (§3.3).
pub(super) const REQUEST_TYPE: RequestType = RequestType::CardInitialSig;
/// regFormID without a form (decisions.md 4).
const NO_FORM: u64 = 0;
