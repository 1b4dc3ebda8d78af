//! The CAs: `GET /ca/{id}.cer` for machines that build chains, `GET /v1/cas[/{id}]` as JSON.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64ct::{Base64, Encoding as _};
use ca_core::hex;
use ca_core::profile::KeyUse;
use ca_core::store::{CaCertificate, CaId, CaRecord};
use ca_core::wire::Cert;
use serde::Serialize;

use super::blocking::blocking;
use super::name::Name;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/ca/{file}", get(certificate))
        .route("/v1/cas", get(list))
        .route("/v1/cas/{id}", get(show))
}

/// The certificate that verifies what the CA signs (RFC 5280 §4.2.2.1, caIssuers).
async fn certificate(State(app): State<Shared>, Name(file): Name) -> Result<Response, ApiError> {
    let id = file.strip_suffix(".cer").and_then(CaId::new).ok_or(ApiError::NotFound)?;
    let ca = find(app, id).await?;
    let signing = ca.in_force(KeyUse::CertificateSigning);
    let der = signing.ok_or(ApiError::NotFound)?.der.clone();
    let headers = [(CONTENT_TYPE, "application/pkix-cert"), (CACHE_CONTROL, ISSUER_CACHE)];
    Ok((headers, der).into_response())
}

async fn list(State(app): State<Shared>) -> Result<Json<Cas>, ApiError> {
    let cas = blocking(move || app.authority.cas()).await?;
    Ok(Json(Cas { cas: cas.into_iter().map(Ca::from).collect() }))
}

async fn show(State(app): State<Shared>, Name(id): Name) -> Result<Json<Ca>, ApiError> {
    let id = CaId::new(&id).ok_or(ApiError::NotFound)?;
    Ok(Json(Ca::from(find(app, id).await?)))
}

async fn find(app: Shared, id: CaId) -> Result<CaRecord, ApiError> {
    let cas = blocking(move || app.authority.cas()).await?;
    cas.into_iter().find(|ca| ca.id == id).ok_or(ApiError::NotFound)
}

#[derive(Serialize)]
struct Cas {
    cas: Vec<Ca>,
}

#[derive(Serialize)]
struct Ca {
    id: String,
    superior: Option<String>,
    roles: Vec<&'static str>,
    brand: Option<String>,
    /// Path of the certificate that verifies what the CA signs.
    certificate: String,
    /// Path of the CA's CRL.
    crl: String,
    certificates: Vec<Certificate>,
}

#[derive(Serialize)]
struct Certificate {
    key_use: &'static str,
    /// False for those that were replaced; they stay valid until their end.
    in_force: bool,
    key: String,
    #[serde(flatten)]
    content: Option<Content>,
    /// DER in base64.
    der: String,
}

/// What the certificate itself says.
#[derive(Serialize)]
struct Content {
    subject: String,
    serial: String,
    not_before: String,
    not_after: String,
}

impl From<CaRecord> for Ca {
    fn from(ca: CaRecord) -> Self {
        Self {
            certificates: ca
                .certificates
                .iter()
                .map(|one| Certificate::of(one, ca.in_force(one.key_use) == Some(one)))
                .collect(),
            certificate: format!("/ca/{}.cer", ca.id),
            crl: format!("/crl/{}.crl", ca.id),
            id: ca.id.to_string(),
            superior: ca.superior.map(|superior| superior.to_string()),
            roles: ca.roles.iter().map(|role| role.name()).collect(),
            brand: ca.brand,
        }
    }
}

impl Certificate {
    fn of(certificate: &CaCertificate, in_force: bool) -> Self {
        Self {
            key_use: certificate.key_use.name(),
            in_force,
            key: certificate.key.to_string(),
            content: Cert::from_der(&certificate.der).ok().map(|cert| Content::from(&cert)),
            der: Base64::encode_string(&certificate.der),
        }
    }
}

impl From<&Cert> for Content {
    fn from(cert: &Cert) -> Self {
        Self {
            subject: cert.tbs().subject().to_string(),
            serial: hex(cert.serial()),
            not_before: cert.not_before().to_string(),
            not_after: cert.not_after().to_string(),
        }
    }
}

/// A CA's certificate changes with a rollover, which keeps the old one usable for longer than this.
const ISSUER_CACHE: &str = "max-age=3600, public";
