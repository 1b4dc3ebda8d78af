//! The CAs, in SQL.

use std::collections::HashMap;

use ca_core::signer::KeyId;
use ca_core::store::{CaCertificate, CaId, CaRecord, Conflict};
use deadpool_postgres::ClientWrapper as Session;
use tokio_postgres::Row;

use super::columns::{array, get};
use super::fault::Fault;
use crate::store::columns::{ca_id, named, role_names, signed};
use crate::store::digest;

/// Records a CA at a new position.
pub(super) async fn insert(session: &Session, ca: &CaRecord, position: u64) -> Result<(), Fault> {
    let known = all(session).await?;
    if known.iter().any(|other| other.id == ca.id) {
        return Err(Conflict::Ca(ca.id.clone()).into());
    }
    if let Some(superior) = &ca.superior
        && !known.iter().any(|other| other.id == *superior)
    {
        return Err(Fault::absent(format!("CA {superior}, superior of {}", ca.id)));
    }
    let sql = "INSERT INTO ca (position, id, superior, roles, brand, digest) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let statement = session.prepare_cached(sql).await?;
    let superior = ca.superior.as_ref().map(CaId::as_str);
    let (roles, digest) = (role_names(&ca.roles), digest::of_ca(ca).finish());
    session
        .execute(
            &statement,
            &[&signed(position), &ca.id.as_str(), &superior, &roles, &ca.brand, &&digest[..]],
        )
        .await?;
    write_certificates(session, ca, 0).await
}

/// Puts one certificate in force, as the newest of its CA.
pub(super) async fn put_in_force(
    session: &Session,
    id: &CaId,
    certificate: &CaCertificate,
) -> Result<(), Fault> {
    let found = all(session).await?.into_iter().find(|ca| ca.id == *id);
    let mut ca = found.ok_or_else(|| Fault::absent(format!("CA {id}")))?;
    let place = ca.certificates.len();
    ca.certificates.push(certificate.clone());
    let statement = session.prepare_cached("UPDATE ca SET digest = $2 WHERE id = $1").await?;
    let digest = digest::of_ca(&ca).finish();
    session.execute(&statement, &[&id.as_str(), &&digest[..]]).await?;
    write_certificates(session, &ca, place).await
}

/// Writes the certificates from number `first` on.
async fn write_certificates(session: &Session, ca: &CaRecord, first: usize) -> Result<(), Fault> {
    let sql = "INSERT INTO ca_certificate (ca, place, key_use, key, der) \
         VALUES ($1, $2, $3, $4, $5)";
    let statement = session.prepare_cached(sql).await?;
    for (place, own) in (0_i64..).zip(&ca.certificates).skip(first) {
        let (key_use, key) = (own.key_use.name(), &own.key.0[..]);
        session.execute(&statement, &[&ca.id.as_str(), &place, &key_use, &key, &own.der]).await?;
    }
    Ok(())
}

pub(super) async fn all(session: &Session) -> Result<Vec<CaRecord>, Fault> {
    let statement = session.prepare_cached(ALL).await?;
    // Each with the digest that is stored beside it.
    let mut cas: Vec<(CaRecord, [u8; 32])> = Vec::new();
    let mut places: HashMap<CaId, usize> = HashMap::new();
    for row in session.query(&statement, &[]).await? {
        let id = ca_id(get(&row, 0)?)?;
        let at = match places.get(&id) {
            Some(at) => *at,
            None => {
                places.insert(id.clone(), cas.len());
                cas.push((read(&row, id)?, array(&row, 4)?));
                cas.len() - 1
            }
        };
        let own = read_certificate(&row)?;
        if let Some((ca, _)) = cas.get_mut(at) {
            ca.certificates.extend(own);
        }
    }
    let checked = cas.into_iter().map(|(ca, stored)| {
        digest::of_ca(&ca).check(&stored, || format!("CA {}", ca.id))?;
        Ok(ca)
    });
    checked.collect()
}

fn read(row: &Row, id: CaId) -> Result<CaRecord, Fault> {
    Ok(CaRecord {
        id,
        superior: get::<Option<&str>>(row, 1)?.map(ca_id).transpose()?,
        roles: get::<&str>(row, 2)?.split(' ').map(named).collect::<Result<_, _>>()?,
        brand: get(row, 3)?,
        certificates: Vec::new(),
    })
}

/// The certificate beside a CA; none beside one that has none.
fn read_certificate(row: &Row) -> Result<Option<CaCertificate>, Fault> {
    let Some(key_use) = get::<Option<&str>>(row, 5)? else { return Ok(None) };
    let (key_use, key) = (named(key_use)?, KeyId(array(row, 6)?));
    Ok(Some(CaCertificate { key_use, key, der: get(row, 7)? }))
}

const ALL: &str = "SELECT ca.id, ca.superior, ca.roles, ca.brand, ca.digest, o.key_use, o.key, \
     o.der FROM ca LEFT JOIN ca_certificate o ON o.ca = ca.id ORDER BY ca.position, o.place";
