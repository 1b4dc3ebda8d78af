//! Stored answers, in SQL.

use ca_core::UnixTime;
use ca_core::store::{Conflict, StoredAnswer};
use rusqlite::{Connection, Row, params};

use super::super::columns::{signed, time};
use super::super::digest;
use super::fault::Fault;

/// Keeps an answer; the first one to an rrpid stands.
pub(super) fn insert(connection: &Connection, answer: &StoredAnswer) -> Result<(), Fault> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO answer (rrpid, request, lid_ca, recorded_at, digest, octets) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            answer.rrpid,
            answer.request,
            answer.lid_ca,
            signed(answer.recorded_at.as_secs()),
            digest::of_answer(answer).finish(),
            answer.octets,
        ])?;
    if inserted == 0 { Err(Conflict::Answer(answer.rrpid).into()) } else { Ok(()) }
}

pub(super) fn find(
    connection: &Connection,
    rrpid: &[u8; 20],
) -> Result<Option<StoredAnswer>, Fault> {
    let mut select = connection.prepare_cached("SELECT * FROM answer WHERE rrpid = ?1")?;
    let mut rows = select.query([rrpid])?;
    rows.next()?.map(read).transpose()
}

pub(super) fn forget(connection: &Connection, before: UnixTime) -> Result<u64, Fault> {
    let deleted = connection
        .prepare_cached("DELETE FROM answer WHERE recorded_at < ?1")?
        .execute([signed(before.as_secs())])?;
    Ok(deleted as u64)
}

fn read(row: &Row<'_>) -> Result<StoredAnswer, Fault> {
    let answer = StoredAnswer {
        rrpid: row.get("rrpid")?,
        request: row.get("request")?,
        lid_ca: row.get("lid_ca")?,
        octets: row.get("octets")?,
        recorded_at: time(row.get("recorded_at")?),
    };
    digest::of_answer(&answer)
        .check(&row.get("digest")?, || format!("answer for rrpid {:02x?}", answer.rrpid))?;
    Ok(answer)
}
