//! The brand's list of current CRLs (spec `set-certificates.md` §6.3).

use super::checks::Finding;
use super::list_signer::{self, Context};
use super::pool::Node;
use super::revocation::{check_signer, signature_text};
use super::signatures::Work;
use super::{ReasonCode, RevocationMode, Rules};
use crate::profile::Role;
use crate::wire::BrandCrlIdentifier;

/// Where the rule stands.
pub(super) const CITATION: &str = "SET chain validation 14: BCI current and correctly signed";

/// The usable BCI of the brand with the highest sequence number; `Err` if there must be one and is
/// none.
///
/// Its signer is the BCA certificate on the path, or another trusted one of that BCA. That a
/// sequence number never goes back (§6.3 check 3) is known only to who keeps the last one: the
/// caller.
pub(super) fn find<'a>(
    context: &Context<'_, 'a>,
    work: &mut Work,
    path: &[usize],
) -> Result<Option<&'a BrandCrlIdentifier>, Finding> {
    let Context { request, pool, .. } = *context;
    let settings = request.settings;
    let below_root = path.len() > 1;
    if settings.rules != Rules::Set || settings.bci == RevocationMode::Off || !below_root {
        return Ok(None);
    }
    let mut all: Vec<(usize, &BrandCrlIdentifier)> = request.bcis.iter().enumerate().collect();
    all.sort_by_key(|(_, bci)| core::cmp::Reverse(bci.unsigned().sequence_num));
    let nodes: Vec<&Node<'a>> = path.iter().filter_map(|id| pool.node(*id)).collect();
    let mut unusable = Vec::new();
    for (index, bci) in all {
        match check_usable(context, &nodes, index, bci, work) {
            Ok(()) => return Ok(Some(bci)),
            Err(fault) => {
                unusable.push(format!("BCI number {} {fault}", bci.unsigned().sequence_num));
            }
        }
    }
    if settings.bci == RevocationMode::IfAvailable {
        return Ok(None);
    }
    let message = if unusable.is_empty() {
        "no BCI is at hand".to_owned()
    } else {
        format!("no usable BCI: {}", unusable.join("; "))
    };
    Err(Finding { code: ReasonCode::NoBci, message })
}

fn check_usable<'s, 'a>(
    context: &Context<'s, 'a>,
    path: &[&'s Node<'a>],
    index: usize,
    bci: &BrandCrlIdentifier,
    work: &mut Work,
) -> Result<(), String> {
    let (settings, unsigned) = (context.request.settings, bci.unsigned());
    if settings.at < unsigned.not_before {
        return Err(format!("begins at {}, judged at {}", unsigned.not_before, settings.at));
    }
    if settings.at > unsigned.not_after {
        return Err(format!("ended at {}, judged at {}", unsigned.not_after, settings.at));
    }
    let brand = path.first().and_then(|leaf| leaf.facts().brand.as_deref()).unwrap_or_default();
    if unsigned.brand_id.to_string() != brand {
        return Err(format!("is of brand \"{}\", not \"{brand}\"", unsigned.brand_id));
    }
    // Decisions 33.
    if let Some(unknown) = unsigned.unknown_critical() {
        return Err(format!("has the critical extension {unknown}"));
    }
    let Some(signer) = signer(context, path, bci, work) else {
        return Err("does not name the BCA certificate of the path".to_owned());
    };
    check_signer(settings, signer, bci.signature_algorithm())?;
    signature_text(work.bci(index, bci, signer))
}

/// The BCA certificate that authorityKeyIdentifier names: the one on the path, or, after a renewal
/// or a rollover, another of the same BCA.
fn signer<'s, 'a>(
    context: &Context<'s, 'a>,
    path: &[&'s Node<'a>],
    bci: &BrandCrlIdentifier,
    work: &mut Work,
) -> Option<&'s Node<'a>> {
    let named = bci.unsigned().authority_key_identifier().ok()??;
    let is_bca = |node: &&&'s Node<'a>| {
        node.facts().certificate_type.is_some_and(|types| types.contains(Role::Bca))
    };
    let bcas: Vec<&'s Node<'a>> = path.iter().filter(is_bca).copied().collect();
    bcas.into_iter().find_map(|bca| list_signer::find(context, bca, &named, work))
}
