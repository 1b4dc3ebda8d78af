//! `GET /crl/{id}.crl`, `/crl/{id}/delta.crl`, `/crl/{id}/{of}-{index}.crl` and `/bci/{brand}.der`:
//! the lists published last.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use ca_core::store::{CaId, ListId, Shard};

use super::blocking::blocking;
use super::cache::Cacheable;
use super::name::{Name, TwoNames};
use super::parts::body_of;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/crl/{file}", get(crl))
        .route("/crl/{ca}/{file}", get(part))
        .route("/bci/{file}", get(bci))
}

async fn crl(
    State(app): State<Shared>,
    headers: HeaderMap,
    Name(file): Name,
) -> Result<Response, ApiError> {
    let id = file.strip_suffix(".crl").and_then(CaId::new).ok_or(ApiError::NotFound)?;
    published(app, headers, ListId::Crl(id), "application/pkix-crl").await
}

/// A list beside the complete one.
async fn part(
    State(app): State<Shared>,
    headers: HeaderMap,
    TwoNames(ca, file): TwoNames,
) -> Result<Response, ApiError> {
    let ca = CaId::new(&ca).ok_or(ApiError::NotFound)?;
    let name = file.strip_suffix(".crl").ok_or(ApiError::NotFound)?;
    let list = match Shard::parse(name) {
        Some(shard) => ListId::Shard { ca, shard },
        None if name == "delta" => ListId::Delta(ca),
        None => return Err(ApiError::NotFound),
    };
    published(app, headers, list, "application/pkix-crl").await
}

async fn bci(
    State(app): State<Shared>,
    headers: HeaderMap,
    Name(file): Name,
) -> Result<Response, ApiError> {
    let brand = file.strip_suffix(".der").ok_or(ApiError::NotFound)?;
    published(app, headers, ListId::Bci(brand.to_owned()), "application/x-setca-bci").await
}

async fn published(
    app: Shared,
    headers: HeaderMap,
    id: ListId,
    media_type: &'static str,
) -> Result<Response, ApiError> {
    let authority = Arc::clone(&app.authority);
    let found = blocking(move || authority.published(&id)).await?.ok_or(ApiError::NotFound)?;
    let list = found.list();
    // A number is given once in the life of a list, the time tells two lives apart.
    let tag = format!("{}-{}", list.number, list.this_update.as_secs());
    Cacheable {
        media_type,
        body: body_of(list.der.clone()),
        tag,
        this_update: list.this_update,
        next_update: list.next_update,
    }
    .respond(&headers, app.clock.now())
}
