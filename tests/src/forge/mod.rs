//! A cardholder's messages by hand, so that each field can be wrong, and any answer read.
//!
//! The counterpart of [`crate::wallet`], which makes nothing but good messages. Everything begins
//! good: a test changes the one thing it is about.

mod cca;

pub use cca::{Cca, Heard, Secrecy, Signature};

use ca_core::Suite;
use ca_core::envelope::{
    Attachments, Block, CERT_REQ_ENCX, Extra, REG_FORM_REQ, SignedMessage, SignerIdentity,
    encx_tbs, seal_encx, seal_exh, sign,
};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SoftwareKeys};
use ca_core::wire::bounds::UB_FIELD_LIST;
use ca_core::wire::{
    AcctInfo, BackKey, BackKeyData, CardCInitReq, CardExpiry, CertReq, CertReqData, Challenge,
    Date, EnvelopedDataOctets, FieldName, FieldValue, Language, LocalId, Message, MessageHeader,
    MessageWrapper, NonEmpty, Nonce, Pan, PanData0, PanOnly, PublicKeySorE, RegFormItem,
    RegFormReqData, RegFormResTbs, RequestType, Rrpid, Secret, SetString, SwIdent, oids,
};
use ca_server::SystemRandom;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::wallet::now;
use crate::{BRAND, PAN};

/// Good CardCInitReq.
///
/// # Panics
/// Without randomness.
#[must_use]
pub fn contact() -> CardCInitReq {
    CardCInitReq {
        rrpid: Rrpid::random(&SystemRandom).expect("random"),
        lid_ee: LocalId::random(&SystemRandom).expect("random"),
        chall_ee: Challenge::random(&SystemRandom).expect("random"),
        brand_id: SetString::new(BRAND).expect("a BrandID"),
        thumbs: None,
    }
}

/// A message made now.
///
/// # Panics
/// If it does not encode.
#[must_use]
pub fn wrapped(message: &Message, rrpid: Rrpid) -> MessageWrapper {
    let header = MessageHeader::new(now(), Some(rrpid), SwIdent::new("by hand").expect("short"));
    MessageWrapper::new(header, message.to_octets().expect("DER"))
}

/// The message in a wrapper.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn message_of(octets: &[u8]) -> Message {
    let wrapper = MessageWrapper::from_der(octets).expect("a MessageWrapper");
    Message::from_wrapper(&wrapper).expect("a message")
}

/// A new signature key.
///
/// # Panics
/// Without randomness.
#[must_use]
pub fn key() -> PrivateKey {
    PrivateKey::generate(KeyAlgorithm::EcP256, &SystemRandom).expect("a key")
}

/// What each [`Draft`] asks to be answered under.
fn back_key() -> BackKeyData {
    BackKeyData {
        back_alg_id: AlgorithmIdentifierOwned { oid: oids::AES_256_GCM, parameters: None },
        back_key: BackKey::new(&[0x5b; 32]).expect("32 octets"),
    }
}

/// RegFormReq before it is sealed.
#[derive(Clone, Debug)]
pub struct FormDraft {
    /// Everything but the account number.
    pub data: RegFormReqData,
}

impl FormDraft {
    /// A good one for the card [`PAN`].
    ///
    /// # Panics
    /// Without randomness.
    #[must_use]
    pub fn new() -> Self {
        let data = RegFormReqData {
            rrpid: Rrpid::random(&SystemRandom).expect("random"),
            lid_ee: LocalId::random(&SystemRandom).expect("random"),
            chall_ee2: Challenge::random(&SystemRandom).expect("random"),
            lid_ca: None,
            request_type: RequestType::CardInitialSig,
            language: Language::new("en").expect("a tag"),
            thumbs: None,
        };
        Self { data }
    }

    /// EXH(CCA, RegFormReqData, PANOnly).
    ///
    /// # Panics
    /// If it cannot be sealed.
    #[must_use]
    pub fn sealed(&self, cca: &Cca) -> EnvelopedDataOctets {
        let pan = Pan::new(PAN).expect("a PAN");
        let ex_nonce = Nonce::random(&SystemRandom).expect("random");
        let account = PanOnly { pan, ex_nonce }.to_der().expect("DER");
        let sealed = seal_exh(
            Suite::Modern,
            &cca.exchange,
            &REG_FORM_REQ,
            &self.data.to_der().expect("DER"),
            Extra { block: Block::PanOnly, der: &account },
            &SystemRandom,
        );
        EnvelopedDataOctets::new(sealed.expect("sealed")).expect("EnvelopedData")
    }

    /// The whole message.
    ///
    /// # Panics
    /// As [`FormDraft::sealed`].
    #[must_use]
    pub fn wrapped(&self, cca: &Cca) -> MessageWrapper {
        wrapped(&Message::RegFormReq(self.sealed(cca)), self.data.rrpid)
    }
}

