//! Pages of the inventory, in SQL: one filter finds rows by its index, the others are checked.

use ca_core::store::{
    CertificateQuery, CertificateRecord, CertificateState, Expiry, ExpiryQuery, MOST_EXAMINED,
    Page, Registration,
};
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::columns::{Value, get, value};
use super::fault::Fault;
use super::{certificates, registrations};
use crate::store::columns::{signed, time, unsigned};

pub(super) async fn page(
    session: &Session,
    query: &CertificateQuery,
) -> Result<Page<CertificateRecord>, Fault> {
    let registration = registration(session, query).await?;
    let search = Search { session, query, registration: registration.as_ref() };
    match (&registration, &query.registration) {
        (None, Some(_)) => Ok(Page { items: Vec::new(), next: None }),
        (Some(registration), _) if query.serial.is_none() && query.public_key.is_none() => {
            let positions = positions(session, registration, query.after).await?;
            let found = search.admitted(&positions).await?;
            Page::gather(query.page_size(), found.into_iter().map(Ok))
        }
        _ => search.run().await,
    }
}

/// What is asked, and where.
struct Search<'a> {
    session: &'a Session,
    query: &'a CertificateQuery,
    registration: Option<&'a Registration>,
}

impl Search<'_> {
    /// Looks at more and more rows until the page is full: most pages are, after the first few.
    async fn run(&self) -> Result<Page<CertificateRecord>, Fault> {
        let size = self.query.page_size();
        let (mut found, mut full) = (Vec::new(), 0_usize);
        let mut after = self.query.after.unwrap_or(0).min(i64::MAX.unsigned_abs());
        let mut rows = size.saturating_add(1).clamp(FIRST_ROWS, MOST_EXAMINED + 1);
        loop {
            let candidates = self.candidates(after, rows).await?;
            let last = candidates.last().map(|(position, _)| *position);
            let wanted: Vec<u64> =
                candidates.iter().filter(|(_, admitted)| *admitted).map(|(at, _)| *at).collect();
            // Of those beyond the page one is enough, which says that there is another.
            let room = size.saturating_add(1).saturating_sub(full);
            let enough = wanted.get(room.saturating_sub(1)).copied();
            let kept: Vec<u64> = wanted.into_iter().take(room).collect();
            let mut admitted = self.admitted(&kept).await?.into_iter().peekable();
            for (position, _) in &candidates {
                let record = admitted.next_if(|(at, _)| at == position).and_then(|(_, one)| one);
                full += usize::from(record.is_some());
                found.push(Ok::<_, Fault>((*position, record)));
                if enough == Some(*position) {
                    break;
                }
            }
            let more = last.filter(|_| candidates.len() == rows && found.len() <= MOST_EXAMINED);
            match more {
                Some(last) if full <= size => after = last,
                _ => return Page::gather(size, found),
            }
            rows = rows.saturating_mul(8).min(MOST_EXAMINED + 1 - found.len().min(MOST_EXAMINED));
        }
    }

    /// Positions after one, and whether the columns pass the filters.
    async fn candidates(&self, after: u64, rows: usize) -> Result<Vec<(u64, bool)>, Fault> {
        let (sql, values) = statement(self.query, after, rows);
        let statement = self.session.prepare_cached(&sql).await?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
        let rows = self.session.query(&statement, &values).await?;
        rows.iter().map(|row| self.candidate(row)).collect()
    }

    fn candidate(&self, row: &Row) -> Result<(u64, bool), Fault> {
        let columns = get::<Option<bool>>(row, 1)?.unwrap_or(false);
        let found =
            columns && (self.query.subject.is_empty() || self.query.admits_subject(get(row, 2)?));
        Ok((unsigned(get(row, 0)?), found))
    }

    /// The records at these positions, none where a filter does not admit it after all: the record
    /// has its digest, the index that led here has none.
    async fn admitted(
        &self,
        positions: &[u64],
    ) -> Result<Vec<(u64, Option<CertificateRecord>)>, Fault> {
        if positions.is_empty() {
            return Ok(Vec::new());
        }
        let records = certificates::at(self.session, positions).await?;
        let admitted = records.into_iter().map(|record| {
            let admits = self.query.admits(&record, self.registration);
            (record.position, Some(record).filter(|_| admits))
        });
        Ok(admitted.collect())
    }
}

