//! Revocations, in SQL.

use ca_core::UnixTime;
use ca_core::store::{CaId, Conflict, Revocation, RevocationOrder, RevokedEntry, SerialNumber};
use rusqlite::{Connection, Row, params};

use super::super::columns::{reason, serial_number, signed, time};
use super::super::digest;
use super::certificates;
use super::changes;
use super::fault::Fault;

pub(super) fn revoke(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
    revocation: &Revocation,
) -> Result<(), Fault> {
    if record(connection, issuer, serial, *revocation)? {
        return Ok(());
    }
    Err(Conflict::Revoked { issuer: issuer.clone(), serial: *serial }.into())
}

/// Revokes what is not revoked yet; returns those.
pub(super) fn revoke_all(
    connection: &Connection,
    orders: &[RevocationOrder],
) -> Result<Vec<RevocationOrder>, Fault> {
    let mut revoked = Vec::new();
    for order in orders {
        let RevocationOrder { issuer, serial, revocation } = order;
        if record(connection, issuer, serial, *revocation)? {
            revoked.push(order.clone());
        }
    }
    Ok(revoked)
}

/// Takes a hold back.
pub(super) fn release(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<(), Fault> {
    let record = certificates::existing(connection, issuer, serial)?;
    if !record.revocation.is_some_and(|standing| standing.is_hold()) {
        return Err(Conflict::NotHeld { issuer: issuer.clone(), serial: *serial }.into());
    }
    connection
        .prepare_cached("DELETE FROM revocation WHERE issuer = ?1 AND serial = ?2")?
        .execute(params![issuer.as_str(), serial.as_octets()])?;
    let before = if record.der.is_some() { "issued" } else { "intent" };
    set_state(connection, record.position, before)
}

/// False if the certificate is revoked already, and stays as it is.
fn record(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
    revocation: Revocation,
) -> Result<bool, Fault> {
    let record = certificates::existing(connection, issuer, serial)?;
    let Some(revocation) = revocation.over(record.revocation) else { return Ok(false) };
    let not_after = record.intent.not_after;
    // Replaced is a hold only: see Revocation::over.
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO revocation \
             (issuer, serial, not_after, revoked_at, reason, invalid_since, digest) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            issuer.as_str(),
            serial.as_octets(),
            signed(not_after.as_secs()),
            signed(revocation.at.as_secs()),
            revocation.reason.code(),
            revocation.invalid_since.map(|since| signed(since.as_secs())),
            digest::of_revocation(issuer, serial, not_after, &revocation).finish(),
        ])?;
    set_state(connection, record.position, "revoked")?;
    Ok(true)
}

fn set_state(connection: &Connection, position: u64, state: &str) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE certificate SET state = ?2 WHERE position = ?1")?
        .execute(params![signed(position), state])?;
    changes::record(connection, position)
}

pub(super) fn of_issuer(
    connection: &Connection,
    issuer: &CaId,
    at: UnixTime,
) -> Result<Vec<RevokedEntry>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT serial, not_after, revoked_at, reason, invalid_since, digest FROM revocation \
         WHERE issuer = ?1 ORDER BY serial",
    )?;
    let mut rows = select.query([issuer.as_str()])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let serial = serial_number(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        let not_after = time(row.get(1)?);
        let revocation = Revocation {
            at: time(row.get(2)?),
            reason: reason(row.get(3)?)?,
            invalid_since: row.get::<_, Option<i64>>(4)?.map(time),
        };
        digest::of_revocation(issuer, &serial, not_after, &revocation)
            .check(&row.get(5)?, || format!("revocation of {serial} of {issuer}"))?;
        // Not in the statement: a damaged notAfter must be found, not filtered by.
        if not_after >= at {
            entries.push(RevokedEntry { serial, revocation });
        }
    }
    Ok(entries)
}

/// The revocation beside a certificate, with its notAfter, from the columns of an outer join from
/// `first` on: `revoked_at`, `reason`, `invalid_since`, `not_after`, `digest`.
pub(super) fn read_joined(
    row: &Row<'_>,
    first: usize,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<Option<(Revocation, UnixTime)>, Fault> {
    let Some(at) = row.get::<_, Option<i64>>(first)? else { return Ok(None) };
    let revocation = Revocation {
        at: time(at),
        reason: reason(row.get(first + 1)?)?,
        invalid_since: row.get::<_, Option<i64>>(first + 2)?.map(time),
    };
    let not_after = time(row.get(first + 3)?);
    digest::of_revocation(issuer, serial, not_after, &revocation)
        .check(&row.get(first + 4)?, || format!("revocation of {serial} of {issuer}"))?;
    Ok(Some((revocation, not_after)))
}
