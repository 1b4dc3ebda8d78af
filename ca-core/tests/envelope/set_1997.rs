//! Suite `set-1997`: the same operators, against structures of another implementation.

use ca_core::Suite;
use ca_core::envelope::{
    Attachments, Block, CERT_REQ_ENC, CERT_REQ_ENCX, CERT_RES_ENCK, Extra, OpenError, REG_FORM_REQ,
    SealError, SignatureFault, SignedMessage, SignerIdentity, encx_tbs, open_enc, open_enck,
    open_encx, open_exh, seal_enc, seal_enck, seal_encx, seal_exh, sign,
};
use ca_core::signer::SignatureAlgorithm;
use ca_core::wire::oids;
use ca_core::wire::pkcs7::{
    Bounded, DigestedData, MAX_PKCS7, SignedData, cbc_64, digest_identifier, rsaes_oaep_sha256,
    sequence,
};
use const_oid::ObjectIdentifier;
use der::Encode;

use crate::forged::random;
use crate::forged_1997::*;
use crate::support::{
    Script, ascending, back_key_of, certificate, certificate_1997, foreign, foreign_1997, rsa_keys,
    rsa_keys_1997,
};

/// What the foreign envelopes were made with: content key, IV, E-Salt, I.
fn script() -> Script {
    Script::new(&[
        KEY.to_vec(),
        vec![0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88],
        ascending(0x10, 16),
        vec![0x5a],
    ])
}

fn iv() -> Script {
    Script::new(&[vec![0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]])
}

fn sign_1997(
    content_type: ObjectIdentifier,
    content: &[u8],
    attached: bool,
    algorithm: SignatureAlgorithm,
) -> Result<Vec<u8>, SealError> {
    let certificate = certificate_1997();
    let (keys, key) = rsa_keys_1997();
    let identity = [SignerIdentity { certificate: Some(&certificate), key, algorithm }];
    let sent = if content_type == oids::CT_CERT_REQ_DATA {
        vec![certificate.der().to_vec()]
    } else {
        Vec::new()
    };
    let attachments = Attachments { certificates: sent, crls: Vec::new() };
    sign(OLD, content_type, content, attached, &identity, attachments, &keys)
}

#[test]
fn foreign_envelopes_open() {
    let (keys, _) = rsa_keys_1997();
    let certificate = certificate_1997();
    let (recipients, random) = ([&certificate], random());
    let spki = certificate.spki_der();
    let t = foreign_1997("t");

    let opened = exh_1997(&foreign_1997("exh")).unwrap();
    assert_eq!((&opened.t, opened.p.to_vec()), (&t, foreign_1997("pan-only")));

    let octets = foreign_1997("encx");
    let opened = open_encx(OLD, &CERT_REQ_ENCX, &octets, &recipients, &keys, &random).unwrap();
    assert_eq!((&opened.t, opened.p.to_vec()), (&t, foreign_1997("pan-data0")));
    let tbs = opened.verify(OLD, 0, spki).unwrap();
    assert_eq!(tbs.content(), encx_tbs(&t, &foreign_1997("pan-data0")).unwrap().as_slice());

    let octets = foreign_1997("enc");
    let message = open_enc(OLD, &CERT_REQ_ENC, &octets, &recipients, &keys, &random).unwrap();
    let content = message.verify(OLD, oids::CT_CERT_REQ_DATA, None, 0, spki).unwrap();
    assert_eq!(content.content(), t);

    for (name, cipher) in [("enck", oids::DES_CBC), ("enck-cdmf", oids::CDMF)] {
        let octets = foreign_1997(name);
        let message = open_enck(OLD, &CERT_RES_ENCK, &octets, &back_key_of(cipher, &KEY)).unwrap();
        let content = message.verify(OLD, oids::CT_CERT_RES_DATA, None, 0, spki).unwrap();
        assert_eq!(content.content(), t, "{name}");
    }
}

#[test]
fn ours_have_the_octets_of_a_foreign_implementation() {
    let (certificate, t) = (certificate_1997(), foreign_1997("t"));
    let p = Extra { block: Block::PanOnly, der: &foreign_1997("pan-only") };
    let made = seal_exh(OLD, &certificate, &REG_FORM_REQ, &t, p, &script());
    assert_eq!(made.unwrap(), foreign_1997("exh"));

    let rsa_sha_1 = SignatureAlgorithm::RsaSha1;
    let account = foreign_1997("pan-data0");
    let tbs = encx_tbs(&t, &account).unwrap();
    let so = sign_1997(oids::CT_CERT_REQ_TBS, &tbs, false, rsa_sha_1).unwrap();
    assert_eq!(so, foreign_1997("so"));
    let p = Extra { block: Block::PanData0, der: &account };
    let made = seal_encx(OLD, &certificate, &CERT_REQ_ENCX, &t, &so, p, &script());
    assert_eq!(made.unwrap(), foreign_1997("encx"));

    let s = sign_1997(oids::CT_CERT_REQ_DATA, &t, true, rsa_sha_1).unwrap();
    assert_eq!(s, foreign_1997("s"));
    let made = seal_enc(OLD, &certificate, &CERT_REQ_ENC, &s, &script());
    assert_eq!(made.unwrap(), foreign_1997("enc"));

    let result = sign_1997(oids::CT_CERT_RES_DATA, &t, true, rsa_sha_1).unwrap();
    for (name, cipher) in [("enck", oids::DES_CBC), ("enck-cdmf", oids::CDMF)] {
        let made = seal_enck(OLD, &back_key_of(cipher, &KEY), &CERT_RES_ENCK, &result, &iv());
        assert_eq!(made.unwrap(), foreign_1997(name), "{name}");
    }
}

