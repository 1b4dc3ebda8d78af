//! The parts of published lists, in SQL: each stored once, gone with the last list that names it.

use std::collections::{HashMap, HashSet};

use ca_core::store::ListId;
use ca_core::{Octets, Part};
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;

use super::columns::get;
use super::fault::Fault;

/// Puts the parts of `list` in the place of those of the list before, given by their digests: what
/// both have is not touched.
pub(super) async fn exchange(session: &Session, list: &Octets, before: &[u8]) -> Result<(), Fault> {
    let mut uses: HashMap<&[u8], i64> = HashMap::new();
    list.parts().iter().for_each(|part| *uses.entry(part.digest()).or_default() += 1);
    before.chunks(DIGEST).for_each(|digest| *uses.entry(digest).or_default() -= 1);
    let of = |wanted: fn(i64) -> bool| -> (Vec<&[u8]>, Vec<i64>) {
        let found = uses.iter().filter(|(_, change)| wanted(**change));
        found.map(|(digest, change)| (*digest, change.abs())).unzip()
    };
    let (more, fewer) = (of(|change| change > 0), of(|change| change < 0));
    use_less(session, &fewer).await?;
    use_more(session, list, &more).await
}

async fn use_more(
    session: &Session,
    list: &Octets,
    (digests, uses): &(Vec<&[u8]>, Vec<i64>),
) -> Result<(), Fault> {
    let statement = session.prepare_cached(MORE).await?;
    let known = session.query(&statement, &[digests, uses]).await?;
    let known: HashSet<&[u8]> = known.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
    let parts = list.parts().iter().map(|part| (&part.digest()[..], part));
    let parts: HashMap<&[u8], &Part> = parts.collect();
    let statement = session.prepare_cached(NEW).await?;
    // One by one: each may be large.
    for (digest, uses) in digests.iter().zip(uses).filter(|(digest, _)| !known.contains(*digest)) {
        if let Some(part) = parts.get(digest) {
            session.execute(&statement, &[digest, uses, &part.octets()]).await?;
        }
    }
    Ok(())
}

async fn use_less(
    session: &Session,
    (digests, uses): &(Vec<&[u8]>, Vec<i64>),
) -> Result<(), Fault> {
    for sql in [LAST, FEWER] {
        let statement = session.prepare_cached(sql).await?;
        session.execute(&statement, &[digests, uses]).await?;
    }
    Ok(())
}

/// The list made of the parts with these digests, from rows of [`OCTETS`].
pub(super) fn collect(rows: &[Row], digests: &[u8], list: &ListId) -> Result<Octets, Fault> {
    let mut parts: HashMap<[u8; DIGEST], Part> = HashMap::new();
    for row in rows {
        let part = Part::from(get::<Vec<u8>>(row, 0)?);
        parts.insert(*part.digest(), part);
    }
    let find = |digest: &[u8]| {
        let part = <[u8; DIGEST]>::try_from(digest).ok().and_then(|digest| parts.get(&digest));
        part.cloned().ok_or_else(|| Fault::damaged(format!("a part of {list}")))
    };
    digests.chunks(DIGEST).map(find).collect()
}

/// Octets of a digest.
pub(super) const DIGEST: usize = 32;
pub(super) const OCTETS: &str = "SELECT octets FROM list_part WHERE digest = ANY ($1)";
const MORE: &str = "UPDATE list_part SET uses = list_part.uses + m.uses \
     FROM unnest($1::bytea[], $2::bigint[]) AS m (digest, uses) \
     WHERE list_part.digest = m.digest RETURNING list_part.digest";
const NEW: &str = "INSERT INTO list_part (digest, uses, octets) VALUES ($1, $2, $3)";
const LAST: &str = "DELETE FROM list_part USING unnest($1::bytea[], $2::bigint[]) \
     AS f (digest, uses) WHERE list_part.digest = f.digest AND list_part.uses <= f.uses";
/// Those that the statement before has not deleted.
const FEWER: &str = "UPDATE list_part SET uses = list_part.uses - f.uses \
     FROM unnest($1::bytea[], $2::bigint[]) AS f (digest, uses) \
     WHERE list_part.digest = f.digest AND list_part.uses > f.uses";
