//! Pages of the inventory, in SQL: one filter finds rows by its index, the others are checked.

use ca_core::store::{
    CertificateQuery, CertificateRecord, CertificateState, Expiry, ExpiryQuery, MOST_EXAMINED,
    Page, Registration,
};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter};

use super::super::columns::{signed, time, unsigned};
use super::fault::Fault;
use super::{certificates, registrations};

pub(super) fn page(
    connection: &Connection,
    query: &CertificateQuery,
) -> Result<Page<CertificateRecord>, Fault> {
    let search = Search { connection, query, registration: registration(connection, query)? };
    match (&search.registration, &query.registration) {
        (None, Some(_)) => Ok(Page { items: Vec::new(), next: None }),
        (Some(registration), _) if query.serial.is_none() && query.public_key.is_none() => {
            let positions = positions(connection, registration, query.after)?;
            let candidates = positions.into_iter().map(|at| Ok((at, search.admitted(at)?)));
            Page::gather(query.page_size(), candidates)
        }
        _ => {
            let (sql, values) = statement(query);
            let mut select = connection.prepare_cached(&sql)?;
            let candidates =
                select.query_and_then(params_from_iter(values), |row| search.candidate(row))?;
            Page::gather(query.page_size(), candidates)
        }
    }
}

pub(super) fn expiring(
    connection: &Connection,
    query: &ExpiryQuery,
) -> Result<Page<CertificateRecord, Expiry>, Fault> {
    let from = query.expires.from.map_or(0, |from| signed(from.as_secs()));
    let to = query.expires.to.map_or(i64::MAX, |to| signed(to.as_secs()));
    let begin = query.after.map_or((from, 0), |after| {
        (signed(after.not_after.as_secs()), signed(after.position.min(i64::MAX.unsigned_abs())))
    });
    let candidate = |row: &Row<'_>| -> Result<_, Fault> {
        let (position, not_after) = (unsigned(row.get(0)?), time(row.get(1)?));
        let record = if row.get(2)? {
            let record = certificates::at(connection, position)?;
            query.admits(&record).then_some(record)
        } else {
            None
        };
        Ok((Expiry { not_after, position }, record))
    };
    let mut same = connection.prepare_cached(&format!("{ENDING} {SAME_SECOND}"))?;
    let mut later = connection.prepare_cached(&format!("{ENDING} {LATER}"))?;
    // Whatever the cursor, nothing after the window.
    let (at, position) = begin;
    let same = same.query_and_then([at, position, to], candidate)?;
    let later = later.query_and_then([at, to], candidate)?;
    Page::gather(query.page_size(), same.chain(later))
}

/// What is asked, and where.
struct Search<'a> {
    connection: &'a Connection,
    query: &'a CertificateQuery,
    registration: Option<Registration>,
}

impl Search<'_> {
    /// A row of [`statement`]: only what its columns admit is read whole.
    fn candidate(&self, row: &Row<'_>) -> Result<(u64, Option<CertificateRecord>), Fault> {
        let at = unsigned(row.get(0)?);
        let columns = row.get::<_, Option<bool>>(1)?.unwrap_or(false);
        let words = self.query.subject.is_empty();
        let subject = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let found = columns && (words || self.query.admits_subject(subject));
        Ok((at, if found { self.admitted(at)? } else { None }))
    }

    fn admitted(&self, at: u64) -> Result<Option<CertificateRecord>, Fault> {
        let record = certificates::at(self.connection, at)?;
        // The record has its digest, the index that led here has none.
        Ok(self.query.admits(&record, self.registration.as_ref()).then_some(record))
    }
}

fn registration(
    connection: &Connection,
    query: &CertificateQuery,
) -> Result<Option<Registration>, Fault> {
    let lid_ca = query.registration.as_ref();
    Ok(lid_ca.map(|lid_ca| registrations::find(connection, lid_ca)).transpose()?.flatten())
}

/// Where the certificates of a registration are; it names them all, so they need no index.
fn positions(
    connection: &Connection,
    registration: &Registration,
    after: Option<u64>,
) -> Result<Vec<u64>, Fault> {
    let mut select = connection
        .prepare_cached("SELECT position FROM certificate WHERE serial = ?1 AND issuer = ?2")?;
    let mut positions = Vec::new();
    for serial in &registration.issued {
        let issuer = registration.ca.as_str();
        let found = select.query_row(params![serial.as_octets(), issuer], |row| row.get(0));
        positions.extend(found.optional()?.map(unsigned));
    }
    positions.retain(|at| after.is_none_or(|after| *at > after));
    positions.sort_unstable();
    Ok(positions)
}

