//! Certificate policies under the rules of RFC 5280, as RFC 9618 amends them.

use ca_core::path::{PolicyInputs, ReasonCode, Rules, Settings, Verdict};
use ca_core::wire::extensions::{
    CertificatePolicies, InhibitAnyPolicy, PolicyConstraints, PolicyInformation, PolicyMapping,
    PolicyMappings, PolicyQualifier,
};
use ca_core::wire::oids::{ANY_POLICY, QT_CPS};
use const_oid::ObjectIdentifier;
use der::asn1::{Any, Ia5StringRef};

use crate::rfc5280::plain_tree;
use crate::support::*;

/// Policy 1.2.`last`.
fn policy(last: u32) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap("1.2").push_arc(last).unwrap()
}

fn policies(all: &[ObjectIdentifier]) -> Ext {
    let one = |id: &ObjectIdentifier| PolicyInformation {
        policy_identifier: *id,
        policy_qualifiers: None,
    };
    ext(false, &CertificatePolicies(all.iter().map(one).collect()))
}

fn qualified(critical: bool, kind: ObjectIdentifier) -> Ext {
    let qualifier = Any::encode_from(&Ia5StringRef::new("http://cps.example/").unwrap()).unwrap();
    let qualifiers = vec![PolicyQualifier { id: kind, qualifier }];
    let policy =
        PolicyInformation { policy_identifier: policy(1), policy_qualifiers: Some(qualifiers) };
    ext(critical, &CertificatePolicies(vec![policy]))
}

fn mappings(pairs: &[(ObjectIdentifier, ObjectIdentifier)]) -> Ext {
    let pair = |(from, to): &(ObjectIdentifier, ObjectIdentifier)| PolicyMapping {
        issuer_domain: *from,
        subject_domain: *to,
    };
    ext(true, &PolicyMappings(pairs.iter().map(pair).collect()))
}

fn constraints(require_explicit: Option<u32>, inhibit_mapping: Option<u32>) -> Ext {
    ext(true, &PolicyConstraints { require_explicit, inhibit_mapping })
}

/// A plain path with policy 1.2.1 in each certificate, after `change`.
fn tree(change: impl Fn(&str, &mut Spec)) -> Tree {
    plain_tree(|label, spec| {
        spec.put(policies(&[policy(1)]));
        change(label, spec);
    })
}

/// What is said of it if a policy is required.
pub(crate) fn required(change: impl Fn(&str, &mut Spec)) -> Verdict {
    tree(change).verdict_with(&with(|inputs| inputs.require_explicit = true))
}

fn with(change: impl Fn(&mut PolicyInputs)) -> Settings {
    let mut settings = settings(Rules::Rfc5280);
    change(&mut settings.policies);
    settings
}

fn granted(verdict: &Verdict) -> Vec<&str> {
    assert!(verdict.valid, "{:#?}", verdict.reasons);
    verdict.policies.iter().flatten().map(String::as_str).collect()
}

pub(crate) fn repeated_policy() -> Verdict {
    required(|label, spec| {
        if label == "leaf" {
            spec.put(policies(&[policy(1), policy(2), policy(1)]));
        }
    })
}

pub(crate) fn mapping_to_any_policy() -> Verdict {
    required(|label, spec| {
        if label == "cca" {
            spec.put(mappings(&[(policy(1), policy(1)), (policy(2), ANY_POLICY)]));
        }
    })
}

pub(crate) fn leaf_of_another_policy() -> Verdict {
    required(|label, spec| {
        if label == "leaf" {
            spec.put(policies(&[policy(2)]));
        }
    })
}

#[test]
fn valid_path_says_for_which_policies() {
    let plain = tree(|_, _| {}).verdict_with(&settings(Rules::Rfc5280));
    assert_eq!(granted(&plain), ["1.2.1"]);
    let json = serde_json::to_value(&plain).unwrap();
    assert_eq!(json["policies"], serde_json::json!(["1.2.1"]));
    let any = required(|_, spec| spec.put(policies(&[ANY_POLICY])));
    assert_eq!(granted(&any), ["2.5.29.32.0"]);
}

#[test]
fn set_paths_and_invalid_ones_are_granted_no_policies() {
    assert_eq!(Tree::good().verdict().policies, None);
    assert_eq!(leaf_of_another_policy().policies, None);
}

