//! Software keys: generated from a given random source, kept as PKCS#8.

use core::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use der::asn1::BitString;
use der::{Decode, Encode};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use zeroize::Zeroizing;

use super::generate;
use super::rsa_key::RsaKey;
use super::verify::import_digest;
use super::{KeyAlgorithm, KeyError, KeyId, RandomAdapter, SecureRandom, SignatureAlgorithm};
use crate::wire::oids;

/// One private key in memory. `Debug` shows its identifier and kind only.
pub struct PrivateKey {
    id: KeyId,
    algorithm: KeyAlgorithm,
    spki: Vec<u8>,
    pkcs8: Zeroizing<Vec<u8>>,
    operation: Operation,
}

enum Operation {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Box<RsaKey>),
}

impl PrivateKey {
    /// Makes a key pair; the same random octets make the same key.
    ///
    /// # Errors
    /// [`KeyError::Random`] if the source fails, [`KeyError::Malformed`] for a size this build
    /// does not make (RSA outside 1024…4096).
    pub fn generate(algorithm: KeyAlgorithm, random: &dyn SecureRandom) -> Result<Self, KeyError> {
        Self::from_pkcs8(&generate::pkcs8(algorithm, random)?)
    }

    /// Reads a DER PKCS#8 PrivateKeyInfo (RFC 5208).
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if it is not a key this build can use.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let unreadable = KeyError::Malformed("not a supported PKCS#8 private key");
        let info = PrivateKeyInfoRef::from_der(der).map_err(|_| unreadable.clone())?;
        let (operation, spki) = match info.algorithm.oid {
            oids::RSA_ENCRYPTION => {
                let key = RsaKey::from_pkcs8(der, info.private_key.as_bytes())
                    .ok_or(unreadable.clone())?;
                let spki = rsa_spki(key.public_der()).map_err(|_| unreadable)?;
                (Operation::Rsa(Box::new(key)), spki)
            }
            oids::EC_PUBLIC_KEY => ecdsa_operation(&info, der).ok_or(unreadable)?,
            oids::ED25519 => {
                let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
                    .map_err(|_| unreadable.clone())?;
                let algorithm = AlgorithmIdentifierOwned { oid: oids::ED25519, parameters: None };
                let spki =
                    spki_der(algorithm, key.public_key().as_ref()).map_err(|_| unreadable)?;
                (Operation::Ed25519(key), spki)
            }
            _ => return Err(unreadable),
        };
        let odd = KeyError::Malformed("public key of the private key cannot be read");
        let id = KeyId::of_spki(&spki).ok_or(odd.clone())?;
        let algorithm = KeyAlgorithm::of_spki(&spki).ok_or(odd)?;
        Ok(Self { id, algorithm, spki, pkcs8: Zeroizing::new(der.to_vec()), operation })
    }

    /// Opens a DER EncryptedPrivateKeyInfo.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] if the passphrase does not open it, [`KeyError::Malformed`] if
    /// there is no such structure or no usable key in it.
    pub fn from_encrypted_pkcs8(der: &[u8], passphrase: &[u8]) -> Result<Self, KeyError> {
        let sealed = EncryptedPrivateKeyInfoRef::from_der(der)
            .map_err(|_| KeyError::Malformed("not an encrypted PKCS#8 private key"))?;
        let opened = sealed.decrypt(passphrase).map_err(|_| KeyError::Passphrase)?;
        Self::from_pkcs8(opened.as_bytes())
    }

    /// The key as DER EncryptedPrivateKeyInfo: PBES2 with scrypt (N 2^14, r 8, p 1: about 40 ms
    /// on one core) and AES-256-CBC, which `openssl pkcs8` opens too.
    ///
    /// # Errors
    /// [`KeyError::Random`] if the source fails, [`KeyError::Operation`] if encryption does.
    pub fn to_encrypted_pkcs8(
        &self,
        passphrase: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, KeyError> {
        let info = PrivateKeyInfoRef::from_der(&self.pkcs8).map_err(|_| KeyError::Operation)?;
        let mut adapter = RandomAdapter::new(random);
        let sealed =
            info.encrypt_with_rng(&mut adapter, passphrase).map_err(|_| KeyError::Operation)?;
        adapter.finish().map_err(|_| KeyError::Random)?;
        Ok(sealed.as_bytes().to_vec())
    }

    /// Names the key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Kind of the key.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// DER PKCS#8, unencrypted. For the caller that must hand the key to another program.
    #[must_use]
    pub fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Signs `message` (not its digest).
    ///
    /// # Errors
    /// [`KeyError::Unsuitable`] if key and algorithm do not fit, [`KeyError::Operation`] if signing
    /// fails.
    pub fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Operation;
        let unsuitable = || KeyError::Unsuitable(self.id, algorithm.name());
        match (&self.operation, algorithm, self.algorithm) {
            (Operation::Rsa(key), SignatureAlgorithm::RsaSha256, _) => {
                key.sign_sha256(message).ok_or_else(unsuitable)?
            }
            (Operation::Rsa(key), SignatureAlgorithm::RsaPssSha256, _) => {
                key.sign_pss_sha256(message).ok_or_else(unsuitable)?
            }
            (Operation::Rsa(key), SignatureAlgorithm::RsaSha1, _) => {
                key.sign_sha1(message).ok_or_else(unsuitable)?
            }
            (Operation::Ecdsa(key), SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcP256)
            | (Operation::Ecdsa(key), SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcP384) => {
                let signature = key.sign(&SystemRandom::new(), message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            (Operation::Ed25519(key), SignatureAlgorithm::Ed25519, _) => {
                Ok(key.sign(message).as_ref().to_vec())
            }
            _ => Err(unsuitable()),
        }
    }

    /// Signs the message that has this digest.
    ///
    /// # Errors
    /// As [`PrivateKey::sign`]; [`KeyError::Unsuitable`] for Ed25519.
    pub fn sign_digest(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let unsuitable = || KeyError::Unsuitable(self.id, algorithm.name());
        match (&self.operation, algorithm, self.algorithm) {
            (Operation::Rsa(key), SignatureAlgorithm::RsaSha1, _) => {
                key.sign_sha1_digest(digest).ok_or_else(unsuitable)?
            }
            (Operation::Rsa(key), _, _) => {
                key.sign_digest(algorithm, digest).ok_or_else(unsuitable)?
            }
            (Operation::Ecdsa(key), SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcP256)
            | (Operation::Ecdsa(key), SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcP384) => {
                let digest = import_digest(algorithm, digest).ok_or_else(unsuitable)?;
                let signature = key.sign_digest(&digest).map_err(|_| KeyError::Operation)?;
                Ok(signature.as_ref().to_vec())
            }
            _ => Err(unsuitable()),
        }
    }

    /// RSAES-OAEP with SHA-256, MGF1-SHA-256 and `label`.
    ///
    /// # Errors
    /// [`KeyError::Unsuitable`] if this is no RSA key of 2048 bits or more; otherwise
    /// [`KeyError::Operation`] for every fault alike.
    pub fn decrypt_oaep(
        &self,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let opened = match &self.operation {
            Operation::Rsa(key) => key.decrypt_oaep(label, ciphertext),
            Operation::Ecdsa(_) | Operation::Ed25519(_) => None,
        };
        opened.unwrap_or(Err(KeyError::Unsuitable(self.id, "RSAES-OAEP")))
    }

    /// The RSA operation alone: c^d mod n, in as many octets as n has. For SET OAEP, whose key
    /// blocks are judged by who asked (spec `set-crypto.md` §2.3).
    ///
    /// # Errors
    /// [`KeyError::Unsuitable`] if this is no RSA key of 512 to 2048 bits;
    /// [`KeyError::Operation`] if `ciphertext` has another length than n, or is not below it.
    pub fn decrypt_raw(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let opened = match &self.operation {
            Operation::Rsa(key) => key.decrypt_raw(ciphertext),
            Operation::Ecdsa(_) | Operation::Ed25519(_) => None,
        };
        opened.unwrap_or(Err(KeyError::Unsuitable(self.id, "SET OAEP")))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, {})", self.id, self.algorithm)
    }
}

