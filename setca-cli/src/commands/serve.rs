//! `setca serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ca_core::audit::Actor;
use ca_core::authority::Authority;
use ca_server::chaos::{self, Chaos, ChaosKind};
use ca_server::data::Tokens;
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
/// folder DIR/offline-root is never opened and need not be there. With --store postgres://… several
/// may serve at once, each with a copy of DIR: whatever one begins any other goes on with. What is going on is logged to
/// stderr; SETCA_LOG chooses how much (`info`, `debug`, `ca_server=debug,warn`).
///
/// GET /metrics tells Prometheus how fresh every list, responder certificate and key is
/// (setca_list_remaining_seconds, setca_list_state, setca_status_check_mismatches,
/// setca_publish_failing and more: the README has the table of names), GET /readyz whether relying
/// parties can rely on it, GET /v1/status both in full, which `setca status --url` shows.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca serve
  setca serve --listen 0.0.0.0:8080 --dir /var/lib/setca --passphrase-file /etc/setca/passphrase
  setca serve --store postgres://setca:PASSWORD@one.example.com,two.example.com/setca
  setca serve --dir try --chaos stale-crl,bad-nonce   of a folder made with setca init --test")]
pub(crate) struct Serve {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = LISTEN)]
    listen: SocketAddr,
    /// Compare records, index, lists and OCSP each so many minutes, as `setca status check` does; 0
    /// for never.
    #[arg(long, value_name = "MINUTES", default_value_t = service::CHECK_EVERY.as_secs() / 60)]
    check_every: u64,
    /// Spoil answers on purpose: stale-crl, wrong-shard, try-later, bad-nonce, clock=SECONDS (as
    /// in clock=+3600), separated by commas. Each spoilt answer says so in X-Setca-Chaos. Only for
    /// a folder made with `setca init --test`.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    chaos: Vec<ChaosKind>,
}

impl Serve {
    /// Serves.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let service = Service::bind(self.listen)?;
        let (authority, chaos) = self.spoilt(global)?;
        let _held = house::hold(global, &service.url()?)?;
        house::warn_of_suite(authority.suite());
        if !chaos.kinds().is_empty() {
            say(CHAOS_WARNING);
        }
        say(format_args!("setca serves {} at {}", global.dir.display(), service.url()?));
        let check_every = Duration::from_secs(self.check_every.saturating_mul(60));
        service.run(authority, house::operator(global)?, chaos, check_every)
    }

    /// The authority of the folder, and what may be spoilt of it.
    fn spoilt(&self, global: &Global) -> Result<(Authority, Chaos), Failure> {
        let mut opened = house::opened(global, false)?;
        opened.parts.actor = Actor::Service;
        opened.parts.clock = chaos::skewed(&self.chaos, opened.parts.clock);
        let authority = Authority::open(opened.parts).map_err(|e| house::authority_failure(&e))?;
        let permitted = Chaos::permit(self.chaos.clone(), &opened.settings, &authority.hierarchy());
        let refused =
            |e| Failure::refused(format!("--chaos is not for {}: {e}", global.dir.display()));
        Ok((authority, permitted.map_err(refused)?))
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
        operator: Tokens,
        chaos: Chaos,
        check_every: Duration,
    ) -> Result<Report, Failure> {
        // A second start in one process cannot happen: each command runs once.
        telemetry::start(telemetry::LogFormat::Text, &telemetry::filter_or("info"))
            .map_err(|e| Failure::usage(chain(&e)))?;
        let Self { runtime, listener } = self;
        let outcome = runtime.block_on(async {
            let shutdown = service::stop_signal()?;
            let authority = Arc::new(authority);
            let order = ServeOrder { authority, listener, operator, chaos, check_every, shutdown };
            service::serve(order).await
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
const CHAOS_WARNING: &str = "\
CHAOS: this service spoils what it serves on purpose, and says so in X-Setca-Chaos. It is for tests.";
/// Loopback: whoever wants to be reached from elsewhere says so.
pub(crate) const LISTEN: &str = "127.0.0.1:8080";
