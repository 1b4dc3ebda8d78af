//! §9.2 common inputs, §9.8 CDMF, and the body of §9.9 that no suite opens.

use ca_core::Suite;
use ca_core::envelope::{
    Block, CERT_RES_ENCK, Extra, OpenError, REG_FORM_REQ, open_enck, seal_enck, seal_exh,
};
use ca_core::wire::pkcs7::{
    DigestedData, EncryptedData, EnvelopedData, MAX_PKCS7, cbc_64_iv, sequence,
};
use ca_core::wire::{AcctInfo, CardExpiry, Nonce, Pan, PanData0, PanOnly, Secret, decode, oids};
use der::Encode;
use der::asn1::OctetString;

use crate::support::{Script, back_key, certificate, foreign, modern, spec};

const SUITE: Suite = Suite::Set1997;

fn ascending<const N: usize>(first: u8) -> [u8; N] {
    core::array::from_fn(|index| first + u8::try_from(index).unwrap())
}

fn pan() -> Pan {
    Pan::new("4111111111111111").unwrap()
}

#[test]
fn account_data_are_the_octets_of_the_spec() {
    let ex_nonce = Nonce::new(ascending(0xc0));
    let only = PanOnly { pan: pan(), ex_nonce };
    assert_eq!(only.to_der().unwrap(), spec("PANOnly"));
    // PANData0 is PANData with CardSecret in the place of PANSecret (§2.5).
    let card_secret = Secret::new(&ascending::<20>(0xa0)).unwrap();
    let card_expiry = CardExpiry::new(1999, 12).unwrap();
    let data = AcctInfo::PanData0(PanData0 { pan: pan(), card_expiry, card_secret, ex_nonce });
    let wrapped = [&[0xa0, 0x48], &spec("PANData")[..]].concat();
    assert_eq!(data.to_der().unwrap(), wrapped);
}

#[test]
fn linkage_and_its_digest_are_those_of_the_spec() {
    let dd = DigestedData::of(SUITE, oids::CT_PAN_ONLY, &spec("PANOnly")).unwrap();
    assert_eq!(dd.to_der().unwrap(), spec("DD(PANOnly)"));
    let linked = sequence(&[&foreign("t"), &spec("DD(PANOnly)")]).unwrap();
    assert_eq!(*linked, spec("T"));
    // The digest covers the whole element: with the contents alone it would be another (§10 no. 6).
    assert_eq!(SUITE.digest(&linked), spec("HD"));
    assert_eq!(SUITE.digest(&linked[2..]), spec("contents HD"));
}

#[test]
fn des_of_t_is_that_of_the_spec() {
    let p = Extra { block: Block::PanOnly, der: &spec("PANOnly") };
    let random = Script::of_envelope();
    let exh = seal_exh(SUITE, &certificate(), &REG_FORM_REQ, &foreign("t"), p, &random).unwrap();
    let envelope: EnvelopedData = decode(&exh, MAX_PKCS7).unwrap();
    let content = envelope.encrypted_content_info;
    assert_eq!(content.encrypted_content.as_bytes(), spec("DES-CBC(T)"));
    let iv = cbc_64_iv(oids::DES_CBC, &content.algorithm).unwrap();
    assert_eq!(iv.as_slice(), spec("IV"));
}

#[test]
fn cdmf_of_t_is_that_of_the_spec_under_the_key_that_was_sent() {
    let key = back_key(oids::CDMF, &spec("CDMF K"));
    let enck = seal_enck(SUITE, &key, &CERT_RES_ENCK, &spec("T"), &Script::new(&["IV"])).unwrap();
    let encrypted: EncryptedData = decode(&enck, MAX_PKCS7).unwrap();
    let content = encrypted.encrypted_content_info;
    assert_eq!(content.encrypted_content.as_bytes(), spec("CDMF(T)"));
    assert!(cbc_64_iv(oids::CDMF, &content.algorithm).is_some());
    // DES under the derived key is what CDMF is.
    for derived in ["CDMF K'", "CDMF K' odd"] {
        let key = back_key(oids::DES_CBC, &spec(derived));
        let enck = seal_enck(SUITE, &key, &CERT_RES_ENCK, &spec("T"), &Script::new(&["IV"]));
        let encrypted: EncryptedData = decode(&enck.unwrap(), MAX_PKCS7).unwrap();
        let content = encrypted.encrypted_content_info;
        assert_eq!(content.encrypted_content.as_bytes(), spec("CDMF(T)"), "{derived}");
    }
}

/// decisions.md 2: `modern` has no CBC, so the AES-256-CBC body of §9.9 opens in no suite.
#[test]
fn an_aes_cbc_body_opens_in_no_suite() {
    let mut encrypted: EncryptedData = decode(&foreign("enck"), MAX_PKCS7).unwrap();
    let content = &mut encrypted.encrypted_content_info;
    content.algorithm.oid = const_oid::ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
    let iv = OctetString::new(ascending::<16>(0x80)).unwrap();
    content.algorithm.parameters = Some(der::Any::encode_from(&iv).unwrap());
    content.encrypted_content = OctetString::new(modern("AES-256-CBC")).unwrap();
    let octets = encrypted.to_der().unwrap();
    for (suite, cipher, length) in
        [(Suite::Modern, oids::AES_256_GCM, 32), (Suite::Set1997, oids::DES_CBC, 8)]
    {
        let key = back_key(cipher, &ascending::<32>(0x40)[..length]);
        let opened = open_enck(suite, &CERT_RES_ENCK, &octets, &key);
        assert_eq!(opened.unwrap_err(), OpenError::Undecryptable, "{suite}");
    }
}
