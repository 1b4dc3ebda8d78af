//! The desk: registrations that wait, decided on the running service, and collected afterwards.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use ca_core::ee::{Certified, Outcome, Pending, Refused};
use ca_core::wire::CertStatusCode;
use ca_server::approval::{sign, verify};
use e2e::wallet::{self, SET_REGISTRATION};
use e2e::{Hierarchy, PASSPHRASE, Service, files, setca};
use serde_json::Value;

/// Shared with the bank.
const SECRET: &[u8] = b"a secret shared with the bank";
/// A card of the bank that decides by hand (`policies/brands/sample.toml`).
const BY_HAND: &str = "4200009876543217";
/// Another of the same bank.
const BY_HAND_TOO: &str = "4200019876543216";
/// A card of the bank that keeps a list.
const LISTED: &str = "4300009876543216";
/// A card of the same bank that is not on its list.
const UNLISTED: &str = "4300019876543215";

#[test]
fn a_registration_by_hand_waits_is_approved_and_collected_across_a_restart() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let pending = pend(&hierarchy, &service, BY_HAND);
    assert_eq!(pending.status(), CertStatusCode::RequestPended);
    assert!(pending.message().unwrap().starts_with("Your bank looks at your request"));
    let id = ca_core::hex(pending.lid_ca().as_bytes());

    let listed = desk(&hierarchy, &service, &["list", "--state", "pended"]);
    assert_eq!(listed["registrations"][0]["id"], id.as_str());
    let shown = desk(&hierarchy, &service, &["show", &id]);
    assert_eq!((&shown["bin"], &shown["panTail"]), (&"420000".into(), &"3217".into()));
    assert_eq!(shown["institution"], "Example Careful Bank");
    assert_eq!(shown["answers"][0]["value"], "Jane Doe");

    service.kill();
    let service = hierarchy.serve();
    assert!(matches!(inquire(&service, &pending), Outcome::Pending(_)));
    let approved = desk(&hierarchy, &service, &["approve", &id]);
    assert_eq!(
        (&approved["state"], &approved["decision"]["by"]),
        (&"complete".into(), &"operator".into())
    );

    service.kill();
    let service = hierarchy.serve();
    let certified = certified(inquire(&service, &pending));
    let serial = ca_core::hex(certified.signature().unwrap().certificate.serial());
    let shown = desk(&hierarchy, &service, &["show", &id]);
    assert_eq!(shown["issued"], Value::from(vec![serial.clone()]));
    assert_eq!(hierarchy.json(&["cert", "show", &serial])["state"], "issued");
    // Asking again brings the same certificate.
    let again = self::certified(inquire(&service, &pending));
    assert_eq!(ca_core::hex(again.signature().unwrap().certificate.serial()), serial);
}

#[test]
fn a_rejection_is_final_and_its_words_reach_the_cardholder() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let pending = pend(&hierarchy, &service, BY_HAND);
    let id = ca_core::hex(pending.lid_ca().as_bytes());
    let message = "Please visit your branch.";
    let rejected = desk(&hierarchy, &service, &["reject", &id, "--message", message]);
    assert_eq!(rejected["state"], "refused");
    let refused = refused(inquire(&service, &pending));
    assert_eq!(refused.status, CertStatusCode::RejectedByIssuer);
    assert!(refused.message.unwrap().contains(message));

    let again = try_desk(&hierarchy, &service, &["approve", &id]);
    assert!(again.failed(1).contains("(decided)"), "{}", again.stderr);
    assert!(hierarchy.inventory().iter().all(|row| row["role"] != "cardholder"));
    let log = service.log();
    assert!(log.contains("decided") && log.contains(&id), "{log}");
}