#[test]
fn any_policy_in_the_path_grants_what_the_user_accepts() {
    let verdict = tree(|_, spec| spec.put(policies(&[ANY_POLICY])))
        .verdict_with(&with(|inputs| inputs.acceptable = vec![policy(9), policy(8)]));
    assert_eq!(granted(&verdict), ["1.2.8", "1.2.9"]);
}

#[test]
fn policies_of_the_anchor_do_not_count() {
    let other = required(|label, spec| {
        if label == "root" {
            spec.put(policies(&[policy(7)]));
            spec.put(mappings(&[(policy(1), policy(6))]));
        }
    });
    assert_eq!(granted(&other), ["1.2.1"]);
}

#[test]
fn unacceptable_policy_is_a_fault_only_where_one_is_required() {
    let tree = tree(|_, _| {});
    let mut settings = with(|inputs| inputs.acceptable = vec![policy(2)]);
    assert_eq!(granted(&tree.verdict_with(&settings)), [""; 0]);
    settings.policies.require_explicit = true;
    let refused = tree.verdict_with(&settings);
    assert_eq!(codes(&refused), ["no-valid-policy"]);
    assert!(refused.reasons[0].message.ends_with("this certificate: 1.2.1; acceptable: 1.2.2"));
}

#[test]
fn first_certificate_without_policies_is_named_alone() {
    let verdict = required(|label, spec| {
        if label == "bca" || label == "cca" {
            spec.remove(ca_core::wire::oids::CERTIFICATE_POLICIES);
        }
    });
    assert_eq!(codes(&verdict), ["no-valid-policy"]);
    assert!(verdict.reasons[0].subject.contains("BCA"), "{}", verdict.reasons[0]);
}

/// RFC 5280 §6.1.4 (h), (i) and §6.1.5 (a), (b).
#[test]
fn policy_constraints_require_a_policy_after_so_many_certificates() {
    let after = |which: &'static str, count: u32| {
        tree(move |label, spec| {
            if label == which {
                spec.put(constraints(Some(count), None));
            }
            if label == "leaf" {
                spec.put(policies(&[policy(2)]));
            }
        })
        .verdict_with(&settings(Rules::Rfc5280))
    };
    for (which, count) in [("bca", 0), ("bca", 2), ("cca", 1), ("leaf", 0)] {
        assert_eq!(codes(&after(which, count)), ["no-valid-policy"], "{which} {count}");
    }
    for (which, count) in [("bca", 3), ("cca", 2), ("leaf", 1), ("root", 0)] {
        assert!(after(which, count).valid, "{which} {count}");
    }
}

#[test]
fn mapped_policy_is_granted_by_its_name_at_the_anchor() {
    let mapped = |label: &str, spec: &mut Spec| match label {
        "cca" => spec.put(mappings(&[(policy(1), policy(5))])),
        "leaf" => spec.put(policies(&[policy(5)])),
        _ => {}
    };
    assert_eq!(granted(&required(mapped)), ["1.2.1"]);
    let inhibited = with(|inputs| {
        inputs.require_explicit = true;
        inputs.inhibit_mapping = true;
    });
    let verdict = tree(mapped).verdict_with(&inhibited);
    assert_eq!(codes(&verdict), ["no-valid-policy"]);
}

#[test]
fn policy_constraints_inhibit_mapping_below() {
    for (count, valid) in [(0, false), (1, true)] {
        let verdict = required(|label, spec| match label {
            "bca" => spec.put(constraints(None, Some(count))),
            "cca" => spec.put(mappings(&[(policy(1), policy(5))])),
            "leaf" => spec.put(policies(&[policy(5)])),
            _ => {}
        });
        assert_eq!(verdict.valid, valid, "{count}");
    }
}

