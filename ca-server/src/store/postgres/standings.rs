//! How certificates stand, in SQL: serials and revocations side by side, both in the order of issuer
//! and serial.

use std::cmp::Ordering;

use ca_core::UnixTime;
use ca_core::store::{CaId, Revocation, SerialNumber, Standing, Status};
use deadpool_postgres::Object;
use tokio_postgres::{IsolationLevel, Row};

use super::certificates::state_name;
use super::columns::get;
use super::fault::Fault;
use super::revocations::read_joined;
use crate::store::columns::{ca_id, serial_number};

pub(super) async fn after(
    session: &mut Object,
    after: Option<(&CaId, &SerialNumber)>,
    limit: usize,
) -> Result<Vec<Standing>, Fault> {
    // Nothing comes before the empty issuer.
    let from =
        after.map_or(("", &[][..]), |(issuer, serial)| (issuer.as_str(), serial.as_octets()));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    // One state of the store for both statements.
    let level = IsolationLevel::RepeatableRead;
    let snapshot =
        session.build_transaction().isolation_level(level).read_only(true).start().await?;
    let statement = snapshot.prepare_cached(CERTIFICATES).await?;
    let certificates = snapshot.query(&statement, &[&from.0, &from.1, &limit]).await?;
    let statement = snapshot.prepare_cached(REVOCATIONS).await?;
    let revocations = snapshot.query(&statement, &[&from.0, &from.1, &limit]).await?;
    snapshot.commit().await?;
    let mut revocations = revocations.iter().peekable();
    let mut found: Vec<Standing> = Vec::with_capacity(certificates.len());
    for row in &certificates {
        let before = found.last().map(|before| &before.issuer);
        let (issuer, serial) = name(row, 0, before)?;
        let revoked = match revocations.peek().map(|next| order(next, &issuer, &serial)) {
            Some(Ok(Ordering::Equal)) => {
                let row = revocations.next();
                row.map(|row| read_joined(row, 2, &issuer, &serial)).transpose()?.flatten()
            }
            Some(Ok(Ordering::Less)) => return Err(lonely(&issuer, &serial)),
            Some(Err(fault)) => return Err(fault),
            _ => None,
        };
        let status = status(row, 2, &issuer, &serial, revoked)?;
        found.push(Standing { issuer, serial, status });
    }
    Ok(found)
}

/// A standing from the columns from `first` on: issuer, serial, state and those of the revocation
/// beside it ([`read_joined`]).
pub(super) fn read(row: &Row, first: usize) -> Result<Standing, Fault> {
    let (issuer, serial) = name(row, first, None)?;
    let revoked = read_joined(row, first + 3, &issuer, &serial)?;
    let status = status(row, first + 2, &issuer, &serial, revoked)?;
    Ok(Standing { issuer, serial, status })
}

/// Where a revocation lies against a certificate.
fn order(revocation: &Row, issuer: &CaId, serial: &SerialNumber) -> Result<Ordering, Fault> {
    let (of, number): (&str, &[u8]) = (get(revocation, 0)?, get(revocation, 1)?);
    Ok((of, number).cmp(&(issuer.as_str(), serial.as_octets())))
}

fn lonely(issuer: &CaId, serial: &SerialNumber) -> Fault {
    Fault::damaged(format!("a certificate that is revoked, before {serial} of {issuer}"))
}

/// Issuer and serial; the issuer is mostly that of the row before.
fn name(row: &Row, first: usize, before: Option<&CaId>) -> Result<(CaId, SerialNumber), Fault> {
    let text: &str = get(row, first)?;
    let issuer = match before.filter(|before| before.as_str() == text) {
        Some(before) => before.clone(),
        None => ca_id(text)?,
    };
    Ok((issuer, serial_number(get(row, first + 1)?)?))
}

/// State and revocation must say the same: either alone may have been damaged.
fn status(
    row: &Row,
    column: usize,
    issuer: &CaId,
    serial: &SerialNumber,
    revoked: Option<(Revocation, UnixTime)>,
) -> Result<Status, Fault> {
    match (state_name(row, column)?, revoked) {
        ("intent", None) => Ok(Status::Intended),
        ("issued", None) => Ok(Status::Issued),
        ("revoked", Some((revocation, not_after))) => Ok(Status::Revoked { revocation, not_after }),
        _ => Err(Fault::damaged(format!("state of certificate {serial} of {issuer}"))),
    }
}

const CERTIFICATES: &str = "SELECT c.issuer, c.serial, s.state FROM \
     (SELECT issuer, serial, position FROM certificate WHERE (issuer, serial) > ($1, $2) \
     ORDER BY issuer, serial LIMIT $3) c \
     LEFT JOIN certificate_state s ON s.position = c.position ORDER BY c.issuer, c.serial";
const REVOCATIONS: &str = "SELECT issuer, serial, revoked_at, reason, invalid_since, not_after, \
     digest FROM revocation WHERE (issuer, serial) > ($1, $2) ORDER BY issuer, serial LIMIT $3";
