//! S and SO: against a foreign SignedData, round trips, and each part tampered with.

use ca_core::Suite;
use ca_core::envelope::{
    Attachments, OpenError, SealError, SignatureFault, SignedMessage, SignerIdentity, sign,
};
use ca_core::signer::{
    KeyAlgorithm, KeyId, PrivateKey, SeededRandom, SignatureAlgorithm, SoftwareKeys,
};
use ca_core::wire::pkcs7::{
    Attributes, Bounded, ContentInfo, Element, MAX_PKCS7, SignedData, digest_identifier,
};
use ca_core::wire::{Cert, decode, oids};
use der::Encode;
use der::asn1::OctetString;

use crate::support::{certificate, foreign, rsa_keys};

const CONTENT: [u8; 5] = [0x30, 0x03, 0x02, 0x01, 0x07];
const CONTENT_TYPE: const_oid::ObjectIdentifier = oids::CT_CERT_REQ_DATA;

fn keys(algorithm: KeyAlgorithm) -> (SoftwareKeys, KeyId, Vec<u8>) {
    let random = SeededRandom::new(b"sign", &algorithm.to_string());
    let key = PrivateKey::generate(algorithm, &random).unwrap();
    let (id, spki) = (key.id(), key.spki_der().to_vec());
    ([key].into_iter().collect(), id, spki)
}

fn signed_with(algorithm: KeyAlgorithm, attached: bool) -> (Vec<u8>, Vec<u8>) {
    let (keys, key, spki) = keys(algorithm);
    let identity = SignerIdentity {
        certificate: None,
        key,
        algorithm: algorithm.default_signature(Suite::Modern),
    };
    let none = Attachments::default();
    let made = sign(Suite::Modern, CONTENT_TYPE, &CONTENT, attached, &[identity], none, &keys);
    (made.unwrap(), spki)
}

fn rsa_identity(certificate: &Cert, key: KeyId) -> SignerIdentity<'_> {
    let algorithm = SignatureAlgorithm::RsaSha256;
    SignerIdentity { certificate: Some(certificate), key, algorithm }
}

fn fault(octets: &[u8], detached: Option<&[u8]>, spki: &[u8]) -> OpenError {
    let message = SignedMessage::decode(octets).unwrap();
    message.verify(Suite::Modern, CONTENT_TYPE, detached, 0, spki).unwrap_err()
}

/// Changes a signed message of Ed25519 and gives it back with its key.
fn changed(change: impl FnOnce(&mut SignedData)) -> (Vec<u8>, Vec<u8>) {
    let (octets, spki) = signed_with(KeyAlgorithm::Ed25519, true);
    let mut data: SignedData = decode(&octets, MAX_PKCS7).unwrap();
    change(&mut data);
    (data.to_der().unwrap(), spki)
}

fn changed_signer(
    change: impl FnOnce(&mut ca_core::wire::pkcs7::SignerInfo),
) -> (Vec<u8>, Vec<u8>) {
    changed(|data| {
        let mut info = data.signer_infos.as_slice()[0].clone();
        change(&mut info);
        data.signer_infos = Bounded::new(vec![info]).unwrap();
    })
}

#[test]
fn s_and_so_have_the_octets_of_a_foreign_implementation() {
    let certificate = certificate();
    let (keys, key) = rsa_keys();
    let identity = [rsa_identity(&certificate, key)];
    let with_certificate =
        Attachments { certificates: vec![certificate.der().to_vec()], crls: Vec::new() };
    let t = foreign("t");
    let s = sign(Suite::Modern, CONTENT_TYPE, &t, true, &identity, with_certificate, &keys);
    assert_eq!(s.unwrap(), foreign("s"));

    let tbs = ca_core::envelope::encx_tbs(&t, &foreign("pan-data0")).unwrap();
    let none = Attachments::default();
    let so = sign(Suite::Modern, oids::CT_CERT_REQ_TBS, &tbs, false, &identity, none, &keys);
    assert_eq!(so.unwrap(), foreign("so"));
}

