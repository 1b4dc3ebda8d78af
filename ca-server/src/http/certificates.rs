//! Certificates: how one stands, and its end, by the operator or by the institution whose customer
//! has it.
//!
//! `GET /v1/certificates/{issuer}/{serial}`, `POST …/revoke` with `{"reason", "invalid_since"?}`,
//! `POST …/release`. Asked again, an act that was done answers as it did.

use axum::extract::{Request, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use ca_core::UnixTime;
use ca_core::authority::{Authority, Cause, Error, RevokeError};
use ca_core::decide::Revoker;
use ca_core::store::{CaId, CertificateRecord, ListHead, ListId, RevocationReason, SerialNumber};
use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use super::body::read_body;
use super::name::TwoNames;
use super::operator::Actor;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/v1/certificates/{issuer}/{serial}", get(show))
        .route("/v1/certificates/{issuer}/{serial}/revoke", post(revoke))
        .route("/v1/certificates/{issuer}/{serial}/release", post(release))
}

async fn show(
    Actor(by): Actor,
    State(app): State<Shared>,
    TwoNames(issuer, serial): TwoNames,
) -> Result<Json<Shown>, ApiError> {
    let act = Act::of(app, by, &issuer, &serial)?;
    blocking(move || act.shown(None)).await.map(Json)
}

async fn revoke(
    Actor(by): Actor,
    State(app): State<Shared>,
    TwoNames(issuer, serial): TwoNames,
    request: Request,
) -> Result<Json<Shown>, ApiError> {
    let act = Act::of(app, by, &issuer, &serial)?;
    let body = read_body(request, "application/json", BODY_LIMIT).await?;
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|_| ApiError::BadBody)?;
    let cause = wanted.cause()?;
    blocking(move || act.revoke(cause)).await.map(Json)
}

async fn release(
    Actor(by): Actor,
    State(app): State<Shared>,
    TwoNames(issuer, serial): TwoNames,
) -> Result<Json<Shown>, ApiError> {
    let act = Act::of(app, by, &issuer, &serial)?;
    blocking(move || act.release()).await.map(Json)
}

/// What somebody does with one certificate.
struct Act {
    app: Shared,
    by: Revoker,
    issuer: CaId,
    serial: SerialNumber,
}

impl Act {
    fn of(app: Shared, by: Revoker, issuer: &str, serial: &str) -> Result<Self, ApiError> {
        let named = CaId::new(issuer).zip(SerialNumber::parse_hex(serial));
        let (issuer, serial) = named.ok_or(ApiError::UnknownCertificate)?;
        Ok(Self { app, by, issuer, serial })
    }

    fn authority(&self) -> &Authority {
        &self.app.authority
    }

    fn shown(&self, listed: Option<bool>) -> Result<Shown, ApiError> {
        let found = self.authority().certificate_for(&self.by, &self.issuer, &self.serial);
        let record = found.map_err(|error| self.refused("show", error))?;
        Ok(Shown::of(record, self.crl()?, listed))
    }

    fn revoke(&self, cause: Cause) -> Result<Shown, ApiError> {
        let (issuer, serial, by) = (&self.issuer, &self.serial, &self.by);
        let outcome = self.authority().revoke_as(by, issuer, serial, cause);
        let (standing, new) = outcome.map_err(|error| self.refused("revoke", error))?;
        let reason = standing.reason.name();
        tracing::info!(%issuer, %serial, reason, %by, new, "revoked");
        let listed = self.authority().publish_revocation(issuer, &standing, new);
        self.shown(Some(self.listed(listed)))
    }

    fn release(&self) -> Result<Shown, ApiError> {
        let (issuer, serial, by) = (&self.issuer, &self.serial, &self.by);
        let outcome = self.authority().release_as(by, issuer, serial);
        let held = outcome.map_err(|error| self.refused("release", error))?;
        if !held {
            return self.shown(None);
        }
        tracing::info!(%issuer, %serial, %by, "released");
        let listed = self.authority().publish_after_revocation(issuer);
        self.shown(Some(self.listed(listed.map(|crl| crl.is_some()))))
    }

