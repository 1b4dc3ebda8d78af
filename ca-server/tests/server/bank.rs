//! A bank in this process: a small HTTP server that says what a test wants, and remembers what it
//! was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ca_core::UnixTime;
use ca_server::approval::sign;

pub(crate) const SECRET: &[u8] = b"a secret shared with the bank";
/// The time at which everything in these tests happens.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// A question as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) signature: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }
}

/// What a bank sends back: status line and further header lines, and a body.
pub(crate) struct Reply {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// An answer as it was agreed upon.
    pub(crate) fn signed(body: String) -> Self {
        let signature = sign(SECRET, NOW, body.as_bytes());
        Self::with_signature(&signature, body)
    }

    pub(crate) fn with_signature(signature: &str, body: String) -> Self {
        let head = format!("200 OK\r\nX-Setca-Signature: {signature}");
        Self { head, body: body.into_bytes() }
    }
}

/// A running bank.
pub(crate) struct Bank {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Bank {
    /// Answers every question with `answer`; `None` never answers.
    pub(crate) fn open(answer: impl Fn(&Asked) -> Option<Reply> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/decide", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let question = read(&stream);
                heard.lock().unwrap().push(question.clone());
                match answer(&question) {
                    Some(reply) => write(&mut stream, &reply),
                    None => thread::sleep(Duration::from_secs(3)),
                }
            }
        });
        Self { url, asked }
    }

    /// Says `decision` to everyone.
    pub(crate) fn deciding(decision: &'static str) -> Self {
        Self::open(move |asked| {
            let id = asked.id();
            Some(Reply::signed(format!(r#"{{"id":"{id}","decision":"{decision}"}}"#)))
        })
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let (mut signature, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            // The request line has no colon and space; the empty line ends the head.
            if line.trim_end().is_empty() { break } else { continue }
        };
        match name.to_ascii_lowercase().as_str() {
            "x-setca-signature" => signature = value.to_owned(),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Asked { signature, body }
}

fn write(stream: &mut TcpStream, reply: &Reply) {
    let Reply { head, body } = reply;
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // Whoever refuses a long answer hangs up before its end.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}