fn ecdsa_operation(info: &PrivateKeyInfoRef<'_>, der: &[u8]) -> Option<(Operation, Vec<u8>)> {
    let curve = info.algorithm.parameters_oid().ok()?;
    let key = ec_key_pair(curve, der)?;
    let algorithm = AlgorithmIdentifierOwned {
        oid: oids::EC_PUBLIC_KEY,
        parameters: Some(der::asn1::Any::from(&curve)),
    };
    let spki = spki_der(algorithm, key.public_key().as_ref()).ok()?;
    Some((Operation::Ecdsa(key), spki))
}

pub(super) fn ec_key_pair(curve: const_oid::ObjectIdentifier, der: &[u8]) -> Option<EcdsaKeyPair> {
    let scheme: &'static EcdsaSigningAlgorithm = match curve {
        oids::SECP_256_R1 => &ECDSA_P256_SHA256_ASN1_SIGNING,
        oids::SECP_384_R1 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        _ => return None,
    };
    EcdsaKeyPair::from_private_key_der(scheme, der).ok()
}

fn rsa_spki(public_key_der: &[u8]) -> der::Result<Vec<u8>> {
    let algorithm = AlgorithmIdentifierOwned {
        oid: oids::RSA_ENCRYPTION,
        parameters: Some(der::asn1::Any::from(der::asn1::Null)),
    };
    spki_der(algorithm, public_key_der)
}

