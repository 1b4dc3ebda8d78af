//! A running `setca serve`, and HTTP to it.

use std::fs::{self, OpenOptions};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Response};

/// A running `setca serve`; killed when dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    url: String,
    log: PathBuf,
    agent: ureq::Agent,
}

/// What came back over HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// Content.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header field; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn of(answer: Result<Response<ureq::Body>, ureq::Error>) -> Option<Self> {
        let (head, mut body) = answer.ok()?.into_parts();
        let body = body.read_to_vec().ok()?;
        Some(Self { status: head.status.as_u16(), headers: head.headers, body })
    }
}

impl Service {
    /// Starts `command`, a `setca serve` or `setca up` on port 0; `log` takes what it says.
    ///
    /// # Panics
    /// If it does not come up within two minutes (making keys is slow on a busy machine).
    #[must_use]
    pub fn start(command: Command, log: &Path) -> Self {
        Self::try_start(command, log)
            .unwrap_or_else(|| panic!("{}", fs::read_to_string(log).unwrap_or_default()))
    }

    /// The same of a service that may die before it has come up: then there is none.
    ///
    /// # Panics
    /// As [`Service::start`], but for that.
    #[must_use]
    pub fn try_start(mut command: Command, log: &Path) -> Option<Self> {
        let open = || OpenOptions::new().create(true).append(true).open(log).expect("log file");
        let start = open().metadata().map_or(0, |file| file.len());
        let child = command
            .stdin(Stdio::null())
            .stdout(open())
            .stderr(open())
            .spawn()
            .expect("setca starts");
        let mut service =
            Self { child, url: String::new(), log: log.to_owned(), agent: new_agent() };
        let mut ended = false;
        service.wait_for("the service to come up", |service| {
            ended = service.child.try_wait().expect("a child of ours").is_some();
            if service.url.is_empty() {
                let said = fs::read(&service.log).unwrap_or_default();
                let said = said.get(usize::try_from(start).unwrap_or(0)..).unwrap_or_default();
                service.url = address(&String::from_utf8_lossy(said)).unwrap_or_default();
            }
            let healthy = |answer: Answer| answer.status == 200;
            ended || !service.url.is_empty() && service.try_fetch("/healthz").is_some_and(healthy)
        });
        (!ended).then_some(service)
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has said until now, over all its starts.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// A bare connection.
    ///
    /// # Panics
    /// If it is not taken.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        let address = self.url.strip_prefix("http://").expect("our own URL");
        let stream = TcpStream::connect(address).expect("the port is open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    /// GET, whatever the status.
    ///
    /// # Panics
    /// If there is no HTTP answer.
    #[must_use]
    pub fn fetch(&self, path: &str) -> Answer {
        self.try_fetch(path).unwrap_or_else(|| panic!("GET {path}: no answer: {}", self.log()))
    }

    /// GET with one header field.
    ///
    /// # Panics
    /// If there is no HTTP answer.
    #[must_use]
    pub fn fetch_with(&self, path: &str, name: &str, value: &str) -> Answer {
        let url = format!("{}{path}", self.url);
        Answer::of(self.agent.get(url).header(name, value).call()).expect("an HTTP answer")
    }

    fn try_fetch(&self, path: &str) -> Option<Answer> {
        Answer::of(self.agent.get(format!("{}{path}", self.url)).call())
    }

    /// POST.
    ///
    /// # Panics
    /// If there is no HTTP answer.
    #[must_use]
    pub fn post(&self, path: &str, media_type: &str, body: &[u8]) -> Answer {
        post(&self.agent, &format!("{}{path}", self.url), media_type, body)
            .unwrap_or_else(|| panic!("POST {path}: no answer: {}", self.log()))
    }

    /// POST with one header field more.
    ///
    /// # Panics
    /// If there is no HTTP answer.
    #[must_use]
    pub fn post_with(
        &self,
        path: &str,
        (name, value): (&str, &str),
        media_type: &str,
        body: &[u8],
    ) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url)).header(name, value);
        let sent = request.header("content-type", media_type).send(body);
        Answer::of(sent).expect("an HTTP answer")
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by name: `TERM`.
    ///
    /// # Panics
    /// If it cannot be sent.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// How it ended, if it does within `limit`.
    ///
    /// # Panics
    /// If it does not.
    pub fn ended_within(&mut self, limit: Duration) -> ExitStatus {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                return status;
            }
            assert!(Instant::now() < deadline, "still there after {limit:?}: {}", self.log());
            std::thread::sleep(POLL);
        }
    }

    /// Kills it as a power cut would.
    ///
    /// # Panics
    /// If it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("reaped");
    }

    fn wait_for(&mut self, what: &str, mut condition: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "waited for {what}: {}", self.log());
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Best effort: the test has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// POST on its own, for whoever outlives a [`Service`]; `None` without an HTTP answer.
#[must_use]
pub fn post(agent: &ureq::Agent, url: &str, media_type: &str, body: &[u8]) -> Option<Answer> {
    Answer::of(agent.post(url).header("content-type", media_type).send(body))
}

/// The same with an Authorization field.
#[must_use]
pub fn post_as(
    agent: &ureq::Agent,
    url: &str,
    authorization: &str,
    media_type: &str,
    body: &[u8],
) -> Option<Answer> {
    let request = agent.post(url).header("authorization", authorization);
    Answer::of(request.header("content-type", media_type).send(body))
}

/// GET on its own; `None` without an HTTP answer.
#[must_use]
pub fn get(agent: &ureq::Agent, url: &str) -> Option<Answer> {
    Answer::of(agent.get(url).call())
}

/// A client that takes every status as an answer.
#[must_use]
pub fn new_agent() -> ureq::Agent {
    patient_agent(PATIENCE)
}

/// The same, that waits so long for an answer.
#[must_use]
pub fn patient_agent(patience: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(patience))
        .build()
        .into()
}

/// What is said as soon as it contains `wanted`, or after a second: a service sees within that time
/// what another process has recorded.
#[must_use]
pub fn soon(wanted: &str, mut ask: impl FnMut() -> String) -> String {
    let begin = Instant::now();
    loop {
        let late = begin.elapsed() > Duration::from_secs(1);
        let said = ask();
        if late || said.contains(wanted) {
            return said;
        }
        std::thread::sleep(POLL);
    }
}

fn address(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("at http://127.0.0.1:")?;
    // A line that is not whole yet would cut the port.
    let (port, _) = rest.split_once('\n')?;
    Some(format!("http://127.0.0.1:{}", port.trim()))
}

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a condition.
const POLL: Duration = Duration::from_millis(10);
