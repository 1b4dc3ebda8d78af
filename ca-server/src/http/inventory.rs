//! The inventory, page by page, for the operator.
//!
//! `GET /v1/certificates`: what `setca cert list` shows. A page may be short, or empty, and still
//! have a next one.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use ca_core::profile::Role;
use ca_core::store::{CaId, CertificateQuery, CertificateState, Expires, SerialNumber, Word};
use ca_core::{UnixTime, unhex};
use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use super::certificates::Line;
use super::operator::Operator;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/v1/certificates", get(list))
}

async fn list(
    _: Operator,
    State(app): State<Shared>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Certificates>, ApiError> {
    let Query(asked) =
        asked.map_err(|_| ApiError::BadQuery("a parameter is unknown or stands twice"))?;
    let query = asked.query()?;
    let page = blocking(move || app.authority.store().certificates(&query)).await?;
    Ok(Json(Certificates {
        certificates: page.items.into_iter().map(Line::of).collect(),
        next: page.next.map(|position| position.to_string()),
    }))
}

/// What to list; a name that is not known would silently list everything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    serial: Option<String>,
    subject: Option<String>,
    issuer: Option<String>,
    brand: Option<String>,
    role: Option<String>,
    state: Option<String>,
    expires_before: Option<String>,
    expires_after: Option<String>,
    registration: Option<String>,
    key: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

impl Asked {
    fn query(self) -> Result<CertificateQuery, ApiError> {
        let subject = |text: &str| Some(Word::all_in(text)).filter(|words| !words.is_empty());
        let registration = |id: &str| unhex(id).filter(|octets| (1..=20).contains(&octets.len()));
        let key = |digest: &str| unhex(digest).and_then(|octets| octets.try_into().ok());
        let page = |limit: &str| limit.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
        let cursor = |cursor: &str| cursor.parse().ok();
        let from = read(self.expires_after, UnixTime::parse_rfc3339, TIME)?;
        let to = read(self.expires_before, UnixTime::parse_rfc3339, TIME)?;
        Ok(CertificateQuery {
            serial: read(self.serial, SerialNumber::parse_hex, "serial is hexadecimal")?,
            subject: read(self.subject, subject, "subject has no word of two letters or digits")?
                .unwrap_or_default(),
            issuer: read(self.issuer, CaId::new, "issuer is the id of a CA")?,
            brand: self.brand,
            role: read(self.role, Role::named, "no such role")?,
            state: read(self.state, CertificateState::named, "no such state")?,
            expires: Expires { from, to },
            registration: read(self.registration, registration, "registration is its id")?,
            public_key: read(self.key, key, "key is the SHA-256 of a SubjectPublicKeyInfo")?,
            after: read(self.cursor, cursor, "cursor is that of the page before")?,
            limit: read(self.limit, page, "limit is 1 to 1000")?.unwrap_or_default(),
        })
    }
}

/// A parameter, or what it has to be.
fn read<T>(
    text: Option<String>,
    read: impl FnOnce(&str) -> Option<T>,
    rule: &'static str,
) -> Result<Option<T>, ApiError> {
    text.map(|text| read(&text).ok_or(ApiError::BadQuery(rule))).transpose()
}

#[derive(Serialize)]
struct Certificates {
    certificates: Vec<Line>,
    /// Where the next page begins.
    next: Option<String>,
}

const TIME: &str = "a time is UTC: 2026-11-01T00:00:00Z";
/// Certificates of one page.
const MAX_PAGE: usize = 1000;
