//! Connections that look things up: a bounded few, so that a look-up never waits for a commit.

use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio::runtime::Handle;
use tokio_postgres::NoTls;

use super::address::Address;
use super::attempt::in_time;
use super::fault::Fault;
use super::wait::wait;

pub(super) struct Readers {
    pool: Pool,
    runtime: Handle,
}

impl Readers {
    pub(super) fn new(address: &Address, runtime: Handle) -> Self {
        let method = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(address.config.clone(), NoTls, method);
        let builder = Pool::builder(manager).max_size(READERS).runtime(Runtime::Tokio1);
        let builder = builder
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE));
        // It can only fail without a runtime, which it has.
        let pool = builder.build().unwrap_or_else(|_| unreachable!("a pool with a runtime"));
        Self { pool, runtime }
    }

    /// Looks something up; again, if the connection was lost, for [`PATIENCE`] at most.
    pub(super) fn read<T>(
        &self,
        look: impl AsyncFn(&mut Object) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        wait(&self.runtime, async {
            let deadline = Instant::now() + PATIENCE;
            loop {
                let fault = match self.once(&look).await {
                    Err(fault) if fault.is_passing() => fault,
                    outcome => return outcome,
                };
                if Instant::now() + PAUSE > deadline {
                    return Err(fault);
                }
                tokio::time::sleep(PAUSE).await;
            }
        })
    }

    /// The same for what takes as long as it takes, and is not tried again.
    pub(super) fn at_length<T>(
        &self,
        look: impl AsyncFnOnce(&mut Object) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        wait(&self.runtime, async {
            let mut session = self.pool.get().await?;
            let outcome = look(&mut session).await;
            // Whatever it has left open.
            drop(Object::take(session));
            outcome
        })
    }

    async fn once<T>(
        &self,
        look: &impl AsyncFn(&mut Object) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut session = self.pool.get().await?;
        let outcome = in_time("a look-up", LONGEST, look(&mut session)).await;
        if outcome.as_ref().is_err_and(|fault| fault.spoils_connection() || fault.is_passing()) {
            // Whatever state it is in, nobody else gets it.
            drop(Object::take(session));
        }
        outcome
    }
}

/// As many look-ups at once.
const READERS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);
/// For the longest of all: every revocation of a CA with millions of them.
const LONGEST: Duration = Duration::from_secs(60);
