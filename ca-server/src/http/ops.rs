//! `GET /healthz`: the process answers. `GET /readyz`: what it would answer can be relied on.
//! `GET /v1/status`: how everything stands, in full.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::blocking::blocking;
use super::{ApiError, Shared};
use crate::status_report::StatusReport;

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/v1/status", get(status))
}

async fn health() -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(Health { status: "ok" })).into_response()
}

async fn readiness(State(app): State<Shared>) -> Result<Response, ApiError> {
    let StatusReport { ready, reasons, warnings, .. } = report(app).await?;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Json(Readiness { ready, reasons, warnings });
    Ok((status, [(CACHE_CONTROL, "no-store")], body).into_response())
}

async fn status(State(app): State<Shared>) -> Result<Response, ApiError> {
    Ok(([(CACHE_CONTROL, "no-store")], Json(report(app).await?)).into_response())
}

async fn report(app: Shared) -> Result<StatusReport, ApiError> {
    blocking(move || StatusReport::of_service(&app.authority, &app.observed)).await
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Why it is not ready.
    reasons: Vec<String>,
    /// What an operator should know although it is.
    warnings: Vec<String>,
}
