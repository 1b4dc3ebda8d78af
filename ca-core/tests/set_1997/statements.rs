//! What CAs state in the certificates they issue (§3.5), by the worked examples PQ and PA of §8.1.

use ca_core::Suite;
use ca_core::profile::{KeyUse, Policies, Role, shipped_files};
use ca_core::wire::extensions::{ExtensionValue, SetPolicy};
use ca_core::wire::{Cert, oids};

use crate::tree::{Subject, ca, name, prepared_tbs};

/// The shipped policies with statements of root and brand CA, and `more` of others.
fn stated(more: &[(&str, &str)]) -> Policies {
    let mut files: Vec<(String, String)> =
        shipped_files().iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
    for (name, table) in [("rca", ROOT), ("bca-certificate-signing", BRAND)].iter().chain(more) {
        let path = format!("policies/profiles/set-1997/{name}.toml");
        let file = files.iter_mut().find(|(found, _)| *found == path).unwrap();
        file.1.push_str(table);
    }
    Policies::from_files(Suite::Set1997, &files).unwrap()
}

fn policy_of(certificate: &Cert) -> String {
    ca_core::hex(certificate.extension(oids::CERTIFICATE_POLICIES).unwrap().extn_value.as_bytes())
}

fn added_by(certificate: &Cert) -> Vec<Vec<Role>> {
    let policy = SetPolicy::find(certificate).unwrap().unwrap();
    let added = policy.qualifier().unwrap().unwrap().additional_policies.unwrap_or_default();
    added.iter().map(|one| one.policy_added_by.roles()).collect()
}

#[test]
fn roots_statement_stands_in_the_root_and_in_what_it_issues_as_pq() {
    let policies = stated(&[]);
    let root = ca(&policies, Role::Rca, None, 1);
    let bca = ca(&policies, Role::Bca, Some(&root), 2);
    assert_eq!(policy_of(&root), PQ);
    assert_eq!(policy_of(&bca), PQ);
}

#[test]
fn brand_adds_its_statement_to_what_it_issues_as_pa_and_that_is_inherited() {
    let policies = stated(&[]);
    let root = ca(&policies, Role::Rca, None, 1);
    let bca = ca(&policies, Role::Bca, Some(&root), 2);
    let gca = ca(&policies, Role::Gca, Some(&bca), 3);
    let cca = ca(&policies, Role::Cca, Some(&gca), 4);
    assert_eq!(policy_of(&gca), PA);
    assert_eq!(policy_of(&cca), PA);
}

/// §3.5: at most 3, those of BCA, GCA and lowest CA.
#[test]
fn each_level_adds_one_statement_marked_with_its_type() {
    let oid = "\n[policy]\noid = \"1.2.3.4\"\n";
    let policies = stated(&[("gca-certificate-signing", oid), ("cca-certificate-signing", oid)]);
    let root = ca(&policies, Role::Rca, None, 1);
    let bca = ca(&policies, Role::Bca, Some(&root), 2);
    let gca = ca(&policies, Role::Gca, Some(&bca), 3);
    let cca = ca(&policies, Role::Cca, Some(&gca), 4);
    let subject = Subject {
        roles: &[Role::Cardholder],
        key_use: KeyUse::MessageSignature,
        name: name("Brand", &["Example Issuer"], Some("x")),
        key: "end entity",
    };
    let card = crate::tree::issue(&policies, &subject, Some(&cca), 9);
    assert_eq!(added_by(&card), [vec![Role::Bca], vec![Role::Gca], vec![Role::Cca]]);
    assert_eq!(added_by(&cca), [vec![Role::Bca], vec![Role::Gca]]);
    let policy = SetPolicy::find(&card).unwrap().unwrap();
    let added = policy.qualifier().unwrap().unwrap().additional_policies.unwrap();
    assert_eq!(added[2].policy_oid.unwrap().to_string(), "1.2.3.4");
    assert_eq!(added[2].policy_qualifier, None);
    let above = SetPolicy::find(&cca).unwrap().unwrap();
    let types = ca_core::wire::extensions::CertificateType::find(&cca).unwrap();
    assert_eq!(policy.continues(&above, types), Ok(true));
    assert_eq!(policy.continues(&above, None), Ok(false));
}

#[test]
fn shipped_profiles_state_nothing() {
    let tree = crate::tree::tree();
    for certificate in [&tree.root, &tree.bca, &tree.cca] {
        assert_eq!(policy_of(certificate), "300830060604672a0500");
    }
}

#[test]
fn statement_under_a_silent_root_has_an_empty_root_qualifier() {
    let mut files: Vec<(String, String)> =
        shipped_files().iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
    let path = "policies/profiles/set-1997/bca-certificate-signing.toml";
    files.iter_mut().find(|(found, _)| found == path).unwrap().1.push_str(BRAND);
    let policies = Policies::from_files(Suite::Set1997, &files).unwrap();
    let tree = crate::tree::tree();
    let subject = Subject {
        roles: &[Role::Gca],
        key_use: KeyUse::MessageSignature,
        name: crate::tree::ca_name(Role::Gca),
        key: "message",
    };
    let tbs = prepared_tbs(&policies, &subject, Some(&tree.bca), None);
    // Qualifier id, then SEQUENCE { rootQualifier {}, additionalPolicies { … } }.
    let expected = "0604672a070630193000301530133\
                    00d1a0b6272616e64207465726d7303020001";
    assert!(ca_core::hex(&tbs).contains(expected));
}

const ROOT: &str = r#"
[policy]
statement = "policy"
terse = "terse"
url = "http://example.com/p"
email = "mailto:p@example.com"
"#;
const BRAND: &str = "\n[policy]\nterse = \"brand terms\"\n";
const PQ: &str = "307c307a0604672a0500307230700604672a0706306830663031020100300906052b0e03021a0500\
    300b06092a864886f70d01070104149f00fad98badc1330e637a0a015d7041134984201a05746572736580146874\
    74703a2f2f6578616d706c652e636f6d2f7081146d61696c746f3a70406578616d706c652e636f6d";
const PA: &str = "3081963081930604672a050030818a3081870604672a0706307f30663031020100300906052b0e03\
    021a0500300b06092a864886f70d01070104149f00fad98badc1330e637a0a015d7041134984201a057465727365\
    8014687474703a2f2f6578616d706c652e636f6d2f7081146d61696c746f3a70406578616d706c652e636f6d3015\
    3013300d1a0b6272616e64207465726d7303020001";
