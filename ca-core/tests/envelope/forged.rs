//! Envelopes with one wrong part.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ca_core::Suite;
use ca_core::envelope::{
    Attachments, Block, CERT_REQ_ENCX, Extra, OpenError, OpenedEncx, OpenedExh, REG_FORM_REQ,
    SignerIdentity, open_encx, open_exh, seal_exh, sign,
};
use ca_core::signer::{SeededRandom, SignatureAlgorithm};
use ca_core::wire::pkcs7::{
    Bounded, DigestedData, EnvelopedData, IssuerAndSerial, MAX_PKCS7, RecipientInfo, aes_256_gcm,
    sequence,
};
use ca_core::wire::{Cert, decode, oids};
use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use rsa::pkcs8::DecodePublicKey as _;

use crate::support::{ascending, certificate, foreign, rsa_keys};

pub(crate) const M: Suite = Suite::Modern;

pub(crate) fn random() -> SeededRandom {
    SeededRandom::new(b"seal", "random")
}

pub(crate) fn exh(octets: &[u8]) -> Result<OpenedExh, OpenError> {
    let (keys, _) = rsa_keys();
    open_exh(M, &REG_FORM_REQ, octets, &[&certificate()], &keys, &random())
}

pub(crate) fn encx(octets: &[u8]) -> Result<OpenedEncx, OpenError> {
    let (keys, _) = rsa_keys();
    open_encx(M, &CERT_REQ_ENCX, octets, &[&certificate()], &keys, &random())
}

pub(crate) fn pan_only() -> Vec<u8> {
    foreign("pan-only")
}

pub(crate) fn sealed_exh(p: &[u8], seed: &str) -> Vec<u8> {
    let p = Extra { block: Block::PanOnly, der: p };
    let random = SeededRandom::new(b"seal", seed);
    seal_exh(M, &certificate(), &REG_FORM_REQ, &foreign("t"), p, &random).unwrap()
}

pub(crate) fn parsed(octets: &[u8]) -> EnvelopedData {
    decode(octets, MAX_PKCS7).unwrap()
}

pub(crate) fn signed_by_rsa(
    content_type: ObjectIdentifier,
    content: &[u8],
    attached: bool,
) -> Vec<u8> {
    let certificate = certificate();
    let (keys, key) = rsa_keys();
    let algorithm = SignatureAlgorithm::RsaSha256;
    let identity = [SignerIdentity { certificate: Some(&certificate), key, algorithm }];
    let none = Attachments::default();
    sign(M, content_type, content, attached, &identity, none, &keys).unwrap()
}

/// An EXH put together here, so that each part can be wrong while the others are right.
pub(crate) struct Forged {
    pub(crate) recipient: Cert,
    pub(crate) label: String,
    pub(crate) block: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) associated: Vec<u8>,
    pub(crate) digest_of_body: Option<Vec<u8>>,
    pub(crate) p: Vec<u8>,
}

impl Forged {
    pub(crate) fn right() -> Self {
        let digest_of_p = DigestedData::of(M, oids::CT_PAN_ONLY, &pan_only()).unwrap();
        Self {
            recipient: certificate(),
            label: "set-modern-1:2.23.42.0.76".to_owned(),
            block: vec![0x41],
            body: body(&digest_of_p),
            content_type: oids::CT_REG_FORM_REQ_TBE,
            associated: oids::CT_REG_FORM_REQ_TBE.to_der().unwrap(),
            digest_of_body: None,
            p: pan_only(),
        }
    }

    pub(crate) fn seal(&self) -> Vec<u8> {
        let digest = self.digest_of_body.clone().unwrap_or_else(|| M.digest(&self.body));
        let message = [&self.block[..], &ascending(0x40, 32), &digest, &self.p].concat();
        let key = rsa::RsaPublicKey::from_public_key_der(self.recipient.spki_der()).unwrap();
        let padding = rsa::Oaep::<sha2::Sha256>::new_with_label(self.label.as_bytes());
        let source = random();
        let mut source = ca_core::signer::RandomAdapter::new(&source);
        let encrypted_key = key.encrypt(&mut source, padding, &message).unwrap();

        let nonce = [0x90; 12];
        let cipher = UnboundKey::new(&AES_256_GCM, &ascending(0x40, 32)).unwrap();
        let mut ciphertext = self.body.clone();
        LessSafeKey::new(cipher)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&self.associated),
                &mut ciphertext,
            )
            .unwrap();

        let mut envelope = parsed(&foreign("exh"));
        let mut info = envelope.recipient_infos.as_slice()[0].clone();
        info.recipient = IssuerAndSerial::of(&self.recipient).unwrap();
        info.encrypted_key = OctetString::new(encrypted_key).unwrap();
        envelope.recipient_infos = Bounded::new(vec![info]).unwrap();
        let content = &mut envelope.encrypted_content_info;
        content.content_type = self.content_type;
        content.algorithm = aes_256_gcm(&nonce).unwrap();
        content.encrypted_content = OctetString::new(ciphertext).unwrap();
        envelope.to_der().unwrap()
    }
}

/// `L(t, p)` with this digest of p.
pub(crate) fn body(digest_of_p: &DigestedData) -> Vec<u8> {
    sequence(&[&foreign("t"), &digest_of_p.to_der().unwrap()]).unwrap().to_vec()
}

pub(crate) fn with_recipient(change: impl FnOnce(&mut RecipientInfo)) -> Vec<u8> {
    let mut envelope = parsed(&foreign("exh"));
    let mut info = envelope.recipient_infos.as_slice()[0].clone();
    change(&mut info);
    envelope.recipient_infos = Bounded::new(vec![info]).unwrap();
    envelope.to_der().unwrap()
}
