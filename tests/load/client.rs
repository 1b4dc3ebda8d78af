//! A closed loop: so many connections, each asks again when it has its answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Makes requests: whole HTTP/1.1 messages, written over the one before.
pub(crate) trait Asker: Send + 'static {
    /// The next request.
    fn next(&mut self, request: &mut Vec<u8>);
}

/// The same request again and again.
#[derive(Clone, Debug)]
pub(crate) struct Always(pub(crate) Vec<u8>);

impl Asker for Always {
    fn next(&mut self, request: &mut Vec<u8>) {
        request.clone_from(&self.0);
    }
}

/// What a closed loop has reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) per_second: f64,
    /// Seconds.
    pub(crate) p50: f64,
    /// Seconds.
    pub(crate) p99: f64,
    /// Octets of the content of one answer.
    pub(crate) octets: usize,
    /// Processors the client used.
    pub(crate) client: f64,
}

/// How long, and how many at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loop {
    pub(crate) time: Duration,
    pub(crate) connections: usize,
}

impl Loop {
    /// Asks and counts; a first tenth of the time does not count.
    pub(crate) fn measure<A: Asker>(
        self,
        address: SocketAddr,
        status: u16,
        mut asker: impl FnMut(usize) -> A,
    ) -> Result<Rates> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let begin = Instant::now() + self.time / 10;
            let end = begin + self.time;
            let tasks: Vec<_> = (0..self.connections)
                .map(|at| tokio::spawn(ask(address, status, asker(at), begin, end)))
                .collect();
            tokio::time::sleep_until(begin.into()).await;
            let worked = processor()?;
            let (mut spent, mut octets) = (Vec::new(), 0);
            for task in tasks {
                let (times, content) = task.await??;
                spent.extend(times);
                octets = octets.max(content);
            }
            let worked = processor()?.saturating_sub(worked).as_secs_f64();
            self.rates(spent, octets, worked)
        })
    }

    fn rates(self, mut spent: Vec<u32>, octets: usize, worked: f64) -> Result<Rates> {
        ensure!(!spent.is_empty(), "no answer within {:?}", self.time);
        spent.sort_unstable();
        let at = |share: f64| {
            let place = (spent.len() as f64 * share) as usize;
            spent.get(place).map_or(0.0, |microseconds| f64::from(*microseconds) / 1e6)
        };
        let seconds = self.time.as_secs_f64();
        let per_second = spent.len() as f64 / seconds;
        Ok(Rates { per_second, p50: at(0.5), p99: at(0.99), octets, client: worked / seconds })
    }
}

/// One connection: microseconds of each answer in time, octets of the last.
async fn ask(
    address: SocketAddr,
    status: u16,
    mut asker: impl Asker,
    begin: Instant,
    end: Instant,
) -> Result<(Vec<u32>, usize)> {
    let mut spent = Vec::new();
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    let mut connection = None;
    loop {
        asker.next(&mut request);
        let asked = Instant::now();
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => connect(address).await?,
        };
        stream.write_all(&request).await?;
        let head = read(&mut stream, &mut answer).await?;
        let now = Instant::now();
        ensure!(head.status == status, "HTTP status {} instead of {status}", head.status);
        if !head.closes {
            connection = Some(stream);
        }
        if asked >= begin && now <= end {
            spent.push(u32::try_from(now.duration_since(asked).as_micros()).unwrap_or(u32::MAX));
        }
        if now >= end {
            return Ok((spent, head.content));
        }
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await.context("the server takes no connection")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// What counts of the head of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Head {
    status: u16,
    /// Octets up to the content.
    length: usize,
    /// Octets of the content.
    content: usize,
    closes: bool,
}

/// Reads one answer.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<Head> {
    answer.clear();
    let mut whole = None;
    loop {
        let ended = stream.read_buf(answer).await? == 0;
        if whole.is_none() {
            whole = head(answer);
        }
        match whole {
            // Without a length the content ends with the connection.
            Some(head) if ended && head.content == usize::MAX => {
                return Ok(Head { content: answer.len() - head.length, closes: true, ..head });
            }
            Some(head) if answer.len() >= head.length.saturating_add(head.content) => {
                return Ok(head);
            }
            _ if ended => bail!("the server closed the connection within an answer"),
            _ => {}
        }
    }
}

/// The head, once it is whole (RFC 9112 §2.1).
fn head(answer: &[u8]) -> Option<Head> {
    let length = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(answer.get(..length)?).ok()?;
    let mut lines = text.split("\r\n");
    let first = lines.next()?;
    let status = first.split(' ').nth(1)?.parse().ok()?;
    let mut closes = first.starts_with("HTTP/1.0");
    let mut content = if status == 304 { 0 } else { usize::MAX };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") && status != 304 {
            content = value.parse().ok()?;
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    Some(Head { status, length, content, closes })
}

/// Time this thread has run on a processor.
fn processor() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split(' ').next().context("schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_says_length_status_and_end_of_the_connection() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        let expected = Head { status: 200, length: 38, content: 3, closes: false };
        assert_eq!(head(text), Some(expected));
        let text = b"HTTP/1.0 200 OK\r\n\r\nabc";
        let expected = Head { status: 200, length: 19, content: usize::MAX, closes: true };
        assert_eq!(head(text), Some(expected));
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nContent-"), None);
    }
}
