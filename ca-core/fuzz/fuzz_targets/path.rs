//! Hostile certificates, CRLs and OCSP answers as one question: no panic, an end within the budget,
//! and a verdict that is valid exactly if nothing speaks against it.
//!
//! The input is one octet of flags and DER objects one after another: the first certificate is
//! judged, the last is the anchor, the others may help.

#![no_main]

use ca_core::path::{
    Budget, Conformance, PolicyInputs, Request, RevocationMode, Rules, Settings, validate,
};
use ca_core::wire::ocsp::OcspResponse;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};
use ca_core::{Suite, UnixTime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some((flags, rest)) = octets.split_first() else { return };
    let objects: Vec<&[u8]> = Objects(rest).take(MAX_OBJECTS).collect();
    let mut certificates: Vec<Cert> =
        objects.iter().filter_map(|der| Cert::from_der_lenient(der).ok()).collect();
    let crls: Vec<Crl> = objects.iter().filter_map(|der| Crl::from_der(der).ok()).collect();
    let bcis: Vec<_> =
        objects.iter().filter_map(|der| BrandCrlIdentifier::from_der(der).ok()).collect();
    let ocsp: Vec<_> =
        objects.iter().filter_map(|der| OcspResponse::from_der(der).ok()?.basic).collect();
    let Some(anchor) = certificates.pop() else { return };
    if certificates.is_empty() {
        certificates.push(anchor.clone());
    }
    let judged = certificates.remove(0);
    for (rules, suite) in QUESTIONS {
        let settings = settings(*flags, rules, suite);
        let verdict = validate(&Request {
            certificate: &judged,
            untrusted: &certificates,
            anchors: core::slice::from_ref(&anchor),
            crls: &crls,
            bcis: &bcis,
            ocsp: &ocsp,
            register: &[],
            settings: &settings,
        });
        assert_eq!(verdict.valid, verdict.reasons.is_empty());
        assert!(!verdict.path.is_empty());
        assert!(verdict.path.len() <= settings.budget.path_length.max(1));
        assert_eq!(verdict.trace.is_empty(), !settings.trace);
    }
});

fn settings(flags: u8, rules: Rules, suite: Suite) -> Settings {
    let set = |bit: u8| flags & (1 << bit) != 0;
    Settings {
        trace: set(0),
        revocation: if set(1) { RevocationMode::Require } else { RevocationMode::IfAvailable },
        conformance: if set(2) { Conformance::Profile } else { Conformance::Path },
        policies: PolicyInputs {
            acceptable: Vec::new(),
            require_explicit: set(3),
            inhibit_mapping: set(4),
            inhibit_any: set(5),
        },
        budget: Budget {
            signature_checks: 16,
            name_comparisons: 2_000,
            states: 500,
            path_length: 8,
        },
        ..Settings::new(rules, suite, NOON)
    }
}

/// The DER objects that stand one after another.
struct Objects<'a>(&'a [u8]);

impl<'a> Iterator for Objects<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let length = match *self.0.get(1)? {
            short @ 0..=0x7f => 2 + usize::from(short),
            0x81 => 3 + usize::from(*self.0.get(2)?),
            0x82 => 4 + usize::from(u16::from_be_bytes([*self.0.get(2)?, *self.0.get(3)?])),
            _ => return None,
        };
        let (object, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(object)
    }
}

const QUESTIONS: [(Rules, Suite); 3] =
    [(Rules::Rfc5280, Suite::Modern), (Rules::Set, Suite::Modern), (Rules::Set, Suite::Set1997)];
const MAX_OBJECTS: usize = 16;
/// 2020-01-01, when the seeds are valid.
const NOON: UnixTime = UnixTime::from_secs(1_577_836_800);
