//! `setca demo`: the story in both suites, and what OpenSSL says to the files it leaves.

use std::fs;
use std::path::Path;

use e2e::{Hierarchy, Outcome, openssl_with, setca};
use serde_json::Value;

const FILES: &str = "-ignore_critical -crl_check_all -CAfile {0} -untrusted {1} -CRLfile {2} {3}";

#[test]
fn both_suites_are_told_and_openssl_agrees_before_and_after_the_revocation() {
    let home = tempfile::tempdir().unwrap();
    let keep = home.path().join("keep");
    let said = Outcome::of(setca(&home.path().join("unused")).args(["demo", "--keep"]).arg(&keep));
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.stdout.contains("Every verdict is the one expected."), "{}", said.stdout);
    assert!(said.stdout.starts_with("Suite modern\n"), "{}", said.stdout);
    assert!(said.stdout.contains("\n\nSuite set-1997\n"), "{}", said.stdout);
    assert!(said.stderr.contains("WARNING: suite set-1997"), "{}", said.stderr);
    assert!(!home.path().join("unused").exists(), "DIR is not the demo's");

    let modern = keep.join("modern");
    let strict = "-x509_strict";
    // In suite set-1997 CCA and MCA issue no CRL: OpenSSL can judge the gateway alone.
    for name in ["cardholder-signature", "second-cardholder-signature", "merchant-encryption"] {
        assert_eq!(judged(&modern, strict, "crls-before.pem", name), Ok(()));
        assert_eq!(judged(&modern, strict, "crls.pem", name), Ok(()));
    }
    for (folder, level, who, other) in [
        (&modern, strict, "merchant", "gateway-signature"),
        (&keep.join("set-1997"), "-auth_level 0", "gateway", "gateway-encryption"),
    ] {
        let revoked = format!("{who}-signature");
        assert_eq!(judged(folder, level, "crls-before.pem", &revoked), Ok(()));
        assert_eq!(judged(folder, level, "crls.pem", other), Ok(()));
        let refused = judged(folder, level, "crls.pem", &revoked).unwrap_err();
        assert!(refused.contains("certificate revoked"), "{refused}");
    }
}

#[test]
fn json_has_every_step_of_each_suite_as_expected() {
    let report = told(&[]);
    assert_eq!((&report["expected"], &report["folder"]), (&true.into(), &Value::Null));
    let modern = verdicts(&report, "modern");
    let old = verdicts(&report, "set-1997");
    assert_eq!(modern.len() + old.len(), report["steps"].as_array().unwrap().len());
    let says = |steps: &[(String, String)], name: &str, verdict: &str| {
        let found = steps.iter().find(|(step, _)| step == name);
        assert!(found.is_some_and(|(_, said)| said.contains(verdict)), "{name}: {steps:?}");
    };
    for (steps, revoked) in [(&modern, "merchant"), (&old, "gateway")] {
        says(steps, "CertReq, CertRes", "requestComplete");
        says(steps, "cardholder whose bank is careful", "requestPended");
        says(steps, "CertInqReq, CertInqRes", "requestComplete");
        says(steps, "all chains validated", "6 VALID");
        let refusal = format!("{revoked}-signature: INVALID, revoked; 5 VALID");
        says(steps, &format!("validation refuses the {revoked}"), &refusal);
        says(steps, "wallet that trusts the old root", "ends at the new root");
    }
    says(&modern, "OCSP says so", "revoked");
    assert!(!old.iter().any(|(name, _)| name.contains("OCSP")), "{old:?}");
}

#[test]
fn one_suite_is_told_alone() {
    let report = told(&["--suite", "set-1997"]);
    assert_eq!(report["expected"], true);
    assert!(verdicts(&report, "modern").is_empty(), "{report}");
    assert!(!verdicts(&report, "set-1997").is_empty(), "{report}");
}

#[test]
fn demo_writes_over_nothing() {
    let hierarchy = Hierarchy::new();
    let keep = hierarchy.beside("keep");
    fs::create_dir(&keep).unwrap();
    let mut command = hierarchy.command(&["demo", "--keep"]);
    let outcome = Outcome::of(command.arg(&keep));
    assert!(outcome.failed(1).contains("keep exists"), "{}", outcome.all());
}

fn told(more: &[&str]) -> Value {
    let home = tempfile::tempdir().unwrap();
    let mut command = setca(&home.path().join("unused"));
    let outcome = Outcome::of(command.args(["demo", "--format", "json"]).args(more));
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    outcome.json()
}

/// Name and verdict of each step of a suite.
fn verdicts(report: &Value, suite: &str) -> Vec<(String, String)> {
    let steps = report["steps"].as_array().unwrap().iter();
    let text = |step: &Value, name: &str| step[name].as_str().unwrap().to_owned();
    steps
        .filter(|step| step["suite"] == suite)
        .map(|step| (text(step, "name"), text(step, "verdict")))
        .collect()
}

fn judged(folder: &Path, level: &str, crls: &str, name: &str) -> Result<(), String> {
    let file = |name: &str| folder.join(name);
    let (root, chain, crls) = (file("root.pem"), file("chain.pem"), file(crls));
    let line = format!("verify {level} {FILES}");
    let outcome = openssl_with(&line, &[&root, &chain, &crls, &file(&format!("{name}.pem"))]);
    if outcome.code == 0 { Ok(()) } else { Err(outcome.all()) }
}
