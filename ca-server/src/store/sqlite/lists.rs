//! List numbers and published lists, in SQL.

use ca_core::store::{Conflict, ListHead, ListId, PublishedList};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use super::super::columns::{list_id, list_key, signed, time, unsigned};
use super::super::digest;
use super::fault::Fault;
use super::parts;

pub(super) fn next_number(connection: &Connection, list: &ListId) -> Result<u64, Fault> {
    let (kind, name) = list_key(list);
    let reserved = number(connection, "SELECT number FROM list_number", list)?;
    let published = number(connection, "SELECT number FROM published_list", list)?;
    let next = reserved.max(published).saturating_add(1);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO list_number (kind, name, number) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![kind, name, signed(next)])?;
    Ok(next)
}

pub(super) fn record(connection: &Connection, list: &PublishedList) -> Result<(), Fault> {
    let before = row(connection, &list.list)?;
    if let Some(current) = &before
        && current.head.number >= list.number
    {
        let (list, offered) = (list.list.clone(), list.number);
        return Err(Conflict::ListNumber { list, published: current.head.number, offered }.into());
    }
    let parts: Vec<u8> = list.der.parts().iter().flat_map(|part| *part.digest()).collect();
    parts::exchange(connection, &list.der, before.map_or(Vec::new(), |before| before.parts))?;
    let (kind, name) = list_key(&list.list);
    let content: [u8; 32] = Sha256::digest(&parts).into();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO published_list \
             (kind, name, number, this_update, next_update, len, content, digest, parts) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            kind,
            name,
            signed(list.number),
            signed(list.this_update.as_secs()),
            signed(list.next_update.as_secs()),
            signed(list.der.len() as u64),
            content,
            digest::of_list(&list.head(), &content).finish(),
            parts,
        ])?;
    Ok(())
}

pub(super) fn find(connection: &Connection, list: &ListId) -> Result<Option<PublishedList>, Fault> {
    // One state of the file: the parts may be replaced meanwhile.
    let state = connection.unchecked_transaction()?;
    let Some(ListRow { head, parts }) = row(&state, list)? else { return Ok(None) };
    let der = parts::collect(&state, &parts, list)?;
    let ListHead { list, number, this_update, next_update, len } = head;
    if der.len() != len {
        return Err(Fault::damaged(list.to_string()));
    }
    Ok(Some(PublishedList { list, number, der, this_update, next_update }))
}

pub(super) fn head(connection: &Connection, list: &ListId) -> Result<Option<ListHead>, Fault> {
    let (kind, name) = list_key(list);
    let mut select =
        connection.prepare_cached(&format!("SELECT {HEAD} FROM published_list {WHERE_KEY}"))?;
    let mut rows = select.query([kind, &*name])?;
    rows.next()?.map(|row| read_head(row, list)).transpose()
}

pub(super) fn heads(connection: &Connection) -> Result<Vec<ListHead>, Fault> {
    let mut select = connection.prepare_cached(&format!("SELECT {HEAD} FROM published_list"))?;
    let mut rows = select.query(())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, name): (String, String) = (row.get("kind")?, row.get("name")?);
        let list = list_id(&kind, &name)?;
        found.push(read_head(row, &list)?);
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

fn row(connection: &Connection, list: &ListId) -> Result<Option<ListRow>, Fault> {
    let (kind, name) = list_key(list);
    let mut select = connection
        .prepare_cached(&format!("SELECT {HEAD}, parts FROM published_list {WHERE_KEY}"))?;
    let mut rows = select.query([kind, &*name])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (head, parts) = (read_head(row, list)?, row.get::<_, Vec<u8>>("parts")?);
    if Sha256::digest(&parts)[..] != row.get::<_, [u8; 32]>("content")? {
        return Err(Fault::damaged(list.to_string()));
    }
    Ok(Some(ListRow { head, parts }))
}

/// The number of `list` in the table of `select`, 0 if it has none.
fn number(connection: &Connection, select: &str, list: &ListId) -> Result<u64, Fault> {
    let (kind, name) = list_key(list);
    let mut select = connection.prepare_cached(&format!("{select} {WHERE_KEY}"))?;
    let number = select.query_row([kind, &*name], |row| row.get::<_, i64>(0)).optional()?;
    Ok(number.map_or(0, unsigned))
}

fn read_head(row: &Row<'_>, list: &ListId) -> Result<ListHead, Fault> {
    let len = unsigned(row.get("len")?);
    let head = ListHead {
        list: list.clone(),
        number: unsigned(row.get("number")?),
        this_update: time(row.get("this_update")?),
        next_update: time(row.get("next_update")?),
        len: usize::try_from(len).map_err(|_| Fault::damaged(format!("length of {list}")))?,
    };
    digest::of_list(&head, &row.get("content")?).check(&row.get("digest")?, || list.to_string())?;
    Ok(head)
}

/// All columns but the parts: with a million entries, those fill pages of their own.
const HEAD: &str = "kind, name, number, this_update, next_update, len, content, digest";
const WHERE_KEY: &str = "WHERE kind = ?1 AND name = ?2";
