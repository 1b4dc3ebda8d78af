//! The contract of [`Store`] as a suite that every backend runs.
//!
//! Each [`Check`] is one statement of the contract and gets an empty store of its own. What a
//! process that dies leaves behind is not here: each backend has its own ways to die.

mod audit;
mod certificates;
mod changes;
mod expiry;
mod hierarchy;
mod inventory;
mod lists;
mod registrations;
mod revocations;
pub mod samples;
mod search;

use core::fmt;

use super::{Conflict, Store, StoreError};

/// One statement of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// What must hold.
    pub claim: &'static str,
    /// Tries it on an empty store.
    pub run: fn(&dyn Store) -> Result<(), Violation>,
}

/// Every check, room by room.
#[must_use]
pub fn checks() -> Vec<Check> {
    [
        hierarchy::CHECKS,
        certificates::CHECKS,
        changes::CHECKS,
        revocations::CHECKS,
        inventory::CHECKS,
        search::CHECKS,
        expiry::CHECKS,
        registrations::CHECKS,
        lists::CHECKS,
        audit::CHECKS,
    ]
    .concat()
}

/// Runs every check, each on a store of its own.
///
/// # Errors
/// The claims that do not hold and what was found instead, one a line.
pub fn run(open: &dyn Fn() -> Box<dyn Store>) -> Result<(), String> {
    let broken: Vec<String> = checks()
        .iter()
        .filter_map(|check| {
            let violation = (check.run)(open().as_ref()).err()?;
            Some(format!("{}: {violation}", check.claim))
        })
        .collect();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

/// What a check found instead of what the contract says.
#[derive(Debug)]
pub struct Violation(String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Violation {
    fn from(error: StoreError) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

fn expect_equal<T: fmt::Debug + PartialEq>(found: T, expected: T) -> Result<(), Violation> {
    if found == expected {
        return Ok(());
    }
    Err(Violation(format!("found {found:?}, expected {expected:?}")))
}

fn expect_conflict<T: fmt::Debug>(
    result: Result<T, StoreError>,
    expected: Conflict,
) -> Result<(), Violation> {
    match result {
        Err(StoreError::Conflict(found)) => expect_equal(found, expected),
        other => Err(Violation(format!("found {other:?}, expected a conflict: {expected}"))),
    }
}

fn expect_absent<T: fmt::Debug>(result: Result<T, StoreError>) -> Result<(), Violation> {
    match result {
        Err(StoreError::Absent(_)) => Ok(()),
        other => Err(Violation(format!("found {other:?}, expected absent"))),
    }
}
