//! Group commit: one thread with a connection of its own does what waits, together, and does it
//! again if the connection was lost.
//!
//! A commit costs the same however much is in it, and a trip to the database, too. So acts queue;
//! the thread takes what is there and does it in one transaction of two trips ([`attempt`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use ca_core::store::StoreError;
use deadpool_postgres::ClientWrapper as Session;
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

use super::act::{Act, Common};
use super::address::Address;
use super::attempt::{self, LATE, Mark, Outcomes, ROLLBACK, Trouble, Work, in_time};
use super::fault::Fault;
use super::feed::Feed;
use super::slice;

/// An act in the queue.
pub(super) struct Job {
    pub(super) act: Act,
    pub(super) answer: SyncSender<Result<u64, StoreError>>,
}

pub(super) struct Writer {
    address: Address,
    runtime: Runtime,
    feed: Arc<Feed>,
    commits: Arc<AtomicU64>,
    id: [u8; 16],
    batch: i64,
    session: Option<Session>,
}

impl Writer {
    /// A writer that connects when there is something to write; `id` is of no other.
    pub(super) fn new(
        address: Address,
        runtime: Runtime,
        feed: Arc<Feed>,
        commits: Arc<AtomicU64>,
        id: [u8; 16],
    ) -> Self {
        Self { address, runtime, feed, commits, id, batch: 0, session: None }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        let mut kept = None;
        while let Some(first) = kept.take().or_else(|| queue.recv().ok()) {
            let mut batch = vec![first];
            while batch.len() < MAX_BATCH && batch.iter().all(Job::is_common) {
                match queue.try_recv() {
                    Ok(job) if job.is_common() => batch.push(job),
                    Ok(job) => {
                        kept = Some(job);
                        break;
                    }
                    Err(_) => break,
                }
            }
            self.settle(batch);
        }
    }

    /// Does the jobs in one transaction, and answers them.
    fn settle(&mut self, mut jobs: Vec<Job>) {
        let outcomes = self.outcomes(&jobs);
        match outcomes {
            Ok(outcomes) => {
                jobs.into_iter().zip(outcomes).for_each(|(job, outcome)| job.tell(outcome));
            }
            // One of them asks for what cannot be done or read: not the others' fault.
            Err(fault) if jobs.len() > 1 && !fault.is_passing() => {
                jobs.drain(..).for_each(|job| self.settle(vec![job]));
            }
            Err(fault) if jobs.len() == 1 => {
                let error = fault.at(&self.address.place);
                jobs.drain(..).zip([error]).for_each(|(job, error)| job.tell(Err(error)));
            }
            Err(fault) => {
                let why = format!("{}: {}", self.address.place, fault.cause());
                let error = || StoreError::Unavailable(why.clone());
                jobs.into_iter().for_each(|job| job.tell(Err(error())));
            }
        }
    }

    fn outcomes(&mut self, jobs: &[Job]) -> Result<Outcomes, Fault> {
        let work = match jobs {
            [Job { act: Act::Rare(act), .. }] => Work::Rare(act),
            _ => Work::Common(jobs.iter().filter_map(Job::common).collect()),
        };
        self.batch = self.batch.wrapping_add(1);
        let mark = Mark { writer: self.id, batch: self.batch, notifies: self.feed.is_told() };
        let task = Task { address: &self.address, session: &mut self.session, work: &work, mark };
        let settled = self.runtime.block_on(task.run())?;
        if let Some(change) = settled.change {
            self.commits.fetch_add(1, Ordering::Relaxed);
            self.feed.raise(change);
        }
        Ok(settled.outcomes)
    }
}

impl Job {
    const fn is_common(&self) -> bool {
        matches!(self.act, Act::Common(_))
    }

    fn common(&self) -> Option<&Common> {
        match &self.act {
            Act::Common(act) => Some(act),
            Act::Rare(_) => None,
        }
    }

    fn tell(self, outcome: Result<u64, StoreError>) {
        // Nobody listens if the caller's thread is gone; the act stands either way.
        let _ = self.answer.send(outcome);
    }
}

/// A transaction until it has gone through or cannot.
struct Task<'a> {
    address: &'a Address,
    session: &'a mut Option<Session>,
    work: &'a Work<'a>,
    mark: Mark,
}

impl Task<'_> {
    /// Tries until it went through, for [`PATIENCE`] at most.
    async fn run(mut self) -> Result<attempt::Settled, Fault> {
        let deadline = Instant::now() + PATIENCE;
        let (mut pause, mut open) = (FIRST_PAUSE, None);
        loop {
            let fault = match self.once(&mut open).await {
                Ok(settled) => return Ok(settled),
                Err(fault) => fault,
            };
            if !fault.is_passing() || Instant::now() + pause > deadline {
                let known = open.is_none() || !fault.is_passing();
                return Err(if known { fault } else { Fault::Unknown(fault.cause()) });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One try. `open` is what a try came to whose end nobody knows.
    async fn once(&mut self, open: &mut Option<Outcomes>) -> Result<attempt::Settled, Fault> {
        let tried = self.tried(open).await;
        let fault = match tried {
            Ok(settled) => return Ok(settled),
            Err(Trouble::Failed(fault)) => fault,
            Err(Trouble::Unknown(fault, outcomes)) => {
                *open = Some(outcomes);
                fault
            }
        };
        if fault.spoils_connection() {
            *self.session = None;
        } else if let Some(session) = &self.session
            && in_time("rollback", LATE, async { Ok(session.batch_execute(ROLLBACK).await?) })
                .await
                .is_err()
        {
            *self.session = None;
        }
        Err(fault)
    }

    async fn tried(&mut self, open: &mut Option<Outcomes>) -> Result<attempt::Settled, Trouble> {
        let session = match self.session.take() {
            Some(session) if !session.is_closed() => session,
            _ => in_time("connect", LATE, connect(self.address)).await?,
        };
        let session = &*self.session.insert(session);
        if let Some(outcomes) = open.take() {
            match in_time("the last transaction", LATE, self.mark.committed(session)).await {
                Ok(change @ Some(_)) => return Ok(attempt::Settled { outcomes, change }),
                Ok(None) => {}
                Err(fault) => return Err(Trouble::Unknown(fault, outcomes)),
            }
        }
        attempt::run(session, self.work, self.mark).await
    }
}

async fn connect(address: &Address) -> Result<Session, Fault> {
    let (client, connection) = address.config.connect(NoTls).await?;
    let driver = tokio::spawn(async move {
        // Whoever waits for an answer is told the same.
        let _ = connection.await;
    });
    let session = Session::new(client, driver);
    slice::prepare(&session).await?;
    let sql = format!("DELETE FROM writer WHERE written_at < now() - interval '{FORGOTTEN}'");
    session.batch_execute(&sql).await?;
    Ok(session)
}

/// Acts in one transaction at most.
const MAX_BATCH: usize = 512;
/// How long acts are tried again.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Processes that have not written for so long have ended.
const FORGOTTEN: &str = "30 days";
