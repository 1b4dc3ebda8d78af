//! What RFC 5280 §5 demands of CRLs of conforming CAs, beyond what judging a path needs.

use crate::wire::{Crl, oids};

/// Everything but nextUpdate, without which no CRL counts.
pub(super) fn check(crl: &Crl) -> Result<(), String> {
    let critical = |oid| crl.extensions().iter().find(|e| e.extn_id == oid).map(|e| e.critical);
    let scope = critical(oids::ISSUING_DISTRIBUTION_POINT);
    let rules = [
        (crl.version() == 2, "is not of v2 (RFC 5280 §5.1.2.1)"),
        (
            !crl.has_early_generalized_time(),
            "has a GeneralizedTime before 2050 (RFC 5280 §5.1.2.4 to §5.1.2.6)",
        ),
        (
            critical(oids::AUTHORITY_KEY_IDENTIFIER).is_some(),
            "has no authorityKeyIdentifier (RFC 5280 §5.2.1)",
        ),
        (critical(oids::CRL_NUMBER).is_some(), "has no cRLNumber (RFC 5280 §5.2.3)"),
        (critical(oids::CRL_NUMBER) != Some(true), "has a critical cRLNumber (RFC 5280 §5.2.3)"),
        (
            critical(oids::DELTA_CRL_INDICATOR) != Some(false),
            "has a deltaCRLIndicator that is not critical (RFC 5280 §5.2.4)",
        ),
        (
            scope != Some(false),
            "has an issuingDistributionPoint that is not critical (RFC 5280 §5.2.5)",
        ),
        (
            crl.scope().is_none_or(|scope| *scope != Default::default()),
            "has an empty issuingDistributionPoint (RFC 5280 §5.2.5)",
        ),
        (
            critical(oids::FRESHEST_CRL) != Some(true),
            "has a critical freshestCRL (RFC 5280 §5.2.6)",
        ),
        (!crl.repeats_a_serial(), "lists a serial number twice (RFC 5280 §5.1.2.6)"),
    ];
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, fault)) => Err((*fault).to_owned()),
        None => Ok(()),
    }
}
