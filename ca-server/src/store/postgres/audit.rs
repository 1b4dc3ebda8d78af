//! The audit log in SQL: its lines, the whole subtrees above them, and signed checkpoints.

use std::collections::HashMap;

use ca_core::audit::{AuditEntry, AuditLine, Hash, Node, Tree, leaf_hash};
use ca_core::store::StoreError;
use deadpool_postgres::ClientWrapper as Session;

use super::columns::{Write, column, get};
use super::fault::Fault;
use crate::store::columns::{signed, unsigned};

/// Entries as they are written, and the nodes they make whole.
#[derive(Default)]
pub(super) struct Appended {
    /// Position, mark, text.
    lines: Vec<(i64, Hash, String)>,
    /// Level, place, hash.
    nodes: Vec<(i64, i64, Hash)>,
}

impl Appended {
    /// Appends entries to a tree.
    pub(super) fn to(tree: &mut Tree, entries: &[AuditEntry]) -> Self {
        let mut appended = Self::default();
        for entry in entries {
            let text = entry.to_line();
            let (position, leaf) = (tree.size(), leaf_hash(text.as_bytes()));
            tree.append(leaf, &mut |node, hash| {
                if node.level > 0 {
                    appended.nodes.push((node.level.into(), signed(node.index), hash));
                }
            });
            appended.lines.push((signed(position), AuditLine::mark(position, leaf), text));
        }
        appended
    }

    pub(super) fn writes(&self) -> Vec<Write<'_>> {
        let lines = vec![
            column(&self.lines, |line| line.0),
            column(&self.lines, |line| &line.1.0[..]),
            column(&self.lines, |line| line.2.as_str()),
        ];
        let nodes = vec![
            column(&self.nodes, |node| node.0),
            column(&self.nodes, |node| node.1),
            column(&self.nodes, |node| &node.2.0[..]),
        ];
        let mut writes = Vec::new();
        if !self.lines.is_empty() {
            writes.push(Write { sql: INSERT_LINES, values: lines });
        }
        if !self.nodes.is_empty() {
            writes.push(Write { sql: INSERT_NODES, values: nodes });
        }
        writes
    }
}

pub(super) async fn size(session: &Session) -> Result<u64, Fault> {
    // Of the lines, not of the head: whoever examines the log asks what is there.
    let sql = "SELECT coalesce(max(position) + 1, 0) FROM audit";
    let statement = session.prepare_cached(sql).await?;
    Ok(unsigned(get(&session.query_one(&statement, &[]).await?, 0)?))
}

pub(super) async fn lines(
    session: &Session,
    from: u64,
    limit: usize,
) -> Result<Vec<AuditLine>, Fault> {
    let sql =
        "SELECT position, mark, line FROM audit WHERE position >= $1 ORDER BY position LIMIT $2";
    let statement = session.prepare_cached(sql).await?;
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut lines = Vec::new();
    for row in session.query(&statement, &[&from, &limit]).await? {
        let damaged = || Fault::damaged("position or mark in the audit log");
        let position = u64::try_from(get::<i64>(&row, 0)?).map_err(|_| damaged())?;
        let mark = Hash::from_octets(get(&row, 1)?).ok_or_else(damaged)?;
        lines.push(AuditLine { position, mark, text: get(&row, 2)? });
    }
    Ok(lines)
}

pub(super) async fn node(session: &Session, at: Node) -> Result<Hash, Fault> {
    let place = i64::try_from(at.index).unwrap_or(i64::MAX);
    let absent = || Fault::absent(format!("node {} of level {}", at.index, at.level));
    if at.level == 0 {
        let statement =
            session.prepare_cached("SELECT line FROM audit WHERE position = $1").await?;
        let row = session.query_opt(&statement, &[&place]).await?.ok_or_else(absent)?;
        return Ok(leaf_hash(get::<&str>(&row, 0)?.as_bytes()));
    }
    let sql = "SELECT hash FROM audit_node WHERE level = $1 AND place = $2";
    let statement = session.prepare_cached(sql).await?;
    let level = i64::from(at.level);
    let row = session.query_opt(&statement, &[&level, &place]).await?.ok_or_else(absent)?;
    let damaged = || Fault::damaged(format!("node {} of level {}", at.index, at.level));
    Hash::from_octets(get(&row, 0)?).ok_or_else(damaged)
}

/// Many at once, each in its place.
pub(super) async fn nodes(session: &Session, wanted: &[Node]) -> Result<Vec<Option<Hash>>, Fault> {
    let sql = "SELECT n.level, n.place, n.hash FROM unnest($1::bigint[], $2::bigint[]) \
         AS w (level, place) JOIN audit_node n ON n.level = w.level AND n.place = w.place";
    let statement = session.prepare_cached(sql).await?;
    let place = |at: &Node| i64::try_from(at.index).unwrap_or(i64::MAX);
    let levels: Vec<i64> = wanted.iter().map(|at| at.level.into()).collect();
    let places: Vec<i64> = wanted.iter().map(place).collect();
    let mut found: HashMap<(i64, i64), Hash> = HashMap::new();
    for row in session.query(&statement, &[&levels, &places]).await? {
        let at = (get(&row, 0)?, get(&row, 1)?);
        let damaged = || Fault::damaged(format!("node {} of level {}", at.1, at.0));
        found.insert(at, Hash::from_octets(get(&row, 2)?).ok_or_else(damaged)?);
    }
    let mut all = Vec::with_capacity(wanted.len());
    for at in wanted {
        let known = found.get(&(at.level.into(), place(at))).copied();
        // A leaf is no node of its own: it is made from its line.
        all.push(match (known, at.level) {
            (None, 0) => leaf(session, *at).await?,
            (known, _) => known,
        });
    }
    Ok(all)
}

async fn leaf(session: &Session, at: Node) -> Result<Option<Hash>, Fault> {
    match node(session, at).await {
        Ok(hash) => Ok(Some(hash)),
        Err(Fault::Contract(StoreError::Absent(_))) => Ok(None),
        Err(fault) => Err(fault),
    }
}

pub(super) async fn keep(
    session: &Session,
    checkpoint: u64,
    note: &str,
    size: u64,
) -> Result<u64, Fault> {
    if checkpoint > size {
        return Err(Fault::absent(format!("entry {checkpoint} of the audit log")));
    }
    let sql = "INSERT INTO audit_checkpoint (size, note) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let statement = session.prepare_cached(sql).await?;
    Ok(session.execute(&statement, &[&signed(checkpoint), &note]).await?)
}

pub(super) async fn last_checkpoint(session: &Session) -> Result<Option<String>, Fault> {
    let sql = "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1";
    let statement = session.prepare_cached(sql).await?;
    let row = session.query_opt(&statement, &[]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn checkpoints(
    session: &Session,
    after: u64,
    limit: usize,
) -> Result<Vec<String>, Fault> {
    let sql = "SELECT note FROM audit_checkpoint WHERE size > $1 ORDER BY size LIMIT $2";
    let statement = session.prepare_cached(sql).await?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = session.query(&statement, &[&after, &limit]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

pub(super) const INSERT_LINES: &str = "INSERT INTO audit (position, mark, line) \
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[])";
pub(super) const INSERT_NODES: &str = "INSERT INTO audit_node (level, place, hash) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])";
