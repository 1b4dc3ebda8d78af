//! Messages of a cardholder made by hand, so that each field can be wrong, and answers read.

use ca_core::authority::{Authority, SetReply};
use ca_core::envelope::{
    Attachments, Block, CERT_REQ_ENCX, CERT_RES_ENCK, ContentCipher, Extra, REG_FORM_REQ,
    SignedMessage, SignerIdentity, encx_tbs, open_enck, seal_encx, seal_exh, sign,
};
use ca_core::profile::KeyUse;
use ca_core::signer::{PrivateKey, SeededRandom, SoftwareKeys};
use ca_core::store::CaId;
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{
    AcctInfo, BackKey, BackKeyData, CardCInitReq, CardExpiry, Cert, CertReq, CertReqData, CertRes,
    CertResData, CertStatusCode, Challenge, Date, Digest, EnvelopedDataOctets, ErrorMessage,
    ErrorTbs, FieldName, FieldValue, Language, LocalId, Message, MessageHeader, MessageWrapper,
    NonEmpty, Nonce, Pan, PanData0, PanOnly, PublicKeySorE, RegFormItem, RegFormOrReferral,
    RegFormReqData, RegFormResTbs, RequestType, Rrpid, Secret, SetString, SwIdent, decode, oids,
};
use ca_core::{Suite, UnixTime};
use der::{Decode, Encode};
use spki::SubjectPublicKeyInfoOwned;

use crate::house::{House, signature_key};

/// A number of the sample issuer with a good check digit.
pub(crate) const PAN: &str = "4111112345678909";
/// Last month of the card.
pub(crate) const EXPIRY: (u16, u8) = (2027, 12);
/// What every request here asks to be answered under, so that any answer can be read.
pub(crate) fn back_key(suite: Suite) -> BackKeyData {
    let cipher = ContentCipher::of_envelopes(suite);
    BackKeyData {
        back_alg_id: cipher.identifier(&random("back key")).unwrap(),
        back_key: BackKey::new(&vec![0x5b; cipher.key_len()]).unwrap(),
    }
}

pub(crate) fn random(label: &str) -> SeededRandom {
    SeededRandom::new(b"cardholder", label)
}

/// A signature key in suite `modern`.
pub(crate) fn key(label: &str) -> PrivateKey {
    key_in(Suite::Modern, label)
}

pub(crate) fn key_in(suite: Suite, label: &str) -> PrivateKey {
    signature_key(suite, b"cardholder", label)
}

pub(crate) fn ca_id(id: &str) -> CaId {
    CaId::new(id).unwrap()
}

pub(crate) fn ca_certificate(authority: &Authority, ca: &str, key_use: KeyUse) -> Cert {
    let hierarchy = authority.hierarchy();
    hierarchy.ca(&ca_id(ca)).unwrap().held(key_use).unwrap().certificate.clone()
}

/// The whole octets to post.
pub(crate) fn wrapped(message: &Message, rrpid: Rrpid, now: UnixTime) -> Vec<u8> {
    wrapper(message, rrpid, now).to_der().unwrap()
}

pub(crate) fn wrapper(message: &Message, rrpid: Rrpid, now: UnixTime) -> MessageWrapper {
    let header = MessageHeader::new(now, Some(rrpid), SwIdent::new("by hand").unwrap());
    MessageWrapper::new(header, message.to_octets().unwrap())
}

pub(crate) fn post(authority: &Authority, octets: &[u8]) -> Vec<u8> {
    post_whole(authority, octets).0
}

/// The answer, and after how many seconds to ask again.
pub(crate) fn post_whole(authority: &Authority, octets: &[u8]) -> (Vec<u8>, Option<u64>) {
    match authority.respond(octets).unwrap() {
        SetReply::Answer { octets, retry_after } => (octets, retry_after),
        SetReply::Nothing => panic!("no answer"),
    }
}

pub(crate) fn init_req(label: &str, brand: &str) -> CardCInitReq {
    let random = random(&format!("{label} init"));
    CardCInitReq {
        rrpid: Rrpid::random(&random).unwrap(),
        lid_ee: LocalId::random(&random).unwrap(),
        chall_ee: Challenge::random(&random).unwrap(),
        brand_id: SetString::new(brand).unwrap(),
        thumbs: None,
    }
}

/// A RegFormReq before it is sealed: the first message of a run that knows the key already.
pub(crate) struct FormDraft {
    pub(crate) data: RegFormReqData,
    pub(crate) pan: String,
    pub(crate) ca: &'static str,
    label: String,
}

