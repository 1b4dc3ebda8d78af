//! `setca verify`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ca_core::authority::Clock as _;
use ca_core::path::{
    self, Origin, PathElement, Request, RevocationMode, Rules, Settings, TraceStep, Verdict,
};
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl, DecodeError};
use ca_core::{Suite, UnixTime, hex};
use ca_server::SystemClock;
use clap::{Args, ValueEnum};

use crate::failure::Failure;
use crate::input;
use crate::inspect::BCI_LABEL;
use crate::inspect::names::name_der_text;
use crate::report::{Report, say};
use crate::tree::Shown;

/// Judge a certificate: is it to be trusted, and why not?
///
/// Builds a path from the certificate to a trusted root and applies the rules of SET (or of RFC
/// 5280) to it: signatures, validity, names, basicConstraints, keyUsage, nesting of SET certificate
/// types, brand, and revocation if CRLs are given. Prints the verdict with every reason, the rule
/// behind it and the certificate it concerns. Exit 0 if valid, 1 if not.
///
/// The first certificate given is judged; further ones (in the same file or after it) help to build
/// the path, as do those of --untrusted. A root among them is trusted if a trusted root announces
/// its key.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca verify cca.pem --trust root.pem
  setca verify wallet/certificate.pem --trust root.pem --untrusted wallet/chain.pem \\
      --crl root.crl --crl sample.crl --crl sample-cca.crl
  setca verify old.pem --trust root.pem --at 2026-06-01T00:00:00Z --trace
  setca verify card.pem --trust root.pem --suite set-1997 --lenient --at 1996-10-25T01:33:20Z
  setca verify server.pem --trust ca.pem --rules rfc5280 --format json")]
