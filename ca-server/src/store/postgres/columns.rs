//! Rows in and out: values of columns, and sets of rows written by one statement.

use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql};

use super::fault::Fault;

/// A statement and what is bound to it.
pub(super) struct Write<'a> {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Value<'a>>,
}

pub(super) type Value<'a> = Box<dyn ToSql + Sync + 'a>;

impl Write<'_> {
    /// Sends it when first polled, if it was prepared before.
    ///
    /// # Errors
    /// What the database says.
    pub(super) async fn run(&self, session: &Session) -> Result<u64, Fault> {
        let statement = session.prepare_cached(self.sql).await?;
        let values: Vec<&(dyn ToSql + Sync)> =
            self.values.iter().map(|value| &**value as _).collect();
        Ok(session.execute(&statement, &values).await?)
    }
}

/// One value.
pub(super) fn value<'a>(value: impl ToSql + Sync + 'a) -> Value<'a> {
    Box::new(value)
}

/// One column of a set of rows, for `unnest`.
pub(super) fn column<'a, R, T: ToSql + Sync + 'a>(
    rows: &'a [R],
    of: impl Fn(&'a R) -> T,
) -> Value<'a> {
    Box::new(rows.iter().map(of).collect::<Vec<T>>())
}

/// A column of a row, by number because a name is searched for in each row. What has another type
/// was not written by us.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Fault> {
    let name = || row.columns().get(column).map_or("?", |column| column.name()).to_owned();
    row.try_get(column).map_err(|_| Fault::damaged(format!("column {}", name())))
}

/// Octets of which there must be so many.
pub(super) fn array<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Fault> {
    let octets: &[u8] = get(row, column)?;
    octets.try_into().map_err(|_| Fault::damaged(format!("{} octets instead of {N}", octets.len())))
}

/// The same where there may be none.
pub(super) fn optional_array<const N: usize>(
    row: &Row,
    column: usize,
) -> Result<Option<[u8; N]>, Fault> {
    let octets: Option<&[u8]> = get(row, column)?;
    let fits = |octets: &[u8]| octets.try_into().ok();
    match octets.map(fits) {
        None => Ok(None),
        Some(Some(array)) => Ok(Some(array)),
        Some(None) => Err(Fault::damaged(format!("octets that are not {N}"))),
    }
}

/// A number that must be in the range of its type.
pub(super) fn small<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>, Fault> {
    let number: Option<i64> = get(row, column)?;
    let out_of_range = |_| Fault::damaged(format!("number in column {column}"));
    number.map(T::try_from).transpose().map_err(out_of_range)
}