/// Position, whether the columns pass the filters, and subject of the rows that one filter finds.
fn statement(query: &CertificateQuery) -> (String, Vec<Value>) {
    let mut filters = filters(query);
    let by_word = query.serial.is_none() && query.public_key.is_none();
    // The longest is the rarest, more often than not.
    let word = query.subject.iter().max_by_key(|word| word.as_str().len()).filter(|_| by_word);
    let found_by: &[&str] = if word.is_some() { &[] } else { found_by(query.state, &filters) };
    let (finding, checked): (Vec<_>, Vec<_>) =
        filters.drain(..).partition(|(column, _)| found_by.contains(column));

    let mut sql = "SELECT certificate.position, true".to_owned();
    let mut values = Vec::new();
    for (column, value) in checked {
        sql.push_str(&format!(" AND certificate.{column} ?"));
        values.push(value);
    }
    sql.push_str(", certificate.subject FROM ");
    let position = if let Some(word) = word {
        sql.push_str(
            "subject_word CROSS JOIN certificate \
             ON certificate.position = subject_word.certificate WHERE subject_word.word = ?",
        );
        values.push(word.as_str().to_owned().into());
        "subject_word.certificate"
    } else {
        sql.push_str("certificate WHERE true");
        "certificate.position"
    };
    for (column, value) in finding {
        sql.push_str(&format!(" AND certificate.{column} ?"));
        values.push(value);
        if column == STATE {
            // In these words, because the index is of such rows only.
            sql.push_str(" AND certificate.state <> 'issued'");
        }
    }
    sql.push_str(&format!(" AND {position} > ? ORDER BY {position} LIMIT {}", MOST_EXAMINED + 1));
    values.push(signed(query.after.unwrap_or(0).min(i64::MAX.unsigned_abs())).into());
    (sql, values)
}

/// What the columns of a row are compared with.
fn filters(query: &CertificateQuery) -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::from(text.to_owned());
    [
        (SERIAL, query.serial.as_ref().map(|serial| serial.as_octets().to_vec().into())),
        (PUBLIC_KEY, query.public_key.map(|key| key.to_vec().into())),
        (ISSUER, query.issuer.as_ref().map(|issuer| text(issuer.as_str()))),
        (STATE, query.state.map(|state| text(state.name()))),
        (ROLE, query.role.map(|role| text(role.name()))),
        (BRAND, query.brand.as_deref().map(text)),
        ("not_after >=", query.expires.from.map(|from| signed(from.as_secs()).into())),
        ("not_after <=", query.expires.to.map(|to| signed(to.as_secs()).into())),
    ]
    .into_iter()
    .filter_map(|(column, value)| Some((column, value?)))
    .collect()
}

