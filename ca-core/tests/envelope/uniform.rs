//! All faults of an envelope are the same error, and take the same time (spec `set-crypto.md`
//! §5.4).

use std::time::Duration;

use ca_core::Suite;
use ca_core::envelope::{OpenError, REG_FORM_REQ, open_exh};
use ca_core::signer::SoftwareKeys;
use ca_core::wire::pkcs7::{Bounded, DigestedData, sequence};
use ca_core::wire::{Cert, oids};
use der::Encode;
use der::asn1::OctetString;

use crate::forged::{Forged, M, pan_only, parsed, random};
use crate::forged_1997::{Forged1997, OLD, ciphertexts, envelope};
use crate::support::{
    certificate, certificate_1997, foreign, foreign_1997, rsa_keys, rsa_keys_1997,
};
use crate::timing::{assert_alike, taken, unlike};

/// Who opens, and in which suite.
struct House {
    suite: Suite,
    certificate: Cert,
    keys: SoftwareKeys,
}

impl House {
    fn open(&self, octets: &[u8]) -> Result<(), OpenError> {
        let recipients = [&self.certificate];
        open_exh(self.suite, &REG_FORM_REQ, octets, &recipients, &self.keys, &random()).map(drop)
    }

    /// Time of one refusal.
    fn time(&self, octets: &[u8]) -> Duration {
        let (time, opened) = taken(|| self.open(octets));
        // Equal as values, hence in every octet of the Error that is made of it.
        assert_eq!(opened, Err(OpenError::Undecryptable));
        time
    }
}

fn modern() -> (House, Vec<(&'static str, Vec<u8>)>) {
    let right = Forged::right;
    let octets = right().seal();
    let changed_key = |change: fn(&mut Vec<u8>)| {
        let mut envelope = parsed(&octets);
        let mut info = envelope.recipient_infos.as_slice()[0].clone();
        let mut key = info.encrypted_key.as_bytes().to_vec();
        change(&mut key);
        info.encrypted_key = OctetString::new(key).unwrap();
        envelope.recipient_infos = Bounded::new(vec![info]).unwrap();
        envelope.to_der().unwrap()
    };
    let mut tag = parsed(&octets);
    let mut ciphertext = tag.encrypted_content_info.encrypted_content.as_bytes().to_vec();
    *ciphertext.last_mut().unwrap() ^= 1;
    tag.encrypted_content_info.encrypted_content = OctetString::new(ciphertext).unwrap();
    let dd = DigestedData::of(M, oids::CT_PAN_ONLY, b"\x05\x00").unwrap().to_der().unwrap();
    let other_dd = sequence(&[&foreign("t"), &dd]).unwrap().to_vec();
    let faults = vec![
        ("key block changed", changed_key(|key| key[100] ^= 1)),
        ("key block too short", changed_key(|key| key.truncate(key.len() - 1))),
        ("key block too long", changed_key(|key| key.push(0))),
        ("key block empty", changed_key(Vec::clear)),
        ("key block above n", changed_key(|key| key.fill(0xff))),
        ("key block zero", changed_key(|key| key.fill(0))),
        ("label", Forged { label: String::new(), ..right() }.seal()),
        ("BC", Forged { block: vec![0x20], ..right() }.seal()),
        ("octets after X", Forged { p: [&pan_only()[..], &[0]].concat(), ..right() }.seal()),
        ("no X", Forged { p: Vec::new(), ..right() }.seal()),
        ("HD", Forged { digest_of_body: Some(vec![0; 32]), ..right() }.seal()),
        ("tag", tag.to_der().unwrap()),
        ("DD", Forged { body: other_dd, ..right() }.seal()),
        ("body that is no pair", Forged { body: b"garbage".to_vec(), ..right() }.seal()),
    ];
    (House { suite: M, certificate: certificate(), keys: rsa_keys().0 }, faults)
}

fn set_1997() -> (House, Vec<(&'static str, Vec<u8>)>) {
    let right = || Forged1997::large(BODY);
    let octets = right().seal();
    let (key, body) = ciphertexts(&octets);
    let changed_key = |change: fn(&mut Vec<u8>)| {
        let mut key = key.clone();
        change(&mut key);
        envelope(&key, &body)
    };
    let head = |at: usize, value| {
        let mut head = right().head;
        head[at] = value;
        Forged1997 { head, ..right() }.seal()
    };
    let mut bad_padding = right().body;
    bad_padding.resize(bad_padding.len().next_multiple_of(8), 0x2a);
    let mut no_pair = right().body;
    no_pair[0] = 0x31;
    let mut other_dd = right().body;
    *other_dd.last_mut().unwrap() ^= 1;
    let faults = vec![
        ("key block changed", changed_key(|key| key[100] ^= 1)),
        ("key block too short", changed_key(|key| key.truncate(key.len() - 1))),
        ("key block too long", changed_key(|key| key.push(0))),
        ("key block empty", changed_key(Vec::clear)),
        ("key block above n", changed_key(|key| key.fill(0xff))),
        ("key block zero", changed_key(|key| key.fill(0))),
        ("BT", head(0, 0x02)),
        ("BC", head(1, 0x20)),
        ("V", head(8, 0x01)),
        ("fill", Forged1997 { last: 1, ..right() }.seal()),
        ("X beyond the block", Forged1997 { p: vec![0x30, 0x7f], ..right() }.seal()),
        ("no X", Forged1997 { p: Vec::new(), ..right() }.seal()),
        ("HD", Forged1997 { digest_of_body: Some(vec![0; 20]), ..right() }.seal()),
        ("padding", Forged1997 { padded: Some(bad_padding), ..right() }.seal()),
        ("half a block", envelope(&key, &body[..body.len() - 3])),
        ("DD", Forged1997 { body: other_dd, ..right() }.seal()),
        ("body that is no pair", Forged1997 { body: no_pair, ..right() }.seal()),
    ];
    let keys = rsa_keys_1997().0;
    (House { suite: OLD, certificate: certificate_1997(), keys }, faults)
}

#[test]
fn every_fault_of_modern_takes_the_same_time() {
    let (house, faults) = modern();
    assert_eq!(house.open(&foreign("exh")), Ok(()));
    assert_alike(&|octets| house.time(octets), &faults);
}

#[test]
fn every_fault_of_set_1997_takes_the_same_time() {
    let (house, faults) = set_1997();
    assert_eq!(house.open(&foreign_1997("exh")), Ok(()));
    assert_eq!(house.open(&Forged1997::large(BODY).seal()), Ok(()));
    assert_alike(&|octets| house.time(octets), &faults);
}

/// The measurement sees what it is there to see: a refusal without the RSA operation.
#[test]
fn a_refusal_that_leaves_out_rsa_is_seen() {
    for (house, mut faults) in [modern(), set_1997()] {
        let mut envelope = parsed(&faults[0].1);
        envelope.encrypted_content_info.algorithm.oid = oids::RSA_ENCRYPTION;
        faults.push(("cipher that is none", envelope.to_der().unwrap()));
        let seen = unlike(&|octets| house.time(octets), &faults);
        assert!(seen.iter().any(|fault| fault.starts_with("cipher that is none")), "{seen:?}");
    }
}

/// Octets of a body whose DES, as tests are built, costs as much as RSA with 1024 bits.
const BODY: u16 = 4_000;
