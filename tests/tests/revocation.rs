//! Holds, releases, invalidity dates and mass revocation, as OpenSSL sees them.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ca_core::store::conformance::samples;
use ca_core::store::{CaId, Intent, SerialNumber, Store as _};
use ca_server::store::SqliteStore;
use e2e::{Hierarchy, Service, openssl, openssl_with};
use serde_json::Value;

/// Serial number of the certificate-signing certificate of a CA.
pub(super) fn serial_of(hierarchy: &Hierarchy, ca: &str) -> String {
    let said = openssl_with("x509 -in {0} -noout -serial", &[&hierarchy.issuer(ca)]).done();
    said.trim().trim_start_matches("serial=").to_lowercase()
}

/// What `openssl crl` says of the CRL that the service hands out.
pub(super) fn crl_text(hierarchy: &Hierarchy, service: &Service, ca: &str) -> String {
    let file = hierarchy.beside("served.crl");
    fs::write(&file, service.fetch(&format!("/crl/{ca}.crl")).body).unwrap();
    openssl_with("crl -inform DER -in {0} -noout -text", &[&file]).done()
}

/// Waits until OCSP says it: the service hears of what other processes do within a second.
pub(super) fn soon(ask: impl Fn() -> String, expected: &[&str]) {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let said = ask();
        if expected.iter().all(|words| said.contains(words)) {
            return;
        }
        assert!(Instant::now() < deadline, "{expected:?} is not in: {said}");
    }
}

/// What `openssl ocsp` says of a certificate that the brand CA issued.
fn ocsp_text(hierarchy: &Hierarchy, service: &Service, ca: &str) -> String {
    let (issuer, subject) = (hierarchy.issuer("sample-bca"), hierarchy.issuer(ca));
    let (root, url) = (hierarchy.root(), format!("{}/ocsp", service.url()));
    let [issuer, subject, root] = [&issuer, &subject, &root].map(|path| path.to_str().unwrap());
    let start = ["ocsp", "-issuer", issuer, "-cert", subject, "-url", &url, "-CAfile", root];
    let outcome = openssl(&[&start[..], &["-ignore_critical"]].concat());
    assert!(outcome.all().contains("Response verify OK"), "{}", outcome.all());
    outcome.all()
}

#[test]
fn hold_is_on_crl_and_in_ocsp_until_it_is_released() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let serial = serial_of(&hierarchy, "sample-mca");
    let ocsp = || ocsp_text(&hierarchy, &service, "sample-mca");
    soon(ocsp, &["pem: good"]);

    let held = hierarchy.json(&["cert", "revoke", &serial, "--reason", "certificateHold"]);
    assert_eq!(held["revocation"]["reason"], "certificateHold");
    let crl = crl_text(&hierarchy, &service, "sample-bca");
    assert!(crl.contains(&serial.to_uppercase()) && crl.contains("Certificate Hold"), "{crl}");
    soon(ocsp, &["pem: revoked", "certificateHold"]);
    let again = hierarchy.try_run(&["cert", "revoke", &serial, "--reason", "certificateHold"]);
    assert!(again.failed(1).contains(&serial), "{}", again.all());

    let released = hierarchy.json(&["cert", "release", &serial]);
    assert_eq!((&released["state"], &released["revocation"]), (&"issued".into(), &Value::Null));
    assert_eq!(released["published"].as_array().map(Vec::len), Some(2), "{released}");
    let crl = crl_text(&hierarchy, &service, "sample-bca");
    assert!(crl.contains("No Revoked Certificates"), "{crl}");
    soon(ocsp, &["pem: good"]);
    let again = hierarchy.try_run(&["cert", "release", &serial]);
    assert!(again.failed(1).contains("not on hold"), "{}", again.all());
}

#[test]
fn hold_becomes_a_revocation_with_its_date_and_says_since_when() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let serial = serial_of(&hierarchy, "sample-mca");
    let held = hierarchy.json(&["cert", "revoke", &serial, "--reason", "certificateHold"]);
    std::thread::sleep(Duration::from_millis(1100));
    let since = ["--invalid-since", "2026-01-02T03:04:05Z"];
    let revoke = ["cert", "revoke", &serial, "--reason", "cACompromise"];
    let revoked = hierarchy.json(&[&revoke[..], &since].concat());
    assert_eq!(revoked["revocation"]["at"], held["revocation"]["at"]);
    assert_eq!(revoked["revocation"]["invalidSince"], since[1]);
    let crl = crl_text(&hierarchy, &service, "sample-bca");
    assert!(crl.contains("CA Compromise"), "{crl}");
    assert!(crl.contains("Invalidity Date") && crl.contains("Jan  2 03:04:05 2026 GMT"), "{crl}");
    let ocsp = || ocsp_text(&hierarchy, &service, "sample-mca");
    soon(ocsp, &["pem: revoked", "cACompromise"]);
    let release = hierarchy.try_run(&["cert", "release", &serial]);
    assert!(release.failed(1).contains("for good"), "{}", release.all());
}

