//! Child processes that serve HTTP, stopped when dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

/// A server on this machine.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) tag: String,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Starts a command that says `at http://ADDRESS` when it serves; what it says goes to `log`.
    pub(crate) fn announced(command: &mut Command, log: &Path) -> Result<Self> {
        let child = start(command, log)?;
        let unknown = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut server = Self { child, address: unknown };
        server.wait(log, |server| {
            server.address = announced(&fs::read(log).unwrap_or_default())?;
            Some(())
        })?;
        Ok(server)
    }

    /// Starts a command that serves at `address` some time.
    pub(crate) fn at(command: &mut Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let mut server = Self { child: start(command, log)?, address };
        server.wait(log, |server| TcpStream::connect(server.address).ok().map(drop))?;
        Ok(server)
    }

    fn wait(&mut self, log: &Path, mut ready: impl FnMut(&mut Self) -> Option<()>) -> Result<()> {
        let begin = Instant::now();
        while ready(self).is_none() {
            if let Some(status) = self.child.try_wait()? {
                bail!("server ended with {status}: {}", fs::read_to_string(log)?.trim());
            }
            ensure!(begin.elapsed() < PATIENCE, "server does not come up: see {}", log.display());
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Octets of memory, now and at most (proc(5)).
    pub(crate) fn memory(&self) -> Result<(f64, f64)> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = |name: &str| -> Result<f64> {
            let rest = text.lines().find_map(|line| line.strip_prefix(name)).context("status")?;
            Ok(rest.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
        };
        Ok((line("VmRSS:")?, line("VmHWM:")?))
    }

    /// GET, with the field `If-None-Match` if there is a tag.
    pub(crate) fn get(&self, agent: &ureq::Agent, path: &str, tag: &str) -> Result<Answer> {
        let mut request = agent.get(format!("http://{}{path}", self.address));
        if !tag.is_empty() {
            request = request.header("if-none-match", tag);
        }
        read(request.call()?)
    }

    /// POST of an OCSP request.
    pub(crate) fn ask(&self, agent: &ureq::Agent, request: &[u8]) -> Result<Answer> {
        let post = agent.post(format!("http://{}/ocsp", self.address));
        read(post.header("content-type", "application/ocsp-request").send(request)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A polite end first. Then its whole group: children of openssl ocsp outlive it, and one
        // that hangs takes a processor from whatever is measured next.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-s", "TERM", &pid]).status();
        let begin = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begin.elapsed() < FAREWELL {
            std::thread::sleep(POLL);
        }
        // Too late for errors: whoever measured has the figures.
        let group = ["-s", "KILL", "--", &format!("-{pid}")];
        let _ = Command::new("kill").args(group).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// An address nobody listens at.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn start(command: &mut Command, log: &Path) -> Result<Child> {
    let file = File::create(log)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
    command.spawn().with_context(|| format!("{} cannot be run", command.get_program().display()))
}

fn announced(said: &[u8]) -> Option<SocketAddr> {
    let text = String::from_utf8_lossy(said);
    let (_, rest) = text.split_once("at http://")?;
    // A line that is not whole yet would cut the port.
    rest.split_once('\n')?.0.trim().parse().ok()
}

fn read(answer: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let (head, mut body) = answer.into_parts();
    let tag = head.headers.get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    let body = body.with_config().limit(u64::MAX).read_to_vec()?;
    Ok(Answer { status: head.status.as_u16(), tag: tag.to_owned(), body })
}

/// To come up: `openssl ocsp` reads a million lines first.
const PATIENCE: Duration = Duration::from_secs(180);
/// To stop.
const FAREWELL: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(1);
