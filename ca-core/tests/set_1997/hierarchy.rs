//! Hierarchies established: of suite `set-1997`, and with one combined CA in either suite.

use std::sync::Arc;

use ca_core::authority::{
    ApprovalAnswer, Approver, Authority, Case, Clock, NewKey, Parts, Plan, establish, plan,
};
use ca_core::path::{Request, RevocationMode, Rules, Settings, validate};
use ca_core::profile::{Approval, KeyUse, Policies, Role, shipped_files};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SoftwareKeys};
use ca_core::store::{CaId, ListId, MemoryStore, RevocationReason, SerialNumber};
use ca_core::wire::ocsp::{CertId, CertIdHash, OcspRequest, OcspResponse, ResponseStatus};
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl, oids};
use ca_core::{Suite, UnixTime};
use zeroize::Zeroizing;

const NOW: UnixTime = UnixTime::from_secs(1_795_000_000); // 2026-11-18

#[test]
fn plan_of_1997_has_no_responder_and_rsa_keys_of_two_sizes() {
    let plan = planned(&shipped(Suite::Set1997));
    assert!(plan.keys().all(|(_, key)| key.key_use != KeyUse::OcspSigning));
    for (ca, key) in plan.keys() {
        let bits = if ca.roles == [Role::Rca] { 2048 } else { 1024 };
        assert_eq!(key.algorithm, KeyAlgorithm::Rsa(bits), "{}", ca.id);
    }
    // Root and its successor, two of the BCA, three each of CCA, MCA and PCA.
    assert_eq!(plan.keys().count(), 2 + 2 + 9);
}

#[test]
fn cas_of_1997_that_issue_crls_are_root_brand_and_gateway_ca() {
    let authority = established(shipped(Suite::Set1997), false);
    for (ca, has) in [("root", true), ("brand-bca", true), ("brand-pca", true)]
        .into_iter()
        .chain([("brand-cca", false), ("brand-mca", false)])
    {
        assert_eq!(crl(&authority, ca).is_some(), has, "{ca}");
    }
    let listed = bci(&authority).unsigned().crls.len();
    assert_eq!(listed, 3);
    let refused = authority.publish_crl(&id("brand-cca")).unwrap_err().to_string();
    assert!(refused.contains("brand-cca issues no CRL"), "{refused}");
    assert!(authority.publish_due().is_empty());
}

#[test]
fn chain_of_a_cca_of_1997_is_valid_with_bci_and_crls_required() {
    let authority = established(shipped(Suite::Set1997), false);
    let hierarchy = authority.hierarchy();
    let of = |ca: &str, key_use| {
        hierarchy.ca(&id(ca)).unwrap().need(key_use).unwrap().certificate.clone()
    };
    let root = of("root", KeyUse::CertificateSigning);
    let untrusted = [of("brand-bca", KeyUse::CertificateSigning)];
    let crls = ["root", "brand-bca"].map(|ca| crl(&authority, ca).unwrap());
    let settings = Settings {
        bci: RevocationMode::Require,
        brand: Some("Brand".to_owned()),
        ..Settings::new(Rules::Set, Suite::Set1997, NOW)
    };
    let uses = [KeyUse::CertificateSigning, KeyUse::MessageSignature, KeyUse::Encryption];
    for key_use in uses {
        let verdict = validate(&Request {
            certificate: &of("brand-cca", key_use),
            untrusted: &untrusted,
            anchors: core::slice::from_ref(&root),
            crls: &crls,
            bcis: &[bci(&authority)],
            ocsp: &[],
            register: &[],
            settings: &settings,
        });
        assert!(verdict.valid, "{key_use}: {:?}", verdict.reasons);
    }
}

/// §6.1: a cardholder is cancelled by its bank, never on a list.
#[test]
fn revocation_by_a_ca_without_crls_is_recorded_and_publishes_nothing() {
    let authority = established(shipped(Suite::Set1997), false);
    let before = bci(&authority).unsigned().sequence_num;
    let absent = SerialNumber::from_octets(&[1]).unwrap();
    assert!(authority.revoke(&id("brand-cca"), &absent, RevocationReason::KeyCompromise).is_err());
    assert_eq!(authority.publish_after_revocation(&id("brand-cca")).unwrap(), None);
    assert_eq!(bci(&authority).unsigned().sequence_num, before);
    assert_eq!(authority.publish_after_revocation(&id("brand-pca")).unwrap().unwrap().number, 2);
}

