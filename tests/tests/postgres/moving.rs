//! A backup of records in a database, and the way from one machine to several and back.

use std::collections::BTreeMap;

use e2e::postgres::Postgres;
use e2e::wallet::{self, Registered, SET_REGISTRATION};
use e2e::{Hierarchy, Outcome, Service, setca};
use serde_json::Value;

fn register(hierarchy: &Hierarchy, service: &Service, number: u32) -> Registered {
    wallet::register(&hierarchy.root_certificate(), &wallet::pan(number), |request| {
        service.post("/set", SET_REGISTRATION, request).body
    })
}

/// Everything that an operator can see of a hierarchy, and who did what but for what was done last.
fn seen(hierarchy: &Hierarchy) -> BTreeMap<&'static str, Value> {
    let mut seen: BTreeMap<&str, Value> = [
        ("certificates", &["cert", "list", "--limit", "1000"][..]),
        ("cas", &["ca", "list"]),
        ("crl", &["crl", "show", "sample-cca"]),
        ("bci", &["bci", "show", "Sample"]),
    ]
    .map(|(what, arguments)| (what, hierarchy.json(arguments)))
    .into();
    let expiring = hierarchy.json(&["cert", "expiring", "--within", "7300"]);
    seen.insert("expiring", expiring["periods"].clone());
    let log = hierarchy.json(&["audit", "list", "--from", "0", "--limit", "1000"]);
    let mut entries = log["entries"].as_array().unwrap().clone();
    let ours = |entry: &Value| {
        let act = entry["act"].as_str().unwrap_or_default();
        act == "backup" || act == "restore"
    };
    entries.retain(|entry| !ours(entry));
    seen.insert("log", entries.into());
    seen
}

fn same(hierarchy: &Hierarchy, before: &BTreeMap<&str, Value>) {
    for (what, found) in seen(hierarchy) {
        assert_eq!(found, before[what], "{what}");
    }
}

#[test]
fn records_move_to_a_database_and_back_and_the_service_goes_on() {
    let server = Postgres::start();
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let known: Vec<_> = (0..3).map(|number| register(&hierarchy, &service, number)).collect();
    let serial = ca_core::hex(known[0].certified.signature().unwrap().certificate.serial());
    let _ = hierarchy.run(&["cert", "revoke", &serial, "--reason", "keyCompromise"]);
    service.kill();
    let before = seen(&hierarchy);

    // Into the database: by a backup, restored there.
    let file = hierarchy.beside("one.tar");
    let _ = hierarchy.run(&["backup".as_ref(), file.as_os_str()]);
    let several = hierarchy.beside("several");
    let url = server.database("records");
    let restore = |url: &str| {
        let mut command = setca(&several);
        command.arg("--store").arg(url).arg("restore").arg(&file);
        Outcome::of(&mut command)
    };
    let _ = restore(&url).done();
    assert!(!several.join("setca.db").exists());
    let moved = hierarchy.restored_at(&several, Some(&url));
    same(&moved, &before);
    let service = moved.serve();
    for exchange in known.iter().flat_map(|one| &one.exchanges) {
        let again = service.post("/set", SET_REGISTRATION, &exchange.request);
        assert_eq!(again.body, exchange.answer, "another answer to the same request");
    }
    let later = register(&moved, &service, 7);
    let _ = moved.run(&["status", "check", "--all"]);
    let _ = moved.run(&["audit", "verify"]);

    // A database that has records is not written over, and the folder is not made.
    let elsewhere = hierarchy.beside("elsewhere");
    let mut again = setca(&elsewhere);
    again.args(["--store", &url, "restore"]).arg(&file);
    let refused = Outcome::of(&mut again);
    assert_ne!(refused.code, 0);
    assert!(refused.all().contains("holds records already"), "{}", refused.all());
    assert!(!elsewhere.exists());

    // And back, from a backup made while it serves.
    let second = hierarchy.beside("two.tar");
    let _ = moved.run(&["backup".as_ref(), second.as_os_str()]);
    let before = seen(&moved);
    service.kill();
    let alone = hierarchy.beside("alone");
    let _ = Outcome::of(setca(&alone).arg("restore").arg(&second)).done();
    let back = hierarchy.restored_at(&alone, None);
    same(&back, &before);
    let service = back.serve();
    for exchange in &later.exchanges {
        let again = service.post("/set", SET_REGISTRATION, &exchange.request);
        assert_eq!(again.body, exchange.answer, "another answer to the same request");
    }
    let _ = register(&back, &service, 8);
    let _ = back.run(&["audit", "verify"]);
}

#[test]
fn records_of_another_hierarchy_are_refused() {
    let server = Postgres::start();
    let (url, empty) = (server.database("records"), server.database("empty"));
    let hierarchy = Hierarchy::in_database(&url);
    let other = Hierarchy::new().reached_by(&url);
    let refused = other.try_run(&["cert", "list"]);
    assert_eq!(refused.code, 1, "{}", refused.all());
    assert!(refused.all().contains("its root.pem has another root"), "{}", refused.all());
    let lost = hierarchy.reached_by(&empty).try_run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(lost.code, 3);
    assert!(lost.all().contains("holds no records"), "{}", lost.all());
    let again = Hierarchy::try_in_database(&url);
    assert!(again.all().contains("the database holds records already"), "{}", again.all());
    let nowhere = other.reached_by("mysql://u:secret-word@h/d").try_run(&["cert", "list"]);
    assert_eq!(nowhere.code, 2);
    assert!(!nowhere.all().contains("secret-word"), "{}", nowhere.all());
}
