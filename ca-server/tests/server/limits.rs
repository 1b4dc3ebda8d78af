//! Real connections: slow clients, long paths, ports in use, the end of the service.

use std::net::SocketAddr;
use std::time::Duration;

use ca_core::UnixTime;
use ca_core::authority::Clock as _;
use ca_core::store::conformance::samples;
use ca_server::SystemClock;
use ca_server::chaos::Chaos;
use ca_server::service::{CHECK_EVERY, Limits, ServeError, ServeOrder, bind, serve_within};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::common::{Site, authority, data_folder, operator};

const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

struct Service {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServeError>>,
    _place: TempDir,
}

async fn service() -> Service {
    let (place, folder) = data_folder();
    let listener = bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async { stopped.await.unwrap_or_default() };
    let order = ServeOrder {
        authority: authority(&folder),
        listener,
        operator: operator(&folder),
        chaos: Chaos::default(),
        check_every: CHECK_EVERY,
        shutdown,
    };
    let limits = Limits {
        head: Duration::from_millis(300),
        stop: Duration::from_secs(5),
        ..Limits::default()
    };
    let ended = tokio::spawn(serve_within(limits, order));
    Service { address, stop, ended, _place: place }
}

/// All that comes until the other side closes; fails if it does not.
async fn rest(stream: &mut TcpStream) -> String {
    let mut octets = Vec::new();
    let read = timeout(Duration::from_secs(8), stream.read_to_end(&mut octets)).await;
    // A connection reset is an end, too.
    let _ = read.expect("the connection hangs");
    String::from_utf8_lossy(&octets).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_which_nothing_or_half_a_head_comes_is_closed() {
    let service = service().await;
    for sent in ["", "POST /set HT", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(service.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        assert!(!rest(&mut stream).await.contains(" 200 "), "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_idle_after_its_answer_is_closed() {
    let service = service().await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_body_above_the_limit_is_refused_unread() {
    let service = service().await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let head = "POST /set HTTP/1.1\r\nHost: x\r\nContent-Type: application/set-registration\r\n\
                Content-Length: 99999999\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_above_64_kib_is_refused() {
    let service = service().await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let head = format!("GET /ocsp/{} HTTP/1.1\r\nHost: x\r\n\r\n", "A".repeat(64 * 1024));
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 414 "));
}

/// Over a pipe in memory, so that time can stand still and jump.
#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_answered_408_after_eight_seconds() {
    let site = Site::at(UnixTime::from_secs(1_800_000_000));
    let (mut client, server) = duplex(65_536);
    let routes = TowerToHyperService::new(site.routes.clone());
    tokio::spawn(async move {
        let builder = auto::Builder::new(TokioExecutor::new()).http1_only();
        let _ = builder.serve_connection(TokioIo::new(server), routes).await;
    });
    let head = "POST /set HTTP/1.1\r\nHost: x\r\nContent-Type: application/set-registration\r\n\
                Content-Length: 100\r\n\r\nhalf";
    client.write_all(head.as_bytes()).await.unwrap();
    let begun = Instant::now();
    let mut answer = vec![0; 32];
    client.read_exact(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 408 "));
    assert_eq!(begun.elapsed().as_secs(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_the_request_that_was_begun_and_takes_no_new_one() {
    let service = service().await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let head = "POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n\
                Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: the request has begun.
    let mut continued = vec![0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut continued).await.unwrap();

    service.stop.send(()).unwrap();
    while TcpStream::connect(service.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stream.write_all(&[0x30, 0]).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    timeout(Duration::from_secs(5), service.ended).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_one_line_that_names_it() {
    let first = bind(LOOPBACK).await.unwrap();
    let address = first.local_addr().unwrap();
    let expected = format!(
        "{address} is in use by another program: stop it or choose another address with --listen"
    );
    assert_eq!(bind(address).await.unwrap_err().to_string(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_client_that_never_finishes() {
    let mut service = service().await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let head = "POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n\
                Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 12]).await.unwrap();
    service.stop.send(()).unwrap();
    // The body is awaited for eight seconds, the end for five.
    let ended = timeout(Duration::from_secs(7), &mut service.ended).await.unwrap().unwrap();
    assert!(matches!(ended, Err(ServeError::Unfinished(5))));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_forgotten_after_seven_days_and_not_before() {
    let (_place, folder) = data_folder();
    let authority = authority(&folder);
    let now = SystemClock::default().now();
    let week = 7 * 86_400;
    for (number, age) in [(1, week + 60), (2, week - 60)] {
        let mut answer = samples::answer(number, b"answer");
        answer.recorded_at = now.minus_secs(age);
        let registration = samples::registration(number).unwrap();
        authority
            .store()
            .record_registration(&registration, Some(&answer), &samples::acting())
            .unwrap();
    }
    let listener = bind(LOOPBACK).await.unwrap();
    let order = ServeOrder {
        authority: authority.clone(),
        listener,
        operator: operator(&folder),
        chaos: Chaos::default(),
        check_every: CHECK_EVERY,
        shutdown: async {},
    };
    serve_within(Limits::default(), order).await.unwrap();
    assert_eq!(authority.store().answer(&[1; 20]).unwrap(), None);
    assert!(authority.store().answer(&[2; 20]).unwrap().is_some());
}
