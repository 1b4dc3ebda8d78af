//! OCSP requests over HTTP/1.1, ready to be written.

use anyhow::{Context as _, Result, bail, ensure};
use base64ct::{Base64, Encoding as _};
use ca_core::wire::ocsp::{CertId, CertIdHash, CertStatus, OcspRequest, OcspResponse};
use e2e::fill::{Filled, serial};

use crate::client::Asker;

/// `GET` of a request without nonce, about the certificate with this number.
pub(crate) fn get(filled: &Filled, number: u64) -> Result<Vec<u8>> {
    let path = Base64::encode_string(&request(filled, number, None)?);
    let path = path.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    Ok(get_of(&format!("/ocsp/{path}"), ""))
}

/// `GET` of a path; `fields` end in CRLF each.
pub(crate) fn get_of(path: &str, fields: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}

/// DER of a request.
pub(crate) fn request(filled: &Filled, number: u64, nonce: Option<Vec<u8>>) -> Result<Vec<u8>> {
    let serial = serial(number)?;
    let id = CertId::of(CertIdHash::Sha1, &filled.certificate, serial.as_octets())?;
    Ok(OcspRequest { cert_ids: vec![id], nonce }.to_der()?)
}

/// What an answer says about the one certificate it is about.
pub(crate) fn status(answer: &[u8]) -> Result<CertStatus> {
    let basic = OcspResponse::from_der(answer)?.basic.context("the responder refused")?;
    let [single] = basic.responses.as_slice() else { bail!("{} answers", basic.responses.len()) };
    Ok(single.status)
}

/// Requests that were made before, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct InTurn {
    pub(crate) requests: std::sync::Arc<Vec<Vec<u8>>>,
    pub(crate) at: usize,
}

impl Asker for InTurn {
    fn next(&mut self, request: &mut Vec<u8>) {
        self.at += 1;
        if let Some(next) = self.requests.get(self.at % self.requests.len().max(1)) {
            request.clone_from(next);
        }
    }
}

/// `POST` about any certificate, each with a nonce of its own.
#[derive(Clone, Debug)]
pub(crate) struct Fresh {
    /// One request; serial number and nonce are written over.
    request: Vec<u8>,
    serial: usize,
    nonce: usize,
    certificates: u64,
    state: u64,
}

impl Fresh {
    /// `path` is that of the responder.
    pub(crate) fn new(filled: &Filled, path: &str) -> Result<Self> {
        let der = request(filled, 0, Some(NONCE.to_vec()))?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ocsp-request\r\n\
             Content-Length: {}\r\n\r\n",
            der.len()
        );
        let request = [head.as_bytes(), &der].concat();
        let place = |octets: &[u8]| {
            let found = request.windows(octets.len()).position(|window| window == octets);
            found.context("the request lacks what it was made from")
        };
        let (serial, nonce) = (place(serial(0)?.as_octets())?, place(&NONCE)?);
        ensure!(filled.certificates > 0, "no certificates");
        Ok(Self { request, serial, nonce, certificates: filled.certificates, state: 1 })
    }

    /// The same questions in another order.
    pub(crate) fn seeded(&self, seed: u64) -> Self {
        // Any start will do, but 0.
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, ..self.clone() }
    }

    /// Marsaglia's xorshift64: fast, and good enough to spread questions.
    fn draw(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

impl Asker for Fresh {
    fn next(&mut self, request: &mut Vec<u8>) {
        let (number, nonce) = (self.draw() % self.certificates, self.draw().to_be_bytes());
        if let Ok(serial) = serial(number)
            && let Some(place) = self.request.get_mut(self.serial..self.serial + 16)
        {
            place.copy_from_slice(serial.as_octets());
        }
        if let Some(place) = self.request.get_mut(self.nonce..self.nonce + nonce.len()) {
            place.copy_from_slice(&nonce);
        }
        request.clone_from(&self.request);
    }
}

/// As long as OpenSSL's.
const NONCE: [u8; 16] = *b"nonce of a load ";
