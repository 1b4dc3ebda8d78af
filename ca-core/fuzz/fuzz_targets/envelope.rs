//! Hostile octets as SignedData, EnvelopedData and EncryptedData: no panic, and whatever a caller
//! asks of a message that nobody has verified is answered.

#![no_main]

use ca_core::envelope::SignedMessage;
use ca_core::wire::decode;
use ca_core::wire::pkcs7::{EncryptedData, EnvelopedData, MAX_PKCS7};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(message) = SignedMessage::decode(octets) {
        assert!((1..=2).contains(&message.signers().count()));
        let carried = message.certificates().chain(message.crls());
        let content = message.unverified_content();
        assert!(carried.chain(content).all(|element| element.len() < octets.len()));
    }
    if let Ok(envelope) = decode::<EnvelopedData>(octets, MAX_PKCS7) {
        assert_eq!(envelope.recipient_infos.as_slice().len(), 1);
    }
    let _ = decode::<EncryptedData>(octets, MAX_PKCS7);
});
