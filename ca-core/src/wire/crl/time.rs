//! The times of a CRL.

use x509_cert::time::Time;

use crate::UnixTime;

/// Reads times, and remembers whether each was written as RFC 5280 §5.1.2.4 to §5.1.2.6 demands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Clock {
    /// A GeneralizedTime of a year that UTCTime can express.
    pub(super) early_generalized: bool,
}

impl Clock {
    pub(super) fn read(&mut self, time: &Time) -> UnixTime {
        let read = UnixTime::from(time);
        let due = read.to_x509().ok();
        self.early_generalized |=
            matches!((time, due), (Time::GeneralTime(_), Some(Time::UtcTime(_))));
        read
    }
}