#[test]
fn invalidity_date_to_come_is_refused_and_nothing_is_revoked() {
    let hierarchy = Hierarchy::new();
    let serial = serial_of(&hierarchy, "sample-mca");
    let revoke = ["cert", "revoke", &serial, "--reason", "cACompromise"];
    let future = ["--invalid-since", "2999-01-01T00:00:00Z"];
    let refused = hierarchy.try_run(&[&revoke[..], &future].concat());
    assert!(refused.failed(1).contains("to come"), "{}", refused.all());
    assert_eq!(hierarchy.json(&["cert", "show", &serial])["state"], "issued");
}

#[test]
fn set_1997_has_no_hold_neither_for_one_nor_for_many() {
    let hierarchy = Hierarchy::made(&["--brand", "Museum", "--suite", "set-1997"]);
    let serial = serial_of(&hierarchy, "museum-mca");
    for dry_run in [&[][..], &["--dry-run"]] {
        let revoke = ["cert", "revoke", &serial, "--reason", "certificateHold"];
        let refused = hierarchy.try_run(&[&revoke[..], dry_run].concat());
        assert_eq!(refused.code, 1, "{}", refused.all());
        assert!(refused.stderr.contains("set-1997 knows no certificateHold"), "{}", refused.all());
    }
    assert_eq!(hierarchy.json(&["cert", "show", &serial])["state"], "issued");
}

/// Issued certificates 1 to `count` of the CCA, in the records alone.
pub(super) fn fill(hierarchy: &Hierarchy, count: u64) -> Vec<Intent> {
    let store = SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap();
    let intents: Vec<Intent> =
        (1..=count).map(|number| samples::intent("sample-cca", number).unwrap()).collect();
    for batch in intents.chunks(1000) {
        store.record_intents(batch, &samples::acting()).unwrap();
        let issued: Vec<_> = batch.iter().map(samples::issued).collect();
        store.record_issued(&issued, None, &samples::acting()).unwrap();
    }
    intents
}

/// States of the filled-in certificates.
fn states(hierarchy: &Hierarchy) -> Vec<Value> {
    let mut filled = hierarchy.inventory();
    filled.retain(|row| {
        row["subject"].as_str().unwrap().contains("O=Sample") && row["role"] == "cardholder"
    });
    filled.iter().map(|row| row["state"].clone()).collect()
}

pub(super) fn listed(intents: &[Intent]) -> String {
    intents.iter().map(|intent| format!("{}\n", intent.serial)).collect()
}

pub(super) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn dry_run_says_what_is_unknown_and_revokes_nothing() {
    let hierarchy = Hierarchy::new();
    let intents = fill(&hierarchy, 3);
    let _ =
        hierarchy.json(&["cert", "revoke", "03", "--ca", "sample-cca", "--reason", "superseded"]);
    let file = hierarchy.beside("list.txt");
    let text = "# lost cards\n01\nsample-cca:02,certificateHold\n03\n01\n7777 # who?\n";
    fs::write(&file, text).unwrap();
    let command = ["cert", "revoke", "--file", path(&file), "--reason", "keyCompromise"];
    let dry = [&command[..], &["--dry-run", "--format", "json"]].concat();
    let said = hierarchy.try_run(&dry);
    assert_eq!(said.code, 1, "{}", said.all());
    let said = said.json();
    let counts = ["wouldRevoke", "alreadyRevoked", "repeated"].map(|name| said[name].clone());
    assert_eq!(counts, [2, 1, 1]);
    assert_eq!(said["certificates"][1]["reason"], "certificateHold");
    assert_eq!(
        (&said["unknown"][0]["line"], &said["unknown"][0]["serial"]),
        (&6.into(), &"7777".into())
    );
    assert_eq!(states(&hierarchy)[0], "issued");

    // In earnest: what is known is revoked, and the exit code still says that one was not.
    let said = hierarchy.try_run(&[&command[..], &["--format", "json"]].concat());
    assert_eq!(said.code, 1, "{}", said.all());
    let said = said.json();
    assert_eq!(["revoked", "alreadyRevoked"].map(|name| said[name].clone()), [2, 1]);
    let lists = said["published"].as_array().unwrap();
    assert_eq!(lists.iter().map(|list| list["list"].clone()).collect::<Vec<_>>(), ["CRL", "BCI"]);
    let store = SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap();
    let found = store.revoked(&intents[0].issuer, samples::NOW).unwrap();
    let reasons: Vec<&str> = found.iter().map(|entry| entry.revocation.reason.name()).collect();
    assert_eq!(reasons, ["keyCompromise", "certificateHold", "superseded"]);
}

#[test]
fn list_with_a_wrong_line_revokes_nothing() {
    let hierarchy = Hierarchy::new();
    fill(&hierarchy, 1);
    let file = hierarchy.beside("list.txt");
    fs::write(&file, "01,superseded\nnonsense\n").unwrap();
    let refused = hierarchy.try_run(&["cert", "revoke", "--file", path(&file)]);
    assert!(refused.failed(1).contains("line 2"), "{}", refused.all());
    assert_eq!(states(&hierarchy)[0], "issued");
}

