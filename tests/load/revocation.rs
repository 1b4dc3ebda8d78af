//! One more revocation, and a list of many: when do they show, what do they take?

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use ca_core::UnixTime;
use ca_core::audit::{Acting, Actor};
use ca_core::authority::Clock as _;
use ca_core::store::{Revocation, RevocationReason, SerialNumber, Store as _};
use ca_core::wire::ocsp::CertStatus;
use ca_server::SystemClock;
use e2e::fill::{Filled, open, serial};

use crate::question::{request, status};
use crate::report::Report;
use crate::server::Server;

/// What a revocation needs.
pub(crate) struct Case<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) setca: &'a Path,
    pub(crate) filled: &'a Filled,
    pub(crate) service: &'a Server,
}

impl Case<'_> {
    /// Revokes one certificate in the store, as another node does, one by `setca cert revoke`, and
    /// `list` by a list.
    pub(crate) fn measure(&self, list: u64, report: &mut Report) -> Result<()> {
        let living = self.living(list.saturating_add(2))?;
        let [first, second, listed @ ..] = living.as_slice() else { bail!("too few are living") };
        self.in_store(*first, report)?;
        self.by_command(*second, report)?;
        if listed.is_empty() { Ok(()) } else { self.by_list(listed, report) }
    }

    /// So many certificates that are not revoked yet, from the last one back: some are left for
    /// this.
    fn living(&self, count: u64) -> Result<Vec<u64>> {
        let store = open(self.dir)?;
        let mut living = Vec::new();
        for number in (0..self.filled.certificates).rev() {
            let record = store.certificate(&self.filled.issuer, &serial(number)?)?;
            if record.is_some_and(|record| record.revocation.is_none()) {
                living.push(number);
            }
            if living.len() as u64 == count {
                return Ok(living);
            }
        }
        bail!("only {} certificates are left to revoke, not {count}", living.len())
    }

    fn in_store(&self, number: u64, report: &mut Report) -> Result<()> {
        let store = open(self.dir)?;
        let now: UnixTime = SystemClock::default().now();
        let revocation = Revocation::new(now, RevocationReason::Superseded);
        let (begin, serial) = (Instant::now(), serial(number)?);
        store.revoke(
            &self.filled.issuer,
            &serial,
            &revocation,
            &Acting::new(Actor::Folder, now),
        )?;
        let recorded = begin.elapsed();
        let seen = self.until_revoked(number, begin)?;
        let what = "one revocation recorded in the store by another node";
        report.value("revoke_store_ms", what, "ms", millis(recorded));
        let what = "  until OCSP of the service says so";
        report.value("revoke_store_ocsp_ms", what, "ms", millis(seen.saturating_sub(recorded)));
        Ok(())
    }

    fn by_command(&self, number: u64, report: &mut Report) -> Result<()> {
        let serial = serial(number)?;
        let mut command = Command::new(self.setca);
        command.arg("--dir").arg(self.dir).args(["cert", "revoke", &serial.to_string()]);
        command.args(["--reason", "superseded"]).stdout(Stdio::null()).stderr(Stdio::inherit());
        let begin = Instant::now();
        let mut child = command.spawn().context("setca cannot be run")?;
        let (ocsp, crl) = std::thread::scope(|scope| {
            let ocsp = scope.spawn(|| self.until_revoked(number, begin));
            let crl = self.until_listed(&serial, begin);
            (ocsp.join(), crl)
        });
        let status = child.wait()?;
        let whole = begin.elapsed();
        ensure!(status.success(), "setca cert revoke ended with {status}");
        let ocsp = ocsp.map_err(|_| anyhow::anyhow!("a thread died"))??;
        let what = "setca cert revoke, from its start: OCSP says revoked";
        report.value("revoke_ocsp_ms", what, "ms", millis(ocsp));
        report.value("revoke_crl_ms", "  the CRL that is served lists it", "ms", millis(crl?));
        report.value("revoke_command_ms", "  the command ends", "ms", millis(whole));
        Ok(())
    }

    fn by_list(&self, numbers: &[u64], report: &mut Report) -> Result<()> {
        let mut file = tempfile::NamedTempFile::new()?;
        for number in numbers {
            writeln!(file, "{}", serial(*number)?)?;
        }
        let mut command = Command::new(self.setca);
        command.arg("--dir").arg(self.dir).args(["cert", "revoke", "--file"]).arg(file.path());
        command.args(["--reason", "superseded"]).stdout(Stdio::null()).stderr(Stdio::inherit());
        let begin = Instant::now();
        let status = command.status().context("setca cannot be run")?;
        let whole = begin.elapsed();
        ensure!(status.success(), "setca cert revoke ended with {status}");
        // The command has published.
        let crl = self.service.get(&e2e::http::new_agent(), &self.crl_path(), "")?.body;
        let last = serial(*numbers.last().context("an empty list")?)?;
        ensure!(lists(&crl, &last), "the CRL does not list {last}");
        report.value("list", "certificates revoked by one list", "", numbers.len() as f64);
        report.value("list_ms", "  the whole command", "ms", millis(whole));
        Ok(())
    }

    fn crl_path(&self) -> String {
        format!("/crl/{}.crl", self.filled.issuer)
    }

    /// Asks every millisecond.
    fn until_revoked(&self, number: u64, begin: Instant) -> Result<Duration> {
        let agent = e2e::http::new_agent();
        loop {
            let question = request(self.filled, number, Some(vec![7; 16]))?;
            let answer = self.service.ask(&agent, &question)?;
            let seen = begin.elapsed();
            if matches!(status(&answer.body)?, CertStatus::Revoked { .. }) {
                return Ok(seen);
            }
            ensure!(seen < PATIENCE, "OCSP does not say revoked after {seen:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Asks for another CRL than the one before every ten milliseconds.
    fn until_listed(&self, serial: &SerialNumber, begin: Instant) -> Result<Duration> {
        let (agent, path) = (e2e::http::new_agent(), self.crl_path());
        let mut tag = self.service.get(&agent, &path, "")?.tag;
        loop {
            let answer = self.service.get(&agent, &path, &tag)?;
            let seen = begin.elapsed();
            if answer.status == 200 && lists(&answer.body, serial) {
                return Ok(seen);
            }
            if answer.status == 200 {
                tag = answer.tag;
            }
            ensure!(seen < PATIENCE, "no CRL lists {serial} after {seen:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn lists(crl: &[u8], serial: &SerialNumber) -> bool {
    let wanted = serial.as_octets();
    crl.windows(wanted.len()).any(|at| at == wanted)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

const PATIENCE: Duration = Duration::from_secs(120);
