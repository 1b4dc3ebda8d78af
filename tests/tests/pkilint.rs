//! DigiCert's pkilint judges every certificate type: alone, and together with its issuer.
//!
//! `tests/run` installs it. What it finds and SET itself causes stands in a list here, with the
//! rule that forces it; anything else fails, and so does a list that is longer than it need be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ca_core::authority::{Authority, Clock as _, Held};
use ca_core::issue::{CertificateOrder, CrlLocation, Issuer, Locations, SubjectName, prepare};
use ca_core::profile::{CertificateProfile, KeyUse, Policies, Role, shipped_files};
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::extensions::{
    ExtensionValue as _, MerName, MerchantData, SetExtensions, Tunneling,
};
use ca_core::wire::{Bin, Language, MerchantId, SetString, oids};
use ca_core::{Suite, unhex};
use ca_server::data::{Folder, PassphraseSource};
use ca_server::{SystemClock, SystemRandom};
use e2e::{Hierarchy, Outcome, PASSPHRASE};

#[test]
fn every_certificate_type_of_modern_passes() {
    let hierarchy = Hierarchy::new();
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let mut certificates = of_cas(&hierarchy);
    certificates.extend(prepared(&hierarchy, &policies, &BESIDE_THE_HIERARCHY));
    let mut seen: Vec<(Role, KeyUse)> =
        certificates.iter().map(|one| (one.role, one.key_use)).collect();
    seen.sort();
    seen.dedup();
    let mut wanted: Vec<(Role, KeyUse)> =
        policies.profiles().map(|profile| (profile.role, profile.key_use)).collect();
    wanted.sort();
    assert_eq!(seen, wanted, "each of the 20 profiles is linted");
    assert_eq!(findings(&certificates), BTreeSet::new());
}

/// A combined CA, in certificates that say what a brand CA states.
#[test]
fn combined_ca_with_a_stated_policy_passes_but_for_what_set_forces() {
    let hierarchy = Hierarchy::new();
    let mut files: Vec<(String, String)> =
        shipped_files().iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
    let brand = "policies/profiles/modern/bca-certificate-signing.toml";
    files.iter_mut().find(|(path, _)| path == brand).unwrap().1.push_str(STATEMENT);
    let policies = Policies::from_files(Suite::Modern, &files).unwrap();
    let certificates = prepared(&hierarchy, &policies, &COMBINED);
    let expected = FORCED_IN_MODERN.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(findings(&certificates), expected);
}

/// Shows that the linter looks, too: SET 1.0 forbids what RFC 5280 wants.
#[test]
fn certificates_of_set_1997_fail_for_exactly_what_set_forces() {
    let hierarchy = Hierarchy::made(&["--brand", "Museum", "--suite", "set-1997"]);
    let expected = FORCED_IN_1997.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(findings(&of_cas(&hierarchy)), expected);
}

/// Finding of pkilint, and the rule of SET that forces it.
const FORCED_IN_MODERN: [(&str, &str); 1] = [(
    "pkix.certificate_policies_policy_has_qualifier",
    "set-certificates.md 3.5: statements of root and CAs stand in a qualifier of SET's own",
)];
const FORCED_IN_1997: [(&str, &str); 3] = [
    (
        "pkix.authority_key_identifier_keyid_missing",
        "set-certificates.md 3.2: issuer and serial number, keyIdentifier absent",
    ),
    (
        "pkix.certificate_skid_ca_missing",
        "set-certificates.md 3.1: subjectKeyIdentifier was dropped between draft and 1.0",
    ),
    (
        "pkix.certificate_skid_end_entity_missing",
        "set-certificates.md 3.1: the same; a CA's keys for messages are no CA keys to pkilint",
    ),
];

/// A certificate, and its issuer's.
struct Linted {
    role: Role,
    key_use: KeyUse,
    file: PathBuf,
    /// None of the root: the chain linter wants two.
    issuer: Option<PathBuf>,
}

