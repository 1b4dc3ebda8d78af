//! How a service stands, seen from outside: metrics, readiness, `setca status`, and what happens
//! when the disk is full or the clock goes back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use ca_core::store::conformance::samples;
use ca_core::store::{CaId, ListId, Store as _};
use ca_server::store::SqliteStore;
use e2e::{
    BRAND, Hierarchy, Outcome, PASSPHRASE, Service, files, openssl_with, setca, setca_at, soon,
};
use serde_json::Value;

const REFUSED: i32 = 1;
const OUTSIDE: i32 = 3;

#[test]
fn metrics_are_well_formed_and_tell_of_every_list_responder_and_key() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let _ = soon("check_mismatches", || text(&service));
    let metrics = Metrics::read(&text(&service));
    for ca in ["root", "sample-bca", "sample-cca", "sample-mca", "sample-pca"] {
        for suffix in ["age_seconds", "remaining_seconds", "state", "number", "octets"] {
            let name = format!("setca_list_{suffix}");
            assert_eq!(metrics.of(&name, &[("kind", "crl"), ("of", ca)]).len(), 1, "{name} {ca}");
        }
        for suffix in ["age_seconds", "remaining_seconds", "state"] {
            let name = format!("setca_responder_{suffix}");
            assert_eq!(metrics.of(&name, &[("ca", ca)]).len(), 1, "{name} {ca}");
        }
        let key = [("ca", ca), ("key_use", "certificate-signing")];
        assert_eq!(metrics.of("setca_ca_key_remaining_seconds", &key).len(), 1, "{ca}");
    }
    let bci = [("kind", "bci"), ("of", BRAND), ("renewal", "service")];
    assert_eq!(metrics.of("setca_list_number", &bci), [1.0]);
    let root = [("kind", "crl"), ("of", "root"), ("renewal", "operator")];
    assert_eq!(metrics.of("setca_list_state", &root), [0.0]);
    // policies/lists.toml: a BCI lives seven days.
    let left = metrics.of("setca_list_remaining_seconds", &bci)[0];
    let age = metrics.of("setca_list_age_seconds", &bci)[0];
    assert_eq!(left + age, 604_800.0);
    for (name, value) in [
        ("setca_ready", 1.0),
        ("setca_store_up", 1.0),
        ("setca_index_loaded", 1.0),
        ("setca_index_behind", 0.0),
        ("setca_status_check_mismatches", 0.0),
        ("setca_audit_changed", 0.0),
    ] {
        assert_eq!(metrics.of(name, &[]), [value], "{name}");
    }
    let certificates = hierarchy.inventory().len();
    let living = metrics.of("setca_index_certificates", &[("state", "living")])[0];
    assert_eq!(
        (living, metrics.of("setca_feed_position", &[])),
        (certificates as f64, metrics.of("setca_feed_end", &[]))
    );
}

#[test]
fn ocsp_answers_are_counted_by_their_kind() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let count = |kind| {
        let metrics = Metrics::read(&text(&service));
        metrics.of("setca_ocsp_answers_total", &[("kind", kind)])
    };
    let kinds = ["malformed-request", "signed", "try-later", "unauthorized", "internal-error"];
    assert_eq!(kinds.map(&count), [[0.0]; 5]);
    let (issuer, cca) = (hierarchy.issuer("sample-bca"), hierarchy.issuer("sample-cca"));
    let request = hierarchy.beside("request.der");
    let line = "ocsp -issuer {0} -cert {1} -nonce -reqout {2}";
    let _ = openssl_with(line, &[&issuer, &cca, &request]).done();
    let request = fs::read(request).unwrap();
    for body in [&request[..], &request, b"no request"] {
        assert_eq!(service.post("/ocsp", "application/ocsp-request", body).status, 200);
    }
    assert_eq!(kinds.map(&count), [[1.0], [2.0], [0.0], [0.0], [0.0]]);
}

#[test]
fn nothing_that_is_served_about_the_service_has_a_secret_or_a_path_in_it() {
    let hierarchy = Hierarchy::new();
    let token = fs::read_to_string(hierarchy.dir().join("operator.token")).unwrap();
    let service = hierarchy.serve();
    let home = hierarchy.beside("").display().to_string();
    for path in ["/metrics", "/readyz", "/healthz", "/v1/status"] {
        let answer = service.fetch(path);
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{path}");
        for secret in [PASSPHRASE, token.trim(), home.trim_end_matches('/')] {
            let found = files::Forms::of(secret.as_bytes()).found_in(&answer.body).is_some();
            assert!(!found, "{path} tells {secret}");
        }
    }
}

