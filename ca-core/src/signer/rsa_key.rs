//! Private RSA keys. aws-lc-rs does what the suite `modern` asks for; the `rsa` crate does what
//! only SET 1.0 asks for (SHA-1 signatures, raw RSA, 1024 bits), which aws-lc-rs refuses.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use der::asn1::UintRef;
use der::{Decode, Encode};
use pkcs1::RsaPrivateKeyRef;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, Pkcs1v15Sign, RsaPrivateKey};
use sha1::Digest as _;
use zeroize::Zeroizing;

use super::verify::import_digest;
use super::{KeyError, RandomAdapter, RandomError, SecureRandom, SignatureAlgorithm};

/// One RSA key in the forms its size allows.
pub(super) struct RsaKey {
    /// 2048 bits and more.
    strong: Option<(RsaKeyPair, OaepPrivateDecryptingKey)>,
    /// 512 to 2048 bits: the sizes that a hierarchy of suite `set-1997` may hold.
    legacy: Option<RsaPrivateKey>,
    /// DER RSAPublicKey.
    public: Vec<u8>,
}

impl RsaKey {
    /// Reads a DER PKCS#8 PrivateKeyInfo whose private key is the RSAPrivateKey `pkcs1`.
    pub(super) fn from_pkcs8(pkcs8: &[u8], pkcs1: &[u8]) -> Option<Self> {
        let parts = RsaPrivateKeyRef::from_der(pkcs1).ok()?;
        let public = parts.public_key().to_der().ok()?;
        let bits = bit_length(parts.modulus.as_bytes());
        let strong = if bits >= STRONG_BITS { Some(strong(pkcs8)?) } else { None };
        let legacy = match bits {
            LEGACY_MIN_BITS..=LEGACY_MAX_BITS => Some(legacy(&parts, bits)?),
            _ => None,
        };
        let usable = strong.is_some() || legacy.is_some();
        usable.then_some(Self { strong, legacy, public })
    }

