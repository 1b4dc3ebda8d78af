//! The policies that ship: what they hold, and how they answer.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod rules;

use std::path::{Path, PathBuf};

use ca_core::Suite;
use ca_core::profile::{
    Approval, DeltaRule, Division, ExtensionKind, FormQuery, KeyUsageBits, KeyUsagePeriod, KeyUse,
    Policies, PolicyError, Presence, Role, shipped_files,
};
use ca_core::signer::KeyAlgorithm;

const FORM: &str = "policies/forms/cardholder.toml";
const BRANDS: &str = "policies/brands/sample.toml";

#[test]
fn shipped_policies_load_for_suite_modern() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    assert_eq!(policies.suite(), Suite::Modern);
    assert_eq!(policies.profiles().count(), 20);
}

#[test]
fn every_file_of_the_folder_is_shipped_as_it_stands() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut on_disk = Vec::new();
    collect(&folder, &mut on_disk);
    let inside = |path: &PathBuf| {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        (format!("policies/{name}"), read(path))
    };
    let mut found: Vec<(String, String)> = on_disk.iter().map(inside).collect();
    found.sort();
    assert_eq!(found, shipped());
}

#[test]
fn suite_without_its_profiles_says_which_file_is_missing() {
    let mut files = shipped();
    files.retain(|(path, _)| !path.contains("/set-1997/"));
    let error = Policies::from_files(Suite::Set1997, &files).unwrap_err();
    assert_eq!(error.file, "policies/profiles/set-1997/rca.toml");
    assert_eq!(error.rule, "missing-profile");
}

/// set-certificates.md §1.2, §1.3, §10.5: every certificate but the responder's, RSA alone, nothing
/// that SET 1.0 does not know.
#[test]
fn shipped_policies_load_for_suite_1997() {
    let policies = Policies::shipped(Suite::Set1997).unwrap();
    assert_eq!(policies.profiles().count(), 19);
    assert!(policies.profile(Role::Ocsp, KeyUse::OcspSigning).is_none());
    for profile in policies.profiles() {
        let bits = if profile.role == Role::Rca { 2048 } else { 1024 };
        assert_eq!(profile.key_algorithms, [KeyAlgorithm::Rsa(bits)], "{}", profile.name);
        let kinds = profile.extensions.iter().map(|rule| rule.kind);
        let added = [
            ExtensionKind::SubjectKeyIdentifier,
            ExtensionKind::CrlDistributionPoints,
            ExtensionKind::AuthorityInfoAccess,
        ];
        assert!(kinds.into_iter().all(|kind| !added.contains(&kind)), "{}", profile.name);
    }
}

/// set-certificates.md §1.1: a CCA or MCA of 1997 issues no CRL.
#[test]
fn keys_of_the_lowest_cas_sign_crls_where_the_suite_says_so() {
    let crl_sign = |suite, role| {
        let policies = Policies::shipped(suite).unwrap();
        let profile = policies.profile(role, KeyUse::CertificateSigning).unwrap();
        profile.key_usage.contains(KeyUsageBits::CRL_SIGN)
    };
    for role in [Role::Rca, Role::Bca, Role::Gca, Role::Cca, Role::Mca, Role::Pca] {
        assert!(crl_sign(Suite::Modern, role), "{role}");
        let expected = role != Role::Cca && role != Role::Mca;
        assert_eq!(crl_sign(Suite::Set1997, role), expected, "{role}");
    }
}

/// set-certificates.md §8.2 row 13 and §3.10.
#[test]
fn combined_ca_needs_what_any_of_its_parts_needs() {
    let policies = Policies::shipped(Suite::Set1997).unwrap();
    let all = [Role::Cca, Role::Mca, Role::Pca];
    let signing = policies.profile_of(&all, KeyUse::CertificateSigning).unwrap();
    assert_eq!(signing.key_usage.0, 1 << 5 | 1 << 6);
    assert_eq!(signing.path_len, Some(0));
    let without_pca = policies.profile_of(&all[..2], KeyUse::CertificateSigning).unwrap();
    assert_eq!(without_pca.key_usage.0, 1 << 5);
    let tunneling = |roles| {
        let profile = policies.profile_of(roles, KeyUse::Encryption).unwrap();
        profile.rule(ExtensionKind::Tunneling).unwrap().presence
    };
    assert_eq!(tunneling(&all[1..]), Presence::Optional);
    assert_eq!(tunneling(&all), Presence::Required);
    assert_eq!(policies.profile_of(&[], KeyUse::Encryption), None);
}