#[test]
fn a_forged_envelope_opens_when_every_part_is_right() {
    let opened = exh_1997(&Forged1997::right().seal()).unwrap();
    assert_eq!(opened.p.to_vec(), foreign_1997("pan-only"));
    // I is ignored (spec `set-crypto.md` §2.3).
    assert!(exh_1997(&Forged1997 { first: 0x00, ..Forged1997::right() }.seal()).is_ok());
}

/// decisions.md 16: one answer for all of them.
#[test]
fn every_wrong_part_of_an_exh_is_the_same_failure() {
    let right = Forged1997::right;
    let head = |at: usize, value| {
        let mut head = right().head;
        head[at] = value;
        Forged1997 { head, ..right() }
    };
    let dd_of = |digested: DigestedData| {
        let dd = digested.to_der().unwrap();
        let body = sequence(&[&foreign_1997("t"), &dd]).unwrap().to_vec();
        Forged1997 { body, ..right() }
    };
    let p = right().p;
    let longer = [&[0x30, 0x29][..], &p[2..]].concat();
    let shorter = [&[0x30, 0x27][..], &p[2..]].concat();
    let mut wrong_padding = right().body;
    wrong_padding.extend([1, 1, 1, 1, 5]);
    let cases = [
        ("BT", head(0, 0x02)),
        ("BC of another slot", head(1, 0x20)),
        ("BC reserved", head(1, 0xf0)),
        ("first octet of V", head(2, 0x01)),
        ("last octet of V", head(8, 0x80)),
        ("fill", Forged1997 { last: 0x01, ..right() }),
        ("X longer than it is", Forged1997 { p: longer, ..right() }),
        ("X shorter than it is", Forged1997 { p: shorter, ..right() }),
        ("X beyond the block", Forged1997 { p: vec![0x30, 0x7f], ..right() }),
        ("X of indefinite length", Forged1997 { p: vec![0x30, 0x80], ..right() }),
        ("no X", Forged1997 { p: Vec::new(), ..right() }),
        ("HD", Forged1997 { digest_of_body: Some(vec![0; 20]), ..right() }),
        ("padding", Forged1997 { padded: Some(wrong_padding), ..right() }),
        ("DD of another p", dd_of(DigestedData::of(OLD, oids::CT_PAN_ONLY, b"\x05\x00").unwrap())),
        ("DD of another type", dd_of(DigestedData::of(OLD, oids::CT_CERT_REQ_DATA, &p).unwrap())),
        (
            "DD of the other suite",
            dd_of(DigestedData::of(Suite::Modern, oids::CT_PAN_ONLY, &p).unwrap()),
        ),
        ("body that is no pair", Forged1997 { body: foreign_1997("t"), ..right() }),
        ("body that is no DER", Forged1997 { body: b"garbage".to_vec(), ..right() }),
        ("body of nothing", Forged1997 { body: Vec::new(), ..right() }),
    ];
    for (name, forged) in cases {
        assert_eq!(exh_1997(&forged.seal()).unwrap_err(), OpenError::Undecryptable, "{name}");
    }
}

#[test]
fn ciphertexts_that_are_none_are_the_same_failure() {
    let (key, body) = ciphertexts(&foreign_1997("exh"));
    let mut cases = Vec::new();
    for length in [0, 1, 127, 129] {
        let mut other = key.clone();
        other.resize(length, 0x11);
        cases.push(envelope(&other, &body));
    }
    cases.push(envelope(&[0xff; 128], &body));
    cases.push(envelope(&[0x00; 128], &body));
    for length in [0, 1, 8, body.len() - 8, body.len() - 1] {
        cases.push(envelope(&key, &body[..length]));
    }
    for at in (0..body.len()).step_by(7) {
        let mut other = body.clone();
        other[at] ^= 0x01;
        cases.push(envelope(&key, &other));
    }
    for octets in cases {
        assert_eq!(exh_1997(&octets).unwrap_err(), OpenError::Undecryptable);
    }
}

