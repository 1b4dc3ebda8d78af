//! EXH, EncX, Enc and EncK as they are opened: foreign ones, and each part tampered with.

use ca_core::Suite;
use ca_core::envelope::{
    Block, CERT_REQ_ENC, CERT_REQ_ENCX, CERT_RES_ENCK, Extra, OpenError, REG_FORM_REQ,
    SignatureFault, encx_tbs, open_enc, open_enck, open_exh, seal_encx,
};
use ca_core::signer::SoftwareKeys;
use ca_core::wire::pkcs7::{
    Bounded, DigestedData, EncryptedData, MAX_PKCS7, RecipientInfo, digest_identifier, sequence,
};
use ca_core::wire::{decode, oids};
use der::Encode;
use der::asn1::OctetString;

use crate::forged::*;
use crate::support::{
    Script, ascending, back_key, back_key_of, certificate, foreign, other_certificate, rsa_keys,
};

#[test]
fn foreign_envelopes_open() {
    let opened = exh(&foreign("exh")).unwrap();
    assert_eq!((opened.t, opened.p.to_vec()), (foreign("t"), pan_only()));

    let spki = certificate().spki_der().to_vec();
    let opened = encx(&foreign("encx")).unwrap();
    assert_eq!((&opened.t, opened.p.to_vec()), (&foreign("t"), foreign("pan-data0")));
    let tbs = opened.verify(M, 0, &spki).unwrap();
    assert_eq!(tbs.content_type(), oids::CT_CERT_REQ_TBS);
    let expected = encx_tbs(&foreign("t"), &foreign("pan-data0")).unwrap();
    assert_eq!(tbs.content(), expected.as_slice());

    let (keys, _) = rsa_keys();
    let certificate = certificate();
    let recipients = [&other_certificate(), &certificate];
    let message =
        open_enc(M, &CERT_REQ_ENC, &foreign("enc"), &recipients, &keys, &random()).unwrap();
    let content = message.verify(M, oids::CT_CERT_REQ_DATA, None, 0, &spki).unwrap();
    assert_eq!(content.content(), foreign("t"));

    let message = open_enck(M, &CERT_RES_ENCK, &foreign("enck"), &back_key()).unwrap();
    let content = message.verify(M, oids::CT_CERT_RES_DATA, None, 0, &spki).unwrap();
    assert_eq!(content.content(), foreign("t"));
}

#[test]
fn a_forged_envelope_opens_when_every_part_is_right() {
    assert_eq!(exh(&Forged::right().seal()).unwrap().p.to_vec(), pan_only());
}

/// decisions.md 16: one answer for all of them.
#[test]
fn every_wrong_part_of_an_exh_is_the_same_failure() {
    let right = Forged::right;
    let other_p = DigestedData::of(M, oids::CT_PAN_ONLY, b"\x05\x00").unwrap();
    let other_type = DigestedData::of(M, oids::CT_CERT_REQ_DATA, &pan_only()).unwrap();
    let mut other_suite = DigestedData::of(M, oids::CT_PAN_ONLY, &pan_only()).unwrap();
    other_suite.digest_algorithm = digest_identifier(Suite::Set1997);
    let swapped = sequence(&[
        &DigestedData::of(M, oids::CT_PAN_ONLY, &pan_only()).unwrap().to_der().unwrap(),
        &foreign("t"),
    ]);
    let cases = [
        ("label", Forged { label: "set-modern-1:2.23.42.0.77".to_owned(), ..right() }),
        ("BC of another slot", Forged { block: vec![0x20], ..right() }),
        ("BC unknown", Forged { block: vec![0xf0], ..right() }),
        ("HD", Forged { digest_of_body: Some(vec![0; 32]), ..right() }),
        ("no HD", Forged { digest_of_body: Some(Vec::new()), ..right() }),
        ("associated data", Forged { associated: Vec::new(), ..right() }),
        ("DD of another p", Forged { body: body(&other_p), ..right() }),
        ("DD of another type", Forged { body: body(&other_type), ..right() }),
        ("DD of another suite", Forged { body: body(&other_suite), ..right() }),
        ("parts swapped", Forged { body: swapped.unwrap().to_vec(), ..right() }),
        ("body is no pair", Forged { body: foreign("t"), ..right() }),
        ("body is no DER", Forged { body: b"garbage".to_vec(), ..right() }),
        ("body is empty", Forged { body: Vec::new(), ..right() }),
        ("octets after X", Forged { p: [&pan_only()[..], &[0]].concat(), ..right() }),
        ("X cut short", Forged { p: pan_only()[..41].to_vec(), ..right() }),
        ("no X", Forged { p: Vec::new(), ..right() }),
        (
            "block of one octet",
            Forged { digest_of_body: Some(Vec::new()), p: Vec::new(), ..right() },
        ),
        ("recipient", Forged { recipient: other_certificate(), ..right() }),
    ];
    for (name, forged) in cases {
        assert_eq!(exh(&forged.seal()).unwrap_err(), OpenError::Undecryptable, "{name}");
    }
}