/// set-certificates.md §8.2, last column.
#[test]
fn private_extensions_stand_in_the_certificates_that_need_them() {
    use ExtensionKind::{CardCertRequired, HashedRootKey, MerchantData, SetExtensions, Tunneling};
    let expected = [
        (Role::Rca, KeyUse::CertificateSigning, vec![HashedRootKey]),
        (Role::Cca, KeyUse::Encryption, vec![Tunneling]),
        (Role::Mca, KeyUse::Encryption, vec![]),
        (Role::Cardholder, KeyUse::MessageSignature, vec![]),
        (Role::Merchant, KeyUse::MessageSignature, vec![MerchantData]),
        (Role::Merchant, KeyUse::Encryption, vec![MerchantData]),
        (Role::Gateway, KeyUse::MessageSignature, vec![]),
        (Role::Gateway, KeyUse::Encryption, vec![CardCertRequired, Tunneling]),
    ];
    let private = [HashedRootKey, MerchantData, CardCertRequired, Tunneling, SetExtensions];
    let policies = Policies::shipped(Suite::Modern).unwrap();
    for (role, key_use, kinds) in expected {
        let profile = policies.profile(role, key_use).unwrap();
        let required = |kind: &ExtensionKind| {
            profile.rule(*kind).is_some_and(|rule| rule.presence == Presence::Required)
        };
        let found: Vec<_> = private.into_iter().filter(required).collect();
        assert_eq!(found, kinds, "{role} {key_use}");
    }
}

/// set-certificates.md §1.2.
#[test]
fn there_is_a_profile_for_each_key_of_the_hierarchy_and_no_other() {
    use KeyUse::{CertificateSigning, Encryption, MessageSignature, OcspSigning};
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let uses = |role| -> Vec<KeyUse> {
        [CertificateSigning, Encryption, MessageSignature, OcspSigning]
            .into_iter()
            .filter(|key_use| policies.profile(role, *key_use).is_some())
            .collect()
    };
    assert_eq!(uses(Role::Rca), [CertificateSigning]);
    for role in [Role::Bca, Role::Gca] {
        assert_eq!(uses(role), [CertificateSigning, MessageSignature], "{role}");
    }
    for role in [Role::Cca, Role::Mca, Role::Pca] {
        assert_eq!(uses(role), [CertificateSigning, Encryption, MessageSignature], "{role}");
    }
    assert_eq!(uses(Role::Cardholder), [MessageSignature]);
    for role in [Role::Merchant, Role::Gateway] {
        assert_eq!(uses(role), [Encryption, MessageSignature], "{role}");
    }
    assert_eq!(uses(Role::Ocsp), [OcspSigning]);
}

/// set-certificates.md §1.4 and §8.2, rows 1, 2, 4, 6 (with the CRL bit of §10.5), 8, 14.
#[test]
fn keys_and_lives_are_those_of_the_worked_examples() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let values = |role, key_use| {
        let profile = policies.profile(role, key_use).unwrap();
        (profile.key_usage.0, profile.path_len, profile.validity_days, profile.key_usage_period)
    };
    let (cert_and_crl, year) = (1 << 5 | 1 << 6, KeyUsagePeriod::Days(365));
    let signing = |role| values(role, KeyUse::CertificateSigning);
    assert_eq!(signing(Role::Rca), (cert_and_crl, Some(3), 2190, year));
    assert_eq!(signing(Role::Bca), (cert_and_crl, Some(2), 1825, year));
    assert_eq!(signing(Role::Gca), (cert_and_crl, Some(1), 1460, year));
    assert_eq!(signing(Role::Cca), (cert_and_crl, Some(0), 1095, year));
    assert_eq!(
        values(Role::Cca, KeyUse::Encryption),
        (1 << 2 | 1 << 3, None, 365, KeyUsagePeriod::Absent)
    );
    assert_eq!(
        values(Role::Cardholder, KeyUse::MessageSignature),
        (1, None, 730, KeyUsagePeriod::Certificate)
    );
    assert_eq!(values(Role::Ocsp, KeyUse::OcspSigning), (1, None, 90, KeyUsagePeriod::Absent));
}

