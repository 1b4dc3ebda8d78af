//! Chaos as a layer around all routes: nothing behind it knows of it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use ca_core::authority::Authority;
use ca_core::wire::ocsp::{OcspResponse, ResponseStatus};

use super::{Chaos, ChaosKind, spoil};
use crate::http::ocsp::{self, OCSP_REQUEST, OCSP_RESPONSE};

/// The routes, spoilt; as they are if nothing is to be.
pub(crate) fn around(routes: Router, chaos: &Chaos, authority: Arc<Authority>) -> Router {
    if chaos.kinds().is_empty() {
        return routes;
    }
    let spoiler = Arc::new(Spoiler { chaos: chaos.clone(), authority });
    // Behind a layer of the routes themselves the route would be chosen already.
    Router::new().fallback_service(routes).layer(from_fn_with_state(spoiler, spoilt))
}

struct Spoiler {
    chaos: Chaos,
    authority: Arc<Authority>,
}

async fn spoilt(State(spoiler): State<Arc<Spoiler>>, request: Request, next: Next) -> Response {
    let mut response = spoiler.answer(request, next).await;
    for kind in spoiler.chaos.kinds() {
        // Every answer is of another time.
        if matches!(kind, ChaosKind::Clock(_)) {
            mark(&mut response, *kind);
        }
    }
    response
}

impl Spoiler {
    async fn answer(&self, request: Request, next: Next) -> Response {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        if self.chaos.has(ChaosKind::StaleCrl)
            && let Some(stale) = self.stale_crl(&method, &uri).await
        {
            return stale;
        }
        if self.chaos.has(ChaosKind::WrongShard)
            && let Some(other) = spoil::other_shard(&method, &uri)
        {
            let (mut head, body) = request.into_parts();
            head.uri = other;
            let response = next.run(Request::from_parts(head, body)).await;
            return marked(response, ChaosKind::WrongShard);
        }
        if self.chaos.has(ChaosKind::TryLater) && spoil::is_ocsp(&uri) {
            let octets = OcspResponse::error(ResponseStatus::TryLater).to_vec();
            return marked(unkept(OCSP_RESPONSE, octets), ChaosKind::TryLater);
        }
        if self.chaos.has(ChaosKind::BadNonce) && spoil::is_ocsp(&uri) {
            return other_nonce(request, next).await;
        }
        next.run(request).await
    }

    /// None if it cannot be made: the root's key is not here.
    async fn stale_crl(&self, method: &Method, uri: &Uri) -> Option<Response> {
        let ca = spoil::complete_crl(method, uri)?;
        let authority = Arc::clone(&self.authority);
        let signing = tokio::task::spawn_blocking(move || authority.sign_stale_crl(&ca));
        let octets = signing.await.ok()?.ok()?;
        Some(marked(unkept("application/pkix-crl", octets), ChaosKind::StaleCrl))
    }
}

async fn other_nonce(request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    // What is too long is for the route to refuse.
    let posted = to_bytes(body, ocsp::BODY_LIMIT).await.unwrap_or_default();
    let asked = ocsp::request_in(&head.uri).filter(|_| head.method == Method::GET);
    let spoilt = spoil::with_other_nonce(asked.as_deref().unwrap_or(&posted));
    let Some(spoilt) = spoilt else {
        return next.run(Request::from_parts(head, Body::from(posted))).await;
    };
    head.method = Method::POST;
    head.uri = Uri::from_static("/ocsp");
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(OCSP_REQUEST));
    head.headers.remove(axum::http::header::CONTENT_LENGTH);
    let response = next.run(Request::from_parts(head, Body::from(spoilt))).await;
    marked(response, ChaosKind::BadNonce)
}

fn unkept(media_type: &'static str, octets: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-store")], octets).into_response()
}

fn marked(mut response: Response, kind: ChaosKind) -> Response {
    mark(&mut response, kind);
    response
}

fn mark(response: &mut Response, kind: ChaosKind) {
    // A word of ours is always a header value.
    if let Ok(value) = HeaderValue::from_str(&kind.to_string()) {
        response.headers_mut().append(MARK, value);
    }
}

/// Stands on every answer that was spoilt, once for each kind.
const MARK: HeaderName = HeaderName::from_static("x-setca-chaos");
