//! One test per reason code: one change to a good tree, exactly the reasons it must give.

use ca_core::path::{Purpose, ReasonCode, Rules, Verdict};
use ca_core::profile::Role;
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom};
use ca_core::wire::extensions::{BasicConstraints, CertificateType, SetPolicy};
use ca_core::wire::oids;

use crate::policies;
use crate::support::*;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident: $code:ident = $verdict:expr;)*) => {
        $($(#[$doc])* #[test] fn $name() {
            let verdict: Verdict = $verdict;
            assert!(!verdict.valid);
            assert_eq!(codes(&verdict), [ReasonCode::$code.name()], "{:#?}", verdict.reasons);
            let reason = &verdict.reasons[0];
            assert!(!reason.message.is_empty() && !reason.rule.is_empty());
            assert!(reason.subject.contains(" serial "));
        })*
        const COVERED: &[ReasonCode] = &[$(ReasonCode::$code),*];
    };
}

/// The verdict after one change to one certificate.
fn changed(which: &str, change: impl Fn(&mut Spec)) -> Verdict {
    tree(which, change).verdict()
}

fn tree(which: &str, change: impl Fn(&mut Spec)) -> Tree {
    Tree::with(|label, spec| {
        if label == which {
            change(spec);
        }
    })
}

reasons! {
    algorithm_inside_differs_from_outside: AlgorithmMismatch =
        changed("cca", |spec| spec.inner_algorithm = SHA1_WITH_RSA.to_vec());

    authority_key_identifier_names_another_certificate: AuthorityKeyMismatch =
        changed("leaf", |spec| {
            let other = Tree::good().bca;
            spec.put(under(spec.clone(), &other).extensions.pop().unwrap());
        });

    root_policy_is_not_among_the_policies: RootPolicyMissing =
        changed("leaf", |spec| {
            let mut policy = SetPolicy::root();
            policy.policies[0].policy_identifier = oids::SET_QUALIFIER;
            spec.put(ext(true, &policy));
        });

    signature_of_the_bca_is_spoiled: BadSignature =
        changed("bca", |spec| spec.spoil_signature = true);

    brand_changes_below_the_bca: BrandMismatch =
        changed("leaf", |spec| spec.subject = name("Brandt", "Jane"));

    search_may_not_check_a_third_signature: BudgetExhausted = {
        let mut settings = settings(Rules::Set);
        settings.budget.signature_checks = 2;
        once(Tree::good().verdict_with(&settings))
    };

    extension_occurs_twice: DuplicateExtension =
        changed("leaf", |spec| {
            let first = spec.extensions[0].clone();
            spec.extensions.push(first);
        });

    policy_occurs_twice: DuplicatePolicy = policies::repeated_policy();

    not_after_has_passed: Expired =
        changed("cca", |spec| spec.not_after = time("2026-06-15T11:59:59Z"));

    not_before_is_to_come: NotYetValid =
        changed("leaf", |spec| spec.not_before = time("2026-06-15T12:00:01Z"));

    hashed_root_key_below_the_root: ForbiddenExtension =
        changed("bca", |spec| spec.put_raw("2.23.42.7.0", true, &HASHED_ROOT));

    issuer_may_only_sign_crls: IssuerKeyUsage =
        changed("cca", |spec| spec.usage(CRL_SIGN));

    rsa_key_is_too_short: KeyTooShort = {
        let random = SeededRandom::new(b"path", "rsa");
        let short = PrivateKey::generate(KeyAlgorithm::Rsa(2048), &random).unwrap();
        changed("leaf", |spec| spec.spki = short.spki_der().to_vec())
    };

    key_has_two_uses: KeyUsageCombination =
        changed("leaf", |spec| spec.usage(SIGN | CRL_SIGN));

    basic_constraints_are_no_sequence: MalformedExtension =
        changed("leaf", |spec| spec.put_raw("2.5.29.19", true, &[0x02, 0x01, 0x00]));

    certificate_type_is_missing: MissingCertificateType =
        changed("leaf", |spec| spec.remove(oids::CERTIFICATE_TYPE));

    private_key_usage_period_is_missing: MissingExtension =
        changed("leaf", |spec| spec.remove(oids::PRIVATE_KEY_USAGE_PERIOD));

    issuer_name_is_not_the_subject_above: NameChaining =
        changed("leaf", |spec| spec.issuer = name("Brand", "CCX"));

    policy_of_the_cas_is_not_the_leafs: NoValidPolicy = policies::leaf_of_another_policy();

    issuer_certificate_is_not_at_hand: NoIssuer = {
        let tree = Tree::good();
        judge(&tree.leaf, &[tree.cca], &[tree.root], &settings(Rules::Set))
    };

    issuer_has_no_ca_flag: NotACa =
        changed("cca", |spec| spec.put(ext(true, &BasicConstraints { ca: false, path_len: None })));

    child_begins_after_the_issuers_key_period: OutsideKeyPeriod = {
        let tree = tree("leaf", |spec| spec.not_before = time("2027-01-01T00:00:00Z"));
        let mut settings = settings(Rules::Set);
        settings.at = time("2027-06-15T12:00:00Z");
        tree.verdict_with(&settings)
    };

    path_is_longer_than_the_bca_allows: PathTooLong = changed("bca", |spec| {
        spec.put(ext(true, &BasicConstraints { ca: true, path_len: Some(0) }));
    });

    policy_is_mapped_to_any_policy: PolicyMappingOfAnyPolicy = policies::mapping_to_any_policy();

    certificate_is_wanted_for_encryption_and_signs: PurposeNotAllowed = {
        let mut settings = settings(Rules::Set);
        settings.purpose = Some(Purpose::Encryption);
        Tree::good().verdict_with(&settings)
    };

    mca_issues_a_cardholder: TypeNesting =
        changed("cca", |spec| {
            spec.put(ext(true, &CertificateType::of(&[Role::Mca]).unwrap()));
        });

    critical_name_constraints_are_not_applied: UnhandledCriticalExtension =
        changed("cca", |spec| spec.put_raw("2.5.29.30", true, &[0x30, 0x00]));

    unique_identifier_is_present: UniqueIdentifier =
        changed("leaf", |spec| spec.unique_id = true);

    root_announces_its_successor_in_the_other_suite: SuiteMixed =
        changed("root", |spec| spec.put_raw("2.23.42.7.0", true, &HASHED_ROOT_1997));

    public_key_is_of_no_known_kind: UnsupportedAlgorithm =
        changed("leaf", |spec| {
            let mut x25519 = spec.spki.clone();
            // id-X25519 is 1.3.101.110, id-Ed25519 1.3.101.112 (RFC 8410 §3).
            x25519[8] = 110;
            spec.spki = x25519;
        });

    root_is_not_among_the_anchors: UntrustedRoot = {
        let tree = Tree::good();
        judge(&tree.leaf, &[tree.cca, tree.bca, tree.root], &[], &settings(Rules::Set))
    };

    merchant_is_wanted_and_a_cardholder_comes: WrongRole = {
        let mut settings = settings(Rules::Set);
        settings.role = Some(Role::Merchant);
        Tree::good().verdict_with(&settings)
    };

    key_usage_is_not_critical: WrongCriticality =
        changed("leaf", |spec| spec.extensions[0].critical = false);

    certificate_says_it_is_v2: WrongVersion =
        changed("leaf", |spec| spec.version = 2);
}

