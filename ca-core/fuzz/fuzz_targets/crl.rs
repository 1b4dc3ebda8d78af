//! Hostile octets as a CRL: no panic, the octets are kept, and every entry is found by its serial.

#![no_main]

use ca_core::wire::Crl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(crl) = Crl::from_der(octets) else { return };
    assert_eq!(crl.der(), octets);
    assert_eq!(crl.entries().count(), crl.len());
    assert!(crl.entries().all(|(serial, info)| crl.revoked(serial) == Some(info)));
    let _ = (crl.authority_key_identifier(), crl.unknown_critical());
});
