//! Stage 3: CertReq (spec `set-messages.md` §4.6, "EE builds").

use der::{Decode, Encode};
use spki::SubjectPublicKeyInfoOwned;
use zeroize::Zeroizing;

use super::kept::{Kept, KeptCard, KeptKey};
use super::wallet::wrapped;
use super::{Account, Application, EeError, FormOffer};
use crate::UnixTime;
use crate::envelope::{
    Block, CERT_REQ_ENC, CERT_REQ_ENCX, Extra, SealError, encx_tbs, seal_enc, seal_encx,
};
use crate::signer::SecureRandom;
use crate::wire::{
    AcctData, AcctInfo, BackKey, BackKeyData, CertReq, CertReqData, CertThumb, Challenge, Date,
    EnvelopedDataOctets, Message, Nonce, PanData0, PublicKeySorE, RequestType, Rrpid, Secret,
    Thumbs,
};

impl FormOffer {
    /// Makes CertReq from the answers, the account and the keys to certify.
    ///
    /// Calling this says that the user has seen [`FormOffer::policy`] and agrees.
    ///
    /// # Errors
    /// [`EeError::Answer`] if the answers do not fit the form, [`EeError::Application`] if keys and
    /// certificates do not fit the type of request, else [`EeError`] of blame Own.
    pub fn request(
        &self,
        application: &Application<'_>,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, Requesting), EeError> {
        application.check(self.request_type)?;
        let kept = self.kept(application, random)?;
        let pair = Pair {
            rrpid: Rrpid::random(random)?,
            chall_ee3: Challenge::random(random)?,
            thumbs: Some(kept.session.thumbs()?),
        };
        let account = self.account_info(application, &kept, random)?;
        let data = self.cert_req_data(application, &kept, &pair, now)?;
        // It holds the back key.
        let data = Zeroizing::new(data.to_der()?);
        let request = match account {
            Some(account) => self.encx(&kept, &data, &account, random)?,
            None => self.enc(&kept, &data, random)?,
        };
        let message = wrapped(&Message::CertReq(request), Some(&pair.rrpid), now)?;
        Ok((message.clone(), Requesting { kept, pair, message }))
    }

    /// Steps 1 to 3: what must be there when the answer comes.
    fn kept(
        &self,
        application: &Application<'_>,
        random: &dyn SecureRandom,
    ) -> Result<Kept, EeError> {
        let suite = self.session.suite;
        let (signature_key, encryption_key, holder) = application.kept_keys();
        let card = match application.account {
            Account::Card(data) => {
                let tunnel = self.exchange.tunnel.ok_or(EeError::NoTunneling)?;
                Some(KeptCard {
                    data: data.clone(),
                    card_secret: Secret::random(random, suite)?,
                    back_key: BackKeyData {
                        back_alg_id: tunnel.identifier(random)?,
                        back_key: BackKey::random(random, suite)?,
                    },
                })
            }
            Account::Bank(_) | Account::None => None,
        };
        Ok(Kept {
            session: self.session.clone(),
            labels: self.labels.clone(),
            request_type: self.request_type,
            id_data: self.id_data.clone(),
            signature_key,
            encryption_key,
            holder,
            card,
        })
    }

    /// Steps 4 and 7: AcctInfo; none makes an Enc.
    fn account_info(
        &self,
        application: &Application<'_>,
        kept: &Kept,
        random: &dyn SecureRandom,
    ) -> Result<Option<AcctInfo>, EeError> {
        if let Some(card) = &kept.card {
            return Ok(Some(AcctInfo::PanData0(PanData0 {
                pan: card.data.pan.clone(),
                card_expiry: card.data.expiry,
                card_secret: card.card_secret.clone(),
                ex_nonce: Nonce::random(random)?,
            })));
        }
        let identification = self.account_identification(application.account.bank())?;
        identification
            .map(|acct_identification| {
                let ex_nonce = Nonce::random(random)?;
                Ok(AcctInfo::AcctData(AcctData { acct_identification, ex_nonce }))
            })
            .transpose()
    }

