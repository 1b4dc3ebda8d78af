//! Stage 3: CertReq, the cardholder's way (spec `set-messages.md` §4.6, "EE builds").

use der::{Decode, Encode};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use zeroize::Zeroizing;

use super::form::REQUEST_TYPE;
use super::wallet::{Labels, Session, wrapped};
use super::{EeError, FormOffer};
use crate::UnixTime;
use crate::envelope::{
    Attachments, Block, CERT_REQ_ENCX, Extra, SealError, SignerIdentity, encx_tbs, seal_encx, sign,
};
use crate::signer::{KeyError, KeyId, PrivateKey, SecureRandom, SignatureAlgorithm, Signer};
use crate::wire::{
    AcctInfo, BackKey, BackKeyData, CardExpiry, CertReq, CertReqData, Challenge, Date,
    EnvelopedDataOctets, Message, Nonce, Pan, PanData0, PublicKeySorE, Rrpid, Secret, Thumbs,
};

/// The card to register: the same number as for the form (decisions.md 17), and its expiry.
#[derive(Clone, Debug)]
pub struct PanData {
    /// Account number.
    pub pan: Pan,
    /// Last month in which the card is good.
    pub expiry: CardExpiry,
}

impl FormOffer {
    /// Makes CertReq: answers by label, the card, and the key to certify.
    ///
    /// Calling this says that the user has seen [`FormOffer::policy`] and agrees. The key must be
    /// one that was never certified.
    ///
    /// # Errors
    /// [`EeError::Answer`] if the answers do not fit the form, else [`EeError`] of blame Own.
    pub fn request(
        &self,
        answers: &[(String, String)],
        card: &PanData,
        key: &PrivateKey,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<(Vec<u8>, Requesting), EeError> {
        let waiting = Requesting {
            session: self.session.clone(),
            labels: self.labels.clone(),
            rrpid: Rrpid::random(random)?,
            chall_ee3: Challenge::random(random)?,
            thumbs: self.session.thumbs()?,
            card: card.clone(),
            card_secret: Secret::random(random, self.session.suite)?,
            back_key: BackKey::random(random, self.session.suite)?,
            spki: key.spki_der().to_vec(),
        };
        let data = self.cert_req_data(&waiting, answers, now)?;
        // It holds the back key.
        let data = Zeroizing::new(data.to_der()?);
        let account = AcctInfo::PanData0(PanData0 {
            pan: card.pan.clone(),
            card_expiry: card.expiry,
            card_secret: waiting.card_secret.clone(),
            ex_nonce: Nonce::random(random)?,
        });
        let account = Zeroizing::new(account.to_der()?);
        let sealed = self.sealed(&data, &account, key, random)?;
        let message = Message::CertReq(CertReq::EncX(EnvelopedDataOctets::new(sealed)?));
        let octets = wrapped(&message, Some(&waiting.rrpid), now)?;
        Ok((octets, waiting))
    }

    /// Steps 5 and 6.
    fn cert_req_data(
        &self,
        waiting: &Requesting,
        answers: &[(String, String)],
        now: UnixTime,
    ) -> Result<CertReqData, EeError> {
        let key = SubjectPublicKeyInfoOwned::from_der(&waiting.spki)?;
        Ok(CertReqData {
            rrpid: waiting.rrpid,
            lid_ee: self.labels.lid_ee.clone(),
            chall_ee3: waiting.chall_ee3,
            lid_ca: self.labels.lid_ca.clone(),
            chall_ca: Some(self.chall_ca),
            request_type: REQUEST_TYPE,
            request_date: Date::from(now),
            id_data: None,
            reg_form_id: self.form_id(),
            reg_form: self.reg_form(answers)?,
            // The parameters would be an IV that nobody uses (`set-crypto.md` §3).
            ca_back_key_data: Some(BackKeyData {
                back_alg_id: AlgorithmIdentifierOwned {
                    oid: self.exchange.tunnel,
                    parameters: None,
                },
                back_key: waiting.back_key.clone(),
            }),
            public_key_s_or_e: PublicKeySorE::new(Some(key), None)
                .ok_or(EeError::Seal(SealError::Encoding))?,
            ee_thumb: None,
            thumbs: Some(waiting.thumbs.clone()),
        })
    }

    /// Step 8: one signature, under the very key to be certified (§3.3), then the envelope.
    fn sealed(
        &self,
        data: &[u8],
        account: &[u8],
        key: &PrivateKey,
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, EeError> {
        let suite = self.session.suite;
        let identity = SignerIdentity {
            certificate: None,
            key: key.id(),
            algorithm: key.algorithm().default_signature(),
        };
        let signature = sign(
            suite,
            CERT_REQ_ENCX.inner_type(),
            &encx_tbs(data, account)?,
            false,
            &[identity],
            Attachments::default(),
            &OneKey(key),
        )?;
        let extra = Extra { block: Block::PanData0, der: account };
        let recipient = &self.exchange.recipient;
        Ok(seal_encx(suite, recipient, &CERT_REQ_ENCX, data, &signature, extra, random)?)
    }
}

/// CertReq was sent. Holds what the answer is opened and checked with; wiped when dropped.
#[derive(Debug)]
pub struct Requesting {
    pub(super) session: Session,
    pub(super) labels: Labels,
    pub(super) rrpid: Rrpid,
    pub(super) chall_ee3: Challenge,
    pub(super) thumbs: Thumbs,
    pub(super) card: PanData,
    pub(super) card_secret: Secret,
    pub(super) back_key: BackKey,
    pub(super) spki: Vec<u8>,
}

/// A key as the key store that holds nothing else.
struct OneKey<'a>(&'a PrivateKey);

impl Signer for OneKey<'_> {
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        if *key != self.0.id() {
            return Err(KeyError::Absent(*key));
        }
        self.0.sign(algorithm, message)
    }
}
