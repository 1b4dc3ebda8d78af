//! Delta CRLs: what has changed since a complete one (RFC 5280 §5.2.4, §6.3.3 (c), (h)).

use core::cmp::Reverse;

use super::complete::{check_begun, check_form, check_not_ended};
use crate::path::Rules;
use crate::path::checks::Step;
use crate::path::list_signer::Context;
use crate::path::name::der_key;
use crate::path::pool::Node;
use crate::path::signatures::{Outcome, Work};
use crate::wire::{Crl, oids};

/// The current deltas that may be read with `base`, by their index, newest first. SET has none.
pub(super) fn candidates(step: &Step<'_, '_>, context: &Context<'_, '_>, base: &Crl) -> Vec<usize> {
    if step.settings.rules == Rules::Set {
        return Vec::new();
    }
    let crls = context.request.crls;
    let at_hand =
        context.pool.deltas_of(&der_key(step.settings.rules, base.issuer_der())).iter().copied();
    let mut found: Vec<usize> = at_hand
        .filter(|index| {
            crls.get(*index).is_some_and(|delta| {
                extends(delta, base)
                    && check_begun(step, delta).is_ok()
                    && check_not_ended(step, delta).is_ok()
                    && check_form(step, delta).is_ok()
            })
        })
        .collect();
    found.sort_by_key(|index| Reverse(crls.get(*index).and_then(Crl::number)));
    found
}

/// §6.3.3 (h): under the key that signed the complete CRL.
pub(super) fn is_signed(
    context: &Context<'_, '_>,
    delta: usize,
    signer: &Node<'_>,
    work: &mut Work,
) -> bool {
    let crl = context.request.crls.get(delta);
    crl.is_some_and(|crl| work.crl(delta, crl, signer) == Outcome::Good)
}

/// §6.3.3 (c), §5.2.4: the same scope under the same key, and the delta begins no later than the
/// complete CRL and is the newer one.
fn extends(delta: &Crl, base: &Crl) -> bool {
    let (Some(from), Some(number), Some(own)) =
        (delta.base_number(), delta.number(), base.number())
    else {
        return false;
    };
    from <= own
        && own < number
        && delta.scope() == base.scope()
        && authority_key(delta) == authority_key(base)
}

/// The octets of authorityKeyIdentifier.
fn authority_key(crl: &Crl) -> Option<&[u8]> {
    let mut extensions = crl.extensions().iter();
    let found = extensions.find(|one| one.extn_id == oids::AUTHORITY_KEY_IDENTIFIER);
    found.map(|extension| extension.extn_value.as_bytes())
}
