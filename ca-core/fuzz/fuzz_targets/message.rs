//! Hostile octets as a MessageWrapper: no panic, and what is accepted is the one DER encoding.

#![no_main]

use ca_core::wire::{Message, MessageWrapper};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(wrapper) = MessageWrapper::from_der(octets) else { return };
    let Ok(message) = Message::from_wrapper(&wrapper) else { return };
    assert_eq!(message.to_octets().as_ref(), Ok(&wrapper.message));
});
