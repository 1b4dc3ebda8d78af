//! `load run`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use ca_core::store::CaId;
use ca_core::wire::ocsp::CertStatus;
use clap::Args;
use e2e::fill::Filled;
use e2e::{http, setca_at};

use crate::client::{Always, Loop};
use crate::question::{Fresh, InTurn, get, get_of, request, status};
use crate::report::{Format, Report, say};
use crate::revocation::Case;
use crate::server::{Answer, Server};
use crate::{fill, peers};

/// Start the service on a filled folder, measure it, and measure others beside it.
///
/// First the CRL is made anew, by `setca crl issue`, since `load fill` records without publishing;
/// then `setca serve` is started on a free port. The binary is the `setca` beside this program.
/// Peers that are not installed are left out (see `load peers`). At the end two certificates are
/// revoked, and with `--list` so many more.
///
/// Example:
///
///     load run --dir big --seconds 10 --format json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Run {
    /// The data folder, filled by `load fill`.
    #[arg(long)]
    dir: PathBuf,
    /// The CA that issued: the first CCA of the folder unless given.
    #[arg(long, value_parser = fill::ca)]
    ca: Option<CaId>,
    /// How long each rate is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Connections that ask at the same time.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// How many certificates are revoked by one list at the end; none unless given.
    #[arg(long, default_value_t = 0)]
    list: u64,
    /// How the result is written to standard output.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Run {
    pub(crate) fn run(self) -> Result<()> {
        let filled = Filled::find(&self.dir, self.ca.as_ref())?;
        let setca = setca_at();
        let scratch = tempfile::tempdir()?;
        let mut report = Report::default();
        let certificates = filled.certificates as f64;
        report.value("certificates", "certificates filled in", "", certificates);
        self.publish(&setca, &filled, &mut report)?;
        let begin = Instant::now();
        let service = self.serve(&setca, scratch.path())?;
        let ready = first_answer(&service, &filled)?;
        let what = "start of the service to its first OCSP answer";
        report.value("start_ms", what, "ms", begin.elapsed().as_secs_f64() * 1e3);
        let (resident, _) = service.memory()?;
        report.value("resident_mib", "its memory then", "MiB", resident / MIB);
        let what = "  octets for each certificate, program included";
        report.value("resident_octets_each", what, "octets", resident / certificates);
        let measure = Measure { run: &self, filled: &filled, service: &service };
        measure.check(&mut report)?;
        measure.ready(&ready, scratch.path(), &mut report)?;
        measure.fresh(scratch.path(), &mut report)?;
        measure.crl(&mut report)?;
        say(format_args!("measuring: one more revocation"));
        let case = Case { dir: &self.dir, setca: &setca, filled: &filled, service: &service };
        case.measure(self.list, &mut report)?;
        let (resident, peak) = service.memory()?;
        report.value("resident_end_mib", "memory at the end", "MiB", resident / MIB);
        report.value("resident_peak_mib", "  at most", "MiB", peak / MIB);
        report.print(self.format);
        Ok(())
    }

    fn publish(&self, setca: &Path, filled: &Filled, report: &mut Report) -> Result<()> {
        say(format_args!("making the CRL of {}", filled.issuer));
        let begin = Instant::now();
        let mut command = Command::new(setca);
        command.arg("--dir").arg(&self.dir).args(["crl", "issue", filled.issuer.as_str()]);
        let done = command.stdout(Stdio::null()).stderr(Stdio::inherit()).status()?;
        ensure!(done.success(), "setca crl issue ended with {done}");
        let what = "setca crl issue, the whole command";
        report.value("crl_issue_ms", what, "ms", begin.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    fn serve(&self, setca: &Path, scratch: &Path) -> Result<Server> {
        say(format_args!("starting the service"));
        let mut command = Command::new(setca);
        command.arg("--dir").arg(&self.dir).args(["serve", "--listen", "127.0.0.1:0"]);
        Server::announced(&mut command, &scratch.join("service.log"))
    }

    fn closed_loop(&self) -> Loop {
        let time = Duration::from_secs(self.seconds);
        Loop { time, connections: self.connections.into() }
    }
}

/// Good or revoked, but known: the answer itself.
fn first_answer(service: &Server, filled: &Filled) -> Result<Answer> {
    let answer = service.ask(&http::new_agent(), &request(filled, 0, None)?)?;
    ensure!(
        !matches!(status(&answer.body)?, CertStatus::Unknown),
        "the service does not know what was filled in"
    );
    Ok(answer)
}

/// What the rates are measured of.
struct Measure<'a> {
    run: &'a Run,
    filled: &'a Filled,
    service: &'a Server,
}

