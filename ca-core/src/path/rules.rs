//! The two tables of rules: which rule, where it stands, and to which certificates it applies.

use super::checks::*;
use super::input::Input;
use super::{Conformance, Rules, Settings};

/// One rule of a table.
pub(super) struct Rule {
    pub(super) citation: &'static str,
    scope: Scope,
    input: Input,
    check: Judge,
}

impl Rule {
    /// True if the rule looks at this certificate.
    pub(super) fn applies(&self, step: &Step<'_, '_>) -> bool {
        match self.scope {
            Scope::BelowTop => step.issuer.is_some(),
            Scope::Every => true,
            Scope::Intermediate => step.issuer.is_some() && !step.leaf,
            Scope::Issuer => !step.leaf,
            Scope::Leaf => step.leaf,
            Scope::Root => step.issuer.is_none() && step.anchored,
        }
    }

    /// What the rule looks at, for the trace.
    pub(super) fn input(&self, step: &Step<'_, '_>) -> String {
        self.input.text(step)
    }

    /// Everything the rule has against the certificate.
    pub(super) fn judge(&self, step: &Step<'_, '_>) -> Vec<Finding> {
        match self.check {
            Judge::Many(check) => check(step),
            Judge::One(check) => check(step).err().into_iter().collect(),
            Judge::Remark(_) => Vec::new(),
        }
    }

    /// What the trace says of a certificate that the rule accepts.
    pub(super) fn remark(&self, step: &Step<'_, '_>) -> String {
        let remark = match self.check {
            Judge::Remark(remark) => remark(step),
            Judge::Many(_) | Judge::One(_) => None,
        };
        remark.unwrap_or_else(|| "holds".to_owned())
    }
}

/// The rules that judge under these settings.
pub(super) fn rules_of(settings: &Settings) -> impl Iterator<Item = &'static Rule> {
    let tables: [&[Rule]; 3] = match (settings.rules, settings.conformance) {
        (Rules::Rfc5280, Conformance::Path) => [RFC_5280, &[], &[]],
        (Rules::Rfc5280, Conformance::Profile) => [RFC_5280, RFC_5280_PROFILE, &[]],
        (Rules::Rfc5280, Conformance::WebPki) => [RFC_5280, RFC_5280_PROFILE, WEB_PKI],
        (Rules::Set, _) => [SET, &[], &[]],
    };
    tables.into_iter().flatten()
}

/// Which certificates of a path a rule looks at.
#[derive(Clone, Copy)]
enum Scope {
    /// All but the top.
    BelowTop,
    /// All.
    Every,
    /// All but the top and the leaf.
    Intermediate,
    /// All but the leaf.
    Issuer,
    /// The certificate that is judged.
    Leaf,
    /// The top, if it is trusted.
    Root,
}

#[derive(Clone, Copy)]
enum Judge {
    Many(fn(&Step<'_, '_>) -> Vec<Finding>),
    One(Check),
    /// Never breaks a path: what it says is for the trace.
    Remark(fn(&Step<'_, '_>) -> Option<String>),
}

const fn one(citation: &'static str, scope: Scope, input: Input, check: Check) -> Rule {
    Rule { citation, scope, input, check: Judge::One(check) }
}

use Scope::{BelowTop, Every, Intermediate, Issuer, Leaf, Root};

