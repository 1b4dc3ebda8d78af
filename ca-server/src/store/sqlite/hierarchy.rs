//! The CAs, in SQL.

use ca_core::signer::KeyId;
use ca_core::store::{CaCertificate, CaId, CaRecord, Conflict};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::super::columns::{ca_id, named, role_names};
use super::super::digest;
use super::fault::Fault;

pub(super) fn insert(connection: &Connection, ca: &CaRecord) -> Result<(), Fault> {
    if exists(connection, ca.id.as_str())? {
        return Err(Conflict::Ca(ca.id.clone()).into());
    }
    if let Some(superior) = &ca.superior
        && !exists(connection, superior.as_str())?
    {
        return Err(Fault::absent(format!("CA {superior}, superior of {}", ca.id)));
    }
    connection
        .prepare_cached(
            "INSERT INTO ca (id, superior, roles, brand, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            ca.id.as_str(),
            ca.superior.as_ref().map(|id| id.as_str()),
            role_names(&ca.roles),
            ca.brand,
            digest::of_ca(ca).finish(),
        ])?;
    write_certificates(connection, ca, 0)
}

/// Puts one certificate in force, as the newest of its CA.
pub(super) fn put_in_force(
    connection: &Connection,
    id: &CaId,
    certificate: CaCertificate,
) -> Result<(), Fault> {
    let mut select = connection
        .prepare_cached("SELECT id, superior, roles, brand, digest FROM ca WHERE id = ?1")?;
    let mut rows = select.query([id.as_str()])?;
    let row = rows.next()?.ok_or_else(|| Fault::absent(format!("CA {id}")))?;
    let mut ca = read(connection, row)?;
    let place = ca.certificates.len();
    ca.certificates.push(certificate);
    connection
        .prepare_cached("UPDATE ca SET digest = ?2 WHERE id = ?1")?
        .execute(params![id.as_str(), digest::of_ca(&ca).finish()])?;
    write_certificates(connection, &ca, place)
}

/// Writes the certificates from number `first` on.
fn write_certificates(connection: &Connection, ca: &CaRecord, first: usize) -> Result<(), Fault> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO ca_certificate (ca, place, key_use, key, der) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (place, own) in (0_i64..).zip(&ca.certificates).skip(first) {
        insert.execute(params![ca.id.as_str(), place, own.key_use.name(), own.key.0, own.der])?;
    }
    Ok(())
}

pub(super) fn all(connection: &Connection) -> Result<Vec<CaRecord>, Fault> {
    // Two statements, one state of the store.
    let snapshot = connection.unchecked_transaction()?;
    let mut select = snapshot
        .prepare_cached("SELECT id, superior, roles, brand, digest FROM ca ORDER BY position")?;
    let mut rows = select.query(())?;
    let mut cas = Vec::new();
    while let Some(row) = rows.next()? {
        cas.push(read(&snapshot, row)?);
    }
    Ok(cas)
}

fn exists(connection: &Connection, id: &str) -> Result<bool, Fault> {
    let mut select = connection.prepare_cached("SELECT 1 FROM ca WHERE id = ?1")?;
    Ok(select.query_row([id], |_| Ok(())).optional()?.is_some())
}

fn read(connection: &Connection, row: &Row<'_>) -> Result<CaRecord, Fault> {
    let id: String = row.get("id")?;
    let superior: Option<String> = row.get("superior")?;
    let roles: String = row.get("roles")?;
    let ca = CaRecord {
        id: ca_id(&id)?,
        superior: superior.as_deref().map(ca_id).transpose()?,
        roles: roles.split(' ').map(named).collect::<Result<_, _>>()?,
        brand: row.get("brand")?,
        certificates: own_certificates(connection, &id)?,
    };
    digest::of_ca(&ca).check(&row.get("digest")?, || format!("CA {id}"))?;
    Ok(ca)
}

fn own_certificates(connection: &Connection, ca: &str) -> Result<Vec<CaCertificate>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT key_use, key, der FROM ca_certificate WHERE ca = ?1 ORDER BY place",
    )?;
    let mut rows = select.query([ca])?;
    let mut own = Vec::new();
    while let Some(row) = rows.next()? {
        let key_use: String = row.get("key_use")?;
        own.push(CaCertificate {
            key_use: named(&key_use)?,
            key: KeyId(row.get("key")?),
            der: row.get("der")?,
        });
    }
    Ok(own)
}
