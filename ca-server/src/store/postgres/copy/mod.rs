//! All records at one moment as a SQLite store, for a backup; and such a store into an empty
//! database.
//!
//! Most tables are the same on both sides and are copied as they are, digests included. Only a
//! certificate is one row there and two here.

mod back;
mod out;

use rusqlite::types::Value;

/// A table that is the same on both sides.
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Kind)],
    /// Rows that are held in memory at once.
    at_once: u16,
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Number,
    Text,
    Octets,
}

impl Table {
    const fn new(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { name, columns, at_once: 1_000 }
    }

    /// Of large rows.
    const fn large(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Self {
        Self { at_once: 20, ..Self::new(name, columns) }
    }

    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// A row, its columns in the order of the table.
type Values = Vec<Value>;

use Kind::{Number, Octets, Text};

/// In an order in which none refers to a later one; `certificate` comes after the first two.
const TABLES: [Table; 15] = [
    Table::new(
        "ca",
        &[
            ("position", Number),
            ("id", Text),
            ("superior", Text),
            ("roles", Text),
            ("brand", Text),
            ("digest", Octets),
        ],
    ),
    Table::new(
        "ca_certificate",
        &[("ca", Text), ("place", Number), ("key_use", Text), ("key", Octets), ("der", Octets)],
    ),
    Table::new("subject_word", &[("word", Text), ("certificate", Number)]),
    Table::new("change", &[("position", Number), ("certificate", Number)]),
    Table::new(
        "revocation",
        &[
            ("issuer", Text),
            ("serial", Octets),
            ("not_after", Number),
            ("revoked_at", Number),
            ("reason", Number),
            ("invalid_since", Number),
            ("digest", Octets),
        ],
    ),
    Table::new("registration", REGISTRATION),
    Table::new("registration_certificate", &[("serial", Octets), ("ca", Text), ("lid_ca", Octets)]),
    Table::new(
        "key_claim",
        &[("public_key", Octets), ("lid_ca", Octets), ("place", Number), ("request", Octets)],
    ),
    Table::new(
        "answer",
        &[
            ("rrpid", Octets),
            ("request", Octets),
            ("lid_ca", Octets),
            ("recorded_at", Number),
            ("digest", Octets),
            ("octets", Octets),
        ],
    ),
    Table::new("list_number", &[("kind", Text), ("name", Text), ("number", Number)]),
    Table::large(
        "published_list",
        &[
            ("kind", Text),
            ("name", Text),
            ("number", Number),
            ("this_update", Number),
            ("next_update", Number),
            ("len", Number),
            ("content", Octets),
            ("digest", Octets),
            ("parts", Octets),
        ],
    ),
    Table::large("list_part", &[("digest", Octets), ("uses", Number), ("octets", Octets)]),
    Table::new("audit", &[("position", Number), ("mark", Octets), ("line", Text)]),
    Table::new("audit_node", &[("level", Number), ("place", Number), ("hash", Octets)]),
    Table::new("audit_checkpoint", &[("size", Number), ("note", Text)]),
];

/// How many of them come before `certificate`.
const BEFORE_CERTIFICATES: usize = 2;

const REGISTRATION: &[(&str, Kind)] = &[
    ("position", Number),
    ("lid_ca", Octets),
    ("revision", Number),
    ("lid_ee", Octets),
    ("ca", Text),
    ("role", Text),
    ("brand", Text),
    ("state", Text),
    ("request_type", Number),
    ("language", Text),
    ("form_id", Number),
    ("chall_ca", Octets),
    ("bin", Text),
    ("business_id", Text),
    ("pan_hash", Octets),
    ("pan_tail", Text),
    ("status", Number),
    ("refusal", Text),
    ("message", Text),
    ("signers", Octets),
    ("open_request", Octets),
    ("sealed", Octets),
    ("decided_by", Text),
    ("decided_approved", Number),
    ("decided_at", Number),
    ("collect_by", Number),
    ("issued", Octets),
    ("peer_error", Number),
    ("peer_error_at", Number),
    ("created_at", Number),
    ("updated_at", Number),
    ("digest", Octets),
];
