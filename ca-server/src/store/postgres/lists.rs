//! List numbers and published lists, in SQL.

use std::collections::{BTreeMap, BTreeSet};

use ca_core::store::{Conflict, ListHead, ListId, PublishedList};
use deadpool_postgres::{ClientWrapper as Session, Object};
use sha2::{Digest as _, Sha256};
use tokio_postgres::{IsolationLevel, Row};

use super::columns::{Write, array, get, value};
use super::fault::Fault;
use super::parts;
use crate::store::columns::{list_id, list_key, signed, time, unsigned};
use crate::store::digest;

/// The numbers that lists were given or published under last; nothing of one that has none.
pub(super) async fn numbers(
    session: &Session,
    lists: &BTreeSet<&ListId>,
) -> Result<BTreeMap<ListId, u64>, Fault> {
    let keys: Vec<_> = lists.iter().map(|list| list_key(list)).collect();
    let kinds: Vec<&str> = keys.iter().map(|(kind, _)| *kind).collect();
    let names: Vec<&str> = keys.iter().map(|(_, name)| &**name).collect();
    let statement = session.prepare_cached(NUMBERS).await?;
    let mut numbers = BTreeMap::new();
    for row in session.query(&statement, &[&kinds, &names]).await? {
        let number = numbers.entry(list_id(get(&row, 0)?, get(&row, 1)?)?).or_default();
        *number = unsigned(get(&row, 2)?).max(*number);
    }
    Ok(numbers)
}

/// Writes the numbers that were given last.
pub(super) fn put_numbers(given: &[(&ListId, u64)]) -> Write<'static> {
    let name = |(list, _): &(&ListId, u64)| list_key(list).1.into_owned();
    Write {
        sql: PUT_NUMBERS,
        values: vec![
            value(given.iter().map(|(list, _)| list.kind()).collect::<Vec<_>>()),
            value(given.iter().map(name).collect::<Vec<_>>()),
            value(given.iter().map(|(_, number)| signed(*number)).collect::<Vec<_>>()),
        ],
    }
}

pub(super) async fn record(session: &Session, list: &PublishedList) -> Result<(), Fault> {
    let before = row(session, &list.list).await?;
    if let Some(current) = &before
        && current.head.number >= list.number
    {
        let (list, offered) = (list.list.clone(), list.number);
        return Err(Conflict::ListNumber { list, published: current.head.number, offered }.into());
    }
    let digests: Vec<u8> = list.der.parts().iter().flat_map(|part| *part.digest()).collect();
    parts::exchange(session, &list.der, &before.map_or(Vec::new(), |before| before.parts)).await?;
    let (kind, name) = list_key(&list.list);
    let content: [u8; 32] = Sha256::digest(&digests).into();
    let digest = digest::of_list(&list.head(), &content).finish();
    let statement = session.prepare_cached(PUT).await?;
    session
        .execute(
            &statement,
            &[
                &kind,
                &&*name,
                &signed(list.number),
                &signed(list.this_update.as_secs()),
                &signed(list.next_update.as_secs()),
                &signed(list.der.len() as u64),
                &&content[..],
                &&digest[..],
                &digests,
            ],
        )
        .await?;
    Ok(())
}

pub(super) async fn find(
    session: &mut Object,
    list: &ListId,
) -> Result<Option<PublishedList>, Fault> {
    // One state of the store: the parts may be replaced meanwhile.
    let level = IsolationLevel::RepeatableRead;
    let state = session.build_transaction().isolation_level(level).read_only(true).start().await?;
    let (kind, name) = list_key(list);
    let statement = state.prepare_cached(&format!("SELECT {HEAD}, parts {OF}")).await?;
    let Some(found) = state.query_opt(&statement, &[&kind, &&*name]).await? else {
        return Ok(None);
    };
    let ListRow { head, parts } = read_row(&found, list)?;
    let statement = state.prepare_cached(parts::OCTETS).await?;
    let wanted: Vec<&[u8]> = parts.chunks(parts::DIGEST).collect();
    let rows = state.query(&statement, &[&wanted]).await?;
    state.commit().await?;
    let der = parts::collect(&rows, &parts, list)?;
    let ListHead { list, number, this_update, next_update, len } = head;
    if der.len() != len {
        return Err(Fault::damaged(list.to_string()));
    }
    Ok(Some(PublishedList { list, number, der, this_update, next_update }))
}

