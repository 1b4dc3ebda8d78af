//! `setca verify`.

mod asked;
mod text;

use std::path::{Path, PathBuf};

use ca_core::authority::Clock as _;
use ca_core::hex;
use ca_core::path::{self, Request, RevocationMode, Rules, Settings, TraceStep};
use ca_core::pem;
use ca_core::wire::ocsp::{BasicOcspResponse, OcspResponse};
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl, DecodeError};
use ca_server::SystemClock;
use clap::Args;

use self::asked::Asked;
use self::text::text;
use crate::failure::Failure;
use crate::input;
use crate::inspect::names::name_der_text;
use crate::report::{Report, say};

/// Judge a certificate: is it to be trusted, and why not?
///
/// Builds a path from the certificate to a trusted root and applies the rules of SET (or of RFC
/// 5280) to it: signatures, validity, names, basicConstraints, keyUsage, nesting of SET certificate
/// types, brand, policies, and revocation if CRLs or OCSP answers are given. Prints the verdict
/// with every reason, the rule behind it and the certificate it concerns. Exit 0 if valid, 1 if
/// not.
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
  setca verify server.pem --trust ca.pem --rules rfc5280 --name shop.example --eku serverAuth
  setca verify agency.pem --trust root.pem --untrusted bridge.pem --rules rfc5280 \\
      --policy 2.16.840.1.101.3.2.1.48.1 --require-policy --format json")]
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
    /// OCSP answers, DER.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    ocsp: Vec<PathBuf>,
    #[command(flatten)]
    asked: Asked,
}

impl Verify {
    /// Judges.
    pub(crate) fn run(self) -> Result<Report, Failure> {
        let question = self.asked.question();
        let read = if question.lenient { input::lenient_certificates } else { input::certificates };
        let mut given = all(&self.certificates, read)?;
        let mut anchors = all(&self.trust, read)?;
        let crls = all(&self.crl, crls)?;
        let bcis = all(&self.bci, bcis)?;
        let ocsp = all(&self.ocsp, ocsp)?;
        let certificate = given.remove(0);
        given.extend(all(&self.untrusted, read)?);
        let silent = crls.is_empty() && ocsp.is_empty();
        let default = if silent { RevocationMode::Off } else { RevocationMode::Require };
        let settings = question
            .settings(&certificate, &anchors, SystemClock::default().now(), default)
            .map_err(|error| Failure::usage(error.to_string()))?;
        let trusted = anchors.len();
        let steps = follow_roots(&mut anchors, &given, &settings);
        let mut verdict = path::validate(&Request {
            certificate: &certificate,
            untrusted: &given,
            anchors: &anchors,
            crls: &crls,
            bcis: &bcis,
            ocsp: &ocsp,
            register: &[],
            settings: &settings,
        });
        if question.revocation.is_none() && settings.revocation == RevocationMode::Off {
            say("note: revocation was not looked at (no --crl or --ocsp given)");
        }
        if settings.trace {
            verdict.trace.splice(0..0, steps);
        }
        let text = text(&verdict, &settings, trusted);
        let report = Report::views(text, &verdict)?;
        Ok(if verdict.valid { report } else { report.refused() })
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
        input: "roots that trusted roots announce".to_owned(),
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

fn all<T>(
    paths: &[PathBuf],
    read: impl Fn(&Path) -> Result<Vec<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let lists: Result<Vec<Vec<T>>, Failure> = paths.iter().map(|path| read(path)).collect();
    Ok(lists?.into_iter().flatten().collect())
}

fn crls(path: &Path) -> Result<Vec<Crl>, Failure> {
    lists(path, pem::CRL, "CRL", Crl::from_der)
}

fn bcis(path: &Path) -> Result<Vec<BrandCrlIdentifier>, Failure> {
    lists(path, pem::BCI, "BCI", BrandCrlIdentifier::from_der)
}

/// An OCSP answer has no PEM form.
fn ocsp(path: &Path) -> Result<Vec<BasicOcspResponse>, Failure> {
    let file = path.display();
    let answer = OcspResponse::from_der(&input::read(path)?)
        .map_err(|e| Failure::refused(format!("{file}: not an OCSP response: {e}")))?;
    let status = answer.status;
    let basic = answer.basic.ok_or_else(|| {
        Failure::refused(format!("{file}: the responder gave no answer: {status:?}"))
    })?;
    Ok(vec![basic])
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
