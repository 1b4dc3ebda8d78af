//! Bytes nobody should send: always an answer, never a panic, never a hung connection.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::time::{Duration, Instant};

use ca_core::signer::SecureRandom as _;
use ca_core::wire::ocsp::{CertId, CertIdHash, OcspRequest};
use ca_core::wire::{Cert, ErrorCode};
use ca_server::SystemRandom;
use e2e::wallet::{self, Exchange, SET_REGISTRATION, error_code};
use e2e::{Answer, Hierarchy, Outcome, PAN, Service, setca_at};

const OCSP_REQUEST: &str = "application/ocsp-request";
/// OCSPResponse of status malformedRequest (RFC 6960 §4.2.1).
const MALFORMED: [u8; 5] = [0x30, 3, 0x0a, 1, 1];

#[test]
fn truncated_messages_are_answered_by_an_error() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for message in messages(&hierarchy, &service) {
        for length in (1..message.len()).step_by(7) {
            let answer = set(&service, &message[..length]);
            assert_eq!(error_code(&answer.body), ErrorCode::DecodingFailure, "{length} octets");
        }
    }
    unharmed(&service);
}

#[test]
fn messages_with_octets_behind_them_are_answered_by_an_error() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for message in messages(&hierarchy, &service) {
        for behind in [&[0][..], &[0x30, 0], b"GET / HTTP/1.1\r\n\r\n"] {
            let answer = set(&service, &[&message, behind].concat());
            assert_eq!(error_code(&answer.body), ErrorCode::DecodingFailure);
        }
    }
    unharmed(&service);
}

#[test]
fn messages_with_one_octet_changed_are_answered() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for message in messages(&hierarchy, &service) {
        for at in (0..message.len()).step_by(31) {
            let mut changed = message.clone();
            changed[at] ^= 0x41;
            let answer = service.post("/set", SET_REGISTRATION, &changed);
            assert!(matches!(answer.status, 200 | 204), "octet {at}: {}", answer.status);
        }
    }
    unharmed(&service);
}

/// A length that the octets do not have must not be allocated: found by the fuzzer, 4 GiB for 395
/// octets.
#[test]
fn claimed_length_is_not_allocated() {
    let message = concat!(env!("CARGO_MANIFEST_DIR"), "/../ca-core/fuzz/corpus/message");
    let mut command = Command::new("sh");
    let limited = "ulimit -v 2000000 && exec \"$0\" inspect \"$1\"";
    command.args(["-c", limited]).arg(setca_at());
    let outcome = Outcome::of(command.arg(format!("{message}/length-beyond-input")));
    assert!(outcome.done().starts_with("kind: unknown DER"));
}

#[test]
fn random_octets_are_answered_by_an_error() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for length in [1, 2, 3, 17, 500, 4_000, 60_000] {
        let mut octets = vec![0; length];
        SystemRandom.fill(&mut octets).unwrap();
        assert_eq!(error_code(&set(&service, &octets).body), ErrorCode::DecodingFailure);
        // The same as content of a SEQUENCE.
        let long = u32::try_from(length).unwrap().to_be_bytes();
        let wrapped = [&[0x30, 0x84][..], &long, &octets].concat();
        assert_eq!(error_code(&set(&service, &wrapped).body), ErrorCode::DecodingFailure);
    }
    unharmed(&service);
}

#[test]
fn deep_nesting_is_answered_by_an_error() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    // Each level is a SEQUENCE of indefinite or too great length.
    for level in [&[0x30, 0x80][..], &[0xa0, 0x84, 0, 1, 0, 0], &[0x24, 0x80]] {
        let octets = level.repeat(100_000 / level.len());
        assert_eq!(error_code(&set(&service, &octets).body), ErrorCode::DecodingFailure);
        let answer = service.post("/ocsp", OCSP_REQUEST, &octets[..60_000]);
        assert_eq!(answer.body, MALFORMED);
    }
    unharmed(&service);
}

#[test]
fn message_above_its_limit_is_too_big_and_above_the_bodys_refused() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let most = set(&service, &vec![0x30; 128 * 1024]);
    assert_eq!(error_code(&most.body), ErrorCode::DecodingFailure);
    for length in [128 * 1024 + 1, 256 * 1024] {
        let answer = set(&service, &vec![0x30; length]);
        assert_eq!(error_code(&answer.body), ErrorCode::MessageTooBig, "{length} octets");
        assert!(answer.body.len() < 21_000, "an Error sends back 20,000 octets at most");
    }
    for (path, media_type, limit) in
        [("/set", SET_REGISTRATION, 256 * 1024), ("/ocsp", OCSP_REQUEST, 64 * 1024)]
    {
        let said = announce(&service, path, media_type, limit + 1);
        assert!(said.starts_with("HTTP/1.1 413 "), "{said}");
        assert!(said.contains("application/problem+json"), "{said}");
        assert!(said.contains("\"code\":\"body-too-large\""), "{said}");
    }
    unharmed(&service);
}

#[test]
fn body_of_unannounced_length_is_cut_off_at_the_limit() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let mut stream = service.connect();
    let head = "POST /set HTTP/1.1\r\nhost: setca\r\ncontent-type: application/set-registration\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"10000\r\n", &vec![0x30; 0x10000][..], b"\r\n"].concat();
    // The service may stop reading before we stop writing.
    for _ in 0..64 {
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    unharmed(&service);
}