#[test]
fn a_foreign_s_verifies_and_shows_what_came_along() {
    let certificate = certificate();
    let message = SignedMessage::decode(&foreign("s")).unwrap();
    assert!(message.signers().all(|signer| signer.names(&certificate)));
    assert!(message.certificates().eq([certificate.der()]));
    assert_eq!(message.crls().count(), 0);
    let spki = certificate.spki_der();
    let content = message.verify(Suite::Modern, CONTENT_TYPE, None, 0, spki).unwrap();
    assert_eq!(content.content(), foreign("t"));
}

#[test]
fn each_kind_of_key_signs_attached_and_detached() {
    for algorithm in [KeyAlgorithm::EcP256, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa(2048)] {
        for attached in [true, false] {
            let (octets, spki) = signed_with(algorithm, attached);
            let message = SignedMessage::decode(&octets).unwrap();
            let detached = (!attached).then_some(&CONTENT[..]);
            let content = message.verify(Suite::Modern, CONTENT_TYPE, detached, 0, &spki).unwrap();
            assert_eq!(content.content(), CONTENT, "{algorithm}");
            assert!(message.signers().all(|signer| signer.is_null()));
        }
    }
}

#[test]
fn pss_signs_too() {
    let certificate = certificate();
    let (keys, key) = rsa_keys();
    let algorithm = SignatureAlgorithm::RsaPssSha256;
    let identity = SignerIdentity { certificate: Some(&certificate), key, algorithm };
    let none = Attachments::default();
    let made = sign(Suite::Modern, CONTENT_TYPE, &CONTENT, true, &[identity], none, &keys).unwrap();
    let message = SignedMessage::decode(&made).unwrap();
    message.verify(Suite::Modern, CONTENT_TYPE, None, 0, certificate.spki_der()).unwrap();
}

/// Spec `set-crypto.md` §1.6: a renewal is signed by the new key (null name) and the old one.
#[test]
fn two_signers_verify_each_with_its_own_key() {
    let certificate = certificate();
    let (old_keys, old) = rsa_keys();
    let new = PrivateKey::generate(KeyAlgorithm::EcP256, &SeededRandom::new(b"new", "k")).unwrap();
    let (new_id, new_spki) = (new.id(), new.spki_der().to_vec());
    let mut keys = old_keys;
    keys.insert(new);
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let identities = [
        SignerIdentity { certificate: None, key: new_id, algorithm },
        rsa_identity(&certificate, old),
    ];
    let none = Attachments::default();
    let made = sign(Suite::Modern, CONTENT_TYPE, &CONTENT, true, &identities, none, &keys).unwrap();
    let message = SignedMessage::decode(&made).unwrap();
    let verify = |i, spki: &[u8]| message.verify(Suite::Modern, CONTENT_TYPE, None, i, spki);
    assert!(verify(0, &new_spki).is_ok());
    assert!(verify(1, certificate.spki_der()).is_ok());
    assert_eq!(verify(0, certificate.spki_der()), Err(SignatureFault::Key.into()));
    assert_eq!(verify(2, &new_spki), Err(SignatureFault::Signer.into()));
    let names: Vec<_> = message.signers().collect();
    assert!(names[0].is_null() && names[1].names(&certificate));
}

#[test]
fn another_key_of_the_same_kind_does_not_verify() {
    let (octets, _) = signed_with(KeyAlgorithm::Ed25519, true);
    let random = SeededRandom::new(b"another", "k");
    let another = PrivateKey::generate(KeyAlgorithm::Ed25519, &random).unwrap();
    assert_eq!(fault(&octets, None, another.spki_der()), SignatureFault::Value.into());
}

#[test]
fn another_content_type_is_told_before_anything_else() {
    let (octets, _) = signed_with(KeyAlgorithm::Ed25519, true);
    let message = SignedMessage::decode(&octets).unwrap();
    let expected = oids::CT_CERT_INQ_REQ_TBS;
    assert_eq!(
        message.verify(Suite::Modern, expected, Some(&CONTENT), 9, b"no key"),
        Err(OpenError::WrongContentType { expected, found: CONTENT_TYPE })
    );
}