pub(super) async fn expiring(
    session: &Session,
    query: &ExpiryQuery,
) -> Result<Page<CertificateRecord, Expiry>, Fault> {
    let from = query.expires.from.map_or(0, |from| signed(from.as_secs()));
    let to = query.expires.to.map_or(i64::MAX, |to| signed(to.as_secs()));
    let (at, position) = query.after.map_or((from, 0), |after| {
        (signed(after.not_after.as_secs()), signed(after.position.min(i64::MAX.unsigned_abs())))
    });
    let (size, few) = (query.page_size(), query.page_size().saturating_mul(2).max(FIRST_ROWS));
    let statement = session.prepare_cached(ENDING).await?;
    let (mut candidates, mut wanted) = (Vec::new(), Vec::new());
    // Mostly few are enough; else all that may be looked at.
    for most in [few.min(MOST_EXAMINED), MOST_EXAMINED + 1] {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = session.query(&statement, &[&at, &position, &to, &limit]).await?;
        (candidates, wanted) = ending(&rows, size)?;
        if wanted.len() > size || rows.len() < most {
            break;
        }
    }
    wanted.sort_unstable();
    let mut records = Vec::new();
    if !wanted.is_empty() {
        records = certificates::at(session, &wanted).await?;
    }
    let found = candidates.into_iter().map(|(place, ends)| {
        let at = records.binary_search_by_key(&place.position, |one| one.position).ok();
        let record = at.filter(|_| ends).and_then(|at| records.get(at));
        Ok((place, record.filter(|record| query.admits(record)).cloned()))
    });
    Page::gather(size, found)
}

/// Candidates, and the positions of those that end as they should, until there is one more than
/// `size`.
#[expect(clippy::type_complexity, reason = "two lists")]
fn ending(rows: &[Row], size: usize) -> Result<(Vec<(Expiry, bool)>, Vec<u64>), Fault> {
    let (mut candidates, mut wanted) = (Vec::new(), Vec::new());
    for row in rows {
        let (position, ends) = (unsigned(get(row, 0)?), get::<bool>(row, 2)?);
        wanted.extend(ends.then_some(position));
        candidates.push((Expiry { not_after: time(get(row, 1)?), position }, ends));
        if wanted.len() > size {
            break;
        }
    }
    Ok((candidates, wanted))
}

async fn registration(
    session: &Session,
    query: &CertificateQuery,
) -> Result<Option<Registration>, Fault> {
    let Some(lid_ca) = &query.registration else { return Ok(None) };
    Ok(registrations::find(session, lid_ca).await?.map(|found| found.registration))
}

/// Where the certificates of a registration are; it names them all, so they need no index.
async fn positions(
    session: &Session,
    registration: &Registration,
    after: Option<u64>,
) -> Result<Vec<u64>, Fault> {
    let serials: Vec<&[u8]> = registration.issued.iter().map(|serial| serial.as_octets()).collect();
    let sql = "SELECT position FROM certificate WHERE serial = ANY ($1) AND issuer = $2 \
         AND position > $3 ORDER BY position";
    let statement = session.prepare_cached(sql).await?;
    let after = signed(after.unwrap_or(0).min(i64::MAX.unsigned_abs()));
    let rows = session.query(&statement, &[&serials, &registration.ca.as_str(), &after]).await?;
    rows.iter().map(|row| get(row, 0).map(unsigned)).collect()
}

