//! Who may end a certificate on a running service: a bank with its token, and no other.

use std::fs;

use e2e::{Answer, Cardholder, Hierarchy, Service, files, serial};
use serde_json::{Value, json};

use super::revocation::{asked, crl_text, soon};

fn revoke(service: &Service, token: &str, path: &str, reason: &str) -> Answer {
    let body = json!({ "reason": reason }).to_string();
    let header = ("authorization", format!("Bearer {token}"));
    let path = format!("{path}/revoke");
    service.post_with(&path, (header.0, &header.1), "application/json", body.as_bytes())
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn a_bank_ends_its_own_card_another_bank_does_not_and_the_log_says_who() {
    let hierarchy = Hierarchy::new();
    let add = |name: &str, role: &str, bin: &str| {
        let command = ["institution", "add", name, "--brand", "Sample", "--role", role];
        let added = hierarchy.json(&[&command[..], &["--bin", bin]].concat());
        added["token"].as_str().unwrap().to_owned()
    };
    let own = add("first-bank", "issuer", "411100-411199");
    let other = add("second-bank", "issuer", "420000");
    let listed = hierarchy.json(&["institution", "list"]);
    assert_eq!(listed["institutions"][1]["name"], "second-bank");
    assert!(listed["institutions"][0].get("token").is_none());

    let service = hierarchy.serve();
    let wallet = Cardholder::new(&hierarchy, &service).registered();
    let serial = serial(&wallet.join("certificate.pem"));
    let path = format!("/v1/certificates/sample-cca/{serial}");
    let refused = revoke(&service, &other, &path, "cessationOfOperation");
    assert_eq!((refused.status, &read(&refused)["code"]), (403, &"revocation-refused".into()));
    let number = ca_core::store::SerialNumber::parse_hex(&serial).unwrap();
    soon(|| asked(&hierarchy, &service, &number), &[": good"]);

    let done = revoke(&service, &own, &path, "cessationOfOperation");
    assert_eq!((done.status, &read(&done)["listed"]), (200, &true.into()), "{:?}", read(&done));
    soon(|| asked(&hierarchy, &service, &number), &[": revoked", "cessationOfOperation"]);
    let crl = crl_text(&hierarchy, &service, "sample-cca");
    assert!(
        crl.contains(&serial.to_uppercase()) && crl.contains("Cessation Of Operation"),
        "{crl}"
    );

    let log = service.log();
    assert!(log.contains("institution first-bank") && log.contains("revoked"), "{log}");
    assert!(log.contains("institution second-bank") && log.contains("refused"), "{log}");
    let mut seen = files::contents(&hierarchy.dir());
    seen.insert("service.log".into(), log.into_bytes());
    let secret = files::Forms::of(own.as_bytes());
    for (path, octets) in &seen {
        let found = secret.found_in(octets);
        assert!(found.is_none(), "token in {}: {found:?}", path.display());
    }
}

#[test]
fn a_token_that_was_taken_away_opens_nothing_after_a_restart() {
    let hierarchy = Hierarchy::new();
    let add = ["institution", "add", "bank", "--brand", "Sample", "--role", "acquirer"];
    let added = hierarchy.json(&add);
    let again = hierarchy.try_run(&add);
    assert!(again.failed(1).contains("there is an institution bank"), "{}", again.all());
    let stranger = ["institution", "add", "x", "--brand", "Nobody", "--role", "issuer"];
    let stranger = hierarchy.try_run(&stranger);
    assert!(stranger.failed(1).contains("there are Sample"), "{}", stranger.all());
    let _ = hierarchy.run(&["institution", "remove", "bank"]);
    let gone = hierarchy.try_run(&["institution", "remove", "bank"]);
    assert!(gone.failed(1).contains("no institution bank"), "{}", gone.all());
    let settings = fs::read_to_string(hierarchy.dir().join("setca.toml")).unwrap();
    assert!(!settings.contains("institution"), "{settings}");

    let service = hierarchy.serve();
    let token = added["token"].as_str().unwrap();
    let answer = revoke(&service, token, "/v1/certificates/sample-mca/01", "superseded");
    assert_eq!((answer.status, &read(&answer)["code"]), (403, &"forbidden".into()));
}
