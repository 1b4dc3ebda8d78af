//! Certificates, in SQL: intents, what was issued, how they stand.

use ca_core::store::{CaId, CertificateRecord, CertificateState, Intent, SerialNumber, Word};
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::columns::{Write, array, column, get, optional_array};
use super::fault::Fault;
use super::revocations;
use crate::store::columns::{ca_id, named, serial_number, signed, tbs_of, time, unsigned};
use crate::store::digest;

/// Those that `condition` finds, with all that stands beside them.
pub(super) async fn select(
    session: &Session,
    condition: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<CertificateRecord>, Fault> {
    let statement = session.prepare_cached(&statement(condition)).await?;
    session.query(&statement, values).await?.iter().map(read).collect()
}

/// What [`select`] sends.
pub(super) fn statement(condition: &str) -> String {
    format!("{SELECT} {condition}")
}

pub(super) async fn find(
    session: &Session,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<Option<CertificateRecord>, Fault> {
    let condition = "WHERE c.issuer = $1 AND c.serial = $2";
    Ok(select(session, condition, &[&issuer.as_str(), &serial.as_octets()]).await?.pop())
}

pub(super) async fn find_by_thumbprint(
    session: &Session,
    thumbprint: &[u8],
) -> Result<Option<CertificateRecord>, Fault> {
    Ok(select(session, "WHERE c.thumbprint = $1", &[&thumbprint]).await?.pop())
}

/// The records at positions that an index has, in their order.
pub(super) async fn at(
    session: &Session,
    positions: &[u64],
) -> Result<Vec<CertificateRecord>, Fault> {
    let wanted: Vec<i64> = positions.iter().map(|at| signed(*at)).collect();
    let condition = "WHERE c.position = ANY ($1) ORDER BY c.position";
    let found = select(session, condition, &[&wanted]).await?;
    if found.len() == positions.len() {
        return Ok(found);
    }
    let missing = positions.iter().find(|at| !found.iter().any(|one| one.position == **at));
    Err(Fault::damaged(format!("certificate at position {}", missing.unwrap_or(&0))))
}

/// New rows for intents.
pub(super) fn insert<'a>(new: &'a [&CertificateRecord]) -> Write<'a> {
    Write {
        sql: INSERT,
        values: vec![
            column(new, |one| signed(one.position)),
            column(new, |one| one.intent.issuer.as_str()),
            column(new, |one| one.intent.serial.as_octets()),
            column(new, |one| one.intent.role.name()),
            column(new, |one| one.intent.key_use.name()),
            column(new, |one| one.intent.brand.as_deref()),
            column(new, |one| one.intent.subject.as_str()),
            column(new, |one| &one.intent.public_key[..]),
            column(new, |one| &one.intent.thumbprint[..]),
            column(new, |one| signed(one.intent.not_after.as_secs())),
            column(new, |one| one.intent.request.as_ref().map(|request| &request[..])),
            column(new, |one| one.intent.renews.as_ref().map(SerialNumber::as_octets)),
            column(new, |one| signed(one.intent.recorded_at.as_secs())),
            column(new, |one| digest::of_intent(&one.intent).finish().to_vec()),
            column(new, |one| &one.intent.tbs[..]),
        ],
    }
}

/// What leads to them: the words of their subjects.
pub(super) fn words(new: &[&CertificateRecord]) -> Vec<(String, i64)> {
    let words = |one: &&CertificateRecord| {
        let position = signed(one.position);
        let words = Word::of_subject(&one.intent.subject);
        words.into_iter().map(move |word| (word.as_str().to_owned(), position)).collect::<Vec<_>>()
    };
    new.iter().flat_map(words).collect()
}

pub(super) fn insert_words(words: &[(String, i64)]) -> Write<'_> {
    let values = vec![column(words, |one| one.0.as_str()), column(words, |one| one.1)];
    Write { sql: INSERT_WORDS, values }
}

/// The rows of what was issued.
pub(super) fn issue<'a>(issued: &'a [&CertificateRecord]) -> Write<'a> {
    let octets = |one: &'a &CertificateRecord| split(one).0;
    Write {
        sql: ISSUE,
        values: vec![
            column(issued, |one| signed(one.position)),
            column(issued, octets),
            column(issued, |one| split(one).1),
            column(issued, |one| {
                let intent = digest::of_intent(&one.intent).finish();
                digest::of_issued(&intent, one.der.as_deref().unwrap_or_default()).finish().to_vec()
            }),
        ],
    }
}

/// A certificate before and after its tbs; whole if it does not repeat that.
fn split(record: &CertificateRecord) -> (&[u8], Option<&[u8]>) {
    let der = record.der.as_deref().unwrap_or_default();
    let tbs = &record.intent.tbs;
    let apart = tbs_of(der).filter(|found| found == tbs).and_then(|found| {
        // Of the header's length: the first element comes right after it.
        let before = found.as_ptr().addr().checked_sub(der.as_ptr().addr())?;
        Some((der.get(..before)?, der.get(before.checked_add(found.len())?..)?))
    });
    apart.map_or((der, None), |(before, after)| (before, Some(after)))
}

