//! Many certificates revoked in one go: of a registration, of what the root issued while its key is
//! away, and with `kill -9` at the worst of times.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use ca_core::store::{Intent, ListId, RegistrationQuery, Store as _};
use ca_server::store::SqliteStore;
use e2e::{Cardholder, Hierarchy, Service, openssl, serial};
use serde_json::Value;

use super::revocation::{asked, crl_text, fill, listed, path, serial_of, soon};

pub(super) fn store(hierarchy: &Hierarchy) -> SqliteStore {
    SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap()
}

#[test]
fn what_a_registration_brought_is_revoked_by_its_id() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let wallet = Cardholder::new(&hierarchy, &service).registered();
    let serial = serial(&wallet.join("certificate.pem"));
    let found = store(&hierarchy).registrations(&RegistrationQuery::default()).unwrap().items;
    let id = ca_core::hex(&found[0].registration.lid_ca);

    let revoke = ["cert", "revoke", "--registration", &id, "--reason", "cessationOfOperation"];
    let dry = hierarchy.json(&[&revoke[..], &["--dry-run"]].concat());
    assert_eq!(dry["wouldRevoke"], 1, "{dry}");
    assert_eq!(dry["certificates"][0]["serial"], serial.as_str());
    assert_eq!(hierarchy.json(&["cert", "show", &serial])["state"], "issued");

    let said = hierarchy.json(&revoke);
    assert_eq!(["revoked", "alreadyRevoked"].map(|name| said[name].clone()), [1, 0]);
    let shown = hierarchy.json(&["cert", "show", &serial]);
    assert_eq!(shown["revocation"]["reason"], "cessationOfOperation");
    let crl = crl_text(&hierarchy, &service, "sample-cca");
    assert!(crl.contains(&serial.to_uppercase()), "{crl}");
    let again = hierarchy.json(&revoke);
    assert_eq!(["revoked", "alreadyRevoked"].map(|name| again[name].clone()), [0, 1]);

    let stranger = ["cert", "revoke", "--registration", "00ff", "--reason", "cessationOfOperation"];
    let refused = hierarchy.try_run(&stranger);
    assert!(refused.failed(1).contains("no registration 00ff"), "{}", refused.all());
}

#[test]
fn reason_that_does_not_fit_is_refused_and_the_rest_is_revoked() {
    let hierarchy = Hierarchy::new();
    fill(&hierarchy, 1);
    let mca = serial_of(&hierarchy, "sample-mca");
    let file = hierarchy.beside("list.txt");
    fs::write(&file, format!("01\n{mca}\n")).unwrap();
    let revoke = ["cert", "revoke", "--file", path(&file), "--reason", "keyCompromise"];
    let said = hierarchy.try_run(&[&revoke[..], &["--format", "json"]].concat());
    assert_eq!(said.code, 1, "{}", said.all());
    let said = said.json();
    assert_eq!((&said["revoked"], &said["refused"][0]["serial"]), (&1.into(), &mca.clone().into()));
    let why = said["refused"][0]["why"].as_str().unwrap();
    assert!(why.contains("write cACompromise"), "{why}");
    let one = hierarchy.try_run(&["cert", "revoke", &mca, "--reason", "keyCompromise"]);
    assert!(one.failed(1).contains("write cACompromise"), "{}", one.all());
    assert_eq!(hierarchy.json(&["cert", "show", &mca])["state"], "issued");
}

/// What `openssl ocsp` says of the brand CA, asked of the root's responder.
fn asked_of_root(hierarchy: &Hierarchy, service: &Service) -> String {
    let (root, brand) = (hierarchy.root(), hierarchy.issuer("sample-bca"));
    let url = format!("{}/ocsp", service.url());
    let start = ["ocsp", "-issuer", path(&root), "-cert", path(&brand), "-url", &url];
    openssl(&[&start[..], &["-CAfile", path(&root), "-ignore_critical"]].concat()).all()
}