/// decisions.md 20.
#[test]
fn attached_and_detached_are_not_exchangeable() {
    let (attached, spki) = signed_with(KeyAlgorithm::Ed25519, true);
    assert_eq!(fault(&attached, Some(&CONTENT), &spki), SignatureFault::Form.into());
    let (detached, spki) = signed_with(KeyAlgorithm::Ed25519, false);
    assert_eq!(fault(&detached, None, &spki), SignatureFault::Form.into());
}

#[test]
fn changed_content_does_not_fit_the_message_digest() {
    let other = [0x30, 0x03, 0x02, 0x01, 0x08];
    let (octets, spki) = changed(|data| {
        let content = Some(Bounded::new(vec![Element::new(&other).unwrap()]).unwrap());
        data.content_info = ContentInfo { content_type: CONTENT_TYPE, content };
    });
    assert_eq!(fault(&octets, None, &spki), SignatureFault::Attributes.into());
    let (detached, spki) = signed_with(KeyAlgorithm::Ed25519, false);
    assert_eq!(fault(&detached, Some(&other), &spki), SignatureFault::Attributes.into());
}

#[test]
fn attributes_of_another_type_do_not_fit() {
    let digest = Suite::Modern.digest(&CONTENT);
    let (octets, spki) = changed_signer(|info| {
        info.attributes = Attributes::binding(oids::CT_CERT_REQ_TBS, &digest).unwrap();
    });
    assert_eq!(fault(&octets, None, &spki), SignatureFault::Attributes.into());
}

#[test]
fn attributes_that_fit_but_were_not_signed_do_not_verify() {
    let other = [0x30, 0x03, 0x02, 0x01, 0x08];
    let (octets, spki) = changed(|data| {
        let content = Some(Bounded::new(vec![Element::new(&other).unwrap()]).unwrap());
        data.content_info = ContentInfo { content_type: CONTENT_TYPE, content };
        let mut info = data.signer_infos.as_slice()[0].clone();
        let digest = Suite::Modern.digest(&other);
        info.attributes = Attributes::binding(CONTENT_TYPE, &digest).unwrap();
        data.signer_infos = Bounded::new(vec![info]).unwrap();
    });
    assert_eq!(fault(&octets, None, &spki), SignatureFault::Value.into());
}

#[test]
fn a_changed_signature_does_not_verify() {
    let (octets, spki) = changed_signer(|info| {
        let mut signature = info.signature.as_bytes().to_vec();
        signature[3] ^= 0x01;
        info.signature = OctetString::new(signature).unwrap();
    });
    assert_eq!(fault(&octets, None, &spki), SignatureFault::Value.into());
}

/// Spec `set-crypto.md` §8.3: suites never mix.
#[test]
fn algorithms_of_the_other_suite_are_refused() {
    let sha_1 = digest_identifier(Suite::Set1997);
    let (octets, spki) = changed_signer(|info| info.digest_algorithm = sha_1.clone());
    assert_eq!(fault(&octets, None, &spki), SignatureFault::Algorithm.into());
    let (octets, spki) =
        changed(|data| data.digest_algorithms = Bounded::new(vec![sha_1]).unwrap());
    assert_eq!(fault(&octets, None, &spki), SignatureFault::Algorithm.into());
    let rsa_sha_1 = SignatureAlgorithm::RsaSha1.identifier().unwrap();
    let (octets, spki) = changed_signer(|info| info.signature_algorithm = rsa_sha_1);
    assert_eq!(fault(&octets, None, &spki), SignatureFault::Algorithm.into());

    let (octets, spki) = signed_with(KeyAlgorithm::Ed25519, true);
    let message = SignedMessage::decode(&octets).unwrap();
    let verified = message.verify(Suite::Set1997, CONTENT_TYPE, None, 0, &spki);
    assert_eq!(verified, Err(SignatureFault::Algorithm.into()));
}

