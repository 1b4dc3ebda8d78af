//! Hostile EXH: the envelope, the key block, the body, or t in a body that is made right. What
//! opens is bound together, and what is bound together opens.

#![no_main]

use ca_core::envelope::{REG_FORM_REQ, open_exh};
use ca_core::wire::decode;
use ca_core::wire::pkcs7::{DigestedData, MAX_PKCS7, pair, sequence};
use ca_core_fuzz::{Depth, EnvelopeInput, is_element};
use der::Encode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = run(octets);
});

fn run(octets: &[u8]) -> Option<()> {
    let input = EnvelopeInput::read(octets)?;
    let suite = input.house.suite;
    let expected = input.expected_extra(&[0x41], true, true);
    let dd = |p: &[u8]| DigestedData::of(suite, REG_FORM_REQ.inner_type(), p).ok()?.to_der().ok();
    let body = match input.depth {
        Depth::Envelope | Depth::Body => input.rest.to_vec(),
        Depth::Content => {
            let p = expected.as_deref().unwrap_or(input.extra());
            sequence(&[input.rest, &dd(p)?]).ok()?.to_vec()
        }
    };
    let opened = input.open(&REG_FORM_REQ, true, &body, open_exh)?;
    if input.depth == Depth::Envelope {
        let opened = opened.ok()?;
        assert!(is_element(&opened.t) && is_element(&opened.p));
        return None;
    }
    let linked = |p: &[u8]| {
        let dd = decode::<DigestedData>(pair(&body).ok()?.1, MAX_PKCS7).ok()?;
        Some(dd.digest_of(suite, REG_FORM_REQ.inner_type())? == suite.digest(p))
    };
    let expected = expected.filter(|p| linked(p) == Some(true));
    assert_eq!(opened.is_ok(), expected.is_some());
    let (opened, expected) = (opened.ok()?, expected?);
    assert_eq!(opened.p.as_slice(), expected);
    assert_eq!(pair(&body).ok()?.0, opened.t);
    assert!(is_element(&opened.t));
    None
}