impl Measure<'_> {
    /// The service compares everything when it begins to serve, in the background: waited for, so
    /// that the rates are those of every other minute.
    fn check(&self, report: &mut Report) -> Result<()> {
        say(format_args!("waiting for the first comparison of records, index, lists and OCSP"));
        let agent = http::new_agent();
        let begin = Instant::now();
        let seconds = loop {
            let metrics = String::from_utf8(self.service.get(&agent, "/metrics", "")?.body)?;
            let lines = &mut metrics.lines();
            if let Some(took) = lines.find_map(|line| line.strip_prefix(CHECK_DURATION)) {
                break took.trim().parse::<f64>()?;
            }
            ensure!(begin.elapsed() < CHECK_PATIENCE, "the service does not end its comparison");
            std::thread::sleep(CHECK_POLL);
        };
        let what = "comparison of records, index, lists and OCSP, in the background";
        report.value("check_ms", what, "ms", seconds * 1e3);
        Ok(())
    }

    fn ready(&self, answer: &Answer, scratch: &Path, report: &mut Report) -> Result<()> {
        say(format_args!("measuring: ready answers"));
        let closed = self.run.closed_loop();
        let step = (self.filled.certificates / POPULAR).max(1);
        let popular = (0..POPULAR.min(self.filled.certificates))
            .map(|one| get(self.filled, one * step % self.filled.certificates));
        let requests = Arc::new(popular.collect::<Result<Vec<_>>>()?);
        let in_turn = |at| InTurn { requests: Arc::clone(&requests), at: at * 31 };
        report.rate("OCSP GET, ready", closed.measure(self.service.address(), 200, in_turn)?);
        let file = peers::static_file(scratch, &answer.body)?;
        let asker = |_| Always(get_of("/answer.der", ""));
        report.rate("  static GET", closed.measure(file.address(), 200, asker)?);
        drop(file);
        if let Some(nginx) = peers::nginx(scratch, &answer.body)? {
            report.rate("  nginx GET", closed.measure(nginx.address(), 200, asker)?);
        }
        Ok(())
    }

    fn fresh(&self, scratch: &Path, report: &mut Report) -> Result<()> {
        say(format_args!("measuring: answers signed when asked for"));
        let closed = self.run.closed_loop();
        let fresh = Fresh::new(self.filled, "/ocsp")?;
        let seeded = |at: usize| fresh.seeded(at as u64 + 1);
        report.rate("OCSP POST, fresh", closed.measure(self.service.address(), 200, seeded)?);
        let question = request(self.filled, 0, Some(vec![7; 16]))?;
        let answer = self.service.ask(&http::new_agent(), &question)?;
        let file = peers::static_file(scratch, &answer.body)?;
        report.rate("  static POST", closed.measure(file.address(), 200, seeded)?);
        drop(file);
        say(format_args!("measuring: openssl ocsp"));
        let begin = Instant::now();
        let Some(openssl) = peers::openssl(scratch, self.filled)? else { return Ok(()) };
        // Its processes read index.txt after the port is open.
        let first = openssl.ask(&http::new_agent(), &question);
        let what = "openssl ocsp: key, index.txt and start to its first answer";
        report.value("openssl_start_ms", what, "ms", begin.elapsed().as_secs_f64() * 1e3);
        // It is seen to hang for good after a connection that was dropped: the rest is measured.
        match first.and_then(|_| closed.measure(openssl.address(), 200, seeded)) {
            Ok(rates) => report.rate("  openssl POST", rates),
            Err(error) => say(format_args!("openssl ocsp is left out: {error:#}")),
        }
        Ok(())
    }

    fn crl(&self, report: &mut Report) -> Result<()> {
        say(format_args!("measuring: the CRL"));
        let (agent, path) = (http::new_agent(), format!("/crl/{}.crl", self.filled.issuer));
        let (mut best, mut size, mut tag) = (Duration::MAX, 0, String::new());
        for _ in 0..3 {
            let begin = Instant::now();
            let answer = self.service.get(&agent, &path, "")?;
            best = best.min(begin.elapsed());
            (size, tag) = (answer.body.len(), answer.tag);
        }
        report.value("crl_octets", "complete CRL", "octets", size as f64);
        let what = "  GET of it, best of three";
        report.value("crl_get_ms", what, "ms", best.as_secs_f64() * 1e3);
        ensure!(!tag.is_empty(), "the CRL has no ETag");
        let request = get_of(&path, &format!("If-None-Match: {tag}\r\n"));
        let asker = |_| Always(request.clone());
        let rates = self.run.closed_loop().measure(self.service.address(), 304, asker);
        report.rate("CRL GET, not modified", rates.context("conditional GET")?);
        Ok(())
    }
}

/// Serial numbers that are asked for often.
const POPULAR: u64 = 1_000;
const CHECK_DURATION: &str = "setca_status_check_duration_seconds ";
const CHECK_PATIENCE: Duration = Duration::from_secs(300);
const CHECK_POLL: Duration = Duration::from_millis(50);
const MIB: f64 = 1_048_576.0;