/// States of those that are not simply issued.
pub(super) fn put_states<'a>(standing: &'a [&CertificateRecord]) -> Write<'a> {
    Write {
        sql: PUT_STATES,
        values: vec![
            column(standing, |one| signed(one.position)),
            column(standing, |one| one.intent.issuer.as_str()),
            column(standing, |one| one.state().name()),
        ],
    }
}

/// Forgets the states of those that are.
pub(super) fn drop_states<'a>(issued: &'a [&CertificateRecord]) -> Write<'a> {
    Write { sql: DROP_STATES, values: vec![column(issued, |one| signed(one.position))] }
}

/// A record from the columns of [`SELECT`].
pub(super) fn read(row: &Row) -> Result<CertificateRecord, Fault> {
    let intent = read_intent(row)?;
    let what = || format!("certificate {} of {}", intent.serial, intent.issuer);
    let own = digest::of_intent(&intent);
    let stored: [u8; 32] = array(row, 13)?;
    own.check(&stored, what)?;
    let der = read_issued(row, &intent)?;
    if let Some(der) = &der {
        digest::of_issued(&stored, der).check(&array(row, 17)?, what)?;
    }
    let revocation = revocations::read_joined(row, 19, &intent.issuer, &intent.serial)?
        .map(|(revocation, _)| revocation);
    let position = unsigned(get(row, 0)?);
    let record = CertificateRecord { position, intent, der, revocation };
    // What says so by itself; a revocation or a certificate that went missing shows here.
    if record.state().name() != state_name(row, 18)? {
        let Intent { issuer, serial, .. } = &record.intent;
        return Err(Fault::damaged(format!("state of certificate {serial} of {issuer}")));
    }
    Ok(record)
}

/// The state in a column of `certificate_state`: issued, if it is empty.
pub(super) fn state_name(row: &Row, column: usize) -> Result<&str, Fault> {
    Ok(get::<Option<&str>>(row, column)?.unwrap_or(CertificateState::Issued.name()))
}

fn read_intent(row: &Row) -> Result<Intent, Fault> {
    Ok(Intent {
        issuer: ca_id(get(row, 1)?)?,
        serial: serial_number(get(row, 2)?)?,
        role: named(get(row, 3)?)?,
        key_use: named(get(row, 4)?)?,
        brand: get(row, 5)?,
        subject: get(row, 6)?,
        public_key: array(row, 7)?,
        thumbprint: get(row, 8)?,
        not_after: time(get(row, 9)?),
        request: optional_array(row, 10)?,
        renews: get::<Option<&[u8]>>(row, 11)?.map(serial_number).transpose()?,
        recorded_at: time(get(row, 12)?),
        tbs: get(row, 14)?,
    })
}

fn read_issued(row: &Row, intent: &Intent) -> Result<Option<Vec<u8>>, Fault> {
    let Some(octets) = get::<Option<&[u8]>>(row, 15)? else { return Ok(None) };
    Ok(Some(match get::<Option<&[u8]>>(row, 16)? {
        Some(rest) => [octets, &intent.tbs, rest].concat(),
        None => octets.to_vec(),
    }))
}

/// A certificate and all that stands beside it: the columns that [`read`] counts.
const SELECT: &str = "SELECT c.position, c.issuer, c.serial, c.role, c.key_use, c.brand, \
     c.subject, c.public_key, c.thumbprint, c.not_after, c.request, c.renews, c.recorded_at, \
     c.digest, c.tbs, i.octets, i.rest, i.digest, s.state, r.revoked_at, r.reason, \
     r.invalid_since, r.not_after, r.digest FROM certificate c \
     LEFT JOIN issued i ON i.position = c.position \
     LEFT JOIN certificate_state s ON s.position = c.position \
     LEFT JOIN revocation r ON r.issuer = c.issuer AND r.serial = c.serial";
pub(super) const INSERT: &str = "INSERT INTO certificate (position, issuer, serial, role, key_use, \
     brand, subject, public_key, thumbprint, not_after, request, renews, recorded_at, digest, tbs) \
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::text[], $5::text[], \
     $6::text[], $7::text[], $8::bytea[], $9::bytea[], $10::bigint[], $11::bytea[], $12::bytea[], \
     $13::bigint[], $14::bytea[], $15::bytea[])";
pub(super) const INSERT_WORDS: &str = "INSERT INTO subject_word (word, certificate) \
     SELECT * FROM unnest($1::text[], $2::bigint[])";
pub(super) const ISSUE: &str = "INSERT INTO issued (position, octets, rest, digest) \
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[])";
pub(super) const PUT_STATES: &str = "INSERT INTO certificate_state (position, issuer, state) \
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) \
     ON CONFLICT (position) DO UPDATE SET state = excluded.state";
pub(super) const DROP_STATES: &str =
    "DELETE FROM certificate_state WHERE position = ANY ($1::bigint[])";
