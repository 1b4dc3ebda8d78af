//! List numbers and published lists, in SQL.

use ca_core::store::{Conflict, ListId, PublishedList};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::columns::{signed, time, unsigned};
use super::digest::RecordDigest;
use super::fault::Fault;

pub(super) fn next_number(connection: &Connection, list: &ListId) -> Result<u64, Fault> {
    let (kind, name) = key(list);
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
    if let Some(current) = find(connection, &list.list)?
        && current.number >= list.number
    {
        let (list, offered) = (list.list.clone(), list.number);
        return Err(Conflict::ListNumber { list, published: current.number, offered }.into());
    }
    let (kind, name) = key(&list.list);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO published_list \
             (kind, name, number, this_update, next_update, digest, der) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            kind,
            name,
            signed(list.number),
            signed(list.this_update.as_secs()),
            signed(list.next_update.as_secs()),
            digest(list).finish(),
            list.der,
        ])?;
    Ok(())
}

pub(super) fn find(connection: &Connection, list: &ListId) -> Result<Option<PublishedList>, Fault> {
    let (kind, name) = key(list);
    let mut select =
        connection.prepare_cached("SELECT * FROM published_list WHERE kind = ?1 AND name = ?2")?;
    let mut rows = select.query([kind, name])?;
    rows.next()?.map(|row| read(row, list)).transpose()
}

/// The number of `list` in the table of `select`, 0 if it has none.
fn number(connection: &Connection, select: &str, list: &ListId) -> Result<u64, Fault> {
    let (kind, name) = key(list);
    let mut select =
        connection.prepare_cached(&format!("{select} WHERE kind = ?1 AND name = ?2"))?;
    let number = select.query_row([kind, name], |row| row.get::<_, i64>(0)).optional()?;
    Ok(number.map_or(0, unsigned))
}

fn read(row: &Row<'_>, list: &ListId) -> Result<PublishedList, Fault> {
    let published = PublishedList {
        list: list.clone(),
        number: unsigned(row.get("number")?),
        der: row.get("der")?,
        this_update: time(row.get("this_update")?),
        next_update: time(row.get("next_update")?),
    };
    digest(&published).check(&row.get("digest")?, || list.to_string())?;
    Ok(published)
}

fn key(list: &ListId) -> (&'static str, &str) {
    match list {
        ListId::Bci(brand) => ("bci", brand),
        ListId::Crl(ca) => ("crl", ca.as_str()),
    }
}

fn digest(list: &PublishedList) -> RecordDigest {
    let (kind, name) = key(&list.list);
    RecordDigest::of("published_list")
        .text(kind)
        .text(name)
        .number(list.number)
        .octets(&list.der)
        .number(list.this_update.as_secs())
        .number(list.next_update.as_secs())
}
