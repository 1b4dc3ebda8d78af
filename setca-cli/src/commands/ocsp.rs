//! `setca ocsp`: asking a responder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use ca_core::UnixTime;
use ca_core::authority::Clock as _;
use ca_core::issue::verify_ocsp;
use ca_core::signer::SecureRandom as _;
use ca_core::wire::Cert;
use ca_core::wire::extensions::{AuthorityInfoAccess, ExtensionValue as _};
use ca_core::wire::ocsp::{
    BasicOcspResponse, CertId, CertIdHash, CertStatus, OcspRequest, OcspResponse,
};
use ca_server::{SystemClock, SystemRandom};
use clap::{Args, Subcommand};

use super::output;
use crate::failure::Failure;
use crate::house::chain;
use crate::http::{Answer, Client, Lost};
use crate::input;
use crate::inspect::names::name_der_text;
use crate::inspect::ocsp;
use crate::report::{Report, say};
use crate::tree::{Shown, Tree};

/// Ask an OCSP responder for the status of a certificate.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Example:
  setca ocsp query certificate.pem --issuer ca.pem")]
pub(crate) enum Ocsp {
    Query(Query),
}

/// Ask whether a certificate is good, revoked or unknown.
///
/// Asks the responder the certificate names (or --url), checks the answer's signature against the
/// issuer's certificate, its age and its nonce, and prints it. Exit 0 if good, 1 if revoked,
/// unknown or not to be believed, 3 if the responder cannot be reached.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca ocsp query certificate.pem --issuer ca.pem
  setca ocsp query certificate.pem --issuer ca.pem --url http://127.0.0.1:8080/ocsp --get
  setca ocsp query certificate.pem --issuer ca.pem --out answer.der")]
pub(crate) struct Query {
    /// The certificate, PEM or DER (the first of a bundle).
    certificate: PathBuf,
    /// Certificate of the CA that issued it, PEM or DER (the first of a bundle).
    #[arg(long, value_name = "FILE")]
    issuer: PathBuf,
    /// The responder; default is the one the certificate names.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Ask with GET, without a nonce: the answer may come from a cache.
    #[arg(long)]
    get: bool,
    /// Keep the answer as DER in this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Ocsp {
    /// Does it.
    pub(crate) fn run(self) -> Result<Report, Failure> {
        let Self::Query(query) = self;
        query.run()
    }
}

impl Query {
    fn run(&self) -> Result<Report, Failure> {
        let certificate = first(&self.certificate)?;
        let issuer = first(&self.issuer)?;
        let url = self.url(&certificate)?;
        let id = CertId::of(CertIdHash::Sha256, &issuer, certificate.serial())
            .map_err(|e| Failure::refused(format!("the request cannot be made: {e}")))?;
        let request = OcspRequest { cert_ids: vec![id.clone()], nonce: self.nonce()? };
        let octets = request
            .to_der()
            .map_err(|e| Failure::refused(format!("the request cannot be made: {e}")))?;
        let answer = if self.get { get(&url, &octets) } else { post(&url, &octets) }?;
        if let Some(path) = &self.out {
            output::write(answer.clone(), Some(path))?;
        }
        let basic = opened(&url, &answer)?;
        check(&basic, &request, &issuer, SystemClock::default().now())
            .map_err(|why| Failure::refused(format!("the answer of {url} is not good: {why}")))?;
        let single = basic.status_of(&id).ok_or_else(|| {
            Failure::refused(format!("the answer of {url} is about other certificates"))
        })?;
        report(&certificate, &ocsp::single(single), single.status)
    }

    fn url(&self, certificate: &Cert) -> Result<String, Failure> {
        let named = || AuthorityInfoAccess::find(certificate).ok().flatten()?.ocsp;
        self.url.clone().or_else(named).ok_or_else(|| {
            let file = self.certificate.display();
            Failure::usage(format!("{file} names no OCSP responder: give --url"))
        })
    }

