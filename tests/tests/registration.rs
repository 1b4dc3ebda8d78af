//! A cardholder from `setca register` to revocation, judged by setca and by OpenSSL.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{
    Cardholder, Hierarchy, Outcome, PAN, PASSPHRASE, Service, files, openssl, openssl_with, serial,
    soon,
};

const REFUSED: i32 = 1;
const USAGE: i32 = 2;
const OUTSIDE: i32 = 3;
/// The issuers whose CRLs a cardholder's path needs.
const ISSUERS: [&str; 3] = ["root", "sample-bca", "sample-cca"];

#[test]
fn certificate_is_good_for_both_and_after_revocation_for_neither() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let service = hierarchy.serve();
    let wallet = Cardholder::new(&hierarchy, &service).registered();
    let crls = fetched_crls(&hierarchy, &service);
    let good = openssl_verify(&wallet, &hierarchy.root(), &crls);
    assert_eq!(good.code, 0, "{}", good.all());
    let good = setca_verify(&hierarchy, &wallet, &crls);
    assert_eq!((good.code, &good.json()["verdict"]), (0, &"valid".into()), "{}", good.all());
    assert!(ocsp_post(&hierarchy, &service, &wallet).contains("certificate.pem: good"));

    let serial = serial(&wallet.join("certificate.pem"));
    let revoked = hierarchy.json(&["cert", "revoke", &serial, "--reason", "keyCompromise"]);
    assert_eq!(revoked["state"], "revoked");

    let crls = fetched_crls(&hierarchy, &service);
    let bad = openssl_verify(&wallet, &hierarchy.root(), &crls);
    assert_eq!(bad.code, 2, "{}", bad.all());
    assert!(bad.all().contains("certificate revoked"), "{}", bad.all());
    let bad = setca_verify(&hierarchy, &wallet, &crls);
    assert_eq!(bad.code, REFUSED);
    let verdict = bad.json();
    assert_eq!(verdict["verdict"], "invalid");
    let codes: Vec<&str> = reasons(&verdict).iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["revoked"], "{verdict}");
    for ask in [ocsp_post, ocsp_get] {
        let said = soon(": revoked", || ask(&hierarchy, &service, &wallet));
        assert!(said.contains("certificate.pem: revoked"), "{said}");
        assert!(said.contains("keyCompromise"), "{said}");
    }
}

#[test]
fn verdict_in_json_has_the_fields_of_the_contract() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let wallet = Cardholder::new(&hierarchy, &service).registered();
    let serial = serial(&wallet.join("certificate.pem"));
    let _ = hierarchy.json(&["cert", "revoke", &serial, "--reason", "superseded"]);
    let crls = fetched_crls(&hierarchy, &service);
    let mut command = verify(&hierarchy, &wallet, &crls);
    let verdict = Outcome::of(command.arg("--trace")).json();
    let mut names: Vec<&String> = verdict.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["path", "reasons", "trace", "verdict"]);
    for reason in reasons(&verdict) {
        for name in ["code", "rule", "subject", "message"] {
            assert_ne!(reason[name].as_str().unwrap_or_default(), "", "{name}: {reason}");
        }
    }
    // Cardholder, CCA, BCA, root.
    assert_eq!(verdict["path"].as_array().unwrap().len(), 4);
    let trace = verdict["trace"].as_array().unwrap();
    assert!(trace.len() > 10);
    let says = |name: &str| trace.iter().filter(|step| step[name] != "").count();
    assert_eq!(says("rule"), trace.len());
    assert!(says("input") > 10 && says("before") > 10 && says("after") > 10);
}

#[test]
fn wallet_holds_what_belongs_together_and_its_report_names_it() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let cardholder = Cardholder::new(&hierarchy, &service);
    let outcome = Outcome::of(cardholder.command().args(["--format", "json"]));
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    let (report, wallet) = (outcome.json(), cardholder.out());
    let certificate = wallet.join("certificate.pem");
    assert_eq!(report["serial"], serial(&certificate));
    for (what, name) in [
        ("key", "key.p8"),
        ("certificate", "certificate.pem"),
        ("chain", "chain.pem"),
        ("root", "root.pem"),
        ("panSecret", "pan-secret.p8"),
        ("policy", "policy.txt"),
        ("registration", "registration.json"),
        ("cache", "cache"),
    ] {
        assert_eq!(report["files"][what], wallet.join(name).to_str().unwrap());
    }
    // Those, and certificates, CRLs and BCI in the cache.
    assert_eq!(files::listing(&wallet).len(), 8 + 3);
    // One key pair: the public key of the certificate is that of the private key.
    let public = openssl_with("x509 -in {0} -noout -pubkey", &[&certificate]).done();
    let secret = format!("pass:{PASSPHRASE}");
    let key = wallet.join("key.p8");
    let words = ["pkey".as_ref(), "-in".as_ref(), key.as_os_str(), "-pubout".as_ref()];
    let words = [&words[..], &["-passin".as_ref(), secret.as_ref()]].concat();
    assert_eq!(openssl(&words).done(), public);
    assert_eq!(hierarchy.der(&wallet.join("root.pem")), hierarchy.der(&hierarchy.root()));
    // The inventory has it, with the profile's role and use.
    let row = hierarchy.json(&["cert", "show", &serial(&certificate)]);
    let found = [&row["role"], &row["keyUse"], &row["issuer"], &row["state"]];
    assert_eq!(found, ["cardholder", "message-signature", "sample-cca", "issued"]);
}

