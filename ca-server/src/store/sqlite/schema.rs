//! Opening the file: is it ours, of which version, and the way up from older ones.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error as SqliteError, ErrorCode, OpenFlags};

use super::words;
use crate::store::OpenError;

/// Opens the file for writing: creates it, checks that it is ours, upgrades it.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    let place = || path.display().to_string();
    let unavailable = |source| OpenError::Unavailable { place: place(), source };
    create(path).map_err(|source| unavailable(source.into()))?;
    prepare(path).map_err(|failure| match failure {
        Failure::Foreign => OpenError::Foreign { place: place() },
        Failure::JournalMode(mode) => OpenError::JournalMode { place: place(), mode },
        Failure::Newer { found, known } => OpenError::Newer { place: place(), found, known },
        Failure::Sqlite(source) => unavailable(source.into()),
    })
}

/// Opens an upgraded file for reading.
pub(super) fn open_reader(path: &Path) -> Result<Connection, SqliteError> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Makes an empty file that only its owner can read; SQLite gives `-wal` and `-shm` the same mode.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn prepare(path: &Path) -> Result<Connection, Failure> {
    let mut connection = connect(path)?;
    // Before anything is changed: a foreign file stays as it is.
    version(&connection)?;
    write_ahead_log(&connection)?;
    upgrade(&mut connection, MIGRATIONS)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans that do not depend on what is bound. Otherwise SQLite with STAT4, as it is bundled,
    // compiles a look-up of a certificate again for each (measured: 40 % of a revocation).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Version of the schema in the file; 0 for an empty database.
fn version(connection: &Connection) -> Result<u32, Failure> {
    // One statement, one state of the file: another process may be making it at this moment.
    let (application, version, objects) = connection.query_row(
        "SELECT (SELECT application_id FROM pragma_application_id), \
         (SELECT user_version FROM pragma_user_version), count(*) FROM sqlite_schema",
        (),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)),
    )?;
    match (application, version, objects) {
        (0, 0, 0) => Ok(0),
        (APPLICATION_ID, 1.., _) => u32::try_from(version).map_err(|_| Failure::Foreign),
        _ => Err(Failure::Foreign),
    }
}

/// Turns the write-ahead log on. The change needs the file alone and does not always wait for it
/// by itself, so two processes that open a new file at once try again here.
fn write_ahead_log(connection: &Connection) -> Result<(), Failure> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        let mode =
            connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => return Err(Failure::JournalMode(mode)),
            Err(error) if !is_busy(&error) || Instant::now() > deadline => {
                return Err(error.into());
            }
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// One step of the way up: SQL, then what SQL cannot do.
struct Migration {
    sql: &'static str,
    fill: fn(&Connection) -> Result<(), SqliteError>,
}

impl Migration {
    const fn sql(sql: &'static str) -> Self {
        Self { sql, fill: |_| Ok(()) }
    }
}