#[test]
fn every_certificate_of_a_key_is_revoked() {
    let hierarchy = Hierarchy::new();
    let certificate = hierarchy.issuer("sample-mca");
    let key = hierarchy.beside("key.pem");
    let public = openssl_with("x509 -in {0} -noout -pubkey", &[&certificate]).done();
    fs::write(&key, public).unwrap();
    let digest = {
        let der = hierarchy.beside("key.der");
        let _ = openssl_with("pkey -pubin -in {0} -outform DER -out {1}", &[&key, &der]).done();
        let said = openssl_with("dgst -sha256 -r {0}", &[&der]).done();
        said.split(' ').next().unwrap().to_owned()
    };
    let serial = serial_of(&hierarchy, "sample-mca");
    let revoke = |key: &str, more: &[&str]| {
        let command = ["cert", "revoke", "--reason", "cACompromise", "--key", key];
        hierarchy.json(&[&command[..], more].concat())
    };
    for named in [path(&key), path(&certificate), &digest] {
        let said = revoke(named, &["--dry-run"]);
        assert_eq!(said["wouldRevoke"], 1, "{named}: {said}");
        assert_eq!(said["certificates"][0]["serial"], serial.as_str());
    }
    assert_eq!(revoke(path(&key), &[])["revoked"], 1);
    let again = revoke(path(&key), &[]);
    assert_eq!(["revoked", "alreadyRevoked"].map(|name| again[name].clone()), [0, 1]);
    let command = ["cert", "revoke", "--reason", "keyCompromise", "--key"];
    let nobody = "00".repeat(32);
    let refused = hierarchy.try_run(&[&command[..], &[&nobody]].concat());
    assert!(refused.failed(1).contains("no certificate of the key"), "{}", refused.all());
}

#[test]
fn killed_mass_revocation_goes_on_where_it_stopped() {
    const COUNT: u64 = 20_000;
    let hierarchy = Hierarchy::new();
    let intents = fill(&hierarchy, COUNT);
    let service = hierarchy.serve();
    let file = hierarchy.beside("list.txt");
    fs::write(&file, listed(&intents)).unwrap();
    let command = ["cert", "revoke", "--file", path(&file), "--reason", "cessationOfOperation"];
    let mut first =
        hierarchy.command(&command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let store = SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap();
    let cca = CaId::new("sample-cca").unwrap();
    let revoked = || store.revoked(&cca, samples::NOW).unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while revoked().is_empty() {
        assert!(Instant::now() < deadline && first.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    // SIGKILL.
    first.kill().unwrap();
    first.wait().unwrap();
    let before = revoked();
    let whole = COUNT as usize;
    assert!(!before.is_empty() && before.len() < whole, "{} of {whole}", before.len());
    // Not on a list yet, but the service says so.
    let died: SerialNumber = before[0].serial;
    let ocsp = || asked(&hierarchy, &service, &died);
    soon(ocsp, &["revoked"]);

    let said = hierarchy.json(&command);
    let counts = ["revoked", "alreadyRevoked"].map(|name| said[name].as_u64().unwrap());
    assert_eq!(counts, [COUNT - before.len() as u64, before.len() as u64], "{said}");
    assert_eq!(said["published"][0]["number"], 2, "one CRL: {said}");
    let after = revoked();
    assert_eq!(after.len(), whole);
    // What had been revoked stands as it stood.
    assert!(before.iter().all(|entry| after.contains(entry)));
    let crl = crl_text(&hierarchy, &service, "sample-cca");
    assert_eq!(crl.matches("Serial Number:").count(), whole);
    assert!(ocsp().contains("revoked"));
}

/// What `openssl ocsp` says of a serial number of the CCA.
pub(super) fn asked(hierarchy: &Hierarchy, service: &Service, serial: &SerialNumber) -> String {
    let (issuer, root) = (hierarchy.issuer("sample-cca"), hierarchy.root());
    let (serial, url) = (format!("0x{serial}"), format!("{}/ocsp", service.url()));
    let start = ["ocsp", "-issuer", path(&issuer), "-serial", &serial, "-url", &url];
    let chain = hierarchy.chain("sample-cca");
    let trust = ["-CAfile", path(&root), "-verify_other", path(&chain), "-ignore_critical"];
    openssl(&[&start[..], &trust].concat()).all()
}

#[test]
fn list_of_many_batches_is_counted_then_revoked_then_known() {
    // A batch has 500.
    const COUNT: u64 = 1_200;
    let hierarchy = Hierarchy::new();
    let intents = fill(&hierarchy, COUNT);
    let file = hierarchy.beside("list.txt");
    fs::write(&file, listed(&intents)).unwrap();
    let command = ["cert", "revoke", "--file", path(&file), "--reason", "keyCompromise"];
    for (more, expected) in
        [(&["--dry-run"][..], "wouldRevoke"), (&[], "revoked"), (&[], "alreadyRevoked")]
    {
        let said = hierarchy.json(&[&command[..], more].concat());
        assert_eq!(said[expected], COUNT, "{said}");
    }
}
