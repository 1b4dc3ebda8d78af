//! What RFC 5280 §5 demands of CRLs of conforming CAs, and the CA/Browser Forum on top, beyond what
//! judging a path needs.

use crate::wire::extensions::{Holders, LocationName, PointName};
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

/// Baseline Requirements §7.2.2.1: the CRL of one issuer, for certificates, at URIs.
pub(super) fn check_web(crl: &Crl) -> Result<(), String> {
    let Some(scope) = crl.scope() else { return Ok(()) };
    let at_uris = match &scope.name {
        Some(PointName::Full(names)) => names.iter().all(is_uri),
        Some(PointName::Relative(_)) => false,
        None => true,
    };
    if scope.indirect || scope.holders == Holders::AttributeCertificates || !at_uris {
        return Err("has an issuingDistributionPoint that is indirect, is for attribute \
                    certificates, or names what is no URI (BR §7.2.2.1)"
            .to_owned());
    }
    Ok(())
}

fn is_uri(name: &LocationName) -> bool {
    matches!(name, LocationName::Other(der) if der.first() == Some(&URI))
}

/// uniformResourceIdentifier [6] of GeneralName (RFC 5280 §4.2.1.6).
const URI: u8 = 0x86;