#[test]
fn key_that_was_made_is_of_the_kind_asked_for() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let cardholder = Cardholder::new(&hierarchy, &service);
    for (kind, found) in [("ed25519", "ED25519"), ("rsa-3072", "Public-Key: (3072 bit)")] {
        let mut command = cardholder.command();
        let out = hierarchy.beside(kind);
        // Given again: the last one counts nowhere, so the command is built anew.
        let words: Vec<OsString> = command
            .get_args()
            .map(|word| match word.to_str() {
                Some("ec-p256") => kind.into(),
                _ if word == cardholder.out() => out.clone().into(),
                _ => word.to_owned(),
            })
            .skip(2)
            .collect();
        command = hierarchy.command(&words);
        let _ = Outcome::of(&mut command).done();
        let shown = openssl_with("x509 -in {0} -noout -text", &[&out.join("certificate.pem")]);
        assert!(shown.stdout.contains(found), "{kind}: {}", shown.stdout);
        let crls = fetched_crls(&hierarchy, &service);
        let verified = openssl_verify(&out, &hierarchy.root(), &crls);
        assert_eq!(verified.code, 0, "{kind}: {}", verified.all());
    }
}

#[test]
fn same_card_may_be_registered_twice_with_two_keys() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let cardholder = Cardholder::new(&hierarchy, &service);
    let first = hierarchy.beside("first");
    fs::rename(cardholder.registered(), &first).unwrap();
    let second = cardholder.registered();
    let subject = |wallet: &Path| {
        let certificate = wallet.join("certificate.pem");
        openssl_with("x509 -in {0} -noout -subject", &[&certificate]).done()
    };
    // Blinded with another secret each time: nobody can tell that it is the same card.
    assert_ne!(subject(&first), subject(&second));
}

#[test]
fn refusals_exit_with_1_and_leave_nothing() {
    let hierarchy = Hierarchy::new();
    let other = Hierarchy::two_brands();
    let service = hierarchy.serve();
    type Change<'a> = &'a dyn Fn(&mut Cardholder<'_>);
    let cases: [(&str, Change<'_>, i32, &str); 7] = [
        // `policies/brands/sample.toml`: Example Closed Bank.
        ("closed bank", &|c| c.pan = "4000059876543217".into(), REFUSED, ""),
        ("BIN of nobody", &|c| c.pan = "6000009876543210".into(), REFUSED, ""),
        ("check digit", &|c| c.pan = "4111119876543213".into(), REFUSED, "invalidBIN"),
        ("expired card", &|c| c.expiry = "202001".into(), REFUSED, ""),
        ("unknown brand", &|c| c.brand = "Nobody".into(), REFUSED, "/v1/brands lists: Sample"),
        ("wrong root", &|c| c.trust = other.root(), REFUSED, ""),
        ("no card number", &|c| c.pan = "hello".into(), USAGE, "no card number"),
    ];
    for (what, change, code, says) in cases {
        let mut cardholder = Cardholder::new(&hierarchy, &service);
        change(&mut cardholder);
        let mut command = cardholder.command();
        let before = files::listing(&hierarchy.beside(""));
        let outcome = Outcome::of(&mut command);
        let line = outcome.failed_after_talk(code);
        assert!(line.contains(says), "{what}: {line}");
        assert!(!outcome.all().contains(&cardholder.pan) || code == USAGE, "{what}");
        assert_eq!(files::listing(&hierarchy.beside("")), before, "{what}");
    }
    let cardholders = hierarchy.inventory().iter().filter(|r| r["role"] == "cardholder").count();
    assert_eq!(cardholders, 0);
}

#[test]
fn brand_other_than_the_one_asked_for_is_never_installed() {
    let hierarchy = Hierarchy::two_brands();
    let service = hierarchy.serve();
    let mut cardholder = Cardholder::new(&hierarchy, &service);
    cardholder.brand = "Other".into();
    let wallet = cardholder.registered();
    let certificate = wallet.join("certificate.pem");
    let issuer = openssl_with("x509 -in {0} -noout -issuer -nameopt RFC2253", &[&certificate]);
    assert_eq!(issuer.done().trim(), "issuer=OU=Other CCA,O=Other,C=US");
    let verdict = |brand: &str| {
        let mut command = hierarchy.command(&["verify", "--format", "json", "--brand", brand]);
        command.arg(&certificate).arg("--untrusted").arg(wallet.join("chain.pem"));
        Outcome::of(command.arg("--trust").arg(hierarchy.root()))
    };
    assert_eq!(verdict("Other").code, 0);
    let wrong = verdict("Sample");
    assert_eq!(wrong.code, REFUSED);
    assert!(
        reasons(&wrong.json()).iter().any(|r| r["code"] == "brand-mismatch"),
        "{}",
        wrong.all()
    );
}

#[test]
fn service_that_is_not_there_or_none_of_ours() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let mut cardholder = Cardholder::new(&hierarchy, &service);
    cardholder.url = format!("{}/healthz", service.url());
    let outcome = cardholder.register();
    let line = outcome.failed_after_talk(OUTSIDE);
    assert!(line.contains("HTTP 405"), "{line}");
    assert!(!cardholder.out().exists());
}

#[test]
fn cardholder_certificate_signs_no_others() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let wallet = Cardholder::new(&hierarchy, &service).registered();
    let shown = openssl_with("x509 -in {0} -noout -text", &[&wallet.join("certificate.pem")]);
    let text = shown.done();
    assert!(text.contains("CA:FALSE"), "{text}");
    assert!(text.contains("Digital Signature\n"), "nothing else: {text}");
    assert!(!text.contains(PAN), "{text}");
}

