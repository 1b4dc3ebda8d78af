//! What changes no record is written in the audit log all the same: refusals, sign-ins, and acts on
//! what lies outside the store.

use super::{Authority, DeskError, Error, RevokeError};
use crate::audit::{Acting, AuditEntry};
use crate::store::StoreError;

impl Authority {
    /// Writes an entry in the audit log; `of` holds no secret.
    ///
    /// # Errors
    /// [`Error::Store`]: what could not be written is not done, and not answered.
    pub fn note<const N: usize>(
        &self,
        acting: &Acting,
        act: &str,
        of: [(&str, String); N],
        refused: Option<&str>,
    ) -> Result<(), Error> {
        Ok(self.parts.store.note(&[AuditEntry::noted(acting, act, of, refused)])?)
    }

    /// Whoever runs this authority acts, now.
    #[must_use]
    pub fn acting(&self) -> Acting {
        self.parts.acting()
    }

    /// Passes an outcome on; a refusal is noted first, or what kept it from being noted is passed on
    /// instead.
    pub(super) fn noting<T, E: Refusing, const N: usize>(
        &self,
        acting: &Acting,
        act: &str,
        of: [(&str, String); N],
        outcome: Result<T, E>,
        failed: impl FnOnce(Error) -> E,
    ) -> Result<T, E> {
        let Some(rule) = outcome.as_ref().err().and_then(Refusing::refusal) else {
            return outcome;
        };
        self.note(acting, act, of, Some(&rule)).map_err(failed).and(outcome)
    }
}

/// Errors among which are refusals.
pub(super) trait Refusing {
    /// The rule, if this is a refusal and no fault of ours.
    fn refusal(&self) -> Option<String>;
}

impl Refusing for Error {
    fn refusal(&self) -> Option<String> {
        match self {
            Self::Policy(rule) => Some(rule.clone()),
            Self::Store(StoreError::Absent(_) | StoreError::Conflict(_)) => Some(self.to_string()),
            _ => None,
        }
    }
}

impl Refusing for RevokeError {
    fn refusal(&self) -> Option<String> {
        match self {
            Self::Ours(error) => error.refusal(),
            Self::Moved => None,
            _ => Some(self.to_string()),
        }
    }
}

impl Refusing for DeskError {
    fn refusal(&self) -> Option<String> {
        match self {
            Self::Decided { .. } | Self::NotOpen { .. } | Self::Unknown(_) => {
                Some(self.to_string())
            }
            // What is refused too late is recorded so; a message that does not fit can be mended.
            Self::Failed { .. } | Self::Message(_) | Self::Refused { .. } => None,
        }
    }
}
