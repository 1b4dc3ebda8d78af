//! Stored answers, in SQL.

use ca_core::UnixTime;
use ca_core::store::StoredAnswer;
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;

use super::columns::{Write, array, column, get};
use super::fault::Fault;
use crate::store::columns::{signed, time};
use crate::store::digest;

pub(super) fn insert<'a>(answers: &'a [&StoredAnswer]) -> Write<'a> {
    Write {
        sql: INSERT,
        values: vec![
            column(answers, |one| &one.rrpid[..]),
            column(answers, |one| &one.request[..]),
            column(answers, |one| &one.lid_ca[..]),
            column(answers, |one| signed(one.recorded_at.as_secs())),
            column(answers, |one| digest::of_answer(one).finish().to_vec()),
            column(answers, |one| &one.octets[..]),
        ],
    }
}

pub(super) async fn find_all(
    session: &Session,
    rrpids: &[&[u8]],
) -> Result<Vec<StoredAnswer>, Fault> {
    let statement = session.prepare_cached(FIND).await?;
    session.query(&statement, &[&rrpids]).await?.iter().map(read).collect()
}

pub(super) async fn forget(session: &Session, before: UnixTime) -> Result<u64, Fault> {
    let statement = session.prepare_cached("DELETE FROM answer WHERE recorded_at < $1").await?;
    Ok(session.execute(&statement, &[&signed(before.as_secs())]).await?)
}

fn read(row: &Row) -> Result<StoredAnswer, Fault> {
    let answer = StoredAnswer {
        rrpid: array(row, 0)?,
        request: array(row, 1)?,
        lid_ca: get(row, 2)?,
        recorded_at: time(get(row, 3)?),
        octets: get(row, 5)?,
    };
    digest::of_answer(&answer)
        .check(&array(row, 4)?, || format!("answer for rrpid {:02x?}", answer.rrpid))?;
    Ok(answer)
}

pub(super) const FIND: &str = "SELECT rrpid, request, lid_ca, recorded_at, digest, octets \
     FROM answer WHERE rrpid = ANY ($1)";
pub(super) const INSERT: &str = "INSERT INTO answer (rrpid, request, lid_ca, recorded_at, digest, \
     octets) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[], \
     $5::bytea[], $6::bytea[])";
