//! Registrations in process, and a man in the middle who can do what the CA's keys can.

use ca_core::authority::SetReply;
use ca_core::ee::{
    Application, AskingForm, Certified, EeError, FormAnswer, FormOffer, Initiated, Initiating,
    Outcome, PanData, Requesting, Wallet, WalletConfig,
};
use ca_core::envelope::{
    Attachments, CERT_REQ_ENCX, CERT_RES_ENCK, SignedMessage, SignerIdentity, open_enck, open_encx,
    seal_enck, sign,
};
use ca_core::profile::KeyUse;
use ca_core::signer::{PrivateKey, SecureRandom, SeededRandom};
use ca_core::store::{CaId, ListId, RevocationReason, SerialNumber};
use ca_core::wire::{
    BrandCrlIdentifierOctets, CardExpiry, Cert, CertReq, CertReqData, CertRes, CertResData,
    CertThumb, EncryptedDataOctets, Message, MessageWrapper, Pan, SignedDataOctets, decode,
};
use ca_core::{Suite, UnixTime};
use const_oid::ObjectIdentifier;
use der::{Decode, Encode};

use crate::house::{House, signature_key};

pub(crate) const PAN: &str = "4111111111111111";
pub(crate) const CCA: &str = "sample-cca";
const LIMIT: usize = 1 << 20;

pub(crate) fn random(label: &str) -> SeededRandom {
    SeededRandom::new(b"wallet", label)
}

/// A signature key in suite `modern`.
pub(crate) fn key(label: &str) -> PrivateKey {
    key_in(Suite::Modern, label)
}

pub(crate) fn key_in(suite: Suite, label: &str) -> PrivateKey {
    signature_key(suite, b"wallet", label)
}

pub(crate) fn card(pan: &str) -> PanData {
    PanData { pan: Pan::new(pan).unwrap(), expiry: CardExpiry::new(2027, 12).unwrap() }
}

