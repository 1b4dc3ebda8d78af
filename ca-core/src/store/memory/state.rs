//! What is behind the lock.

use std::collections::BTreeMap;

use super::super::{CaRecord, Conflict, ListId, Model, PublishedList, StoreError};
use super::log::Log;
use crate::audit::AuditEntry;

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) cas: Vec<CaRecord>,
    pub(super) model: Model,
    /// How many of the first changes are forgotten.
    pub(super) trimmed: u64,
    /// Reserved last.
    pub(super) numbers: BTreeMap<ListId, u64>,
    pub(super) lists: BTreeMap<ListId, PublishedList>,
    pub(super) log: Log,
}

impl State {
    /// Runs an act; what it says goes into the log.
    pub(super) fn act(
        &mut self,
        act: impl FnOnce(&mut Model) -> Result<Vec<AuditEntry>, StoreError>,
    ) -> Result<usize, StoreError> {
        let entries = act(&mut self.model)?;
        entries.iter().for_each(|entry| self.log.append(entry));
        Ok(entries.len())
    }

    pub(super) fn record_ca(&mut self, ca: &CaRecord) -> Result<(), StoreError> {
        if self.cas.iter().any(|other| other.id == ca.id) {
            return Err(Conflict::Ca(ca.id.clone()).into());
        }
        if let Some(superior) = &ca.superior
            && !self.cas.iter().any(|other| other.id == *superior)
        {
            return Err(StoreError::Absent(format!("CA {superior}, superior of {}", ca.id)));
        }
        self.cas.push(ca.clone());
        Ok(())
    }
}