    /// Steps 5 and 6.
    fn cert_req_data(
        &self,
        application: &Application<'_>,
        kept: &Kept,
        pair: &Pair,
        now: UnixTime,
    ) -> Result<CertReqData, EeError> {
        let suite = self.session.suite;
        let thumb = |certificate: &crate::wire::Cert| {
            CertThumb::new(suite, &certificate.thumbprint(suite))
                .map_err(|fault| EeError::Value { what: "thumbprint", fault })
        };
        let spki = |key: &KeptKey| SubjectPublicKeyInfoOwned::from_der(&key.spki);
        let signature = kept.signature_key.as_ref().map(spki).transpose()?;
        let encryption = kept.encryption_key.as_ref().map(spki).transpose()?;
        Ok(CertReqData {
            rrpid: pair.rrpid,
            lid_ee: self.labels.lid_ee.clone(),
            chall_ee3: pair.chall_ee3,
            lid_ca: self.labels.lid_ca.clone(),
            chall_ca: Some(self.chall_ca),
            request_type: self.request_type,
            request_date: Date::from(now),
            id_data: self.id_data.clone(),
            reg_form_id: self.form_id(),
            reg_form: self.reg_form(application.answers)?,
            ca_back_key_data: kept.card.as_ref().map(|card| card.back_key.clone()),
            public_key_s_or_e: PublicKeySorE::new(signature, encryption)
                .ok_or(EeError::Seal(SealError::Encoding))?,
            ee_thumb: application.renewed_encryption.map(thumb).transpose()?,
            thumbs: pair.thumbs.clone(),
        })
    }

    /// Step 8 with AcctInfo.
    fn encx(
        &self,
        kept: &Kept,
        data: &[u8],
        account: &AcctInfo,
        random: &dyn SecureRandom,
    ) -> Result<CertReq, EeError> {
        let block = match account {
            AcctInfo::PanData0(_) => Block::PanData0,
            AcctInfo::AcctData(_) => Block::AcctData,
        };
        let account = Zeroizing::new(account.to_der()?);
        let tbs = encx_tbs(data, &account)?;
        let signature = kept.sign(CERT_REQ_ENCX.inner_type(), &tbs, false)?;
        let (suite, recipient) = (self.session.suite, &self.exchange.recipient);
        let extra = Extra { block, der: &account };
        let sealed = seal_encx(suite, recipient, &CERT_REQ_ENCX, data, &signature, extra, random)?;
        Ok(CertReq::EncX(EnvelopedDataOctets::new(sealed)?))
    }

    /// Step 8 without.
    fn enc(&self, kept: &Kept, data: &[u8], random: &dyn SecureRandom) -> Result<CertReq, EeError> {
        let signed = kept.sign(CERT_REQ_ENC.inner_type(), data, true)?;
        let (suite, recipient) = (self.session.suite, &self.exchange.recipient);
        let sealed = seal_enc(suite, recipient, &CERT_REQ_ENC, &signed, random)?;
        Ok(CertReq::Enc(EnvelopedDataOctets::new(sealed)?))
    }
}

/// CertReq or CertInqReq was sent. Holds what the answer is opened and checked with; wiped when
/// dropped.
#[derive(Clone, Debug)]
pub struct Requesting {
    pub(super) kept: Kept,
    pub(super) pair: Pair,
    pub(super) message: Vec<u8>,
}

impl Requesting {
    /// The message, to be sent again unchanged if its answer was lost (§4.6 step 9).
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// What is asked for.
    #[must_use]
    pub const fn request_type(&self) -> RequestType {
        self.kept.request_type
    }
}

/// What the answer repeats.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pair {
    pub(super) rrpid: Rrpid,
    pub(super) chall_ee3: Challenge,
    /// `None` in a CertInqReq, which has no Thumbs (decisions.md 6).
    pub(super) thumbs: Option<Thumbs>,
}

impl Pair {
    /// True for a CertInqReq.
    pub(super) const fn is_inquiry(&self) -> bool {
        self.thumbs.is_none()
    }
}