/// Brings the schema to the newest of `migrations`, all in one transaction.
fn upgrade(connection: &mut Connection, migrations: &[Migration]) -> Result<(), Failure> {
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let refuse_newer = |found| {
        if found > known { Err(Failure::Newer { found, known }) } else { Ok(found) }
    };
    if refuse_newer(version(connection)?)? == known {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Again, under the lock: another process may have upgraded it meanwhile.
    let found = refuse_newer(version(&transaction)?)?;
    for migration in migrations.iter().skip(found as usize) {
        transaction.execute_batch(migration.sql)?;
        (migration.fill)(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

fn is_busy(error: &SqliteError) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Why a file was not opened, without its path.
#[derive(Debug)]
enum Failure {
    Foreign,
    JournalMode(String),
    Newer { found: u32, known: u32 },
    Sqlite(SqliteError),
}

impl From<SqliteError> for Failure {
    fn from(error: SqliteError) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign,
            _ => Self::Sqlite(error),
        }
    }
}

/// "SETC" in the header of the file.
const APPLICATION_ID: i64 = 0x5345_5443;
/// Step n makes version n + 1 out of version n.
const MIGRATIONS: &[Migration] = &[
    Migration::sql(include_str!("schema/1.sql")),
    Migration::sql(include_str!("schema/2.sql")),
    Migration { sql: include_str!("schema/3.sql"), fill: words::fill },
];
/// How long an act waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection: all of ours, and one per combination of filters.
const STATEMENTS: usize = 64;
/// Page cache of the writing connection, in KiB; taken as it is needed. Keys, thumbprints and
/// serial numbers are random, so each certificate touches four places of indexes of 70 MiB a
/// million: from the default of 2 MiB nearly all are read again and written to the log more than
/// once.
const WRITER_CACHE_KIB: i64 = 128 * 1024;
/// Pages in the log before they go to their places (64 MiB): the later, the more often several
/// changes of one page go there together.
const CHECKPOINT_PAGES: i64 = 16 * 1024;

#[cfg(test)]
mod tests {
    use ca_core::profile::Role;
    use ca_core::store::{CertificateQuery, CertificateState, Store as _, Word};

    use super::super::SqliteStore;
    use super::*;

    const FIRST: Migration =
        Migration::sql("CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1);");

    fn version_one() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        upgrade(&mut connection, &[FIRST]).unwrap();
        connection
    }

    #[test]
    fn older_schema_is_upgraded_and_keeps_its_rows() {
        let mut connection = version_one();
        let second = Migration {
            sql: "ALTER TABLE one ADD COLUMN b INTEGER",
            fill: |connection| connection.execute("UPDATE one SET b = a + 1", ()).map(drop),
        };
        upgrade(&mut connection, &[FIRST, second]).unwrap();
        let row: (i64, i64) = connection
            .query_row("SELECT a, b FROM one", (), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!((version(&connection).unwrap(), row), (2, (1, 2)));
    }

    /// What each earlier version made of a folder of the first, opened by this one.
    #[test]
    fn store_of_every_earlier_schema_keeps_its_records() {
        let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/folders/schema-1.tar.gz");
        for version_before in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let mut unpack = std::process::Command::new("tar");
            let unpacked = unpack.arg("xzf").arg(archive).arg("-C").arg(folder.path()).status();
            assert!(unpacked.unwrap().success());
            let path = folder.path().join("setca.db");
            let mut before = connect(&path).unwrap();
            upgrade(&mut before, &MIGRATIONS[..version_before]).unwrap();
            assert_eq!(version(&before).unwrap() as usize, version_before);
            drop(before);
            let store = SqliteStore::open(&path).unwrap();
            let revoked = Some(CertificateState::Revoked);
            let subject = Word::all_in("sample cca");
            for query in [
                CertificateQuery { state: revoked, ..CertificateQuery::default() },
                CertificateQuery { subject, role: Some(Role::Cca), ..CertificateQuery::default() },
            ] {
                assert_ne!(store.certificates(&query).unwrap().items, vec![], "{query:?}");
            }
            assert_eq!(store.audit_size().unwrap(), 0, "there was no log yet");
        }
    }

    #[test]
    fn upgrade_that_fails_half_way_changes_nothing() {
        let mut connection = version_one();
        let steps = [FIRST, Migration::sql("DELETE FROM one"), Migration::sql("not SQL")];
        assert!(matches!(upgrade(&mut connection, &steps), Err(Failure::Sqlite(_))));
        let rows: i64 = connection.query_row("SELECT count(*) FROM one", (), |r| r.get(0)).unwrap();
        assert_eq!((version(&connection).unwrap(), rows), (1, 1));
    }

    #[test]
    fn newer_schema_is_refused_with_both_versions() {
        let mut connection = version_one();
        connection.pragma_update(None, "user_version", 7).unwrap();
        let refused = upgrade(&mut connection, &[FIRST]);
        assert!(matches!(refused, Err(Failure::Newer { found: 7, known: 1 })));
    }
}
