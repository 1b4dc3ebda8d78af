//! `GET /healthz`: the process answers. `GET /readyz`: what it would answer can be relied on.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use ca_core::UnixTime;
use ca_core::profile::Role;
use ca_core::store::{CaRecord, ListId, Store, StoreError};
use serde::Serialize;

use super::blocking::blocking;
use super::{ApiError, App};

pub(super) fn router() -> Router<App> {
    Router::new().route("/healthz", get(health)).route("/readyz", get(readiness))
}

async fn health() -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(Health { status: "ok" })).into_response()
}

async fn readiness(State(app): State<App>) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let reasons = blocking(move || stale_lists(app.authority.store().as_ref(), now)).await?;
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Json(Readiness { ready, reasons });
    Ok((status, [(CACHE_CONTROL, "no-store")], body).into_response())
}

/// One line for each published list that is past its nextUpdate although we could renew it.
fn stale_lists(store: &dyn Store, now: UnixTime) -> Result<Vec<String>, StoreError> {
    let mut reasons = Vec::new();
    for ca in store.cas()? {
        // The root's keys are off line: its CRL is the operator's business.
        if ca.superior.is_none() {
            continue;
        }
        for id in lists_of(&ca) {
            if let Some(list) = store.list_head(&id)?
                && list.next_update < now
            {
                reasons.push(format!("{id} is past nextUpdate {}", list.next_update));
            }
        }
    }
    Ok(reasons)
}

/// A CA has its CRL, a brand CA the BCI of its brand too (spec `set-certificates.md` §6).
fn lists_of(ca: &CaRecord) -> Vec<ListId> {
    let crl = ListId::Crl(ca.id.clone());
    let brand = ca.brand.as_ref().filter(|_| ca.roles.contains(&Role::Bca));
    std::iter::once(crl).chain(brand.map(|brand| ListId::Bci(brand.clone()))).collect()
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    reasons: Vec<String>,
}

#[cfg(test)]
mod tests {
    use ca_core::store::{CaId, MemoryStore, PublishedList};

    use super::*;

    fn ca(id: &str, superior: Option<&str>, role: Role) -> CaRecord {
        CaRecord {
            id: CaId::new(id).unwrap(),
            superior: superior.and_then(CaId::new),
            roles: vec![role],
            brand: superior.map(|_| "Sample".to_owned()),
            certificates: Vec::new(),
        }
    }

    fn list(list: ListId, next_update: u64) -> PublishedList {
        PublishedList {
            list,
            number: 1,
            der: vec![0x30, 0].into(),
            this_update: UnixTime::from_secs(100),
            next_update: UnixTime::from_secs(next_update),
        }
    }

    #[test]
    fn lists_past_next_update_are_reasons_except_the_roots() {
        let store = MemoryStore::new();
        let (root, brand) = (ca("root", None, Role::Rca), ca("b", Some("root"), Role::Bca));
        store.record_ca(&root).unwrap();
        store.record_ca(&brand).unwrap();
        store.record_list(&list(ListId::Crl(root.id), 200)).unwrap();
        store.record_list(&list(ListId::Crl(brand.id), 200)).unwrap();
        store.record_list(&list(ListId::Bci("Sample".to_owned()), 300)).unwrap();
        let reasons = |now| stale_lists(&store, UnixTime::from_secs(now)).unwrap();
        assert_eq!(reasons(200), [""; 0]);
        assert_eq!(reasons(201), ["CRL of b is past nextUpdate 1970-01-01T00:03:20Z"]);
        assert_eq!(reasons(301).len(), 2);
    }
}