/// Everything in the inventory of a hierarchy.
fn of_cas(hierarchy: &Hierarchy) -> Vec<Linted> {
    let list = hierarchy.json(&["ca", "list"]);
    let mut found = Vec::new();
    for ca in list.as_array().unwrap() {
        let id = ca["id"].as_str().unwrap();
        for held in ca["certificates"].as_array().unwrap() {
            let name = held["keyUse"].as_str().unwrap();
            let key_use = [
                KeyUse::CertificateSigning,
                KeyUse::Encryption,
                KeyUse::MessageSignature,
                KeyUse::OcspSigning,
            ]
            .into_iter()
            .find(|key_use| key_use.name() == name)
            .unwrap();
            let responder = key_use == KeyUse::OcspSigning;
            let issuing = if responder { Some(id) } else { ca["superior"].as_str() };
            let file = hierarchy.beside(&format!("{id}-{name}.pem"));
            fs::write(&file, hierarchy.run(&["ca", "export", id, "--key-use", name, "--single"]))
                .unwrap();
            let issuer = issuing.map(|issuing| hierarchy.issuer(issuing));
            let role = if responder { Role::Ocsp } else { role(&ca["roles"][0]) };
            found.push(Linted { role, key_use, file, issuer });
        }
    }
    found
}

fn role(name: &serde_json::Value) -> Role {
    let roles = [Role::Rca, Role::Bca, Role::Gca, Role::Cca, Role::Mca, Role::Pca];
    roles.into_iter().find(|role| name == role.name()).unwrap()
}

/// Certificates of these roles and uses under the CA of a role, as the authority over this folder
/// prepares and signs them.
fn prepared(
    hierarchy: &Hierarchy,
    policies: &Policies,
    wanted: &[(&'static [Role], Role, KeyUse)],
) -> Vec<Linted> {
    let passphrase = hierarchy.beside("passphrase");
    fs::write(&passphrase, PASSPHRASE).unwrap();
    let source = PassphraseSource::File(passphrase);
    let opened = Folder::at(&hierarchy.dir()).open(&source, false).unwrap();
    let authority = Authority::open(opened.parts.clone()).unwrap();
    let encryption = PrivateKey::generate(KeyAlgorithm::Rsa(3072), &SystemRandom).unwrap();
    let signature = PrivateKey::generate(KeyAlgorithm::EcP256, &SystemRandom).unwrap();
    let locations = Locations {
        crl: CrlLocation::Whole("http://ca.example.com/crl/ca.crl".to_owned()),
        delta_url: None,
        ocsp_url: "http://ca.example.com/ocsp".to_owned(),
        ca_issuers_url: "http://ca.example.com/ca/ca.cer".to_owned(),
    };
    let supported = SetExtensions::from_value(&unhex(SET_EXTENSIONS).unwrap()).unwrap();
    let mut found = Vec::new();
    for (roles, issuing, key_use) in wanted {
        let profile = policies.profile_of(roles, *key_use).unwrap();
        let key = if *key_use == KeyUse::Encryption { &encryption } else { &signature };
        let tree = authority.hierarchy();
        let ca = tree.serving("Sample", *issuing).unwrap();
        let held = ca.need(KeyUse::CertificateSigning).unwrap();
        let order = CertificateOrder {
            set_extensions: Some(&supported.0),
            ..order(&profile, &held, key, roles, &locations)
        };
        let prepared = prepare(&order, &SystemRandom).unwrap();
        let der = prepared.sign(&held.key, opened.parts.signer.as_ref()).unwrap();
        let role = roles[0];
        let file = hierarchy.beside(&format!("{role}-{key_use}.cer"));
        fs::write(&file, &der).unwrap();
        let issuer = Some(hierarchy.issuer(ca.record.id.as_str()));
        found.push(Linted { role, key_use: *key_use, file, issuer });
    }
    found
}

fn order<'a>(
    profile: &'a CertificateProfile,
    held: &Held<'a>,
    key: &'a PrivateKey,
    roles: &'a [Role],
    locations: &'a Locations,
) -> CertificateOrder<'a> {
    let common_name = match roles {
        [Role::Cardholder] => Some("GiXoKtV5b7Ut0vJkhdHnQbcssbk="),
        [Role::Merchant] => Some("Dave & Sons"),
        [Role::Gateway] => Some("123456:0001"),
        _ => None,
    };
    CertificateOrder {
        profile,
        suite: Suite::Modern,
        issuer: Issuer {
            certificate: Some(held.certificate),
            key: held.key,
            algorithm: held.algorithm,
        },
        subject: SubjectName {
            country: "DE".to_owned(),
            organization: "Sample".to_owned(),
            units: vec!["Example Bank".to_owned()],
            common_name: common_name.map(str::to_owned),
        },
        spki_der: key.spki_der(),
        roles,
        not_before: SystemClock::default().now(),
        not_after_cap: None,
        hashed_root_key: None,
        tunneling: Some(Tunneling { tunneling: true, algorithms: vec![oids::AES_256_GCM] }),
        merchant_data: Some(merchant_data()),
        card_cert_required: Some(false),
        set_extensions: None,
        locations: Some(locations),
    }
}