#[test]
fn a_list_decides_when_it_is_there() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    // No list yet: nothing is lost.
    let waiting = pend(&hierarchy, &service, LISTED);
    assert_eq!(waiting.status(), CertStatusCode::RequestInProgress);

    let numbers = hierarchy.beside("numbers");
    fs::write(&numbers, format!("{LISTED}\n")).unwrap();
    let entries = hierarchy.run(&["registration", "customer", "--pan-file", text(&numbers)]);
    assert!(!entries.contains(LISTED) && entries.trim_end().len() == 64, "{entries}");
    fs::create_dir(hierarchy.dir().join("customers")).unwrap();
    fs::write(hierarchy.dir().join("customers/example-list-bank.txt"), entries).unwrap();

    let outcome = register(&hierarchy, &service, UNLISTED);
    assert_eq!(refused(outcome).status, CertStatusCode::RejectedByIssuer);
    service.kill();
    let service = hierarchy.serve();
    let _ = certified(settled(&service, &waiting));
    let id = ca_core::hex(waiting.lid_ca().as_bytes());
    let by = &desk(&hierarchy, &service, &["show", &id])["decision"]["by"];
    assert_eq!(by, "list customers/example-list-bank.txt");
}

#[test]
fn a_bank_that_is_silent_loses_no_request_and_is_asked_again() {
    let hierarchy = Hierarchy::new();
    let bank = TcpListener::bind("127.0.0.1:0").unwrap();
    ask(&hierarchy, &format!("http://{}/decide", bank.local_addr().unwrap()));
    let service = hierarchy.serve();
    // The connection is taken by the system and nobody answers.
    let begun = Instant::now();
    let waiting = pend(&hierarchy, &service, BY_HAND);
    assert_eq!(waiting.status(), CertStatusCode::RequestInProgress);
    assert!(begun.elapsed() > Duration::from_secs(1));

    let deciding = std::thread::spawn(move || answer_all(&bank));
    service.kill();
    let service = hierarchy.serve();
    let _ = certified(settled(&service, &waiting));
    let id = ca_core::hex(waiting.lid_ca().as_bytes());
    let by = desk(&hierarchy, &service, &["show", &id])["decision"]["by"].to_string();
    assert!(by.starts_with("\"bank 127.0.0.1:"), "{by}");
    assert!(!deciding.is_finished());
}

#[test]
fn a_wrong_token_decides_nothing() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let pending = pend(&hierarchy, &service, BY_HAND_TOO);
    let id = ca_core::hex(pending.lid_ca().as_bytes());
    let token = hierarchy.beside("wrong.token");
    fs::write(&token, "d3JvbmctdG9rZW4").unwrap();
    for command in [&["list"][..], &["show", &id], &["approve", &id], &["reject", &id]] {
        let with_token = [command, &["--token-file", text(&token)]].concat();
        let outcome = try_desk(&hierarchy, &service, &with_token);
        assert!(outcome.failed(1).contains("wrong.token"), "{}", outcome.stderr);
    }
    assert_eq!(desk(&hierarchy, &service, &["show", &id])["state"], "pended");
    let missing = try_desk(&hierarchy, &service, &["list", "--token-file", "none.token"]);
    assert!(missing.failed(3).contains("none.token"));
}

#[test]
fn the_token_is_in_its_file_alone_and_no_account_number_reaches_the_desk() {
    let hierarchy = Hierarchy::new();
    let token = fs::read_to_string(hierarchy.dir().join("operator.token")).unwrap();
    let mut command = hierarchy.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("SETCA_LOG", "trace");
    let service = Service::start(command, &hierarchy.log());
    let pending = pend(&hierarchy, &service, BY_HAND);
    let id = ca_core::hex(pending.lid_ca().as_bytes());
    let said = desk(&hierarchy, &service, &["show", &id]).to_string();
    let approved = desk(&hierarchy, &service, &["approve", &id]).to_string();
    let mut seen = files::contents(&hierarchy.dir());
    seen.retain(|path, _| !path.ends_with("operator.token"));
    seen.insert("service.log".into(), service.log().into_bytes());
    seen.insert("said".into(), (said + &approved).into_bytes());
    for (what, secret) in [
        ("token", files::Forms::of(token.trim().as_bytes())),
        ("account number", files::Forms::of(BY_HAND.as_bytes()).and_packed(BY_HAND)),
        ("passphrase", files::Forms::of(PASSPHRASE.as_bytes())),
        ("answer to the form", files::Forms::of(b"Springfield")),
    ] {
        for (path, octets) in &seen {
            let shown = what == "answer to the form" && path == Path::new("said");
            let found = secret.found_in(octets);
            assert!(found.is_none() || shown, "{what} in {}: {found:?}", path.display());
        }
    }
}

