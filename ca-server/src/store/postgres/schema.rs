//! The tables: made in an empty database, brought up from older versions, refused if newer.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls};

use super::address::Address;
use super::columns::Write;
use super::fault::{Fault, cause_of};
use super::head::Head;
use crate::store::OpenError;

/// Makes the tables what this version knows. Several processes may begin at once.
///
/// # Errors
/// [`OpenError`] if the database cannot be reached, has tables of something else, or is newer.
pub(super) async fn prepare(address: &Address) -> Result<(), OpenError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let fault = match upgrade(address, MIGRATIONS).await {
            Ok(()) => return Ok(()),
            Err(Refused::Newer(found)) => {
                let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
                return Err(OpenError::Newer { place: address.place.clone(), found, known });
            }
            Err(Refused::Foreign) => {
                return Err(OpenError::Foreign { place: address.place.clone() });
            }
            Err(Refused::Database(fault)) => fault,
        };
        if !is_race(&fault) || Instant::now() > deadline {
            let (place, source) = (address.place.clone(), fault.cause().into());
            return Err(OpenError::Unavailable { place, source });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Two processes made the same table at once, or one waited for the other in vain.
fn is_race(fault: &Fault) -> bool {
    let Fault::Database(error) = fault else { return false };
    let races = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_OBJECT,
        SqlState::DUPLICATE_TABLE,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ];
    error.code().is_some_and(|code| races.contains(code))
}

async fn upgrade(address: &Address, migrations: &[&str]) -> Result<(), Refused> {
    let (mut client, connection) = address.config.connect(NoTls).await?;
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    let outcome = upgrade_over(&mut client, migrations).await;
    driver.abort();
    outcome
}

async fn upgrade_over(client: &mut Client, migrations: &[&str]) -> Result<(), Refused> {
    if version(client).await?.is_none() {
        client.batch_execute(VERSIONS).await?;
    }
    let transaction = client.transaction().await?;
    // The lock: whoever comes second finds what the first has made.
    let sql = "SELECT version FROM setca_schema WHERE id = 0 FOR UPDATE";
    let found: i64 = transaction.query_one(sql, &[]).await?.try_get(0)?;
    let found = usize::try_from(found).map_err(|_| Refused::Foreign)?;
    if found > migrations.len() {
        return Err(Refused::Newer(u32::try_from(found).unwrap_or(u32::MAX)));
    }
    if found == migrations.len() {
        return Ok(());
    }
    for migration in migrations.iter().skip(found) {
        transaction.batch_execute(migration).await.map_err(|error| match error.code() {
            Some(code) if *code == SqlState::DUPLICATE_TABLE => Refused::Foreign,
            _ => error.into(),
        })?;
    }
    if found == 0 {
        let Write { sql, values } = Head::first();
        let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
            values.iter().map(|value| &**value as _).collect();
        transaction.execute(sql, &values).await?;
    }
    let version = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    transaction.execute("UPDATE setca_schema SET version = $1", &[&version]).await?;
    Ok(transaction.commit().await?)
}

/// Version of the schema; none if this is no store yet.
async fn version(client: &Client) -> Result<Option<i64>, Error> {
    let row = client.query_opt("SELECT version FROM setca_schema WHERE id = 0", &[]).await;
    match row {
        Ok(row) => row.map(|row| row.try_get(0)).transpose(),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why a database was not made ours.
#[derive(Debug)]
enum Refused {
    Newer(u32),
    Foreign,
    Database(Fault),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        tracing::debug!(error = cause_of(&error), "schema");
        Self::Database(error.into())
    }
}

/// Where the version stands.
const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS setca_schema (\
     id bigint PRIMARY KEY CHECK (id = 0), version bigint NOT NULL); \
     INSERT INTO setca_schema (id, version) VALUES (0, 0) ON CONFLICT DO NOTHING";
/// Step n makes version n + 1 out of version n.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];
const PATIENCE: Duration = Duration::from_secs(30);