pub(super) async fn head(session: &Session, list: &ListId) -> Result<Option<ListHead>, Fault> {
    let (kind, name) = list_key(list);
    let statement = session.prepare_cached(&format!("SELECT {HEAD} {OF}")).await?;
    let row = session.query_opt(&statement, &[&kind, &&*name]).await?;
    row.map(|row| read_head(&row, list)).transpose()
}

pub(super) async fn heads(session: &Session) -> Result<Vec<ListHead>, Fault> {
    let sql = format!("SELECT {HEAD}, kind, name FROM published_list");
    let statement = session.prepare_cached(&sql).await?;
    let mut found = Vec::new();
    for row in session.query(&statement, &[]).await? {
        let list = list_id(get(&row, 6)?, get(&row, 7)?)?;
        found.push(read_head(&row, &list)?);
    }
    found.sort_by(|one, other| one.list.cmp(&other.list));
    Ok(found)
}

/// A row of `published_list`.
struct ListRow {
    head: ListHead,
    /// Digests of the parts.
    parts: Vec<u8>,
}

async fn row(session: &Session, list: &ListId) -> Result<Option<ListRow>, Fault> {
    let (kind, name) = list_key(list);
    let statement = session.prepare_cached(&format!("SELECT {HEAD}, parts {OF}")).await?;
    let row = session.query_opt(&statement, &[&kind, &&*name]).await?;
    row.map(|row| read_row(&row, list)).transpose()
}

fn read_row(row: &Row, list: &ListId) -> Result<ListRow, Fault> {
    let (head, parts) = (read_head(row, list)?, get::<Vec<u8>>(row, 6)?);
    if Sha256::digest(&parts)[..] != *get::<&[u8]>(row, 4)? {
        return Err(Fault::damaged(list.to_string()));
    }
    Ok(ListRow { head, parts })
}

fn read_head(row: &Row, list: &ListId) -> Result<ListHead, Fault> {
    let len = unsigned(get(row, 3)?);
    let head = ListHead {
        list: list.clone(),
        number: unsigned(get(row, 0)?),
        this_update: time(get(row, 1)?),
        next_update: time(get(row, 2)?),
        len: usize::try_from(len).map_err(|_| Fault::damaged(format!("length of {list}")))?,
    };
    digest::of_list(&head, &array(row, 4)?).check(&array(row, 5)?, || list.to_string())?;
    Ok(head)
}

pub(super) const NUMBERS: &str = "SELECT l.kind, l.name, l.number FROM \
     unnest($1::text[], $2::text[]) AS n (kind, name) \
     JOIN list_number l ON l.kind = n.kind AND l.name = n.name \
     UNION ALL SELECT p.kind, p.name, p.number FROM unnest($1::text[], $2::text[]) AS n (kind, name) \
     JOIN published_list p ON p.kind = n.kind AND p.name = n.name";
pub(super) const PUT_NUMBERS: &str = "INSERT INTO list_number (kind, name, number) \
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) \
     ON CONFLICT (kind, name) DO UPDATE SET number = excluded.number";
const HEAD: &str = "number, this_update, next_update, len, content, digest";
const OF: &str = "FROM published_list WHERE kind = $1 AND name = $2";
const PUT: &str = "INSERT INTO published_list (kind, name, number, this_update, next_update, len, \
     content, digest, parts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
     ON CONFLICT (kind, name) DO UPDATE SET number = excluded.number, \
     this_update = excluded.this_update, next_update = excluded.next_update, len = excluded.len, \
     content = excluded.content, digest = excluded.digest, parts = excluded.parts";
