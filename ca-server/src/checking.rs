//! The check in the background: do records, index, lists and OCSP say the same?

use std::sync::Arc;
use std::time::Duration;

use ca_core::authority::{Authority, CheckOrder, Checked, Error};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::observed::{LastCheck, Observed};
use crate::rounds::{Rounds, apart};

/// The periodic check of one authority.
pub(crate) struct Checking {
    pub(crate) authority: Arc<Authority>,
    pub(crate) observed: Arc<Observed>,
    /// Zero: never.
    pub(crate) every: Duration,
}

impl Checking {
    /// Checks at once and then periodically until `stop` changes.
    pub(crate) async fn run(self, stop: watch::Receiver<bool>) {
        if self.every.is_zero() {
            return;
        }
        let mut rounds = Rounds::every(self.every, stop.clone());
        while rounds.next().await {
            let (authority, stopped) = (Arc::clone(&self.authority), stop.clone());
            let begin = Instant::now();
            let check = move || confirmed(&authority, &stopped);
            match apart("the check of the status", check).await {
                // The service ends.
                Some(Ok(None)) => return,
                Some(Ok(Some(checked))) => {
                    let took = begin.elapsed();
                    say(&checked, took);
                    self.observed.checked(Some(LastCheck { checked, took }));
                }
                Some(Err(error)) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "status not checked");
                    self.observed.checked(None);
                }
                None => self.observed.checked(None),
            }
        }
    }
}

/// What is found is looked for again: lists of one CA are published one after the other, and in
/// between they differ.
fn confirmed(
    authority: &Authority,
    stop: &watch::Receiver<bool>,
) -> Result<Option<Checked>, Error> {
    let order = CheckOrder::default();
    let check = || {
        let mut begin = Instant::now();
        authority.check_status(&order, &mut |_| {
            std::thread::sleep((begin.elapsed() * REST).min(LONGEST_REST));
            begin = Instant::now();
            !*stop.borrow()
        })
    };
    match check()? {
        Some(checked) if !checked.mismatches.is_empty() => {
            std::thread::sleep(LOOK_AGAIN);
            check()
        }
        outcome => Ok(outcome),
    }
}

fn say(checked: &Checked, took: Duration) {
    let milliseconds = took.as_millis();
    let Checked { serials, lists, answers, mismatches, .. } = checked;
    if mismatches.is_empty() {
        tracing::info!(serials, lists, answers, milliseconds, "status checked: all say the same");
        return;
    }
    for mismatch in mismatches.iter().take(SAID) {
        tracing::error!(%mismatch, "status mismatch");
    }
    let count = mismatches.len();
    tracing::error!(count, "records, lists and OCSP disagree: setca status check names each");
}

/// Rests so many times as long as it works, for those whom the service serves: a quarter of one
/// processor at most.
const REST: u32 = 3;
/// The end of the service does not wait longer.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// Longer than it takes to publish the lists of a CA.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Mismatches that are logged one by one.
const SAID: usize = 20;
