//! `setca serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ca_core::authority::Authority;
use ca_server::data::OperatorHash;
use ca_server::service::{self, ServeError, ServeOrder};
use ca_server::telemetry;
use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, chain};
use crate::report::{Report, say};

/// Serve registration, status and inventory over HTTP until Ctrl-C.
///
/// Uses the hierarchy in DIR (see `setca init`); publishes CRLs and BCIs when they are due. The
/// folder DIR/offline-root is never opened and need not be there. What is going on is logged to
/// stderr; SETCA_LOG chooses how much (`info`, `debug`, `ca_server=debug,warn`).
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca serve
  setca serve --listen 0.0.0.0:8080 --dir /var/lib/setca --passphrase-file /etc/setca/passphrase")]
pub(crate) struct Serve {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = LISTEN)]
    listen: SocketAddr,
}

impl Serve {
    /// Serves.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let service = Service::bind(self.listen)?;
        let authority = house::authority(global, false)?;
        house::warn_of_suite(authority.suite());
        say(format_args!("setca serves {} at {}", global.dir.display(), service.url()?));
        service.run(authority, house::operator(global)?)
    }
}

/// An address taken, and what it takes to serve there.
pub(crate) struct Service {
    runtime: Runtime,
    listener: TcpListener,
}

impl Service {
    /// Takes the address.
    ///
    /// # Errors
    /// Another program has it, or it is not ours to take.
    pub(crate) fn bind(address: SocketAddr) -> Result<Self, Failure> {
        let runtime = Runtime::new()
            .map_err(|e| Failure::outside(format!("cannot start the service's threads: {e}")))?;
        let listener = runtime.block_on(service::bind(address)).map_err(|e| failure(&e))?;
        Ok(Self { runtime, listener })
    }

    /// Where it is reached.
    pub(crate) fn url(&self) -> Result<String, Failure> {
        let address = self.listener.local_addr();
        address
            .map(|address| format!("http://{address}"))
            .map_err(|e| Failure::outside(format!("cannot tell the address taken: {e}")))
    }

    /// Serves until Ctrl-C or SIGTERM.
    ///
    /// # Errors
    /// Requests were unfinished when it had to end.
    pub(crate) fn run(
        self,
        authority: Authority,
        operator: OperatorHash,
    ) -> Result<Report, Failure> {
        // A second start in one process cannot happen: each command runs once.
        telemetry::start(telemetry::LogFormat::Text, &telemetry::filter_or("info"))
            .map_err(|e| Failure::usage(chain(&e)))?;
        let Self { runtime, listener } = self;
        let outcome = runtime.block_on(async {
            let shutdown = service::stop_signal()?;
            let authority = Arc::new(authority);
            service::serve(ServeOrder { authority, listener, operator, shutdown }).await
        });
        // A bank may be slow to answer: what it was asked it is asked again at the next start.
        runtime.shutdown_timeout(LAST_WORDS);
        outcome.map_err(|e| failure(&e))?;
        say("stopped");
        Ok(Report::empty())
    }
}

fn failure(error: &ServeError) -> Failure {
    Failure::outside(chain(error))
}

/// How long work without a client may go on after the end of serving.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Loopback: whoever wants to be reached from elsewhere says so.
pub(crate) const LISTEN: &str = "127.0.0.1:8080";
