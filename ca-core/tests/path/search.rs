//! Path building: the right issuer among many, loops, and the bounds of the work.

use ca_core::path::{Origin, Rules};
use ca_core::profile::Role;
use ca_core::wire::Cert;

use crate::support::*;

/// CCA certificates with the name of the good one and keys of their own.
fn impostors(count: usize, tree: &Tree) -> Vec<Cert> {
    let stranger = key("stranger");
    let spec = set_spec(&[Role::Cca], "Brand", "CCA", &stranger, CERT_SIGN | CRL_SIGN);
    let mut spec = under(spec, &tree.bca);
    (0..count)
        .map(|n| {
            // A public key nobody holds: Ed25519 keys are any 32 octets until they are used.
            let end = spec.spki.len();
            spec.spki[end - 8..].copy_from_slice(&(n as u64).to_be_bytes());
            spec.serial = 100;
            spec.sign(&stranger)
        })
        .collect()
}

#[test]
fn named_issuer_is_found_at_once_among_impostors() {
    let tree = Tree::good();
    let mut untrusted = impostors(3_000, &tree);
    untrusted.push(tree.cca.clone());
    untrusted.push(tree.bca.clone());
    let mut settings = settings(Rules::Set);
    settings.budget.signature_checks = 3;
    let verdict = judge(&tree.leaf, &untrusted, core::slice::from_ref(&tree.root), &settings);
    assert!(verdict.valid, "{:?}", verdict.reasons);
    assert_eq!(verdict.path[1].origin, Origin::Untrusted(3_000));
}

#[test]
fn thousands_of_impostors_end_within_the_budget() {
    let tree = Tree::good();
    let mut untrusted = impostors(3_000, &tree);
    untrusted.push(tree.bca.clone());
    let verdict =
        judge(&tree.leaf, &untrusted, core::slice::from_ref(&tree.root), &settings(Rules::Set));
    assert!(!verdict.valid);
    assert_eq!(verdict.reasons.last().unwrap().code.name(), "budget-exhausted");
    assert!(verdict.reasons.last().unwrap().message.contains("128 signature checks"));
}

#[test]
fn more_candidates_than_states_are_not_even_ranked() {
    let tree = Tree::good();
    let mut settings = settings(Rules::Set);
    settings.budget.states = 100;
    let untrusted = impostors(200, &tree);
    let verdict = judge(&tree.leaf, &untrusted, core::slice::from_ref(&tree.root), &settings);
    assert!(verdict.reasons.last().unwrap().message.starts_with("ran out of states"));
}

/// Two CAs that certify each other, and nobody else does.
#[test]
fn loop_of_two_cas_ends_without_an_anchor() {
    let tree = Tree::good();
    let (one, two) = (key("bca"), key("other"));
    let both = CERT_SIGN | CRL_SIGN;
    let mut first = set_spec(&[Role::Bca], "Brand", "BCA", &one, both);
    first.issuer = name("Brand", "Other");
    let mut second = set_spec(&[Role::Bca], "Brand", "Other", &two, both);
    second.issuer = name("Brand", "BCA");
    let untrusted = [tree.cca, first.sign(&two), second.sign(&one)];
    let verdict = judge(&tree.leaf, &untrusted, &[], &settings(Rules::Set));
    assert!(codes(&verdict).contains(&"no-issuer"));
    assert!(!codes(&verdict).contains(&"budget-exhausted"));
    assert_eq!(verdict.path.len(), 4);
}

/// Every layer holds certificates of one name and key that differ in their serial number: each
/// link verifies, the number of paths is 12^8, and none reaches an anchor.
#[test]
fn exponential_number_of_paths_ends_within_the_budget() {
    let layers = 8;
    let unit = |layer: usize| format!("Layer {layer}");
    let keys: Vec<_> = (0..=layers).map(|layer| key(&unit(layer))).collect();
    let mut untrusted = Vec::new();
    for layer in 0..layers {
        let mut spec =
            set_spec(&[Role::Bca], "Brand", &unit(layer), &keys[layer], CERT_SIGN | CRL_SIGN);
        spec.issuer = name("Brand", &unit(layer + 1));
        for serial in 1..=12 {
            spec.serial = serial;
            untrusted.push(spec.sign(&keys[layer + 1]));
        }
    }
    let leaf_key = key("leaf");
    let mut leaf = set_spec(&[Role::Cardholder], "Brand", "Jane", &leaf_key, SIGN);
    leaf.issuer = name("Brand", &unit(0));
    let verdict = judge(&leaf.sign(&keys[0]), &untrusted, &[], &settings(Rules::Set));
    assert_eq!(verdict.reasons.last().unwrap().code.name(), "budget-exhausted");
}

#[test]
fn wrong_key_of_the_right_name_is_passed_over_without_a_hint() {
    let good = Tree::with(|label, spec| {
        if label == "leaf" {
            spec.remove(ca_core::wire::oids::AUTHORITY_KEY_IDENTIFIER);
        }
    });
    let mut untrusted = impostors(5, &good);
    untrusted.extend([good.cca.clone(), good.bca.clone()]);
    let verdict =
        judge(&good.leaf, &untrusted, core::slice::from_ref(&good.root), &settings(Rules::Set));
    assert_eq!(codes(&verdict), ["missing-extension"]);
    assert_eq!(verdict.path[1].origin, Origin::Untrusted(5));
}

#[test]
fn reissued_root_with_the_same_key_is_trusted_by_its_signature() {
    let tree = Tree::good();
    let reissued = Tree::with(|label, spec| {
        if label == "root" {
            spec.serial = 9;
        }
    });
    let untrusted = [reissued.cca.clone(), reissued.bca.clone(), reissued.root.clone()];
    let verdict = judge(&reissued.leaf, &untrusted, &[tree.root], &settings(Rules::Set));
    assert!(verdict.valid, "{:?}", verdict.reasons);
    assert_eq!(verdict.path[3].origin, Origin::Untrusted(2));
}

#[test]
fn forged_root_with_the_name_and_key_of_an_anchor_is_not_trusted() {
    let tree = Tree::good();
    let forged = Tree::with(|label, spec| {
        if label == "root" {
            spec.serial = 9;
            spec.spoil_signature = true;
        }
    });
    let untrusted = [forged.cca.clone(), forged.bca.clone(), forged.root.clone()];
    let verdict = judge(&forged.leaf, &untrusted, &[tree.root], &settings(Rules::Set));
    // The anchor itself verifies the BCA, but is not the certificate that the BCA names.
    assert_eq!(codes(&verdict), ["authority-key-mismatch"]);
    assert_eq!(verdict.path[3].origin, Origin::Anchor(0));
}

#[test]
fn certificate_with_the_name_and_key_of_an_anchor_is_not_believed() {
    let tree = Tree::good();
    let forged = Tree::with(|label, spec| {
        if label == "root" {
            spec.serial = 9;
        }
    });
    let verdict = judge(&forged.root, &[], &[tree.root], &settings(Rules::Set));
    assert!(!verdict.valid);
}

#[test]
fn anchor_itself_is_a_path_of_one() {
    let tree = Tree::good();
    let anchors = [tree.root.clone()];
    let verdict = judge(&tree.root, &[], &anchors, &settings(Rules::Set));
    assert!(verdict.valid, "{:?}", verdict.reasons);
    assert_eq!(verdict.path.len(), 1);
}
