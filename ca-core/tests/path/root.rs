//! Accepting a new root (spec `set-certificates.md` §4.2, §10.4).

use ca_core::path::{AcceptedRoots, RootHash, RootRefusal, accept_roots, trusted_roots};
use ca_core::profile::Role;
use ca_core::wire::Cert;
use ca_core::wire::extensions::{CertificateType, HashedRootKey};
use ca_core::{Suite, UnixTime};

use crate::support::*;

/// A root whose key is that of `label`, which announces the key of `next`.
fn root_with(label: &str, next: &str, change: impl Fn(&mut Spec)) -> Cert {
    let own = key(label);
    let mut spec = set_spec(&[Role::Rca], "SET Root", "Root", &own, CERT_SIGN | CRL_SIGN);
    spec.issuer = spec.subject.clone();
    let announced = HashedRootKey::of_spki(Suite::Modern, key(next).spki_der());
    spec.put(ext(true, &announced));
    change(&mut spec);
    spec.sign(&own)
}

fn root(label: &str, next: &str) -> Cert {
    root_with(label, next, |_| {})
}

fn accept(anchors: &[Cert], candidates: &[Cert]) -> AcceptedRoots {
    accept_roots(anchors, candidates, noon(), Suite::Modern)
}

fn accepted(anchors: &[Cert], candidates: &[Cert]) -> Vec<Cert> {
    let outcome = accept(anchors, candidates);
    outcome.accepted.into_iter().map(|root| root.certificate).collect()
}

/// The one refusal there must be, and nothing accepted.
fn refusal(anchors: &[Cert], candidate: Cert) -> RootRefusal {
    let outcome = accept(anchors, &[candidate]);
    assert_eq!(outcome.accepted, []);
    outcome.refused.into_iter().next().unwrap().1
}

fn c1() -> Cert {
    root("R1", "R2")
}

fn c2() -> Cert {
    root("R2", "R3")
}

#[test]
fn root_whose_key_is_announced_is_accepted() {
    let outcome = accept(&[c1()], &[c2()]);
    assert_eq!(outcome.accepted[0].certificate, c2());
    assert_eq!(outcome.accepted[0].announced_by, c1());
    assert_eq!(outcome.refused, []);
}

#[test]
fn skipped_generation_is_accepted_only_with_the_one_between_in_any_order() {
    let (c3, c4) = (root("R3", "R4"), root("R4", "R5"));
    assert_eq!(refusal(&[c1()], c3.clone()), RootRefusal::NotAnnounced);
    let shuffled = [c4.clone(), c3.clone(), c1(), c2()];
    assert_eq!(accepted(&[c1()], &shuffled), [c2(), c3, c4]);
}

#[test]
fn root_nobody_announces_is_refused() {
    assert_eq!(refusal(&[c1()], root("other", "R3")), RootRefusal::NotAnnounced);
    assert_eq!(refusal(&[], c2()), RootRefusal::NotAnnounced);
}

/// H2 pins one key, and one certificate of it: another would fork the chain of roots.
#[test]
fn second_different_successor_is_refused() {
    let other = root("R2", "another R3");
    let refused = refusal(&[c1(), c2()], other.clone());
    assert!(matches!(refused, RootRefusal::SecondSuccessor { .. }), "{refused}");
    let outcome = accept(&[c1()], &[c2(), other.clone()]);
    assert_eq!(outcome.accepted.len(), 1);
    assert_eq!(outcome.refused[0].0, other);
}

#[test]
fn root_that_is_trusted_already_is_passed_over() {
    assert_eq!(accept(&[c1(), c2()], &[c2(), c1()]), AcceptedRoots::default());
}

