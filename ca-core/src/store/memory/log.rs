//! The audit log in memory.

use std::collections::BTreeMap;

use super::super::StoreError;
use crate::audit::{AuditEntry, AuditLine, Hash, Node, Tree, leaf_hash};

#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    lines: Vec<AuditLine>,
    nodes: BTreeMap<Node, Hash>,
    tree: Tree,
    /// By size.
    checkpoints: BTreeMap<u64, String>,
}

impl Log {
    pub(super) fn append(&mut self, entry: &AuditEntry) {
        let (text, nodes) = (entry.to_line(), &mut self.nodes);
        let (position, hash) = (self.tree.size(), leaf_hash(text.as_bytes()));
        self.tree.append(hash, &mut |node, hash| {
            let _ = nodes.insert(node, hash);
        });
        self.lines.push(AuditLine { position, mark: AuditLine::mark(position, hash), text });
    }

    pub(super) const fn size(&self) -> u64 {
        self.tree.size()
    }

    pub(super) fn lines(&self, from: u64, limit: usize) -> Vec<AuditLine> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.lines.iter().skip(from).take(limit).cloned().collect()
    }

    pub(super) fn node(&self, node: Node) -> Result<Hash, StoreError> {
        let absent = || StoreError::Absent(format!("node {} of level {}", node.index, node.level));
        self.nodes.get(&node).copied().ok_or_else(absent)
    }

    pub(super) fn keep(&mut self, size: u64, note: &str) -> Result<(), StoreError> {
        if size > self.size() {
            return Err(StoreError::Absent(format!("entry {size} of the audit log")));
        }
        let _ = self.checkpoints.entry(size).or_insert_with(|| note.to_owned());
        Ok(())
    }

    pub(super) fn last_checkpoint(&self) -> Option<String> {
        self.checkpoints.last_key_value().map(|(_, note)| note.clone())
    }

    pub(super) fn checkpoints(&self, after: u64, limit: usize) -> Vec<String> {
        let later = self.checkpoints.range(after.saturating_add(1)..);
        later.take(limit).map(|(_, note)| note.clone()).collect()
    }
}
