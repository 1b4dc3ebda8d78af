//! `GET /initiation/{brand}/{role}`: the wake-up file for wallets (spec `set-crypto.md` §6.4).

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use ca_core::authority::NoInitiation;
use ca_core::profile::Role;
use serde::Deserialize;

use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/initiation/{brand}/{role}", get(initiation))
}

async fn initiation(
    State(app): State<Shared>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Path((brand, role)) = path.map_err(|_| ApiError::NotFound)?;
    let Query(Wanted { language, request_type }) =
        query.map_err(|_| ApiError::BadQuery("a parameter stands twice"))?;
    let entities = [Role::Cardholder, Role::Merchant, Role::Gateway];
    let role = entities.into_iter().find(|known| known.name() == role).ok_or(ApiError::NotFound)?;
    // Of what is in memory: there is nothing to wait for.
    let octets = app.authority.initiation(&brand, role, language.as_deref(), request_type)?;
    let headers = [
        (CONTENT_TYPE, SET_REGISTRATION_INITIATION.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file_name(&brand, role))),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, octets).into_response())
}

/// What may be asked for after the `?`.
#[derive(Debug, Deserialize)]
struct Wanted {
    /// Language of the form.
    language: Option<String>,
    /// RequestType number.
    #[serde(rename = "type")]
    request_type: Option<u8>,
}

impl From<NoInitiation> for ApiError {
    fn from(refusal: NoInitiation) -> Self {
        match refusal {
            NoInitiation::Language => Self::BadQuery("language is an RFC 1766 tag"),
            NoInitiation::RequestType(_) => Self::BadQuery("type is a RequestType of this role"),
            _ => Self::NotFound,
        }
    }
}

/// `sample-cardholder.setreg`: the brand in letters that no file system and no header minds.
fn file_name(brand: &str, role: Role) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let brand: String = brand.chars().map(plain).collect();
    format!("{brand}-{role}.setreg")
}

/// §6.1; the usual extension is `.setreg`.
const SET_REGISTRATION_INITIATION: &str = "application/set-registration-initiation";