#[test]
fn profile_is_named_after_its_file() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let profile = policies.profile(Role::Cca, KeyUse::CertificateSigning).unwrap();
    assert_eq!(profile.name, "cca-certificate-signing");
}

#[test]
fn off_line_root_has_the_longest_crl() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let lists = policies.lists();
    assert_eq!(lists.crl(Role::Rca).lifetime_secs, 90 * 86_400);
    assert_eq!(lists.crl(Role::Cca).lifetime_secs, 30 * 86_400);
    assert_eq!(lists.bci.lifetime_secs, 7 * 86_400);
}

fn with_cca_lists(suite: Suite, keys: &str) -> Result<Policies, PolicyError> {
    let mut files = shipped();
    for (_, text) in files.iter_mut().filter(|(path, _)| path == "policies/lists.toml") {
        *text = text.replace("[crl.cca]", &format!("[crl.cca]\n{keys}"));
    }
    Policies::from_files(suite, &files)
}

#[test]
fn lists_are_whole_and_follow_at_once_unless_the_file_says_otherwise() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    for role in [Role::Rca, Role::Bca, Role::Gca, Role::Cca, Role::Mca, Role::Pca] {
        let lists = policies.lists();
        assert_eq!((lists.division(role), lists.at_once(role)), (Division::Whole, true), "{role}");
    }
}

#[test]
fn shards_and_deltas_are_read_for_the_role_that_has_them() {
    let day = 86_400;
    for (keys, expected, at_once) in [
        ("shards = 16", Division::Shards(16), true),
        (
            "delta_hours = 24\nat_once = false",
            Division::Deltas(DeltaRule { lifetime_secs: day, base_secs: 7 * day }),
            false,
        ),
        (
            "delta_hours = 6\ndelta_base_days = 30",
            Division::Deltas(DeltaRule { lifetime_secs: 6 * 3_600, base_secs: 30 * day }),
            true,
        ),
    ] {
        let policies = with_cca_lists(Suite::Modern, keys).unwrap();
        let lists = policies.lists();
        assert_eq!((lists.division(Role::Cca), lists.at_once(Role::Cca)), (expected, at_once));
        assert_eq!(lists.division(Role::Mca), Division::Whole);
    }
}

/// set-certificates.md §10.5: none of this stands in a `set-1997` hierarchy.
#[test]
fn suite_1997_has_complete_crls_alone() {
    for keys in ["shards = 16", "delta_hours = 24"] {
        let error = with_cca_lists(Suite::Set1997, keys).unwrap_err();
        assert_eq!(error.rule, "crl-division", "{error}");
    }
    assert!(with_cca_lists(Suite::Set1997, "at_once = false").is_ok());
}

#[test]
fn sample_issuer_takes_the_test_card_number() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let brand = policies.brand("Sample").unwrap();
    let issuer = brand.issuer_for_bin("411111").unwrap();
    assert_eq!((issuer.name.as_str(), &issuer.approval), ("Example Issuer", &Approval::Automatic));
    assert_eq!(brand.issuer_for_bin("400005").unwrap().approval, Approval::Refuse);
    assert_eq!(brand.issuer_for_bin("123456"), None);
}

#[test]
fn sample_brand_shows_each_way_to_decide_without_a_bank() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let brand = policies.brand("Sample").unwrap();
    let list = Approval::List { file: "customers/example-list-bank.txt".into() };
    for (bin, approval) in [("420005", Approval::ByHand), ("430000", list)] {
        assert_eq!(brand.issuer_for_bin(bin).unwrap().approval, approval, "{bin}");
    }
    let careful = brand.acquirer_for_bin("495000").unwrap();
    assert_eq!(careful.approval(Role::Merchant), Some(&Approval::ByHand));
    assert_eq!(careful.approval(Role::Gateway), Some(&Approval::Refuse));
    assert_eq!(careful.approval(Role::Cardholder), None);
}

