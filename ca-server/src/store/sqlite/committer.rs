//! Group commit: one thread owns the writing connection and commits whatever waits, together.
//!
//! A durable commit costs a sync of the disk, however much is in it. So acts queue; the thread
//! takes all of them, runs each in a savepoint of one transaction, appends what they say to the audit
//! log, commits once, and only then answers. While it syncs, the next acts gather.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::JoinHandle;

use ca_core::store::StoreError;
use rusqlite::Connection;

use super::audit::{self, Line};
use super::fault::Fault;

/// The writing side of a store.
pub(super) struct Committer {
    /// None only while dropping: the thread ends when the queue is closed and empty.
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    commits: Arc<AtomicU64>,
    path: Arc<Path>,
}

impl Committer {
    /// Starts the thread that owns `connection`.
    pub(super) fn start(connection: Connection, path: Arc<Path>) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel();
        let commits = Arc::new(AtomicU64::new(0));
        let writer = Writer { connection, path: Arc::clone(&path), commits: Arc::clone(&commits) };
        let thread = std::thread::Builder::new()
            .name("store-committer".to_owned())
            .spawn(move || writer.run(&jobs))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), commits, path })
    }

    /// Transactions committed so far.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Runs `act` in the next transaction and waits until that is durable. The lines it leaves are
    /// in the audit log then, in the same transaction.
    ///
    /// # Errors
    /// What `act` says, which is then undone alone; Unavailable if the transaction was not
    /// committed.
    pub(super) fn submit<T, A>(&self, act: A) -> Result<T, StoreError>
    where
        T: Send + 'static,
        A: FnOnce(&Connection, &mut Vec<Line>) -> Result<T, Fault> + Send + 'static,
    {
        let stopped =
            || StoreError::Unavailable(format!("{}: writer stopped", self.path.display()));
        let (answer, answered) = mpsc::sync_channel(1);
        let job = Waiting { act: Some(act), result: None, answer };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Box::new(job)).map_err(|_| stopped())?;
        answered.recv().map_err(|_| stopped())?
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has nothing left to finish; its callers were told.
            let _ = thread.join();
        }
    }
}

/// An act in the queue.
trait Job: Send {
    /// Runs the act.
    ///
    /// # Errors
    /// Why what it did is to be undone.
    fn run(
        &mut self,
        connection: &Connection,
        path: &Path,
        log: &mut Vec<Line>,
    ) -> Result<(), String>;

    /// Tells the caller how it ended; `lost` says why the whole transaction was not committed.
    fn answer(&mut self, lost: Option<&str>);
}

struct Waiting<T, A> {
    act: Option<A>,
    result: Option<Result<T, StoreError>>,
    answer: SyncSender<Result<T, StoreError>>,
}