/// SHA-1 cannot be verified in this suite, so its three reasons come together.
#[test]
fn sha1_signature_in_modern_suite_is_not_allowed() {
    let verdict = changed("leaf", |spec| {
        spec.inner_algorithm = SHA1_WITH_RSA.to_vec();
        spec.outer_algorithm = SHA1_WITH_RSA.to_vec();
    });
    assert_eq!(codes(&verdict), ["unsupported-algorithm", "algorithm-not-allowed", "suite-mixed"]);
}

#[test]
fn every_reason_code_has_a_test() {
    // In tests/set_1997, in profile.rs, web_pki.rs, bci.rs, status.rs, revocation/, constraints.rs
    // and names.rs, the first below.
    let elsewhere = [
        ReasonCode::AlgorithmNotAllowed,
        ReasonCode::CommonName,
        ReasonCode::DraftCertificate,
        ReasonCode::EmptyName,
        ReasonCode::ExtendedKeyUsage,
        ReasonCode::MalformedName,
        ReasonCode::MalformedNameConstraints,
        ReasonCode::NameExcluded,
        ReasonCode::NameNotPermitted,
        ReasonCode::KeyNotAllowed,
        ReasonCode::NoBci,
        ReasonCode::NoRevocationStatus,
        ReasonCode::PeerNameMismatch,
        ReasonCode::Revoked,
        ReasonCode::SerialNumber,
        ReasonCode::StatusIncomplete,
        ReasonCode::TimeEncoding,
        ReasonCode::UnsupportedNameConstraint,
    ];
    let untested: Vec<_> = ReasonCode::ALL
        .iter()
        .filter(|code| !COVERED.contains(code) && !elsewhere.contains(code))
        .collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn reason_code_names_are_unique_and_kebab_case() {
    let mut names: Vec<_> = ReasonCode::ALL.iter().map(|code| code.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ReasonCode::ALL.len());
    assert!(
        names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'5'))
    );
}

/// The unchecked certificate and the search both say that the budget was used up.
fn once(mut verdict: Verdict) -> Verdict {
    verdict.reasons.dedup_by_key(|reason| reason.code);
    verdict
}

/// H of spec `set-certificates.md` §8.1.
const HASHED_ROOT_1997: [u8; 49] =
    *b"\x30\x2f\x30\x2d\x02\x01\x00\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\
    \x05\x00\x30\x07\x06\x05\x67\x2a\x03\x00\x00\x04\x1412345678900987654321";
