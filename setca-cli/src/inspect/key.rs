//! Keys: a public key is shown, a private key is only named.

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{AnyRef, Decode, Sequence};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoOwned};

use super::certificate::public_key;
use super::names::oid_text;
use crate::tree::Tree;

/// The tree of a key structure, `None` if the octets are none.
pub(crate) fn tree(octets: &[u8]) -> Option<Tree> {
    private_key(octets).or_else(|| encrypted_private_key(octets)).or_else(|| public(octets))
}

fn private_key(octets: &[u8]) -> Option<Tree> {
    let mut algorithm: Option<ObjectIdentifier> = None;
    let inner = AnyRef::from_der(octets).ok()?;
    inner
        .sequence(|reader| {
            // PrivateKeyInfo ::= SEQUENCE { version, algorithm, OCTET STRING, … } (RFC 5958 §2)
            let version = u8::decode(reader)?;
            algorithm = Some(AlgorithmIdentifierRef::decode(reader)?.oid);
            <&OctetStringRef>::decode(reader)?;
            while !der::Reader::is_finished(reader) {
                AnyRef::decode(reader)?;
            }
            if version <= 1 { Ok(()) } else { Err(der::ErrorKind::Failed.into()) }
        })
        .map_err(|_: der::Error| ())
        .ok()?;
    Some(named("PKCS#8 private key, not encrypted", algorithm?))
}

fn encrypted_private_key(octets: &[u8]) -> Option<Tree> {
    let found = EncryptedPrivateKeyInfo::from_der(octets).ok()?;
    // RFC 5958 §3 has no mark of its own: what is encrypted under a passphrase names PBES2.
    (found.algorithm.oid == PBES2).then(|| named("PKCS#8 private key, encrypted", PBES2))
}

fn public(octets: &[u8]) -> Option<Tree> {
    SubjectPublicKeyInfoOwned::from_der(octets).ok()?;
    Some(Tree::new().with("kind", "public key").with("publicKey", public_key(octets)))
}

fn named(kind: &'static str, algorithm: ObjectIdentifier) -> Tree {
    Tree::new()
        .with("kind", kind)
        .with("algorithm", oid_text(&algorithm))
        .with("note", "a private key is named, never shown")
}

/// ```text
/// EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm, encryptedData OCTET STRING }
/// ```
#[derive(Sequence)]
struct EncryptedPrivateKeyInfo<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    data: &'a OctetStringRef,
}

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_key_is_named_and_its_octets_are_not_shown() {
        // PKCS#8 of an Ed25519 key whose secret is 32 octets of 0x5a (RFC 8410 §7 layout).
        let mut octets = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        octets.extend([0x5a; 32]);
        let shown = tree(&octets).unwrap();
        assert!(shown.to_text().starts_with("kind: PKCS#8 private key, not encrypted\n"));
        let json = serde_json::to_string(&shown).unwrap();
        assert!(!json.contains("5a5a"), "{json}");
    }
}
