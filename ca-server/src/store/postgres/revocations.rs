//! Revocations, in SQL.

use ca_core::UnixTime;
use ca_core::store::{CaId, CertificateRecord, Revocation, RevokedEntry, SerialNumber};
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;

use super::columns::{Write, array, column, get, small};
use super::fault::Fault;
use crate::store::columns::{reason, serial_number, signed, time};
use crate::store::digest;

/// A certificate and its revocation.
pub(super) type Revoked<'a> = (&'a CertificateRecord, Revocation);

pub(super) fn put<'a>(revoked: &'a [Revoked<'a>]) -> Write<'a> {
    Write {
        sql: PUT,
        values: vec![
            column(revoked, |(record, _)| record.intent.issuer.as_str()),
            column(revoked, |(record, _)| record.intent.serial.as_octets()),
            column(revoked, |(record, _)| signed(record.intent.not_after.as_secs())),
            column(revoked, |(_, revocation)| signed(revocation.at.as_secs())),
            column(revoked, |(_, revocation)| i64::from(revocation.reason.code())),
            column(revoked, |(_, revocation)| {
                revocation.invalid_since.map(|since| signed(since.as_secs()))
            }),
            column(revoked, |(CertificateRecord { intent, .. }, revocation)| {
                let (issuer, serial) = (&intent.issuer, &intent.serial);
                digest::of_revocation(issuer, serial, intent.not_after, revocation)
                    .finish()
                    .to_vec()
            }),
        ],
    }
}

/// Takes holds back.
pub(super) fn take_back<'a>(released: &'a [&CertificateRecord]) -> Write<'a> {
    Write {
        sql: TAKE_BACK,
        values: vec![
            column(released, |one| one.intent.issuer.as_str()),
            column(released, |one| one.intent.serial.as_octets()),
        ],
    }
}

pub(super) async fn of_issuer(
    session: &Session,
    issuer: &CaId,
    at: UnixTime,
) -> Result<Vec<RevokedEntry>, Fault> {
    let statement = session.prepare_cached(OF_ISSUER).await?;
    let mut entries = Vec::new();
    for row in session.query(&statement, &[&issuer.as_str()]).await? {
        let serial = serial_number(get(&row, 0)?)?;
        let Some((revocation, not_after)) = read_joined(&row, 1, issuer, &serial)? else {
            continue;
        };
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
    row: &Row,
    first: usize,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<Option<(Revocation, UnixTime)>, Fault> {
    let Some(at) = get::<Option<i64>>(row, first)? else { return Ok(None) };
    let what = || format!("revocation of {serial} of {issuer}");
    let code = small::<u8>(row, first + 1)?.ok_or_else(|| Fault::damaged(what()))?;
    let revocation = Revocation {
        at: time(at),
        reason: reason(code)?,
        invalid_since: get::<Option<i64>>(row, first + 2)?.map(time),
    };
    let not_after = time(get(row, first + 3)?);
    digest::of_revocation(issuer, serial, not_after, &revocation)
        .check(&array(row, first + 4)?, what)?;
    Ok(Some((revocation, not_after)))
}

const OF_ISSUER: &str = "SELECT serial, revoked_at, reason, invalid_since, not_after, digest \
     FROM revocation WHERE issuer = $1 ORDER BY serial";
pub(super) const PUT: &str = "INSERT INTO revocation (issuer, serial, not_after, revoked_at, \
     reason, invalid_since, digest) SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[], \
     $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[]) \
     ON CONFLICT (issuer, serial) DO UPDATE SET revoked_at = excluded.revoked_at, \
     reason = excluded.reason, invalid_since = excluded.invalid_since, digest = excluded.digest";
pub(super) const TAKE_BACK: &str = "DELETE FROM revocation WHERE (issuer, serial) IN \
     (SELECT * FROM unnest($1::text[], $2::bytea[]))";
