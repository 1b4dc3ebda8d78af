//! One transaction of acts: everything is read after the head is locked, decided here, and written
//! at once.

use std::time::Duration;

use ca_core::UnixTime;
use ca_core::audit::{Acting, AuditEntry};
use ca_core::store::{RegistrationRecord, RevocationOrder, StoreError};
use deadpool_postgres::ClientWrapper as Session;

use super::act::{Common, Done, Needs, Rare};
use super::audit::Appended;
use super::columns::{Write, value};
use super::fault::Fault;
use super::head::Head;
use super::slice::{Loaded, Slice, send};
use super::{answers, audit, changes, hierarchy, lists, registrations};

/// What each act came to.
pub(super) type Outcomes = Vec<Result<u64, StoreError>>;

/// What is done in one transaction.
pub(super) enum Work<'a> {
    Common(Vec<&'a Common>),
    Rare(&'a Rare),
}

/// A transaction that was not seen to be committed.
pub(super) enum Trouble {
    /// It was not.
    Failed(Fault),
    /// It was or was not: the connection was lost while it ended.
    Unknown(Fault, Outcomes),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// A transaction that went through.
pub(super) struct Settled {
    pub(super) outcomes: Outcomes,
    /// Position of the last change, if something was written.
    pub(super) change: Option<u64>,
}

/// Whose transaction it is.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// Of the process.
    pub(super) writer: [u8; 16],
    /// Which of its transactions.
    pub(super) batch: i64,
    /// The database tells others of changes.
    pub(super) notifies: bool,
}

impl Mark {
    /// What ends a transaction: after the process's own row, so that it can find out whether it
    /// came to its end.
    fn end(self, head: u64, before: u64) -> Vec<Write<'static>> {
        let writer = vec![value(self.writer.to_vec()), value(self.batch)];
        let mut writes = vec![Write { sql: SIGN, values: writer }];
        if self.notifies && head != before {
            writes.push(Write { sql: NOTIFY, values: vec![value(head.to_string())] });
        }
        writes.push(Write { sql: COMMIT, values: Vec::new() });
        writes
    }

    /// Position of the last change if the transaction was committed: the lock waits until it has
    /// ended one way or the other.
    pub(super) async fn committed(self, session: &Session) -> Result<Option<u64>, Fault> {
        session.batch_execute(BEGIN).await?;
        let head = Head::lock(session).await?;
        let sql = "SELECT 1 FROM writer WHERE id = $1 AND batch = $2";
        let statement = session.prepare_cached(sql).await?;
        let row = session.query_opt(&statement, &[&&self.writer[..], &self.batch]).await?;
        session.batch_execute(ROLLBACK).await?;
        Ok(row.map(|_| head.change))
    }
}

/// Runs one transaction. After an error that leaves the connection whole it is still open.
pub(super) async fn run(
    session: &Session,
    work: &Work<'_>,
    mark: Mark,
) -> Result<Settled, Trouble> {
    match work {
        Work::Common(acts) => common(session, acts, mark).await,
        Work::Rare(act) => rare(session, act, mark).await,
    }
}

async fn common(session: &Session, acts: &[&Common], mark: Mark) -> Result<Settled, Trouble> {
    let needs = Needs::of(acts);
    // Sent in this order without waiting in between; each statement sees what was committed before
    // it began, and those after the lock begin when it is ours.
    let read = async {
        let (begun, head, loaded) = tokio::join!(
            biased;
            session.batch_execute(BEGIN),
            Head::lock(session),
            Loaded::from(session, &needs)
        );
        begun?;
        Ok((head?, loaded?))
    };
    let (mut head, loaded) = in_time("what acts build on", LATE, read).await?;
    let (mut slice, mut done) = (Slice::new(&head, loaded), Done::default());
    let outcomes: Outcomes = acts.iter().map(|act| act.run(&mut slice, &mut done)).collect();
    if outcomes.iter().all(Result::is_err) {
        session.batch_execute(ROLLBACK).await.map_err(Fault::from)?;
        return Ok(Settled { outcomes, change: None });
    }
    let before = head.change;
    let change = before.saturating_add(slice.model().changes().len() as u64);
    let written = slice.write(session, &mut head, &done, mark.end(change, before));
    match in_time("commit", LATE, written).await {
        Ok(()) => Ok(Settled { outcomes, change: Some(change) }),
        Err(fault) if fault.spoils_connection() => Err(Trouble::Unknown(fault, outcomes)),
        Err(fault) => Err(Trouble::Failed(fault)),
    }
}

