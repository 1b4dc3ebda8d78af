//! An EnvelopedData made step by step, so that each step can go wrong (spec `set-crypto.md` §1.5,
//! §8.1).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ca_core::Suite;
use ca_core::signer::RandomAdapter;
use ca_core::wire::Cert;
use ca_core::wire::pkcs7::{
    Bounded, DigestedData, EncryptedContentInfo, EnvelopedData, IssuerAndSerial, RecipientInfo,
    Version, aes_256_gcm, rsaes_oaep_sha256, sequence,
};
use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use rsa::pkcs8::DecodePublicKey as _;
use spki::AlgorithmIdentifierOwned;

use crate::messages::random;

/// Everything an envelope is made of.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub(crate) recipient: Cert,
    /// The certificate that the RecipientInfo names.
    pub(crate) named: IssuerAndSerial,
    pub(crate) content_type: ObjectIdentifier,
    /// BC.
    pub(crate) code: u8,
    /// HD; empty in EncX.
    pub(crate) body_digest: Vec<u8>,
    /// X.
    pub(crate) extra: Vec<u8>,
    pub(crate) body: Vec<u8>,
    /// Label of the OAEP.
    pub(crate) label: String,
    pub(crate) transport: AlgorithmIdentifierOwned,
    /// Octet of the encrypted content, from its end, that is flipped on the way.
    pub(crate) flip: Option<usize>,
    /// What stands behind X in the key block.
    pub(crate) behind: Vec<u8>,
}

impl Envelope {
    /// A good EXH of t and p.
    pub(crate) fn exh(recipient: &Cert, t: &[u8], p: &[u8]) -> Self {
        let pan_only = ca_core::wire::oids::CT_PAN_ONLY;
        let link = DigestedData::of(Suite::Modern, pan_only, p).unwrap().to_der().unwrap();
        Self::exh_of(recipient, t, &link, p)
    }

    /// An EXH whose DD is given.
    pub(crate) fn exh_of(recipient: &Cert, t: &[u8], link: &[u8], p: &[u8]) -> Self {
        let body = sequence(&[t, link]).unwrap().to_vec();
        let digest = Suite::Modern.digest(&body);
        Self::new(recipient, ca_core::wire::oids::CT_REG_FORM_REQ_TBE, 0x41, digest, body, p)
    }

    /// A good EncX of t, its signature, and p.
    pub(crate) fn encx(recipient: &Cert, t: &[u8], signature: &[u8], p: &[u8]) -> Self {
        let body = sequence(&[t, signature]).unwrap().to_vec();
        let content_type = ca_core::wire::oids::CT_CERT_REQ_TBEX;
        Self::new(recipient, content_type, 0x20, Vec::new(), body, p)
    }

    /// A good Enc of a SignedData.
    pub(crate) fn enc(recipient: &Cert, signed: &[u8]) -> Self {
        let content_type = ca_core::wire::oids::CT_CERT_REQ_TBE;
        Self::new(recipient, content_type, 0x00, Vec::new(), signed.to_vec(), &[])
    }

    fn new(
        recipient: &Cert,
        content_type: ObjectIdentifier,
        code: u8,
        body_digest: Vec<u8>,
        body: Vec<u8>,
        p: &[u8],
    ) -> Self {
        let label = format!("set-modern-1:{content_type}");
        Self {
            recipient: recipient.clone(),
            named: IssuerAndSerial::of(recipient).unwrap(),
            content_type,
            code,
            body_digest,
            extra: p.to_vec(),
            body,
            transport: rsaes_oaep_sha256(label.as_bytes()).unwrap(),
            label,
            flip: None,
            behind: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn octets(&self) -> Vec<u8> {
        let content_key = [0x33; 32];
        let nonce = [0x44; 12];
        let mut content = self.body.clone();
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &content_key).unwrap())
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.content_type.to_der().unwrap()),
                &mut content,
            )
            .unwrap();
        if let Some(at) = self.flip {
            let at = content.len() - 1 - at;
            content[at] ^= 1;
        }
        let block = [&[self.code][..], &content_key, &self.body_digest, &self.extra, &self.behind];
        let key = rsa::RsaPublicKey::from_public_key_der(self.recipient.spki_der()).unwrap();
        let padding = rsa::Oaep::<sha2::Sha256>::new_with_label(self.label.as_bytes());
        let source = random("envelope");
        let encrypted =
            key.encrypt(&mut RandomAdapter::new(&source), padding, &block.concat()).unwrap();
        EnvelopedData {
            version: Version::default(),
            recipient_infos: Bounded::new(vec![RecipientInfo {
                version: Version::default(),
                recipient: self.named.clone(),
                key_encryption_algorithm: self.transport.clone(),
                encrypted_key: OctetString::new(encrypted).unwrap(),
            }])
            .unwrap(),
            encrypted_content_info: EncryptedContentInfo {
                content_type: self.content_type,
                algorithm: aes_256_gcm(&nonce).unwrap(),
                encrypted_content: OctetString::new(content).unwrap(),
            },
        }
        .to_der()
        .unwrap()
    }
}