impl FormDraft {
    pub(crate) fn new(label: &str) -> Self {
        let random = random(&format!("{label} form"));
        let data = RegFormReqData {
            rrpid: Rrpid::random(&random).unwrap(),
            lid_ee: LocalId::random(&random).unwrap(),
            chall_ee2: Challenge::random(&random).unwrap(),
            lid_ca: None,
            request_type: RequestType::CardInitialSig,
            language: Language::new("en").unwrap(),
            thumbs: None,
        };
        Self { data, pan: PAN.to_owned(), ca: "sample-cca", label: label.to_owned() }
    }

    /// PANOnly.
    pub(crate) fn account(&self) -> Vec<u8> {
        let ex_nonce = Nonce::random(&random(&format!("{} account", self.label))).unwrap();
        PanOnly { pan: Pan::new(&self.pan).unwrap(), ex_nonce }.to_der().unwrap()
    }

    pub(crate) fn sealed(&self, authority: &Authority) -> Vec<u8> {
        let account = self.account();
        seal_exh(
            authority.suite(),
            &ca_certificate(authority, self.ca, KeyUse::Encryption),
            &REG_FORM_REQ,
            &self.data.to_der().unwrap(),
            Extra { block: Block::PanOnly, der: &account },
            &random(&format!("{} seal", self.label)),
        )
        .unwrap()
    }

    pub(crate) fn octets(&self, authority: &Authority) -> Vec<u8> {
        let sealed = EnvelopedDataOctets::new(self.sealed(authority)).unwrap();
        wrapped(&Message::RegFormReq(sealed), self.data.rrpid, authority.now())
    }

    /// Asks for the form: what the run is tied to from now on.
    pub(crate) fn run(self, authority: &Authority) -> FormRun {
        let answer = post(authority, &self.octets(authority));
        let Message::RegFormRes(octets) = message_of(&answer) else { panic!("no RegFormRes") };
        let tbs: RegFormResTbs =
            decode(&signed_content(authority, octets.as_der()), MAX_MESSAGE).unwrap();
        FormRun {
            suite: authority.suite(),
            lid_ee: self.data.lid_ee,
            lid_ca: tbs.lid_ca.unwrap(),
            chall_ca: tbs.chall_ca,
            has_form: matches!(tbs.form_or_referral, RegFormOrReferral::Form(_)),
            pan: self.pan,
            ca: self.ca,
        }
    }
}

/// What a form run has given.
#[derive(Clone)]
pub(crate) struct FormRun {
    pub(crate) suite: Suite,
    pub(crate) lid_ee: LocalId,
    pub(crate) lid_ca: LocalId,
    pub(crate) chall_ca: Challenge,
    pub(crate) has_form: bool,
    pub(crate) pan: String,
    pub(crate) ca: &'static str,
}

pub(crate) fn form_run(authority: &Authority, label: &str) -> FormRun {
    FormDraft::new(label).run(authority)
}

/// A CertReq before it is signed and sealed.
pub(crate) struct Draft {
    suite: Suite,
    pub(crate) data: CertReqData,
    pub(crate) account: AcctInfo,
    pub(crate) block: Block,
    /// The key to be certified.
    pub(crate) key: PrivateKey,
    /// Signs instead of it.
    pub(crate) forger: Option<PrivateKey>,
    pub(crate) ca: &'static str,
    label: String,
}