async fn rare(session: &Session, act: &Rare, mark: Mark) -> Result<Settled, Trouble> {
    let begun = async {
        session.batch_execute(BEGIN).await?;
        Head::lock(session).await
    };
    let mut head = in_time("the lock", LATE, begun).await?;
    let before = head.change;
    let outcome = match in_time("a long act", VERY_LATE, perform(session, act, &mut head)).await {
        Ok(number) => Ok(number),
        Err(Fault::Contract(error)) => {
            session.batch_execute(ROLLBACK).await.map_err(Fault::from)?;
            return Ok(Settled { outcomes: vec![Err(error)], change: None });
        }
        Err(fault) => return Err(fault.into()),
    };
    let mut writes = vec![head.write()];
    writes.extend(mark.end(head.change, before));
    match in_time("commit", LATE, send(session, &writes)).await {
        Ok(()) => Ok(Settled { outcomes: vec![outcome], change: Some(head.change) }),
        Err(fault) if fault.spoils_connection() => Err(Trouble::Unknown(fault, vec![outcome])),
        Err(fault) => Err(Trouble::Failed(fault)),
    }
}

/// Does a rare act in the transaction; returns its number, if it has one.
async fn perform(session: &Session, act: &Rare, head: &mut Head) -> Result<u64, Fault> {
    match act {
        Rare::Ca(ca, acting) => {
            head.ca = head.ca.saturating_add(1);
            hierarchy::insert(session, ca, head.ca).await?;
            log(session, head, AuditEntry::of_ca(acting, ca)).await
        }
        Rare::CaCertificate(ca, certificate, acting) => {
            hierarchy::put_in_force(session, ca, certificate).await?;
            log(session, head, AuditEntry::of_ca_certificate(acting, ca, certificate)).await
        }
        Rare::ForgetAnswers(before) => {
            while forget_sealed(session, *before).await? == registrations::IDLE_AT_ONCE {}
            answers::forget(session, *before).await
        }
        Rare::TrimChanges { before, limit } => {
            changes::trim(session, *before, *limit, head.change).await
        }
        Rare::List(list, acting) => {
            lists::record(session, list).await?;
            log(session, head, AuditEntry::of_list(acting, list)).await
        }
        Rare::Checkpoint { size, note } => {
            audit::keep(session, *size, note, head.tree.size()).await
        }
        Rare::RevokeMany(orders, acting) => {
            let mut count = 0_u64;
            for orders in orders.chunks(ORDERS) {
                count = count.saturating_add(revoke(session, orders, acting, head).await?);
            }
            Ok(count)
        }
    }
}

async fn log(session: &Session, head: &mut Head, entry: AuditEntry) -> Result<u64, Fault> {
    let appended = Appended::to(&mut head.tree, &[entry]);
    send(session, &appended.writes()).await?;
    Ok(1)
}

/// Drops what is sealed in some of the registrations that need it no more; returns in how many.
async fn forget_sealed(session: &Session, before: UnixTime) -> Result<usize, Fault> {
    let mut idle = registrations::idle(session, before).await?;
    for RegistrationRecord { registration, .. } in &mut idle {
        registration.sealed = None;
        registration.revision = registration.revision.saturating_add(1);
    }
    let written = idle.iter().map(registrations::Written::of).collect::<Result<Vec<_>, _>>()?;
    if !written.is_empty() {
        send(session, &[registrations::put(&written)]).await?;
    }
    Ok(idle.len())
}

async fn revoke(
    session: &Session,
    orders: &[RevocationOrder],
    acting: &Acting,
    head: &mut Head,
) -> Result<u64, Fault> {
    let mut needs = Needs::default();
    needs.orders(orders);
    let mut slice = Slice::new(head, Loaded::from(session, &needs).await?);
    let entries = slice.model().revoke_all(orders, acting)?;
    let count = entries.len() as u64;
    let done = Done { entries, ..Done::default() };
    slice.write(session, head, &done, Vec::new()).await?;
    Ok(count)
}

/// What takes longer will not come.
pub(super) async fn in_time<T>(
    what: &'static str,
    limit: Duration,
    future: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    tokio::time::timeout(limit, future).await.unwrap_or(Err(Fault::Late(what)))
}

/// How long the database may take for one step.
pub(super) const LATE: Duration = Duration::from_secs(6);
/// And for an act on a hundred thousand certificates, or a list of a million.
const VERY_LATE: Duration = Duration::from_secs(120);
/// Certificates that are revoked by one set of statements.
pub(super) const ORDERS: usize = 4_000;
/// Under the lock of the head READ COMMITTED is as good as one after another: a statement after it
/// sees all that was committed before.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
pub(super) const ROLLBACK: &str = "ROLLBACK";
const COMMIT: &str = "COMMIT";
const SIGN: &str = "INSERT INTO writer (id, batch) VALUES ($1, $2) \
     ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, written_at = now()";
const NOTIFY: &str = "SELECT pg_notify('setca_change', $1)";
