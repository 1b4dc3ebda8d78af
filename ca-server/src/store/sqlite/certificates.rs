//! Certificates, in SQL: intents, issuance, inventory.

use ca_core::store::{CaId, CertificateRecord, Conflict, Intent, IssuedCertificate, SerialNumber};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::super::columns::{ca_id, named, serial_number, signed, tbs_of, time, unsigned};
use super::super::digest;
use super::fault::Fault;
use super::{changes, revocations, words};

/// Records an intent.
pub(super) fn insert(connection: &Connection, intent: &Intent) -> Result<(), Fault> {
    // Acts run one by one, so nobody takes the key between this and the insert.
    let request = intent.request.as_ref();
    if !may_hold_key(connection, intent)? {
        return Err(clash(connection, intent)?.into());
    }
    if let Some(serial) = &intent.renews
        && !is_renewable(connection, &intent.issuer, serial, request)?
    {
        let (issuer, serial) = (intent.issuer.clone(), *serial);
        return Err(Conflict::Renewed { issuer, serial }.into());
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO certificate (issuer, serial, state, role, key_use, brand, subject, \
         public_key, thumbprint, not_after, request, renews, recorded_at, digest, tbs) \
         VALUES (?1, ?2, 'intent', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
         ON CONFLICT DO NOTHING",
    )?;
    let inserted = insert.execute(params![
        intent.issuer.as_str(),
        intent.serial.as_octets(),
        intent.role.name(),
        intent.key_use.name(),
        intent.brand,
        intent.subject,
        intent.public_key,
        intent.thumbprint,
        signed(intent.not_after.as_secs()),
        intent.request,
        intent.renews.as_ref().map(SerialNumber::as_octets),
        signed(intent.recorded_at.as_secs()),
        digest::of_intent(intent).finish(),
        intent.tbs,
    ])?;
    if inserted != 1 {
        return Err(clash(connection, intent)?.into());
    }
    let position = connection.last_insert_rowid();
    words::insert(connection, position, &intent.subject)?;
    changes::record(connection, unsigned(position))
}

/// Turns an intent into an issued certificate.
pub(super) fn issue(connection: &Connection, issued: &IssuedCertificate) -> Result<(), Fault> {
    let Intent { issuer, serial, .. } = &issued.intent;
    // Read whole: nothing is issued on a record that is damaged.
    let record = existing(connection, issuer, serial)?;
    if record.der.is_some() {
        return Err(Conflict::Issued { issuer: issuer.clone(), serial: *serial }.into());
    }
    // tbs goes if the certificate repeats it.
    connection
        .prepare_cached(
            "UPDATE certificate SET der = ?2, digest = ?3, tbs = nullif(tbs, ?4), \
             state = CASE state WHEN 'intent' THEN 'issued' ELSE state END WHERE position = ?1",
        )?
        .execute(params![
            signed(record.position),
            issued.der,
            digest::of_issued(&digest::of_intent(&record.intent).finish(), &issued.der).finish(),
            tbs_of(&issued.der),
        ])?;
    changes::record(connection, record.position)
}

pub(super) fn find(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<Option<CertificateRecord>, Fault> {
    let mut select = connection.prepare_cached(&format!(
        "{SELECT} WHERE certificate.issuer = ?1 AND certificate.serial = ?2"
    ))?;
    let mut rows = select.query(params![issuer.as_str(), serial.as_octets()])?;
    rows.next()?.map(read).transpose()
}

pub(super) fn find_by_thumbprint(
    connection: &Connection,
    thumbprint: &[u8],
) -> Result<Option<CertificateRecord>, Fault> {
    let mut select =
        connection.prepare_cached(&format!("{SELECT} WHERE certificate.thumbprint = ?1"))?;
    let mut rows = select.query([thumbprint])?;
    rows.next()?.map(read).transpose()
}

/// As [`find`], for acts that build on the record.
pub(super) fn existing(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
) -> Result<CertificateRecord, Fault> {
    find(connection, issuer, serial)?.ok_or_else(|| absent(issuer, serial))
}

fn absent(issuer: &CaId, serial: &SerialNumber) -> Fault {
    Fault::absent(format!("certificate {serial} of {issuer}"))
}

/// The record at a position that an index has.
pub(super) fn at(connection: &Connection, position: u64) -> Result<CertificateRecord, Fault> {
    let mut select =
        connection.prepare_cached(&format!("{SELECT} WHERE certificate.position = ?1"))?;
    let mut rows = select.query([signed(position)])?;
    let row = rows.next()?;
    read(row.ok_or_else(|| Fault::damaged(format!("certificate at position {position}")))?)
}

/// True if nobody holds the key, or only `request`: runs of it that died, or while it was open.
pub(super) fn is_key_free(
    connection: &Connection,
    key: &[u8; 32],
    request: Option<&[u8; 32]>,
) -> Result<bool, Fault> {
    Ok(is_unclaimed(connection, key, request)?
        && holders_yield(connection, key, |record| record.yields_to(request))?)
}

/// True if whoever holds the key of `intent` gives it over.
fn may_hold_key(connection: &Connection, intent: &Intent) -> Result<bool, Fault> {
    let key = &intent.public_key;
    Ok(is_unclaimed(connection, key, intent.request.as_ref())?
        && holders_yield(connection, key, |record| record.yields_key_to(intent))?)
}

/// True if no open request but `request` itself holds the key.
fn is_unclaimed(
    connection: &Connection,
    key: &[u8; 32],
    request: Option<&[u8; 32]>,
) -> Result<bool, Fault> {
    let claimed = connection
        .prepare_cached("SELECT request FROM key_claim WHERE public_key = ?1")?
        .query_row([key], |row| row.get::<_, [u8; 32]>(0))
        .optional()?;
    Ok(claimed.as_ref().is_none_or(|claim| Some(claim) == request))
}

fn holders_yield(
    connection: &Connection,
    key: &[u8; 32],
    yields: impl Fn(&CertificateRecord) -> bool,
) -> Result<bool, Fault> {
    let mut select =
        connection.prepare_cached(&format!("{SELECT} WHERE certificate.public_key = ?1"))?;
    let mut rows = select.query([key])?;
    while let Some(row) = rows.next()? {
        if !yields(&read(row)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True if every renewal of the certificate is gone or of a run of `request` that died.
fn is_renewable(
    connection: &Connection,
    issuer: &CaId,
    serial: &SerialNumber,
    request: Option<&[u8; 32]>,
) -> Result<bool, Fault> {
    let mut select = connection.prepare_cached(&format!(
        "{SELECT} WHERE certificate.issuer = ?1 AND certificate.renews = ?2"
    ))?;
    let mut rows = select.query(params![issuer.as_str(), serial.as_octets()])?;
    while let Some(row) = rows.next()? {
        let record = read(row)?;
        if !record.is_gone() && !record.yields_to(request) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Which of the two rules of an intent the insert met.
fn clash(connection: &Connection, intent: &Intent) -> Result<Conflict, Fault> {
    let mut select =
        connection.prepare_cached("SELECT 1 FROM certificate WHERE issuer = ?1 AND serial = ?2")?;
    let serial_taken = select
        .query_row(params![intent.issuer.as_str(), intent.serial.as_octets()], |_| Ok(()))
        .optional()?
        .is_some();
    Ok(if serial_taken {
        Conflict::Serial { issuer: intent.issuer.clone(), serial: intent.serial }
    } else {
        Conflict::PublicKey(intent.public_key)
    })
}

/// A record from the columns of [`SELECT`]; by number, because a name is searched for in each row.
fn read(row: &Row<'_>) -> Result<CertificateRecord, Fault> {
    let der: Option<Vec<u8>> = row.get(16)?;
    let intent = read_intent(row, der.as_deref())?;
    let what = || format!("certificate {} of {}", intent.serial, intent.issuer);
    let stored: [u8; 32] = row.get(14)?;
    match &der {
        None => digest::of_intent(&intent).check(&stored, what)?,
        Some(der) => {
            digest::of_issued(&digest::of_intent(&intent).finish(), der).check(&stored, what)?
        }
    }
    let revocation = revocations::read_joined(row, 17, &intent.issuer, &intent.serial)?
        .map(|(revocation, _)| revocation);
    let position = unsigned(row.get(0)?);
    let record = CertificateRecord { position, intent, der, revocation };
    // The column is there for the index; a revocation that went missing shows here.
    if record.state().name() != row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)? {
        let Intent { issuer, serial, .. } = &record.intent;
        return Err(Fault::damaged(format!("state of certificate {serial} of {issuer}")));
    }
    Ok(record)
}

fn read_intent(row: &Row<'_>, der: Option<&[u8]>) -> Result<Intent, Fault> {
    let text = |column| -> Result<&str, Fault> {
        Ok(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?)
    };
    let serial = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
    let renews = row.get_ref(12)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    // Without one of its own the certificate has it; were that gone too, the digest would tell.
    let tbs = row.get::<_, Option<Vec<u8>>>(15)?;
    let repeated = || der.and_then(tbs_of).unwrap_or_default().to_vec();
    Ok(Intent {
        issuer: ca_id(text(1)?)?,
        serial: serial_number(serial)?,
        tbs: tbs.unwrap_or_else(repeated),
        subject: row.get(7)?,
        role: named(text(4)?)?,
        key_use: named(text(5)?)?,
        brand: row.get(6)?,
        public_key: row.get(8)?,
        thumbprint: row.get(9)?,
        not_after: time(row.get(10)?),
        request: row.get(11)?,
        renews: renews.map(serial_number).transpose()?,
        recorded_at: time(row.get(13)?),
    })
}

/// A certificate and its revocation, if any: the columns that [`read`] counts.
const SELECT: &str = "SELECT certificate.position, certificate.issuer, certificate.serial, \
     certificate.state, certificate.role, certificate.key_use, certificate.brand, \
     certificate.subject, certificate.public_key, certificate.thumbprint, certificate.not_after, \
     certificate.request, certificate.renews, certificate.recorded_at, certificate.digest, \
     certificate.tbs, certificate.der, revocation.revoked_at, revocation.reason, \
     revocation.invalid_since, revocation.not_after, revocation.digest \
     FROM certificate LEFT JOIN revocation \
     ON revocation.issuer = certificate.issuer AND revocation.serial = certificate.serial";

#[cfg(test)]
mod tests {
    use ca_core::store::conformance::samples;

    use super::super::schema;
    use super::*;

    #[test]
    fn issued_certificate_keeps_its_tbs_once() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open(&folder.path().join("store.db")).unwrap();
        let tbs = vec![0x30, 2, 5, 0];
        for (serial, der, own) in
            [(1, vec![0x30, 6, 0x30, 2, 5, 0, 5, 0], None), (2, vec![1, 2, 3], Some(tbs.clone()))]
        {
            let intent = Intent { tbs: tbs.clone(), ..samples::intent("cca", serial).unwrap() };
            let (issuer, number) = (intent.issuer.clone(), intent.serial);
            insert(&connection, &intent).unwrap();
            issue(&connection, &IssuedCertificate { intent, der: der.clone() }).unwrap();
            let kept: Option<Vec<u8>> = connection
                .query_row(
                    "SELECT tbs FROM certificate WHERE position = ?1",
                    [signed(serial)],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(kept, own);
            let record = find(&connection, &issuer, &number).unwrap().unwrap();
            assert_eq!((record.intent.tbs, record.der), (tbs.clone(), Some(der)));
        }
    }
}