/// set-certificates.md §3.9 and §3.10.
#[test]
fn acquirer_says_what_stands_in_the_certificates_of_its_merchants_and_gateways() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    for brand in ["Sample", "Acme:Debit"] {
        let acquirer = policies.brand(brand).unwrap().acquirer_for_bin("490000").unwrap();
        assert_eq!((acquirer.country.as_str(), acquirer.country_number), ("US", 840));
        assert_eq!(acquirer.country_name.in_language("en-GB"), "United States");
        assert!(acquirer.auth_flag && !acquirer.card_cert_required);
        assert_eq!(acquirer.approval(Role::Merchant), Some(&Approval::Automatic));
        assert_eq!(acquirer.approval(Role::Gateway), Some(&Approval::Automatic));
    }
    assert_eq!(policies.brand("Sample").unwrap().acquirer_for_bin("123456"), None);
}

#[test]
fn acquirer_may_name_message_extensions() {
    let acquirer = "name = \"Example Acquirer\"";
    let named = format!("{acquirer}\nset_extensions = [\"2.23.42.1.1\"]");
    let mut files = shipped();
    let text = text_of(&files, BRANDS).replacen(acquirer, &named, 1);
    files.retain(|(path, _)| path != BRANDS);
    files.push((BRANDS.into(), text));
    let policies = Policies::from_files(Suite::Modern, &files).unwrap();
    let acquirer = policies.brand("Sample").unwrap().acquirer_for_bin("490000").unwrap();
    let named: Vec<String> = acquirer.set_extensions.iter().map(ToString::to_string).collect();
    assert_eq!(named, ["2.23.42.1.1"]);
}

#[test]
fn issuer_says_what_its_cardholders_are_told_in_their_language() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let brand = policies.brand("Sample").unwrap();
    let issuer = brand.issuer_for_bin("411111").unwrap();
    assert_eq!(issuer.currency, Some(840));
    assert_eq!(issuer.brand_logo_url.as_deref(), Some("https://logo.example.com/brand"));
    let message = issuer.cardholder_message.as_ref().unwrap();
    assert!(message.in_language("de-AT").starts_with("Ihre Karte"));
    assert!(message.in_language("mi").starts_with("Your card"));
    let careful = brand.issuer_for_bin("420000").unwrap();
    assert!(careful.ee_message.as_ref().unwrap().in_language("de").starts_with("Ihre Bank"));
}

#[test]
fn brand_refers_those_it_does_not_serve_in_their_language() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let brand = policies.brand("Sample").unwrap();
    let german = brand.referral("de-AT").unwrap();
    assert_eq!(german.urls, ["https://register.example.com/de"]);
    let other = brand.referral("mi").unwrap();
    assert_eq!(other.language, "en");
    assert!(other.reason.as_ref().unwrap().contains("not registered here"));
    assert_eq!(policies.brand("Acme").unwrap().referral("en"), None);
}

#[test]
fn brand_without_an_entry_is_served_by_the_template() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let brand = policies.brand("Acme:Debit").unwrap();
    assert_eq!(brand.name, "*");
    assert!(brand.issuer_for_bin("123456").is_some());
}

/// set-certificates.md §8.1.
#[test]
fn names_are_those_of_the_example_tree() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let brand = policies.brand("Brand").unwrap();
    assert_eq!(brand.ca_unit(Role::Bca, "Brand"), "Brand CA");
    assert_eq!(brand.ca_unit(Role::Cca, "Brand"), "Brand CCA");
    assert_eq!(brand.ca_unit(Role::Rca, "Brand"), "");
    assert_eq!(policies.root().organization, "SET Root");
}

/// set-messages.md §4.4: exact tag, then primary subtag, then the default language.
#[test]
fn form_language_falls_back_to_primary_subtag_and_then_to_the_default() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let asked_and_used = [("de", "de"), ("DE", "de"), ("de-AT", "de"), ("mi-NZ", "en"), ("", "en")];
    for (asked, used) in asked_and_used {
        let choice = policies.form(&query("Sample", "411111", asked)).unwrap();
        assert_eq!((choice.form.id, choice.language), (1, used), "{asked}");
    }
}

