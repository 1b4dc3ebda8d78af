//! The feed of changes, in SQL: written in the transaction of the act, so that an entry exists if
//! and only if the act does.

use ca_core::store::{Change, Page, StoreError};
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;

use super::columns::{Write, get, value};
use super::fault::Fault;
use super::standings;
use crate::store::columns::{signed, unsigned};

/// Records what acts have touched, after the change `last`.
pub(super) fn record(last: u64, touched: &[u64]) -> Write<'static> {
    let positions: Vec<i64> =
        (last.saturating_add(1)..).zip(touched).map(|(at, _)| signed(at)).collect();
    let certificates: Vec<i64> = touched.iter().map(|at| signed(*at)).collect();
    Write { sql: RECORD, values: vec![value(positions), value(certificates)] }
}

pub(super) async fn page(
    session: &Session,
    after: u64,
    limit: usize,
) -> Result<Page<Change>, Fault> {
    let statement = session.prepare_cached(PAGE).await?;
    let rows = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    // Positions beyond the signed numbers do not exist.
    let from = i64::try_from(after).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    for row in session.query(&statement, &[&from, &rows]).await? {
        if found.is_empty() {
            check_kept(&row, after)?;
        }
        found.push(read(&row, after.saturating_add(found.len() as u64).saturating_add(1))?);
    }
    Ok(Page::cut(found, limit))
}

pub(super) async fn last(session: &Session) -> Result<u64, Fault> {
    let statement = session.prepare_cached(LAST).await?;
    Ok(unsigned(get(&session.query_one(&statement, &[]).await?, 0)?))
}

/// The last one stays.
pub(super) async fn trim(
    session: &Session,
    before: u64,
    limit: usize,
    last: u64,
) -> Result<u64, Fault> {
    let statement = session.prepare_cached("SELECT coalesce(min(position), 0) FROM change").await?;
    let first = unsigned(get(&session.query_one(&statement, &[]).await?, 0)?);
    let end = first.saturating_add(u64::try_from(limit).unwrap_or(u64::MAX));
    let end = i64::try_from(end.min(before).min(last)).unwrap_or(i64::MAX);
    let statement = session.prepare_cached("DELETE FROM change WHERE position < $1").await?;
    Ok(session.execute(&statement, &[&end]).await?)
}

/// The row found first is the next one, or all before it are forgotten: then it is the first there
/// is, in the same state of the store.
fn check_kept(row: &Row, after: u64) -> Result<(), Fault> {
    let (found, first) = (unsigned(get(row, 0)?), unsigned(get(row, 9)?));
    if found <= after.saturating_add(1) || found != first {
        return Ok(());
    }
    Err(Fault::Contract(StoreError::Trimmed { after, first: found }))
}

fn read(row: &Row, expected: u64) -> Result<Change, Fault> {
    // Whoever missed a change would go on saying "good".
    if unsigned(get(row, 0)?) != expected {
        return Err(Fault::damaged(format!("change {expected}")));
    }
    Ok(Change { position: expected, standing: standings::read(row, 1)? })
}

/// Outer joins: what went missing is damage, not a shorter feed.
const PAGE: &str = "SELECT f.position, c.issuer, c.serial, s.state, r.revoked_at, r.reason, \
     r.invalid_since, r.not_after, r.digest, (SELECT min(position) FROM change) \
     FROM (SELECT position, certificate FROM change WHERE position > $1 \
     ORDER BY position LIMIT $2) f \
     LEFT JOIN certificate c ON c.position = f.certificate \
     LEFT JOIN certificate_state s ON s.position = f.certificate \
     LEFT JOIN revocation r ON r.issuer = c.issuer AND r.serial = c.serial ORDER BY f.position";
pub(super) const RECORD: &str = "INSERT INTO change (position, certificate) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[])";
pub(super) const LAST: &str = "SELECT change FROM head WHERE id = 0";
