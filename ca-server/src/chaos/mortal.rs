//! A process that ends itself between two steps, as a power cut or `kill -9` would: for test set-ups
//! that want to see what is left of every one of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ca_core::authority::{Hierarchy, Parts, Stage, StageWatch};

use super::ChaosError;
use crate::data::Settings;

/// Lets the process die at its step number `at`: each beginning and each end of a look-up or an act
/// of the store, and of a signature, is one.
///
/// # Errors
/// [`ChaosError`] if the folder was not made for tests.
pub fn dies_at(
    at: u64,
    settings: &Settings,
    hierarchy: &Hierarchy,
    parts: &mut Parts,
) -> Result<(), ChaosError> {
    super::permit(settings, hierarchy)?;
    parts.watch = Some(Arc::new(Mortal(AtomicU64::new(at))));
    Ok(())
}

struct Mortal(AtomicU64);

impl Mortal {
    fn step(&self, stage: Stage) {
        let counts = matches!(stage, Stage::Store | Stage::Sign);
        if counts && self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            // Nothing is flushed, nothing is dropped.
            std::process::abort();
        }
    }
}

impl StageWatch for Mortal {
    fn enter(&self, stage: Stage) {
        self.step(stage);
    }

    fn leave(&self, stage: Stage) {
        self.step(stage);
    }
}
