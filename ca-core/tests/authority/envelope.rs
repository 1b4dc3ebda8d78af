//! An EnvelopedData made step by step, so that each step can go wrong (spec `set-crypto.md` §1.5,
//! §2, §3, §8.1).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ca_core::Suite;
use ca_core::signer::RandomAdapter;
use ca_core::wire::pkcs7::{
    Bounded, DigestedData, EncryptedContentInfo, EnvelopedData, IssuerAndSerial, RecipientInfo,
    Version, aes_256_gcm, cbc_64, rsa_oaep_set, rsaes_oaep_sha256, sequence,
};
use ca_core::wire::{Cert, oids};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use spki::AlgorithmIdentifierOwned;

use crate::messages::random;

/// Everything an envelope is made of.
#[derive(Clone)]
pub(crate) struct Envelope {
    suite: Suite,
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
    /// `modern`: label of the OAEP.
    pub(crate) label: String,
    /// `set-1997`: BT.
    pub(crate) block_type: u8,
    /// `set-1997`: V.
    pub(crate) verification: [u8; 7],
    pub(crate) transport: AlgorithmIdentifierOwned,
    /// What happens to the encrypted content on the way.
    pub(crate) spoil: Option<fn(&mut Vec<u8>)>,
    /// What stands behind X in the key block.
    pub(crate) behind: Vec<u8>,
}

impl Envelope {
    /// A good EXH of t and p.
    pub(crate) fn exh(suite: Suite, recipient: &Cert, t: &[u8], p: &[u8]) -> Self {
        let pan_only = oids::CT_PAN_ONLY;
        let link = DigestedData::of(suite, pan_only, p).unwrap().to_der().unwrap();
        Self::exh_of(suite, recipient, t, &link, p)
    }

    /// An EXH whose DD is given.
    pub(crate) fn exh_of(suite: Suite, recipient: &Cert, t: &[u8], link: &[u8], p: &[u8]) -> Self {
        let body = sequence(&[t, link]).unwrap().to_vec();
        let digest = suite.digest(&body);
        let content_type = oids::CT_REG_FORM_REQ_TBE;
        Self { body_digest: digest, ..Self::new(suite, recipient, content_type, 0x41, body, p) }
    }

    /// A good EncX of t, its signature, and p.
    pub(crate) fn encx(
        suite: Suite,
        recipient: &Cert,
        t: &[u8],
        signature: &[u8],
        p: &[u8],
    ) -> Self {
        let body = sequence(&[t, signature]).unwrap().to_vec();
        let content_type = oids::CT_CERT_REQ_TBEX;
        Self::new(suite, recipient, content_type, 0x20, body, p)
    }

    /// A good Enc of a SignedData.
    pub(crate) fn enc(suite: Suite, recipient: &Cert, signed: &[u8]) -> Self {
        let content_type = oids::CT_CERT_REQ_TBE;
        Self::new(suite, recipient, content_type, 0x00, signed.to_vec(), &[])
    }

    fn new(
        suite: Suite,
        recipient: &Cert,
        content_type: ObjectIdentifier,
        code: u8,
        body: Vec<u8>,
        p: &[u8],
    ) -> Self {
        let label = format!("set-modern-1:{content_type}");
        let transport = match suite {
            Suite::Modern => rsaes_oaep_sha256(label.as_bytes()).unwrap(),
            Suite::Set1997 => rsa_oaep_set(),
        };
        Self {
            suite,
            recipient: recipient.clone(),
            named: IssuerAndSerial::of(recipient).unwrap(),
            content_type,
            code,
            body_digest: Vec::new(),
            extra: p.to_vec(),
            body,
            label,
            block_type: 0x03,
            verification: [0; 7],
            transport,
            spoil: None,
            behind: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn octets(&self) -> Vec<u8> {
        let (algorithm, mut content) = match self.suite {
            Suite::Modern => (aes_256_gcm(&NONCE), self.gcm()),
            Suite::Set1997 => {
                let cipher = cbc::Encryptor::<des::Des>::new(&DES_KEY.into(), &IV.into());
                (cbc_64(oids::DES_CBC, &IV), cipher.encrypt_padded_vec::<Pkcs7>(&self.body))
            }
        };
        if let Some(spoil) = self.spoil {
            spoil(&mut content);
        }
        let key = rsa::RsaPublicKey::from_public_key_der(self.recipient.spki_der()).unwrap();
        let encrypted = match self.suite {
            Suite::Modern => self.oaep(&key),
            Suite::Set1997 => self.set_oaep(&key),
        };
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
                algorithm: algorithm.unwrap(),
                encrypted_content: OctetString::new(content).unwrap(),
            },
        }
        .to_der()
        .unwrap()
    }

    fn gcm(&self) -> Vec<u8> {
        let mut content = self.body.clone();
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &AES_KEY).unwrap())
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(NONCE),
                Aad::from(self.content_type.to_der().unwrap()),
                &mut content,
            )
            .unwrap();
        content
    }

    /// RSAES-OAEP over BC, key, HD and X (spec `set-crypto.md` §8.1).
    fn oaep(&self, key: &rsa::RsaPublicKey) -> Vec<u8> {
        let block = [&[self.code][..], &AES_KEY, &self.body_digest, &self.extra, &self.behind];
        let padding = rsa::Oaep::<sha2::Sha256>::new_with_label(self.label.as_bytes());
        let source = random("envelope");
        key.encrypt(&mut RandomAdapter::new(&source), padding, &block.concat()).unwrap()
    }

    /// SET OAEP: I, A = DB masked, B = salt masked, DB = BT, BC, V, key, HD, X, zeros (§2.1).
    fn set_oaep(&self, key: &rsa::RsaPublicKey) -> Vec<u8> {
        let head = [&[self.block_type, self.code][..], &self.verification].concat();
        let parts = [&head[..], &DES_KEY, &self.body_digest, &self.extra, &self.behind];
        let mut db = parts.concat();
        db.resize(key.size() - 17, 0);
        let salt = [0x5b; 16];
        let mask = (0..=u8::MAX).flat_map(|i| self.suite.digest(&[&salt[..], &[i]].concat()));
        let a: Vec<u8> = db.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        let digest = self.suite.digest(&a);
        let b = salt.iter().zip(&digest[4..]).map(|(a, b)| a ^ b);
        let block: Vec<u8> = [0x5a].into_iter().chain(a.iter().copied()).chain(b).collect();
        let m = rsa::BoxedUint::from_be_slice(&block, key.n_bits_precision()).unwrap();
        rsa::hazmat::rsa_encrypt(key, &m).unwrap().to_be_bytes().to_vec()
    }
}

const AES_KEY: [u8; 32] = [0x33; 32];
const NONCE: [u8; 12] = [0x44; 12];
const DES_KEY: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
const IV: [u8; 8] = [0x44; 8];
