//! The CA's SET address over HTTP (spec `set-crypto.md` §6.2).

use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::failure::{Exit, Failure};
use crate::http::{Answer, Client, Lost};
use crate::report::say;
use crate::tree::Shown;

/// Where SET messages are posted to.
#[derive(Debug)]
pub(super) struct Service {
    url: String,
    /// SET-Echo-In-Request of a wake-up: what the CA's web page wants to see again (§6.4).
    echo: Option<String>,
    client: Client,
    /// Waits before the second and each further try.
    pauses: &'static [Duration],
}

/// An answer, and when the CA wants to be asked again (decisions.md 30).
#[derive(Debug)]
pub(super) struct Reply {
    /// One SET message.
    pub(super) message: Vec<u8>,
    /// Retry-After, in seconds.
    pub(super) retry_after: Option<u64>,
}

impl Service {
    /// The service at a URL; `/set` is added to one without a path.
    ///
    /// # Errors
    /// Not an http URL.
    pub(super) fn at(url: &str) -> Result<Self, Failure> {
        let client = Client::new(PATIENCE, MAX_ANSWER);
        Ok(Self { url: set_url(url)?, echo: None, client, pauses: &PAUSES })
    }

    /// The same, with a token that goes along with each request.
    #[must_use]
    pub(super) fn with_echo(self, echo: Option<String>) -> Self {
        Self { echo, ..self }
    }

    /// The address itself.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Posts a message and takes its answer; what may have been lost is sent again, the identical
    /// octets, which the CA answers as it did the first time.
    ///
    /// # Errors
    /// No usable answer after the last try.
    pub(super) fn exchange(&self, message: &[u8]) -> Result<Reply, Failure> {
        let mut pauses = self.pauses.iter();
        loop {
            let fault = match self.post(message) {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let Some(pause) = pauses.next().filter(|_| fault.may_pass) else {
                return Err(Failure::outside(format!("{}: {}", self.url, fault.text)));
            };
            say(format_args!("        {}: sending it again", fault.text));
            sleep(*pause);
        }
    }

    /// A refusal, and the brands that are served there if `brand` is none of them: a SET Error only
    /// says unspecifiedFailure (decisions.md 11).
    pub(super) fn explain(&self, failure: Failure, brand: &str) -> Failure {
        let Some((base, served)) = self.brands() else { return failure };
        if failure.exit != Exit::Refused || served.iter().any(|served| served == brand) {
            return failure;
        }
        let served: Vec<String> =
            served.iter().take(MAX_SHOWN).map(|brand| Shown(brand).to_string()).collect();
        failure.with_hint(&format!(
            "brand {} is not served there, GET {base}/v1/brands lists: {}",
            Shown(brand),
            served.join(", ")
        ))
    }

    /// Where the service begins, and the brands it says it serves.
    fn brands(&self) -> Option<(&str, Vec<String>)> {
        let base = self.url.strip_suffix("/set")?;
        let answer = self.client.get(&format!("{base}/v1/brands")).ok()?;
        let listed: Value = serde_json::from_slice(&answer.body).ok()?;
        let names = listed["brands"].as_array()?.iter();
        Some((base, names.filter_map(|brand| Some(brand["brand"].as_str()?.to_owned())).collect()))
    }

    /// Posts an Error: it has no answer, and its loss changes nothing.
    pub(super) fn tell(&self, message: &[u8]) {
        if self.send(message).is_err() {
            say("note: the CA could not be told what was wrong with its answer");
        }
    }

    fn send(&self, message: &[u8]) -> Result<Answer, Lost> {
        let echo = self.echo.as_deref().map(|token| (ECHO, token));
        self.client.post_with(&self.url, SET_REGISTRATION, message, echo)
    }

    fn post(&self, message: &[u8]) -> Result<Reply, Fault> {
        let lost = |lost: Lost| Fault { text: lost.to_string(), may_pass: true };
        let answer = self.send(message).map_err(lost)?;
        if !answer.is_success() {
            let text = format!("answers HTTP {}", answer.status);
            return Err(Fault { text, may_pass: answer.status >= 500 });
        }
        if answer.media_type.as_deref() != Some(SET_REGISTRATION) {
            let text = "does not answer with a SET message: is this the address of a SET CA?";
            return Err(Fault { text: text.to_owned(), may_pass: false });
        }
        Ok(Reply { message: answer.body, retry_after: answer.retry_after })
    }
}

/// A try without an answer.
struct Fault {
    text: String,
    /// True if another try may go better.
    may_pass: bool,
}

fn set_url(url: &str) -> Result<String, Failure> {
    let rest = url.strip_prefix("http://").ok_or_else(|| {
        Failure::usage(format!(
            "--url {url} is not a URL like http://127.0.0.1:8080 (https is not built in; SET \
             encrypts its messages itself)"
        ))
    })?;
    match rest.split_once('/') {
        None if rest.is_empty() => Err(Failure::usage(format!("--url {url} names no host"))),
        None => Ok(format!("{url}/set")),
        Some((_, "")) => Ok(format!("{url}set")),
        Some(_) => Ok(url.to_owned()),
    }
}

/// decisions.md 27.
const SET_REGISTRATION: &str = "application/set-registration";
/// Header of the token, named like that of the wake-up it came in `[P]`.
const ECHO: &str = "SET-Echo-In-Request";
/// §6.2: connection and response together.
const PATIENCE: Duration = Duration::from_secs(30);
/// Three more tries.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// Most brands named in one line.
const MAX_SHOWN: usize = 10;
/// §6.2: the limit of a body.
const MAX_ANSWER: u64 = 256 * 1024;

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn set_is_added_to_a_url_without_a_path() {
        assert_eq!(set_url("http://h:1").unwrap(), "http://h:1/set");
        assert_eq!(set_url("http://h:1/").unwrap(), "http://h:1/set");
        assert_eq!(set_url("http://h:1/pki/set").unwrap(), "http://h:1/pki/set");
        assert_eq!(set_url("ftp://h").unwrap_err().exit, Exit::Usage);
    }