impl<T, A> Job for Waiting<T, A>
where
    T: Send,
    A: FnOnce(&Connection, &mut Vec<Line>) -> Result<T, Fault> + Send,
{
    fn run(
        &mut self,
        connection: &Connection,
        path: &Path,
        log: &mut Vec<Line>,
    ) -> Result<(), String> {
        let Some(act) = self.act.take() else { return Ok(()) };
        match self.result.insert(act(connection, log).map_err(|fault| fault.at(path))) {
            Ok(_) => Ok(()),
            Err(StoreError::Unavailable(why)) => Err(why.clone()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn answer(&mut self, lost: Option<&str>) {
        let result = match (lost, self.result.take()) {
            (None, Some(result)) => result,
            (Some(why), _) => Err(StoreError::Unavailable(why.to_owned())),
            (None, None) => Err(StoreError::Unavailable("the act did not run".to_owned())),
        };
        // Nobody listens if the caller's thread is gone; the act stands either way.
        let _ = self.answer.send(result);
    }
}

struct Writer {
    connection: Connection,
    path: Arc<Path>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    fn run(self, queue: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = queue.recv() {
            let rest = queue.try_iter().take(MAX_BATCH - 1);
            self.settle(std::iter::once(first).chain(rest).collect());
        }
    }

    /// Commits the jobs together, then answers them.
    fn settle(&self, mut jobs: Vec<Box<dyn Job>>) {
        let lost = self.commit(&mut jobs).err();
        if lost.is_some() && !self.connection.is_autocommit() {
            // It can only fail where there is nothing to roll back any more.
            let _ = self.execute("ROLLBACK");
        }
        for job in &mut jobs {
            job.answer(lost.as_deref());
        }
    }

    /// One transaction around all jobs.
    ///
    /// # Errors
    /// Why none of them was committed.
    fn commit(&self, jobs: &mut [Box<dyn Job>]) -> Result<(), String> {
        // IMMEDIATE takes the write lock now: an act that has read may not lose it to another
        // process and find its transaction stale.
        self.execute("BEGIN IMMEDIATE")?;
        let (mut kept, mut log) = (false, Vec::new());
        for job in jobs {
            kept |= self.act(job.as_mut(), &mut log)?;
        }
        if !kept {
            return self.execute("ROLLBACK");
        }
        // Once for all of them: what cannot be written in the log has not happened.
        audit::append(&self.connection, &log)
            .map_err(|fault| format!("audit log: {}", fault.at(&self.path)))?;
        self.execute("COMMIT")?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// One savepoint around one job; false if it was undone.
    fn act(&self, job: &mut dyn Job, log: &mut Vec<Line>) -> Result<bool, String> {
        self.execute("SAVEPOINT act")?;
        let lines = log.len();
        let outcome = job.run(&self.connection, &self.path, log);
        if let Err(why) = &outcome {
            log.truncate(lines);
            // A full disk or a failed write makes SQLite roll back the whole transaction, and the
            // acts before this one with it (sqlite.org/lang_transaction.html, "Response To Errors
            // Within A Transaction").
            if self.connection.is_autocommit() {
                return Err(why.clone());
            }
            self.execute("ROLLBACK TO act")?;
        }
        self.execute("RELEASE act")?;
        Ok(outcome.is_ok())
    }

    fn execute(&self, sql: &str) -> Result<(), String> {
        let done = self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(()));
        done.map(drop).map_err(|error| format!("{}: {error}", self.path.display()))
    }
}

/// Acts in one transaction at most, so that the first does not wait for ever.
const MAX_BATCH: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    type Answered = Receiver<Result<(), StoreError>>;

    /// A writer on a table of numbers, in which 13 can be inserted but not committed.
    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        let schema = "PRAGMA foreign_keys = ON; CREATE TABLE thirteen (n PRIMARY KEY); \
             CREATE TABLE number (n PRIMARY KEY); CREATE TABLE bad \
             (n REFERENCES thirteen (n) DEFERRABLE INITIALLY DEFERRED)";
        connection.execute_batch(schema).unwrap();
        Writer { connection, path: Path::new("test.db").into(), commits: Arc::default() }
    }

    fn job(sql: &'static str) -> (Box<dyn Job>, Answered) {
        let (answer, answered) = mpsc::sync_channel(1);
        let act =
            move |connection: &Connection, _: &mut Vec<Line>| Ok(connection.execute_batch(sql)?);
        (Box::new(Waiting { act: Some(act), result: None, answer }), answered)
    }

    /// Which of the acts succeeded, how many numbers are there, and how many commits it took.
    fn settle<const N: usize>(writer: &Writer, acts: [&'static str; N]) -> ([bool; N], i64, u64) {
        let mut jobs = Vec::new();
        let answers = acts.map(|sql| {
            let (job, answered) = job(sql);
            jobs.push(job);
            answered
        });
        writer.settle(jobs);
        let succeeded = answers.map(|answered| answered.recv().unwrap().is_ok());
        let count = "SELECT count(*) FROM number";
        let numbers = writer.connection.query_row(count, (), |row| row.get(0)).unwrap();
        (succeeded, numbers, writer.commits.load(Ordering::Relaxed))
    }

    const ONE: &str = "INSERT INTO number VALUES (1)";
    const TWO: &str = "INSERT INTO number VALUES (2)";
    const HALF: &str = "INSERT INTO number VALUES (5); INSERT INTO absent VALUES (5)";
    const UNCOMMITTABLE: &str = "INSERT INTO bad VALUES (13)";
    const LOST: &str = "ROLLBACK; INSERT INTO absent VALUES (1)";

    #[test]
    fn acts_that_wait_together_share_a_commit() {
        assert_eq!(settle(&writer(), [ONE, TWO]), ([true, true], 2, 1));
    }

    #[test]
    fn act_that_fails_is_undone_alone() {
        assert_eq!(settle(&writer(), [ONE, HALF, TWO]), ([true, false, true], 2, 1));
    }

    #[test]
    fn acts_that_all_fail_commit_nothing() {
        assert_eq!(settle(&writer(), [HALF, HALF]), ([false, false], 0, 0));
    }

    #[test]
    fn failed_commit_fails_every_act_of_it() {
        let outcome = settle(&writer(), [ONE, UNCOMMITTABLE, TWO]);
        assert_eq!(outcome, ([false, false, false], 0, 0));
    }

    #[test]
    fn transaction_that_an_error_rolled_back_fails_every_act_of_it() {
        assert_eq!(settle(&writer(), [ONE, LOST, TWO]), ([false, false, false], 0, 0));
    }

    #[test]
    fn writer_goes_on_after_a_lost_transaction() {
        let writer = writer();
        settle(&writer, [UNCOMMITTABLE]);
        settle(&writer, [LOST]);
        assert_eq!(settle(&writer, [ONE]), ([true], 1, 1));
    }

    #[test]
    fn dropped_committer_finishes_what_waits() {
        let connection = writer().connection;
        let committer = Committer::start(connection, Path::new("test.db").into()).unwrap();
        let answers = [ONE, TWO].map(|sql| {
            let (job, answered) = job(sql);
            committer.queue.as_ref().unwrap().send(job).unwrap();
            answered
        });
        drop(committer);
        assert!(answers.into_iter().all(|answered| answered.try_recv().unwrap().is_ok()));
    }
}
