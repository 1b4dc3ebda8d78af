//! Hostile octets as RegFormReqData, PANOnly and RegFormResTBS: no panic, and what is accepted is
//! the one DER encoding.

#![no_main]

use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{PanOnly, RegFormReqData, RegFormResTbs, decode};
use der::Encode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(value) = decode::<RegFormReqData>(octets, MAX_MESSAGE) {
        assert_eq!(value.to_der().as_deref(), Ok(octets));
    }
    if let Ok(value) = decode::<PanOnly>(octets, MAX_MESSAGE) {
        assert_eq!(value.to_der().as_deref(), Ok(octets));
    }
    if let Ok(value) = decode::<RegFormResTbs>(octets, MAX_MESSAGE) {
        assert_eq!(value.to_der().as_deref(), Ok(octets));
    }
});