#[test]
fn status_says_the_same_of_folder_and_service_and_ends_well() {
    let hierarchy = Hierarchy::new();
    hierarchy.carry_root_away();
    let service = hierarchy.serve();
    let no_passphrase = || {
        let mut command = hierarchy.command(&["status", "--format", "json"]);
        command.env_remove("SETCA_PASSPHRASE");
        Outcome::of(&mut command)
    };
    let folder = no_passphrase();
    assert_eq!(folder.code, 0, "{}", folder.all());
    let asked = hierarchy.json(&["status", "--url", service.url()]);
    let names = |status: &Value| -> Vec<(Value, Value, Value, Value)> {
        let lines = status["lines"].as_array().unwrap().iter();
        let one = |line: &Value| {
            (line["kind"].clone(), line["of"].clone(), line["number"].clone(), line["ends"].clone())
        };
        lines.map(one).collect()
    };
    assert_eq!(names(&folder.json()), names(&asked));
    assert_eq!((&asked["ready"], &asked["state"]), (&true.into(), &"fresh".into()));
    assert!(asked["index"]["loaded"].as_bool().unwrap(), "{asked}");
    let table = hierarchy.run(&["status"]);
    let row = table.lines().find(|line| line.ends_with("BCI of Sample")).unwrap();
    assert!(row.starts_with("fresh") && row.contains("service"), "{row}");
}

#[test]
fn status_that_cannot_be_read_is_no_verdict() {
    let hierarchy = Hierarchy::new();
    let nobody = "http://127.0.0.1:1";
    let outcome = hierarchy.try_run(&["status", "--url", nobody]);
    assert!(outcome.failed(OUTSIDE).contains(nobody), "{}", outcome.all());
    let nowhere = hierarchy.beside("nowhere");
    let outcome = Outcome::of(setca(&nowhere).arg("status"));
    assert!(outcome.failed(OUTSIDE).contains("nowhere"), "{}", outcome.all());
}

/// The root's CRL lives 90 days, and warns from nine days before its end.
#[test]
fn stale_list_of_the_root_is_told_first_and_fails_readiness_in_its_last_hour() {
    let hierarchy = Hierarchy::for_tests();
    hierarchy.carry_root_away();
    for (days, seconds, status) in [(82, 0, 200), (90, -1_800, 503)] {
        let clock = format!("clock=+{}", days * 86_400 + seconds);
        let service = hierarchy.serve_with(&["--chaos", &clock]);
        let ready = service.fetch("/readyz");
        let said: Value = serde_json::from_slice(&ready.body).unwrap();
        let place = if status == 200 { "warnings" } else { "reasons" };
        let lines = said[place].as_array().unwrap();
        let root = lines.iter().any(|line| line.as_str().unwrap().starts_with("CRL of root ends"));
        assert!(ready.status == status && root, "{said}");
        let outcome = hierarchy.try_run(&["status", "--url", service.url()]);
        assert_eq!(outcome.code, REFUSED, "{}", outcome.all());
        let state = Metrics::read(&text(&service)).of("setca_list_state", &[("of", "root")]);
        assert_eq!(state, [2.0]);
    }
}

/// A CRL lives 30 days, and three days before its end relying parties are about to notice.
#[test]
fn list_that_the_service_cannot_renew_fails_readiness_before_its_end() {
    let hierarchy = Hierarchy::for_tests();
    let cca = hierarchy.json(&["ca", "show", "sample-cca"]);
    let mut signing = cca["certificates"].as_array().unwrap().iter();
    let key = signing.rfind(|one| one["keyUse"] == "certificate-signing").unwrap();
    let file = hierarchy.dir().join(format!("keys/{}.p8", key["key"].as_str().unwrap()));
    fs::remove_file(file).unwrap();
    let service = hierarchy.serve_with(&["--chaos", &format!("clock=+{}", 28 * 86_400)]);
    let ready = service.fetch("/readyz");
    let said: Value = serde_json::from_slice(&ready.body).unwrap();
    let reason = said["reasons"][0].as_str().unwrap();
    assert!(ready.status == 503 && reason.starts_with("CRL of sample-cca ends"), "{said}");
    assert_eq!(said["reasons"].as_array().unwrap().len(), 1, "{said}");
    // Relying parties see nothing yet.
    let served = hierarchy.beside("served.crl");
    fs::write(&served, service.fetch("/crl/sample-cca.crl").body).unwrap();
    let read = openssl_with("crl -inform DER -in {0} -noout -crlnumber", &[&served]).done();
    assert!(read.contains("=0x01") || read.contains("=01"), "{read}");
}