/// §10.5: off by default; a CA without a responder is nobody's to ask.
#[test]
fn ocsp_is_off_in_1997() {
    let authority = established(shipped(Suite::Set1997), false);
    let hierarchy = authority.hierarchy();
    let held = hierarchy.ca(&id("brand-cca")).unwrap().need(KeyUse::CertificateSigning).unwrap();
    let cert_id = CertId::of(CertIdHash::Sha1, held.certificate, &[1]).unwrap();
    let request = OcspRequest { cert_ids: vec![cert_id], nonce: None };
    let reply = authority.ocsp(&request.to_der().unwrap());
    let response = OcspResponse::from_der(&reply.octets).unwrap();
    assert_eq!(response.status, ResponseStatus::Unauthorized);
}

/// §10.5: "only if the brand's profile says so (off by default)".
#[test]
fn profile_may_give_cca_and_mca_crls_and_a_responder() {
    let mut files = shipped_text();
    for role in ["cca", "mca"] {
        let path = format!("policies/profiles/set-1997/{role}-certificate-signing.toml");
        let file = files.iter_mut().find(|(found, _)| *found == path).unwrap();
        file.1 = file.1.replace("[\"keyCertSign\"]", "[\"keyCertSign\", \"cRLSign\"]");
    }
    let modern = files.iter().find(|(path, _)| path.ends_with("modern/ocsp.toml")).unwrap();
    let keys = "key_algorithms = [\"ec-p256\", \"ec-p384\", \"ed25519\", \"rsa-3072\"]";
    let text = modern.1.replace(keys, "key_algorithms = [\"rsa-1024\"]");
    files.push(("policies/profiles/set-1997/ocsp.toml".to_owned(), text));
    let policies = Policies::from_files(Suite::Set1997, &files).unwrap();
    let authority = established(policies, false);
    assert_eq!(bci(&authority).unsigned().crls.len(), 5);
    assert!(crl(&authority, "brand-mca").is_some());
    let hierarchy = authority.hierarchy();
    let responder = hierarchy.ca(&id("brand-cca")).unwrap().need(KeyUse::OcspSigning).unwrap();
    let algorithm = responder.certificate.inner().signature_algorithm();
    assert_eq!(algorithm.oid, oids::SHA1_WITH_RSA);
}

#[test]
fn rule_that_only_cca_and_mca_may_lack_crls_is_kept() {
    let mut files = shipped_text();
    let path = "policies/profiles/set-1997/pca-certificate-signing.toml";
    let file = files.iter_mut().find(|(found, _)| found == path).unwrap();
    file.1 = file.1.replace("[\"keyCertSign\", \"cRLSign\"]", "[\"keyCertSign\"]");
    let error = Policies::from_files(Suite::Set1997, &files).unwrap_err();
    assert_eq!((error.rule, error.file.as_str()), ("key-usage", path));
}

/// §8.2 row 13: keyUsage 03020106, certificateType 0302021c.
#[test]
fn combined_ca_of_1997_is_one_ca_with_three_roles_and_a_crl() {
    let authority = established(shipped(Suite::Set1997), true);
    assert_combined(&authority, Suite::Set1997);
}

#[test]
fn combined_ca_of_modern_is_one_ca_with_three_roles_and_a_crl() {
    let authority = established(shipped(Suite::Modern), true);
    assert_combined(&authority, Suite::Modern);
}

