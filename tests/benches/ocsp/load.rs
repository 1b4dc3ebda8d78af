//! Clients that ask again as soon as they are answered, each on a connection that stays open.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::serve::Served;

/// How much is asked.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) time: Duration,
    pub(crate) connections: usize,
}

/// HTTP requests, asked in turn.
pub(crate) struct Requests {
    octets: Vec<Vec<u8>>,
    next: AtomicUsize,
}

impl Requests {
    pub(crate) fn get(path: &str) -> Self {
        let request = format!("GET /ocsp/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Self { octets: vec![request.into_bytes()], next: AtomicUsize::default() }
    }

    pub(crate) fn post(bodies: Vec<Vec<u8>>) -> Self {
        let request = |body: Vec<u8>| {
            let head = format!(
                "POST /ocsp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ocsp-request\
                 \r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            [head.into_bytes(), body].concat()
        };
        Self { octets: bodies.into_iter().map(request).collect(), next: AtomicUsize::default() }
    }

    fn next(&self) -> &[u8] {
        &self.octets[self.next.fetch_add(1, Ordering::Relaxed) % self.octets.len()]
    }
}

/// What came of it.
#[derive(Clone, Default)]
pub(crate) struct Measured {
    /// Of every answer, in microseconds.
    latencies: Vec<u32>,
    elapsed: Duration,
    /// What the thread of the server worked.
    worked: Duration,
}

impl Measured {
    pub(crate) fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.elapsed += other.elapsed;
        self.worked += other.worked;
    }

    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Microseconds of the server's thread for an answer.
    pub(crate) fn processor(&self) -> f64 {
        self.worked.as_secs_f64() * 1e6 / self.latencies.len() as f64
    }

    pub(crate) fn shown(&mut self) -> String {
        self.latencies.sort_unstable();
        let at = |part: f64| {
            let place = (self.latencies.len() as f64 * part) as usize;
            f64::from(self.latencies.get(place).copied().unwrap_or_default()) / 1e3
        };
        let (rate, each) = (self.rate(), self.processor());
        let [half, most] = [0.5, 0.99].map(at);
        format!("{rate:>9.0}/s {each:>8.2} us processor, p50 {half:.2} ms, p99 {most:.2} ms")
    }
}

impl Load {
    pub(crate) fn run(self, served: &Served, requests: &Requests) -> Result<Measured> {
        let worked = served.processor()?;
        let begin = Instant::now();
        let latencies: Result<Vec<Vec<u32>>> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..self.connections)
                .map(|_| scope.spawn(|| ask(served.address, requests, begin + self.time)))
                .collect();
            let died = |_| Err(anyhow!("a client died"));
            asking.into_iter().map(|one| one.join().unwrap_or_else(died)).collect()
        });
        let (elapsed, latencies) = (begin.elapsed(), latencies?.concat());
        Ok(Measured { latencies, elapsed, worked: served.processor()?.saturating_sub(worked) })
    }
}

fn ask(address: SocketAddr, requests: &Requests, until: Instant) -> Result<Vec<u32>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut latencies, mut answer) = (Vec::new(), Vec::new());
    loop {
        let begin = Instant::now();
        if begin >= until {
            return Ok(latencies);
        }
        stream.write_all(requests.next())?;
        read(&mut stream, &mut answer)?;
        latencies.push(u32::try_from(begin.elapsed().as_micros())?);
    }
}

/// One answer of status 200, whole.
fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    answer.clear();
    let mut buffer = [0; 16 * 1024];
    let mut whole = None;
    while whole.is_none_or(|length| answer.len() < length) {
        let count = stream.read(&mut buffer)?;
        ensure!(count > 0, "the connection was closed");
        answer.extend_from_slice(&buffer[..count]);
        if whole.is_none()
            && let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            ensure!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(answer));
            whole = Some(head + 4 + content_length(&answer[..head])?);
        }
    }
    // Five octets say an error; an answer has some hundreds.
    ensure!(answer.len() > 600, "{}", String::from_utf8_lossy(answer));
    Ok(())
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut length = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(length.next().context("Content-Length")?.1.parse()?)
}
