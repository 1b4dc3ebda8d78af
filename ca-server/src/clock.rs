//! The operating system's clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ca_core::UnixTime;
use ca_core::authority::Clock;

/// System time that never goes back while the process lives.
///
/// When the system clock is set back, the latest time told stands still until it is reached again:
/// a list or an answer never bears a time before the one published last.
#[derive(Debug, Default)]
pub struct SystemClock {
    latest: AtomicU64,
}

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixTime::from_secs(told(&self.latest, since.as_secs()))
    }
}

fn told(latest: &AtomicU64, read: u64) -> u64 {
    latest.fetch_max(read, Ordering::AcqRel).max(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_when_the_system_clock_is_set_back() {
        let latest = AtomicU64::default();
        assert_eq!([told(&latest, 100), told(&latest, 40), told(&latest, 101)], [100, 100, 101]);
    }
}