/// In two languages.
fn merchant_data() -> MerchantData {
    let in_language = |tag: &str, city: &str, country: &str| MerName {
        language: Some(Language::new(tag).unwrap()),
        name: SetString::new("Dave & Sons").unwrap(),
        city: SetString::new(city).unwrap(),
        state_province: None,
        postal_code: None,
        country_name: SetString::new(country).unwrap(),
    };
    MerchantData {
        mer_id: MerchantId::new("MERCHANT01").unwrap(),
        mer_acquirer_bin: Bin::new("123456").unwrap(),
        mer_name_seq: vec![
            in_language("en", "Cologne", "Germany"),
            in_language("de", "Köln", "Deutschland"),
        ],
        mer_country: 276,
        mer_auth_flag: true,
    }
}

/// The codes of everything pkilint has against these certificates, notices included.
fn findings(certificates: &[Linted]) -> BTreeSet<String> {
    let (alone, chain) = (linter("lint_pkix_cert"), linter("lint_pkix_signer_signee_cert_chain"));
    let mut found = BTreeSet::new();
    for one in certificates {
        found.extend(lint(&alone, &[], &[&one.file]));
        found.extend(one.issuer.iter().flat_map(|issuer| lint(&chain, &[], &[issuer, &one.file])));
    }
    found
}

/// One of pkilint's programs.
pub(crate) fn linter(name: &str) -> PathBuf {
    let program = venv().join("bin").join(name);
    assert!(
        program.exists(),
        "{} is not there: pkilint is missing. tests/run installs it; by hand: python3 -m venv \
         {1} && {1}/bin/pip install pkilint==0.13.3",
        program.display(),
        venv().display()
    );
    program
}

/// The codes of what it finds, notices included.
pub(crate) fn lint(program: &Path, options: &[&str], files: &[&Path]) -> Vec<String> {
    let mut command = Command::new(program);
    command.args(["lint", "-s", "NOTICE", "-f", "JSON"]).args(options);
    let outcome = Outcome::of(command.args(files));
    let report = outcome.json();
    let results = report["results"].as_array().expect("a list of results").iter();
    let findings = results.flat_map(|result| result["finding_descriptions"].as_array().unwrap());
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// Where `tests/run` puts pkilint: beside what cargo builds.
fn venv() -> PathBuf {
    let test = std::env::current_exe().expect("path of this test");
    test.ancestors().nth(3).expect("target folder").join("pkilint-venv")
}

/// What a hierarchy of one brand does not hold: role, who issues it, key use.
const BESIDE_THE_HIERARCHY: [(&[Role], Role, KeyUse); 7] = [
    (&[Role::Gca], Role::Bca, KeyUse::CertificateSigning),
    (&[Role::Gca], Role::Bca, KeyUse::MessageSignature),
    (&[Role::Cardholder], Role::Cca, KeyUse::MessageSignature),
    (&[Role::Merchant], Role::Mca, KeyUse::MessageSignature),
    (&[Role::Merchant], Role::Mca, KeyUse::Encryption),
    (&[Role::Gateway], Role::Pca, KeyUse::MessageSignature),
    (&[Role::Gateway], Role::Pca, KeyUse::Encryption),
];
const COMBINED: [(&[Role], Role, KeyUse); 3] = [
    (&LOWEST, Role::Bca, KeyUse::CertificateSigning),
    (&LOWEST, Role::Bca, KeyUse::MessageSignature),
    (&LOWEST, Role::Bca, KeyUse::Encryption),
];
const LOWEST: [Role; 3] = [Role::Cca, Role::Mca, Role::Pca];
/// setExtensions X of `set-certificates.md` §8.1.
const SET_EXTENSIONS: &str = "300c0604672a01010604672a0104";
const STATEMENT: &str = r#"
[policy]
statement = "The whole statement."
terse = "No warranty."
url = "http://example.com/policy"
email = "mailto:policy@example.com"
"#;
