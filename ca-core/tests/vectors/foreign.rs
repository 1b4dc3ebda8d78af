//! What foreign chains are signed with: signatures that OpenSSL made.

use ca_core::Suite;
use ca_core::signer::{PublicKey, SignatureAlgorithm, SignatureScheme, VerifyError, verify};
use ca_core::unhex;
use der::Decode;
use spki::AlgorithmIdentifierOwned;

/// A signature over [`MESSAGE`].
struct Vector {
    key: &'static str,
    scheme: &'static str,
    identifier: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
}

impl Vector {
    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::from_identifier(&self.identifier).unwrap()
    }

    fn verify_by(&self, key: &str) -> Result<(), VerifyError> {
        let key = PublicKey::from_spki(&spki(key)).unwrap();
        key.verify(self.scheme(), MESSAGE, &self.signature)
    }
}

fn vectors() -> Vec<Vector> {
    let read = |line: &'static str| {
        let (name, value) = line.split_once(" = ")?;
        let (key, scheme) = name.split_once(' ')?;
        let (identifier, signature) = value.split_once(' ')?;
        let identifier = AlgorithmIdentifierOwned::from_der(&unhex(identifier).unwrap()).unwrap();
        Some(Vector { key, scheme, identifier, signature: unhex(signature).unwrap() })
    };
    FILE.lines().filter_map(read).collect()
}

fn vector(key: &str, scheme: &str) -> Vector {
    vectors().into_iter().find(|one| (one.key, one.scheme) == (key, scheme)).unwrap()
}

fn spki(key: &str) -> Vec<u8> {
    let line = FILE.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    unhex(line.unwrap()).unwrap()
}

#[test]
fn every_signature_verifies_but_the_pair_that_the_library_lacks() {
    assert_eq!(vectors().len(), 30);
    for one in vectors() {
        let expected = match (one.key, one.scheme) {
            ("P-384", "ecdsa-sha1") => Err(VerifyError::Unsupported),
            _ => Ok(()),
        };
        assert_eq!(one.verify_by(one.key), expected, "{} {}", one.key, one.scheme);
    }
}

#[test]
fn changed_signature_or_message_does_not_verify() {
    for mut one in vectors() {
        if (one.key, one.scheme) == ("P-384", "ecdsa-sha1") {
            continue;
        }
        let (key, wrong) = (PublicKey::from_spki(&spki(one.key)).unwrap(), VerifyError::Signature);
        let name = format!("{} {}", one.key, one.scheme);
        assert_eq!(key.verify(one.scheme(), b"foreign", &one.signature), Err(wrong), "{name}");
        *one.signature.last_mut().unwrap() ^= 1;
        assert_eq!(one.verify_by(one.key), Err(wrong), "{name}");
        assert_eq!(key.verify(one.scheme(), MESSAGE, &[]), Err(wrong), "{name}");
    }
}

#[test]
fn scheme_of_another_kind_of_key_is_refused() {
    for one in vectors() {
        let other = if one.key.starts_with('P') { "rsa-2048" } else { "P-256" };
        assert_eq!(one.verify_by(other), Err(VerifyError::Key), "{}", one.scheme);
    }
}

/// RFC 4055 §1.2, §3.3.
#[test]
fn pss_keys_verify_pss_with_their_own_parameters_alone() {
    let sha384 = vector("pss-2048", "pss-sha384/48");
    assert_eq!(sha384.verify_by("pss-limited"), Err(VerifyError::Key));
    let short = vector("rsa-2048", "pss-sha256/20");
    assert_eq!(short.verify_by("pss-limited"), Err(VerifyError::Key));
    let pkcs1 = vector("rsa-2048", "pkcs1-sha256");
    assert_eq!(pkcs1.verify_by("pss-2048"), Err(VerifyError::Key));
}

/// A scheme is what its parameters say: the salt of another length does not verify.
#[test]
fn pss_salt_has_the_length_that_is_stated() {
    let mut other = vector("rsa-2048", "pss-sha256/20");
    other.identifier = vector("rsa-2048", "pss-sha256/32").identifier;
    assert_eq!(other.verify_by("rsa-2048"), Err(VerifyError::Signature));
}

/// RFC 5758 §3.2, RFC 8410 §3: parameters are absent; RFC 4055 §3.1: PSS has them.
#[test]
fn identifiers_with_other_parameters_are_unknown() {
    for hex in [
        "300c06082a8648ce3d0403020500",   // ecdsa-with-SHA256, NULL
        "300706032b65700500",             // Ed25519, NULL
        "300b06092a864886f70d01010a",     // RSASSA-PSS, none
        "300d06092a864886f70d01010a3000", // RSASSA-PSS, all DEFAULT: SHA-1
    ] {
        let identifier = AlgorithmIdentifierOwned::from_der(&unhex(hex).unwrap()).unwrap();
        assert!(SignatureScheme::from_identifier(&identifier).is_err(), "{hex}");
    }
}

/// RFC 4055 §3.1: MGF1 over the hash of the message.
#[test]
fn pss_mask_over_another_hash_is_unknown() {
    let one = vector("rsa-2048", "pss-sha256/32");
    let mut octets = der::Encode::to_der(&one.identifier).unwrap();
    let mask = octets.windows(2).rposition(|pair| pair == [0x02, 0x01]).unwrap();
    // id-sha256 is 2.16.840.1.101.3.4.2.1, id-sha384 has 2 at the end; the last such OID is MGF1's.
    let last = octets.windows(4).rposition(|four| four == [0x03, 0x04, 0x02, 0x01]).unwrap();
    assert!(last < mask);
    octets[last + 3] = 2;
    let identifier = AlgorithmIdentifierOwned::from_der(&octets).unwrap();
    assert!(SignatureScheme::from_identifier(&identifier).is_err());
}

/// What foreign chains may have does not widen what the suites of SET verify.
#[test]
fn suites_verify_none_of_the_new_pairs() {
    let known = [
        ("rsa-2048", "pkcs1-sha256"),
        ("rsa-2048", "pkcs1-sha384"),
        ("rsa-2048", "pkcs1-sha512"),
        ("rsa-2048", "pss-sha256/32"),
        ("P-256", "ecdsa-sha256"),
        ("P-384", "ecdsa-sha384"),
    ];
    for one in vectors() {
        let algorithm = SignatureAlgorithm::from_identifier(&one.identifier);
        let verified = algorithm.is_ok_and(|algorithm| {
            let spki = spki(one.key);
            verify(Suite::Modern, &spki, algorithm, MESSAGE, &one.signature).is_ok()
        });
        assert_eq!(verified, known.contains(&(one.key, one.scheme)), "{} {}", one.key, one.scheme);
    }
}

const FILE: &str = include_str!("foreign.txt");
const MESSAGE: &[u8] = b"foreign chains";
