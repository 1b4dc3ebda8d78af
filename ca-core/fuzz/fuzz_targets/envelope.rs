//! Hostile octets as SignedData, EnvelopedData and EncryptedData: no panic, and whatever a caller
//! asks of a message that nobody has verified is answered. The same octets as a body under a key
//! that is known, and as a block that RSA gave: padding and lengths are hostile there too.

#![no_main]

use ca_core::Suite;
use ca_core::envelope::set_oaep::{self, CounterOctet};
use ca_core::envelope::{CERT_RES_ENCK, SignedMessage, open_enck};
use ca_core::wire::pkcs7::{EncryptedData, EnvelopedData, MAX_PKCS7};
use ca_core::wire::{BackKeyData, decode};
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
    for (suite, key) in [(Suite::Modern, GCM), (Suite::Set1997, DES), (Suite::Set1997, CDMF)] {
        let key: BackKeyData = decode(key, MAX_PKCS7).expect("a constant");
        let _ = open_enck(suite, &CERT_RES_ENCK, octets, &key);
    }
    if let Some(block) = set_oaep::decode(&CounterOctet, octets) {
        assert_eq!(block.adb.len(), set_oaep::capacity(octets.len()));
    }
});

/// SEQUENCE { SEQUENCE { algorithm }, OCTET STRING key }: AES-256-GCM, DES-CBC, CDMF.
const GCM: &[u8] = b"\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e\x04\x20\
    @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
const DES: &[u8] = b"\x30\x13\x30\x07\x06\x05\x2b\x0e\x03\x02\x07\x04\x08@@@@@@@@";
const CDMF: &[u8] = b"\x30\x16\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x0a\x04\x08@@@@@@@@";
