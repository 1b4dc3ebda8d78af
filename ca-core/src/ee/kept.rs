//! What a CertReq leaves behind until its answer is final (spec `set-messages.md` §4.7 step 9).

use core::fmt;

use const_oid::ObjectIdentifier;
use zeroize::Zeroizing;

use super::wallet::{Labels, Session};
use super::{Application, EeError, Holder, PanData};
use crate::Suite;
use crate::envelope::{Attachments, SignerIdentity, sign};
use crate::signer::{KeyError, KeyId, PrivateKey, SignatureAlgorithm, Signer};
use crate::wire::{BackKeyData, Cert, IdData, RequestType, Secret};

/// Keys, labels and secrets of one request; wiped when dropped.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) session: Session,
    pub(super) labels: Labels,
    pub(super) request_type: RequestType,
    pub(super) id_data: Option<IdData>,
    pub(super) signature_key: Option<KeptKey>,
    pub(super) encryption_key: Option<KeptKey>,
    pub(super) holder: Option<KeptHolder>,
    pub(super) card: Option<KeptCard>,
}

impl Kept {
    /// Signs as requestType demands: with the new key under the null name, with the certificate
    /// held so far, or with both in this order (§3.3). CertInqReq is signed as the CertReq was.
    pub(super) fn sign(
        &self,
        content_type: ObjectIdentifier,
        content: &[u8],
        attached: bool,
    ) -> Result<Vec<u8>, EeError> {
        let suite = self.session.suite;
        let new = self.signature_key.as_ref().map(KeptKey::open).transpose()?;
        let held = self.holder.as_ref().map(|holder| holder.key.open()).transpose()?;
        let held_certificate = self.holder.as_ref().map(|holder| &holder.certificate);
        let mut identities = Vec::new();
        identities.extend(new.as_ref().map(|key| identity(suite, None, key)));
        identities.extend(held.as_ref().map(|key| identity(suite, held_certificate, key)));
        let keys = Keys([new.as_ref(), held.as_ref()]);
        let attachments = Attachments::default();
        Ok(sign(suite, content_type, content, attached, &identities, attachments, &keys)?)
    }

    /// The keys to be certified.
    pub(super) fn new_keys(&self) -> impl Iterator<Item = &KeptKey> {
        self.signature_key.iter().chain(&self.encryption_key)
    }
}

/// A private key as it is kept.
#[derive(Clone)]
pub(super) struct KeptKey {
    pub(super) pkcs8: Zeroizing<Vec<u8>>,
    pub(super) spki: Vec<u8>,
}

impl KeptKey {
    /// The key, ready for use.
    pub(super) fn open(&self) -> Result<PrivateKey, KeyError> {
        PrivateKey::from_pkcs8(&self.pkcs8)
    }
}

impl From<&PrivateKey> for KeptKey {
    fn from(key: &PrivateKey) -> Self {
        let pkcs8 = Zeroizing::new(key.pkcs8_der().to_vec());
        Self { pkcs8, spki: key.spki_der().to_vec() }
    }
}

impl fmt::Debug for KeptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptKey(redacted)")
    }
}

/// The signature certificate held so far, and its key.
#[derive(Clone, Debug)]
pub(super) struct KeptHolder {
    pub(super) certificate: Cert,
    pub(super) key: KeptKey,
}

impl From<Holder<'_>> for KeptHolder {
    fn from(holder: Holder<'_>) -> Self {
        Self { certificate: holder.certificate.clone(), key: KeptKey::from(holder.key) }
    }
}

/// What only a cardholder has.
#[derive(Clone, Debug)]
pub(super) struct KeptCard {
    pub(super) data: PanData,
    pub(super) card_secret: Secret,
    pub(super) back_key: BackKeyData,
}

impl Application<'_> {
    /// The keys of the application, kept.
    pub(super) fn kept_keys(&self) -> (Option<KeptKey>, Option<KeptKey>, Option<KeptHolder>) {
        (
            self.signature_key.map(KeptKey::from),
            self.encryption_key.map(KeptKey::from),
            self.holder.map(KeptHolder::from),
        )
    }
}

/// How a key of the end entity signs messages.
pub(super) fn identity<'a>(
    suite: Suite,
    certificate: Option<&'a Cert>,
    key: &PrivateKey,
) -> SignerIdentity<'a> {
    SignerIdentity {
        certificate,
        key: key.id(),
        algorithm: key.algorithm().default_signature(suite),
    }
}

/// One or two keys as the key store that holds nothing else.
pub(super) struct Keys<'a>(pub(super) [Option<&'a PrivateKey>; 2]);

impl Keys<'_> {
    fn held(&self, key: &KeyId) -> Result<&PrivateKey, KeyError> {
        let mut keys = self.0.iter().flatten();
        keys.find(|held| held.id() == *key).copied().ok_or(KeyError::Absent(*key))
    }
}

impl Signer for Keys<'_> {
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.held(key)?.sign(algorithm, message)
    }

    fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.held(key)?.sign_digest(algorithm, digest)
    }
}
