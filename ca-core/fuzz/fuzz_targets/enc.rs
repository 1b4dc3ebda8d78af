//! Hostile Enc: the envelope, the key block, the SignedData that is the body, or t in one that is
//! made right.

#![no_main]

use ca_core::envelope::{Attachments, CERT_REQ_ENC, SignedMessage, open_enc};
use ca_core_fuzz::{Depth, EnvelopeInput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = run(octets);
});

fn run(octets: &[u8]) -> Option<()> {
    let input = EnvelopeInput::read(octets)?;
    let (house, inner_type) = (input.house, CERT_REQ_ENC.inner_type());
    let body = match input.depth {
        Depth::Envelope | Depth::Body => input.rest.to_vec(),
        Depth::Content => house.sign(inner_type, input.rest, true, Attachments::default())?,
    };
    let opened = input.open(&CERT_REQ_ENC, false, &body, open_enc)?;
    if input.depth != Depth::Envelope {
        let block_fits = input.expected_extra(&[0x00], false, false).is_some();
        let message = SignedMessage::decode(&body).ok();
        let message = message.filter(|message| message.content_type() == inner_type);
        assert_eq!(opened.is_ok(), block_fits && message.is_some());
    }
    let message = opened.ok()?;
    assert_eq!(message.content_type(), inner_type);
    let verified = message.verify(house.suite, inner_type, None, 0, &house.spki);
    if let Ok(verified) = &verified {
        assert_eq!(Some(verified.content()), message.unverified_content());
    }
    if input.depth == Depth::Content {
        assert_eq!(verified.expect("signed above").content(), input.rest);
    }
    None
}
