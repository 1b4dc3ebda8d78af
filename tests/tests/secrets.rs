//! Account numbers, secrets and passphrases stay where they belong (design.md §7, "Nobody gets
//! in").

use std::fs;

use ca_core::ee::Outcome;
use e2e::files::{self, Forms};
use e2e::wallet::{self, SET_REGISTRATION};
use e2e::{Cardholder, Hierarchy, PAN, PASSPHRASE, Service};

/// An account number of the bank that registers nobody (`policies/brands/sample.toml`).
const REFUSED_PAN: &str = "4000059876543217";

#[test]
fn nothing_secret_is_left_behind_by_registrations() {
    let hierarchy = Hierarchy::new();
    let mut output = String::new();
    let service = traced(&hierarchy);
    let post = |request: &[u8]| service.post("/set", SET_REGISTRATION, request).body;
    let root = hierarchy.root_certificate();

    let registered = wallet::register(&root, PAN, post);
    refuse(&service, &hierarchy);
    hostile(&service, &registered.exchanges);
    let serial = ca_core::hex(registered.certified.signature().unwrap().certificate.serial());
    for command in [
        &["cert", "list"][..],
        &["cert", "show", &serial],
        &["cert", "revoke", &serial, "--reason", "superseded"],
        &["cert", "list", "--format", "json"],
        &["ca", "list", "--format", "json"],
    ] {
        let outcome = hierarchy.try_run(command);
        assert_eq!(outcome.code, 0, "{}", outcome.all());
        output.push_str(&outcome.all());
    }
    output.push_str(&by_command(&hierarchy, &service));
    // With the write-ahead log as it is while the service runs.
    let mut seen = files::contents(&hierarchy.dir());
    let log = fs::read(hierarchy.log()).unwrap();
    let text = String::from_utf8_lossy(&log);
    assert!(text.contains("DEBUG") && text.contains("/set"), "requests are logged: {text}");
    seen.insert("service.log".into(), log);
    seen.extend(files::contents(&hierarchy.beside("wallet")));
    seen.insert("output".into(), output.into_bytes());
    assert!(seen.keys().any(|path| path.ends_with("setca.db-wal")), "{:?}", seen.keys());
    drop(service);
    seen.insert("after the end".into(), fs::read(hierarchy.dir().join("setca.db")).unwrap());

    let secrets = [
        ("account number", Forms::of(PAN.as_bytes()).and_packed(PAN)),
        ("refused number", Forms::of(REFUSED_PAN.as_bytes()).and_packed(REFUSED_PAN)),
        ("passphrase", Forms::of(PASSPHRASE.as_bytes())),
        ("PANSecret", Forms::of(registered.certified.pan_secret.as_ref().unwrap())),
    ];
    for (path, octets) in &seen {
        for (what, secret) in &secrets {
            let found = secret.found_in(octets);
            assert_eq!(found, None, "{what} in {}", path.display());
        }
    }
}

/// The search would find the account number if it were there.
#[test]
fn search_finds_what_is_there() {
    let hierarchy = Hierarchy::new();
    let file = hierarchy.dir().join("keys/note");
    fs::write(&file, format!("x{PASSPHRASE}y")).unwrap();
    let found = files::contents(&hierarchy.dir());
    let secret = Forms::of(PASSPHRASE.as_bytes());
    let hits: Vec<_> =
        found.iter().filter(|(_, octets)| secret.found_in(octets).is_some()).collect();
    assert_eq!(hits.iter().map(|(path, _)| *path).collect::<Vec<_>>(), [&file]);
}

fn traced(hierarchy: &Hierarchy) -> Service {
    let mut command = hierarchy.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("SETCA_LOG", "trace");
    Service::start(command, &hierarchy.log())
}

/// What `setca register` says, of a card that is registered and of one that is not.
fn by_command(hierarchy: &Hierarchy, service: &Service) -> String {
    let mut cardholder = Cardholder::new(hierarchy, service);
    let good = cardholder.register();
    assert_eq!(good.code, 0, "{}", good.all());
    fs::rename(cardholder.out(), hierarchy.beside("kept")).unwrap();
    cardholder.pan = REFUSED_PAN.to_owned();
    let bad = cardholder.register();
    assert_eq!(bad.code, 1, "{}", bad.all());
    fs::rename(hierarchy.beside("kept"), cardholder.out()).unwrap();
    good.all() + &bad.all()
}

/// A registration that gets as far as the decision and is refused there, and one with another
/// account number in its last message.
fn refuse(service: &Service, hierarchy: &Hierarchy) {
    let mut exchange = |request: Vec<u8>| service.post("/set", SET_REGISTRATION, &request).body;
    let root = hierarchy.root_certificate();
    let offer = wallet::offer(&root, PAN, &mut exchange);
    let (request, waiting) = wallet::request(&offer, REFUSED_PAN);
    let answer = exchange(request);
    let outcome =
        waiting.accept(&answer, ca_core::authority::Clock::now(&ca_server::SystemClock::default()));
    assert!(matches!(outcome, Ok(Outcome::Refused(_))), "{outcome:?}");
}

/// Broken copies of messages that hold the account number.
fn hostile(service: &Service, exchanges: &[wallet::Exchange]) {
    for exchange in exchanges {
        for at in (0..exchange.request.len()).step_by(211) {
            let mut broken = exchange.request.clone();
            broken[at] ^= 0x55;
            let _ = service.post("/set", SET_REGISTRATION, &broken);
        }
    }
}
