//! How far the feed of changes has come, as one connection hears it: told by the database where it
//! tells (LISTEN), asked for five times a second in any case.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::{AsyncMessage, Client, NoTls};

use super::address::Address;
use super::changes::LAST;
use super::fault::Fault;
use crate::store::columns::unsigned;

/// What is known of the feed.
pub(super) struct Feed {
    start: Instant,
    /// Position of the last change that is known.
    known: AtomicU64,
    /// When the question went out that was answered last, in microseconds.
    asked: AtomicU64,
    /// The database takes LISTEN, and so NOTIFY.
    told: AtomicBool,
}

impl Feed {
    pub(super) fn new() -> Self {
        let start = Instant::now();
        let (known, asked, told) = <(AtomicU64, AtomicU64, AtomicBool)>::default();
        Self { start, known, asked, told }
    }

    /// The last change, unless it is too long ago that anybody has asked: then it must be asked for,
    /// because whoever follows would call good what somebody else has revoked.
    pub(super) fn last(&self) -> Option<u64> {
        let asked = self.asked.load(Ordering::Acquire);
        let fresh = asked > 0 && self.now().saturating_sub(asked) < FRESH;
        fresh.then(|| self.known.load(Ordering::Acquire))
    }

    pub(super) fn raise(&self, position: u64) {
        self.known.fetch_max(position, Ordering::AcqRel);
    }

    /// True if changes may be told.
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// Listens for ever, over one connection after another.
    pub(super) async fn listen(self: Arc<Self>, address: Address) {
        loop {
            if let Err(fault) = self.listen_once(&address).await {
                tracing::debug!(error = fault.cause(), "feed of changes: connecting again");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn listen_once(self: &Arc<Self>, address: &Address) -> Result<(), Fault> {
        let (client, mut connection) = address.config.connect(NoTls).await?;
        let feed = Arc::clone(self);
        let driver = tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(change) = message
                    && let Ok(position) = change.payload().parse()
                {
                    feed.raise(position);
                }
            }
        });
        let followed = self.follow(&client).await;
        driver.abort();
        followed
    }

    async fn follow(&self, client: &Client) -> Result<(), Fault> {
        match client.batch_execute("LISTEN setca_change").await {
            Ok(()) => self.told.store(true, Ordering::Relaxed),
            // A database that cannot tell is asked.
            Err(error) if error.as_db_error().is_some() => {}
            Err(error) => return Err(error.into()),
        }
        let statement = client.prepare(LAST).await?;
        loop {
            let asked = self.now();
            let answer = pin!(client.query_one(&statement, &[]));
            let answer = tokio::time::timeout(LATE, answer).await;
            let row = answer.map_err(|_| Fault::Late("feed of changes"))??;
            self.raise(unsigned(row.try_get(0)?));
            self.asked.store(asked, Ordering::Release);
            tokio::time::sleep(EVERY).await;
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX).max(1)
    }
}

const EVERY: Duration = Duration::from_millis(200);
/// How long an answer counts, in microseconds.
const FRESH: u64 = 600_000;
const LATE: Duration = Duration::from_secs(3);