/// Registers a card up to the answer to its CertReq.
fn register(hierarchy: &Hierarchy, service: &Service, pan: &str) -> Outcome {
    let mut exchange = |request: Vec<u8>| service.post("/set", SET_REGISTRATION, &request).body;
    let offer = wallet::offer(&hierarchy.root_certificate(), pan, &mut exchange);
    let (request, waiting) = wallet::request(&offer, pan);
    waiting.accept(&exchange(request), wallet::now()).expect("a good CertRes")
}

fn pend(hierarchy: &Hierarchy, service: &Service, pan: &str) -> Pending {
    match register(hierarchy, service, pan) {
        Outcome::Pending(pending) => *pending,
        other => panic!("decided already: {other:?}"),
    }
}

fn inquire(service: &Service, pending: &Pending) -> Outcome {
    let (request, waiting) = pending.inquire(wallet::now(), &ca_server::SystemRandom).unwrap();
    let answer = service.post("/set", SET_REGISTRATION, &request);
    waiting.accept(&answer.body, wallet::now()).expect("a good CertInqRes")
}

/// What comes of a registration in progress: the service asks the institution at its start, and
/// then every half minute.
fn settled(service: &Service, waiting: &Pending) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match inquire(service, waiting) {
            Outcome::Pending(_) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(200));
            }
            outcome => return outcome,
        }
    }
}

/// The bank that decides by hand has an endpoint from now on.
fn ask(hierarchy: &Hierarchy, url: &str) {
    fs::write(hierarchy.dir().join("bank.key"), SECRET).unwrap();
    let ask = format!("approval = {{ ask = \"{url}\", key = \"bank.key\", timeout_secs = 1 }}");
    hierarchy.change_policies(&[("approval = \"by-hand\"", &ask)]);
}

/// A bank that approves everybody whose question is signed.
fn answer_all(bank: &TcpListener) {
    for stream in bank.incoming() {
        let mut stream = stream.unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut body) = (String::new(), Vec::new());
        while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
        let head = head.to_ascii_lowercase();
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        // Whoever has gone meanwhile asked in vain.
        let Some(length) = field("content-length: ") else { continue };
        body.resize(length.parse().unwrap(), 0);
        if reader.read_exact(&mut body).is_err() {
            continue;
        }
        let now = wallet::now();
        verify(SECRET, field("x-setca-signature: ").unwrap(), &body, now).expect("our question");
        let id = &serde_json::from_slice::<Value>(&body).unwrap()["id"];
        let body = format!(r#"{{"id":{id},"decision":"approve"}}"#);
        let signature = sign(SECRET, now, body.as_bytes());
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nX-Setca-Signature: {signature}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
        let _ = stream.write_all(answer.as_bytes());
    }
}

fn certified(outcome: Outcome) -> Certified {
    match outcome {
        Outcome::Certified(certified) => *certified,
        other => panic!("not certified: {other:?}"),
    }
}

fn refused(outcome: Outcome) -> Refused {
    match outcome {
        Outcome::Refused(refused) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

fn try_desk(hierarchy: &Hierarchy, service: &Service, arguments: &[&str]) -> e2e::Outcome {
    let mut command = setca(&hierarchy.dir());
    // The desk works with its token and nothing else.
    command.env_remove("SETCA_PASSPHRASE").arg("registration").args(arguments);
    e2e::Outcome::of(command.args(["--url", service.url(), "--format", "json"]))
}

fn desk(hierarchy: &Hierarchy, service: &Service, arguments: &[&str]) -> Value {
    let outcome = try_desk(hierarchy, service, arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.all());
    outcome.json()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}
