//! The service: a listener, the routes, the schedule, and an orderly end.

mod peer;
mod stream;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ca_core::authority::Authority;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::SystemClock;
use crate::chaos::Chaos;
use crate::checking::Checking;
use crate::data::Tokens;
use crate::http::{App, router};
use crate::observed::Observed;
use crate::schedule::{Schedule, checkpoint, follow, load, refresh, settle};
use peer::FromPeer;
use stream::WriteLimited;

/// What to serve, where, and until when.
pub struct ServeOrder<S> {
    /// The certification body.
    pub authority: Arc<Authority>,
    /// From [`bind`].
    pub listener: TcpListener,
    /// Who may use the paths that are not for everybody.
    pub operator: Tokens,
    /// What is spoilt on purpose: `Chaos::default()` for nothing.
    pub chaos: Chaos,
    /// Records, index, lists and OCSP are compared when serving begins and each time this is over;
    /// never if it is zero.
    pub check_every: Duration,
    /// Serving ends when this is ready: [`stop_signal`].
    pub shutdown: S,
}

impl<S> fmt::Debug for ServeOrder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOrder").field("listener", &self.listener).finish_non_exhaustive()
    }
}

/// Takes an address; port 0 takes a free one, `listener.local_addr()` says which.
///
/// # Errors
/// [`ServeError::AddressInUse`] if another program has it, [`ServeError::Bind`] otherwise.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::AddressInUse(address),
        _ => ServeError::Bind(address, source),
    })
}

/// Ready at Ctrl-C or SIGTERM.
///
/// # Errors
/// [`ServeError::Signal`] if the process cannot listen for signals; before anything is served.
pub fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signal)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signal)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Serves until told to stop, then finishes what it began, for at most ten seconds.
///
/// The status of every certificate is loaded, and lists that are due are published, before the
/// first connection is taken.
///
/// # Errors
/// [`ServeError::Unfinished`] if requests were still running when that time was over.
pub async fn serve<S>(order: ServeOrder<S>) -> Result<(), ServeError>
where
    S: Future<Output = ()>,
{
    serve_within(Limits::default(), order).await
}

/// [`serve`] with other limits.
///
/// # Errors
/// As [`serve`].
pub async fn serve_within<S>(limits: Limits, order: ServeOrder<S>) -> Result<(), ServeError>
where
    S: Future<Output = ()>,
{
    let ServeOrder { authority, listener, operator, chaos, check_every, shutdown } = order;
    let clock = chaos.clock(Arc::new(SystemClock::default()));
    for kind in chaos.kinds() {
        tracing::warn!(%kind, "CHAOS: answers are spoilt on purpose, X-Setca-Chaos says which");
    }
    let observed = Arc::new(Observed::new(chaos));
    let (stop, stopped) = watch::channel(false);
    let (first, first_round) = oneshot::channel();
    load(Arc::clone(&authority)).await;
    let following = tokio::spawn(follow(Arc::clone(&authority), stopped.clone()));
    let refreshing = tokio::spawn(refresh(Arc::clone(&authority), stopped.clone()));
    let schedule = Schedule {
        authority: Arc::clone(&authority),
        clock: clock.clone(),
        observed: Arc::clone(&observed),
        every: ROUND,
    };
    let checks = Checking {
        authority: Arc::clone(&authority),
        observed: Arc::clone(&observed),
        every: check_every,
    };
    let checking = tokio::spawn(checks.run(stopped.clone()));
    // Not waited for at the end: a bank may be slow. What was begun goes on, and is taken up again
    // if it does not come to its end.
    tokio::spawn(settle(Arc::clone(&authority), ROUND, stopped.clone()));
    let schedule = tokio::spawn(schedule.run(first, stopped));
    // A list that takes longer than this to sign must not keep the rest from being served.
    let _ = timeout(FIRST_ROUND_LIMIT, first_round).await;

    let connections = GracefulShutdown::new();
    let responder = Arc::default();
    let (signing, seen) = (Arc::clone(&authority), Arc::clone(&observed));
    let routes = router(App { authority, clock, operator, observed, responder });
    tokio::select! {
        () = accept(&listener, &routes, &connections, &limits) => {}
        () = shutdown => {}
    }
    drop(listener);
    tracing::info!(connections = connections.count(), "stopping");
    let _ = stop.send(true);
    let finish = async {
        connections.shutdown().await;
        let _ = schedule.await;
        let _ = following.await;
        let _ = checking.await;
        let _ = refreshing.await;
        let _ = tokio::task::spawn_blocking(move || checkpoint(&signing, &seen)).await;
    };
    timeout(limits.stop, finish).await.map_err(|_| ServeError::Unfinished(limits.stop.as_secs()))
}

/// Takes connections for ever.
async fn accept(
    listener: &TcpListener,
    routes: &Router,
    connections: &GracefulShutdown,
    limits: &Limits,
) {
    let places = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    loop {
        // Never fails: the semaphore is not closed.
        let place = Arc::clone(&places).acquire_owned().await;
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, or the peer has gone: neither ends the service.
                tracing::warn!(%error, "connection not taken");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let connection =
            connections.watch(connection(stream, FromPeer::new(routes.clone(), peer), limits));
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                tracing::debug!(error, "connection ended");
            }
        });
    }
}

/// HTTP/1.1 only: without TLS nobody negotiates HTTP/2, and telling the two apart would wait for
/// the client's first octets without a limit.
fn connection(
    stream: TcpStream,
    routes: FromPeer,
    limits: &Limits,
) -> auto::Connection<'static, TokioIo<WriteLimited>, TowerToHyperService<FromPeer>, TokioExecutor>
{
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEADER_SIZE_LIMIT);
    let stream = TokioIo::new(WriteLimited::new(stream, limits.write));
    builder.serve_connection(stream, TowerToHyperService::new(routes)).into_owned()
}

/// How long clients may keep us waiting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To send a request head, and to be idle before it.
    pub head: Duration,
    /// To take some of an answer.
    pub write: Duration,
    /// To finish what was begun, after the stop.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Shorter than `stop`: who sends no whole request does not make the end disorderly.
            head: Duration::from_secs(8),
            write: Duration::from_secs(30),
            stop: Duration::from_secs(10),
        }
    }
}

/// Why the service does not run, or did not end in order.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The port is taken.
    #[error("{0} is in use by another program: stop it or choose another address with --listen")]
    AddressInUse(SocketAddr),
    /// The address cannot be taken.
    #[error("cannot listen on {0}")]
    Bind(SocketAddr, #[source] io::Error),
    /// No signal handlers.
    #[error("cannot listen for stop signals")]
    Signal(#[source] io::Error),
    /// Requests were cut off after so many seconds.
    #[error("stopped with requests unfinished after {0} s")]
    Unfinished(u64),
}

/// Time between two comparisons of records, index, lists and OCSP.
pub const CHECK_EVERY: Duration = Duration::from_secs(3_600);
/// Time between two rounds of the schedule.
const ROUND: Duration = Duration::from_secs(30);
/// How long the first round may keep the first connection waiting.
const FIRST_ROUND_LIMIT: Duration = Duration::from_secs(5);
/// Largest request head: room for an OCSP request of 64 KiB in the path.
const HEADER_SIZE_LIMIT: usize = 96 * 1024;
/// Connections at a time, below the usual limit of 1,024 descriptors.
const CONNECTION_LIMIT: usize = 512;
/// Pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