/// The most selective of [`INDEXED`] that is asked for; else none, and rows come as they stand.
fn found_by(
    state: Option<CertificateState>,
    filters: &[(&'static str, Value)],
) -> &'static [&'static str] {
    let asked = |column: &&str| {
        filters.iter().any(|(filter, _)| filter == column)
            && (*column != STATE || state != Some(CertificateState::Issued))
    };
    INDEXED.into_iter().find(|columns| columns.iter().all(asked)).unwrap_or_default()
}

/// Rows that end, and whether they are not revoked.
const ENDING: &str = "SELECT position, not_after, state <> 'revoked' FROM certificate";
/// Of one second there may be very many: an index leads into the midst of them only if it is asked
/// for them alone.
const SAME_SECOND: &str = "WHERE not_after = ?1 AND position > ?2 AND ?1 <= ?3 ORDER BY position";
const LATER: &str = "WHERE not_after > ?1 AND not_after <= ?2 ORDER BY not_after, position";
const SERIAL: &str = "serial =";
const PUBLIC_KEY: &str = "public_key =";
const ISSUER: &str = "issuer =";
const STATE: &str = "state =";
const ROLE: &str = "role =";
const BRAND: &str = "brand =";
/// Columns with an index, the fewest rows expected first.
const INDEXED: [&[&str]; 8] = [
    &[SERIAL],
    &[PUBLIC_KEY],
    &[ISSUER, STATE],
    &[STATE],
    &[ISSUER, ROLE],
    &[ROLE],
    &[ISSUER],
    &[BRAND],
];

#[cfg(test)]
mod tests {
    use ca_core::profile::Role;
    use ca_core::store::{CaId, Expires, SerialNumber, Word};

    use super::super::schema;
    use super::*;

    /// How SQLite runs a query, one step a line.
    fn plan(connection: &Connection, query: &CertificateQuery) -> String {
        let (sql, values) = statement(query);
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = explain.query_map(params_from_iter(values), |row| row.get::<_, String>(3));
        steps.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
    }

    /// Every filter that is no driver of its own, so that each plan has to pass it by.
    fn narrow() -> CertificateQuery {
        let expires = Expires { from: Some(ca_core::UnixTime::from_secs(1)), to: None };
        CertificateQuery { after: Some(7), expires, ..CertificateQuery::default() }
    }

    #[test]
    fn every_filter_has_an_index_in_page_order() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open(&folder.path().join("store.db")).unwrap();
        let issuer = || CaId::new("cca");
        let (role, brand) = (Some(Role::Merchant), Some("Sample".to_owned()));
        let (revoked, issued) = (Some(CertificateState::Revoked), Some(CertificateState::Issued));
        let by_position = "SEARCH certificate USING INTEGER PRIMARY KEY (rowid>?)";
        let by_word = "SEARCH subject_word USING PRIMARY KEY (word=? AND certificate>?)\n\
                       SEARCH certificate USING INTEGER PRIMARY KEY (rowid=?)";
        let by = |index, condition| {
            format!("SEARCH certificate USING INDEX certificate_{index} ({condition} AND rowid>?)")
        };
        let subject = Word::all_in("daves shop");
        for (query, expected) in [
            (narrow(), by_position.to_owned()),
            (CertificateQuery { state: issued, ..narrow() }, by_position.to_owned()),
            (CertificateQuery { brand: brand.clone(), ..narrow() }, by("brand", "brand=?")),
            (
                CertificateQuery { issuer: issuer(), brand: brand.clone(), ..narrow() },
                by("issuer", "issuer=?"),
            ),
            (CertificateQuery { role, brand, state: issued, ..narrow() }, by("role", "role=?")),
            (
                CertificateQuery { issuer: issuer(), role, state: issued, ..narrow() },
                by("issuer_role", "issuer=? AND role=?"),
            ),
            (CertificateQuery { role, state: revoked, ..narrow() }, by("unlike_issued", "state=?")),
            (
                CertificateQuery { issuer: issuer(), role, state: revoked, ..narrow() },
                by("issuer_unlike_issued", "issuer=? AND state=?"),
            ),
            (
                CertificateQuery { public_key: Some([7; 32]), role, ..narrow() },
                by("public_key", "public_key=?"),
            ),
            (CertificateQuery { subject, issuer: issuer(), role, ..narrow() }, by_word.to_owned()),
        ] {
            assert_eq!(plan(&connection, &query), expected, "{query:?}");
        }
    }

    #[test]
    fn what_ends_is_searched_by_index_in_page_order() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open(&folder.path().join("store.db")).unwrap();
        let by = "SEARCH certificate USING INDEX certificate_not_after";
        for (condition, expected) in [
            (SAME_SECOND, format!("{by} (not_after=? AND rowid>?)")),
            (LATER, format!("{by} (not_after>? AND not_after<?)")),
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {ENDING} {condition}");
            let mut explain = connection.prepare(&sql).unwrap();
            let numbers = vec![7; explain.parameter_count()];
            let steps = explain.query_map(params_from_iter(numbers), |row| row.get::<_, String>(3));
            let steps: Vec<_> = steps.unwrap().map(Result::unwrap).collect();
            assert_eq!(steps, [expected]);
        }
    }

    #[test]
    fn serial_number_is_searched_by_index() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open(&folder.path().join("store.db")).unwrap();
        let serial = SerialNumber::from_octets(&[1]);
        // A number has one row an issuer: they are sorted.
        let plan = plan(&connection, &CertificateQuery { serial, ..narrow() });
        assert!(plan.contains("(serial=?"), "{plan}");
    }
}