#[test]
fn what_the_root_issued_is_revoked_at_once_and_listed_by_ceremony() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let service = hierarchy.serve();
    soon(|| asked_of_root(&hierarchy, &service), &["Response verify OK", ".pem: good"]);
    let issued = hierarchy.json(&["cert", "list", "--ca", "root", "--role", "bca"]);
    let issued = issued["certificates"].as_array().unwrap().clone();
    assert!(issued.len() > 1, "{issued:?}");
    let list: String =
        issued.iter().map(|row| format!("root:{}\n", row["serial"].as_str().unwrap())).collect();
    let file = hierarchy.beside("list.txt");
    fs::write(&file, list).unwrap();

    // Exit code 0: what the command can do is done, and it says what remains.
    let revoke = ["cert", "revoke", "--file", path(&file), "--reason", "cessationOfOperation"];
    let said = hierarchy.try_run(&[&revoke[..], &["--format", "json"]].concat());
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.stderr.contains("setca crl issue root"), "{}", said.stderr);
    assert!(said.stderr.contains("offline-root"), "{}", said.stderr);
    let said = said.json();
    assert_eq!(
        (&said["revoked"], &said["published"]),
        (&issued.len().into(), &Value::from([(); 0]))
    );
    soon(|| asked_of_root(&hierarchy, &service), &["Response verify OK", ".pem: revoked"]);
    let crl = crl_text(&hierarchy, &service, "root");
    assert!(crl.contains("No Revoked Certificates"), "{crl}");

    hierarchy.bring_root_back();
    let _ = hierarchy.json(&["crl", "issue", "root"]);
    let crl = crl_text(&hierarchy, &service, "root");
    assert_eq!(crl.matches("Serial Number:").count(), issued.len(), "{crl}");
    // The same command again has nothing to do but the list.
    let again = hierarchy.json(&revoke);
    assert_eq!((&again["revoked"], &again["alreadyRevoked"]), (&0.into(), &issued.len().into()));
}

/// SIGKILL as soon as the feed has come so far.
fn killed_at(hierarchy: &Hierarchy, mut child: Child, change: u64) {
    let store = store(hierarchy);
    let deadline = Instant::now() + Duration::from_secs(300);
    while store.last_change().unwrap() < change {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Some serial numbers of those that are revoked, in the order of the list.
fn sample(intents: &[Intent], revoked: u64) -> Vec<&Intent> {
    let revoked = usize::try_from(revoked).unwrap();
    [0, revoked / 3, revoked / 2, revoked - 1].map(|place| &intents[place]).to_vec()
}

#[test]
fn killed_in_the_middle_and_before_the_list_nothing_revoked_is_ever_good_again() {
    const COUNT: u64 = 6_000;
    let hierarchy = Hierarchy::new();
    let intents = fill(&hierarchy, COUNT);
    let service = hierarchy.serve();
    let list = ListId::Crl(intents[0].issuer.clone());
    let number = || store(&hierarchy).list_head(&list).unwrap().unwrap().number;
    let (begin, first) = (store(&hierarchy).last_change().unwrap(), number());
    let file = hierarchy.beside("list.txt");
    fs::write(&file, listed(&intents)).unwrap();
    let command = ["cert", "revoke", "--file", path(&file), "--reason", "keyCompromise"];
    let run = || {
        let mut command = hierarchy.command(&command);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let good = |service: &Service, revoked: u64| {
        for intent in sample(&intents, revoked) {
            let said = asked(&hierarchy, service, &intent.serial);
            assert!(said.contains(": revoked"), "{}: {said}", intent.serial);
        }
    };

    killed_at(&hierarchy, run(), begin + 1);
    let done = store(&hierarchy).last_change().unwrap() - begin;
    assert!(done < COUNT, "all {done} were revoked before the kill");
    soon(|| asked(&hierarchy, &service, &intents[0].serial), &[": revoked"]);
    good(&service, done);

    // Again; this time all are recorded and no list is made.
    killed_at(&hierarchy, run(), begin + COUNT);
    assert_eq!(number(), first, "the list was made before the kill");
    soon(|| asked(&hierarchy, &service, &intents.last().unwrap().serial), &[": revoked"]);
    good(&service, COUNT);
    service.kill();
    let service = hierarchy.serve();
    good(&service, COUNT);

    let said = hierarchy.json(&command);
    let counts = ["revoked", "alreadyRevoked"].map(|name| said[name].as_u64().unwrap());
    assert_eq!(counts, [0, COUNT], "{said}");
    assert_eq!(said["published"][0]["number"].as_u64().unwrap(), number(), "{said}");
    let crl = crl_text(&hierarchy, &service, "sample-cca");
    assert_eq!(crl.matches("Serial Number:").count() as u64, COUNT);
    good(&service, COUNT);
}