#[test]
fn check_compares_everything_and_finds_nothing() {
    let hierarchy = Hierarchy::new();
    let mca = hierarchy.json(&["cert", "list", "--role", "mca"]);
    let serial = mca["certificates"][0]["serial"].as_str().unwrap().to_owned();
    let _ = hierarchy.run(&["cert", "revoke", &serial, "--reason", "superseded"]);
    let said = hierarchy.json(&["status", "check", "--all"]);
    let count = hierarchy.inventory().len();
    assert_eq!((&said["serials"], &said["ocspAnswers"]), (&count.into(), &count.into()), "{said}");
    assert_eq!((&said["revoked"], &said["lists"]), (&1.into(), &5.into()), "{said}");
    assert_eq!(said["mismatches"], Value::Array(Vec::new()), "{said}");
}

#[test]
fn list_that_revokes_what_the_records_do_not_is_an_alarm_everywhere() {
    let hierarchy = Hierarchy::new();
    let mca = hierarchy.json(&["cert", "list", "--role", "mca"]);
    let serial = mca["certificates"][0]["serial"].as_str().unwrap().to_owned();
    // The same hierarchy elsewhere, as after a backup was brought back.
    let elsewhere = hierarchy.beside("elsewhere");
    files::copy(&hierarchy.dir(), &elsewhere);
    let revoke = ["cert", "revoke", &serial, "--reason", "cACompromise"];
    let _ = Outcome::of(setca(&elsewhere).args(revoke)).done();
    let list = ListId::Crl(CaId::new("sample-bca").unwrap());
    let lying = SqliteStore::open(&elsewhere.join("setca.db")).unwrap().list(&list).unwrap();
    let store = SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap();
    store.record_list(&lying.unwrap(), &samples::acting()).unwrap();
    drop(store);

    let outcome = hierarchy.try_run(&["status", "check", "--format", "json"]);
    let named = format!("{serial}: CRL of sample-bca number 2 says revoked at ");
    let found = outcome.json()["mismatches"][0].as_str().unwrap().to_owned();
    assert!(outcome.code == REFUSED && found.starts_with(&named), "{}", outcome.all());
    assert!(found.ends_with(", reason 2, store says good"), "{found}");

    let service = hierarchy.serve();
    let metric = within_seconds(10, "setca_status_check_mismatches 1\n", || text(&service));
    assert!(metric.contains("setca_status_check_mismatches 1\n"), "{metric}");
    assert!(metric.contains("setca_ready 0\n"), "{metric}");
    let ready = service.fetch("/readyz");
    let reasons = String::from_utf8(ready.body).unwrap();
    assert!(ready.status == 503 && reasons.contains("1 mismatches"), "{reasons}");
    let log = service.log();
    assert!(log.contains("ERROR") && log.contains(&named), "{log}");
    let outcome = hierarchy.try_run(&["status", "--url", service.url()]);
    assert_eq!(outcome.code, REFUSED, "{}", outcome.all());
}

/// The kernel refuses every write beyond 40,000 octets of a file, as a full disk would: room for
/// the shared memory of the database and no more than nine pages of its log.
#[test]
fn disk_that_is_full_leaves_the_old_lists_served_and_says_why() {
    let hierarchy = Hierarchy::for_tests();
    let before = SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap();
    let bci = before.list(&ListId::Bci(BRAND.to_owned())).unwrap().unwrap();
    drop(before);
    // By then every list but the root's is due.
    let clock = format!("clock=+{}", 8 * 86_400);
    let options = ["serve", "--listen", "127.0.0.1:0", "--chaos", &clock];
    let mut full = Command::new("env");
    full.args(["--ignore-signal=XFSZ", "prlimit", "--fsize=40000"]).arg(setca_at());
    full.arg("--dir").arg(hierarchy.dir()).args(options).env("SETCA_PASSPHRASE", PASSPHRASE);
    let service = Service::start(full, &hierarchy.log());
    assert_eq!(service.fetch("/bci/Sample.der").body, bci.der.to_vec());
    let metrics = Metrics::read(&text(&service));
    let of = [("kind", "bci"), ("of", BRAND)];
    assert!(metrics.of("setca_publish_failures_total", &of)[0] >= 1.0);
    assert_eq!(metrics.of("setca_publish_failing", &of), [1.0]);
    let status = hierarchy.try_run(&["status", "--url", service.url()]);
    let why = "BCI of Sample cannot be published since ";
    let said = status.stdout.lines().find(|line| line.contains(why)).unwrap_or_default();
    assert!(said.contains("the store cannot be written: disk"), "{}", status.all());
    let log = service.log();
    let logged = log.lines().find(|line| line.contains("not published") && line.contains("BCI"));
    assert!(logged.is_some_and(|line| line.contains("store unavailable")), "{log}");
    drop(service);

    let service = hierarchy.serve_with(&["--chaos", &clock]);
    assert_ne!(service.fetch("/bci/Sample.der").body, bci.der.to_vec());
    let metrics = Metrics::read(&text(&service));
    assert_eq!(metrics.of("setca_publish_failing", &[]), [0.0; 0]);
    assert_eq!(service.fetch("/readyz").status, 200);
}