    /// DER RSAPublicKey.
    pub(super) fn public_der(&self) -> &[u8] {
        &self.public
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, `None` if the key is too small.
    pub(super) fn sign_sha256(&self, message: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
        Some(sign_strong(&self.strong.as_ref()?.0, &RSA_PKCS1_SHA256, message))
    }

    /// RSASSA-PSS with SHA-256, `None` if the key is too small.
    pub(super) fn sign_pss_sha256(&self, message: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
        Some(sign_strong(&self.strong.as_ref()?.0, &RSA_PSS_SHA256, message))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-1, `None` if the key is none of suite `set-1997`.
    ///
    /// The computation is blinded, and checked with the public key before it leaves.
    pub(super) fn sign_sha1(&self, message: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
        self.sign_sha1_digest(&sha1::Sha1::digest(message))
    }

    /// The same for a message given by its SHA-1 digest.
    pub(super) fn sign_sha1_digest(&self, digest: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
        let key = self.legacy.as_ref()?;
        let mut blinding = RandomAdapter::new(&SystemSource);
        let signature = key.sign_with_rng(&mut blinding, Pkcs1v15Sign::new::<sha1::Sha1>(), digest);
        let drawn = blinding.finish().map_err(|_| KeyError::Random);
        Some(drawn.and(signature.map_err(|_| KeyError::Operation)))
    }

    /// What [`Self::sign_sha256`] and [`Self::sign_pss_sha256`] do for a message given by its
    /// digest.
    pub(super) fn sign_digest(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Option<Result<Vec<u8>, KeyError>> {
        let (key, _) = self.strong.as_ref()?;
        let padding: &'static dyn RsaEncoding = match algorithm {
            SignatureAlgorithm::RsaSha256 => &RSA_PKCS1_SHA256,
            SignatureAlgorithm::RsaPssSha256 => &RSA_PSS_SHA256,
            _ => return None,
        };
        let digest = import_digest(algorithm, digest)?;
        let mut signature = vec![0; key.public_modulus_len()];
        let signed = key.sign_digest(padding, &digest, &mut signature);
        Some(signed.map(|()| signature).map_err(|_| KeyError::Operation))
    }

    /// RSAES-OAEP with SHA-256, MGF1-SHA-256 and `label`, `None` if the key is too small.
    pub(super) fn decrypt_oaep(
        &self,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Option<Result<Zeroizing<Vec<u8>>, KeyError>> {
        let (_, key) = self.strong.as_ref()?;
        let mut plaintext = Zeroizing::new(vec![0; key.min_output_size()]);
        let opened = key
            .decrypt(&OAEP_SHA256_MGF1SHA256, ciphertext, &mut plaintext, Some(label))
            .map(|plaintext| plaintext.len());
        Some(opened.map_err(|_| KeyError::Operation).map(|length| {
            plaintext.truncate(length);
            plaintext
        }))
    }

    /// c^d mod n in as many octets as n has, `None` if the key is none of suite `set-1997`.
    pub(super) fn decrypt_raw(
        &self,
        ciphertext: &[u8],
    ) -> Option<Result<Zeroizing<Vec<u8>>, KeyError>> {
        Some(raw(self.legacy.as_ref()?, ciphertext))
    }
}

fn strong(pkcs8: &[u8]) -> Option<(RsaKeyPair, OaepPrivateDecryptingKey)> {
    let signing = RsaKeyPair::from_pkcs8(pkcs8).ok()?;
    let opening = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
    Some((signing, OaepPrivateDecryptingKey::new(opening).ok()?))
}

/// The decoder of the `rsa` crate refuses keys below 1024 bits; from its parts it takes any.
fn legacy(parts: &RsaPrivateKeyRef<'_>, bits: u32) -> Option<RsaPrivateKey> {
    let number = |part: UintRef<'_>| BoxedUint::from_be_slice(part.as_bytes(), bits).ok();
    let primes = vec![number(parts.prime1)?, number(parts.prime2)?];
    let (n, e, d) =
        (number(parts.modulus)?, number(parts.public_exponent)?, parts.private_exponent);
    RsaPrivateKey::from_components(n, e, number(d)?, primes).ok()
}

fn sign_strong(
    key: &RsaKeyPair,
    padding: &'static dyn RsaEncoding,
    message: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(padding, &SystemRandom::new(), message, &mut signature)
        .map_err(|_| KeyError::Operation)?;
    Ok(signature)
}

fn raw(key: &RsaPrivateKey, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if ciphertext.len() != key.size() {
        return Err(KeyError::Operation);
    }
    let c = BoxedUint::from_be_slice(ciphertext, key.n_bits_precision())
        .map_err(|_| KeyError::Operation)?;
    let mut blinding = RandomAdapter::new(&SystemSource);
    let m = rsa::hazmat::rsa_decrypt_and_check(key, Some(&mut blinding), &c);
    blinding.finish().map_err(|_| KeyError::Random)?;
    let m = Zeroizing::new(m.map_err(|_| KeyError::Operation)?);
    let octets = Zeroizing::new(m.to_be_bytes());
    // The number is stored in whole machine words, which a modulus need not fill.
    let surplus = octets.len().saturating_sub(key.size());
    Ok(Zeroizing::new(octets.get(surplus..).unwrap_or_default().to_vec()))
}

/// Bits of a big-endian number, leading zeros not counted.
fn bit_length(number: &[u8]) -> u32 {
    let significant = number.iter().skip_while(|octet| **octet == 0);
    let octets = u32::try_from(significant.clone().count()).unwrap_or(u32::MAX);
    let unused = significant.clone().next().map_or(0, |first| first.leading_zeros());
    octets.saturating_mul(8).saturating_sub(unused)
}

/// The operating system's randomness, for blinding alone: it never shows in a result.
struct SystemSource;

impl SecureRandom for SystemSource {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        aws_lc_rs::rand::fill(octets).map_err(|_| RandomError)
    }
}

/// The smallest keys aws-lc-rs takes.
const STRONG_BITS: u32 = 2048;
/// The smallest keys seen in certificates of 1996 (spec `set-certificates.md` §8.4).
const LEGACY_MIN_BITS: u32 = 512;
/// Root keys of SET 1.0, its largest (spec `set-certificates.md` §1.3).
const LEGACY_MAX_BITS: u32 = 2048;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::{KeyAlgorithm, PrivateKey, SeededRandom};

    /// m^e mod n by the public key, with leading zeros.
    fn encrypted(key: &PrivateKey, m: &[u8]) -> Vec<u8> {
        use rsa::pkcs8::DecodePublicKey as _;
        let public = rsa::RsaPublicKey::from_public_key_der(key.spki_der()).unwrap();
        let m = BoxedUint::from_be_slice(m, public.n_bits_precision()).unwrap();
        rsa::hazmat::rsa_encrypt(&public, &m).unwrap().to_be_bytes().to_vec()
    }

    #[test]
    fn raw_decryption_undoes_the_public_operation_and_keeps_leading_zeros() {
        let random = SeededRandom::new(b"raw", "1024");
        let key = PrivateKey::generate(KeyAlgorithm::Rsa(1024), &random).unwrap();
        let mut m = [0; 128];
        m.iter_mut().zip(0_u8..).skip(3).for_each(|(octet, value)| *octet = value);
        assert_eq!(key.decrypt_raw(&encrypted(&key, &m)).unwrap().as_slice(), m);
    }

    #[test]
    fn raw_decryption_refuses_what_is_no_residue() {
        let random = SeededRandom::new(b"raw", "1024");
        let key = PrivateKey::generate(KeyAlgorithm::Rsa(1024), &random).unwrap();
        for bad in [&[0xff; 128][..], &[1; 127], &[1; 129], &[]] {
            assert_eq!(key.decrypt_raw(bad).unwrap_err(), KeyError::Operation);
        }
    }

    #[test]
    fn bits_are_counted_from_the_first_set_one() {
        for (number, bits) in [(&[0, 0, 1, 0][..], 9), (&[0x80], 8), (&[0x40, 0], 15), (&[0], 0)] {
            assert_eq!(bit_length(number), bits);
        }
    }
}
