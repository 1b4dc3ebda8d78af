//! The service on loopback, and its clients.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ca_core::authority::Authority;
use ca_server::chaos::Chaos;
use ca_server::data::Tokens;
use ca_server::service::{self, ServeError, ServeOrder};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::failure::Failure;
use crate::house::chain;
use crate::http::{Answer, Client, Lost};

/// A loopback port that was taken and is not served yet.
pub(super) struct Port {
    runtime: Runtime,
    listener: TcpListener,
    pub(super) url: String,
}

impl Port {
    /// Takes a free port.
    ///
    /// # Errors
    /// There is none to be had.
    pub(super) fn take() -> Result<Self, Failure> {
        let outside = |e: std::io::Error| Failure::outside(format!("no loopback port: {e}"));
        let runtime = Runtime::new().map_err(outside)?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener =
            runtime.block_on(service::bind(any)).map_err(|e| Failure::outside(chain(&e)))?;
        let address = listener.local_addr().map_err(outside)?;
        Ok(Self { runtime, listener, url: format!("http://{address}") })
    }

    /// Serves `authority` there; `operator` may decide on registrations.
    pub(super) fn serve(self, authority: Arc<Authority>, operator: Tokens) -> Served {
        let (stop, stopped) = oneshot::channel::<()>();
        let order = ServeOrder {
            authority,
            listener: self.listener,
            operator,
            chaos: Chaos::default(),
            check_every: service::CHECK_EVERY,
            shutdown: async move {
                // A dropped sender ends the service as well as a sent word.
                let _ = stopped.await;
            },
        };
        let task = self.runtime.spawn(service::serve(order));
        let client = Client::new(PATIENCE, MAX_ANSWER);
        Served { runtime: self.runtime, task, stop, client, url: self.url }
    }
}

/// A running service and a client of it.
pub(super) struct Served {
    runtime: Runtime,
    task: JoinHandle<Result<(), ServeError>>,
    stop: oneshot::Sender<()>,
    client: Client,
    pub(super) url: String,
}

impl Served {
    /// POST.
    ///
    /// # Errors
    /// No answer, or not 200.
    pub(super) fn post(&self, path: &str, kind: &str, body: &[u8]) -> Result<Vec<u8>, Failure> {
        let url = format!("{}{path}", self.url);
        read(&url, self.client.post(&url, kind, body))
    }

    /// GET.
    ///
    /// # Errors
    /// No answer, or not 200.
    pub(super) fn fetch(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let url = format!("{}{path}", self.url);
        read(&url, self.client.get(&url))
    }

    /// Stops the service when what it began is finished.
    ///
    /// # Errors
    /// It did not end in order.
    pub(super) fn stop(self) -> Result<(), Failure> {
        let Self { runtime, task, stop, client, .. } = self;
        // Its connections are kept alive: the service would wait for them.
        drop(client);
        // Nobody listens if the service has ended by itself; the task says how.
        let _ = stop.send(());
        match runtime.block_on(task) {
            Ok(outcome) => outcome.map_err(|e| Failure::outside(chain(&e))),
            Err(e) => Err(Failure::outside(format!("the service died: {e}"))),
        }
    }
}

fn read(url: &str, answer: Result<Answer, Lost>) -> Result<Vec<u8>, Failure> {
    let answer = answer.map_err(|lost| Failure::outside(format!("{url}: {lost}")))?;
    if answer.is_success() {
        return Ok(answer.body);
    }
    Err(Failure::outside(format!("{url} answers HTTP {}", answer.status)))
}

const PATIENCE: Duration = Duration::from_secs(30);
/// A CRL of the demo has a handful of entries.
const MAX_ANSWER: u64 = 1 << 20;
