//! HTTP in front of the authority: one resource a file, each with its own `router()`.
//!
//! Handlers extract, call one method, convert. What a certificate may be is decided in `ca-core`.

mod blocking;
mod body;
mod brands;
mod cache;
mod cas;
mod certificates;
mod crls;
mod error;
mod initiation;
mod inventory;
mod metrics;
mod name;
pub(crate) mod ocsp;
mod operator;
mod ops;
mod parts;
mod prometheus;
mod registrations;
mod set;
mod set_ca;
mod validate;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, Request};
use axum::response::{IntoResponse as _, Response};
use ca_core::authority::{Authority, Clock};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::TraceLayer;

pub use error::ApiError;
pub use ocsp::Responder;

use crate::chaos::around;
use crate::data::Tokens;
use crate::observed::Observed;

/// What every handler works with.
pub struct App {
    /// The certification body.
    pub authority: Arc<Authority>,
    /// The time, for cache headers.
    pub clock: Arc<dyn Clock>,
    /// Who may use the paths that are not for everybody.
    pub operator: Tokens,
    /// What the service has seen itself do, and what it spoils.
    pub observed: Arc<Observed>,
    /// What OCSP requests share.
    pub responder: Arc<Responder>,
}

/// As the handlers have it: one count to keep, however much there is.
type Shared = Arc<App>;

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App")
    }
}

/// All routes of the service.
///
/// The status routes (OCSP, CRL, BCI) carry no layers, because four of them cost a third of the
/// rate (`dependencies.md`); their limits are in the handlers.
pub fn router(app: App) -> Router {
    let hot = Router::new().merge(ocsp::router()).merge(crls::router());
    let rest = Router::new()
        .merge(set::router())
        .merge(set_ca::router())
        .merge(initiation::router())
        .merge(cas::router())
        .merge(certificates::router())
        .merge(inventory::router())
        .merge(brands::router())
        .merge(ops::router())
        .merge(metrics::router())
        .merge(registrations::router())
        .merge(validate::router())
        .layer(
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(TraceLayer::new_for_http().make_span_with(span))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(CatchPanicLayer::custom(panicked)),
        );
    let (observed, authority) = (Arc::clone(&app.observed), Arc::clone(&app.authority));
    let routes = hot
        .merge(rest)
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(Arc::new(app));
    around(routes, observed.chaos(), authority)
}

/// Method, path and request id; never a header or a body.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    tracing::info_span!("http", method = %request.method(), path = request.uri().path(), id)
}

/// The panic's own text is on standard error already and may quote data: it is not sent.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::Internal.into_response()
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
