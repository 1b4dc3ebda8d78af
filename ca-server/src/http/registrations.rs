//! The desk: registrations listed, shown and decided by an operator.
//!
//! `GET /v1/registrations`, `GET /v1/registrations/{id}`, `POST …/{id}/approve`,
//! `POST …/{id}/reject`; an id is LID-CA in hex. Account numbers are not shown, because they are
//! not known.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use ca_core::authority::{Authority, ByHandDecision, DeskFile};
use ca_core::profile::Role;
use ca_core::store::{Registration, RegistrationQuery, RegistrationState};
use ca_core::wire::{CertStatusCode, ErrorCode, RequestType};
use ca_core::{hex, unhex};
use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use super::body::read_body;
use super::name::Name;
use super::operator::Operator;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/v1/registrations", get(list))
        .route("/v1/registrations/{id}", get(show))
        .route("/v1/registrations/{id}/approve", post(approve))
        .route("/v1/registrations/{id}/reject", post(reject))
}

async fn list(
    _: Operator,
    State(app): State<Shared>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Registrations>, ApiError> {
    let Query(asked) = asked.map_err(|_| ApiError::BadQuery("a parameter stands twice"))?;
    let query = asked.query()?;
    let page = blocking(move || app.authority.store().registrations(&query)).await?;
    Ok(Json(Registrations {
        registrations: page.items.iter().map(|record| Line::of(&record.registration)).collect(),
        next: page.next.map(|position| position.to_string()),
    }))
}

async fn show(
    _: Operator,
    State(app): State<Shared>,
    Name(id): Name,
) -> Result<Json<Shown>, ApiError> {
    let lid_ca = lid_ca(&id)?;
    blocking(move || shown(&app.authority, &lid_ca)).await.map(Json)
}

async fn approve(
    _: Operator,
    State(app): State<Shared>,
    Name(id): Name,
    request: Request,
) -> Result<Json<Shown>, ApiError> {
    decide(app, &id, true, request).await
}

async fn reject(
    _: Operator,
    State(app): State<Shared>,
    Name(id): Name,
    request: Request,
) -> Result<Json<Shown>, ApiError> {
    decide(app, &id, false, request).await
}

async fn decide(
    app: Shared,
    id: &str,
    approve: bool,
    request: Request,
) -> Result<Json<Shown>, ApiError> {
    let lid_ca = lid_ca(id)?;
    let body = read_body(request, "application/json", BODY_LIMIT).await?;
    let Message { message } = serde_json::from_slice(&body).map_err(|_| ApiError::BadBody)?;
    let act = move || {
        let by = Operator::NAME;
        let decision = ByHandDecision { approve, by, message: message.as_deref() };
        let decided = app.authority.decide_registration(&lid_ca, decision)?;
        let registration = hex(&decided.lid_ca);
        tracing::info!(registration, approve, by, state = decided.state.name(), "decided");
        shown(&app.authority, &lid_ca)
    };
    blocking(act).await.map(Json)
}

fn shown(authority: &Authority, lid_ca: &[u8]) -> Result<Shown, ApiError> {
    let found = authority.store().registration(lid_ca)?;
    let registration = found.ok_or(ApiError::UnknownRegistration)?;
    let file = authority.desk_file(&registration)?;
    Ok(Shown::of(&registration, file))
}

/// LID-CA of an id: 1 to 20 octets (set-messages.md §1.3).
fn lid_ca(id: &str) -> Result<Vec<u8>, ApiError> {
    let octets = unhex(id).filter(|octets| (1..=20).contains(&octets.len()));
    octets.ok_or(ApiError::UnknownRegistration)
}

/// What to list.
#[derive(Deserialize)]
struct Asked {
    state: Option<String>,
    brand: Option<String>,
    role: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

impl Asked {
    fn query(self) -> Result<RegistrationQuery, ApiError> {
        let state = |name: String| {
            let found = RegistrationState::ALL.into_iter().find(|state| state.name() == name);
            found.ok_or(ApiError::BadQuery("no such state"))
        };
        let role = |name: String| {
            let roles = [Role::Cardholder, Role::Merchant, Role::Gateway];
            let found = roles.into_iter().find(|role| role.name() == name);
            found.ok_or(ApiError::BadQuery("role is cardholder, merchant or gateway"))
        };
        let after = |cursor: String| {
            cursor.parse().map_err(|_| ApiError::BadQuery("cursor is that of the page before"))
        };
        let limit = |limit: String| match limit.parse() {
            Ok(limit @ 1..=MAX_PAGE) => Ok(limit),
            _ => Err(ApiError::BadQuery("limit is 1 to 1000")),
        };
        Ok(RegistrationQuery {
            state: self.state.map(state).transpose()?,
            brand: self.brand,
            role: self.role.map(role).transpose()?,
            after: self.cursor.map(after).transpose()?,
            limit: self.limit.map(limit).transpose()?.unwrap_or_default(),
        })
    }
}

/// What comes with a decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    /// For the end entity.
    message: Option<String>,
}

#[derive(Serialize)]
struct Registrations {
    registrations: Vec<Line>,
    /// Where the next page begins.
    next: Option<String>,
}

/// A registration in a list.
#[derive(Serialize)]
struct Line {
    id: String,
    state: &'static str,
    role: &'static str,
    brand: String,
    ca: String,
    request_type: Option<&'static str>,
    bin: Option<String>,
    pan_tail: Option<String>,
    business_id: Option<String>,
    created: String,
    updated: String,
}

/// A registration on the desk.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    line: Line,
    lid_ee: String,
    institution: Option<String>,
    language: Option<String>,
    form: Option<u64>,
    answers: Vec<Answer>,
    /// CertStatusCode told last.
    status: Option<&'static str>,
    refusal: Option<String>,
    message: Option<String>,
    decision: Option<Decision>,
    /// Serial numbers.
    issued: Vec<String>,
    peer_error: Option<PeerError>,
}