/// Spec `set-crypto.md` §8.1 lists four; all over SHA-256.
#[test]
fn modern_does_not_sign_messages_with_p_384() {
    let (keys, key, _) = keys(KeyAlgorithm::EcP384);
    let algorithm = SignatureAlgorithm::EcdsaSha384;
    let identity = SignerIdentity { certificate: None, key, algorithm };
    let none = Attachments::default();
    assert_eq!(
        sign(Suite::Modern, CONTENT_TYPE, &CONTENT, true, &[identity], none, &keys),
        Err(SealError::Algorithm(Suite::Modern, algorithm))
    );
}

#[test]
fn digest_parameters_are_read_by_meaning() {
    let mut with_null = digest_identifier(Suite::Modern);
    with_null.parameters = Some(der::asn1::Null.into());
    let (octets, spki) = changed_signer(|info| info.digest_algorithm = with_null);
    let message = SignedMessage::decode(&octets).unwrap();
    assert!(message.verify(Suite::Modern, CONTENT_TYPE, None, 0, &spki).is_ok());
}

/// Spec `set-crypto.md` §10 row 8.
#[test]
fn signer_version_1_is_read_and_2_is_written() {
    let (octets, spki) = signed_with(KeyAlgorithm::Ed25519, true);
    let null_name = [0x02, 0x01, 0x02, 0x30, 0x05, 0x30, 0x00];
    let at = octets.windows(7).position(|w| w == null_name).expect("version 2 before the name");
    for (version, read) in [(0, false), (1, true), (2, true), (3, false)] {
        let mut changed = octets.clone();
        changed[at + 2] = version;
        let message = SignedMessage::decode(&changed);
        assert_eq!(message.is_ok(), read, "version {version}");
        if let Ok(message) = message {
            assert!(message.verify(Suite::Modern, CONTENT_TYPE, None, 0, &spki).is_ok());
        }
    }
}

#[test]
fn signed_data_has_version_2_and_no_other() {
    let (mut octets, _) = signed_with(KeyAlgorithm::Ed25519, true);
    let start = [0x02, 0x01, 0x02, 0x30, 0x0d];
    let at = octets.windows(5).position(|w| w == start).expect("version, digestAlgorithms");
    for version in [0, 1, 3] {
        octets[at + 2] = version;
        assert!(SignedMessage::decode(&octets).is_err(), "version {version}");
    }
}

#[test]
fn counts_are_bounded() {
    let crl = vec![CONTENT.to_vec(); 65];
    let certificates = vec![CONTENT.to_vec(); 65];
    for attachments in [
        Attachments { certificates, crls: Vec::new() },
        Attachments { certificates: Vec::new(), crls: crl },
    ] {
        let (keys, key, _) = keys(KeyAlgorithm::Ed25519);
        let algorithm = SignatureAlgorithm::Ed25519;
        let identity = [SignerIdentity { certificate: None, key, algorithm }];
        assert_eq!(
            sign(Suite::Modern, CONTENT_TYPE, &CONTENT, true, &identity, attachments, &keys),
            Err(SealError::Encoding)
        );
    }
}

#[test]
fn truncated_or_extended_messages_are_refused_at_every_length() {
    let octets = foreign("s");
    for length in 0..octets.len() {
        assert!(SignedMessage::decode(&octets[..length]).is_err(), "{length} octets");
    }
    let trailing = [&octets[..], &[0]].concat();
    assert!(SignedMessage::decode(&trailing).is_err());
}

#[test]
fn no_single_octet_can_change_unnoticed() {
    let (octets, spki) = signed_with(KeyAlgorithm::Ed25519, true);
    let original = SignedMessage::decode(&octets).unwrap();
    let name = original.signers().next().unwrap().clone();
    for at in 0..octets.len() {
        let mut changed = octets.clone();
        changed[at] ^= 0x01;
        let Ok(message) = SignedMessage::decode(&changed) else { continue };
        // The signer's name is not signed (PKCS#7 has it so): it only leads to the key.
        let same_name = message.signers().next() == Some(&name);
        let verified = message.verify(Suite::Modern, CONTENT_TYPE, None, 0, &spki);
        assert!(verified.is_err() || !same_name, "octet {at}");
    }
}
