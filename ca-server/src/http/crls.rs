//! `GET /crl/{id}.crl` and `GET /bci/{brand}.der`: the lists published last.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use ca_core::store::{CaId, ListId};

use super::blocking::blocking;
use super::cache::Cacheable;
use super::name::Name;
use super::{ApiError, App};

pub(super) fn router() -> Router<App> {
    Router::new().route("/crl/{file}", get(crl)).route("/bci/{file}", get(bci))
}

async fn crl(
    State(app): State<App>,
    headers: HeaderMap,
    Name(file): Name,
) -> Result<Response, ApiError> {
    let id = file.strip_suffix(".crl").and_then(CaId::new).ok_or(ApiError::NotFound)?;
    published(app, headers, ListId::Crl(id), "application/pkix-crl").await
}

async fn bci(
    State(app): State<App>,
    headers: HeaderMap,
    Name(file): Name,
) -> Result<Response, ApiError> {
    let brand = file.strip_suffix(".der").ok_or(ApiError::NotFound)?;
    published(app, headers, ListId::Bci(brand.to_owned()), "application/x-setca-bci").await
}

async fn published(
    app: App,
    headers: HeaderMap,
    id: ListId,
    media_type: &'static str,
) -> Result<Response, ApiError> {
    let store = app.authority.store().clone();
    let list = blocking(move || store.list(&id)).await?.ok_or(ApiError::NotFound)?;
    // A number is given once in the life of a list, the time tells two lives apart.
    let tag = format!("{}-{}", list.number, list.this_update.as_secs());
    Cacheable {
        media_type,
        octets: list.der,
        tag,
        this_update: list.this_update,
        next_update: list.next_update,
    }
    .respond(&headers, app.clock.now())
}
