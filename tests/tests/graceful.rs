//! How the service ends.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use e2e::{Hierarchy, Service};

const HEAD: &str = "POST /set HTTP/1.1\r\nhost: setca\r\n\
                    content-type: application/set-registration\r\ncontent-length: 5\r\n\r\n";
const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn sigterm_and_sigint_end_it_in_order() {
    let hierarchy = Hierarchy::new();
    for signal in ["TERM", "INT"] {
        let mut service = hierarchy.serve();
        assert_eq!(service.fetch("/healthz").status, 200);
        service.signal(signal);
        let status = service.ended_within(LIMIT);
        assert_eq!(status.code(), Some(0), "{signal}: {}", service.log());
        assert!(service.log().ends_with("stopped\n"), "{}", service.log());
    }
}

#[test]
fn request_in_flight_is_answered_and_no_new_one_is_taken() {
    let hierarchy = Hierarchy::new();
    let mut service = hierarchy.serve();
    let mut in_flight = half_a_request(&service);
    service.signal("TERM");
    wait_until_port_is_closed(&service);
    in_flight.write_all(b"lo").unwrap();
    let mut answer = Vec::new();
    in_flight.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(service.ended_within(LIMIT).code(), Some(0), "{}", service.log());
}

#[test]
fn client_that_never_finishes_its_request_does_not_make_the_end_disorderly() {
    let hierarchy = Hierarchy::new();
    let mut service = hierarchy.serve();
    let mut half_a_head = service.connect();
    half_a_head.write_all(b"GET /healthz HT").unwrap();
    let half_a_body = half_a_request(&service);
    let start = Instant::now();
    service.signal("TERM");
    let status = service.ended_within(LIMIT);
    assert_eq!(status.code(), Some(0), "after {:?}: {}", start.elapsed(), service.log());
    drop((half_a_head, half_a_body));
}

#[test]
fn what_was_taken_before_the_end_is_there_after_it() {
    let hierarchy = Hierarchy::new();
    let mut service = hierarchy.serve();
    let before = service.fetch("/crl/sample-cca.crl").body;
    service.signal("TERM");
    let _ = service.ended_within(LIMIT);
    assert_eq!(hierarchy.serve().fetch("/crl/sample-cca.crl").body, before);
}

/// A request whose head and first octets the service has begun to read.
fn half_a_request(service: &Service) -> TcpStream {
    let mut stream = service.connect();
    // The service answers `100 Continue` when the handler begins to read the body.
    let head = HEAD.replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told[..], b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hel").unwrap();
    stream
}

fn wait_until_port_is_closed(service: &Service) {
    let address = service.url().strip_prefix("http://").unwrap();
    let deadline = Instant::now() + LIMIT;
    // To bind is to know: a connection would count as one more to finish.
    while TcpListener::bind(address).is_err() {
        assert!(Instant::now() < deadline, "still listening");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn second_service_on_a_folder_is_told_who_holds_it() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for command in ["serve", "up"] {
        let outcome = hierarchy.try_run(&[command, "--listen", "127.0.0.1:0"]);
        let line = outcome.stderr.lines().last().unwrap();
        let expected = format!("serves it at {} since ", service.url());
        assert_eq!(outcome.code, 3);
        assert!(line.contains("is held by another service: process ") && line.contains(&expected));
    }
    // Commands work beside it, and a service that was killed holds nothing.
    let _ = hierarchy.run(&["crl", "issue", "sample-cca"]);
    service.kill();
    drop(hierarchy.serve());
}
