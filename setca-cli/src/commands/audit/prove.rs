//! `setca audit prove`: a proof for somebody who does not have the log.

use std::path::{Path, PathBuf};

use ca_core::audit::{AuditProof, Checkpoint, NoteKey, consistency_proof, inclusion_proof};
use ca_core::store::Store;
use clap::Args;

use super::{kept, key, text};
use crate::cli::Global;
use crate::commands::output;
use crate::failure::Failure;
use crate::house::{self, store_failure};
use crate::report::Report;

/// Write a proof that an entry is in the log, or that the log has only grown since a checkpoint.
///
/// The proof is against the last checkpoint. It is checked by `setca audit check` with nothing but
/// the key; a proof of inclusion is a C2SP tlog-proof and holds the entry.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca audit prove --inclusion 17 --out entry.tlog-proof
  setca audit prove --consistency january.checkpoint --out grown.proof")]
pub(crate) struct Prove {
    #[command(flatten)]
    what: What,
    /// Where to; else to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// One of them.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct What {
    /// That the entry at this position is in the log (setca audit list shows positions).
    #[arg(long, value_name = "POSITION")]
    inclusion: Option<u64>,
    /// That the log has only grown since this checkpoint: a file, or the number of entries of one
    /// that the store keeps.
    #[arg(long, value_name = "FILE|ENTRIES")]
    consistency: Option<String>,
}

impl Prove {
    /// Proves.
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let (store, key) = (house::records(global)?, key(global)?);
        let proof = match (&self.what.inclusion, &self.what.consistency) {
            (Some(position), _) => inclusion(&*store, &key, *position)?,
            (None, old) => consistency(&*store, &key, old.as_deref().unwrap_or_default())?,
        };
        // Nothing leaves that does not hold: the log may have been changed.
        proof.verify(&key).map_err(|error| {
            Failure::refused(format!("the log does not prove it: {error}; setca audit verify"))
        })?;
        output::write(proof.to_string().into_bytes(), self.out.as_deref())
    }
}

fn inclusion(store: &dyn Store, key: &NoteKey, position: u64) -> Result<AuditProof, Failure> {
    let checkpoint = kept(store, None)?;
    let size = opened(key, &checkpoint)?.size;
    let node = |at| store.audit_node(at);
    let hashes = inclusion_proof(position, size, node).map_err(|e| store_failure(&e))?;
    let hashes = hashes.ok_or_else(|| {
        Failure::refused(format!(
            "the last checkpoint has {size} entries, {position} is not among them: setca audit \
             checkpoint signs one of all there are"
        ))
    })?;
    let lines = store.audit_lines(position, 1).map_err(|e| store_failure(&e))?;
    let line = lines.into_iter().find(|line| line.position == position);
    let missing = || Failure::refused(format!("entry {position} is missing: setca audit verify"));
    let line = line.ok_or_else(missing)?.text;
    Ok(AuditProof::Inclusion { line, index: position, hashes, checkpoint })
}

fn consistency(store: &dyn Store, key: &NoteKey, old: &str) -> Result<AuditProof, Failure> {
    let old = match old.parse() {
        Ok(size) => kept(store, Some(size))?,
        Err(_) => text(Path::new(old))?,
    };
    let new = kept(store, None)?;
    let (from, to) = (opened(key, &old)?.size, opened(key, &new)?.size);
    let node = |at| store.audit_node(at);
    let hashes = consistency_proof(from, to, node).map_err(|e| store_failure(&e))?;
    let hashes = hashes.ok_or_else(|| {
        Failure::refused(format!(
            "that checkpoint has {from} entries, the last one of the store only {to}: entries were \
             taken away, or the checkpoint is of another log"
        ))
    })?;
    Ok(AuditProof::Consistency { hashes, old, new })
}

fn opened(key: &NoteKey, note: &str) -> Result<Checkpoint, Failure> {
    let read = key.open(note).and_then(Checkpoint::parse);
    read.map_err(|error| Failure::refused(format!("checkpoint: {error}")))
}