impl Draft {
    /// A good request in this run, for the key named `label`.
    pub(crate) fn new(run: &FormRun, label: &str, now: UnixTime) -> Self {
        let random = random(&format!("{label} request"));
        let key = key_in(run.suite, label);
        let data = CertReqData {
            rrpid: Rrpid::random(&random).unwrap(),
            lid_ee: run.lid_ee.clone(),
            chall_ee3: Challenge::random(&random).unwrap(),
            lid_ca: Some(run.lid_ca.clone()),
            chall_ca: Some(run.chall_ca),
            request_type: RequestType::CardInitialSig,
            request_date: Date::from(now),
            id_data: None,
            reg_form_id: 1,
            reg_form: items(&[
                (&["Full name", "Name on the card"], "Ada Lovelace"),
                (&["Town"], "London"),
            ]),
            ca_back_key_data: Some(back_key(run.suite)),
            public_key_s_or_e: keys(Some(&key), None),
            ee_thumb: None,
            thumbs: None,
        };
        let account = AcctInfo::PanData0(PanData0 {
            pan: Pan::new(&run.pan).unwrap(),
            card_expiry: CardExpiry::new(EXPIRY.0, EXPIRY.1).unwrap(),
            card_secret: Secret::random(&random, run.suite).unwrap(),
            ex_nonce: Nonce::random(&random).unwrap(),
        });
        let (block, label) = (Block::PanData0, label.to_owned());
        Self { suite: run.suite, data, account, block, key, forger: None, ca: run.ca, label }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Another card number or expiry than that of the run.
    pub(crate) fn with_card(mut self, pan: &str, expiry: (u16, u8)) -> Self {
        if let AcctInfo::PanData0(account) = &mut self.account {
            account.pan = Pan::new(pan).unwrap();
        }
        self.set_expiry(expiry);
        self
    }

    pub(crate) fn set_expiry(&mut self, (year, month): (u16, u8)) {
        if let AcctInfo::PanData0(account) = &mut self.account {
            account.card_expiry = CardExpiry::new(year, month).unwrap();
        }
    }

    /// Another key to be certified.
    pub(crate) fn with_key(mut self, key: PrivateKey) -> Self {
        self.set_key(key);
        self
    }

    pub(crate) fn set_key(&mut self, key: PrivateKey) {
        self.data.public_key_s_or_e = keys(Some(&key), None);
        self.key = key;
    }

    /// The plaintext parts of the envelope: CertReqData, the signature over both, AcctInfo.
    pub(crate) fn parts(&self) -> [Vec<u8>; 3] {
        let data = self.data.to_der().unwrap();
        let account = self.account.to_der().unwrap();
        let signer = self.forger.as_ref().unwrap_or(&self.key);
        let identity = SignerIdentity {
            certificate: None,
            key: signer.id(),
            algorithm: signer.algorithm().default_signature(self.suite),
        };
        let copy = PrivateKey::from_pkcs8(signer.pkcs8_der()).unwrap();
        let signature = sign(
            self.suite,
            CERT_REQ_ENCX.inner_type(),
            &encx_tbs(&data, &account).unwrap(),
            false,
            &[identity],
            Attachments::default(),
            &SoftwareKeys::from_iter([copy]),
        )
        .unwrap();
        [data, signature, account]
    }

    pub(crate) fn sealed(&self, authority: &Authority) -> Vec<u8> {
        let [data, signature, account] = self.parts();
        seal_encx(
            self.suite,
            &ca_certificate(authority, self.ca, KeyUse::Encryption),
            &CERT_REQ_ENCX,
            &data,
            &signature,
            Extra { block: self.block, der: &account },
            &random(&format!("{} seal", self.label)),
        )
        .unwrap()
    }

    pub(crate) fn octets(&self, authority: &Authority) -> Vec<u8> {
        let sealed = EnvelopedDataOctets::new(self.sealed(authority)).unwrap();
        wrapped(&Message::CertReq(CertReq::EncX(sealed)), self.data.rrpid, authority.now())
    }
}

pub(crate) fn keys(
    signature: Option<&PrivateKey>,
    encryption: Option<&PrivateKey>,
) -> PublicKeySorE {
    let spki = |key: &PrivateKey| SubjectPublicKeyInfoOwned::from_der(key.spki_der()).unwrap();
    PublicKeySorE::new(signature.map(spki), encryption.map(spki)).unwrap()
}

pub(crate) type Items = Option<NonEmpty<RegFormItem, { ca_core::wire::bounds::UB_FIELD_LIST }>>;

pub(crate) fn items(answers: &[(&[&str], &str)]) -> Items {
    let item = |(labels, value): &(&[&str], &str)| RegFormItem {
        field_name: FieldName::new(labels.iter().map(|l| SetString::new(l).unwrap()).collect())
            .unwrap(),
        field_value: FieldValue::text(value).unwrap(),
    };
    Some(NonEmpty::new(answers.iter().map(item).collect()).unwrap())
}

/// A registration from its form to its certificate: the request and the answer.
pub(crate) fn registered(house: &House, label: &str) -> (Vec<u8>, Vec<u8>) {
    let run = form_run(&house.authority, label);
    let request = Draft::new(&run, label, house.authority.now()).octets(&house.authority);
    let answer = post(&house.authority, &request);
    assert_eq!(Heard::of(&house.authority, &answer).status(), CertStatusCode::RequestComplete);
    (request, answer)
}

/// What an answer says.
#[derive(Debug)]
pub(crate) enum Heard {
    Result { data: Box<CertResData>, encrypted: bool, certificates: Vec<Cert> },
    Error { tbs: Box<ErrorTbs>, signed: bool },
    Other,
}

impl Heard {
    /// Reads an answer; every signature must be that of the sample CA whose certificate it names.
    pub(crate) fn of(authority: &Authority, answer: &[u8]) -> Self {
        match message_of(answer) {
            Message::CertRes(CertRes::Signed(octets))
            | Message::CertInqRes(CertRes::Signed(octets)) => {
                Self::result(authority, octets.as_der(), false)
            }
            Message::CertRes(CertRes::Encrypted(octets))
            | Message::CertInqRes(CertRes::Encrypted(octets)) => {
                let suite = authority.suite();
                let opened =
                    open_enck(suite, &CERT_RES_ENCK, octets.as_der(), &back_key(suite)).unwrap();
                let content =
                    verified(suite, &opened, oids::CT_CERT_RES_DATA, &signer(authority, &opened));
                Self::Result {
                    data: Box::new(decode(&content, MAX_MESSAGE).unwrap()),
                    encrypted: true,
                    certificates: opened
                        .certificates()
                        .map(|c| Cert::from_der(c).unwrap())
                        .collect(),
                }
            }
            Message::Error(ErrorMessage::Unsigned(tbs)) => {
                Self::Error { tbs: Box::new(tbs), signed: false }
            }
            Message::Error(ErrorMessage::Signed(octets)) => {
                let content = signed_content(authority, octets.as_der());
                Self::Error { tbs: Box::new(decode(&content, MAX_MESSAGE).unwrap()), signed: true }
            }
            _ => Self::Other,
        }
    }

