//! Indirect CRLs and CRL issuers other than the certificate's: RFC 5280 §5.3.3, §6.3.3 (b), (f).

use super::*;

fn indirect() -> IssuingDistributionPoint {
    IssuingDistributionPoint { indirect: true, ..IssuingDistributionPoint::default() }
}

fn left_to(unit: &str) -> DistributionPoint {
    DistributionPoint { name: None, reasons: None, crl_issuer: vec![name("Org", unit)] }
}

/// A CRL issuer certificate of the root, number 9, of the key of the same label.
fn crl_issuer(points: &[DistributionPoint]) -> Cert {
    let mut spec = certificate("Lists", "lists", CRL_SIGN);
    spec.serial = 9;
    if !points.is_empty() {
        spec.put(ext(false, &DistributionPoints(points.to_vec())));
    }
    spec.sign(&key("root"))
}

/// The status of the leaf is left to "Lists", whose own stands in the root's CRL.
fn scene(list: List) -> Scene {
    let mut scene = Scene::with(&[left_to("Lists")]).and(&[list, List::number(1)]);
    // The root's CRL covers the root's own matters only, not the leaf.
    scene.crls[1] = List::number(1).scope(&at("http://own")).sign();
    scene.others = vec![crl_issuer(&[point("http://own")])];
    scene
}

#[test]
fn indirect_crl_of_the_named_issuer_counts() {
    let list = List::number(1).scope(&indirect()).by("Lists", "lists");
    assert_eq!(scene(list).codes(), VALID);
}

#[test]
fn crl_of_the_named_issuer_must_be_indirect() {
    let list = List::number(1).by("Lists", "lists");
    assert!(scene(list).message().contains("is not indirect, and of another issuer"));
}

#[test]
fn entry_counts_for_the_issuer_it_is_listed_under() {
    let (root, other) = (name("Org", "Root"), name("Org", "Other"));
    let empty = List::number(1).scope(&indirect()).by("Lists", "lists");
    // Number 4 of the CRL issuer itself, of another, and of the root.
    assert_eq!(scene(empty.clone().revoking(4, 1)).codes(), VALID);
    assert_eq!(scene(empty.clone().revoking_of(&other, 4)).codes(), VALID);
    assert_eq!(scene(empty.clone().revoking_of(&root, 4)).codes(), ["revoked"]);
    // A certificateIssuer counts until the next one.
    let kept = empty.clone().revoking_of(&root, 3).revoking(4, 1);
    assert_eq!(scene(kept).codes(), ["revoked"]);
    let ended = empty.revoking_of(&root, 3).revoking_of(&other, 5).revoking(4, 1);
    assert_eq!(scene(ended).codes(), VALID);
}

#[test]
fn serial_number_of_several_issuers_is_no_repetition() {
    let list = List::number(1).scope(&indirect()).revoking(4, 1);
    let list = list.revoking_of(&name("Org", "Other"), 4).revoking_of(&name("Org", "More"), 4);
    let crl = list.sign();
    assert!(!crl.repeats_a_serial());
    assert_eq!(crl.entries_of(&[4]).count(), 3);
    assert!(crl.revoked(&[4]).is_some());
}

#[test]
fn entries_of_other_issuers_make_a_direct_crl_unusable() {
    let list = List::number(1).revoking_of(&name("Org", "Other"), 7);
    let message = Scene::with(&[]).and(&[list]).message();
    assert!(message.ends_with("lists certificates of other issuers and is not indirect"));
}

#[test]
fn crl_issuer_needs_a_valid_path_and_crl_sign() {
    let list = List::number(1).scope(&indirect()).by("Lists", "lists");
    let mut absent = scene(list.clone());
    absent.others.clear();
    assert!(absent.message().contains("whose certificate is not at hand"));
    let mut without = scene(list.clone());
    let mut spec = certificate("Lists", "lists", SIGN);
    spec.serial = 9;
    without.others = vec![spec.sign(&key("root"))];
    assert!(without.message().contains("without cRLSign"));
    let mut revoked = scene(list);
    revoked.crls[1] = List::number(1).scope(&at("http://own")).revoking(9, 1).sign();
    assert!(revoked.message().contains("which has no valid path of its own"));
}

/// §4.2.1.13: its CA left the CRL issuer's status to itself.
#[test]
fn crl_issuer_tells_its_own_status_if_its_certificate_says_so() {
    let list = List::number(1).scope(&indirect()).by("Lists", "lists");
    let mut scene = Scene::with(&[left_to("Lists")]).and(&[list]);
    scene.others = vec![crl_issuer(&[left_to("Lists")])];
    assert_eq!(scene.codes(), VALID);
    scene.others = vec![crl_issuer(&[])];
    assert_eq!(scene.codes(), ["no-revocation-status"]);
}

/// Each would be the only one to tell the status of the other.
#[test]
fn two_crl_issuers_do_not_vouch_for_each_other() {
    let lists = [
        List::number(1).scope(&indirect()).by("Lists", "lists"),
        List::number(1).scope(&indirect()).by("More", "more"),
    ];
    let mut scene = Scene::with(&[left_to("Lists")]).and(&lists);
    let mut more = certificate("More", "more", CRL_SIGN);
    more.serial = 10;
    more.put(ext(false, &DistributionPoints(vec![left_to("Lists")])));
    scene.others = vec![crl_issuer(&[left_to("More")]), more.sign(&key("root"))];
    assert_eq!(scene.codes(), ["no-revocation-status"]);
    // And once the root tells of one of them, of both.
    scene.others[0] = crl_issuer(&[point("http://own")]);
    scene.crls.push(List::number(1).scope(&at("http://own")).sign());
    assert_eq!(scene.codes(), VALID);
}

/// A separate key of the same name (RFC 5280 §6.3.3 (f)).
#[test]
fn crl_under_a_separate_key_of_the_issuer_counts() {
    let mut scene = Scene::with(&[point("http://leaf")]).and(&[
        List::number(1).scope(&at("http://leaf")).by("Root", "lists"),
        List::number(1).scope(&at("http://own")),
    ]);
    let mut spec = certificate("Root", "lists", CRL_SIGN);
    spec.serial = 9;
    spec.put(ext(false, &DistributionPoints(vec![point("http://own")])));
    scene.others = vec![spec.sign(&key("root"))];
    assert_eq!(scene.codes(), VALID);
    scene.crls.pop();
    assert!(scene.message().contains("which has no valid path of its own"));
}