/// Spec `set-crypto.md` §1.2: NULL, and absent parameters too; §3: CDMF never in an envelope.
#[test]
fn algorithms_are_those_of_the_suite() {
    let transport = |identifier: spki::AlgorithmIdentifierOwned| {
        changed(|envelope| {
            let mut info = envelope.recipient_infos.as_slice()[0].clone();
            info.key_encryption_algorithm = identifier;
            envelope.recipient_infos = Bounded::new(vec![info]).unwrap();
        })
    };
    let absent = spki::AlgorithmIdentifierOwned { oid: oids::RSA_OAEP_SET, parameters: None };
    assert!(exh_1997(&transport(absent)).is_ok());
    let newer = transport(rsaes_oaep_sha256(b"set-modern-1:2.23.42.0.76").unwrap());
    assert_eq!(exh_1997(&newer).unwrap_err(), OpenError::Undecryptable);
    let cdmf = changed(|envelope| {
        envelope.encrypted_content_info.algorithm = cbc_64(oids::CDMF, &[7; 8]).unwrap();
    });
    assert_eq!(exh_1997(&cdmf).unwrap_err(), OpenError::Undecryptable);
}

#[test]
fn enck_opens_with_its_back_key_and_cipher_only() {
    let octets = foreign_1997("enck");
    for (cipher, key) in [
        (oids::DES_CBC, ascending(0x40, 8)),
        (oids::DES_CBC, ascending(0x40, 24)),
        (oids::CDMF, KEY.to_vec()),
        (oids::AES_256_GCM, ascending(0x40, 32)),
    ] {
        let opened = open_enck(OLD, &CERT_RES_ENCK, &octets, &back_key_of(cipher, &key));
        assert_eq!(opened.unwrap_err(), OpenError::Undecryptable);
    }
    let key = back_key_of(oids::DES_CBC, &ascending(0, 24));
    let sealed = seal_enck(OLD, &key, &CERT_RES_ENCK, &foreign_1997("s-result"), &iv());
    assert_eq!(sealed, Err(SealError::BackKey));
}

/// Spec `set-crypto.md` §8.3: suites never mix.
#[test]
fn modern_takes_nothing_of_1997() {
    let modern = Suite::Modern;
    let (keys, _) = rsa_keys_1997();
    let (octets, certificate) = (foreign_1997("exh"), certificate_1997());
    let opened = open_exh(modern, &REG_FORM_REQ, &octets, &[&certificate], &keys, &random());
    assert_eq!(opened.unwrap_err(), OpenError::Undecryptable);
    let key = back_key_of(oids::DES_CBC, &KEY);
    let opened = open_enck(modern, &CERT_RES_ENCK, &foreign_1997("enck"), &key);
    assert_eq!(opened.unwrap_err(), OpenError::Undecryptable);
    let message = SignedMessage::decode(&foreign_1997("s")).unwrap();
    let spki = certificate.spki_der();
    assert_eq!(
        message.verify(modern, oids::CT_CERT_REQ_DATA, None, 0, spki),
        Err(SignatureFault::Algorithm.into())
    );
}

#[test]
fn set_1997_signs_with_rsa_and_sha_1_alone() {
    for algorithm in [SignatureAlgorithm::RsaSha256, SignatureAlgorithm::Ed25519] {
        assert_eq!(
            sign_1997(oids::CT_CERT_REQ_TBS, b"\x05\x00", true, algorithm),
            Err(SealError::Algorithm(OLD, algorithm))
        );
    }
    let (keys, key) = rsa_keys();
    let certificate = certificate();
    let algorithm = SignatureAlgorithm::RsaSha256;
    let identity = [SignerIdentity { certificate: Some(&certificate), key, algorithm }];
    let (t, none) = (foreign("t"), Attachments::default());
    let newer = sign(Suite::Modern, oids::CT_CERT_REQ_DATA, &t, true, &identity, none, &keys);
    let message = SignedMessage::decode(&newer.unwrap()).unwrap();
    assert_eq!(
        message.verify(OLD, oids::CT_CERT_REQ_DATA, None, 0, certificate.spki_der()),
        Err(SignatureFault::Algorithm.into())
    );
}

/// Spec `set-crypto.md` §1.2: digestEncryptionAlgorithm is rsaEncryption, not the pair's name.
#[test]
fn other_names_of_the_same_signature_are_refused() {
    let sha_1_with_rsa = SignatureAlgorithm::RsaSha1.identifier().unwrap();
    let sha_256 = digest_identifier(Suite::Modern);
    for of_signature in [true, false] {
        let mut data: SignedData = ca_core::wire::decode(&foreign_1997("s"), MAX_PKCS7).unwrap();
        let mut info = data.signer_infos.as_slice()[0].clone();
        if of_signature {
            info.signature_algorithm = sha_1_with_rsa.clone();
        } else {
            info.digest_algorithm = sha_256.clone();
        }
        data.signer_infos = Bounded::new(vec![info]).unwrap();
        let message = SignedMessage::decode(&data.to_der().unwrap()).unwrap();
        let spki = certificate_1997().spki_der().to_vec();
        assert_eq!(
            message.verify(OLD, oids::CT_CERT_REQ_DATA, None, 0, &spki),
            Err(SignatureFault::Algorithm.into())
        );
    }
}

#[test]
fn truncated_envelopes_are_refused_at_every_length() {
    let exh = foreign_1997("exh");
    for length in 0..exh.len() {
        assert!(matches!(exh_1997(&exh[..length]), Err(OpenError::Malformed(_))));
    }
}