#[test]
fn any_policy_stands_for_others_until_it_is_inhibited() {
    let any_below = |skip: Option<u32>| {
        required(move |label, spec| match (label, skip) {
            ("leaf", _) => spec.put(policies(&[ANY_POLICY])),
            ("bca", Some(skip)) => spec.put(ext(true, &InhibitAnyPolicy(skip))),
            _ => {}
        })
    };
    assert_eq!(granted(&any_below(None)), ["1.2.1"]);
    assert_eq!(granted(&any_below(Some(2))), ["1.2.1"]);
    assert_eq!(codes(&any_below(Some(1))), ["no-valid-policy"]);
    let inputs = with(|inputs| {
        inputs.require_explicit = true;
        inputs.inhibit_any = true;
    });
    let verdict = tree(|_, spec| spec.put(policies(&[ANY_POLICY]))).verdict_with(&inputs);
    assert_eq!(codes(&verdict), ["no-valid-policy"]);
}

/// A mapping in the judged certificate says nothing about its own path (RFC 5280 §6.1.4).
#[test]
fn mappings_of_the_leaf_are_not_looked_at() {
    let verdict = required(|label, spec| {
        if label == "leaf" {
            spec.put(mappings(&[(ANY_POLICY, policy(1))]));
        }
    });
    assert_eq!(granted(&verdict), ["1.2.1"]);
}

#[test]
fn policy_extensions_that_do_not_decode_are_refused() {
    for oid in ["2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"] {
        let tree = plain_tree(|label, spec| {
            if label == "cca" {
                spec.put_raw(oid, false, &[0x30, 0x00]);
            }
        });
        let verdict = tree.verdict_with(&settings(Rules::Rfc5280));
        assert_eq!(codes(&verdict), ["malformed-extension"], "{oid}");
    }
}

/// RFC 5280 §4.2.1.4: "must be able to interpret this extension (including the optional
/// qualifier), or MUST reject".
#[test]
fn unknown_qualifier_is_a_fault_in_a_critical_extension_alone() {
    let unknown = policy(77);
    for (critical, kind, valid) in
        [(false, unknown, true), (true, QT_CPS, true), (true, unknown, false)]
    {
        let verdict = required(|label, spec| {
            if label == "leaf" {
                spec.put(qualified(critical, kind));
            }
        });
        assert_eq!(verdict.valid, valid, "{critical} {kind}");
        if !valid {
            assert_eq!(codes(&verdict), ["unhandled-critical-extension"]);
        }
    }
}

/// More than SET allows in one certificate.
#[test]
fn hundred_policies_are_no_fault() {
    let many: Vec<_> = (0..100).map(policy).collect();
    let verdict = required(|_, spec| spec.put(policies(&many)));
    assert_eq!(granted(&verdict).len(), 100);
}

#[test]
fn thousands_of_policies_and_mappings_end_within_the_budget() {
    let many: Vec<_> = (0..4000).map(policy).collect();
    let pairs: Vec<_> = (0..2500).map(|n| (policy(n), policy(n + 1))).collect();
    let crowd = tree(|label, spec| {
        spec.put(policies(&many));
        if label != "leaf" {
            spec.put(mappings(&pairs));
        }
    });
    let mut settings = settings(Rules::Rfc5280);
    let verdict = crowd.verdict_with(&settings);
    assert!(!verdict.valid && verdict.has(ReasonCode::BudgetExhausted));
    settings.budget.states = 100_000;
    assert_eq!(granted(&crowd.verdict_with(&settings)).len(), 4000);
}

#[test]
fn trace_shows_qualifiers_and_the_state_around_each_certificate() {
    let mut settings = settings(Rules::Rfc5280);
    settings.trace = true;
    let verdict = tree(|label, spec| {
        if label == "bca" {
            spec.put(qualified(false, QT_CPS));
            spec.put(constraints(Some(1), Some(0)));
        }
    })
    .verdict_with(&settings);
    let entered: Vec<_> =
        verdict.trace.iter().filter(|step| step.rule.starts_with("RFC 9618 §5.2")).collect();
    let own: Vec<_> =
        entered.iter().filter(|s| s.message.contains("certificatePolicies")).collect();
    assert_eq!(
        own[0].message,
        "certificatePolicies: 1.2.1 (practice statement http://cps.example/)"
    );
    assert!(own[0].before.contains("policies: any policy; explicit policy needed: no"));
    assert!(own[0].after.contains("policies: 1.2.1; explicit policy needed: no"));
    assert!(own[1].before.contains("explicit policy needed: after 1 certificate"));
    assert!(own[1].before.contains("mapping inhibited: yes"));
    assert!(own[2].after.ends_with("granted: 1.2.1"));
}