pub(crate) fn answers(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn good_answers() -> Vec<(String, String)> {
    answers(&[("Full name", "Jane Doe"), ("Town", "Springfield")])
}

pub(crate) fn ca_certificate(house: &House, ca: &str, key_use: KeyUse) -> Cert {
    let hierarchy = house.authority.hierarchy();
    let ca = hierarchy.ca(&CaId::new(ca).unwrap()).unwrap();
    ca.held(key_use).unwrap().certificate.clone()
}

pub(crate) fn root(house: &House) -> Cert {
    ca_certificate(house, "root", KeyUse::CertificateSigning)
}

pub(crate) fn bci(house: &House) -> BrandCrlIdentifierOctets {
    let list = house.authority.store().list(&ListId::Bci("Sample".to_owned())).unwrap().unwrap();
    BrandCrlIdentifierOctets::new(list.der.to_vec()).unwrap()
}

pub(crate) fn crl(house: &House, ca: &str) -> Vec<u8> {
    let id = ListId::Crl(CaId::new(ca).unwrap());
    house.authority.store().list(&id).unwrap().unwrap().der.to_vec()
}

pub(crate) fn now(house: &House) -> UnixTime {
    house.authority.now()
}

pub(crate) fn post(house: &House, request: &[u8]) -> Vec<u8> {
    match house.authority.respond(request).unwrap() {
        SetReply::Answer { octets, .. } => octets,
        SetReply::Nothing => panic!("no answer"),
    }
}

pub(crate) fn wallet_with(suite: Suite, anchors: Vec<Cert>, brand: &str, language: &str) -> Wallet {
    Wallet::new(WalletConfig {
        suite,
        brand: brand.to_owned(),
        language: language.to_owned(),
        anchors,
    })
    .unwrap()
}

pub(crate) fn wallet(house: &House) -> Wallet {
    wallet_with(house.suite(), vec![root(house)], "Sample", "en")
}

/// CardCInitReq made, posted and answered.
pub(crate) fn to_first_answer(house: &House, label: &str) -> (Initiating, Vec<u8>) {
    let (request, waiting) = wallet(house).initiate(now(house), &random(label)).unwrap();
    let answer = post(house, &request);
    (waiting, answer)
}

pub(crate) fn initiated(house: &House, label: &str) -> Initiated {
    let (waiting, answer) = to_first_answer(house, label);
    waiting.accept(&answer, now(house)).unwrap()
}

/// RegFormReq made, posted and answered.
pub(crate) fn to_second_answer(house: &House, label: &str) -> (AskingForm, Vec<u8>) {
    let pan = Pan::new(PAN).unwrap();
    let random = random(&format!("{label} form"));
    let (request, waiting) = initiated(house, label).ask_form(&pan, now(house), &random).unwrap();
    let answer = post(house, &request);
    (waiting, answer)
}

pub(crate) fn form(answer: Result<FormAnswer, EeError>) -> FormOffer {
    match answer.unwrap() {
        FormAnswer::Form(offer) => *offer,
        FormAnswer::Referral(_) => panic!("referral"),
    }
}

pub(crate) fn offered(house: &House, label: &str) -> FormOffer {
    let (waiting, answer) = to_second_answer(house, label);
    form(waiting.accept(&answer, now(house)))
}

/// CertReq made, posted and answered: what waits, what was sent, what came.
pub(crate) fn to_last_answer(house: &House, label: &str) -> (Requesting, Vec<u8>, Vec<u8>) {
    let offer = offered(house, label);
    let random = random(&format!("{label} request"));
    let (request, waiting) =
        applied(&offer, &good_answers(), PAN, &key_in(house.suite(), label), now(house), &random);
    let answer = post(house, &request);
    (waiting, request, answer)
}

/// CertReq of a cardholder.
pub(crate) fn applied(
    offer: &FormOffer,
    answers: &[(String, String)],
    pan: &str,
    key: &PrivateKey,
    now: UnixTime,
    random: &dyn SecureRandom,
) -> (Vec<u8>, Requesting) {
    offer.request(&Application::card(answers, &card(pan), key), now, random).unwrap()
}

/// The signature certificate.
pub(crate) fn issued(done: &Certified) -> &Cert {
    &done.signature().unwrap().certificate
}

pub(crate) fn refused(outcome: Outcome) -> ca_core::ee::Refused {
    match outcome {
        Outcome::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

/// Who signs a forged answer.
pub(crate) const AS_CCA: (&str, KeyUse) = (CCA, KeyUse::MessageSignature);

/// An answer taken apart.
pub(crate) struct Parts<T> {
    pub(crate) content: T,
    pub(crate) attachments: Attachments,
}

/// An answer that is signed and not encrypted, changed by someone who has the keys of `signer`.
pub(crate) fn resigned<T>(
    house: &House,
    answer: &[u8],
    signer: (&str, KeyUse),
    change: impl FnOnce(&mut Parts<T>),
) -> Vec<u8>
where
    T: for<'a> Decode<'a, Error = der::Error> + Encode,
{
    let wrapper = MessageWrapper::from_der(answer).unwrap();
    let again = |octets: &SignedDataOctets| {
        let signed = SignedMessage::decode(octets.as_der()).unwrap();
        SignedDataOctets::new(signed_again(house, &signed, signer, change)).unwrap()
    };
    let message = match Message::from_wrapper(&wrapper).unwrap() {
        Message::CardCInitRes(octets) => Message::CardCInitRes(again(&octets)),
        Message::MeAqCInitRes(octets) => Message::MeAqCInitRes(again(&octets)),
        Message::RegFormRes(octets) => Message::RegFormRes(again(&octets)),
        Message::CertRes(CertRes::Signed(octets)) => {
            Message::CertRes(CertRes::Signed(again(&octets)))
        }
        Message::CertInqRes(CertRes::Signed(octets)) => {
            Message::CertInqRes(CertRes::Signed(again(&octets)))
        }
        other => panic!("{other:?}"),
    };
    rewrapped(&wrapper, &message)
}

/// CertRes, opened with the back key of its request, changed, and sealed again or not.
pub(crate) fn resealed(
    house: &House,
    request: &[u8],
    answer: &[u8],
    plain: bool,
    change: impl FnOnce(&mut Parts<CertResData>),
) -> Vec<u8> {
    let wrapper = MessageWrapper::from_der(answer).unwrap();
    let Message::CertRes(CertRes::Encrypted(octets)) = Message::from_wrapper(&wrapper).unwrap()
    else {
        panic!("not an encrypted CertRes")
    };
    let data = opened_request(house, request);
    let back_key = data.ca_back_key_data.unwrap();
    let signed = open_enck(house.suite(), &CERT_RES_ENCK, octets.as_der(), &back_key).unwrap();
    let signed = signed_again(house, &signed, AS_CCA, change);
    let response = if plain {
        CertRes::Signed(SignedDataOctets::new(signed).unwrap())
    } else {
        let random = random("reseal");
        let sealed = seal_enck(house.suite(), &back_key, &CERT_RES_ENCK, &signed, &random).unwrap();
        CertRes::Encrypted(EncryptedDataOctets::new(sealed).unwrap())
    };
    rewrapped(&wrapper, &Message::CertRes(response))
}

/// CertReqData as the CA sees it.
pub(crate) fn opened_request(house: &House, request: &[u8]) -> CertReqData {
    let wrapper = MessageWrapper::from_der(request).unwrap();
    let Message::CertReq(CertReq::EncX(octets)) = Message::from_wrapper(&wrapper).unwrap() else {
        panic!("not an EncX")
    };
    let recipient = ca_certificate(house, CCA, KeyUse::Encryption);
    let keys = house.keys.as_ref();
    let random: &dyn SecureRandom = &random("open");
    let opened =
        open_encx(house.suite(), &CERT_REQ_ENCX, octets.as_der(), &[&recipient], keys, random);
    decode(&opened.unwrap().t, LIMIT).unwrap()
}

fn signed_again<T>(
    house: &House,
    signed: &SignedMessage,
    (ca, key_use): (&str, KeyUse),
    change: impl FnOnce(&mut Parts<T>),
) -> Vec<u8>
where
    T: for<'a> Decode<'a, Error = der::Error> + Encode,
{
    let mut parts = Parts {
        content: decode::<T>(signed.unverified_content().unwrap(), LIMIT).unwrap(),
        attachments: Attachments {
            certificates: signed.certificates().map(<[u8]>::to_vec).collect(),
            crls: signed.crls().map(<[u8]>::to_vec).collect(),
        },
    };
    change(&mut parts);
    let content = parts.content.to_der().unwrap();
    signed_by(house, ca, key_use, signed.content_type(), &content, parts.attachments)
}

pub(crate) fn signed_by(
    house: &House,
    ca: &str,
    key_use: KeyUse,
    content_type: ObjectIdentifier,
    content: &[u8],
    attachments: Attachments,
) -> Vec<u8> {
    let hierarchy = house.authority.hierarchy();
    let held = hierarchy.ca(&CaId::new(ca).unwrap()).unwrap().held(key_use).unwrap();
    let identity = SignerIdentity {
        certificate: Some(held.certificate),
        key: held.key,
        algorithm: held.algorithm,
    };
    let keys = house.keys.as_ref();
    sign(house.suite(), content_type, content, true, &[identity], attachments, keys).unwrap()
}

/// Another message under the same header.
pub(crate) fn rewrapped(wrapper: &MessageWrapper, message: &Message) -> Vec<u8> {
    let octets = message.to_octets().unwrap();
    MessageWrapper::new(wrapper.header.clone(), octets).to_der().unwrap()
}

/// The same message under a changed wrapper.
pub(crate) fn with_wrapper(answer: &[u8], change: impl FnOnce(&mut MessageWrapper)) -> Vec<u8> {
    let mut wrapper = MessageWrapper::from_der(answer).unwrap();
    change(&mut wrapper);
    wrapper.to_der().unwrap()
}

/// Revokes a certificate of the CCA and publishes the lists that say so.
pub(crate) fn revoke_cca(house: &House, key_use: KeyUse) {
    let certificate = ca_certificate(house, CCA, key_use);
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    let bca = CaId::new("sample-bca").unwrap();
    house.authority.revoke(&bca, &serial, RevocationReason::KeyCompromise).unwrap();
    house.clock.advance(1);
    house.authority.publish_after_revocation(&bca).unwrap();
}

/// How messages name a CA's certificate, and the certificate.
pub(crate) fn thumb_of(house: &House, ca: &str, key_use: KeyUse) -> (CertThumb, Vec<u8>) {
    let certificate = ca_certificate(house, ca, key_use);
    let thumb = CertThumb::new(house.suite(), &certificate.thumbprint(house.suite())).unwrap();
    (thumb, certificate.der().to_vec())
}
