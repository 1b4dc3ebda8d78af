//! The first entry of a backup: what else is in it.

use serde::{Deserialize, Serialize};

/// What is in a backup.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout of the archive.
    pub format: u64,
    /// Version of the setca that made it.
    pub setca: String,
    /// When the records were copied; RFC 3339.
    pub made: String,
    /// Suite of the hierarchy.
    pub suite: String,
    /// How much the records hold.
    pub counts: Counts,
    /// Entries of the audit log.
    pub audit_entries: u64,
    /// Merkle Tree Hash of them, hexadecimal.
    pub audit_root: String,
    /// The other entries of the archive, in their order.
    pub files: Vec<FileEntry>,
}

/// How much the records hold.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Certificates and intents.
    pub certificates: u64,
    /// Of which are revoked.
    pub revoked: u64,
    /// Registrations.
    pub registrations: u64,
}

/// A file in a backup.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path in the data folder.
    pub path: String,
    /// Its length.
    pub octets: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A path that may stand in a backup: restored, it stays inside the folder and is one of ours.
pub(super) fn is_ours(path: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\\');
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["setca.db" | "setca.toml" | "root.pem"] => true,
        ["keys" | "offline-root", name] => plain(name),
        ["policies", rest @ ..] if !rest.is_empty() => rest.iter().copied().all(plain),
        _ => false,
    }
}

/// The layout this version reads and writes.
pub(super) const FORMAT: u64 = 1;
/// Name of the first entry.
pub(super) const MANIFEST: &str = "manifest.json";
/// Octets of a manifest: some hundred files have some twenty thousand.
pub(super) const LONGEST_MANIFEST: u64 = 16 << 20;
/// The records.
pub(super) const DATABASE: &str = "setca.db";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_a_data_folder_are_ours() {
        for path in ["setca.db", "keys/ab.p8", "policies/a.toml", "policies/brands/a.toml"] {
            assert!(is_ours(path), "{path}");
        }
        for path in [
            "",
            "passphrase",
            "operator.token",
            "/etc/passwd",
            "../setca.db",
            "keys",
            "keys/",
            "keys/..",
            "keys/a/b",
            "policies",
            "policies/../../x",
            "policies//x",
            "setca.db/x",
        ] {
            assert!(!is_ours(path), "{path}");
        }
    }
}
