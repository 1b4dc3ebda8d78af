//! Hostile S and SO: the SignedData, the detached content, the public key, or content and
//! attachments that are signed here. Nothing verifies but what was signed.
//!
//! ```text
//! octet 0  bit 0  suite
//!          bit 1, 2  0 the rest is an S
//!                    1 an octet n, n octets of detached content, then an SO
//!                    2 the rest is content, certificates and CRLs, signed here
//!                    3 as 1, with a SubjectPublicKeyInfo in the place of the content
//!          bit 3  (2) attached, or not
//! ```

#![no_main]

use ca_core::envelope::{Attachments, OpenError, SignedMessage};
use ca_core::wire::oids;
use ca_core_fuzz::{House, is_element, split_by_length, suite_of};
use der::{Reader, SliceReader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = run(octets);
});

fn run(octets: &[u8]) -> Option<()> {
    let (flags, rest) = octets.split_first()?;
    let house = House::of(suite_of(*flags));
    match flags >> 1 & 3 {
        0 => hostile_message(house, None, rest),
        1 => {
            let (content, message) = split_by_length(rest)?;
            hostile_message(house, Some(content), message)
        }
        2 => signed_here(house, flags & 8 != 0, rest),
        _ => {
            let (spki, octets) = split_by_length(rest)?;
            let message = SignedMessage::decode(octets).ok()?;
            let verified = message.verify(house.suite, message.content_type(), None, 0, spki);
            let content = verified.ok()?.content().to_vec();
            assert_eq!(Some(content.as_slice()), message.unverified_content());
            None
        }
    }
}

/// Only t and `{t, p}` of the vectors were ever signed with these keys.
fn hostile_message(house: &House, detached: Option<&[u8]>, octets: &[u8]) -> Option<()> {
    let message = SignedMessage::decode(octets).ok()?;
    let content_type = message.content_type();
    let signers = message.signers().count();
    assert!((1..=2).contains(&signers));
    let carried = message.certificates().chain(message.crls());
    let mut elements = carried.chain(message.unverified_content());
    assert!(elements.all(|element| is_element(element) && element.len() < octets.len()));

    let other = [oids::CT_CERT_REQ_TBS, oids::CT_CERT_RES_DATA];
    let other = other.into_iter().find(|other| *other != content_type)?;
    let refused = message.verify(house.suite, other, detached, 0, &house.spki);
    let refused = refused.err();
    assert!(matches!(refused, Some(OpenError::WrongContentType { .. })), "{refused:?}");
    let spkis = [&house.spki[..], house.certificate.spki_der()];
    for (signer, spki) in (0..=signers).flat_map(|signer| spkis.map(|spki| (signer, spki))) {
        match message.verify(house.suite, content_type, detached, signer, spki) {
            Ok(verified) => {
                assert!(signer < signers);
                assert_eq!(detached.is_none(), message.unverified_content().is_some());
                assert!(house.signed.iter().any(|signed| signed == verified.content()), "forged");
            }
            Err(error) => assert!(matches!(error, OpenError::Signature(_)), "{error:?}"),
        }
    }
    None
}

/// What was signed is decoded and verified, attachments in order, and nothing else is.
fn signed_here(house: &House, attached: bool, octets: &[u8]) -> Option<()> {
    let mut reader = SliceReader::new(octets).ok()?;
    let content = reader.tlv_bytes().ok()?;
    let mut lists = [Vec::new(), Vec::new()];
    while !reader.is_finished() {
        let element = reader.tlv_bytes().ok()?;
        lists[usize::from(element[0] & 1)].push(element.to_vec());
    }
    let [certificates, crls] = lists.clone();
    let fits = lists.iter().all(|list| list.len() <= 64);
    let attachments = Attachments { certificates, crls };
    let signed = house.sign(oids::CT_CERT_REQ_DATA, content, attached, attachments);
    assert_eq!(signed.is_some(), fits);
    let message = SignedMessage::decode(&signed?).expect("signed above");
    let [certificates, crls] = lists;
    assert!(message.certificates().eq(certificates.iter().map(Vec::as_slice)));
    assert!(message.crls().eq(crls.iter().map(Vec::as_slice)));
    let verify =
        |detached| message.verify(house.suite, oids::CT_CERT_REQ_DATA, detached, 0, &house.spki);
    let (right, wrong) = if attached { (None, Some(content)) } else { (Some(content), None) };
    assert_eq!(verify(right).expect("signed above").content(), content);
    assert!(verify(wrong).is_err());
    let longer = [content, &[0]].concat();
    assert!(verify(Some(&longer)).is_err());
    None
}