#[test]
fn announced_key_alone_makes_no_root() {
    type Change<'a> = &'a dyn Fn(&mut Spec);
    let faults: [(&str, Change<'_>); 6] = [
        ("certificateType is not rca alone", &|spec| {
            spec.put(ext(true, &CertificateType::of(&[Role::Bca]).unwrap()));
        }),
        ("keyUsage has no keyCertSign", &|spec| spec.usage(CRL_SIGN)),
        ("certificatePolicies does not hold the SET root policy", &|spec| {
            spec.remove(ca_core::wire::oids::CERTIFICATE_POLICIES);
        }),
        ("has no hashedRootKey of this suite", &|spec| {
            spec.remove(ca_core::wire::oids::HASHED_ROOT_KEY);
        }),
        ("has no hashedRootKey of this suite", &|spec| {
            spec.put(ext(true, &HashedRootKey::of_spki(Suite::Set1997, b"next")));
        }),
        ("basicConstraints has no cA", &|spec| {
            spec.remove(ca_core::wire::oids::BASIC_CONSTRAINTS);
        }),
    ];
    for (message, change) in faults {
        let candidate = root_with("R2", "R3", change);
        assert_eq!(refusal(&[c1()], candidate).to_string(), message);
    }
}

#[test]
fn root_that_does_not_verify_itself_is_refused_and_blocks_nothing() {
    let broken = root_with("R2", "R3", |spec| spec.spoil_signature = true);
    assert_eq!(refusal(&[c1()], broken.clone()), RootRefusal::SelfSignature);
    assert_eq!(accepted(&[c1()], &[broken, c2()]), [c2()]);
}

#[test]
fn certificate_below_a_root_is_no_candidate() {
    let tree = Tree::good();
    assert_eq!(accept(&[c1()], &[tree.bca, tree.cca, tree.leaf]), AcceptedRoots::default());
}

#[test]
fn late_updater_accepts_by_an_announcer_that_has_expired_since() {
    let old = root_with("R1", "R2", |spec| {
        spec.not_before = time("2024-01-01T00:00:00Z");
        spec.not_after = time("2026-01-31T00:00:00Z");
    });
    assert_eq!(accepted(&[old], &[c2()]), [c2()]);
}

#[test]
fn root_that_began_when_its_announcer_was_not_valid_is_refused() {
    let old = root_with("R1", "R2", |spec| spec.not_after = time("2025-12-31T23:59:59Z"));
    let refused = refusal(&[old], c2());
    assert!(matches!(refused, RootRefusal::AnnouncerNotValid { .. }), "{refused}");
}

#[test]
fn root_is_accepted_within_its_validity_only() {
    let at = |text| accept_roots(&[c1()], &[c2()], time(text), Suite::Modern).accepted.len();
    assert_eq!(at("2025-12-31T23:59:59Z"), 0);
    assert_eq!(at("2026-01-01T00:00:00Z"), 1);
    assert_eq!(at("2028-12-31T23:59:59Z"), 1);
    assert_eq!(at("2029-01-01T00:00:00Z"), 0);
}

#[test]
fn suites_do_not_mix() {
    let outcome = accept_roots(&[c1()], &[c2()], noon(), Suite::Set1997);
    assert_eq!(outcome.accepted, []);
}

#[test]
fn hostile_number_of_candidates_costs_a_bounded_number_of_signatures() {
    let broken = |serial| {
        root_with("R2", "R3", |spec| {
            spec.serial = serial;
            spec.spoil_signature = true;
        })
    };
    let candidates: Vec<Cert> = (1..=40).map(broken).collect();
    let outcome = accept(&[c1()], &candidates);
    let checked = |(_, refusal): &&(Cert, RootRefusal)| *refusal == RootRefusal::SelfSignature;
    assert_eq!(outcome.refused.iter().filter(checked).count(), 16);
    assert_eq!(outcome.refused.last().unwrap().1, RootRefusal::TooMany);
}

#[test]
fn first_root_is_trusted_by_its_hash_and_leads_to_the_next() {
    let hash = RootHash::of(&c1(), Suite::Modern);
    let typed = hash.to_string().to_uppercase().replace(' ', "-");
    let hash = RootHash::parse(&typed).unwrap();
    let trusted = |candidates: &[Cert], at: UnixTime| {
        trusted_roots(&[], Some(&hash), candidates, at, Suite::Modern)
    };
    assert_eq!(trusted(&[root("other", "R2"), c2(), c1()], noon()), [c1(), c2()]);
    assert_eq!(trusted(&[c2()], noon()), []);
    assert_eq!(trusted(&[c1()], time("2029-06-01T00:00:00Z")), []);
    // The thumbprint of the certificate is the other number (§4.3).
    let thumbprint = RootHash::parse(&ca_core::hex(&c1().thumbprint(Suite::Modern))).unwrap();
    assert!(!thumbprint.matches(&c1()));
}