/// RFC 5280 §6.1. The anchor is a name and a key (§6.1.1 (d)): of its certificate only validity,
/// key and the right to issue are looked at, as common validators do.
const RFC_5280: &[Rule] = &[
    one("RFC 5280 §4.1.2.1", BelowTop, Input::Version, check_version),
    one("RFC 5280 §4.2", BelowTop, Input::Extensions, check_no_duplicate_extension),
    one("RFC 5280 §4.2", BelowTop, Input::Extensions, check_extensions_decode),
    one("RFC 5280 §6.1.4 (o), §6.1.5 (f)", BelowTop, Input::Extensions, check_critical_extensions),
    one("RFC 5280 §4.1.1.2", BelowTop, Input::Algorithms, check_algorithms_agree),
    one("setting: algorithms", BelowTop, Input::Algorithms, check_algorithm_allowed),
    one("setting: minimum RSA key", Every, Input::Key, check_key_length),
    one("setting: DSA, RFC 5280 §6.1.4 (d)-(f)", Every, Input::Key, check_dsa_key),
    one("RFC 5280 §6.1.3 (a)(1)", BelowTop, Input::Signature, check_signature),
    one("RFC 5280 §6.1.3 (a)(2)", Every, Input::Validity, check_validity),
    one("RFC 5280 §6.1.3 (a)(4)", BelowTop, Input::Names, check_name_chaining),
    one("RFC 5280 §4.2.1.6", BelowTop, Input::Names, check_alternative_names),
    one("RFC 5280 §4.2.1.10", Every, Input::Names, check_name_constraints_readable),
    one("RFC 5280 §6.1.3 (b), (c)", BelowTop, Input::Names, check_name_constraints),
    one(
        "RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11",
        BelowTop,
        Input::Policies,
        check_policy_extensions,
    ),
    one("RFC 5280 §4.2.1.4: qualifiers", BelowTop, Input::Policies, check_policy_qualifiers),
    one(
        "RFC 9618 §5.2, §5.4 (RFC 5280 §6.1.3 (f), §6.1.5)",
        Every,
        Input::Policies,
        check_valid_policy,
    ),
    one("RFC 5280 §6.1.4 (a)", Intermediate, Input::Policies, check_policy_mappings),
    one("RFC 5280 §6.1.4 (k)", Issuer, Input::BasicConstraints, check_is_ca),
    one("RFC 5280 §6.1.4 (l)", Intermediate, Input::BasicConstraints, check_path_length),
    one("RFC 5280 §6.1.4 (n)", Issuer, Input::KeyUsage, check_issuer_key_usage),
    one("RFC 5280 §4.2.1.3", Leaf, Input::Purpose, check_purpose),
    one("RFC 5280 §4.2.1.12", BelowTop, Input::ExtendedKeyUsage, check_extended_key_usage),
    one("RFC 9525 §6", Leaf, Input::PeerNames, check_peer_name),
];

/// RFC 5280 §4: what a conforming CA issues. The anchor's certificate is looked at, too, but for
/// its number, which nothing refers to: roots with the number zero are in every trust store.
const RFC_5280_PROFILE: &[Rule] = &[
    one("RFC 5280 §4.1.2.1", Root, Input::Version, check_version),
    one("RFC 5280 §4.2", Root, Input::Extensions, check_no_duplicate_extension),
    one("RFC 5280 §4.2", Root, Input::Extensions, check_extensions_decode),
    one("RFC 5280 §4.2", Root, Input::Extensions, check_critical_extensions),
    one("RFC 5280 §4.1.1.2", Root, Input::Algorithms, check_algorithms_agree),
    one("RFC 5280 §4.1.2.2", BelowTop, Input::Serial, check_serial_number),
    one("RFC 5280 §4.1.2.4, §4.1.2.6", Every, Input::Names, check_names_present),
    one("RFC 5280 §4.1.2.5", Every, Input::Validity, check_time_encoding),
    one("RFC 5280 §4.1.2.8", Every, Input::UniqueIdentifiers, check_no_unique_identifiers),
    one("RFC 5280 §4.2.1.1", Every, Input::AuthorityKey, check_authority_key_present),
    one("RFC 5280 §4.2.1.2", Every, Input::SubjectKey, check_subject_key_present),
    one("RFC 5280 §4.2.1.3, §4.2.1.9", Every, Input::BasicConstraints, check_ca_extensions_agree),
    one("RFC 5280 §4.2.1.10", Every, Input::Extensions, check_constraints_of_ca),
    one("RFC 5280 §4.2: criticality", Every, Input::Extensions, check_criticality),
];

