//! `setca demo`: the story, and what OpenSSL says to the files it leaves.

use std::fs;
use std::path::Path;

use e2e::{Hierarchy, Outcome, openssl_with, setca};

const LINE: &str = "verify -x509_strict -ignore_critical -crl_check_all -CAfile {0} -untrusted {1} \
                    -CRLfile {2} {3}";

#[test]
fn openssl_agrees_with_the_demo_before_and_after_the_revocation() {
    let home = tempfile::tempdir().unwrap();
    let keep = home.path().join("keep");
    let said = Outcome::of(setca(&home.path().join("unused")).args(["demo", "--keep"]).arg(&keep));
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.stdout.contains("Every verdict is the one expected."), "{}", said.stdout);
    assert!(!home.path().join("unused").exists(), "DIR is not the demo's");

    for name in ["cardholder", "merchant-encryption", "gateway-encryption", "gateway-signature"] {
        assert_eq!(judged(&keep, "crls-before.pem", name), Ok(()));
        assert_eq!(judged(&keep, "crls.pem", name), Ok(()));
    }
    assert_eq!(judged(&keep, "crls-before.pem", "merchant-signature"), Ok(()));
    let refused = judged(&keep, "crls.pem", "merchant-signature").unwrap_err();
    assert!(refused.contains("certificate revoked"), "{refused}");
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

fn judged(keep: &Path, crls: &str, name: &str) -> Result<(), String> {
    let file = |name: &str| keep.join(name);
    let (root, chain, crls) = (file("root.pem"), file("chain.pem"), file(crls));
    let outcome = openssl_with(LINE, &[&root, &chain, &crls, &file(&format!("{name}.pem"))]);
    if outcome.code == 0 { Ok(()) } else { Err(outcome.all()) }
}
