//! The row that whoever writes locks first: what was given last, and the audit log's tree.

use ca_core::audit::{Hash, Tree};
use ca_core::store::Last;
use deadpool_postgres::ClientWrapper as Session;

use super::columns::{Write, value};
use super::fault::Fault;
use crate::store::columns::{signed, unsigned};
use crate::store::digest::RecordDigest;

/// What the row says.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub(super) ca: u64,
    pub(super) last: Last,
    pub(super) change: u64,
    pub(super) tree: Tree,
}

impl Head {
    /// Locks the row until the end of the transaction, and reads it.
    pub(super) async fn lock(session: &Session) -> Result<Self, Fault> {
        let statement = session.prepare_cached(LOCK).await?;
        let row = session.query_opt(&statement, &[]).await?;
        let row = row.ok_or_else(|| Fault::damaged("the head of the store"))?;
        let number = |column| row.try_get::<_, i64>(column).map(unsigned);
        let frontier: Vec<u8> = row.try_get(5)?;
        let mut roots = frontier.chunks(HASH).map(Hash::from_octets);
        let damaged = || Fault::damaged("the head of the store");
        let tree = Tree::read(number(4)?, |_| roots.next().flatten().ok_or_else(damaged))?;
        let last = Last { certificate: number(1)?, registration: number(3)? };
        let head = Self { ca: number(0)?, last, change: number(2)?, tree };
        if roots.next().is_some() || head.digest()[..] != row.try_get::<_, Vec<u8>>(6)? {
            return Err(damaged());
        }
        Ok(head)
    }

    /// Writes it over the row that is locked.
    pub(super) fn write(&self) -> Write<'static> {
        Write {
            sql: UPDATE,
            values: vec![
                value(signed(self.ca)),
                value(signed(self.last.certificate)),
                value(signed(self.change)),
                value(signed(self.last.registration)),
                value(signed(self.tree.size())),
                value(self.frontier()),
                value(self.digest().to_vec()),
            ],
        }
    }

    /// Writes the first one.
    pub(super) fn first() -> Write<'static> {
        let mut write = Self::default().write();
        write.sql = INSERT;
        write
    }

    fn frontier(&self) -> Vec<u8> {
        self.tree.roots().iter().flat_map(|root| root.0).collect()
    }

    fn digest(&self) -> [u8; 32] {
        RecordDigest::of("head")
            .number(self.ca)
            .number(self.last.certificate)
            .number(self.change)
            .number(self.last.registration)
            .number(self.tree.size())
            .octets(&self.frontier())
            .finish()
    }
}

pub(super) const LOCK: &str = "SELECT ca, certificate, change, registration, audit, frontier, \
     digest FROM head WHERE id = 0 FOR UPDATE";
pub(super) const UPDATE: &str = "UPDATE head SET ca = $1, certificate = $2, change = $3, \
     registration = $4, audit = $5, frontier = $6, digest = $7 WHERE id = 0";
const INSERT: &str = "INSERT INTO head (ca, certificate, change, registration, audit, frontier, \
     digest, id) VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT DO NOTHING";
const HASH: usize = 32;
