//! HTTP servers on one thread each.

use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, HeaderMap, HeaderValue, LAST_MODIFIED,
};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use ca_core::authority::Authority;
use ca_server::SystemClock;
use ca_server::data::Settings;
use ca_server::http::{App, router};
use tokio::net::TcpListener;

/// A server on a thread of its own, for as long as the process lives.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    /// `self/task/TID` in /proc.
    task: String,
}

impl Served {
    /// Time its thread has run on a processor.
    pub(crate) fn processor(&self) -> Result<Duration> {
        processor(&self.task)
    }
}

/// The routes of the service.
pub(crate) fn whole(authority: Arc<Authority>, settings: Settings) -> Result<Served> {
    let clock = Arc::new(SystemClock::default());
    let (operator, observed, responder) = (settings.operator, Arc::default(), Arc::default());
    serve(router(App { authority, clock, operator: operator.into(), observed, responder }))
}

/// Gives the same octets with the same header fields, whatever is asked.
pub(crate) fn bare(octets: Vec<u8>) -> Result<Served> {
    let octets = Bytes::from(octets);
    let answer = move || -> Response {
        let fields = [
            (CONTENT_TYPE, "application/ocsp-response"),
            (CACHE_CONTROL, "max-age=86399, public, no-transform, must-revalidate"),
            (ETAG, "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""),
            (EXPIRES, "Tue, 24 Nov 2026 00:00:00 GMT"),
            (LAST_MODIFIED, "Mon, 23 Nov 2026 00:00:00 GMT"),
        ];
        let fields = fields.map(|(name, value)| (name, HeaderValue::from_static(value)));
        (HeaderMap::from_iter(fields), octets.clone()).into_response()
    };
    let posted = answer.clone();
    let routes = Router::new()
        .route("/ocsp", post(async move |_: Bytes| posted()))
        .route("/ocsp/{*request}", get(async move || answer()));
    serve(routes)
}

fn serve(routes: Router) -> Result<Served> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || -> Result<()> {
        let task = fs::read_link("/proc/thread-self")?;
        let task = task.to_str().context("a path of numbers")?.to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            tell.send(Served { address: listener.local_addr()?, task })?;
            Ok(axum::serve(listener, routes).await?)
        })
    });
    told.recv().context("the server has come up")
}

/// Time a thread has run on a processor (schedstat, proc(5)); `task` is a folder in /proc.
pub(crate) fn processor(task: &str) -> Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{task}/schedstat"))?;
    let nanoseconds = text.split(' ').next().context("schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