    /// Answers each connection with one of `replies`, and returns the bodies it was sent.
    fn serve(replies: Vec<Vec<u8>>) -> (String, thread::JoinHandle<Vec<Vec<u8>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let answer = |reply: Vec<u8>| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut seen = Vec::new();
                let mut octets = [0; 1024];
                while !seen.ends_with(MESSAGE) {
                    let read = stream.read(&mut octets).unwrap();
                    seen.extend_from_slice(&octets[..read]);
                }
                stream.write_all(&reply).unwrap();
                let start = seen.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
                seen.split_off(start + 4)
            };
            replies.into_iter().map(answer).collect()
        });
        (url, served)
    }

    fn quick(url: &str) -> Service {
        Service { pauses: &[Duration::ZERO; 3], ..Service::at(url).unwrap() }
    }

    fn reply(head: &str, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    }

    const MESSAGE: &[u8] = b"0123456789 the message";
    const WAIT: &str =
        "200 OK\r\nretry-after: 300\r\ncontent-type: Application/SET-registration; v=1";

    #[test]
    fn identical_octets_are_sent_until_an_answer_comes() {
        // A connection that breaks off, a server that is busy, an answer.
        let replies = vec![Vec::new(), reply("503 Busy", b""), reply(WAIT, b"answer")];
        let (url, served) = serve(replies);
        let reply = quick(&url).exchange(MESSAGE).unwrap();
        assert_eq!((reply.message.as_slice(), reply.retry_after), (&b"answer"[..], Some(300)));
        assert_eq!(served.join().unwrap(), [MESSAGE; 3]);
    }

    #[test]
    fn the_fourth_failure_is_the_last() {
        let (url, served) = serve(vec![reply("503 Busy", b""); 4]);
        assert_eq!(quick(&url).exchange(MESSAGE).unwrap_err().exit, Exit::Outside);
        assert_eq!(served.join().unwrap().len(), 4);
    }

    #[test]
    fn what_is_no_set_service_is_not_asked_again() {
        for head in ["404 Not Found", "302 Found\r\nlocation: http://127.0.0.1:1/set", "200 OK"] {
            let (url, served) = serve(vec![reply(head, b"<html>")]);
            assert_eq!(quick(&url).exchange(MESSAGE).unwrap_err().exit, Exit::Outside, "{head}");
            assert_eq!(served.join().unwrap().len(), 1, "{head}");
        }
    }
}
