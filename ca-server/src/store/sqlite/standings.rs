//! How certificates stand, in SQL: two small structures read side by side, the index of serials and
//! states and the revocations, both in the order of issuer and serial.

use std::cmp::Ordering;

use ca_core::UnixTime;
use ca_core::store::{CaId, Revocation, SerialNumber, Standing, Status};
use rusqlite::{Connection, Row, Rows, params};

use super::super::columns::{ca_id, serial_number};
use super::fault::Fault;
use super::revocations::read_joined;

pub(super) fn after(
    connection: &Connection,
    after: Option<(&CaId, &SerialNumber)>,
    limit: usize,
) -> Result<Vec<Standing>, Fault> {
    // Nothing comes before the empty issuer.
    let from =
        after.map_or(("", &[][..]), |(issuer, serial)| (issuer.as_str(), serial.as_octets()));
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    // One state of the file for both statements.
    let snapshot = connection.unchecked_transaction()?;
    let mut certificates = snapshot.prepare_cached(CERTIFICATES)?;
    let mut revocations = snapshot.prepare_cached(REVOCATIONS)?;
    let mut certificates = certificates.query(params![from.0, from.1, rows])?;
    let mut revocations = Revoked::new(revocations.query(params![from.0, from.1])?)?;
    let mut found = Vec::new();
    while let Some(row) = certificates.next()? {
        let (issuer, serial) = name(row, 0, found.last().map(|before: &Standing| &before.issuer))?;
        let revoked = revocations.take(&issuer, &serial)?;
        let status = status(row, 2, &issuer, &serial, revoked)?;
        found.push(Standing { issuer, serial, status });
    }
    Ok(found)
}

/// A standing from the columns from `first` on: `issuer`, `serial`, `state` and those of the
/// revocation beside it ([`read_joined`]).
pub(super) fn read(row: &Row<'_>, first: usize) -> Result<Standing, Fault> {
    let (issuer, serial) = name(row, first, None)?;
    let revoked = read_joined(row, first + 3, &issuer, &serial)?;
    let status = status(row, first + 2, &issuer, &serial, revoked)?;
    Ok(Standing { issuer, serial, status })
}

/// Issuer and serial; the issuer is mostly that of the row before.
fn name(row: &Row<'_>, first: usize, before: Option<&CaId>) -> Result<(CaId, SerialNumber), Fault> {
    let text = row.get_ref(first)?.as_str().map_err(rusqlite::Error::from)?;
    let issuer = match before.filter(|before| before.as_str() == text) {
        Some(before) => before.clone(),
        None => ca_id(text)?,
    };
    let serial = row.get_ref(first + 1)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok((issuer, serial_number(serial)?))
}

/// State and revocation must say the same: either alone may have been damaged.
fn status(
    row: &Row<'_>,
    column: usize,
    issuer: &CaId,
    serial: &SerialNumber,
    revoked: Option<(Revocation, UnixTime)>,
) -> Result<Status, Fault> {
    match (row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?, revoked) {
        ("intent", None) => Ok(Status::Intended),
        ("issued", None) => Ok(Status::Issued),
        ("revoked", Some((revocation, not_after))) => Ok(Status::Revoked { revocation, not_after }),
        _ => Err(Fault::damaged(format!("state of certificate {serial} of {issuer}"))),
    }
}

/// The revocations after a point, looked at one by one.
struct Revoked<'statement> {
    rows: Rows<'statement>,
    next: Option<Entry>,
}

type Entry = (CaId, SerialNumber, Option<(Revocation, UnixTime)>);

impl<'statement> Revoked<'statement> {
    fn new(mut rows: Rows<'statement>) -> Result<Self, Fault> {
        let next = rows.next()?.map(|row| entry(row, None)).transpose()?;
        Ok(Self { rows, next })
    }

    /// The revocation of this certificate, if it is the next.
    ///
    /// # Errors
    /// Damaged if the next belongs to a certificate that was passed by: there is none.
    fn take(
        &mut self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<(Revocation, UnixTime)>, Fault> {
        let Some((of, number, _)) = &self.next else { return Ok(None) };
        match (of, number).cmp(&(issuer, serial)) {
            Ordering::Greater => Ok(None),
            Ordering::Less => {
                Err(Fault::damaged(format!("certificate {number} of {of}, which is revoked")))
            }
            Ordering::Equal => {
                let row = self.rows.next()?;
                let next = row.map(|row| entry(row, Some(issuer))).transpose()?;
                Ok(std::mem::replace(&mut self.next, next).and_then(|(_, _, revoked)| revoked))
            }
        }
    }
}

fn entry(row: &Row<'_>, before: Option<&CaId>) -> Result<Entry, Fault> {
    let (issuer, serial) = name(row, 0, before)?;
    let revoked = read_joined(row, 2, &issuer, &serial)?;
    Ok((issuer, serial, revoked))
}

/// Answered from the index alone: rows of the table hold the certificates.
const CERTIFICATES: &str = "SELECT issuer, serial, state FROM certificate \
     WHERE (issuer, serial) > (?1, ?2) ORDER BY issuer, serial LIMIT ?3";
const REVOCATIONS: &str = "SELECT issuer, serial, revoked_at, reason, \
     invalid_since, not_after, digest FROM revocation \
     WHERE (issuer, serial) > (?1, ?2) ORDER BY issuer, serial";

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    #[test]
    fn both_statements_search_and_never_touch_a_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open(&folder.path().join("store.db")).unwrap();
        let plan = |sql: &str| {
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let given = explain.parameter_count();
            let values = vec![rusqlite::types::Value::Integer(1); given];
            let steps = explain
                .query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3))
                .unwrap();
            steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
        };
        let covered =
            "SEARCH certificate USING COVERING INDEX certificate_standing ((issuer,serial)>(?,?))";
        assert_eq!(plan(CERTIFICATES), covered);
        let keyed = "SEARCH revocation USING PRIMARY KEY ((issuer,serial)>(?,?))";
        assert_eq!(plan(REVOCATIONS), keyed);
    }
}