#[test]
fn wrong_algorithms_are_the_same_failure() {
    let rsa_encryption = spki::AlgorithmIdentifierOwned {
        oid: oids::RSA_OAEP_SET,
        parameters: Some(der::asn1::Null.into()),
    };
    let octets = with_recipient(|info| info.key_encryption_algorithm = rsa_encryption);
    assert_eq!(exh(&octets).unwrap_err(), OpenError::Undecryptable);
    let mut envelope = parsed(&foreign("exh"));
    envelope.encrypted_content_info.algorithm.oid = oids::DES_CBC;
    assert_eq!(exh(&envelope.to_der().unwrap()).unwrap_err(), OpenError::Undecryptable);
}

/// decisions.md 1: the label in the parameters is not the one that is used.
#[test]
fn the_label_that_was_sent_is_ignored() {
    let octets = with_recipient(|info| {
        info.key_encryption_algorithm =
            ca_core::wire::pkcs7::rsaes_oaep_sha256(b"something else").unwrap();
    });
    assert!(exh(&octets).is_ok());
}

/// decisions.md 15.
#[test]
fn another_content_type_in_clear_is_told_first() {
    let forged = Forged { content_type: oids::CT_CERT_REQ_TBE, ..Forged::right() };
    let expected = oids::CT_REG_FORM_REQ_TBE;
    let found = oids::CT_CERT_REQ_TBE;
    assert_eq!(exh(&forged.seal()).unwrap_err(), OpenError::WrongContentType { expected, found });
    assert_eq!(
        open_enck(M, &REG_FORM_REQ, &foreign("enck"), &back_key()).unwrap_err(),
        OpenError::WrongContentType { expected, found: oids::CT_CERT_RES_TBE }
    );
}

/// CR-12 of spec `set-messages.md` §5: EXH binds body and extra data both ways.
#[test]
fn parts_of_two_exh_do_not_go_together() {
    let (a, b) = (sealed_exh(&pan_only(), "a"), sealed_exh(b"\x04\x01\x07", "b"));
    assert!(exh(&a).is_ok() && exh(&b).is_ok());
    let mut spliced = parsed(&a);
    spliced.recipient_infos = parsed(&b).recipient_infos;
    assert_eq!(exh(&spliced.to_der().unwrap()).unwrap_err(), OpenError::Undecryptable);
    // Even with the content key and HD right, another PANOnly does not fit the body's DD.
    let forged = Forged { p: b"\x04\x01\x07".to_vec(), ..Forged::right() };
    assert_eq!(exh(&forged.seal()).unwrap_err(), OpenError::Undecryptable);
}

/// CR-11 of spec `set-messages.md` §5: the signature covers CertReqData and AcctInfo together.
#[test]
fn parts_of_two_encx_do_not_go_together() {
    let spki = certificate().spki_der().to_vec();
    let seal = |t: &[u8], so: &[u8], p: &[u8]| {
        let p = Extra { block: Block::PanData0, der: p };
        seal_encx(M, &certificate(), &CERT_REQ_ENCX, t, so, p, &random()).unwrap()
    };
    let (t, so, p) = (foreign("t"), foreign("so"), foreign("pan-data0"));
    let verify = |octets: &[u8]| encx(octets).unwrap().verify(M, 0, &spki);
    assert!(verify(&seal(&t, &so, &p)).is_ok());
    let wrong = Err(SignatureFault::Attributes.into());
    assert_eq!(verify(&seal(&t, &so, b"\xa0\x02\x05\x00")), wrong);
    assert_eq!(verify(&seal(b"\x30\x00", &so, &p)), wrong);
    // Signature first, CertReqData second.
    assert_eq!(encx(&seal(&so, &t, &p)).unwrap_err(), OpenError::Undecryptable);
    // The signature of an Enc, over another type.
    let s = signed_by_rsa(oids::CT_CERT_REQ_DATA, &t, false);
    assert_eq!(encx(&seal(&t, &s, &p)).unwrap_err(), OpenError::Undecryptable);
}

/// decisions.md 20: an attached signature in an EncX is a matter of the signature.
#[test]
fn an_attached_signature_in_encx_opens_and_does_not_verify() {
    let (t, p) = (foreign("t"), foreign("pan-data0"));
    let tbs = encx_tbs(&t, &p).unwrap();
    let attached = signed_by_rsa(oids::CT_CERT_REQ_TBS, &tbs, true);
    let p = Extra { block: Block::PanData0, der: &p };
    let made = seal_encx(M, &certificate(), &CERT_REQ_ENCX, &t, &attached, p, &random()).unwrap();
    let opened = encx(&made).unwrap();
    let verified = opened.verify(M, 0, certificate().spki_der());
    assert_eq!(verified, Err(SignatureFault::Form.into()));
}

