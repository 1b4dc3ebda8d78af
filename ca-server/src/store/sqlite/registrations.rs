//! Registrations, in SQL.

use ca_core::UnixTime;
use ca_core::store::{
    CaId, Conflict, Decided, OpenRequest, Page, PeerError, Registration, RegistrationQuery,
    RegistrationRecord, SerialNumber, StoredAnswer,
};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::super::columns::{
    ca_id, items, list, named, serial_number, signed, state_named, time, unsigned,
};
use super::super::digest;
use super::fault::Fault;
use super::{answers, certificates};

/// Puts the registration in place of what it was, and keeps the answer.
pub(super) fn record(
    connection: &Connection,
    registration: &Registration,
    answer: Option<&StoredAnswer>,
) -> Result<(), Fault> {
    if let Some(answer) = answer {
        answers::insert(connection, answer)?;
    }
    let moved =
        Registration { revision: registration.revision.saturating_add(1), ..registration.clone() };
    let written = if registration.revision == 0 {
        insert(connection, &moved)?
    } else {
        update(connection, &moved, registration.revision)?
    };
    if written == 0 {
        return Err(Conflict::Registration(registration.lid_ca.clone()).into());
    }
    name_issued(connection, registration)?;
    claim(connection, registration)
}

/// Each certificate leads to its registration.
fn name_issued(connection: &Connection, registration: &Registration) -> Result<(), Fault> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO registration_certificate (serial, ca, lid_ca) VALUES (?1, ?2, ?3)",
    )?;
    for serial in &registration.issued {
        let ca = registration.ca.as_str();
        insert.execute(params![serial.as_octets(), ca, registration.lid_ca])?;
    }
    Ok(())
}

/// The keys of the open request are its own until it is closed.
fn claim(connection: &Connection, registration: &Registration) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM key_claim WHERE lid_ca = ?1")?
        .execute([&registration.lid_ca])?;
    let Some(open) = &registration.open else { return Ok(()) };
    let mut insert = connection.prepare_cached(
        "INSERT INTO key_claim (public_key, lid_ca, place, request) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (place, key) in (0_i64..).zip(&open.public_keys) {
        // Another's claim is of another request; one's own were dropped above.
        if !certificates::is_key_free(connection, key, Some(&open.request))? {
            return Err(Conflict::PublicKey(*key).into());
        }
        insert.execute(params![key, registration.lid_ca, place, open.request])?;
    }
    Ok(())
}

pub(super) fn find(connection: &Connection, lid_ca: &[u8]) -> Result<Option<Registration>, Fault> {
    let mut select = connection.prepare_cached("SELECT * FROM registration WHERE lid_ca = ?1")?;
    let mut rows = select.query([lid_ca])?;
    rows.next()?.map(|row| read(connection, row)).transpose()
}

pub(super) fn of_certificate(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<Option<Registration>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT lid_ca FROM registration_certificate WHERE serial = ?1 AND ca = ?2",
    )?;
    let mut rows = select.query(params![serial.as_octets(), issuer.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let found = find(connection, &row.get::<_, Vec<u8>>(0)?)?;
    // The row has no digest of its own: what it says stands in the registration, which has.
    match found.filter(|one| one.has_issued(issuer, serial)) {
        Some(found) => Ok(Some(found)),
        None => Err(Fault::damaged(format!("registration of {serial} of {issuer}"))),
    }
}

pub(super) fn page(
    connection: &Connection,
    query: &RegistrationQuery,
) -> Result<Page<RegistrationRecord>, Fault> {
    let filters = [
        ("state =", query.state.map(|state| state.name().to_owned().into())),
        ("brand =", query.brand.clone().map(Value::from)),
        ("role =", query.role.map(|role| role.name().to_owned().into())),
        ("position >", Some(i64::try_from(query.after.unwrap_or(0)).unwrap_or(i64::MAX).into())),
    ];
    let mut sql = "SELECT * FROM registration WHERE true".to_owned();
    let mut values: Vec<Value> = Vec::new();
    for (condition, value) in filters {
        if let Some(value) = value {
            sql.push_str(&format!(" AND {condition} ?"));
            values.push(value);
        }
    }
    let limit = i64::try_from(query.page_size().saturating_add(1)).unwrap_or(i64::MAX);
    values.push(limit.into());
    sql.push_str(" ORDER BY position LIMIT ?");
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let registration = read(connection, row)?;
        found.push(RegistrationRecord { position: unsigned(row.get("position")?), registration });
    }
    Ok(Page::cut(found, query.page_size()))
}