#[test]
fn wrong_requests_get_their_status_and_code() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for (path, media_type) in [("/set", SET_REGISTRATION), ("/ocsp", OCSP_REQUEST)] {
        refused(&service.fetch(path), 405, "method-not-allowed");
        for wrong in ["text/plain", "application/json", ""] {
            refused(&service.post(path, wrong, b"x"), 415, "unsupported-media-type");
        }
        let with_parameter = format!("{media_type}; version=1");
        assert_eq!(service.post(path, &with_parameter, b"x").status, 200);
    }
    refused(&service.post("/set", SET_REGISTRATION, b""), 400, "empty-body");
    refused(&service.fetch("/crl/../../etc/passwd"), 404, "not-found");
    refused(&service.fetch("/ca/%2e%2e%2fsetca.toml"), 404, "not-found");
    refused(&service.fetch("/ca/%ff.cer"), 404, "not-found");
    refused(&service.fetch("/crl/%ff.crl"), 404, "not-found");
    unharmed(&service);
}

#[test]
fn broken_ocsp_requests_are_malformed_requests() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let read = |ca| Cert::from_der(&hierarchy.der(&hierarchy.issuer(ca))).unwrap();
    let (issuer, subject) = (read("sample-bca"), read("sample-cca"));
    let id = CertId::of(CertIdHash::Sha256, &issuer, subject.serial()).unwrap();
    let good = OcspRequest { cert_ids: vec![id], nonce: Some(vec![9; 16]) }.to_der().unwrap();
    let malformed = |octets: &[u8], what: &str| {
        let answer = service.post("/ocsp", OCSP_REQUEST, octets);
        assert_eq!((answer.status, &answer.body[..]), (200, &MALFORMED[..]), "{what}");
        assert_eq!(answer.header("content-type"), "application/ocsp-response");
    };
    for length in 0..good.len() {
        malformed(&good[..length], &format!("{length} octets"));
    }
    malformed(&[&good[..], &[0]].concat(), "an octet behind it");
    let mut random = vec![0; 3_000];
    SystemRandom.fill(&mut random).unwrap();
    malformed(&random, "random octets");
    for path in ["/ocsp/garbage!", "/ocsp/AAAA", "/ocsp/%00", "/ocsp/%ff%fe", "/ocsp/===="] {
        let answer = service.fetch(path);
        assert_eq!((answer.status, &answer.body[..]), (200, &MALFORMED[..]), "{path}");
    }
    assert_ne!(service.post("/ocsp", OCSP_REQUEST, &good).body, MALFORMED);
    unharmed(&service);
}

#[test]
fn path_without_measure_is_refused_and_the_connection_closed() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let answer = service.fetch(&format!("/ocsp/{}", "A".repeat(60_000)));
    assert_eq!(answer.body, MALFORMED);
    for head in [
        format!("GET /ocsp/{} HTTP/1.1\r\nhost: setca\r\n\r\n", "A".repeat(100_000)),
        format!("GET /healthz HTTP/1.1\r\nhost: setca\r\nx: {}\r\n\r\n", "A".repeat(300_000)),
        "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03".to_owned(),
        "hello\r\n\r\n".to_owned(),
    ] {
        let mut stream = service.connect();
        let _ = stream.write_all(head.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let status = String::from_utf8_lossy(&answer);
        assert!(status.is_empty() || status.starts_with("HTTP/1.1 4"), "{status}");
    }
    unharmed(&service);
}

#[test]
fn slow_and_half_open_connections_do_not_stop_others() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let head = "POST /set HTTP/1.1\r\nhost: setca\r\ncontent-type: application/set-registration\r\n\
                content-length: 100000\r\n\r\n";
    // Nothing, half a head, a head, half a body: fifty of each, all held open.
    let held: Vec<_> = ["", "POST /set HT", head, &format!("{head}xxxx")]
        .repeat(50)
        .into_iter()
        .map(|start| {
            let mut stream = service.connect();
            stream.write_all(start.as_bytes()).unwrap();
            stream
        })
        .collect();
    let start = Instant::now();
    let registered = wallet::register(&hierarchy.root_certificate(), PAN, |request| {
        service.post("/set", SET_REGISTRATION, request).body
    });
    assert_eq!(registered.exchanges.len(), 3);
    unharmed(&service);
    // Well before the first of them is cut off.
    assert!(start.elapsed() < Duration::from_secs(7), "{:?}", start.elapsed());
    drop(held);
}

/// What is answered to a head that announces a body: who is refused before the body was read may
/// lose the answer while it still writes, so none is sent.
fn announce(service: &Service, path: &str, media_type: &str, length: usize) -> String {
    let mut stream = service.connect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: setca\r\ncontent-type: {media_type}\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The three requests of a registration.
fn messages(hierarchy: &Hierarchy, service: &Service) -> Vec<Vec<u8>> {
    let registered = wallet::register(&hierarchy.root_certificate(), PAN, |request| {
        service.post("/set", SET_REGISTRATION, request).body
    });
    registered.exchanges.into_iter().map(|Exchange { request, .. }| request).collect()
}

fn set(service: &Service, octets: &[u8]) -> Answer {
    let answer = service.post("/set", SET_REGISTRATION, octets);
    // decisions.md 27.
    assert_eq!((answer.status, answer.header("content-type")), (200, SET_REGISTRATION));
    assert_eq!(answer.header("cache-control"), "no-store");
    answer
}

fn refused(answer: &Answer, status: u16, code: &str) {
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    assert_eq!((answer.status, &problem["code"]), (status, &code.into()), "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

/// The service lives on and has not panicked.
fn unharmed(service: &Service) {
    assert_eq!(service.fetch("/healthz").status, 200);
    let log = service.log();
    for word in ["panic", "request died", "ERROR"] {
        assert!(!log.contains(word), "{log}");
    }
}
