//! New key pairs from a given random source, as PKCS#8.

use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use rsa::pkcs8::EncodePrivateKey as _;
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::random::draw;
use super::software::ec_key_pair;
use super::{KeyAlgorithm, KeyError, RandomAdapter, SecureRandom};
use crate::wire::oids;

/// DER PrivateKeyInfo of a new key; the same random octets make the same key.
pub(super) fn pkcs8(
    algorithm: KeyAlgorithm,
    random: &dyn SecureRandom,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    match algorithm {
        KeyAlgorithm::EcP256 => ec_pkcs8::<32>(oids::SECP_256_R1, random),
        KeyAlgorithm::EcP384 => ec_pkcs8::<48>(oids::SECP_384_R1, random),
        KeyAlgorithm::Ed25519 => ed25519_pkcs8(random),
        KeyAlgorithm::Rsa(bits @ 1024..=4096) => rsa_pkcs8(bits, random),
        KeyAlgorithm::Rsa(_) => Err(KeyError::Malformed("RSA size not supported")),
    }
}

fn rsa_pkcs8(bits: u16, random: &dyn SecureRandom) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut adapter = RandomAdapter::new(random);
    let key = rsa::RsaPrivateKey::new(&mut adapter, usize::from(bits))
        .map_err(|_| KeyError::Operation)?;
    adapter.finish().map_err(|_| KeyError::Random)?;
    let document = key.to_pkcs8_der().map_err(|_| KeyError::Operation)?;
    Ok(Zeroizing::new(document.as_bytes().to_vec()))
}

/// A scalar of the right length is almost always below the group order; where it is not, or is
/// zero, the next octets are tried.
fn ec_pkcs8<const N: usize>(
    curve: ObjectIdentifier,
    random: &dyn SecureRandom,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    for _ in 0..EC_TRIES {
        let scalar: Zeroizing<[u8; N]> =
            Zeroizing::new(draw(random).map_err(|_| KeyError::Random)?);
        let pkcs8 = ec_private_key_info(curve, &scalar[..]).map_err(|_| KeyError::Operation)?;
        if ec_key_pair(curve, &pkcs8).is_some() {
            return Ok(pkcs8);
        }
    }
    Err(KeyError::Random)
}

/// PrivateKeyInfo around ECPrivateKey { 1, scalar } without the public key (RFC 5915 §3).
fn ec_private_key_info(curve: ObjectIdentifier, scalar: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    #[derive(der::Sequence)]
    struct EcPrivateKey {
        version: u8,
        private_key: OctetString,
    }
    let key = EcPrivateKey { version: 1, private_key: OctetString::new(scalar)? };
    let key = Zeroizing::new(key.to_der()?);
    let algorithm = AlgorithmIdentifierOwned {
        oid: oids::EC_PUBLIC_KEY,
        parameters: Some(der::asn1::Any::from(&curve)),
    };
    private_key_info(algorithm, &key)
}

fn ed25519_pkcs8(random: &dyn SecureRandom) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(draw(random).map_err(|_| KeyError::Random)?);
    let build = || -> der::Result<Zeroizing<Vec<u8>>> {
        let inner = Zeroizing::new(OctetString::new(&seed[..])?.to_der()?);
        let algorithm = AlgorithmIdentifierOwned { oid: oids::ED25519, parameters: None };
        private_key_info(algorithm, &inner)
    };
    build().map_err(|_| KeyError::Operation)
}

fn private_key_info(
    algorithm: AlgorithmIdentifierOwned,
    key: &[u8],
) -> der::Result<Zeroizing<Vec<u8>>> {
    #[derive(der::Sequence)]
    struct PrivateKeyInfo {
        version: u8,
        algorithm: AlgorithmIdentifierOwned,
        private_key: OctetString,
    }
    let info = PrivateKeyInfo { version: 0, algorithm, private_key: OctetString::new(key)? };
    Ok(Zeroizing::new(info.to_der()?))
}

/// The chance that this many scalars in a row miss the group is below 2^-500 for P-256.
const EC_TRIES: usize = 16;
