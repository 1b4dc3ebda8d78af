//! The inventory on the command line: found by what is known of a certificate, and exported.

use std::fs;
use std::process::Command;

use ca_core::store::{RegistrationQuery, Store as _};
use e2e::{Cardholder, Hierarchy, Outcome, openssl, serial};
use serde_json::Value;

use super::mass_revocation::store;
use super::revocation::{fill, path};

/// Serial numbers that `cert list` finds.
fn found(hierarchy: &Hierarchy, options: &[&str]) -> Vec<String> {
    serials(&hierarchy.json(&[&["cert", "list"], options].concat())["certificates"])
}

fn serials(list: &Value) -> Vec<String> {
    let lines = list.as_array().unwrap();
    lines.iter().map(|line| line["serial"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn card_is_found_by_whatever_is_known_of_it() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let wallet = Cardholder::new(&hierarchy, &service).registered();
    let certificate = wallet.join("certificate.pem");
    let serial = serial(&certificate);
    let shown = hierarchy.json(&["cert", "show", &serial]);
    let (_, name) = shown["subject"].as_str().unwrap().rsplit_once("CN=").unwrap();
    let store = store(&hierarchy);
    let registrations = store.registrations(&RegistrationQuery::default()).unwrap().items;
    let id = ca_core::hex(&registrations[0].registration.lid_ca);
    let end = shown["notAfter"].as_str().unwrap();
    let key = hierarchy.beside("key.pem");
    let public = openssl(&["x509", "-in", path(&certificate), "-noout", "-pubkey"]).all();
    fs::write(&key, public).unwrap();
    for options in [
        &["--serial", &serial][..],
        &["--subject", name],
        &["--subject", &name.to_lowercase(), "--subject", "ISSUER"],
        &["--registration", &id],
        &["--key", path(&certificate)],
        &["--key", path(&key), "--role", "cardholder"],
        &["--brand", "Sample", "--role", "cardholder", "--state", "issued"],
        &["--expires-after", end, "--expires-before", end],
    ] {
        assert_eq!(found(&hierarchy, options), [serial.as_str()], "{options:?}");
    }
    for options in [
        &["--subject", "issue"][..],
        &["--registration", "00ff"],
        &["--key", &"00".repeat(32)],
        &["--brand", "Other"],
        &["--registration", &id, "--state", "revoked"],
    ] {
        assert_eq!(found(&hierarchy, options), [] as [&str; 0], "{options:?}");
    }
    let no_word = hierarchy.try_run(&["cert", "list", "--subject", "-"]);
    assert!(no_word.failed(2).contains("has no word"), "{}", no_word.all());
}

#[test]
fn export_has_every_certificate_once_in_both_forms_and_overwrites_nothing() {
    let hierarchy = Hierarchy::new();
    fill(&hierarchy, 1200);
    let all = found(&hierarchy, &["--limit", "5000"]);
    assert!(all.len() > 1200);

    let lines = hierarchy.beside("all.jsonl");
    let said = hierarchy.json(&["cert", "export", "--out", path(&lines)]);
    assert_eq!(said["certificates"], all.len());
    let text = fs::read_to_string(&lines).unwrap();
    let objects: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(serials(&Value::Array(objects.clone())), all);

    let table = hierarchy.beside("cards.csv");
    let _ =
        hierarchy.run(&["cert", "export", "--role", "cardholder", "--csv", "--out", path(&table)]);
    let script = "import csv,json,sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], \
                  newline='')))))";
    let rows = Outcome::of(Command::new("python3").args(["-c", script, path(&table)])).json();
    let cards: Vec<&Value> = objects.iter().filter(|line| line["role"] == "cardholder").collect();
    assert_eq!(rows.as_array().unwrap().len(), 1200);
    for (row, card) in rows.as_array().unwrap().iter().zip(cards) {
        for name in ["serial", "state", "issuer", "subject", "notAfter", "publicKey"] {
            assert_eq!(row[name], card[name]);
        }
    }

    let again = hierarchy.try_run(&["cert", "export", "--out", path(&lines)]);
    assert!(again.failed(1).contains("is not overwritten"), "{}", again.all());
    assert_eq!(fs::read_to_string(&lines).unwrap(), text);
    let beside = fs::read_dir(lines.parent().unwrap()).unwrap();
    let drafts = beside.filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".all.jsonl")
    });
    assert_eq!(drafts.count(), 0);
}

#[test]
fn what_ends_is_counted_by_period_and_role_and_the_first_are_named() {
    let hierarchy = Hierarchy::new();
    // Samples end 365 days after a day of November 2026, whatever the day is now.
    fill(&hierarchy, 3);
    let revoke = ["cert", "revoke", "02", "--ca", "sample-cca", "--reason", "superseded"];
    let _ = hierarchy.run(&revoke);
    let far = ["cert", "expiring", "--within", "36500", "--role", "cardholder"];
    let said = hierarchy.json(&far);
    assert_eq!(said["certificates"], 2, "{said}");
    assert_eq!(serials(&said["first"]), ["01", "03"]);
    let periods = serde_json::json!([
        { "period": "2027-11", "role": "cardholder", "certificates": 2 }
    ]);
    assert_eq!(said["periods"], periods);
    let table = hierarchy.run(&far);
    assert!(table.starts_with("FROM        CARDHOLDER\n2027-11              2\n"), "{table}");
    let csv = hierarchy.run(&[&far[..], &["--csv"]].concat());
    assert_eq!(csv, "period,role,certificates\r\n2027-11,cardholder,2\r\n");
    for narrower in [["--brand", "Other"], ["--ca", "sample-mca"]] {
        assert_eq!(hierarchy.json(&[&far[..], &narrower].concat())["certificates"], 0);
    }
    let soon = hierarchy.run(&["cert", "expiring", "--within", "1", "--role", "cardholder"]);
    assert_eq!(soon, "no certificate ends in that time\n");
}