fn spki_der(algorithm: AlgorithmIdentifierOwned, key: &[u8]) -> der::Result<Vec<u8>> {
    SubjectPublicKeyInfoOwned { algorithm, subject_public_key: BitString::from_bytes(key)? }
        .to_der()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;
    use crate::signer::{SeededRandom, verify, verify_digest};

    #[test]
    fn each_kind_signs_and_its_public_key_verifies() {
        for (kind, scheme) in [
            (KeyAlgorithm::EcP256, SignatureAlgorithm::EcdsaSha256),
            (KeyAlgorithm::EcP384, SignatureAlgorithm::EcdsaSha384),
            (KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519),
            (KeyAlgorithm::Rsa(2048), SignatureAlgorithm::RsaSha256),
            (KeyAlgorithm::Rsa(2048), SignatureAlgorithm::RsaPssSha256),
        ] {
            let random = SeededRandom::new(b"keys", &kind.to_string());
            let key = PrivateKey::generate(kind, &random).unwrap();
            assert_eq!(key.algorithm(), kind);
            let signature = key.sign(scheme, b"message").unwrap();
            let verify =
                |message| verify(Suite::Modern, key.spki_der(), scheme, message, &signature);
            verify(b"message").unwrap();
            assert!(verify(b"massage").is_err());
        }
    }

    #[test]
    fn digest_is_signed_as_its_message_is() {
        for (kind, scheme) in [
            (KeyAlgorithm::EcP256, SignatureAlgorithm::EcdsaSha256),
            (KeyAlgorithm::EcP384, SignatureAlgorithm::EcdsaSha384),
            (KeyAlgorithm::Rsa(1024), SignatureAlgorithm::RsaSha1),
            (KeyAlgorithm::Rsa(2048), SignatureAlgorithm::RsaSha256),
            (KeyAlgorithm::Rsa(2048), SignatureAlgorithm::RsaPssSha256),
        ] {
            let random = SeededRandom::new(b"keys", &kind.to_string());
            let key = PrivateKey::generate(kind, &random).unwrap();
            let digest = scheme.hash().unwrap().digest([&b"mess"[..], b"age"]);
            let signature = key.sign_digest(scheme, &digest).unwrap();
            let (suite, spki) = (scheme.suite(), key.spki_der());
            verify(suite, spki, scheme, b"message", &signature).unwrap();
            verify_digest(suite, spki, scheme, &digest, &signature).unwrap();
            let other = scheme.hash().unwrap().digest([&b"massage"[..]]);
            assert!(verify_digest(suite, spki, scheme, &other, &signature).is_err());
            // PKCS #1 v1.5 alone has one signature for a message.
            if matches!(scheme, SignatureAlgorithm::RsaSha1 | SignatureAlgorithm::RsaSha256) {
                assert_eq!(signature, key.sign(scheme, b"message").unwrap());
            }
        }
    }

    #[test]
    fn digest_of_another_length_is_not_signed() {
        for (kind, scheme) in [
            (KeyAlgorithm::EcP256, SignatureAlgorithm::EcdsaSha256),
            (KeyAlgorithm::Rsa(1024), SignatureAlgorithm::RsaSha1),
            (KeyAlgorithm::Rsa(2048), SignatureAlgorithm::RsaSha256),
        ] {
            let key = PrivateKey::generate(kind, &SeededRandom::new(b"keys", "k")).unwrap();
            for length in [0, 19, 31, 33, 64] {
                assert!(key.sign_digest(scheme, &vec![7; length]).is_err(), "{kind} {length}");
            }
        }
    }

    #[test]
    fn ed25519_signs_messages_only() {
        let random = SeededRandom::new(b"keys", "ed");
        let key = PrivateKey::generate(KeyAlgorithm::Ed25519, &random).unwrap();
        let scheme = SignatureAlgorithm::Ed25519;
        assert_eq!(scheme.hash(), None);
        let refused = key.sign_digest(scheme, &[7; 32]).unwrap_err();
        assert!(matches!(refused, KeyError::Unsuitable(id, _) if id == key.id()));
        let signature = key.sign(scheme, &[7; 32]).unwrap();
        let verified = verify_digest(Suite::Modern, key.spki_der(), scheme, &[7; 32], &signature);
        assert!(verified.is_err());
    }

    #[test]
    fn the_same_seed_makes_the_same_key() {
        for kind in [KeyAlgorithm::EcP256, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa(2048)] {
            let one = PrivateKey::generate(kind, &SeededRandom::new(b"s", "k")).unwrap();
            let two = PrivateKey::generate(kind, &SeededRandom::new(b"s", "k")).unwrap();
            assert_eq!(one.pkcs8_der(), two.pkcs8_der());
        }
    }

    #[test]
    fn encrypted_key_opens_with_its_passphrase_only() {
        let random = SeededRandom::new(b"s", "k");
        let key = PrivateKey::generate(KeyAlgorithm::EcP256, &random).unwrap();
        let sealed = key.to_encrypted_pkcs8(b"right", &random).unwrap();
        assert_eq!(PrivateKey::from_encrypted_pkcs8(&sealed, b"right").unwrap().id(), key.id());
        assert_eq!(
            PrivateKey::from_encrypted_pkcs8(&sealed, b"wrong").unwrap_err(),
            KeyError::Passphrase
        );
    }

    #[test]
    fn a_key_of_1997_survives_its_file_and_signs_with_sha_1_alone() {
        let random = SeededRandom::new(b"s", "1997");
        let made = PrivateKey::generate(KeyAlgorithm::Rsa(1024), &random).unwrap();
        let sealed = made.to_encrypted_pkcs8(b"right", &random).unwrap();
        let key = PrivateKey::from_encrypted_pkcs8(&sealed, b"right").unwrap();
        assert_eq!((key.id(), key.algorithm()), (made.id(), KeyAlgorithm::Rsa(1024)));
        assert!(key.sign(SignatureAlgorithm::RsaSha1, b"message").is_ok());
        for newer in [SignatureAlgorithm::RsaSha256, SignatureAlgorithm::RsaPssSha256] {
            let refused = KeyError::Unsuitable(key.id(), newer.name());
            assert_eq!(key.sign(newer, b"message").unwrap_err(), refused);
        }
        assert_eq!(
            key.decrypt_oaep(b"", &[0; 128]).unwrap_err(),
            KeyError::Unsuitable(key.id(), "RSAES-OAEP")
        );
    }

    #[test]
    fn debug_shows_no_key_material() {
        let key =
            PrivateKey::generate(KeyAlgorithm::Ed25519, &SeededRandom::new(b"s", "k")).unwrap();
        assert_eq!(format!("{key:?}"), format!("PrivateKey({}, ed25519)", key.id()));
    }
}