pub(crate) struct Verify {
    /// The certificate to judge, PEM or DER; further certificates help to build the path.
    #[arg(required = true, value_name = "CERT")]
    certificates: Vec<PathBuf>,
    /// Trusted root certificates, PEM or DER.
    #[arg(long, required = true, value_name = "ROOT")]
    trust: Vec<PathBuf>,
    /// Certificates that may help to build the path.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    untrusted: Vec<PathBuf>,
    /// CRLs, PEM or DER.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    crl: Vec<PathBuf>,
    /// Brand CRL identifiers, PEM or DER: no CRL older than they say counts.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    bci: Vec<PathBuf>,
    /// What a missing revocation status means; `require` if a CRL is given, else `off`.
    #[arg(long, value_enum)]
    revocation: Option<Revocation>,
    /// The time at which everything must hold, YYYY-MM-DDThh:mm:ssZ; default now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<UnixTime>,
    /// Whose rules.
    #[arg(long, value_enum, default_value = "set")]
    rules: RuleSet,
    /// The suite of the hierarchy; default the one in which the root is signed.
    #[arg(long)]
    suite: Option<Suite>,
    /// Accept what SET 1.0 does not: certificates of the 1996 draft, other criticality, short keys.
    #[arg(long, conflicts_with = "rules")]
    lenient: bool,
    /// The brand every certificate below the root must carry (SET).
    #[arg(long, value_name = "BRAND")]
    brand: Option<String>,
    /// Show every step.
    #[arg(long)]
    trace: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Revocation {
    /// Every certificate below the root needs a CRL that does not list it.
    Require,
    /// CRLs that are given count, missing ones do not.
    IfAvailable,
    /// CRLs are not looked at.
    Off,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum RuleSet {
    /// SET 1.0 Book 2 on top of X.509.
    Set,
    /// RFC 5280 §6.
    Rfc5280,
}

impl Verify {
    /// Judges.
    pub(crate) fn run(self) -> Result<Report, Failure> {
        let read = if self.lenient { input::lenient_certificates } else { input::certificates };
        let mut given = all(&self.certificates, read)?;
        let mut anchors = all(&self.trust, read)?;
        let crls = all(&self.crl, crls)?;
        let bcis = all(&self.bci, bcis)?;
        let certificate = given.remove(0);
        given.extend(all(&self.untrusted, read)?);
        let settings = self.settings(&certificate, &anchors)?;
        let trusted = anchors.len();
        let steps = follow_roots(&mut anchors, &given, &settings);
        let mut verdict = path::validate(&Request {
            certificate: &certificate,
            untrusted: &given,
            anchors: &anchors,
            crls: &crls,
            bcis: &bcis,
            ocsp: &[],
            settings: &settings,
        });
        if self.revocation.is_none() && settings.revocation == RevocationMode::Off {
            say("note: revocation was not looked at (no --crl given)");
        }
        if self.trace {
            verdict.trace.splice(0..0, steps);
        }
        let text = text(&verdict, &settings, trusted);
        let report = Report::views(text, &verdict)?;
        Ok(if verdict.valid { report } else { report.refused() })
    }

    fn settings(&self, certificate: &Cert, anchors: &[Cert]) -> Result<Settings, Failure> {
        let at = match self.at {
            Some(at) => at,
            None => SystemClock::default().now(),
        };
        let rules = match self.rules {
            RuleSet::Set => Rules::Set,
            RuleSet::Rfc5280 => Rules::Rfc5280,
        };
        let suite = self.suite.unwrap_or_else(|| suite(certificate, anchors));
        let settings = Settings::new(rules, suite, at);
        let default = if self.crl.is_empty() { Revocation::Off } else { Revocation::Require };
        Ok(Settings {
            revocation: match self.revocation.unwrap_or(default) {
                Revocation::Require => RevocationMode::Require,
                Revocation::IfAvailable => RevocationMode::IfAvailable,
                Revocation::Off => RevocationMode::Off,
            },
            brand: self.brand.clone(),
            trace: self.trace,
            ..if self.lenient { settings.lenient() } else { settings }
        })
    }
}

/// Trusts the roots that the trusted ones announce, too (spec `set-certificates.md` §4.2), and says
/// so: one step for each candidate.
fn follow_roots(anchors: &mut Vec<Cert>, given: &[Cert], settings: &Settings) -> Vec<TraceStep> {
    if settings.rules != Rules::Set {
        return Vec::new();
    }
    let outcome = path::accept_roots(anchors, given, settings.at, settings.suite);
    let step = |root: &Cert, message: String| TraceStep {
        candidate: 0,
        subject: format!("{} serial {}", name_der_text(root.subject_der()), hex(root.serial())),
        rule: "SET root key: accepting a new root",
        code: None,
        message,
        before: String::new(),
        after: String::new(),
    };
    let mut steps = Vec::new();
    for root in outcome.accepted {
        let by = hex(root.announced_by.serial());
        let message = format!("trusted from now on: the root with serial {by} announces its key");
        say(format_args!("note: root {} is {message}", hex(root.certificate.serial())));
        steps.push(step(&root.certificate, message));
        anchors.push(root.certificate);
    }
    for (root, refusal) in outcome.refused {
        say(format_args!("note: root {} is not trusted: {refusal}", hex(root.serial())));
        steps.push(step(&root, format!("not trusted: {refusal}")));
    }
    steps
}

/// The suite of a hierarchy is told by its root (spec `set-certificates.md` §10.2); where roots of
/// both are trusted, by the certificate, whose chain must be of one suite anyhow.
fn suite(certificate: &Cert, anchors: &[Cert]) -> Suite {
    let of = |cert: &Cert| Suite::of_signature(cert.inner().signature_algorithm());
    let mut suites = anchors.iter().map(of);
    match suites.next() {
        Some(first) if suites.all(|other| other == first) => first,
        _ => of(certificate),
    }
}

fn all<T>(
    paths: &[PathBuf],
    read: impl Fn(&Path) -> Result<Vec<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let lists: Result<Vec<Vec<T>>, Failure> = paths.iter().map(|path| read(path)).collect();
    Ok(lists?.into_iter().flatten().collect())
}

fn crls(path: &Path) -> Result<Vec<Crl>, Failure> {
    lists(path, "X509 CRL", "CRL", Crl::from_der)
}

fn bcis(path: &Path) -> Result<Vec<BrandCrlIdentifier>, Failure> {
    lists(path, BCI_LABEL, "BCI", BrandCrlIdentifier::from_der)
}

fn lists<T>(
    path: &Path,
    label: &str,
    name: &str,
    decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
) -> Result<Vec<T>, Failure> {
    let file = path.display();
    let found = input::of_label(path, label)?;
    if found.is_empty() {
        return Err(Failure::refused(format!("{file} holds no {name} (PEM or DER)")));
    }
    found
        .iter()
        .map(|der| decode(der).map_err(|e| Failure::refused(format!("{file}: not a {name}: {e}"))))
        .collect()
}

fn time(text: &str) -> Result<UnixTime, String> {
    UnixTime::parse_rfc3339(text).ok_or_else(|| "write it as 2026-11-22T13:00:00Z".to_owned())
}

/// The verdict as a person reads it, top to bottom.
fn text(verdict: &Verdict, settings: &Settings, trusted: usize) -> String {
    let mut out = String::new();
    let word = if verdict.valid { "VALID" } else { "INVALID" };
    // Writing to a String never fails.
    let _ = writeln!(out, "{word} at {} by the rules {}\n", settings.at, settings.rules);
    if !verdict.reasons.is_empty() {
        let _ = writeln!(out, "Why:");
        for reason in &verdict.reasons {
            let _ = writeln!(out, "  - {}  [{}]", Shown(&reason.message), reason.code);
            let _ = writeln!(out, "    certificate: {}", Shown(&reason.subject));
            let _ = writeln!(out, "    rule:        {}", reason.rule);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "Path, the certificate first:");
    for element in &verdict.path {
        let _ = writeln!(out, "  {}", line(element, trusted));
    }
    if !verdict.trace.is_empty() {
        let _ = writeln!(out, "\nSteps:");
        for step in &verdict.trace {
            let _ = writeln!(out, "  {}", step_line(step));
            if step.before != step.after {
                let _ =
                    writeln!(out, "     state: {} -> {}", Shown(&step.before), Shown(&step.after));
            }
        }
    }
    out
}

fn line(element: &PathElement, trusted: usize) -> String {
    let origin = match element.origin {
        Origin::Anchor(index) if index >= trusted => "  (trusted: a trusted root announces it)",
        Origin::Anchor(_) => "  (trusted)",
        _ => "",
    };
    format!("{}  serial {}{origin}", Shown(&element.subject), element.serial)
}

fn step_line(step: &TraceStep) -> String {
    let outcome = step.code.map_or_else(|| "ok".to_owned(), |code| format!("FAILS [{code}]"));
    let (subject, message) = (Shown(&step.subject), Shown(&step.message));
    format!("{}. {subject}: {message} ({}): {outcome}", step.candidate, step.rule)
}
