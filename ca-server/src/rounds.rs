//! Work that comes again and again until the service ends.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The rounds of one such work: the first at once.
pub(crate) struct Rounds {
    ticks: Interval,
    stop: watch::Receiver<bool>,
}

impl Rounds {
    /// One round every so often until `stop` changes.
    pub(crate) fn every(time: Duration, stop: watch::Receiver<bool>) -> Self {
        let mut ticks = interval(time);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { ticks, stop }
    }

    /// Waits for the next round; false if there is none any more. A round that was begun is
    /// finished.
    pub(crate) async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            _ = self.stop.changed() => false,
            _ = self.ticks.tick() => true,
        }
    }
}

/// Works on a thread that may block; none if the work, called `what`, died.
pub(crate) async fn apart<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let done = spawn_blocking(work).await.ok();
    if done.is_none() {
        tracing::error!("{what} died, it is tried again");
    }
    done
}

/// A fault that may last for many rounds: said when it begins and when it ends, not at each.
#[derive(Debug, Default)]
pub(crate) struct Lasting(bool);

impl Lasting {
    /// True if it was not there before.
    pub(crate) fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.0, true)
    }

    /// True if it was there until now.
    pub(crate) fn ends(&mut self) -> bool {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rounds_come_until_the_service_ends() {
        let (stop, stopped) = watch::channel(false);
        let mut rounds = Rounds::every(Duration::from_millis(1), stopped);
        assert!(rounds.next().await && rounds.next().await);
        stop.send(true).unwrap();
        assert!(!rounds.next().await);
    }

    #[tokio::test]
    async fn work_that_dies_ends_nothing_else() {
        assert_eq!(apart("a test", || 7).await, Some(7));
        assert_eq!(apart("a test", || -> u8 { panic!("on purpose") }).await, None);
    }

    #[test]
    fn a_fault_that_lasts_is_said_twice() {
        let mut fault = Lasting::default();
        let seen = [fault.ends(), fault.begins(), fault.begins(), fault.ends(), fault.ends()];
        assert_eq!(seen, [false, true, false, true, false]);
    }
}