impl Default for FormDraft {
    fn default() -> Self {
        Self::new()
    }
}

/// CertReq before it is signed and sealed.
#[derive(Debug)]
pub struct Draft {
    /// CertReqData.
    pub data: CertReqData,
    /// The card.
    pub account: AcctInfo,
    /// What the key block says the account is.
    pub block: Block,
    /// Who signs; a good request is signed by the key to be certified.
    pub signer: PrivateKey,
    /// The rrpid of the wrapper.
    rrpid: Rrpid,
}

impl Draft {
    /// A good one for the form that `answer`, a RegFormRes to `form`, has brought.
    ///
    /// # Panics
    /// If that is no RegFormRes of the CA.
    #[must_use]
    pub fn new(cca: &Cca, form: &FormDraft, answer: &[u8]) -> Self {
        let Message::RegFormRes(signed) = message_of(answer) else { panic!("no RegFormRes") };
        let signed = SignedMessage::decode(signed.as_der()).expect("SignedData");
        let tbs: Box<RegFormResTbs> = cca.content(&signed);
        let key = key();
        let rrpid = Rrpid::random(&SystemRandom).expect("random");
        let data = CertReqData {
            rrpid,
            lid_ee: tbs.lid_ee,
            chall_ee3: Challenge::random(&SystemRandom).expect("random"),
            lid_ca: tbs.lid_ca,
            chall_ca: Some(tbs.chall_ca),
            request_type: form.data.request_type,
            request_date: Date::from(now()),
            id_data: None,
            reg_form_id: 1,
            reg_form: Some(items(&[
                (&["Full name", "Name on the card"], "Jane Doe"),
                (&["Town"], "Springfield"),
            ])),
            ca_back_key_data: Some(back_key()),
            public_key_s_or_e: public(&key),
            ee_thumb: None,
            thumbs: None,
        };
        let account = AcctInfo::PanData0(PanData0 {
            pan: Pan::new(PAN).expect("a PAN"),
            card_expiry: CardExpiry::new(2039, 12).expect("a month"),
            card_secret: Secret::random(&SystemRandom, Suite::Modern).expect("random"),
            ex_nonce: Nonce::random(&SystemRandom).expect("random"),
        });
        Self { data, account, block: Block::PanData0, signer: key, rrpid }
    }

    /// The same, changed.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Another key to be certified, which signs.
    pub fn set_key(&mut self, key: PrivateKey) {
        self.data.public_key_s_or_e = public(&key);
        self.signer = key;
    }

    /// The whole message. The wrapper keeps the rrpid that the draft began with.
    ///
    /// # Panics
    /// If it cannot be signed or sealed.
    #[must_use]
    pub fn wrapped(&self, cca: &Cca) -> MessageWrapper {
        let data = self.data.to_der().expect("DER");
        let account = self.account.to_der().expect("DER");
        let t = encx_tbs(&data, &account).expect("DER");
        let signature = detached(&self.signer, &t);
        let extra = Extra { block: self.block, der: &account };
        let (to, slot) = (&cca.exchange, &CERT_REQ_ENCX);
        let sealed = seal_encx(Suite::Modern, to, slot, &data, &signature, extra, &SystemRandom);
        let sealed = EnvelopedDataOctets::new(sealed.expect("sealed")).expect("EnvelopedData");
        wrapped(&Message::CertReq(CertReq::EncX(sealed)), self.rrpid)
    }
}

/// Answers to a form: labels of the field, and what is filled in.
///
/// # Panics
/// If one is too long.
#[must_use]
pub fn items(answers: &[(&[&str], &str)]) -> NonEmpty<RegFormItem, UB_FIELD_LIST> {
    let item = |(labels, value): &(&[&str], &str)| {
        let labels = labels.iter().map(|label| SetString::new(label).expect("a label")).collect();
        RegFormItem {
            field_name: FieldName::new(labels).expect("a label"),
            field_value: FieldValue::text(value).expect("a value"),
        }
    };
    NonEmpty::new(answers.iter().map(item).collect()).expect("an answer")
}

fn public(key: &PrivateKey) -> PublicKeySorE {
    let spki = SubjectPublicKeyInfoOwned::from_der(key.spki_der()).expect("our own key");
    PublicKeySorE::new(Some(spki), None).expect("one key")
}

/// SO(EE, t) by a key that has no certificate.
fn detached(key: &PrivateKey, t: &[u8]) -> Vec<u8> {
    let algorithm = key.algorithm().default_signature(Suite::Modern);
    let identity = SignerIdentity { certificate: None, key: key.id(), algorithm };
    let copy = PrivateKey::from_pkcs8(key.pkcs8_der()).expect("own key");
    let keys = SoftwareKeys::from_iter([copy]);
    let (content_type, nothing) = (CERT_REQ_ENCX.inner_type(), Attachments::default());
    sign(Suite::Modern, content_type, t, false, &[identity], nothing, &keys).expect("signed")
}
