//! Proofs as files, for whoever has the key of the log and not the log: that an entry is in it
//! (C2SP tlog-proof), and that it has only grown between two checkpoints.

use core::fmt;

use base64ct::{Base64, Encoding as _};

use super::{
    AuditEntry, Checkpoint, Hash, NoteError, NoteKey, leaf_hash, verify_consistency,
    verify_inclusion,
};

/// A proof with the checkpoints it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuditProof {
    /// An entry is in the log.
    Inclusion {
        /// The entry as it is recorded ([`AuditEntry::to_line`]): `extra` of the file.
        line: String,
        /// Its position.
        index: u64,
        /// From the leaf up.
        hashes: Vec<Hash>,
        /// A signed note.
        checkpoint: String,
    },
    /// The log has only grown.
    Consistency {
        /// As RFC 9162 §2.1.4 orders them.
        hashes: Vec<Hash>,
        /// A signed note.
        old: String,
        /// A later one.
        new: String,
    },
}

/// What a proof has shown.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Proven {
    /// This entry stands at its position in the log that the checkpoint was signed over.
    Inclusion {
        /// The entry.
        entry: AuditEntry,
        /// Its position.
        index: u64,
        /// The log.
        checkpoint: Checkpoint,
    },
    /// The old log is the beginning of the new one.
    Consistency {
        /// Before.
        old: Checkpoint,
        /// After.
        new: Checkpoint,
    },
}

/// Why a proof shows nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Neither kind of file.
    #[error(
        "not a proof: it begins with neither {INCLUSION} nor {CONSISTENCY}, or goes on otherwise"
    )]
    Form,
    /// A checkpoint is not signed by the key.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] NoteError),
    /// The entry is not what an audit log has.
    #[error("the entry is no entry of an audit log")]
    Entry,
    /// The hashes do not lead to the checkpoint's root.
    #[error("the hashes do not lead from what is to be proven to the root that was signed")]
    Hashes,
}