/// CA/Browser Forum, Baseline Requirements for TLS server certificates.
const WEB_PKI: &[Rule] = &[
    one("BR §7.1.1", Every, Input::Version, check_is_v3),
    one("BR §6.1.5", Every, Input::Key, check_key_of_web),
    one("BR §7.1.2.1.3, §7.1.2.11.1", Every, Input::AuthorityKey, check_authority_key_form),
    one("BR §7.1.2.1.2", Root, Input::ExtendedKeyUsage, check_root_purposes),
    one("BR §7.1.2.7.7", BelowTop, Input::Extensions, check_information_access),
    one("BR §7.1.2.7.8", Leaf, Input::BasicConstraints, check_subscriber_is_no_ca),
    one("BR §7.1.2.7.6, §7.1.2.7.10", Leaf, Input::ExtendedKeyUsage, check_subscriber_purposes),
    one("BR §7.1.2.7.12, §7.1.4.3", Leaf, Input::Names, check_subscriber_names),
];

/// Spec `set-certificates.md` §5, in the order of its checks. The self-signature of an exact anchor
/// is not among them: it was verified when the root was accepted (§4.2 check 1).
const SET: &[Rule] = &[
    one("SET chain validation 1: X.509 v3", Every, Input::Version, check_version),
    one("SET chain validation 1: SET 1.0, no draft", Every, Input::Extensions, check_not_draft),
    one(
        "SET chain validation 1: no unique identifiers",
        Every,
        Input::UniqueIdentifiers,
        check_no_unique_identifiers,
    ),
    one(
        "SET chain validation 1: no duplicate extension",
        Every,
        Input::Extensions,
        check_no_duplicate_extension,
    ),
    one("SET chain validation 1: well-formed", Every, Input::Extensions, check_extensions_decode),
    one(
        "SET chain validation 1: critical extensions",
        Every,
        Input::Extensions,
        check_critical_extensions,
    ),
    one(
        "SET chain validation 2: authorityKeyIdentifier",
        Every,
        Input::AuthorityKey,
        check_authority_key,
    ),
    one("SET chain validation 2: names", BelowTop, Input::Names, check_name_chaining),
    one("SET chain validation 3: signature", BelowTop, Input::Signature, check_signature),
    one(
        "SET chain validation 3: algorithm of the suite",
        Every,
        Input::Algorithms,
        check_algorithm_allowed,
    ),
    one(
        "SET chain validation 3: algorithms agree",
        Every,
        Input::Algorithms,
        check_algorithms_agree,
    ),
    one("SET profiles: suites never mix", Every, Input::Algorithms, check_one_suite),
    one("SET profiles: key length", Every, Input::Key, check_key_length),
    one("SET root key: certificateType rca", Root, Input::Type, check_root_type),
    one("SET chain validation 5: validity", Every, Input::Validity, check_validity),
    one(
        "SET chain validation 6: issuer's key period",
        BelowTop,
        Input::KeyPeriod,
        check_issuer_key_period,
    ),
    one(
        "SET chain validation 8: issuer signs certificates",
        Issuer,
        Input::KeyUsage,
        check_issuer_key_usage,
    ),
    one("SET chain validation 8: purpose", Leaf, Input::Purpose, check_purpose),
    one(
        "SET keyUsage: one use per certificate",
        Every,
        Input::KeyUsage,
        check_key_usage_combination,
    ),
    one("SET chain validation 9: basicConstraints", Issuer, Input::BasicConstraints, check_is_ca),
    one(
        "SET chain validation 9: pathLenConstraint",
        Intermediate,
        Input::BasicConstraints,
        check_path_length,
    ),
    one("SET certificateType: present", Every, Input::Type, check_has_type),
    one("SET chain validation 10: type nesting", BelowTop, Input::Type, check_type_nesting),
    one("SET chain validation: wanted role", Leaf, Input::Type, check_role),
    one("SET chain validation 11: brand", BelowTop, Input::Brand, check_brand),
    one("SET chain validation 12: root policy", Every, Input::Policies, check_root_policy),
    Rule {
        citation: "SET chain validation 12: additional policies",
        scope: BelowTop,
        input: Input::Policies,
        check: Judge::Remark(remark_on_policies),
    },
    Rule {
        citation: "SET extension matrix: remark",
        scope: Every,
        input: Input::Extensions,
        check: Judge::Remark(remark_on_presence),
    },
    Rule {
        citation: "SET extension matrix",
        scope: Every,
        input: Input::Extensions,
        check: Judge::Many(check_presence),
    },
];
