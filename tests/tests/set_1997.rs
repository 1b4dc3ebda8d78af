//! `setca init --suite set-1997`: what was made is what OpenSSL says of SET 1.0
//! (`set-certificates.md` §10.3).

use std::path::PathBuf;

use e2e::{Hierarchy, Outcome, openssl};

#[test]
fn init_warns_loudly_and_makes_certificates_of_sha_1_with_rsa() {
    let (hierarchy, init) = museum();
    assert!(init.stderr.contains("WARNING: suite set-1997"), "{}", init.stderr);
    let inventory = hierarchy.inventory();
    // Root, two of the brand CA, three each of CCA, MCA and PCA; no OCSP responder.
    assert_eq!(inventory.len(), 12);
    for certificate in inventory {
        let pem = hierarchy.beside("one.pem");
        let serial = certificate["serial"].as_str().unwrap();
        let shown = hierarchy.run(&["cert", "show", serial, "--pem"]);
        std::fs::write(&pem, shown).unwrap();
        let text = openssl(&["x509", "-in", pem.to_str().unwrap(), "-noout", "-text"]).done();
        let bits = if certificate["role"] == "rca" { "2048 bit" } else { "1024 bit" };
        assert!(text.contains("sha1WithRSAEncryption") && text.contains(bits), "{text}");
        assert!(!text.contains("X509v3 Subject Key Identifier"), "{text}");
        assert!(!text.contains("Authority Information Access"), "{text}");
    }
}

/// §10.3, column "sha1, 1024": OK at level 0, error 68 at level 1, error 85 with -x509_strict.
#[test]
fn openssl_says_of_each_ca_what_the_table_says() {
    let (hierarchy, _) = museum();
    for ca in ["museum-bca", "museum-cca", "museum-mca", "museum-pca"] {
        let verify = |more: &[&str]| {
            let (chain, issuer) = (hierarchy.chain(ca), hierarchy.issuer(ca));
            let root = hierarchy.root();
            let mut words = vec![PathBuf::from("verify"), "-ignore_critical".into()];
            words.extend(more.iter().map(PathBuf::from));
            words.extend(["-CAfile".into(), root, "-untrusted".into(), chain, issuer]);
            openssl(&words)
        };
        assert_eq!(verify(&["-auth_level", "0"]).code, 0, "{ca}");
        assert_eq!(
            verify(&["-auth_level", "0", "-policy", "2.23.42.5.0", "-explicit_policy"]).code,
            0
        );
        let weak = verify(&["-auth_level", "1"]);
        assert!(weak.code != 0 && weak.all().contains("error 6"), "{}", weak.all());
        let strict = verify(&["-auth_level", "0", "-x509_strict"]);
        assert!(strict.all().contains("error 85"), "{}", strict.all());
    }
}

#[test]
fn lists_are_those_of_the_cas_that_issue_them() {
    let (hierarchy, _) = museum();
    let bci = hierarchy.json(&["bci", "show", "Museum"]);
    assert_eq!(bci["crlIdentifierSeq"].as_array().map(Vec::len), Some(3), "{bci}");
    for ca in ["museum-cca", "museum-mca"] {
        assert_eq!(hierarchy.try_run(&["crl", "show", ca]).code, 1, "{ca}");
        let refused = hierarchy.try_run(&["crl", "issue", ca]);
        assert!(refused.failed(1).contains("issues no CRL"), "{}", refused.all());
    }
    let chain = hierarchy.chain("museum-pca");
    let mut command = hierarchy.command(&["verify", "--brand", "Museum"]);
    command.arg(chain).arg("--trust").arg(hierarchy.root()).arg("--crl");
    command.args(["root", "museum-bca"].map(|ca| hierarchy.crl(ca)));
    let outcome = Outcome::of(&mut command);
    assert_eq!(outcome.code, 0, "{}", outcome.all());
}

#[test]
fn the_two_suites_refuse_each_other() {
    let (old, _) = museum();
    let chain = old.chain("museum-cca");
    let verify = |suite: &str| {
        let mut command = old.command(&["verify", "--format", "json", "--suite", suite]);
        Outcome::of(command.arg(&chain).arg("--trust").arg(old.root()))
    };
    assert_eq!(verify("set-1997").json()["verdict"], "valid");
    let refused = verify("modern");
    assert_eq!((refused.code, &refused.json()["verdict"]), (1, &"invalid".into()));
    let reasons = refused.json()["reasons"].to_string();
    assert!(reasons.contains("algorithm-not-allowed"), "{reasons}");
}

#[test]
fn service_of_the_old_suite_warns_and_answers() {
    let (hierarchy, _) = museum();
    let service = hierarchy.serve();
    assert_eq!(service.fetch("/readyz").status, 200);
    assert_eq!(service.fetch("/crl/museum-pca.crl").status, 200);
    assert_eq!(service.fetch("/crl/museum-cca.crl").status, 404);
    let log = service.log();
    assert!(log.contains("WARNING: suite set-1997"), "{log}");
}

/// A hierarchy for each test: keys of 1024 bits cost little.
fn museum() -> (Hierarchy, Outcome) {
    Hierarchy::made_and_heard(&["--brand", "Museum", "--suite", "set-1997"])
}