#[test]
fn every_octet_of_the_ciphertexts_counts() {
    let octets = foreign("exh");
    let envelope = parsed(&octets);
    let encrypted_key = envelope.recipient_infos.as_slice()[0].encrypted_key.as_bytes().to_vec();
    // RSA is slow: every 16th octet of the key block, every one of the body and its tag.
    for at in (0..encrypted_key.len()).step_by(16) {
        let mut changed = encrypted_key.clone();
        changed[at] ^= 0x80;
        let changed =
            with_recipient(|info| info.encrypted_key = OctetString::new(changed).unwrap());
        assert_eq!(exh(&changed).unwrap_err(), OpenError::Undecryptable, "key octet {at}");
    }
    let ciphertext = envelope.encrypted_content_info.encrypted_content.as_bytes().to_vec();
    for at in 0..ciphertext.len() {
        let mut changed = ciphertext.clone();
        changed[at] ^= 0x01;
        let mut envelope = parsed(&octets);
        envelope.encrypted_content_info.encrypted_content = OctetString::new(changed).unwrap();
        let changed = envelope.to_der().unwrap();
        assert_eq!(exh(&changed).unwrap_err(), OpenError::Undecryptable, "octet {at}");
    }
    for length in 0..32 {
        let mut envelope = parsed(&octets);
        let short = OctetString::new(&ciphertext[..length]).unwrap();
        envelope.encrypted_content_info.encrypted_content = short;
        assert_eq!(exh(&envelope.to_der().unwrap()).unwrap_err(), OpenError::Undecryptable);
    }
    for length in [0, 1, 383, 385] {
        let changed = with_recipient(|info| {
            info.encrypted_key = OctetString::new(vec![0x11; length]).unwrap();
        });
        assert_eq!(exh(&changed).unwrap_err(), OpenError::Undecryptable, "{length} octets");
    }
}

/// Spec `set-crypto.md` §2.3: on failure the work goes on with a random key.
#[test]
fn the_spare_key_is_drawn_whether_it_is_needed_or_not() {
    let (keys, _) = rsa_keys();
    let wrong_label = Forged { label: String::new(), ..Forged::right() }.seal();
    for octets in [foreign("exh"), wrong_label] {
        let script = Script::new(&[vec![7; 32]]);
        let _ = open_exh(M, &REG_FORM_REQ, &octets, &[&certificate()], &keys, &script);
        assert_eq!(script.draws(), 1);
    }
}

#[test]
fn truncated_envelopes_are_refused_at_every_length() {
    let (keys, _) = rsa_keys();
    let exh = foreign("exh");
    for length in 0..exh.len() {
        assert!(matches!(
            open_exh(M, &REG_FORM_REQ, &exh[..length], &[&certificate()], &keys, &random()),
            Err(OpenError::Malformed(_))
        ));
    }
    let enck = foreign("enck");
    for length in 0..enck.len() {
        let opened = open_enck(M, &CERT_RES_ENCK, &enck[..length], &back_key());
        assert!(matches!(opened, Err(OpenError::Malformed(_))));
    }
}

#[test]
fn enck_opens_with_its_back_key_only() {
    let octets = foreign("enck");
    for (cipher, key) in [
        (oids::AES_256_GCM, ascending(0x41, 32)),
        (oids::AES_256_GCM, ascending(0x40, 31)),
        (oids::DES_CBC, ascending(0x40, 32)),
        (oids::DES_CBC, ascending(0x40, 8)),
    ] {
        let key = back_key_of(cipher, &key);
        assert_eq!(
            open_enck(M, &CERT_RES_ENCK, &octets, &key).unwrap_err(),
            OpenError::Undecryptable
        );
    }
    let mut encrypted: EncryptedData = decode(&octets, MAX_PKCS7).unwrap();
    let content = &mut encrypted.encrypted_content_info;
    let mut ciphertext = content.encrypted_content.as_bytes().to_vec();
    ciphertext[0] ^= 0x01;
    content.encrypted_content = OctetString::new(ciphertext).unwrap();
    let changed = encrypted.to_der().unwrap();
    assert_eq!(
        open_enck(M, &CERT_RES_ENCK, &changed, &back_key()).unwrap_err(),
        OpenError::Undecryptable
    );
}

#[test]
fn more_than_one_recipient_is_malformed() {
    let info = parsed(&foreign("exh")).recipient_infos.as_slice()[0].clone();
    assert!(Bounded::<RecipientInfo, 1, 1>::new(vec![info.clone(), info]).is_err());
}

#[test]
fn a_key_we_do_not_have_is_our_fault_and_told_apart() {
    let no_keys = SoftwareKeys::default();
    let octets = foreign("exh");
    let opened = open_exh(M, &REG_FORM_REQ, &octets, &[&certificate()], &no_keys, &random());
    assert!(matches!(opened, Err(OpenError::Key(_))));
}

/// Spec `set-crypto.md` §8.3: suites never mix.
#[test]
fn no_suite_opens_the_envelopes_of_the_other() {
    let (keys, _) = rsa_keys();
    let (suite, certificate) = (Suite::Set1997, certificate());
    let opened = open_exh(suite, &REG_FORM_REQ, &foreign("exh"), &[&certificate], &keys, &random());
    assert_eq!(opened.unwrap_err(), OpenError::Undecryptable);
    let opened = open_enck(suite, &CERT_RES_ENCK, &foreign("enck"), &back_key());
    assert_eq!(opened.unwrap_err(), OpenError::Undecryptable);
}
