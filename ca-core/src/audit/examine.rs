//! Is the log as it was written? Every line, every node above, and every checkpoint, in one pass.

use super::{AuditEntry, AuditLine, Checkpoint, Hash, Node, NoteError, NoteKey, Tree, leaf_hash};
use crate::store::{Store, StoreError};

/// What was found right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Examined {
    /// Lines.
    pub size: u64,
    /// Merkle Tree Hash of them.
    pub root: Hash,
    /// Checkpoints that were compared with it.
    pub checkpoints: u64,
    /// Lines at the last of them.
    pub signed: u64,
}

/// The first thing that is not as it was written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AuditFault {
    /// A line was taken away.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// A line was changed or moved, or another was put in its place.
    #[error("entry {0} is not the one that was written")]
    Changed(u64),
    /// A line is no entry.
    #[error("entry {0} is no entry of an audit log")]
    Unreadable(u64),
    /// A node of the tree was changed or is missing.
    #[error(
        "the hash over the entries {} to {} is not that of the entries",
        .0.index << .0.level,
        (.0.index.saturating_add(1) << .0.level).saturating_sub(1)
    )]
    Node(Node),
    /// A checkpoint is not signed by the key, or cannot be read.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] NoteError),
    /// A checkpoint of more entries than there are: the last were taken away.
    #[error("a checkpoint was signed over {signed} entries, the log has {found}")]
    Short {
        /// Entries at the checkpoint.
        signed: u64,
        /// Entries now.
        found: u64,
    },
    /// The log is not the one that was signed.
    #[error(
        "the entries {from} to {} are not those that the checkpoint over {signed} entries was \
         signed for", .signed.saturating_sub(1)
    )]
    Root {
        /// The first that may be another: those before are of the checkpoint before.
        from: u64,
        /// Entries at the checkpoint.
        signed: u64,
    },
}

/// Examines the whole log against its own tree and against checkpoints: those given, which somebody
/// else has kept, and those the store keeps, if there is the `key` that signed them. `told` hears
/// how many lines were read.
///
/// # Errors
/// [`StoreError`] if the log cannot be read; in the result, the first fault.
pub fn examine(
    store: &dyn Store,
    key: Option<&NoteKey>,
    given: &[Checkpoint],
    told: &mut dyn FnMut(u64),
) -> Result<Result<Examined, AuditFault>, StoreError> {
    let mut checkpoints = given.to_vec();
    if let Some(key) = key {
        let mut after = 0;
        while let [note] = store.checkpoints(after, 1)?.as_slice() {
            match key.open(note).and_then(Checkpoint::parse) {
                // Each is of more entries than the one before.
                Ok(read) if read.size <= after => return Ok(Err(NoteError::Checkpoint.into())),
                Ok(read) => {
                    after = read.size;
                    checkpoints.push(read);
                }
                Err(error) => return Ok(Err(error.into())),
            }
        }
    }
    checkpoints.sort_by_key(|checkpoint| checkpoint.size);
    let (tree, above) = (Tree::default(), Vec::new());
    let mut examination = Examination { tree, above, checkpoints, compared: 0 };
    loop {
        let page = store.audit_lines(examination.tree.size(), PAGE)?;
        if page.is_empty() {
            return Ok(examination.end(store.audit_size()?));
        }
        let read = page.iter().try_for_each(|line| examination.line(line));
        // What lies before a line that is not right, first.
        if let Err(fault) = examination.nodes(store)?.and(read) {
            return Ok(Err(fault));
        }
        told(examination.tree.size());
    }
}

struct Examination {
    tree: Tree,
    /// Of the lines read last.
    above: Vec<(Node, Hash)>,
    /// By size.
    checkpoints: Vec<Checkpoint>,
    compared: usize,
}

impl Examination {
    fn line(&mut self, line: &AuditLine) -> Result<(), AuditFault> {
        let position = self.tree.size();
        self.compare()?;
        if line.position != position {
            return Err(AuditFault::Missing(position));
        }
        let leaf = leaf_hash(line.text.as_bytes());
        if AuditLine::mark(position, leaf) != line.mark {
            return Err(AuditFault::Changed(position));
        }
        if AuditEntry::from_line(&line.text).is_none() {
            return Err(AuditFault::Unreadable(position));
        }
        let Self { tree, above, .. } = self;
        tree.append(leaf, &mut |node, hash| {
            // A leaf is the line itself.
            if node.level > 0 {
                above.push((node, hash));
            }
        });
        Ok(())
    }

    /// The nodes above the lines read last.
    fn nodes(&mut self, store: &dyn Store) -> Result<Result<(), AuditFault>, StoreError> {
        let nodes: Vec<Node> = self.above.iter().map(|(node, _)| *node).collect();
        let kept = store.audit_nodes(&nodes)?;
        let mut compared = self.above.drain(..).zip(kept);
        let wrong = compared.find(|((_, hash), kept)| kept.as_ref() != Some(hash));
        Ok(wrong.map_or(Ok(()), |((node, _), _)| Err(AuditFault::Node(node))))
    }

    /// The checkpoints of the size reached.
    fn compare(&mut self) -> Result<(), AuditFault> {
        let root = self.tree.root();
        while let Some(next) = self.checkpoints.get(self.compared) {
            if next.size > self.tree.size() {
                break;
            }
            if next.root != root {
                let before = self.compared.checked_sub(1).and_then(|at| self.checkpoints.get(at));
                let from = before.map_or(0, |checkpoint| checkpoint.size);
                return Err(AuditFault::Root { from, signed: next.size });
            }
            self.compared = self.compared.saturating_add(1);
        }
        Ok(())
    }

    fn end(mut self, size: u64) -> Result<Examined, AuditFault> {
        self.compare()?;
        let found = self.tree.size();
        // Lines before the last were asked for and are not there.
        if size > found {
            return Err(AuditFault::Missing(found));
        }
        if let Some(Checkpoint { size: signed, .. }) = self.checkpoints.get(self.compared) {
            return Err(AuditFault::Short { signed: *signed, found });
        }
        let signed = self.checkpoints.last().map_or(0, |checkpoint| checkpoint.size);
        let (root, checkpoints) = (self.tree.root(), self.compared as u64);
        Ok(Examined { size: found, root, checkpoints, signed })
    }
}

/// Lines in memory at a time.
const PAGE: usize = 4_096;
