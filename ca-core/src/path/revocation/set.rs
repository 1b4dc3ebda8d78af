//! What SET adds: who stands on a CRL, and which CRLs are too old.

use crate::Suite;
use crate::path::Rules;
use crate::path::checks::Step;
use crate::profile::Role;
use crate::wire::{Crl, CrlNumber};

/// Whether the certificate must have a status.
///
/// In `modern` every certificate below the root (spec §10.5). In `set-1997` the brand's BCI tells
/// who issues CRLs (§6.3 check 5: an issuer that is not listed has issued none); without one, all
/// CAs and gateways stand on a CRL, and no cardholder or merchant ever does (§6.1).
pub(super) fn has_duty(step: &Step<'_, '_>) -> bool {
    let settings = step.settings;
    if settings.rules == Rules::Rfc5280 || settings.suite == Suite::Modern {
        return true;
    }
    if let Some(bci) = step.bci {
        return bci.unsigned().crl_number(step.node.certificate.issuer_der()).is_some();
    }
    let exempt = [Role::Cardholder, Role::Merchant];
    !step
        .facts()
        .certificate_type
        .is_some_and(|types| exempt.iter().any(|role| types.contains(*role)))
}

/// A CRL as SET knows it (spec §6.2, decisions 33).
pub(super) fn check_form(crl: &Crl) -> Result<(), String> {
    if let Some(unknown) = crl.unknown_critical_set() {
        return Err(format!("has the critical extension {unknown}"));
    }
    crl.set_fields().map(|_| ()).map_err(|fault| fault.to_string())
}

/// The number that the brand's BCI names, or a later one (spec §6.3 check 4; decisions 8: for the
/// issuers of this path).
pub(super) fn check_newer_than_listed(step: &Step<'_, '_>, crl: &Crl) -> Result<(), String> {
    let listed = step.bci.and_then(|bci| bci.unsigned().crl_number(crl.issuer_der()));
    match listed {
        Some(listed) if crl.number() < Some(CrlNumber::from(listed)) => {
            Err(format!("is older than number {listed}, which the BCI lists"))
        }
        _ => Ok(()),
    }
}
