//! Hostile octets as a CRL: no panic, the octets are kept, and every entry is found by its serial.

#![no_main]

use ca_core::wire::Crl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(crl) = Crl::from_der(octets) else { return };
    assert_eq!(crl.der(), octets);
    assert_eq!(crl.entries().count(), crl.len());
    for entry in crl.entries().take(64) {
        assert!(crl.entries_of(entry.serial).any(|found| found == entry));
    }
    let _ = (crl.authority_key_identifier(), crl.unknown_critical(), crl.unknown_critical_set());
    if let Ok(set) = Crl::from_der_set(octets) {
        assert!(set.entries().all(|entry| set.revoked(entry.serial) == Some(entry.info)));
    }
});