    /// Whether the lists say it; if not, that is left to the schedule, or to a ceremony: what is
    /// recorded stands, and OCSP says it.
    fn listed(&self, outcome: Result<bool, Error>) -> bool {
        outcome.unwrap_or_else(|error| {
            let (ca, done) = (&self.issuer, matches!(error, Error::Exchange { .. }));
            let error = &error as &dyn std::error::Error;
            tracing::warn!(%ca, error, published = done, "list after a revocation");
            done
        })
    }

    fn crl(&self) -> Result<Option<ListHead>, ApiError> {
        Ok(self.authority().store().list_head(&ListId::Crl(self.issuer.clone()))?)
    }

    fn refused(&self, act: &str, error: RevokeError) -> ApiError {
        let (issuer, serial, by) = (&self.issuer, &self.serial, &self.by);
        tracing::warn!(%issuer, %serial, act, %by, why = %error, "refused");
        error.into()
    }
}

/// How it is revoked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    reason: String,
    invalid_since: Option<String>,
}

impl Wanted {
    fn cause(self) -> Result<Cause, ApiError> {
        let reason = RevocationReason::named(&self.reason).ok_or_else(|| {
            let names = RevocationReason::ALL.map(RevocationReason::name).join(", ");
            ApiError::BadRevocation(format!("reason is one of {names}"))
        })?;
        let time = |text: String| {
            let time = UnixTime::parse_rfc3339(&text);
            let what = "invalid_since is a UTC time: 2026-11-01T00:00:00Z";
            time.ok_or_else(|| ApiError::BadRevocation(what.to_owned()))
        };
        Ok(Cause { reason, invalid_since: self.invalid_since.map(time).transpose()? })
    }
}

/// A certificate as it stands.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    line: Line,
    /// The issuer's complete CRL in force.
    crl: Option<List>,
    /// After an act: that CRL says what was done. If not, OCSP alone does.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed: Option<bool>,
}

/// What the inventory says of a certificate.
#[derive(Serialize)]
pub(super) struct Line {
    issuer: String,
    serial: String,
    state: &'static str,
    revocation: Option<Standing>,
    role: &'static str,
    key_use: &'static str,
    brand: Option<String>,
    subject: String,
    not_after: String,
    recorded_at: String,
}

#[derive(Serialize)]
struct Standing {
    at: String,
    reason: &'static str,
    invalid_since: Option<String>,
}

#[derive(Serialize)]
struct List {
    number: u64,
    this_update: String,
    next_update: String,
}

impl Shown {
    fn of(record: CertificateRecord, crl: Option<ListHead>, listed: Option<bool>) -> Self {
        Self {
            line: Line::of(record),
            crl: crl.map(|crl| List {
                number: crl.number,
                this_update: crl.this_update.to_string(),
                next_update: crl.next_update.to_string(),
            }),
            listed,
        }
    }
}

impl Line {
    pub(super) fn of(record: CertificateRecord) -> Self {
        let state = record.state().name();
        let CertificateRecord { intent, revocation, .. } = record;
        Self {
            issuer: intent.issuer.to_string(),
            serial: intent.serial.to_string(),
            state,
            revocation: revocation.map(|revocation| Standing {
                at: revocation.at.to_string(),
                reason: revocation.reason.name(),
                invalid_since: revocation.invalid_since.map(|since| since.to_string()),
            }),
            role: intent.role.name(),
            key_use: intent.key_use.name(),
            brand: intent.brand,
            subject: intent.subject,
            not_after: intent.not_after.to_string(),
            recorded_at: intent.recorded_at.to_string(),
        }
    }
}

/// A reason and a time.
const BODY_LIMIT: usize = 1024;
