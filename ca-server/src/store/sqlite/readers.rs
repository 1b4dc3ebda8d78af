//! Connections that only read, so that a look-up never waits for the writer's sync.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::fault::Fault;
use super::schema;

/// A few connections, taken in turn.
pub(super) struct Readers {
    connections: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize) -> Result<Self, rusqlite::Error> {
        let connections: Result<Vec<_>, _> =
            (0..count).map(|_| schema::open_reader(path).map(Mutex::new)).collect();
        Ok(Self { connections: connections?, turn: AtomicUsize::new(0) })
    }

    /// Looks something up on a connection of its own.
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        look(&self.connection())
    }

    /// The next free connection; if none is free, waits for the one whose turn it is.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let (before, from_turn) = self.connections.split_at(turn);
        let free = from_turn.iter().chain(before).find_map(|other| other.try_lock().ok());
        // A reader that panicked has left nothing half-read: its statement was reset.
        free.unwrap_or_else(|| {
            self.connections[turn].lock().unwrap_or_else(PoisonError::into_inner)
        })
    }
}
