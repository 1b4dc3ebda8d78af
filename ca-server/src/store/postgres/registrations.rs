//! Registrations, in SQL.

use ca_core::UnixTime;
use ca_core::store::{
    CaId, Decided, OpenRequest, Page, PeerError, Registration, RegistrationQuery,
    RegistrationRecord, SerialNumber,
};
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::columns::{Value, Write, array, column, get, optional_array, small, value};
use super::fault::Fault;
use crate::store::columns::{
    ca_id, items, list, named, serial_number, signed, state_named, time, unsigned,
};
use crate::store::digest;

/// A registration as it is written, with what it takes long to say.
pub(super) struct Written<'a> {
    record: &'a RegistrationRecord,
    signers: Vec<u8>,
    issued: Vec<u8>,
    digest: Vec<u8>,
}

impl<'a> Written<'a> {
    pub(super) fn of(record: &'a RegistrationRecord) -> Result<Self, Fault> {
        let registration = &record.registration;
        Ok(Self {
            signers: list(registration.signers.iter().map(Vec::as_slice))?,
            issued: list(registration.issued.iter().map(SerialNumber::as_octets))?,
            digest: digest::of_registration(registration)?.finish().to_vec(),
            record,
        })
    }
}

/// Puts registrations in place of what they were.
pub(super) fn put<'a>(written: &'a [Written<'a>]) -> Write<'a> {
    let mut values = identity(written);
    values.extend(progress(written));
    values.extend(outcome(written));
    Write { sql: PUT, values }
}

fn of<'a>(one: &'a Written<'a>) -> &'a Registration {
    &one.record.registration
}

fn identity<'a>(all: &'a [Written<'a>]) -> Vec<Value<'a>> {
    vec![
        column(all, |one| signed(one.record.position)),
        column(all, |one| &of(one).lid_ca[..]),
        column(all, |one| signed(of(one).revision)),
        column(all, |one| &of(one).lid_ee[..]),
        column(all, |one| of(one).ca.as_str()),
        column(all, |one| of(one).role.name()),
        column(all, |one| of(one).brand.as_str()),
        column(all, |one| of(one).state.name()),
    ]
}

fn progress<'a>(all: &'a [Written<'a>]) -> Vec<Value<'a>> {
    vec![
        column(all, |one| of(one).request_type.map(i64::from)),
        column(all, |one| of(one).language.as_deref()),
        column(all, |one| of(one).form_id.map(signed)),
        column(all, |one| of(one).chall_ca.as_ref().map(|octets| &octets[..])),
        column(all, |one| of(one).bin.as_deref()),
        column(all, |one| of(one).business_id.as_deref()),
        column(all, |one| of(one).pan_hash.as_ref().map(|octets| &octets[..])),
        column(all, |one| of(one).pan_tail.as_deref()),
        column(all, |one| of(one).status.map(i64::from)),
        column(all, |one| of(one).refusal.as_deref()),
        column(all, |one| of(one).message.as_deref()),
        column(all, |one| &one.signers[..]),
        column(all, |one| of(one).open.as_ref().map(|open| &open.request[..])),
        column(all, |one| of(one).sealed.as_deref()),
    ]
}

fn outcome<'a>(all: &'a [Written<'a>]) -> Vec<Value<'a>> {
    let seconds = |time: UnixTime| signed(time.as_secs());
    vec![
        column(all, |one| of(one).decision.as_ref().map(|decision| decision.by.as_str())),
        column(all, |one| of(one).decision.as_ref().map(|decision| i64::from(decision.approved))),
        column(all, |one| of(one).decision.as_ref().map(|decision| seconds(decision.at))),
        column(all, |one| of(one).collect_by.map(seconds)),
        column(all, |one| &one.issued[..]),
        column(all, |one| of(one).peer_error.map(|error| i64::from(error.code))),
        column(all, |one| of(one).peer_error.map(|error| seconds(error.at))),
        column(all, |one| seconds(of(one).created_at)),
        column(all, |one| seconds(of(one).updated_at)),
        column(all, |one| &one.digest[..]),
    ]
}

/// Each certificate leads to its registration.
pub(super) fn name_issued<'a>(issued: &'a [(&Registration, SerialNumber)]) -> Write<'a> {
    Write {
        sql: NAME_ISSUED,
        values: vec![
            column(issued, |(_, serial)| serial.as_octets()),
            column(issued, |(registration, _)| registration.ca.as_str()),
            column(issued, |(registration, _)| &registration.lid_ca[..]),
        ],
    }
}

/// Gives up the keys of what was open before.
pub(super) fn give_up<'a>(all: &'a [Written<'a>]) -> Write<'a> {
    Write { sql: GIVE_UP, values: vec![column(all, |one| &of(one).lid_ca[..])] }
}

/// The keys of an open request are its own until it is closed.
pub(super) fn claim<'a>(claims: &'a [Claimed<'a>]) -> Write<'a> {
    Write {
        sql: CLAIM,
        values: vec![
            column(claims, |one| &one.key[..]),
            column(claims, |one| one.lid_ca),
            column(claims, |one| one.place),
            column(claims, |one| &one.request[..]),
        ],
    }
}

/// A key of an open request.
pub(super) struct Claimed<'a> {
    lid_ca: &'a [u8],
    request: &'a [u8; 32],
    place: i64,
    key: &'a [u8; 32],
}

/// The keys that a registration holds.
pub(super) fn claimed(registration: &Registration) -> Vec<Claimed<'_>> {
    let Some(OpenRequest { request, public_keys }) = &registration.open else { return Vec::new() };
    let lid_ca = &registration.lid_ca[..];
    let keys = (0..).zip(public_keys);
    keys.map(|(place, key)| Claimed { lid_ca, request, place, key }).collect()
}

pub(super) async fn find(
    session: &Session,
    lid_ca: &[u8],
) -> Result<Option<RegistrationRecord>, Fault> {
    Ok(find_all(session, &[lid_ca]).await?.pop())
}

pub(super) async fn find_all(
    session: &Session,
    lid_cas: &[&[u8]],
) -> Result<Vec<RegistrationRecord>, Fault> {
    let statement = session.prepare_cached(&by_lid_ca()).await?;
    session.query(&statement, &[&lid_cas]).await?.iter().map(read).collect()
}

/// What [`find_all`] sends.
pub(super) fn by_lid_ca() -> String {
    format!("{SELECT} WHERE lid_ca = ANY ($1)")
}

pub(super) async fn of_certificate(
    session: &Session,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<Option<Registration>, Fault> {
    let sql = "SELECT lid_ca FROM registration_certificate WHERE serial = $1 AND ca = $2";
    let statement = session.prepare_cached(sql).await?;
    let row = session.query_opt(&statement, &[&serial.as_octets(), &issuer.as_str()]).await?;
    let Some(row) = row else { return Ok(None) };
    let found = find(session, get(&row, 0)?).await?.map(|found| found.registration);
    // The row has no digest of its own: what it says stands in the registration, which has.
    match found.filter(|one| one.has_issued(issuer, serial)) {
        Some(found) => Ok(Some(found)),
        None => Err(Fault::damaged(format!("registration of {serial} of {issuer}"))),
    }
}

pub(super) async fn page(
    session: &Session,
    query: &RegistrationQuery,
) -> Result<Page<RegistrationRecord>, Fault> {
    let mut values: Vec<Value<'_>> = Vec::new();
    let mut sql = format!("{SELECT} WHERE true");
    let after = query.after.unwrap_or(0).min(i64::MAX.unsigned_abs());
    let filters = [
        ("state =", query.state.map(|state| value(state.name()))),
        ("brand =", query.brand.as_deref().map(value)),
        ("role =", query.role.map(|role| value(role.name()))),
        ("position >", Some(value(signed(after)))),
    ];
    for (condition, given) in filters {
        if let Some(given) = given {
            values.push(given);
            sql.push_str(&format!(" AND {condition} ${}", values.len()));
        }
    }
    let limit = i64::try_from(query.page_size().saturating_add(1)).unwrap_or(i64::MAX);
    values.push(value(limit));
    sql.push_str(&format!(" ORDER BY position LIMIT ${}", values.len()));
    let statement = session.prepare_cached(&sql).await?;
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
    let rows = session.query(&statement, &values).await?;
    Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, query.page_size()))
}

/// Those that last moved before `before`, have something sealed, nothing open, and nothing to be
/// collected then or later.
pub(super) async fn idle(
    session: &Session,
    before: UnixTime,
) -> Result<Vec<RegistrationRecord>, Fault> {
    let sql = format!(
        "{SELECT} WHERE updated_at < $1 AND sealed IS NOT NULL AND open_request IS NULL \
         AND (collect_by IS NULL OR collect_by < $1) ORDER BY updated_at LIMIT {IDLE_AT_ONCE}"
    );
    let statement = session.prepare_cached(&sql).await?;
    let rows = session.query(&statement, &[&signed(before.as_secs())]).await?;
    rows.iter().map(read).collect()
}

/// A record from the columns of [`SELECT`].
fn read(row: &Row) -> Result<RegistrationRecord, Fault> {
    let octets = |column| get::<&[u8]>(row, column);
    let seconds = |column| Ok::<_, Fault>(get::<Option<i64>>(row, column)?.map(time));
    let registration = Registration {
        lid_ca: get(row, 1)?,
        revision: unsigned(get(row, 2)?),
        lid_ee: get(row, 3)?,
        ca: ca_id(get(row, 4)?)?,
        role: named(get(row, 5)?)?,
        brand: get(row, 6)?,
        state: state_named(get(row, 7)?)?,
        request_type: small(row, 8)?,
        language: get(row, 9)?,
        form_id: get::<Option<i64>>(row, 10)?.map(unsigned),
        chall_ca: optional_array(row, 11)?,
        bin: get(row, 12)?,
        business_id: get(row, 13)?,
        pan_hash: optional_array(row, 14)?,
        pan_tail: get(row, 15)?,
        status: small(row, 16)?,
        refusal: get(row, 17)?,
        message: get(row, 18)?,
        signers: items(octets(19)?)?.into_iter().map(<[u8]>::to_vec).collect(),
        open: read_open(row)?,
        sealed: get(row, 22)?,
        decision: read_decision(row)?,
        collect_by: seconds(26)?,
        issued: items(octets(27)?)?.into_iter().map(serial_number).collect::<Result<_, _>>()?,
        peer_error: read_peer_error(row)?,
        created_at: time(get(row, 30)?),
        updated_at: time(get(row, 31)?),
    };
    digest::of_registration(&registration)?
        .check(&array(row, 32)?, || format!("registration {:02x?}", registration.lid_ca))?;
    Ok(RegistrationRecord { position: unsigned(get(row, 0)?), registration })
}

fn read_open(row: &Row) -> Result<Option<OpenRequest>, Fault> {
    let Some(request) = optional_array(row, 20)? else { return Ok(None) };
    let keys: Option<Vec<&[u8]>> = get(row, 21)?;
    let keys = keys
        .unwrap_or_default()
        .into_iter()
        .map(|key| key.try_into().map_err(|_| Fault::damaged("a key of an open request")));
    Ok(Some(OpenRequest { request, public_keys: keys.collect::<Result<_, _>>()? }))
}

fn read_decision(row: &Row) -> Result<Option<Decided>, Fault> {
    let Some(by) = get::<Option<String>>(row, 23)? else { return Ok(None) };
    Ok(Some(Decided { by, approved: get::<i64>(row, 24)? != 0, at: time(get(row, 25)?) }))
}

fn read_peer_error(row: &Row) -> Result<Option<PeerError>, Fault> {
    let Some(code) = small(row, 28)? else { return Ok(None) };
    Ok(Some(PeerError { code, at: time(get(row, 29)?) }))
}

/// How many are read to be forgotten at once.
pub(super) const IDLE_AT_ONCE: usize = 1_000;
/// The columns that [`read`] counts.
const SELECT: &str = "SELECT position, lid_ca, revision, lid_ee, ca, role, brand, state, \
     request_type, language, form_id, chall_ca, bin, business_id, pan_hash, pan_tail, status, \
     refusal, message, signers, open_request, (SELECT array_agg(k.public_key ORDER BY k.place) \
     FROM key_claim k WHERE k.lid_ca = registration.lid_ca), sealed, decided_by, \
     decided_approved, decided_at, collect_by, issued, peer_error, peer_error_at, created_at, updated_at, digest \
     FROM registration";
pub(super) const PUT: &str = "INSERT INTO registration (position, lid_ca, revision, lid_ee, ca, \
     role, brand, state, request_type, language, form_id, chall_ca, bin, business_id, pan_hash, \
     pan_tail, status, refusal, message, signers, open_request, sealed, decided_by, \
     decided_approved, decided_at, collect_by, issued, peer_error, peer_error_at, created_at, \
     updated_at, digest) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[], $5::text[], \
     $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::bigint[], \
     $12::bytea[], $13::text[], $14::text[], $15::bytea[], $16::text[], $17::bigint[], \
     $18::text[], $19::text[], $20::bytea[], $21::bytea[], $22::bytea[], $23::text[], \
     $24::bigint[], $25::bigint[], $26::bigint[], $27::bytea[], $28::bigint[], $29::bigint[], \
     $30::bigint[], $31::bigint[], $32::bytea[]) \
     ON CONFLICT (position) DO UPDATE SET revision = excluded.revision, \
     lid_ee = excluded.lid_ee, ca = excluded.ca, role = excluded.role, brand = excluded.brand, \
     state = excluded.state, request_type = excluded.request_type, language = excluded.language, \
     form_id = excluded.form_id, chall_ca = excluded.chall_ca, bin = excluded.bin, \
     business_id = excluded.business_id, pan_hash = excluded.pan_hash, \
     pan_tail = excluded.pan_tail, status = excluded.status, refusal = excluded.refusal, \
     message = excluded.message, signers = excluded.signers, \
     open_request = excluded.open_request, \
     sealed = excluded.sealed, decided_by = excluded.decided_by, \
     decided_approved = excluded.decided_approved, decided_at = excluded.decided_at, \
     collect_by = excluded.collect_by, issued = excluded.issued, \
     peer_error = excluded.peer_error, peer_error_at = excluded.peer_error_at, \
     created_at = excluded.created_at, updated_at = excluded.updated_at, \
     digest = excluded.digest";
pub(super) const NAME_ISSUED: &str = "INSERT INTO registration_certificate (serial, ca, lid_ca) \
     SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[]) ON CONFLICT DO NOTHING";
pub(super) const GIVE_UP: &str = "DELETE FROM key_claim WHERE lid_ca = ANY ($1::bytea[])";
pub(super) const CLAIM: &str = "INSERT INTO key_claim (public_key, lid_ca, place, request) \
     SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bytea[]) \
     ON CONFLICT (public_key) DO UPDATE SET lid_ca = excluded.lid_ca, place = excluded.place, \
     request = excluded.request";