#[test]
fn field_of_a_form_speaks_the_language_chosen() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let form = policies.form_by_id(1).unwrap();
    let field = &form.text("de").unwrap().fields[1];
    assert_eq!(field.names, ["Wohnort"]);
    // decisions.md 24: placeName is 4 of the SET field arc.
    assert_eq!(field.field_id.unwrap().to_string(), "2.23.42.2.4");
    assert!(field.required && !field.invisible);
    assert_eq!(form.text("fr"), None);
}

#[test]
fn request_that_no_form_serves_gets_none() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let served = query("Sample", "411111", "en");
    assert!(policies.form(&FormQuery { request_type: 4, ..served }).is_none());
    assert!(policies.form(&FormQuery { role: Role::Merchant, ..served }).is_none());
    assert!(policies.form(&FormQuery { bin: "41111", ..served }).is_none());
    assert!(policies.form_by_id(9).is_none());
}

/// decisions.md 24; set-messages.md §2.4.
#[test]
fn merchant_and_gateway_have_a_form_for_each_of_their_request_types() {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let roles =
        [(Role::Merchant, 2, [4, 5, 6, 13, 14, 15]), (Role::Gateway, 3, [7, 8, 9, 16, 17, 18])];
    for (role, id, request_types) in roles {
        for request_type in request_types {
            let query = FormQuery { role, request_type, ..query("Sample", "490000", "de") };
            let choice = policies.form(&query).unwrap();
            assert_eq!((choice.form.id, choice.language), (id, "de"), "{request_type}");
        }
    }
    let merchant = policies.form_by_id(2).unwrap().text("de").unwrap();
    let meanings: Vec<String> = merchant
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.field_id.unwrap().to_string())
        .collect();
    assert_eq!(meanings, ["2.23.42.2.0", "2.23.42.2.4"]);
    let account = merchant.account.as_ref().unwrap();
    assert_eq!(
        (account.names.as_slice(), account.max_len),
        (&["Konto für Zahlungen".into()][..], 34)
    );
    assert_eq!(policies.form_by_id(3).unwrap().text("en").unwrap().account, None);
    assert_eq!(policies.form_by_id(1).unwrap().text("en").unwrap().account, None);
}

#[test]
fn form_for_the_brand_goes_before_one_for_the_bin_and_that_before_one_for_all() {
    let mut files = shipped();
    let form = text_of(&files, FORM).to_owned();
    let bin = form.replace("id = 1 ", "bins = [\"411111\"]\nid = 12 ");
    let brand = form.replace("id = 1 ", "id = 13 ").replace("brand = \"*\"", "brand = \"Sample\"");
    files.push(("policies/forms/bin.toml".into(), bin));
    files.push(("policies/forms/brand.toml".into(), brand));
    let policies = Policies::from_files(Suite::Modern, &files).unwrap();
    let chosen = |brand, bin| policies.form(&query(brand, bin, "en")).unwrap().form.id;
    assert_eq!(chosen("Sample", "411111"), 13);
    assert_eq!(chosen("Other", "411111"), 12);
    assert_eq!(chosen("Other", "411112"), 1);
}

#[test]
fn profile_of_another_suite_is_left_unread() {
    let mut files = shipped();
    files.push(("policies/profiles/set-1997/rca.toml".into(), "not toml".into()));
    assert!(Policies::from_files(Suite::Modern, &files).is_ok());
}

fn query<'a>(brand: &'a str, bin: &'a str, language: &'a str) -> FormQuery<'a> {
    FormQuery { brand, role: Role::Cardholder, bin, language, request_type: 1 }
}

fn shipped() -> Vec<(String, String)> {
    shipped_files().iter().map(|(path, text)| ((*path).into(), (*text).into())).collect()
}

fn text_of<'a>(files: &'a [(String, String)], path: &str) -> &'a str {
    &files.iter().find(|(name, _)| name == path).unwrap().1
}

#[expect(clippy::disallowed_methods, reason = "compares what ships with the folder on disk")]
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "compares what ships with the folder on disk")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
