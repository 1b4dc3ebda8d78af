//! The check in the background: do records, index, lists and OCSP say the same?

use std::sync::Arc;
use std::time::Duration;

use ca_core::authority::{Authority, CheckOrder, Checked, Error};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::observed::{LastCheck, Observed};

/// The periodic check of one authority.
pub(crate) struct Checking {
    pub(crate) authority: Arc<Authority>,
    pub(crate) observed: Arc<Observed>,
    /// Zero: never.
    pub(crate) every: Duration,
}

impl Checking {
    /// Checks at once and then periodically until `stop` changes.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        if self.every.is_zero() {
            return;
        }
        let mut ticks = interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                _ = ticks.tick() => {}
            }
            let (authority, stopped) = (Arc::clone(&self.authority), stop.clone());
            let begin = Instant::now();
            let check = move || confirmed(&authority, &stopped);
            let Ok(outcome) = tokio::task::spawn_blocking(check).await else {
                tracing::error!("the check of the status died, it is tried again");
                self.observed.checked(None);
                continue;
            };
            match outcome {
                // The service ends.
                Ok(None) => return,
                Ok(Some(checked)) => {
                    let took = begin.elapsed();
                    say(&checked, took);
                    self.observed.checked(Some(LastCheck { checked, took }));
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "status not checked");
                    self.observed.checked(None);
                }
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
