//! `setca ca rollover root`: the ceremony.

use ca_core::authority::{Hierarchy, Reissued, RootKeys};
use ca_core::path::RootHash;
use ca_core::profile::KeyUse;
use ca_core::wire::Cert;
use ca_core::{Suite, hex};

use super::life::Work;
use super::made;
use crate::failure::Failure;
use crate::house::{authority_failure, data_failure};
use crate::report::{Report, say};
use crate::tree::Tree;

/// Makes the announced key the root.
pub(super) fn rollover(work: &Work, dry_run: bool) -> Result<Report, Failure> {
    if dry_run {
        return plan(work);
    }
    // A new root in force whose lists are still the old one's: another root is not what was meant.
    let behind = work.authority.is_crl_behind(&work.id);
    let (mut done, _) = work.finish_interrupted()?;
    let taken_over = done.iter().any(|one| one.key_use == KeyUse::CertificateSigning);
    if behind || taken_over {
        say("finishing what an interrupted run began");
        if !is_responder_current(work)? {
            done.extend(responder(work)?);
        }
        work.authority.publish_lists(&work.id).map_err(|e| authority_failure(&e))?;
    } else {
        done.extend(take_over(work)?);
    }
    let hierarchy = work.authority.hierarchy();
    work.opened.folder.write_roots(hierarchy.roots()).map_err(|e| data_failure(&e))?;
    let root = in_force(&hierarchy, work)?;
    let suite = work.authority.suite();
    let tree = made::reissued(&work.id, &done)
        .with("rootHash", RootHash::of(root, suite).to_string())
        .with("rootThumbprint", thumbprint(root, suite))
        .with("handOut", handed_out(work))
        .with("next", next(&hierarchy));
    Report::tree(&tree)
}

/// The announced key signs its own certificate, and what goes with it.
fn take_over(work: &Work) -> Result<Vec<Reissued>, Failure> {
    let hierarchy = work.authority.hierarchy();
    let old = in_force(&hierarchy, work)?;
    let keys = &work.opened.keys;
    let announced = keys.announced_by(old).ok_or_else(|| {
        Failure::outside(format!(
            "{} does not hold the key that the root certificate announces: bring it back. Without \
             it trust must be rebuilt with a new hierarchy",
            work.opened.folder.offline_root().display()
        ))
    })?;
    let planned =
        work.authority.plan_rollover(&work.id, &work.uses).map_err(|e| authority_failure(&e))?;
    let made = keys
        .make(&planned, |index| made::say_key(&work.id, planned.get(index)))
        .map_err(|e| data_failure(&e))?;
    let mut next = None;
    let mut responder = None;
    for (planned, key) in planned.iter().zip(&made) {
        if planned.next_root { next = Some(key) } else { responder = Some(key) }
    }
    let next = next.ok_or_else(|| Failure::refused("no key was made to be announced"))?;
    say(format_args!("the announced key {} takes over, it announces {}", announced.id, next.id));
    let keys = RootKeys { announced: &announced, next, responder };
    work.authority.rollover_root(&work.id, keys).map_err(|e| authority_failure(&e))
}

/// True if the root in force has certified its responder, or there is none in this suite.
fn is_responder_current(work: &Work) -> Result<bool, Failure> {
    let hierarchy = work.authority.hierarchy();
    let root = in_force(&hierarchy, work)?;
    let responder = hierarchy.ca(&work.id).and_then(|root| root.held(KeyUse::OcspSigning));
    Ok(responder.is_none_or(|held| hierarchy.issuer_of(held.certificate) == Some(root)))
}

/// The step that an interrupted run did not come to.
fn responder(work: &Work) -> Result<Vec<Reissued>, Failure> {
    let uses = [KeyUse::OcspSigning];
    let planned =
        work.authority.plan_rollover(&work.id, &uses).map_err(|e| authority_failure(&e))?;
    let made = work
        .opened
        .keys
        .make(&planned, |index| made::say_key(&work.id, planned.get(index)))
        .map_err(|e| data_failure(&e))?;
    let keys: Vec<_> = uses.into_iter().zip(made).collect();
    work.authority.rollover(&work.id, &keys).map_err(|e| authority_failure(&e))
}

fn plan(work: &Work) -> Result<Report, Failure> {
    let hierarchy = work.authority.hierarchy();
    let old = in_force(&hierarchy, work)?;
    let here = work.opened.folder.offline_root().exists();
    let steps = [
        "the key that the root certificate announces signs a root certificate of its own",
        "a new key is made in offline-root and announced in it",
        "CRL, OCSP responder and BCIs follow; the old root key signs nothing more",
    ];
    Report::tree(
        &Tree::new()
            .with("ca", work.id.as_str())
            .with("wouldBeDone", Tree::list(steps))
            .with("offlineRootIsHere", here)
            .with("oldRootStaysValidUntil", old.not_after()),
    )
}

/// Both numbers of a root (spec `set-certificates.md` §4.3): what a person confirms it by is the
/// hash of its key; the thumbprint of the certificate is another number.
pub(crate) fn thumbprint(root: &Cert, suite: Suite) -> String {
    let digits = hex(&root.thumbprint(suite));
    let groups: Vec<&str> =
        digits.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}

fn handed_out(work: &Work) -> String {
    format!(
        "{}: the new root, and the old ones until their end. Software that trusts an old one \
         learns the new one from any answer of the service",
        work.opened.folder.root_certificate().display()
    )
}

/// Who trusts the new root alone needs chains below it.
fn next(hierarchy: &Hierarchy) -> Tree {
    let mut steps = Vec::new();
    for ca in hierarchy.cas().iter().filter(|ca| ca.record.superior.is_some()) {
        steps.push(format!("setca ca renew {}", ca.record.id));
    }
    steps.push("then carry offline-root away again".to_owned());
    Tree::new()
        .with("why", "for those who will trust the new root alone, when you like")
        .with("steps", Tree::list(steps))
}

fn in_force<'a>(hierarchy: &'a Hierarchy, work: &Work) -> Result<&'a Cert, Failure> {
    let root = hierarchy.ca(&work.id);
    let held = root.and_then(|root| root.held(KeyUse::CertificateSigning));
    held.map(|held| held.certificate).ok_or_else(|| Failure::outside("the root has no certificate"))
}