#[test]
fn numbers_and_times_of_lists_do_not_go_back_with_the_clock() {
    let hierarchy = Hierarchy::for_tests();
    let service = hierarchy.serve_with(&["--chaos", &format!("clock=+{}", 8 * 86_400)]);
    drop(service);
    let published = |list: &ListId| {
        let store = SqliteStore::open(&hierarchy.dir().join("setca.db")).unwrap();
        let list = store.list(list).unwrap().unwrap();
        (list.number, list.this_update, list.next_update)
    };
    let cca = CaId::new("sample-cca").unwrap();
    let lists = [
        (ListId::Crl(cca), ["crl", "issue", "sample-cca"]),
        (ListId::Bci(BRAND.to_owned()), ["bci", "issue", BRAND]),
    ];
    for (list, issue) in lists {
        let ahead = published(&list);
        let _ = hierarchy.run(&issue);
        let now = published(&list);
        assert!(now.0 > ahead.0, "{list}: {now:?} after {ahead:?}");
        assert_eq!((now.1, now.2), (ahead.1, ahead.2), "{list}");
    }
}

fn text(service: &Service) -> String {
    let answer = service.fetch("/metrics");
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    String::from_utf8(answer.body).unwrap()
}

/// What is said as soon as it contains `wanted`, or after so many seconds.
fn within_seconds(seconds: u32, wanted: &str, mut ask: impl FnMut() -> String) -> String {
    let mut said = String::new();
    for _ in 0..seconds {
        said = soon(wanted, &mut ask);
        if said.contains(wanted) {
            break;
        }
    }
    said
}

/// Metrics read strictly, by the rules of the text format 0.0.4.
struct Metrics {
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

impl Metrics {
    fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line ends, too");
        let (mut samples, mut seen) = (Vec::new(), BTreeSet::new());
        let (mut helped, mut family) = (None, String::new());
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                helped = rest.split_once(' ').map(|(name, _)| name.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(helped.as_deref(), Some(name), "help before type: {line}");
                assert!(seen.insert(name.to_owned()), "one family twice: {line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert!(["counter", "gauge"].contains(&kind), "{line}");
                family = name.to_owned();
            } else {
                let (name, labels, value) = Self::sample(line);
                assert_eq!(name, family, "a sample stands in its family: {line}");
                samples.push((name, labels, value));
            }
        }
        let mut named: Vec<_> = samples.iter().map(|(name, labels, _)| (name, labels)).collect();
        named.sort();
        assert!(named.windows(2).all(|two| two[0] != two[1]), "one sample twice: {text}");
        Self { samples }
    }

    fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
        let (head, value) = line.rsplit_once(' ').expect(line);
        let (name, labels) = match head.split_once('{') {
            Some((name, rest)) => (name, rest.strip_suffix('}').expect(line)),
            None => (head, ""),
        };
        let is_name = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        assert!(is_name(name), "{line}");
        let mut found = BTreeMap::new();
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (name, value) = label.split_once('=').expect(line);
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            let value = value.expect(line);
            assert!(is_name(name) && !value.contains(['"', '\\']), "{line}");
            assert_eq!(found.insert(name.to_owned(), value.to_owned()), None, "{line}");
        }
        (name.to_owned(), found, value.parse().expect(line))
    }

    /// The values of a family with these labels among theirs.
    fn of(&self, name: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        let has = |found: &BTreeMap<String, String>| {
            labels.iter().all(|(name, value)| found.get(*name).is_some_and(|v| v == value))
        };
        let ours = self.samples.iter().filter(|(found, of, _)| found == name && has(of));
        ours.map(|(_, _, value)| *value).collect()
    }
}
