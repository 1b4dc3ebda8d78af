//! Hostile octets as an OCSP request: no panic, and the bounds of what is answered hold.

#![no_main]

use ca_core::wire::ocsp::{MAX_CERT_IDS, OcspRequest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(request) = OcspRequest::from_der(octets) else { return };
    assert!((1..=MAX_CERT_IDS).contains(&request.cert_ids.len()));
    assert!(request.nonce.is_none_or(|nonce| (1..=128).contains(&nonce.len())));
    for id in &request.cert_ids {
        assert_eq!(id.names_same(id), id.hash().is_some());
    }
});
