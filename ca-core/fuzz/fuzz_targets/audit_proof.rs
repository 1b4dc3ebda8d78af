//! Hostile text as a proof from an audit log, a signed note, a checkpoint, a key and an entry: no
//! panic, what is read is written alike, and nothing holds without its signature.

#![no_main]

use ca_core::audit::{AuditEntry, AuditProof, Checkpoint, NoteKey};
use libfuzzer_sys::fuzz_target;

/// The example of the package `golang.org/x/mod/sumdb/note`.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = core::str::from_utf8(octets) else { return };
    let Ok(key) = NoteKey::parse(KEY) else { return };
    if let Ok(proof) = AuditProof::parse(text) {
        assert_eq!(AuditProof::parse(&proof.to_string()), Ok(proof.clone()));
        assert!(proof.verify(&key).is_err());
    }
    if let Ok(signed) = key.open(text) {
        assert!(text.starts_with(signed));
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
    }
    if let Ok(other) = NoteKey::parse(text) {
        assert_eq!(NoteKey::parse(&other.to_string()), Ok(other));
    }
    if let Some(entry) = AuditEntry::from_line(text) {
        assert_eq!(entry.to_line(), text);
    }
});
