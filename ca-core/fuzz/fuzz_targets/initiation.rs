//! Hostile octets as a wake-up file: no panic, and what is accepted is written and read again.

#![no_main]

use ca_core::wire::initiation::Initiation;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(initiation) = Initiation::from_octets(octets) else { return };
    let written = initiation.to_octets().expect("what was read can be written");
    assert_eq!(Initiation::from_octets(&written), Ok(initiation));
});
