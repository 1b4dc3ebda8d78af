//! Words of subjects, in SQL: what leads to a certificate; no record, so without a digest.

use ca_core::store::Word;
use rusqlite::{Connection, Error, params};

/// Names the certificate at this position by each word of its subject.
pub(super) fn insert(connection: &Connection, position: i64, subject: &str) -> Result<(), Error> {
    let mut insert = connection
        .prepare_cached("INSERT INTO subject_word (word, certificate) VALUES (?1, ?2)")?;
    for word in Word::of_subject(subject) {
        insert.execute(params![word.as_str(), position])?;
    }
    Ok(())
}

/// Names every certificate that there is.
pub(super) fn fill(connection: &Connection) -> Result<(), Error> {
    let mut select = connection.prepare("SELECT position, subject FROM certificate")?;
    let mut rows = select.query(())?;
    while let Some(row) = rows.next()? {
        insert(connection, row.get(0)?, row.get_ref(1)?.as_str()?)?;
    }
    Ok(())
}