    fn result(authority: &Authority, octets: &[u8], encrypted: bool) -> Self {
        let content = signed_content(authority, octets);
        let carried = SignedMessage::decode(octets).unwrap();
        Self::Result {
            data: Box::new(decode(&content, MAX_MESSAGE).unwrap()),
            encrypted,
            certificates: carried.certificates().map(|c| Cert::from_der(c).unwrap()).collect(),
        }
    }

    /// The certificates that certThumbs names, in its order.
    pub(crate) fn issued_all(&self) -> Vec<Cert> {
        let Self::Result { data, certificates, .. } = self else { panic!("{self:?}") };
        let thumbs = data.cert_thumbs.clone().and_then(|thumbs| thumbs.cert_thumbs);
        let named = |thumb: &Digest| {
            let is_it = |c: &&Cert| thumbprint(c) == thumb.as_bytes();
            certificates.iter().find(is_it).unwrap().clone()
        };
        thumbs.unwrap().iter().map(named).collect()
    }

    pub(crate) fn status(&self) -> CertStatusCode {
        self.data().cert_status.cert_status_code
    }

    pub(crate) fn data(&self) -> &CertResData {
        match self {
            Self::Result { data, .. } => data,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn error(&self) -> &ErrorTbs {
        match self {
            Self::Error { tbs, .. } => tbs,
            other => panic!("{other:?}"),
        }
    }

    /// The certificate that was issued: the first one enclosed.
    pub(crate) fn issued(&self) -> &Cert {
        match self {
            Self::Result { certificates, .. } => certificates.first().unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

/// The thumbprint of a certificate in the suite it is of.
pub(crate) fn thumbprint(certificate: &Cert) -> Vec<u8> {
    certificate.thumbprint(Suite::of_signature(certificate.inner().signature_algorithm()))
}

pub(crate) fn message_of(answer: &[u8]) -> Message {
    Message::from_wrapper(&MessageWrapper::from_der(answer).unwrap()).unwrap()
}

/// The content of an S whose signature is that of the CA it names.
pub(crate) fn signed_content(authority: &Authority, octets: &[u8]) -> Vec<u8> {
    let message = SignedMessage::decode(octets).unwrap();
    verified(authority.suite(), &message, message.content_type(), &signer(authority, &message))
}

/// The message-signature certificate of the one CA that signed.
fn signer(authority: &Authority, message: &SignedMessage) -> Cert {
    let names: Vec<_> = message.signers().collect();
    let [name] = names[..] else { panic!("one signer") };
    let hierarchy = authority.hierarchy();
    let held = hierarchy.cas().iter().filter_map(|ca| ca.held(KeyUse::MessageSignature));
    held.map(|held| held.certificate).find(|certificate| name.names(certificate)).unwrap().clone()
}

fn verified(
    suite: Suite,
    message: &SignedMessage,
    content_type: const_oid::ObjectIdentifier,
    certificate: &Cert,
) -> Vec<u8> {
    let verified = message.verify(suite, content_type, None, 0, certificate.spki_der()).unwrap();
    verified.content().to_vec()
}
