//! Key transport: the key block under the recipient's RSA key.

use const_oid::ObjectIdentifier;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, RsaPublicKey};
use spki::AlgorithmIdentifierOwned;
use subtle::Choice;
use zeroize::Zeroizing;

use super::block::truth;
use super::{OpenError, SealError};
use crate::Suite;
use crate::signer::{Decryptor, KeyError, KeyId, RandomAdapter, SecureRandom};
use crate::wire::Cert;
use crate::wire::pkcs7::{is_rsa_oaep_set, is_rsaes_oaep_sha256, rsa_oaep_set, rsaes_oaep_sha256};

/// The RSA key that a key block is encrypted for.
pub(super) struct Recipient(RsaPublicKey);

impl Recipient {
    /// Reads a DER SubjectPublicKeyInfo.
    pub(super) fn of_spki(spki_der: &[u8]) -> Result<Self, SealError> {
        let key = RsaPublicKey::from_public_key_der(spki_der).map_err(|_| SealError::Recipient)?;
        Ok(Self(key))
    }

    /// Octets of the modulus.
    pub(super) fn size(&self) -> usize {
        self.0.size()
    }

    /// True if a number of as many octets with the first bit clear is always below the modulus.
    pub(super) fn fills_its_octets(&self) -> bool {
        self.0.n().bits().is_multiple_of(8)
    }
}

/// Encrypts a key block. `modern`: RSAES-OAEP with SHA-256, MGF1-SHA-256 and the label of
/// `content_type`; the seed is the next 32 octets of `random`. `set-1997`: RSA alone, what hides
/// the block is in it already.
pub(super) fn wrap(
    suite: Suite,
    recipient: &Recipient,
    content_type: ObjectIdentifier,
    message: &[u8],
    random: &dyn SecureRandom,
) -> Result<(AlgorithmIdentifierOwned, Vec<u8>), SealError> {
    match suite {
        Suite::Modern => {
            let label = label(content_type);
            let algorithm = rsaes_oaep_sha256(&label)?;
            let padding = rsa::Oaep::<sha2::Sha256>::new_with_label(label);
            let mut adapter = RandomAdapter::new(random);
            let encrypted = recipient.0.encrypt(&mut adapter, padding, message);
            adapter.finish()?;
            Ok((algorithm, encrypted.map_err(|_| SealError::Recipient)?))
        }
        Suite::Set1997 => Ok((rsa_oaep_set(), encrypt_raw(&recipient.0, message)?)),
    }
}

/// True for the key transport of the suite, and no other.
pub(super) fn is_of(suite: Suite, algorithm: &AlgorithmIdentifierOwned) -> bool {
    match suite {
        Suite::Modern => is_rsaes_oaep_sha256(algorithm),
        Suite::Set1997 => is_rsa_oaep_set(algorithm),
    }
}

/// What the RSA operation gave.
pub(super) struct Unwrapped {
    /// `modern`: the key block, empty unless `opened`. `set-1997`: the masked block.
    pub(super) octets: Zeroizing<Vec<u8>>,
    /// Set if there was something to open, and (`modern`) it opened.
    pub(super) opened: Choice,
}

/// Decrypts a key block, `modern` with the label that is expected here.
///
/// A key that we do not have is told apart: that depends on us and not on the ciphertext. Octets
/// that are no ciphertext of the key at all cost an RSA operation too, on a number that is one.
pub(super) fn unwrap(
    suite: Suite,
    recipient: &Cert,
    content_type: ObjectIdentifier,
    encrypted: &[u8],
    decryptor: &dyn Decryptor,
) -> Result<Unwrapped, OpenError> {
    let key = KeyId::of_spki(recipient.spki_der()).ok_or(OpenError::Undecryptable)?;
    let modulus = modulus(recipient.spki_der()).ok_or(OpenError::Undecryptable)?;
    // Zero, too: it is its own power, and aws-lc notices.
    let fits = encrypted.len() == modulus.len()
        && encrypted < modulus.as_slice()
        && encrypted.iter().any(|octet| *octet != 0);
    let mut stand_in = vec![0; modulus.len()];
    stand_in.last_mut().into_iter().for_each(|last| *last = STAND_IN);
    let number = if fits { encrypted } else { &stand_in };
    let opened = match suite {
        Suite::Modern => decryptor.decrypt_oaep(&key, &label(content_type), number),
        Suite::Set1997 => decryptor.decrypt_raw(&key, number),
    };
    match opened {
        Ok(octets) => Ok(Unwrapped { octets, opened: truth(fits) }),
        Err(KeyError::Operation) => {
            Ok(Unwrapped { octets: Zeroizing::new(Vec::new()), opened: truth(false) })
        }
        Err(error) => Err(OpenError::Key(error)),
    }
}

/// The modulus without leading zeros.
fn modulus(spki_der: &[u8]) -> Option<Vec<u8>> {
    let spki: spki::SubjectPublicKeyInfoRef<'_> = der::Decode::from_der(spki_der).ok()?;
    let key: pkcs1::RsaPublicKeyRef<'_> =
        der::Decode::from_der(spki.subject_public_key.as_bytes()?).ok()?;
    Some(key.modulus.as_bytes().iter().copied().skip_while(|octet| *octet == 0).collect())
}

/// m^e mod n, in as many octets as n has (spec `set-crypto.md` §2.1).
fn encrypt_raw(key: &RsaPublicKey, block: &[u8]) -> Result<Vec<u8>, SealError> {
    let refused = |_| SealError::Recipient;
    let m = BoxedUint::from_be_slice(block, key.n_bits_precision()).map_err(refused)?;
    if m >= *key.n().as_ref() {
        return Err(SealError::Recipient);
    }
    let m = Zeroizing::new(m);
    let c = rsa::hazmat::rsa_encrypt(key, &m).map_err(|_| SealError::Recipient)?;
    let octets = c.to_be_bytes();
    // The number is stored in whole machine words, which a modulus need not fill.
    let surplus = octets.len().saturating_sub(key.size());
    Ok(octets.get(surplus..).unwrap_or_default().to_vec())
}

/// OAEP label of `modern` (spec `set-crypto.md` §8.1).
fn label(content_type: ObjectIdentifier) -> Vec<u8> {
    format!("{MODERN_LABEL}{content_type}").into_bytes()
}

const MODERN_LABEL: &str = "set-modern-1:";
/// Decrypted in place of what is no ciphertext. Neither 0 nor 1, whose powers cost nothing.
const STAND_IN: u8 = 2;