impl AuditProof {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ProofError::Form`]
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        if text.len() > LONGEST {
            return Err(ProofError::Form);
        }
        let (kind, rest) = text.split_once('\n').ok_or(ProofError::Form)?;
        // No checkpoint begins with a line's end: the first empty line ends the hashes.
        let (head, notes) = match rest.strip_prefix('\n') {
            Some(notes) => ("", notes),
            None => rest.split_once("\n\n").ok_or(ProofError::Form)?,
        };
        let mut lines = head.lines();
        match kind {
            INCLUSION => {
                let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
                let extra = extra.and_then(|text| Base64::decode_vec(text).ok());
                let line = extra.and_then(|octets| String::from_utf8(octets).ok());
                let index = lines.next().and_then(|line| line.strip_prefix("index ")?.parse().ok());
                let (Some(line), Some(index)) = (line, index) else {
                    return Err(ProofError::Form);
                };
                let checkpoint = notes.to_owned();
                Ok(Self::Inclusion { line, index, hashes: hashes(lines)?, checkpoint })
            }
            CONSISTENCY => {
                // Text, signatures, text, signatures: the third empty line parts the two notes.
                let ends = notes.match_indices("\n\n").nth(1).ok_or(ProofError::Form)?;
                let (old, new) = notes.split_at_checked(ends.0).ok_or(ProofError::Form)?;
                let new = new.strip_prefix("\n\n").ok_or(ProofError::Form)?.to_owned();
                Ok(Self::Consistency { hashes: hashes(lines)?, old: format!("{old}\n"), new })
            }
            _ => Err(ProofError::Form),
        }
    }

    /// What it proves to somebody who has the key of the log.
    ///
    /// # Errors
    /// [`ProofError::Checkpoint`], [`ProofError::Entry`], [`ProofError::Hashes`].
    pub fn verify(&self, key: &NoteKey) -> Result<Proven, ProofError> {
        let opened = |note: &str| -> Result<Checkpoint, ProofError> {
            let checkpoint = Checkpoint::parse(key.open(note)?)?;
            // A key may sign for several logs: its own has its name (C2SP tlog-checkpoint).
            if checkpoint.origin == key.name() {
                Ok(checkpoint)
            } else {
                Err(NoteError::Checkpoint.into())
            }
        };
        match self {
            Self::Inclusion { line, index, hashes, checkpoint } => {
                let checkpoint = opened(checkpoint)?;
                let leaf = leaf_hash(line.as_bytes());
                let (size, root) = (checkpoint.size, checkpoint.root);
                if !verify_inclusion(leaf, *index, size, hashes, root) {
                    return Err(ProofError::Hashes);
                }
                let entry = AuditEntry::from_line(line).ok_or(ProofError::Entry)?;
                Ok(Proven::Inclusion { entry, index: *index, checkpoint })
            }
            Self::Consistency { hashes, old, new } => {
                let (old, new) = (opened(old)?, opened(new)?);
                if !verify_consistency((old.size, old.root), (new.size, new.root), hashes) {
                    return Err(ProofError::Hashes);
                }
                Ok(Proven::Consistency { old, new })
            }
        }
    }
}

/// The file.
impl fmt::Display for AuditProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |f: &mut fmt::Formatter<'_>, hashes: &[Hash]| {
            hashes.iter().try_for_each(|hash| writeln!(f, "{}", Base64::encode_string(&hash.0)))
        };
        match self {
            Self::Inclusion { line, index, hashes, checkpoint } => {
                let extra = Base64::encode_string(line.as_bytes());
                write!(f, "{INCLUSION}\nextra {extra}\nindex {index}\n")?;
                listed(f, hashes)?;
                write!(f, "\n{checkpoint}")
            }
            Self::Consistency { hashes, old, new } => {
                writeln!(f, "{CONSISTENCY}")?;
                listed(f, hashes)?;
                write!(f, "\n{old}\n{new}")
            }
        }
    }
}

fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Hash>, ProofError> {
    let hash = |line| Hash::from_octets(&Base64::decode_vec(line).ok()?);
    lines.map(|line| hash(line).ok_or(ProofError::Form)).collect()
}

/// First line of a C2SP tlog-proof.
const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
/// First line of a file of our own: C2SP has none for this.
const CONSISTENCY: &str = "setca/consistency-proof@v1";
/// Octets: two checkpoints with a hundred witnesses, and a long entry.
const LONGEST: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::super::{Tree, consistency_proof, inclusion_proof};
    use super::*;
    use crate::UnixTime;
    use crate::audit::{Acting, Actor, Node};
    use crate::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SoftwareKeys};

    /// A log of eleven entries, signed at seven and at its end.
    struct Log {
        key: NoteKey,
        keys: SoftwareKeys,
        lines: Vec<String>,
        nodes: Vec<(Node, Hash)>,
    }

    impl Log {
        fn new() -> Self {
            let random = SeededRandom::new(b"evidence", "key");
            let private = PrivateKey::generate(KeyAlgorithm::Ed25519, &random).unwrap();
            let key = NoteKey::of_spki("setca/test", private.spki_der()).unwrap();
            let acting = Acting::new(Actor::Operator, UnixTime::from_secs(1));
            let entry = |n: u64| AuditEntry::noted(&acting, "act", [("n", n.to_string())], None);
            let lines: Vec<String> = (0..11).map(|n| entry(n).to_line()).collect();
            let (mut tree, mut nodes) = (Tree::default(), Vec::new());
            for line in &lines {
                tree.append(leaf_hash(line.as_bytes()), &mut |at, hash| nodes.push((at, hash)));
            }
            Self { key, keys: SoftwareKeys::from_iter([private]), lines, nodes }
        }

        fn node(&self, at: Node) -> Result<Hash, ()> {
            self.nodes.iter().find(|(known, _)| *known == at).map(|(_, hash)| *hash).ok_or(())
        }

        fn signed(&self, size: u64) -> String {
            let root = Tree::read(size, |at| self.node(at)).unwrap().root();
            let checkpoint = Checkpoint { origin: "setca/test".to_owned(), size, root };
            self.key.sign(&checkpoint.to_string(), &self.keys).unwrap()
        }

        fn inclusion(&self, index: u64) -> AuditProof {
            let hashes = inclusion_proof(index, 11, |at| self.node(at)).unwrap().unwrap();
            let line = self.lines[usize::try_from(index).unwrap()].clone();
            AuditProof::Inclusion { line, index, hashes, checkpoint: self.signed(11) }
        }

        fn consistency(&self) -> AuditProof {
            let hashes = consistency_proof(7, 11, |at| self.node(at)).unwrap().unwrap();
            AuditProof::Consistency { hashes, old: self.signed(7), new: self.signed(11) }
        }
    }

    #[test]
    fn proofs_are_read_as_they_are_written_and_hold() {
        let log = Log::new();
        for proof in [log.inclusion(0), log.inclusion(10), log.consistency()] {
            let text = proof.to_string();
            assert_eq!(AuditProof::parse(&text), Ok(proof.clone()), "{text}");
            proof.verify(&log.key).unwrap();
        }
    }

    #[test]
    fn witnesses_below_a_checkpoint_do_not_matter() {
        let log = Log::new();
        let AuditProof::Consistency { hashes, old, new } = log.consistency() else { panic!() };
        let witnessed = |note: String| format!("{note}\u{2014} witness AAAAAAAA\n");
        let proof = AuditProof::Consistency { hashes, old: witnessed(old), new: witnessed(new) };
        assert_eq!(AuditProof::parse(&proof.to_string()), Ok(proof.clone()));
        proof.verify(&log.key).unwrap();
    }

    #[test]
    fn proof_of_another_entry_place_or_log_does_not_hold() {
        let log = Log::new();
        let text = log.inclusion(4).to_string();
        let AuditProof::Inclusion { line, hashes, checkpoint, .. } = log.inclusion(4) else {
            panic!()
        };
        let verified = |line: &str, index| {
            let (hashes, checkpoint) = (hashes.clone(), checkpoint.clone());
            AuditProof::Inclusion { line: line.to_owned(), index, hashes, checkpoint }
                .verify(&log.key)
        };
        assert_eq!(verified(&line, 5), Err(ProofError::Hashes));
        assert_eq!(verified(&line.replace("operator", "service"), 4), Err(ProofError::Hashes));
        let changed = text.replace("\n11\n", "\n12\n");
        let fault = AuditProof::parse(&changed).unwrap().verify(&log.key);
        assert_eq!(fault, Err(ProofError::Checkpoint(NoteError::Signature)));
        let AuditProof::Consistency { hashes, old, .. } = log.consistency() else { panic!() };
        let back = AuditProof::Consistency { hashes, old: log.signed(11), new: old };
        assert_eq!(back.verify(&log.key), Err(ProofError::Hashes));
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let text = Log::new().inclusion(4).to_string();
        let broken = [
            String::new(),
            "\n\n".to_owned(),
            format!("{INCLUSION}\n\n"),
            format!("{CONSISTENCY}\n\na\n\nb\n"),
            text.replace("@v1", "@v2"),
            text.replace("extra ", "extra *"),
            text.replace("index 4", "index four"),
            text.replacen("=\n", "\n", 1),
        ];
        for text in broken {
            assert_eq!(AuditProof::parse(&text), Err(ProofError::Form), "{text:?}");
        }
    }
}
