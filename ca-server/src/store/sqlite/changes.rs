//! The feed of changes, in SQL: written in the transaction of the act, so that an entry exists if
//! and only if the act does.

use ca_core::store::{Change, Page, StoreError};
use rusqlite::{Connection, Row, params};

use super::super::columns::{signed, unsigned};
use super::fault::Fault;
use super::standings;

/// Records that the act of this transaction has touched a certificate, by its position.
pub(super) fn record(connection: &Connection, certificate: u64) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO change (certificate) VALUES (?1)")?
        .execute([signed(certificate)])?;
    Ok(())
}

pub(super) fn page(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<Page<Change>, Fault> {
    // Outer joins: what went missing is damage, not a shorter feed.
    let mut select = connection.prepare_cached(
        "SELECT change.position, certificate.issuer, certificate.serial, certificate.state, \
         revocation.revoked_at, revocation.reason, revocation.invalid_since, \
         revocation.not_after, revocation.digest \
         FROM change \
         LEFT JOIN certificate ON certificate.position = change.certificate \
         LEFT JOIN revocation ON revocation.issuer = certificate.issuer \
         AND revocation.serial = certificate.serial \
         WHERE change.position > ?1 ORDER BY change.position LIMIT ?2",
    )?;
    let rows = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    // Positions beyond the signed numbers do not exist.
    let from = i64::try_from(after).unwrap_or(i64::MAX);
    let mut rows = select.query(params![from, rows])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if found.is_empty() {
            check_kept(connection, unsigned(row.get("position")?), after)?;
        }
        found.push(read(row, after.saturating_add(found.len() as u64).saturating_add(1))?);
    }
    Ok(Page::cut(found, limit))
}

pub(super) fn last(connection: &Connection) -> Result<u64, Fault> {
    let mut select = connection.prepare_cached("SELECT coalesce(max(position), 0) FROM change")?;
    Ok(unsigned(select.query_row((), |row| row.get(0))?))
}

/// The last one stays: SQLite gives the next row the number after it.
pub(super) fn trim(connection: &Connection, before: u64, limit: usize) -> Result<usize, Fault> {
    let end = first(connection)?.saturating_add(u64::try_from(limit).unwrap_or(u64::MAX));
    let end = end.min(before).min(last(connection)?);
    let end = i64::try_from(end).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached("DELETE FROM change WHERE position < ?1")?.execute([end])?)
}

/// The row found first is the next one, or all before it are forgotten. The statement that found it
/// is not at its end, so that both see the same feed.
fn check_kept(connection: &Connection, found: u64, after: u64) -> Result<(), Fault> {
    if found <= after.saturating_add(1) || found != first(connection)? {
        return Ok(());
    }
    Err(Fault::Contract(StoreError::Trimmed { after, first: found }))
}

fn first(connection: &Connection) -> Result<u64, Fault> {
    let mut select = connection.prepare_cached("SELECT coalesce(min(position), 0) FROM change")?;
    Ok(unsigned(select.query_row((), |row| row.get(0))?))
}

fn read(row: &Row<'_>, expected: u64) -> Result<Change, Fault> {
    let position = unsigned(row.get(0)?);
    // Whoever missed a change would go on saying "good".
    if position != expected {
        return Err(Fault::damaged(format!("change {expected}")));
    }
    Ok(Change { position, standing: standings::read(row, 1)? })
}
