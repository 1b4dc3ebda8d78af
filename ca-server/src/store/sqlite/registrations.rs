//! Registrations and stored answers, in SQL.

use ca_core::UnixTime;
use ca_core::store::{Conflict, Registration, RegistrationState, StoredAnswer};
use rusqlite::{Connection, Row, params};

use super::columns::{ca_id, named, signed, time, unsigned};
use super::digest::RecordDigest;
use super::fault::Fault;

/// Puts the registration in place of what it was, and keeps the answer.
pub(super) fn record(
    connection: &Connection,
    registration: &Registration,
    answer: &StoredAnswer,
) -> Result<(), Fault> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO answer (rrpid, request, recorded_at, digest, octets) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            answer.rrpid,
            answer.request,
            signed(answer.recorded_at.as_secs()),
            answer_digest(answer).finish(),
            answer.octets,
        ])?;
    if inserted == 0 {
        return Err(Conflict::Answer(answer.rrpid).into());
    }
    replace(connection, registration)
}

pub(super) fn find(connection: &Connection, lid_ca: &[u8]) -> Result<Option<Registration>, Fault> {
    let mut select = connection.prepare_cached("SELECT * FROM registration WHERE lid_ca = ?1")?;
    let mut rows = select.query([lid_ca])?;
    rows.next()?.map(read).transpose()
}

pub(super) fn answer(
    connection: &Connection,
    rrpid: &[u8; 20],
) -> Result<Option<StoredAnswer>, Fault> {
    let mut select = connection.prepare_cached("SELECT * FROM answer WHERE rrpid = ?1")?;
    let mut rows = select.query([rrpid])?;
    rows.next()?.map(read_answer).transpose()
}

pub(super) fn forget_answers(connection: &Connection, before: UnixTime) -> Result<u64, Fault> {
    let deleted = connection
        .prepare_cached("DELETE FROM answer WHERE recorded_at < ?1")?
        .execute([signed(before.as_secs())])?;
    Ok(deleted as u64)
}

fn replace(connection: &Connection, registration: &Registration) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO registration (lid_ca, lid_ee, ca, role, brand, state, \
             request_type, language, form_id, chall_ca, bin, pan_hash, pan_tail, refusal, \
             created_at, updated_at, digest) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(params![
            registration.lid_ca,
            registration.lid_ee,
            registration.ca.as_str(),
            registration.role.name(),
            registration.brand,
            registration.state.name(),
            registration.request_type,
            registration.language,
            registration.form_id.map(signed),
            registration.chall_ca,
            registration.bin,
            registration.pan_hash,
            registration.pan_tail,
            registration.refusal,
            signed(registration.created_at.as_secs()),
            signed(registration.updated_at.as_secs()),
            digest(registration).finish(),
        ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Registration, Fault> {
    let ca: String = row.get("ca")?;
    let role: String = row.get("role")?;
    let state: String = row.get("state")?;
    let registration = Registration {
        lid_ca: row.get("lid_ca")?,
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
        pan_hash: row.get("pan_hash")?,
        pan_tail: row.get("pan_tail")?,
        refusal: row.get("refusal")?,
        created_at: time(row.get("created_at")?),
        updated_at: time(row.get("updated_at")?),
    };
    digest(&registration)
        .check(&row.get("digest")?, || format!("registration {:02x?}", registration.lid_ca))?;
    Ok(registration)
}

fn read_answer(row: &Row<'_>) -> Result<StoredAnswer, Fault> {
    let answer = StoredAnswer {
        rrpid: row.get("rrpid")?,
        request: row.get("request")?,
        octets: row.get("octets")?,
        recorded_at: time(row.get("recorded_at")?),
    };
    answer_digest(&answer)
        .check(&row.get("digest")?, || format!("answer for rrpid {:02x?}", answer.rrpid))?;
    Ok(answer)
}

fn state_named(name: &str) -> Result<RegistrationState, Fault> {
    RegistrationState::ALL
        .into_iter()
        .find(|state| state.name() == name)
        .ok_or_else(|| Fault::damaged(format!("registration state {name:?}")))
}

fn digest(registration: &Registration) -> RecordDigest {
    let text = |text: &Option<String>| text.clone().map(String::into_bytes);
    RecordDigest::of("registration")
        .octets(&registration.lid_ca)
        .octets(&registration.lid_ee)
        .text(registration.ca.as_str())
        .text(registration.role.name())
        .text(&registration.brand)
        .text(registration.state.name())
        .optional(registration.request_type.map(|number| [number]).as_ref().map(|n| &n[..]))
        .optional(text(&registration.language).as_deref())
        .optional(registration.form_id.map(u64::to_be_bytes).as_ref().map(|n| &n[..]))
        .optional(registration.chall_ca.as_ref().map(|octets| &octets[..]))
        .optional(text(&registration.bin).as_deref())
        .optional(registration.pan_hash.as_ref().map(|octets| &octets[..]))
        .optional(text(&registration.pan_tail).as_deref())
        .optional(text(&registration.refusal).as_deref())
        .number(registration.created_at.as_secs())
        .number(registration.updated_at.as_secs())
}

fn answer_digest(answer: &StoredAnswer) -> RecordDigest {
    RecordDigest::of("answer")
        .octets(&answer.rrpid)
        .octets(&answer.request)
        .octets(&answer.octets)
        .number(answer.recorded_at.as_secs())
}
