//! The feed of changes, in SQL: written in the transaction of the act, so that an entry exists if
//! and only if the act does.

use ca_core::store::{Change, Page};
use rusqlite::{Connection, Row, params};

use super::columns::{signed, unsigned};
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
         revocation.not_after AS revocation_not_after, revocation.digest AS revocation_digest \
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
        found.push(read(row, after.saturating_add(found.len() as u64).saturating_add(1))?);
    }
    Ok(Page::cut(found, limit))
}

pub(super) fn last(connection: &Connection) -> Result<u64, Fault> {
    let mut select = connection.prepare_cached("SELECT coalesce(max(position), 0) FROM change")?;
    Ok(unsigned(select.query_row((), |row| row.get(0))?))
}

fn read(row: &Row<'_>, expected: u64) -> Result<Change, Fault> {
    let position = unsigned(row.get("position")?);
    // Whoever missed a change would go on saying "good".
    if position != expected {
        return Err(Fault::damaged(format!("change {expected}")));
    }
    Ok(Change { position, standing: standings::read(row)? })
}
