//! Delta CRLs: RFC 5280 §5.2.4, §6.3.3 (c), (h) to (k).

use super::*;

fn scene(lists: &[List]) -> Vec<&'static str> {
    Scene::with(&[]).and(lists).codes()
}

#[test]
fn delta_alone_tells_nothing() {
    assert_eq!(scene(&[List::number(2).delta_of(1)]), ["no-revocation-status"]);
}

#[test]
fn what_a_delta_lists_is_revoked() {
    let scene =
        Scene::with(&[]).and(&[List::number(1), List::number(2).delta_of(1).revoking(4, 4)]);
    let expected = "revoked on 2026-06-10T08:00:00Z, reason superseded, says delta CRL number 2 of \
                    2026-06-12T00:00:00Z";
    assert_eq!(scene.message(), expected);
}

#[test]
fn remove_from_crl_lifts_a_hold() {
    let base = List::number(1).revoking(4, 6);
    assert_eq!(scene(core::slice::from_ref(&base)), ["revoked"]);
    assert_eq!(scene(&[base, List::number(2).delta_of(1).revoking(4, 8)]), VALID);
}

#[test]
fn newest_delta_counts() {
    let base = List::number(1).revoking(4, 6);
    let lifted = List::number(2).delta_of(1).revoking(4, 8);
    let revoked = List::number(3).delta_of(1).revoking(4, 1);
    assert_eq!(scene(&[base, revoked, lifted]), ["revoked"]);
}

/// The base's number must lie between deltaCRLIndicator and the delta's own number.
#[test]
fn delta_counts_only_with_a_base_it_starts_from() {
    for (base, from, number, counts) in
        [(5, 5, 6, true), (5, 4, 6, true), (5, 6, 7, false), (5, 4, 5, false), (5, 3, 4, false)]
    {
        let delta = List::number(number).delta_of(from).revoking(4, 1);
        let codes = scene(&[List::number(base), delta]);
        assert_eq!(codes == ["revoked"], counts, "{base} {from} {number}");
    }
}

#[test]
fn delta_of_another_scope_or_key_or_time_does_not_count() {
    let revoking = List::number(2).delta_of(1).revoking(4, 1);
    let scoped = revoking.clone().scope(&at("http://a/1"));
    let mut keyed = revoking.clone();
    let root = Scene::with(&[]).root;
    keyed.extensions.extend(CrlSpec::of(&root, "root").extensions.pop());
    let mut ended = revoking.clone();
    ended.next_update = Some(noon());
    let mut early = revoking.clone();
    early.this_update = noon().plus_secs(1);
    let mut forged = revoking.clone();
    forged.signer = "leaf".to_owned();
    assert_eq!(scene(&[List::number(1), revoking]), ["revoked"]);
    for delta in [scoped, keyed, ended, early, forged] {
        assert_eq!(scene(&[List::number(1), delta]), VALID);
    }
}

/// §6.3.3 (a): an ended complete CRL is brought up to date by a current delta.
#[test]
fn ended_crl_counts_with_a_current_delta() {
    let mut base = List::number(1);
    base.next_update = Some(noon());
    assert_eq!(scene(core::slice::from_ref(&base)), ["no-revocation-status"]);
    assert_eq!(scene(&[base, List::number(2).delta_of(1)]), VALID);
}
