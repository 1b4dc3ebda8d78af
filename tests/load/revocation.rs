//! One more revocation: when does it show?

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use ca_core::UnixTime;
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
    /// Revokes one certificate in the store, as another node does, and one by `setca cert revoke`.
    pub(crate) fn measure(&self, report: &mut Report) -> Result<()> {
        let [first, second] = self.living()?;
        self.in_store(first, report)?;
        self.by_command(second, report)
    }

    /// Two certificates that are not revoked yet: the last ones are left for this.
    fn living(&self) -> Result<[u64; 2]> {
        let store = open(self.dir)?;
        let mut living = Vec::new();
        for number in (0..self.filled.certificates).rev() {
            let record = store.certificate(&self.filled.issuer, &serial(number)?)?;
            if record.is_some_and(|record| record.revocation.is_none()) {
                living.push(number);
            }
            if let [first, second] = living.as_slice() {
                return Ok([*first, *second]);
            }
        }
        anyhow::bail!("no certificate is left to revoke")
    }

    fn in_store(&self, number: u64, report: &mut Report) -> Result<()> {
        let store = open(self.dir)?;
        let now: UnixTime = SystemClock::default().now();
        let revocation = Revocation::new(now, RevocationReason::Superseded);
        let (begin, serial) = (Instant::now(), serial(number)?);
        store.revoke(&self.filled.issuer, &serial, &revocation)?;
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
        let (agent, path) = (e2e::http::new_agent(), format!("/crl/{}.crl", self.filled.issuer));
        let mut tag = self.service.get(&agent, &path, "")?.tag;
        loop {
            let answer = self.service.get(&agent, &path, &tag)?;
            let seen = begin.elapsed();
            let wanted = serial.as_octets();
            if answer.status == 200 && answer.body.windows(wanted.len()).any(|at| at == wanted) {
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

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

const PATIENCE: Duration = Duration::from_secs(120);
