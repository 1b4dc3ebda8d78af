//! Revocations, in SQL.

use ca_core::UnixTime;
use ca_core::store::{CaId, Conflict, Revocation, RevocationReason, RevokedEntry, SerialNumber};
use rusqlite::{Connection, Row, params};

use super::certificates;
use super::changes;
use super::columns::{serial_number, signed, time};
use super::digest::RecordDigest;
use super::fault::Fault;

pub(super) fn revoke(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
    revocation: &Revocation,
) -> Result<(), Fault> {
    let record = certificates::existing(connection, issuer, serial)?;
    if record.revocation.is_some() {
        return Err(Conflict::Revoked { issuer: issuer.clone(), serial: serial.clone() }.into());
    }
    let not_after = record.intent.not_after;
    connection
        .prepare_cached(
            "INSERT INTO revocation (issuer, serial, not_after, revoked_at, reason, digest) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            issuer.as_str(),
            serial.as_octets(),
            signed(not_after.as_secs()),
            signed(revocation.at.as_secs()),
            revocation.reason.code(),
            digest(issuer, serial, not_after, revocation).finish(),
        ])?;
    connection
        .prepare_cached("UPDATE certificate SET state = 'revoked' WHERE position = ?1")?
        .execute([signed(record.position)])?;
    changes::record(connection, record.position)
}

pub(super) fn of_issuer(
    connection: &Connection,
    issuer: &CaId,
    at: UnixTime,
) -> Result<Vec<RevokedEntry>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT serial, not_after, revoked_at, reason, digest FROM revocation \
         WHERE issuer = ?1 ORDER BY serial",
    )?;
    let mut rows = select.query([issuer.as_str()])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let serial = serial_number(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        let not_after = time(row.get(1)?);
        let revocation = Revocation { at: time(row.get(2)?), reason: reason(row.get(3)?)? };
        digest(issuer, &serial, not_after, &revocation)
            .check(&row.get(4)?, || format!("revocation of {serial} of {issuer}"))?;
        // Not in the statement: a damaged notAfter must be found, not filtered by.
        if not_after >= at {
            entries.push(RevokedEntry { serial, revocation });
        }
    }
    Ok(entries)
}

/// The revocation beside a certificate, with its notAfter, from the columns `revoked_at`, `reason`,
/// `revocation_not_after` and `revocation_digest` of an outer join.
pub(super) fn read_joined(
    row: &Row<'_>,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<Option<(Revocation, UnixTime)>, Fault> {
    let Some(at) = row.get::<_, Option<i64>>("revoked_at")? else { return Ok(None) };
    let revocation = Revocation { at: time(at), reason: reason(row.get("reason")?)? };
    let not_after = time(row.get("revocation_not_after")?);
    digest(issuer, serial, not_after, &revocation)
        .check(&row.get("revocation_digest")?, || format!("revocation of {serial} of {issuer}"))?;
    Ok(Some((revocation, not_after)))
}

fn reason(code: u8) -> Result<RevocationReason, Fault> {
    RevocationReason::from_code(code)
        .ok_or_else(|| Fault::damaged(format!("revocation reason {code}")))
}

fn digest(
    issuer: &CaId,
    serial: &SerialNumber,
    not_after: UnixTime,
    revocation: &Revocation,
) -> RecordDigest {
    RecordDigest::of("revocation")
        .text(issuer.as_str())
        .octets(serial.as_octets())
        .number(not_after.as_secs())
        .number(revocation.at.as_secs())
        .number(revocation.reason.code().into())
}
