//! `setca selftest`.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ca_core::authority::Clock as _;
use ca_core::conformance::{
    CaseError, CaseFile, Deviation, Divergences, Score, Vector, built_in_cases, judge,
};
use ca_server::SystemClock;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::failure::Failure;
use crate::input;
use crate::report::{Report, say};
use crate::tree::Shown;

/// Test this build: built-in vectors, and any conformance file.
///
/// Runs the cases of each file through the validation that `setca verify` uses and compares the
/// verdicts with those the file expects. Two formats are read: NIST PKITS as tables (pkits.json)
/// and x509-limbo's, in which bettertls comes too. Prints passed, failed and skipped cases of each
/// file, and of each failed case what was expected, what was answered, and why.
///
/// A case may be answered otherwise than expected only if it stands in the list of divergences with
/// the sentence of the standard that justifies it; a case on that list that comes out as expected
/// fails. Exit 0 if nothing failed, 1 if something did.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca selftest
  setca selftest --suite pkits.json --suite limbo.json --suite bettertls.json
  setca selftest --suite pkits.json --case pkits-4.1.2 --format json")]
pub(crate) struct Selftest {
    /// A conformance file; may be given several times.
    #[arg(long, value_name = "FILE.json")]
    suite: Vec<PathBuf>,
    /// The list of divergences to use instead of the built-in one.
    #[arg(long, value_name = "FILE.toml")]
    divergences: Option<PathBuf>,
    /// Run this case alone.
    #[arg(long, value_name = "ID")]
    case: Option<String>,
}

impl Selftest {
    /// Runs them.
    pub(crate) fn run(self) -> Result<Report, Failure> {
        let divergences = self.divergences()?;
        let mut suites = vec![self.run_built_in(&divergences)?];
        for path in &self.suite {
            suites.push(self.run_suite(path, &divergences)?);
        }
        let found: usize = suites.iter().map(|suite| suite.score.total()).sum();
        if let Some(id) = self.case.filter(|_| found == 0) {
            return Err(Failure::refused(format!("no case {id} in these suites")));
        }
        let failed: usize = suites.iter().map(|suite| suite.score.failed.len()).sum();
        let report = Report::views(text(&suites), &Suites { ok: failed == 0, suites })?;
        Ok(if failed == 0 { report } else { report.refused() })
    }

    fn divergences(&self) -> Result<Divergences, Failure> {
        match &self.divergences {
            Some(path) => Divergences::read(&read(path)?).map_err(|e| broken(path, &e)),
            None => Divergences::built_in()
                .map_err(|e| Failure::refused(format!("built-in list of divergences: {e}"))),
        }
    }

    fn run_built_in(&self, divergences: &Divergences) -> Result<SuiteReport, Failure> {
        let mut file = built_in_cases()
            .map_err(|e| Failure::refused(format!("built-in cases cannot be read: {e}")))?;
        file.cases.retain(|case| self.wants(&case.id));
        let mut report = run(BUILT_IN.to_owned(), &file, divergences);
        for vector in Vector::all().iter().filter(|vector| self.wants(vector.id)) {
            report.score.add(vector.id, vector.judge());
            report.cases += 1;
        }
        Ok(report)
    }

    /// True unless another case was asked for.
    fn wants(&self, id: &str) -> bool {
        self.case.as_deref().is_none_or(|wanted| wanted == id)
    }

    fn run_suite(&self, path: &Path, divergences: &Divergences) -> Result<SuiteReport, Failure> {
        let now = SystemClock::default().now();
        let mut file = CaseFile::read(&read(path)?, now).map_err(|e| broken(path, &e))?;
        file.cases.retain(|case| self.wants(&case.id));
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(run(name, &file, divergences))
    }
}

/// What came of one file.
#[derive(Debug, Serialize)]
struct SuiteReport {
    suite: String,
    cases: usize,
    #[serde(flatten)]
    score: Score,
}

#[derive(Debug, Serialize)]
struct Suites {
    ok: bool,
    suites: Vec<SuiteReport>,
}

fn run(suite: String, file: &CaseFile, divergences: &Divergences) -> SuiteReport {
    let bar = progress(file.cases.len());
    bar.set_message(suite.clone());
    let started = Instant::now();
    let mut score = Score::default();
    for case in &file.cases {
        score.add(&case.id, judge(case, divergences));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    say(format_args!("{suite}: {} cases in {seconds:.2} s", file.cases.len()));
    SuiteReport { suite, cases: file.cases.len(), score }
}

fn progress(cases: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}");
    let bar = ProgressBar::new(u64::try_from(cases).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The result as a person reads it: the failures of each suite, then its numbers.
fn text(suites: &[SuiteReport]) -> String {
    let mut out = String::new();
    for SuiteReport { suite, cases, score } in suites {
        for failed in &score.failed {
            write_failed(&mut out, suite, failed);
        }
        for (id, source) in &score.diverged {
            // Writing to a String never fails.
            let _ = writeln!(out, "DIVERGES {suite} {}: {source}", Shown(id));
        }
        for (id, feature) in &score.skipped {
            let _ = writeln!(out, "SKIPPED {suite} {}: needs {feature}", Shown(id));
        }
        let _ = writeln!(
            out,
            "{suite}: {cases} cases, {} passed, {} failed, {} skipped, {} diverging on purpose",
            score.passed,
            score.failed.len(),
            score.skipped.len(),
            score.diverged.len()
        );
    }
    out
}

fn write_failed(out: &mut String, suite: &str, failed: &Deviation) {
    let features = failed.features.join(", ");
    let _ = writeln!(out, "FAILED {suite} {}: {}", Shown(&failed.id), Shown(&failed.message));
    if !features.is_empty() {
        let _ = writeln!(out, "    features: {}", Shown(&features));
    }
    for reason in &failed.outcome.reasons {
        let _ = writeln!(out, "    {}", Shown(&reason.to_string()));
    }
    for unreadable in &failed.outcome.unreadable {
        let _ = writeln!(out, "    cannot be read: {}", Shown(unreadable));
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let not_text = |_| Failure::refused(format!("{} is not UTF-8 text", path.display()));
    String::from_utf8(input::read(path)?).map_err(not_text)
}

fn broken(path: &Path, error: &CaseError) -> Failure {
    use std::error::Error as _;
    let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    Failure::refused(format!("{}: {error}{cause}", path.display()))
}

const BUILT_IN: &str = "built-in";
