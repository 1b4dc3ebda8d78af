//! Hostile octets as a message between CAs: no panic, and what is accepted is the one DER encoding.

#![no_main]

use ca_core::envelope::SignedMessage;
use ca_core::wire::bounds::MAX_CA_MESSAGE;
use ca_core::wire::{
    BciDistributionTbs, CaMessage, CaMessageKind, CrlNotificationResTbs, CrlNotificationTbs, decode,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    // The signed contents on their own, too: they stand deep in a message.
    contents(octets);
    let Ok(message) = CaMessage::from_der(octets) else { return };
    assert_eq!(message.to_der().as_deref(), Ok(octets));
    let signed = message.signed().as_der();
    let Ok(signed) = SignedMessage::decode_within(signed, MAX_CA_MESSAGE) else { return };
    let _ = CaMessageKind::of_content_type(signed.content_type());
    contents(signed.unverified_content().unwrap_or_default());
});

fn contents(octets: &[u8]) {
    let _ = decode::<BciDistributionTbs>(octets, MAX_CA_MESSAGE);
    let _ = decode::<CrlNotificationTbs>(octets, MAX_CA_MESSAGE);
    let _ = decode::<CrlNotificationResTbs>(octets, MAX_CA_MESSAGE);
}
