//! A digest per record: SQLite has no page checksums (measured, see the dependency notes), so a
//! flipped bit would be served as a certificate.

use sha2::{Digest as _, Sha256};

use super::fault::Fault;

/// SHA-256 over the columns of one record. Every column is preceded by its length, so no two
/// records share a text.
pub(super) struct RecordDigest(Sha256);

impl RecordDigest {
    /// Begins the digest of a record of `table`.
    pub(super) fn of(table: &str) -> Self {
        Self(Sha256::new()).octets(table.as_bytes())
    }

    pub(super) fn octets(mut self, octets: &[u8]) -> Self {
        self.0.update((octets.len() as u64).to_be_bytes());
        self.0.update(octets);
        self
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.octets(text.as_bytes())
    }

    pub(super) fn number(self, number: u64) -> Self {
        self.octets(&number.to_be_bytes())
    }

    /// A column that may be NULL.
    pub(super) fn optional(self, octets: Option<&[u8]>) -> Self {
        match octets {
            Some(octets) => self.number(1).octets(octets),
            None => self.number(0),
        }
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    /// Compares with what was stored when the record was written.
    ///
    /// # Errors
    /// Damaged, naming `what`.
    pub(super) fn check(
        self,
        stored: &[u8; 32],
        what: impl FnOnce() -> String,
    ) -> Result<(), Fault> {
        if self.finish() == *stored { Ok(()) } else { Err(Fault::damaged(what())) }
    }
}
