//! One step of the demo: its verdict, and the time it took.

use std::time::Instant;

use ca_core::Suite;
use serde::Serialize;

use crate::failure::Failure;
use crate::report::say_result;

/// One step, told.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    suite: &'static str,
    name: String,
    verdict: String,
    pub(super) expected: bool,
    milliseconds: u128,
}

/// A step's outcome: what is said of it, and whether it is what was expected.
pub(super) struct Told<T> {
    pub(super) verdict: String,
    pub(super) expected: bool,
    pub(super) value: T,
}

impl<T> Told<T> {
    /// An outcome that is the expected one, else the step would have failed.
    pub(super) fn good(verdict: impl Into<String>, value: T) -> Self {
        Self { verdict: verdict.into(), expected: true, value }
    }
}

/// Does the steps of one suite and notes what came of them.
pub(super) struct Teller {
    pub(super) suite: Suite,
    aloud: bool,
    pub(super) steps: Vec<Step>,
}

impl Teller {
    /// Nothing told yet; `aloud` says each step when it is done.
    pub(super) const fn new(suite: Suite, aloud: bool) -> Self {
        Self { suite, aloud, steps: Vec::new() }
    }

    /// Does one step, notes its verdict and time.
    ///
    /// # Errors
    /// The step could not be done at all; a verdict other than expected is no error.
    pub(super) fn step<T>(
        &mut self,
        name: impl Into<String>,
        work: impl FnOnce() -> Result<Told<T>, Failure>,
    ) -> Result<T, Failure> {
        let (name, begin) = (name.into(), Instant::now());
        let Told { verdict, expected, value } = work()?;
        let milliseconds = begin.elapsed().as_millis();
        if self.aloud {
            let number = self.steps.len() + 1;
            let mark = if expected { "ok" } else { "NOT AS EXPECTED" };
            say_result(format_args!(
                "{number:>2}  {name:<36} {mark}  {verdict}  ({milliseconds} ms)"
            ));
        }
        let suite = self.suite.name();
        self.steps.push(Step { suite, name, verdict, expected, milliseconds });
        Ok(value)
    }
}
