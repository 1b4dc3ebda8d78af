//! From the database into a new SQLite file.

use std::fs::File;
use std::path::Path;

use ca_core::store::StoreError;
use deadpool_postgres::{Object, Transaction};
use rusqlite::{Connection, params_from_iter};
use tokio_postgres::{IsolationLevel, Row};

use super::{BEFORE_CERTIFICATES, Kind, TABLES, Table, Values};
use crate::store::SqliteStore;
use crate::store::postgres::PostgresStore;
use crate::store::postgres::columns::get;
use crate::store::postgres::fault::Fault;

impl PostgresStore {
    /// Copies the records as they are at one moment into a new SQLite store that only its owner can
    /// read, and makes that durable; others go on writing meanwhile. `told` hears how many rows of
    /// how many were copied.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the database or the file cannot be read or written.
    pub fn copy_to(&self, path: &Path, told: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        let unavailable = |error: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!("{}: {error}", path.display()))
        };
        drop(SqliteStore::open(path).map_err(|error| unavailable(&error))?);
        let file = Connection::open(path).map_err(|error| unavailable(&error))?;
        let copied = self.readers.at_length(async |session| copy(session, &file, told).await);
        match copied {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(unavailable(&error)),
            Err(fault) => return Err(fault.at(&self.place)),
        }
        // Into the one file that is copied on, not the log beside it.
        file.pragma_update(None, "wal_checkpoint", "TRUNCATE").map_err(|e| unavailable(&e))?;
        drop(file);
        File::open(path).and_then(|file| file.sync_all()).map_err(|error| unavailable(&error))
    }
}

/// The inner error is that of the file.
async fn copy(
    session: &mut Object,
    file: &Connection,
    told: &mut dyn FnMut(u64, u64),
) -> Result<Result<(), rusqlite::Error>, Fault> {
    let level = IsolationLevel::RepeatableRead;
    let state = session.build_transaction().isolation_level(level).read_only(true).start().await?;
    let total = count(&state).await?;
    let mut written = Written { file, done: 0, total, told };
    if let Err(error) = file.execute_batch("BEGIN IMMEDIATE") {
        return Ok(Err(error));
    }
    for (number, table) in TABLES.iter().enumerate() {
        if number == BEFORE_CERTIFICATES {
            let insert = format!("INSERT INTO certificate ({CERTIFICATE}) VALUES ({})", places(17));
            let kinds = CERTIFICATE_KINDS;
            if let Err(error) = written.rows(&state, CERTIFICATES, &insert, &kinds, 1_000).await? {
                return Ok(Err(error));
            }
        }
        let (names, name) = (table.names(), table.name);
        let insert =
            format!("INSERT INTO {name} ({names}) VALUES ({})", places(table.columns.len()));
        let select = format!("SELECT {names} FROM {name} ORDER BY 1");
        let kinds: Vec<Kind> = table.columns.iter().map(|(_, kind)| *kind).collect();
        if let Err(error) = written.rows(&state, &select, &insert, &kinds, table.at_once).await? {
            return Ok(Err(error));
        }
    }
    state.commit().await?;
    Ok(file.execute_batch("COMMIT"))
}

struct Written<'a> {
    file: &'a Connection,
    done: u64,
    total: u64,
    told: &'a mut dyn FnMut(u64, u64),
}

impl Written<'_> {
    /// Copies the rows of a statement, so many at a time.
    async fn rows(
        &mut self,
        state: &Transaction<'_>,
        select: &str,
        insert: &str,
        kinds: &[Kind],
        at_once: u16,
    ) -> Result<Result<(), rusqlite::Error>, Fault> {
        let statement = state.prepare(select).await?;
        let portal = state.bind(&statement, &[]).await?;
        loop {
            let rows = state.query_portal(&portal, at_once.into()).await?;
            for row in &rows {
                let values = read(row, kinds)?;
                let mut insert = match self.file.prepare_cached(insert) {
                    Ok(insert) => insert,
                    Err(error) => return Ok(Err(error)),
                };
                if let Err(error) = insert.execute(params_from_iter(values)) {
                    return Ok(Err(error));
                }
            }
            self.done = self.done.saturating_add(rows.len() as u64);
            (self.told)(self.done, self.total.max(self.done));
            if rows.len() < at_once.into() {
                return Ok(Ok(()));
            }
        }
    }
}

async fn count(state: &Transaction<'_>) -> Result<u64, Fault> {
    let mut total = 0_u64;
    let names = TABLES.iter().map(|table: &Table| table.name).chain(["certificate"]);
    for name in names {
        let row = state.query_one(&format!("SELECT count(*) FROM {name}"), &[]).await?;
        total = total.saturating_add(get::<i64>(&row, 0)?.unsigned_abs());
    }
    Ok(total)
}

fn read(row: &Row, kinds: &[Kind]) -> Result<Values, Fault> {
    let value = |(column, kind): (usize, &Kind)| {
        Ok(match kind {
            Kind::Number => get::<Option<i64>>(row, column)?.into(),
            Kind::Text => get::<Option<String>>(row, column)?.into(),
            Kind::Octets => get::<Option<Vec<u8>>>(row, column)?.into(),
        })
    };
    kinds.iter().enumerate().map(value).collect()
}

fn places(count: usize) -> String {
    (1..=count).map(|number| format!("?{number}")).collect::<Vec<_>>().join(", ")
}

/// The columns of a certificate there.
const CERTIFICATE: &str = "position, issuer, serial, state, role, key_use, brand, subject, \
     public_key, thumbprint, not_after, request, renews, recorded_at, digest, tbs, der";
const CERTIFICATE_KINDS: [Kind; 17] = {
    use Kind::{Number, Octets, Text};
    [
        Number, Text, Octets, Text, Text, Text, Text, Text, Octets, Octets, Number, Octets, Octets,
        Number, Octets, Octets, Octets,
    ]
};
/// What stands in two rows here, put together as it stands there.
const CERTIFICATES: &str = "SELECT c.position, c.issuer, c.serial, coalesce(s.state, 'issued'), \
     c.role, c.key_use, c.brand, c.subject, c.public_key, c.thumbprint, c.not_after, c.request, \
     c.renews, c.recorded_at, coalesce(i.digest, c.digest), \
     CASE WHEN i.rest IS NULL THEN c.tbs END, \
     CASE WHEN i.rest IS NULL THEN i.octets ELSE i.octets || c.tbs || i.rest END \
     FROM certificate c LEFT JOIN issued i ON i.position = c.position \
     LEFT JOIN certificate_state s ON s.position = c.position ORDER BY c.position";
