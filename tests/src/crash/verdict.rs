//! What everybody was told, against what is there.

use std::collections::{BTreeMap, BTreeSet};

use ca_core::wire::Crl;
use serde_json::Value;

use super::Survived;
use super::crowd::{Heard, certificate, exchanges, serial};
use crate::wallet::SET_REGISTRATION;
use crate::{Hierarchy, Service};

/// Judges; returns the figures.
pub(super) fn judge(
    hierarchy: &Hierarchy,
    heard: &Heard,
    checkpoints: &[String],
    survived: Survived,
) -> Survived {
    let service = hierarchy.serve();
    every_answer_is_repeated(&service, heard);
    let intents = every_certificate_is_recorded_once(hierarchy, heard);
    let _ = hierarchy.run(&["crl", "issue", "sample-cca"]);
    no_revocation_is_forgotten(&service, heard);
    drop(service);
    let _ = hierarchy.run(&["status", "check", "--all"]);
    for given in checkpoints.iter().map(Some).chain([None]) {
        let mut verify = vec!["audit", "verify"];
        verify.extend(given.map(|file| ["--checkpoint", file]).into_iter().flatten());
        let _ = hierarchy.run(&verify);
    }
    Survived {
        registered: heard.registered.len() as u64,
        answers: exchanges(heard).count() as u64,
        revoked: heard.revoked.len() as u64,
        lists: heard.lists.len() as u64,
        intents,
        ..survived
    }
}

/// Every request that was answered gets the same octets again.
fn every_answer_is_repeated(service: &Service, heard: &Heard) {
    for exchange in exchanges(heard) {
        let again = service.post("/set", SET_REGISTRATION, &exchange.request);
        assert_eq!(again.status, 200);
        assert_eq!(again.body, exchange.answer, "another answer to the same request");
    }
}

/// Every certificate that somebody holds is in the inventory, octet by octet, no serial number
/// occurs twice, and nothing was issued that nobody has. Returns how many are intents.
fn every_certificate_is_recorded_once(hierarchy: &Hierarchy, heard: &Heard) -> u64 {
    let inventory = hierarchy.inventory();
    let mut rows: BTreeMap<(String, String), &Value> = BTreeMap::new();
    for row in &inventory {
        let field = |name: &str| row[name].as_str().expect("text").to_owned();
        let twice = rows.insert((field("issuer"), field("serial")), row);
        assert!(twice.is_none(), "serial number used twice: {row}");
    }
    let revoked: BTreeSet<&String> = heard.revoked.iter().collect();
    for one in &heard.registered {
        let serial = serial(one);
        let row = rows.get(&("sample-cca".to_owned(), serial.clone()));
        let state = if revoked.contains(&serial) { "revoked" } else { "issued" };
        let found = row.unwrap_or_else(|| panic!("{serial} was handed out and is not there"));
        // Whoever revokes may have been cut off after it counted.
        assert!(found["state"] == state || found["state"] == "revoked", "{found}");
        if revoked.len() < SHOWN {
            let pem = hierarchy.beside("shown.pem");
            std::fs::write(&pem, hierarchy.run(&["cert", "show", &serial, "--pem"])).expect("file");
            assert_eq!(hierarchy.der(&pem), certificate(one).der());
        }
    }
    let of_cardholders = |row: &&&Value| row["role"] == "cardholder" && row["state"] != "intent";
    let issued = rows.values().filter(of_cardholders).count();
    assert_eq!(issued, heard.registered.len(), "as many are issued as were handed out");
    rows.values().filter(|row| row["state"] == "intent").count() as u64
}

/// Every revocation that was acknowledged is in the CRL.
fn no_revocation_is_forgotten(service: &Service, heard: &Heard) {
    let crl = Crl::from_der(&service.fetch("/crl/sample-cca.crl").body).expect("a CRL");
    for serial in &heard.revoked {
        let octets = ca_core::unhex(serial).expect("hexadecimal");
        assert!(crl.revoked(&octets).is_some(), "{serial} is revoked and not on the CRL");
    }
}

/// Certificates are compared octet by octet only in a short run: each costs two processes.
const SHOWN: usize = 100;
