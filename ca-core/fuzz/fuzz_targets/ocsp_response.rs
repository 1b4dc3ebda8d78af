//! Hostile octets as an OCSP response: no panic, and an answer is there exactly if it says so.

#![no_main]

use ca_core::wire::ocsp::{OcspResponse, ResponseStatus};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(response) = OcspResponse::from_der(octets) else { return };
    assert_eq!(response.basic.is_some(), response.status == ResponseStatus::Successful);
    let Some(basic) = response.basic else { return };
    for one in &basic.responses {
        assert_eq!(basic.status_of(&one.cert_id).is_some(), one.cert_id.hash().is_some());
    }
    for certificate in &basic.certificates {
        let _ = basic.responder.names(certificate);
    }
});