    fn nonce(&self) -> Result<Option<Vec<u8>>, Failure> {
        if self.get {
            return Ok(None);
        }
        let nonce: [u8; 32] = SystemRandom
            .array()
            .map_err(|_| Failure::outside("the random source of this machine failed"))?;
        Ok(Some(nonce.to_vec()))
    }
}

fn first(path: &Path) -> Result<Cert, Failure> {
    // There is at least one, or the reader has refused.
    Ok(input::certificates(path)?.swap_remove(0))
}

fn post(url: &str, request: &[u8]) -> Result<Vec<u8>, Failure> {
    read(url, client().post(url, "application/ocsp-request", request))
}

fn get(url: &str, request: &[u8]) -> Result<Vec<u8>, Failure> {
    // RFC 6960 §A.1: base64 of the request, URL-encoded, after the URL and a slash.
    let mut path = String::new();
    for c in Base64::encode_string(request).chars() {
        match c {
            '+' => path.push_str("%2B"),
            '/' => path.push_str("%2F"),
            '=' => path.push_str("%3D"),
            _ => path.push(c),
        }
    }
    read(url, client().get(&format!("{}/{path}", url.trim_end_matches('/'))))
}

fn client() -> Client {
    Client::new(PATIENCE, MAX_ANSWER)
}

fn read(url: &str, answer: Result<Answer, Lost>) -> Result<Vec<u8>, Failure> {
    let answer = answer.map_err(|lost| {
        Failure::outside(format!("{url} does not answer: {lost}: is the service running?"))
    })?;
    if answer.is_success() {
        return Ok(answer.body);
    }
    let status = answer.status;
    Err(Failure::outside(format!("{url} answers HTTP {status}: is it an OCSP responder?")))
}

fn opened(url: &str, octets: &[u8]) -> Result<BasicOcspResponse, Failure> {
    let answer = OcspResponse::from_der(octets)
        .map_err(|e| Failure::outside(format!("{url} sent no OCSP answer: {e}")))?;
    let status = ocsp::status_name(&answer);
    answer.basic.ok_or_else(|| Failure::refused(format!("{url} answers {status}")))
}

/// Signature, age and nonce of an answer (RFC 6960 §3.2).
fn check(
    answer: &BasicOcspResponse,
    request: &OcspRequest,
    issuer: &Cert,
    now: UnixTime,
) -> Result<(), String> {
    verify_ocsp(answer, issuer, now).map_err(|e| chain(&e))?;
    match (&request.nonce, &answer.nonce) {
        (Some(sent), Some(back)) if sent != back => return Err("another nonce".to_owned()),
        (Some(_), None) => say("note: the responder did not repeat the nonce"),
        _ => {}
    }
    for one in &answer.responses {
        if one.this_update > now.plus_secs(SKEW) {
            return Err(format!("thisUpdate {} is still to come", one.this_update));
        }
        if let Some(next) = one.next_update.filter(|next| *next < now.minus_secs(SKEW)) {
            return Err(format!("nextUpdate {next} has passed"));
        }
    }
    Ok(())
}

fn report(certificate: &Cert, single: &Tree, status: CertStatus) -> Result<Report, Failure> {
    let subject = name_der_text(certificate.subject_der());
    let word = match status {
        CertStatus::Good => "GOOD",
        CertStatus::Revoked(_) => "REVOKED",
        CertStatus::Unknown => "UNKNOWN",
    };
    let mut text = String::new();
    // Writing to a String never fails.
    let _ = writeln!(text, "{word}  {}\n", Shown(&subject));
    text.push_str(&single.to_text());
    let report =
        Report::views(text, &Tree::new().with("subject", subject).with("answer", single.clone()))?;
    Ok(if status == CertStatus::Good { report } else { report.refused() })
}

/// How long a responder may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Largest answer read.
const MAX_ANSWER: u64 = 64 * 1024;
/// How far two clocks may differ, in seconds.
const SKEW: u64 = 300;