#[derive(Serialize)]
struct Answer {
    label: String,
    value: String,
}

#[derive(Serialize)]
struct Decision {
    by: String,
    approved: bool,
    at: String,
}

#[derive(Serialize)]
struct PeerError {
    code: u16,
    name: Option<&'static str>,
    at: String,
}

impl Line {
    fn of(registration: &Registration) -> Self {
        let request_type = registration.request_type;
        let known = |kind: &&RequestType| Some(kind.number()) == request_type;
        Self {
            id: hex(&registration.lid_ca),
            state: registration.state.name(),
            role: registration.role.name(),
            brand: registration.brand.clone(),
            ca: registration.ca.to_string(),
            request_type: RequestType::ALL.iter().find(known).map(|kind| kind.name()),
            bin: registration.bin.clone(),
            pan_tail: registration.pan_tail.clone(),
            business_id: registration.business_id.clone(),
            created: registration.created_at.to_string(),
            updated: registration.updated_at.to_string(),
        }
    }
}

impl Shown {
    fn of(registration: &Registration, file: DeskFile) -> Self {
        let status = registration.status;
        let known = |code: &&CertStatusCode| Some(code.number()) == status;
        let answer = |(label, value)| Answer { label, value };
        Self {
            line: Line::of(registration),
            lid_ee: hex(&registration.lid_ee),
            institution: file.institution,
            language: registration.language.clone(),
            form: registration.form_id,
            answers: file.answers.into_iter().map(answer).collect(),
            status: CertStatusCode::ALL.iter().find(known).map(|code| code.name()),
            refusal: registration.refusal.clone(),
            message: registration.message.clone(),
            decision: registration.decision.as_ref().map(|decided| Decision {
                by: decided.by.clone(),
                approved: decided.approved,
                at: decided.at.to_string(),
            }),
            issued: registration.issued.iter().map(ToString::to_string).collect(),
            peer_error: registration.peer_error.map(|error| PeerError {
                code: error.code,
                name: error_name(error.code),
                at: error.at.to_string(),
            }),
        }
    }
}

fn error_name(code: u16) -> Option<&'static str> {
    ErrorCode::ALL.iter().find(|known| u16::from(known.number()) == code).map(|known| known.name())
}

/// A message of 128 characters in JSON, escapes and all.
const BODY_LIMIT: usize = 4096;
/// Registrations of one page.
const MAX_PAGE: usize = 1000;
