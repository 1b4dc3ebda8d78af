//! What `create`, `renew` and `rollover` tell: what was made, what ends when, what to hand out.

use ca_core::authority::{PlannedKey, Reissued};
use ca_core::hex;
use ca_core::profile::KeyUse;
use ca_core::signer::KeyId;
use ca_core::store::CaId;
use ca_core::wire::Cert;
use ca_core::wire::extensions::{ExtensionValue as _, PrivateKeyUsagePeriod};

use crate::inspect::names::name_der_text;
use crate::report::say;
use crate::tree::Tree;

/// A certificate that came into force.
pub(super) fn certificate(ca: &CaId, key_use: KeyUse, certificate: &Cert) -> Tree {
    let period = PrivateKeyUsagePeriod::find(certificate).ok().flatten();
    Tree::new()
        .with("ca", ca.as_str())
        .with("keyUse", key_use.name())
        .with("serial", hex(certificate.serial()))
        .with("subject", name_der_text(certificate.subject_der()))
        .with_some("key", KeyId::of_spki(certificate.spki_der()).map(|id| id.to_string()))
        .with("notBefore", certificate.not_before())
        .with_some("keyMaySignUntil", period.and_then(|period| period.not_after))
        .with("notAfter", certificate.not_after())
}

/// The certificates in force now, and those they replace.
pub(super) fn reissued(ca: &CaId, all: &[Reissued]) -> Tree {
    let made = all.iter().map(|one| certificate(ca, one.key_use, &one.certificate));
    let replaced = all.iter().filter_map(|one| Some((one.key_use, one.replaced.as_ref()?)));
    let replaced = replaced.map(|(key_use, old)| {
        Tree::new()
            .with("keyUse", key_use.name())
            .with("serial", hex(old.serial()))
            .with("staysValidUntil", old.not_after())
    });
    Tree::new()
        .with("inForce", made.collect::<Vec<_>>())
        .with("replaced", replaced.collect::<Vec<_>>())
}

/// Tells that a key was made.
pub(super) fn say_key(ca: &CaId, key: Option<&PlannedKey>) {
    let Some(key) = key else { return };
    let place = if key.offline { ", in offline-root" } else { "" };
    say(format_args!("key made: {ca} {} {}{place}", key.key_use, key.algorithm));
}