fn assert_combined(authority: &Authority, suite: Suite) {
    let hierarchy = authority.hierarchy();
    assert_eq!(hierarchy.cas().len(), 3);
    let ca = hierarchy.ca(&id("brand-ca")).unwrap();
    for role in [Role::Cca, Role::Mca, Role::Pca] {
        assert_eq!(hierarchy.serving("Brand", role).unwrap().record.id, ca.record.id);
    }
    let hex = |certificate: &Cert, oid| {
        ca_core::hex(certificate.extension(oid).unwrap().extn_value.as_bytes())
    };
    let held = |key_use| ca.need(key_use).unwrap().certificate;
    let signing = held(KeyUse::CertificateSigning);
    assert_eq!(hex(signing, oids::KEY_USAGE), "03020106");
    assert_eq!(hex(signing, oids::CERTIFICATE_TYPE), "0302021c");
    assert_eq!(hex(signing, oids::BASIC_CONSTRAINTS), "30060101ff020100");
    let encryption = held(KeyUse::Encryption);
    assert_eq!(hex(encryption, oids::CERTIFICATE_TYPE), "0302021c");
    // §3.10: a CCA's is always issued, so a combined CA's too.
    assert!(encryption.extension(oids::TUNNELING).is_some());
    assert_eq!(hex(held(KeyUse::MessageSignature), oids::KEY_USAGE), "03020780");
    assert!(crl(authority, "brand-ca").is_some());
    let root = hierarchy.ca(&id("root")).unwrap().need(KeyUse::CertificateSigning).unwrap();
    let bca = hierarchy.ca(&id("brand-bca")).unwrap().need(KeyUse::CertificateSigning).unwrap();
    let settings = Settings { minimum_rsa_bits: 1024, ..Settings::new(Rules::Set, suite, NOW) };
    for certificate in [signing, encryption, held(KeyUse::MessageSignature)] {
        let verdict = validate(&Request {
            certificate,
            untrusted: core::slice::from_ref(bca.certificate),
            anchors: core::slice::from_ref(root.certificate),
            crls: &["root", "brand-bca"].map(|ca| crl(authority, ca).unwrap()),
            bcis: &[bci(authority)],
            ocsp: &[],
            register: &[],
            settings: &settings,
        });
        assert!(verdict.valid, "{:?}", verdict.reasons);
    }
}

fn shipped(suite: Suite) -> Policies {
    Policies::shipped(suite).unwrap()
}

fn shipped_text() -> Vec<(String, String)> {
    shipped_files().iter().map(|(path, text)| ((*path).into(), (*text).into())).collect()
}

fn planned(policies: &Policies) -> Plan {
    plan(policies, &["Brand".to_owned()], None).unwrap()
}

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> UnixTime {
        NOW
    }
}

fn established(policies: Policies, combined: bool) -> Authority {
    let plan = planned(&policies);
    let plan = if combined { plan.combined(&policies).unwrap() } else { plan };
    let made = plan.keys().enumerate().map(|(number, (_, planned))| {
        // In `modern` P-256 wherever the profile takes it: RSA-3072 is slow to make.
        let sign = planned.key_use != KeyUse::Encryption && policies.suite() == Suite::Modern;
        let algorithm = if sign { KeyAlgorithm::EcP256 } else { planned.algorithm };
        let random = SeededRandom::new(b"set-1997 hierarchy", &format!("{number}"));
        PrivateKey::generate(algorithm, &random).unwrap()
    });
    let made: Vec<PrivateKey> = made.collect();
    let public: Vec<NewKey> =
        made.iter().map(|key| NewKey { id: key.id(), spki: key.spki_der().to_vec() }).collect();
    let keys = Arc::new(SoftwareKeys::from_iter(made));
    let parts = Parts {
        policies: Arc::new(policies),
        store: Arc::new(MemoryStore::new()),
        signer: keys.clone(),
        decryptor: keys,
        clock: Arc::new(Fixed),
        approver: Arc::new(Nobody),
        random: Arc::new(SeededRandom::new(b"set-1997 hierarchy", "authority")),
        pan_key: Zeroizing::new([7; 32]),
        base_url: "http://ca.example".to_owned(),
        actor: ca_core::audit::Actor::Folder,
        audit_key: None,
        watch: None,
    };
    establish(parts, &plan, &public).unwrap()
}

/// Nobody registers here.
struct Nobody;

impl Approver for Nobody {
    fn ask(&self, _: &Approval, _: &Case) -> ApprovalAnswer {
        ApprovalAnswer::Later
    }
}

fn crl(authority: &Authority, ca: &str) -> Option<Crl> {
    let list = authority.store().list(&ListId::Crl(id(ca))).unwrap()?;
    Some(Crl::from_der(&list.der.whole()).unwrap())
}

fn bci(authority: &Authority) -> BrandCrlIdentifier {
    let list = authority.store().list(&ListId::Bci("Brand".to_owned())).unwrap().unwrap();
    BrandCrlIdentifier::from_der(&list.der.whole()).unwrap()
}

fn id(text: &str) -> CaId {
    CaId::new(text).unwrap()
}
