//! Envelopes of `set-1997` with one wrong part, put together here: SET OAEP, DES and RSA from their
//! crates, the layout from spec `set-crypto.md` §2 and §3.

use ca_core::Suite;
use ca_core::envelope::{OpenError, OpenedExh, REG_FORM_REQ, open_exh};
use ca_core::wire::oids;
use ca_core::wire::pkcs7::{Bounded, DigestedData, EncryptedContentInfo, EnvelopedData, cbc_64};
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use der::Encode;
use der::asn1::OctetString;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;

use crate::forged::{parsed, random};
use crate::support::{certificate_1997, foreign_1997, rsa_keys_1997};

pub(crate) const OLD: Suite = Suite::Set1997;
pub(crate) const KEY: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
const IV: [u8; 8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];

pub(crate) fn exh_1997(octets: &[u8]) -> Result<OpenedExh, OpenError> {
    let (keys, _) = rsa_keys_1997();
    open_exh(OLD, &REG_FORM_REQ, octets, &[&certificate_1997()], &keys, &random())
}

/// An EXH of which each part can be wrong while the others are right.
#[derive(Clone)]
pub(crate) struct Forged1997 {
    pub(crate) first: u8,
    /// BT, BC and V.
    pub(crate) head: [u8; 9],
    pub(crate) p: Vec<u8>,
    /// The last octet of the fill.
    pub(crate) last: u8,
    pub(crate) digest_of_body: Option<Vec<u8>>,
    pub(crate) body: Vec<u8>,
    /// Octets to encrypt as they are, in the place of the padded body.
    pub(crate) padded: Option<Vec<u8>>,
}

impl Forged1997 {
    pub(crate) fn right() -> Self {
        let p = foreign_1997("pan-only");
        let dd = DigestedData::of(OLD, oids::CT_PAN_ONLY, &p).unwrap().to_der().unwrap();
        let body = ca_core::wire::pkcs7::sequence(&[&foreign_1997("t"), &dd]).unwrap().to_vec();
        let head = [0x03, 0x41, 0, 0, 0, 0, 0, 0, 0];
        Self { first: 0x5a, head, p, last: 0, digest_of_body: None, body, padded: None }
    }

    /// With a t of so many octets more.
    pub(crate) fn large(octets: u16) -> Self {
        let right = Self::right();
        let [high, low] = octets.to_be_bytes();
        let t = [&[0x04, 0x82, high, low][..], &vec![7; octets.into()]].concat();
        let dd = DigestedData::of(OLD, oids::CT_PAN_ONLY, &right.p).unwrap().to_der().unwrap();
        let body = ca_core::wire::pkcs7::sequence(&[&t, &dd]).unwrap().to_vec();
        Self { body, ..right }
    }

    fn block(&self) -> Vec<u8> {
        let digest = self.digest_of_body.clone().unwrap_or_else(|| OLD.digest(&self.body));
        let mut db = [&self.head[..], &KEY, &digest, &self.p].concat();
        db.resize(111, 0);
        db[110] |= self.last;
        let salt = [0x5b; 16];
        let mask: Vec<u8> =
            (0..6_u8).flat_map(|i| OLD.digest(&[&salt[..], &[i]].concat())).collect();
        let a: Vec<u8> = db.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        let digest = OLD.digest(&a);
        let b = salt.iter().zip(&digest[4..]).map(|(a, b)| a ^ b);
        [self.first].into_iter().chain(a.iter().copied()).chain(b).collect()
    }

    pub(crate) fn seal(&self) -> Vec<u8> {
        let key = rsa::RsaPublicKey::from_public_key_der(certificate_1997().spki_der()).unwrap();
        let m = rsa::BoxedUint::from_be_slice(&self.block(), key.n_bits_precision()).unwrap();
        let encrypted_key = rsa::hazmat::rsa_encrypt(&key, &m).unwrap().to_be_bytes();
        let cipher = cbc::Encryptor::<des::Des>::new(&KEY.into(), &IV.into());
        let ciphertext = match &self.padded {
            Some(padded) => cipher.encrypt_padded_vec::<NoPadding>(padded),
            None => cipher.encrypt_padded_vec::<Pkcs7>(&self.body),
        };
        envelope(&encrypted_key, &ciphertext)
    }
}

/// The foreign EXH with these two ciphertexts.
pub(crate) fn envelope(encrypted_key: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    changed(|envelope| {
        let mut info = envelope.recipient_infos.as_slice()[0].clone();
        info.encrypted_key = OctetString::new(encrypted_key).unwrap();
        envelope.recipient_infos = Bounded::new(vec![info]).unwrap();
        envelope.encrypted_content_info = EncryptedContentInfo {
            content_type: oids::CT_REG_FORM_REQ_TBE,
            algorithm: cbc_64(oids::DES_CBC, &IV).unwrap(),
            encrypted_content: OctetString::new(ciphertext).unwrap(),
        };
    })
}

/// The foreign EXH with a change.
pub(crate) fn changed(change: impl FnOnce(&mut EnvelopedData)) -> Vec<u8> {
    let mut envelope = parsed(&foreign_1997("exh"));
    change(&mut envelope);
    envelope.to_der().unwrap()
}

/// Ciphertexts of an envelope: key block and body.
pub(crate) fn ciphertexts(octets: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let envelope = parsed(octets);
    let key = envelope.recipient_infos.as_slice()[0].encrypted_key.as_bytes().to_vec();
    (key, envelope.encrypted_content_info.encrypted_content.as_bytes().to_vec())
}
