//! The audit log in SQL: its lines, the whole subtrees above them, and signed checkpoints.

use ca_core::audit::{AuditEntry, AuditLine, Hash, Node, Tree, leaf_hash};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::fault::Fault;

/// An entry as it is written: made by whoever acts, so that the writer has less to do.
pub(super) struct Line {
    text: String,
    leaf: Hash,
}

impl From<AuditEntry> for Line {
    fn from(entry: AuditEntry) -> Self {
        let text = entry.to_line();
        Self { leaf: leaf_hash(text.as_bytes()), text }
    }
}

/// Appends lines, in the transaction of the acts they tell of.
///
/// The tree is read from the file each time, a dozen rows: another process may have appended since,
/// or this one may have been undone.
pub(super) fn append(connection: &Connection, lines: &[Line]) -> Result<(), Fault> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut tree = Tree::read(size(connection)?, |at| node(connection, at))?;
    let mut line_of = connection.prepare_cached(INSERT_LINE)?;
    let mut node_of = connection.prepare_cached(INSERT_NODE)?;
    for Line { text, leaf } in lines {
        let position = tree.size();
        line_of.execute(params![signed(position)?, AuditLine::mark(position, *leaf).0, text])?;
        let mut whole = Vec::new();
        tree.append(*leaf, &mut |at, hash| whole.push((at, hash)));
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
        "SELECT position, mark, line FROM audit WHERE position >= ?1 ORDER BY position LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![signed(from)?, limit])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let damaged = || Fault::damaged("position or mark in the audit log".to_owned());
        let position = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| damaged())?;
        let mark = Hash::from_octets(&row.get::<_, Vec<u8>>(1)?).ok_or_else(damaged)?;
        lines.push(AuditLine { position, mark, text: row.get(2)? });
    }
    Ok(lines)
}

pub(super) fn node(connection: &Connection, at: Node) -> Result<Hash, Fault> {
    let place = signed(at.index)?;
    let absent = || Fault::absent(format!("node {} of level {}", at.index, at.level));
    if at.level == 0 {
        let mut statement =
            connection.prepare_cached("SELECT line FROM audit WHERE position = ?1")?;
        let line: Option<String> = statement.query_row([place], |row| row.get(0)).optional()?;
        return Ok(leaf_hash(line.ok_or_else(absent)?.as_bytes()));
    }
    let sql = "SELECT hash FROM audit_node WHERE level = ?1 AND place = ?2";
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

pub(super) fn last_checkpoint(connection: &Connection) -> Result<Option<String>, Fault> {
    let sql = "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row((), |row| row.get(0)).optional()?)
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

const INSERT_LINE: &str = "INSERT INTO audit (position, mark, line) VALUES (?1, ?2, ?3)";
const INSERT_NODE: &str = "INSERT INTO audit_node (level, place, hash) VALUES (?1, ?2, ?3)";