/// Drops what is sealed in registrations that last moved before `before`, have nothing open and
/// nothing to be collected then or later.
pub(super) fn forget_sealed(connection: &Connection, before: UnixTime) -> Result<(), Fault> {
    let mut select = connection.prepare_cached(
        "SELECT * FROM registration WHERE updated_at < ?1 AND sealed IS NOT NULL \
         AND open_request IS NULL AND (collect_by IS NULL OR collect_by < ?1)",
    )?;
    let mut rows = select.query([signed(before.as_secs())])?;
    let mut idle = Vec::new();
    while let Some(row) = rows.next()? {
        idle.push(read(connection, row)?);
    }
    for registration in idle {
        record(connection, &Registration { sealed: None, ..registration }, None)?;
    }
    Ok(())
}

fn insert(connection: &Connection, registration: &Registration) -> Result<usize, Fault> {
    let known = connection
        .prepare_cached("SELECT 1 FROM registration WHERE lid_ca = ?1")?
        .exists([&registration.lid_ca])?;
    if known {
        return Ok(0);
    }
    let columns = COLUMNS.join(", ");
    let places = (1..=COLUMNS.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO registration ({columns}) VALUES ({places})");
    let mut insert = connection.prepare_cached(&sql)?;
    Ok(insert.execute(params_from_iter(values(registration)?))?)
}

fn update(
    connection: &Connection,
    registration: &Registration,
    revision: u64,
) -> Result<usize, Fault> {
    // What it is found by stays as it is: its index and the claims that refer to it are left alone.
    let assignments = (1..).zip(COLUMNS).skip(1);
    let assignments = assignments.map(|(n, column)| format!("{column} = ?{n}")).collect::<Vec<_>>();
    let sql = format!(
        "UPDATE registration SET {} WHERE lid_ca = ?1 AND revision = ?{}",
        assignments.join(", "),
        COLUMNS.len() + 1
    );
    let mut values = values(registration)?;
    values.push(signed(revision).into());
    Ok(connection.prepare_cached(&sql)?.execute(params_from_iter(values))?)
}

/// What is written, in the order of [`COLUMNS`].
fn values(registration: &Registration) -> Result<Vec<Value>, Fault> {
    let decision = registration.decision.as_ref();
    let time = |time: UnixTime| signed(time.as_secs());
    let serials = registration.issued.iter().map(SerialNumber::as_octets);
    Ok(vec![
        registration.lid_ca.clone().into(),
        signed(registration.revision).into(),
        registration.lid_ee.clone().into(),
        registration.ca.as_str().to_owned().into(),
        registration.role.name().to_owned().into(),
        registration.brand.clone().into(),
        registration.state.name().to_owned().into(),
        registration.request_type.map(i64::from).into(),
        registration.language.clone().into(),
        registration.form_id.map(signed).into(),
        registration.chall_ca.map(|octets| octets.to_vec()).into(),
        registration.bin.clone().into(),
        registration.business_id.clone().into(),
        registration.pan_hash.map(|octets| octets.to_vec()).into(),
        registration.pan_tail.clone().into(),
        registration.status.map(i64::from).into(),
        registration.refusal.clone().into(),
        registration.message.clone().into(),
        list(registration.signers.iter().map(Vec::as_slice))?.into(),
        registration.open.as_ref().map(|open| open.request.to_vec()).into(),
        registration.sealed.clone().into(),
        decision.map(|decision| decision.by.clone()).into(),
        decision.map(|decision| i64::from(decision.approved)).into(),
        decision.map(|decision| time(decision.at)).into(),
        registration.collect_by.map(time).into(),
        list(serials)?.into(),
        registration.peer_error.map(|error| i64::from(error.code)).into(),
        registration.peer_error.map(|error| time(error.at)).into(),
        time(registration.created_at).into(),
        time(registration.updated_at).into(),
        digest::of_registration(registration)?.finish().to_vec().into(),
    ])
}

fn read(connection: &Connection, row: &Row<'_>) -> Result<Registration, Fault> {
    let ca: String = row.get("ca")?;
    let role: String = row.get("role")?;
    let state: String = row.get("state")?;
    let lid_ca: Vec<u8> = row.get("lid_ca")?;
    let signers: Vec<u8> = row.get("signers")?;
    let issued: Vec<u8> = row.get("issued")?;
    let registration = Registration {
        revision: unsigned(row.get("revision")?),
        lid_ee: row.get("lid_ee")?,
        ca: ca_id(&ca)?,
        role: named(&role)?,
        brand: row.get("brand")?,
        state: state_named(&state)?,
        request_type: row.get("request_type")?,
        language: row.get("language")?,
        form_id: row.get::<_, Option<i64>>("form_id")?.map(unsigned),
        chall_ca: row.get("chall_ca")?,
        bin: row.get("bin")?,
        business_id: row.get("business_id")?,
        pan_hash: row.get("pan_hash")?,
        pan_tail: row.get("pan_tail")?,
        status: row.get("status")?,
        refusal: row.get("refusal")?,
        message: row.get("message")?,
        signers: items(&signers)?.into_iter().map(<[u8]>::to_vec).collect(),
        open: read_open(connection, row, &lid_ca)?,
        sealed: row.get("sealed")?,
        decision: read_decision(row)?,
        collect_by: row.get::<_, Option<i64>>("collect_by")?.map(time),
        issued: items(&issued)?.into_iter().map(serial_number).collect::<Result<_, _>>()?,
        peer_error: read_peer_error(row)?,
        created_at: time(row.get("created_at")?),
        updated_at: time(row.get("updated_at")?),
        lid_ca,
    };
    digest::of_registration(&registration)?
        .check(&row.get("digest")?, || format!("registration {:02x?}", registration.lid_ca))?;
    Ok(registration)
}

fn read_open(
    connection: &Connection,
    row: &Row<'_>,
    lid_ca: &[u8],
) -> Result<Option<OpenRequest>, Fault> {
    let Some(request) = row.get("open_request")? else { return Ok(None) };
    let mut select = connection
        .prepare_cached("SELECT public_key FROM key_claim WHERE lid_ca = ?1 ORDER BY place")?;
    let keys = select.query_map([lid_ca], |row| row.get(0))?;
    Ok(Some(OpenRequest { request, public_keys: keys.collect::<Result<_, _>>()? }))
}

fn read_decision(row: &Row<'_>) -> Result<Option<Decided>, Fault> {
    let Some(by) = row.get("decided_by")? else { return Ok(None) };
    let (approved, at) = (row.get("decided_approved")?, time(row.get("decided_at")?));
    Ok(Some(Decided { by, approved, at }))
}

fn read_peer_error(row: &Row<'_>) -> Result<Option<PeerError>, Fault> {
    let Some(code) = row.get("peer_error")? else { return Ok(None) };
    Ok(Some(PeerError { code, at: time(row.get("peer_error_at")?) }))
}

/// Every column but the position; `lid_ca` stands first.
const COLUMNS: [&str; 31] = [
    "lid_ca",
    "revision",
    "lid_ee",
    "ca",
    "role",
    "brand",
    "state",
    "request_type",
    "language",
    "form_id",
    "chall_ca",
    "bin",
    "business_id",
    "pan_hash",
    "pan_tail",
    "status",
    "refusal",
    "message",
    "signers",
    "open_request",
    "sealed",
    "decided_by",
    "decided_approved",
    "decided_at",
    "collect_by",
    "issued",
    "peer_error",
    "peer_error_at",
    "created_at",
    "updated_at",
    "digest",
];
