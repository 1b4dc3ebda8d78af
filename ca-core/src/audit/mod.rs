//! The audit log as a Merkle tree: what was done is appended and can be proven, what was appended
//! cannot be changed, moved or taken away without being found.
//!
//! The hashes are those of RFC 6962 §2.1 (RFC 9162 §2.1 with SHA-256). [`Tree`] appends,
//! [`inclusion_proof`] and [`consistency_proof`] read the nodes that were recorded and prove,
//! [`verify_inclusion`] and [`verify_consistency`] judge a proof without the log. A [`Checkpoint`] is
//! what the log was at one time, in the form of C2SP tlog-checkpoint, signed as a C2SP signed-note;
//! an [`AuditProof`] is a file with both.

mod checkpoint;
mod entry;
mod evidence;
mod examine;
mod hash;
mod note;
mod proof;
mod tree;

pub use checkpoint::Checkpoint;
pub use entry::{Acting, Actor, AuditEntry, AuditLine};
pub use evidence::{AuditProof, ProofError, Proven};
pub use examine::{AuditFault, Examined, examine};
pub use hash::{Hash, leaf_hash};
pub use note::{NoteError, NoteKey};
pub use proof::{consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
pub use tree::{Node, Tree};
