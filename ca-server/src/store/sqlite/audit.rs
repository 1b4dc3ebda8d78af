//! The audit log in SQL: its lines, the whole subtrees above them, and signed checkpoints.

use ca_core::audit::{AuditEntry, AuditLine, Hash, Node, Tree, leaf_hash};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::fault::Fault;

/// Appends entries, in the transaction of the act they tell of.
///
/// The tree is read from the file each time, a dozen rows: another process may have appended since,
/// or this one may have been undone.
pub(super) fn append<'a>(
    connection: &Connection,
    entries: impl IntoIterator<Item = &'a AuditEntry>,
) -> Result<(), Fault> {
    let mut entries = entries.into_iter().peekable();
    if entries.peek().is_none() {
        return Ok(());
    }
    let mut tree = Tree::read(size(connection)?, |at| node(connection, at))?;
    let mut line_of = connection.prepare_cached(INSERT_LINE)?;
    let mut node_of = connection.prepare_cached(INSERT_NODE)?;
    for entry in entries {
        let text = entry.to_line();
        let leaf = leaf_hash(text.as_bytes());
        line_of.execute(params![signed(tree.size())?, leaf.0, text])?;
        let mut whole = Vec::new();
        tree.append(leaf, &mut |at, hash| whole.push((at, hash)));
        for (at, hash) in whole.into_iter().filter(|(at, _)| at.level > 0) {
            node_of.execute(params![at.level, signed(at.index)?, hash.0])?;
        }
    }
    Ok(())
}

pub(super) fn size(connection: &Connection) -> Result<u64, Fault> {
    let sql = "SELECT coalesce(max(position) + 1, 0) FROM audit";
    let size: i64 = connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
    u64::try_from(size).map_err(|_| Fault::damaged("size of the audit log".to_owned()))
}

pub(super) fn lines(
    connection: &Connection,
    from: u64,
    limit: usize,
) -> Result<Vec<AuditLine>, Fault> {
    let sql =
        "SELECT position, hash, line FROM audit WHERE position >= ?1 ORDER BY position LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![signed(from)?, limit])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let damaged = || Fault::damaged("position or hash in the audit log".to_owned());
        let position = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| damaged())?;
        let hash = Hash::from_octets(&row.get::<_, Vec<u8>>(1)?).ok_or_else(damaged)?;
        lines.push(AuditLine { position, hash, text: row.get(2)? });
    }
    Ok(lines)
}

pub(super) fn node(connection: &Connection, at: Node) -> Result<Hash, Fault> {
    let place = signed(at.index)?;
    let absent = || Fault::absent(format!("node {} of level {}", at.index, at.level));
    let sql = if at.level == 0 {
        "SELECT hash FROM audit WHERE ?1 = 0 AND position = ?2"
    } else {
        "SELECT hash FROM audit_node WHERE level = ?1 AND place = ?2"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let hash: Option<Vec<u8>> =
        statement.query_row(params![at.level, place], |row| row.get(0)).optional()?;
    let damaged = || Fault::damaged(format!("node {} of level {}", at.index, at.level));
    Hash::from_octets(&hash.ok_or_else(absent)?).ok_or_else(damaged)
}

pub(super) fn keep(connection: &Connection, checkpoint: u64, note: &str) -> Result<(), Fault> {
    if checkpoint > size(connection)? {
        return Err(Fault::absent(format!("entry {checkpoint} of the audit log")));
    }
    let sql = "INSERT INTO audit_checkpoint (size, note) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![signed(checkpoint)?, note])?;
    Ok(())
}

pub(super) fn checkpoints(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<String>, Fault> {
    let sql = "SELECT note FROM audit_checkpoint WHERE size > ?1 ORDER BY size LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![signed(after)?, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// As SQLite counts.
fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::absent(format!("entry {number} of the audit log")))
}

const INSERT_LINE: &str = "INSERT INTO audit (position, hash, line) VALUES (?1, ?2, ?3)";
const INSERT_NODE: &str = "INSERT INTO audit_node (level, place, hash) VALUES (?1, ?2, ?3)";
