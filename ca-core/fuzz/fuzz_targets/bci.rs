//! Hostile octets as a BrandCRLIdentifier: no panic, and what it says encodes to what was signed.

#![no_main]

use ca_core::wire::BrandCrlIdentifier;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(bci) = BrandCrlIdentifier::from_der(octets) else { return };
    assert_eq!(bci.der(), octets);
    let said = bci.unsigned();
    assert_eq!(said.to_der().as_deref(), Ok(bci.tbs_der()));
    let _ = (said.authority_key_identifier(), said.unknown_critical());
});
