//! From a SQLite file into an empty database.

use std::path::Path;

use ca_core::audit::Tree;
use ca_core::store::{
    CertificateQuery, CertificateRecord, CertificateState, Last, Store as _, StoreError,
};
use deadpool_postgres::{ClientWrapper as Session, Object};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tokio_postgres::types::ToSql;

use super::{BEFORE_CERTIFICATES, Kind, TABLES, Table, Values};
use crate::store::SqliteStore;
use crate::store::columns::unsigned;
use crate::store::postgres::PostgresStore;
use crate::store::postgres::certificates;
use crate::store::postgres::columns::Value as Bound;
use crate::store::postgres::fault::Fault;
use crate::store::postgres::head::Head;

impl PostgresStore {
    /// Writes all records of the SQLite store in `path` into this one, which must be empty: all of
    /// them or none. `told` hears how many certificates of how many were written.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]… if there are records already, [`StoreError::Unavailable`] if the
    /// file or the database cannot be read or written, [`StoreError::Damaged`].
    pub fn fill_from(&self, path: &Path, told: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        let unavailable = |error: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!("{}: {error}", path.display()))
        };
        let store = SqliteStore::open(path).map_err(|error| unavailable(&error))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let file = Connection::open_with_flags(path, flags).map_err(|e| unavailable(&e))?;
        let source = Source { store, file };
        let filled = self.readers.at_length(async |session| fill(session, &source, told).await);
        filled.map_err(|fault| fault.at(&self.place))
    }
}

struct Source {
    store: SqliteStore,
    file: Connection,
}

async fn fill(
    session: &mut Object,
    source: &Source,
    told: &mut dyn FnMut(u64, u64),
) -> Result<(), Fault> {
    session.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let head = Head::lock(session).await?;
    if head.ca > 0 || head.tree.size() > 0 {
        session.batch_execute("ROLLBACK").await?;
        return Err(StoreError::Unavailable("the database holds records already".into()).into());
    }
    for (number, table) in TABLES.iter().enumerate() {
        if number == BEFORE_CERTIFICATES {
            certificates(session, source, told).await?;
        }
        rows(session, &source.file, table).await?;
    }
    let last = |table| source.last(table);
    let size = source.store.audit_size()?;
    let head = Head {
        ca: last("ca")?,
        last: Last { certificate: last("certificate")?, registration: last("registration")? },
        change: last("change")?,
        tree: Tree::read(size, |node| source.store.audit_node(node))?,
    };
    head.write().run(session).await?;
    Ok(session.batch_execute("COMMIT").await?)
}

impl Source {
    fn last(&self, table: &str) -> Result<u64, Fault> {
        let sql = format!("SELECT coalesce(max(position), 0) FROM {table}");
        self.file.query_row(&sql, (), |row| row.get(0)).map(unsigned).map_err(|e| unreadable(&e))
    }
}

/// Each is read with its digest, and written in its two rows.
async fn certificates(
    session: &Session,
    source: &Source,
    told: &mut dyn FnMut(u64, u64),
) -> Result<(), Fault> {
    let total = source.last("certificate")?;
    let mut query = CertificateQuery { limit: CERTIFICATES, ..CertificateQuery::default() };
    loop {
        let page = source.store.certificates(&query)?;
        let all: Vec<&CertificateRecord> = page.items.iter().collect();
        let issued: Vec<_> = all.iter().copied().filter(|one| one.der.is_some()).collect();
        let special = all.iter().copied().filter(|one| one.state() != CertificateState::Issued);
        let special: Vec<_> = special.collect();
        if !all.is_empty() {
            certificates::insert(&all).run(session).await?;
            certificates::issue(&issued).run(session).await?;
            certificates::put_states(&special).run(session).await?;
        }
        told(page.items.last().map_or(total, |last| last.position), total);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Copies a table that is the same on both sides.
async fn rows(session: &Session, file: &Connection, table: &Table) -> Result<(), Fault> {
    let (names, name) = (table.names(), table.name);
    let kinds = (1..).zip(table.columns).map(|(number, (_, kind))| match kind {
        Kind::Number => format!("${number}::bigint[]"),
        Kind::Text => format!("${number}::text[]"),
        Kind::Octets => format!("${number}::bytea[]"),
    });
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let insert = format!("INSERT INTO {name} ({names}) SELECT * FROM unnest({kinds})");
    let insert = session.prepare(&insert).await?;
    let select = format!("SELECT {names} FROM {name} ORDER BY 1");
    let mut select = file.prepare(&select).map_err(|error| unreadable(&error))?;
    let mut found = select.query(()).map_err(|error| unreadable(&error))?;
    loop {
        let mut rows: Vec<Values> = Vec::new();
        while rows.len() < table.at_once.into()
            && let Some(row) = found.next().map_err(|error| unreadable(&error))?
        {
            let value = |column| row.get::<_, Value>(column);
            let values: Result<Values, _> = (0..table.columns.len()).map(value).collect();
            rows.push(values.map_err(|error| unreadable(&error))?);
        }
        let (full, columns) = (rows.len() == usize::from(table.at_once), columns(table, &rows));
        let columns: Vec<&(dyn ToSql + Sync)> =
            columns.iter().map(|column| &**column as _).collect();
        if !rows.is_empty() {
            session.execute(&insert, &columns).await?;
        }
        if !full {
            return Ok(());
        }
    }
}

/// The columns of rows, for `unnest`.
fn columns<'a>(table: &Table, rows: &'a [Values]) -> Vec<Bound<'a>> {
    let column = |(number, (_, kind)): (usize, &(&str, Kind))| -> Bound<'a> {
        let values = rows.iter().map(move |row| row.get(number).unwrap_or(&Value::Null));
        match kind {
            Kind::Number => Box::new(values.map(number_of).collect::<Vec<_>>()),
            Kind::Text => Box::new(values.map(text_of).collect::<Vec<_>>()),
            Kind::Octets => Box::new(values.map(octets_of).collect::<Vec<_>>()),
        }
    };
    table.columns.iter().enumerate().map(column).collect()
}

const fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn octets_of(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Blob(octets) => Some(octets),
        _ => None,
    }
}

fn unreadable(error: &rusqlite::Error) -> Fault {
    StoreError::Unavailable(format!("the copy of the records: {error}")).into()
}

/// Certificates that are written at once.
const CERTIFICATES: usize = 1_000;
