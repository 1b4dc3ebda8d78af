//! The parts of published lists, in SQL: each stored once, gone with the last list that names it.

use std::collections::HashMap;

use ca_core::store::ListId;
use ca_core::{Octets, Part};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::fault::Fault;

/// Puts the parts of `list` in the place of those of the list before, given by their digests: what
/// both have is not touched.
pub(super) fn exchange(
    connection: &Connection,
    list: &Octets,
    before: Vec<u8>,
) -> Result<(), Fault> {
    let mut uses: HashMap<&[u8], i64> = HashMap::new();
    list.parts().iter().for_each(|part| *uses.entry(part.digest()).or_default() += 1);
    before.chunks(DIGEST).for_each(|digest| *uses.entry(digest).or_default() -= 1);
    for part in list.parts() {
        if let Some(more) = uses.remove(&part.digest()[..])
            && more != 0
        {
            use_more(connection, part.digest(), more, part.octets())?;
        }
    }
    // Parts that only the list before had.
    uses.into_iter().try_for_each(|(digest, fewer)| use_less(connection, digest, -fewer))
}

/// The list made of the parts with these digests.
pub(super) fn collect(
    connection: &Connection,
    digests: &[u8],
    list: &ListId,
) -> Result<Octets, Fault> {
    let mut select = connection.prepare_cached("SELECT octets FROM list_part WHERE digest = ?1")?;
    let mut read = |digest: &[u8]| {
        let octets: Option<Vec<u8>> = select.query_row([digest], |row| row.get(0)).optional()?;
        let part = octets.map(Part::from).filter(|part| part.digest() == digest);
        part.ok_or_else(|| Fault::damaged(format!("a part of {list}")))
    };
    digests.chunks(DIGEST).map(&mut read).collect()
}

/// `more` may be below zero, if some use remains.
fn use_more(connection: &Connection, digest: &[u8], more: i64, octets: &[u8]) -> Result<(), Fault> {
    let mut update =
        connection.prepare_cached("UPDATE list_part SET uses = uses + ?2 WHERE digest = ?1")?;
    if update.execute(params![digest, more])? == 0 {
        connection
            .prepare_cached("INSERT INTO list_part (digest, uses, octets) VALUES (?1, ?2, ?3)")?
            .execute(params![digest, more, octets])?;
    }
    Ok(())
}

fn use_less(connection: &Connection, digest: &[u8], fewer: i64) -> Result<(), Fault> {
    let gone = connection
        .prepare_cached("DELETE FROM list_part WHERE digest = ?1 AND uses <= ?2")?
        .execute(params![digest, fewer])?;
    if gone == 0 {
        connection
            .prepare_cached("UPDATE list_part SET uses = uses - ?2 WHERE digest = ?1")?
            .execute(params![digest, fewer])?;
    }
    Ok(())
}

/// Octets of a digest.
const DIGEST: usize = 32;

#[cfg(test)]
mod tests {
    use ca_core::store::{ListId, PublishedList, Store as _, conformance::samples};

    use super::super::SqliteStore;
    use super::*;

    fn list(store: &SqliteStore, id: &ListId, number: u64, parts: &[&str]) {
        let der = parts.iter().map(|part| Part::from(part.as_bytes().to_vec())).collect();
        store
            .record_list(&PublishedList { der, ..samples::list(id, number) }, &samples::acting())
            .unwrap();
    }

    /// What the table holds: text and uses.
    fn held(store: &SqliteStore) -> Vec<(String, i64)> {
        let query = "SELECT CAST(octets AS TEXT), uses FROM list_part ORDER BY 1";
        let all = store.read(|connection| {
            let mut select = connection.prepare(query)?;
            let rows = select.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        });
        all.unwrap()
    }

    fn named(held: &[(&str, i64)]) -> Vec<(String, i64)> {
        held.iter().map(|(text, uses)| ((*text).to_owned(), *uses)).collect()
    }

    #[test]
    fn parts_are_kept_once_and_as_long_as_a_list_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db")).unwrap();
        let crl = ListId::Crl(samples::ca_id("cca").unwrap());
        let base = ListId::DeltaBase(samples::ca_id("cca").unwrap());
        list(&store, &crl, 1, &["a", "b", "b", "c"]);
        assert_eq!(held(&store), named(&[("a", 1), ("b", 2), ("c", 1)]));
        list(&store, &base, 1, &["a", "b", "b", "c"]);
        list(&store, &crl, 2, &["d", "b", "c"]);
        assert_eq!(held(&store), named(&[("a", 1), ("b", 3), ("c", 2), ("d", 1)]));
        list(&store, &base, 2, &["c"]);
        assert_eq!(held(&store), named(&[("b", 1), ("c", 2), ("d", 1)]));
        let read = store.list(&crl).unwrap().unwrap();
        assert_eq!((read.der.to_vec(), read.der.parts().len()), (b"dbc".to_vec(), 3));
    }

    #[test]
    fn flipped_bit_of_a_part_is_found_when_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db")).unwrap();
        let crl = ListId::Crl(samples::ca_id("cca").unwrap());
        list(&store, &crl, 1, &["a", "b"]);
        let flip =
            "UPDATE list_part SET octets = CAST('c' AS BLOB) WHERE octets = CAST('b' AS BLOB)";
        assert_eq!(store.write(move |c| Ok(c.execute(flip, ())?)).unwrap(), 1);
        let error = store.list(&crl).unwrap_err().to_string();
        assert!(error.contains("a part of CRL of cca"), "{error}");
        assert_eq!(store.list_head(&crl).unwrap().unwrap().number, 1);
    }
}