/// Position, whether the columns pass the filters, and subject of the rows that one filter finds.
fn statement(query: &CertificateQuery, after: u64, rows: usize) -> (String, Vec<Value<'_>>) {
    let by_word = query.serial.is_none() && query.public_key.is_none();
    // The longest is the rarest, more often than not.
    let word = query.subject.iter().max_by_key(|word| word.as_str().len()).filter(|_| by_word);
    let filters = filters(query);
    let found_by: &[&str] = if word.is_some() { &[] } else { found_by(query.state, &filters) };
    let by_state = found_by.contains(&STATE);
    let mut values: Vec<Value<'_>> = Vec::new();
    let (mut finding, mut checked) = (String::new(), String::new());
    for (column, given) in filters {
        values.push(given);
        let (number, found) = (values.len(), found_by.contains(&column));
        let condition = match (column, by_state && found) {
            (STATE, false) => format!(" AND coalesce(s.state, 'issued') = ${number}"),
            (_, true) => format!(" AND s.{column} ${number}"),
            (_, false) => format!(" AND c.{column} ${number}"),
        };
        if found { &mut finding } else { &mut checked }.push_str(&condition);
    }
    let (from, position) = match (word, by_state) {
        (Some(word), _) => {
            values.push(value(word.as_str()));
            finding.push_str(&format!(" AND w.word = ${}", values.len()));
            (
                "subject_word w JOIN certificate c ON c.position = w.certificate \
                 LEFT JOIN certificate_state s ON s.position = w.certificate",
                "w.certificate",
            )
        }
        (None, true) => {
            ("certificate_state s JOIN certificate c ON c.position = s.position", "s.position")
        }
        (None, false) => {
            ("certificate c LEFT JOIN certificate_state s ON s.position = c.position", "c.position")
        }
    };
    values.push(value(signed(after)));
    values.push(value(i64::try_from(rows).unwrap_or(i64::MAX)));
    let (begin, limit) = (values.len() - 1, values.len());
    let sql = format!(
        "SELECT c.position, true{checked}, c.subject FROM {from} WHERE true{finding} \
         AND {position} > ${begin} ORDER BY {position} LIMIT ${limit}"
    );
    (sql, values)
}

/// What the columns of a row are compared with.
fn filters(query: &CertificateQuery) -> Vec<(&'static str, Value<'_>)> {
    [
        (SERIAL, query.serial.as_ref().map(|serial| value(serial.as_octets()))),
        (PUBLIC_KEY, query.public_key.map(|key| value(key.to_vec()))),
        (ISSUER, query.issuer.as_ref().map(|issuer| value(issuer.as_str()))),
        (STATE, query.state.map(|state| value(state.name()))),
        (ROLE, query.role.map(|role| value(role.name()))),
        (BRAND, query.brand.as_deref().map(value)),
        ("not_after >=", query.expires.from.map(|from| value(signed(from.as_secs())))),
        ("not_after <=", query.expires.to.map(|to| value(signed(to.as_secs())))),
    ]
    .into_iter()
    .filter_map(|(column, given)| Some((column, given?)))
    .collect()
}

/// The most selective of [`INDEXED`] that is asked for; else none, and rows come as they stand.
fn found_by(
    state: Option<CertificateState>,
    filters: &[(&'static str, Value<'_>)],
) -> &'static [&'static str] {
    let asked = |column: &&str| {
        filters.iter().any(|(filter, _)| filter == column)
            && (*column != STATE || state != Some(CertificateState::Issued))
    };
    INDEXED.into_iter().find(|columns| columns.iter().all(asked)).unwrap_or_default()
}

/// Rows looked at first.
const FIRST_ROWS: usize = 200;
/// Rows that end, and whether they are not revoked.
const ENDING: &str = "SELECT c.position, c.not_after, s.state IS DISTINCT FROM 'revoked' \
     FROM (SELECT position, not_after FROM certificate \
     WHERE (not_after, position) > ($1, $2) AND not_after <= $3 \
     ORDER BY not_after, position LIMIT $4) c \
     LEFT JOIN certificate_state s ON s.position = c.position ORDER BY c.not_after, c.position";
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
