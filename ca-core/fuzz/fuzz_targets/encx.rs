//! Hostile EncX: the envelope, the key block, the body with the SignedData in it, or t in a body
//! that is made right. The signature that verifies is the one over `{t, p}`.

#![no_main]

use ca_core::envelope::{Attachments, CERT_REQ_ENCX, SignedMessage, encx_tbs, open_encx};
use ca_core::wire::pkcs7::{pair, sequence};
use ca_core_fuzz::{Depth, EnvelopeInput, is_element};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = run(octets);
});

fn run(octets: &[u8]) -> Option<()> {
    let input = EnvelopeInput::read(octets)?;
    let (house, signed_type) = (input.house, CERT_REQ_ENCX.inner_type());
    let expected = input.expected_extra(&[0x20, 0x50], true, false);
    let body = match input.depth {
        Depth::Envelope | Depth::Body => input.rest.to_vec(),
        Depth::Content => {
            let signed = encx_tbs(input.rest, expected.as_deref()?).ok()?;
            let so = house.sign(signed_type, &signed, false, Attachments::default())?;
            sequence(&[input.rest, &so]).ok()?.to_vec()
        }
    };
    let opened = input.open(&CERT_REQ_ENCX, false, &body, open_encx)?;
    if input.depth != Depth::Envelope {
        let signed = pair(&body).ok().and_then(|(_, so)| SignedMessage::decode(so).ok());
        let signed = signed.filter(|message| message.content_type() == signed_type);
        let t_fits = pair(&body).is_ok_and(|(t, _)| is_element(t));
        assert_eq!(opened.is_ok(), expected.is_some() && signed.is_some() && t_fits);
    }
    let opened = opened.ok()?;
    let tbs = encx_tbs(&opened.t, &opened.p).expect("t and p are elements");
    if input.depth != Depth::Envelope {
        assert_eq!(Some(opened.p.to_vec()), expected);
        assert_eq!(pair(&body).ok()?.0, opened.t);
    }
    let signers = opened.signature.signers().count();
    assert!((1..=2).contains(&signers));
    assert!(opened.verify(house.suite, signers, &house.spki).is_err());
    let spkis = [&house.spki[..], house.certificate.spki_der()];
    for (signer, spki) in (0..signers).flat_map(|signer| spkis.map(|spki| (signer, spki))) {
        if let Ok(verified) = opened.verify(house.suite, signer, spki) {
            assert_eq!(verified.content(), tbs.as_slice());
            assert_eq!(verified.content_type(), signed_type);
            assert!(opened.signature.unverified_content().is_none());
        }
    }
    if input.depth == Depth::Content {
        assert!(opened.verify(house.suite, 0, &house.spki).is_ok());
    }
    None
}