/// The CRLs of a cardholder's path, fetched from the service, as PEM files.
fn fetched_crls(hierarchy: &Hierarchy, service: &Service) -> Vec<PathBuf> {
    let fetch = |ca: &&str| {
        let der = hierarchy.beside("fetched.crl");
        fs::write(&der, service.fetch(&format!("/crl/{ca}.crl")).body).unwrap();
        let pem = hierarchy.beside(&format!("fetched-{ca}.pem"));
        let _ = openssl_with("crl -inform DER -in {0} -out {1}", &[&der, &pem]).done();
        pem
    };
    ISSUERS.iter().map(fetch).collect()
}

/// As `issues/2` and spec `set-certificates.md` §10.3 have it.
fn openssl_verify(wallet: &Path, root: &Path, crls: &[PathBuf]) -> Outcome {
    let mut words: Vec<PathBuf> =
        ["verify", "-x509_strict", "-ignore_critical", "-crl_check_all", "-CAfile"]
            .map(PathBuf::from)
            .to_vec();
    words.extend([root.to_owned(), "-untrusted".into(), wallet.join("chain.pem")]);
    for crl in crls {
        words.extend(["-CRLfile".into(), crl.clone()]);
    }
    words.push(wallet.join("certificate.pem"));
    openssl(&words)
}

fn setca_verify(hierarchy: &Hierarchy, wallet: &Path, crls: &[PathBuf]) -> Outcome {
    Outcome::of(&mut verify(hierarchy, wallet, crls))
}

fn verify(hierarchy: &Hierarchy, wallet: &Path, crls: &[PathBuf]) -> Command {
    let mut command = hierarchy.command(&["verify", "--format", "json"]);
    command.arg(wallet.join("certificate.pem")).arg("--trust").arg(hierarchy.root());
    command.arg("--untrusted").arg(wallet.join("chain.pem")).arg("--crl").args(crls);
    command
}

/// `openssl ocsp` asks by POST.
fn ocsp_post(hierarchy: &Hierarchy, service: &Service, wallet: &Path) -> String {
    let (issuer, certificate) = (hierarchy.issuer("sample-cca"), wallet.join("certificate.pem"));
    // The responder stands below the CCA; its superiors come from us.
    let chain = wallet.join("chain.pem");
    let url = PathBuf::from(format!("{}/ocsp", service.url()));
    let line = "ocsp -issuer {0} -cert {1} -url {2} -CAfile {3} -verify_other {4} \
                -ignore_critical";
    let said = openssl_with(line, &[&issuer, &certificate, &url, &hierarchy.root(), &chain]);
    assert!(said.all().contains("Response verify OK"), "{}", said.all());
    said.all()
}

/// The request openssl makes, by GET; the answer judged by openssl.
fn ocsp_get(hierarchy: &Hierarchy, service: &Service, wallet: &Path) -> String {
    let (issuer, certificate) = (hierarchy.issuer("sample-cca"), wallet.join("certificate.pem"));
    let (request, answer) = (hierarchy.beside("request.der"), hierarchy.beside("answer.der"));
    let line = "ocsp -issuer {0} -cert {1} -no_nonce -reqout {2}";
    let _ = openssl_with(line, &[&issuer, &certificate, &request]).done();
    let text = openssl_with("base64 -A -in {0}", &[&request]).done();
    let path = text.trim().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    fs::write(&answer, service.fetch(&format!("/ocsp/{path}")).body).unwrap();
    let chain = wallet.join("chain.pem");
    let line = "ocsp -respin {0} -issuer {1} -cert {2} -CAfile {3} -verify_other {4} \
                -ignore_critical -no_nonce";
    let said = openssl_with(line, &[&answer, &issuer, &certificate, &hierarchy.root(), &chain]);
    assert!(said.all().contains("Response verify OK"), "{}", said.all());
    said.all()
}

fn reasons(verdict: &serde_json::Value) -> &[serde_json::Value] {
    verdict["reasons"].as_array().unwrap()
}
