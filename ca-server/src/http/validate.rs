//! `POST /v1/validate`: a certificate and what belongs to it in, verdict and trace out.
//!
//! The verdict is the one that `setca verify` prints and [`ca_core::path::validate`] returns.

use axum::extract::{Request, State};
use axum::routing::post;
use axum::{Json, Router};
use base64ct::{Base64, Encoding as _};
use ca_core::authority::Evidence;
use ca_core::path::{Question, Verdict};
use ca_core::pem::{self, PemBlock};
use ca_core::wire::ocsp::OcspResponse;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl, DecodeError};
use serde::Deserialize;

use super::blocking::blocking;
use super::body::read_body;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/v1/validate", post(validate))
}

async fn validate(State(app): State<Shared>, request: Request) -> Result<Json<Verdict>, ApiError> {
    let body = read_body(request, "application/json", BODY_LIMIT).await?;
    let asked: Asked =
        serde_json::from_slice(&body).map_err(|e| ApiError::BadQuestion(e.to_string()))?;
    let judge = move || {
        let (certificate, evidence) = asked.evidence()?;
        Ok::<_, ApiError>(app.authority.validate(&certificate, &evidence, &asked.settings)?)
    };
    blocking(judge).await.map(Json)
}

/// Each object is a PEM text, of one or several, or DER in base64.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The certificate to judge; further ones after it help to build the path.
    certificate: String,
    #[serde(default)]
    untrusted: Vec<String>,
    /// Roots; without any, the service's own.
    #[serde(default)]
    trust: Vec<String>,
    #[serde(default)]
    crls: Vec<String>,
    #[serde(default)]
    bcis: Vec<String>,
    #[serde(default)]
    ocsp: Vec<String>,
    /// How to judge.
    #[serde(default)]
    settings: Question,
}

impl Asked {
    fn evidence(&self) -> Result<(Cert, Evidence), ApiError> {
        let lenient = self.settings.lenient;
        let read = if lenient { Cert::from_der_lenient } else { Cert::from_der };
        let certificates = |texts: &[String], field| all(texts, field, pem::CERTIFICATE, read);
        let given = certificates(std::slice::from_ref(&self.certificate), "certificate")?;
        let mut given = given.into_iter();
        let certificate = given
            .next()
            .ok_or_else(|| ApiError::BadQuestion("certificate: holds no certificate".to_owned()))?;
        let mut untrusted: Vec<Cert> = given.collect();
        untrusted.extend(certificates(&self.untrusted, "untrusted")?);
        let evidence = Evidence {
            untrusted,
            anchors: certificates(&self.trust, "trust")?,
            crls: all(&self.crls, "crls", pem::CRL, Crl::from_der)?,
            bcis: all(&self.bcis, "bcis", pem::BCI, BrandCrlIdentifier::from_der)?,
            ocsp: all(&self.ocsp, "ocsp", pem::OCSP_RESPONSE, OcspResponse::from_der)?
                .into_iter()
                .filter_map(|answer| answer.basic)
                .collect(),
        };
        let objects = evidence.untrusted.len() + evidence.anchors.len() + evidence.crls.len();
        if objects + evidence.bcis.len() + evidence.ocsp.len() > MAX_OBJECTS {
            return Err(ApiError::BadQuestion(format!("more than {MAX_OBJECTS} objects")));
        }
        Ok((certificate, evidence))
    }
}

/// Every object of a field; one of another kind is a mistake, not something to pass over.
fn all<T>(
    texts: &[String],
    field: &str,
    label: &str,
    read: impl Fn(&[u8]) -> Result<T, DecodeError>,
) -> Result<Vec<T>, ApiError> {
    let bad = |place: usize, fault: &str| {
        ApiError::BadQuestion(format!("{field}, object {}: {fault}", place + 1))
    };
    let mut found = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        for der in octets(text, label).map_err(|fault| bad(place, &fault))? {
            found.push(read(&der).map_err(|e| bad(place, &format!("not a {label}: {e}")))?);
        }
    }
    Ok(found)
}

fn octets(text: &str, label: &str) -> Result<Vec<Vec<u8>>, String> {
    let blocks = pem::blocks(text).map_err(|e| e.to_string())?;
    if blocks.is_empty() {
        let bare: String = text.split_ascii_whitespace().collect();
        let der = Base64::decode_vec(&bare).map_err(|_| "neither PEM nor base64".to_owned())?;
        return Ok(vec![der]);
    }
    let of_label = |block| match block {
        PemBlock::Object(found, der) if found == label => Ok(der),
        PemBlock::Object(found, _) | PemBlock::Secret(found) => {
            Err(format!("PEM block {found} where {label} is wanted"))
        }
    };
    blocks.into_iter().map(of_label).collect()
}

/// Octets of a question: a chain and CRLs of some ten thousand entries.
const BODY_LIMIT: usize = 4 << 20;
/// Certificates, lists and answers of one question.
const MAX_OBJECTS: usize = 256;
