//! Time as an argument: seconds since 1970-01-01T00:00:00Z, never read from a clock in this crate.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use der::DateTime;
use der::asn1::{GeneralizedTime, UtcTime};
use x509_cert::time::Time;

/// Seconds since the Unix epoch, UTC. Never negative: SET begins in 1997.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UnixTime(u64);

impl UnixTime {
    /// A time from seconds since the epoch; values past the year 9999 are cut to its last second.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        if secs > LAST_SECOND { Self(LAST_SECOND) } else { Self(secs) }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// `self` plus `secs` seconds, cut to the year 9999.
    #[must_use]
    pub const fn plus_secs(self, secs: u64) -> Self {
        Self::from_secs(self.0.saturating_add(secs))
    }

    /// `self` minus `secs` seconds, never before the epoch.
    #[must_use]
    pub const fn minus_secs(self, secs: u64) -> Self {
        Self(self.0.saturating_sub(secs))
    }

    /// `self` plus whole days of 86,400 seconds.
    #[must_use]
    pub const fn plus_days(self, days: u32) -> Self {
        self.plus_secs(days as u64 * DAY)
    }

    /// The last second of the month `YYYYMM` (decisions.md 26), `None` if it is not a month.
    #[must_use]
    pub fn end_of_month(year: u16, month: u8) -> Option<Self> {
        let (next_year, next_month) = match month {
            1..=11 => (year, month.checked_add(1)?),
            12 => (year.checked_add(1)?, 1),
            _ => return None,
        };
        let first = DateTime::new(next_year, next_month, 1, 0, 0, 0).ok()?;
        Some(Self(first.unix_duration().as_secs()).minus_secs(1))
    }

    /// Parses `YYYY-MM-DDThh:mm:ssZ` (RFC 3339, UTC only); so does [`FromStr`].
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let date_time: DateTime = text.parse().ok()?;
        Some(Self(date_time.unix_duration().as_secs()))
    }

    /// DER GeneralizedTime of this second (SET `Date`, PKUP, BCI, OCSP).
    ///
    /// # Errors
    /// Never for a value made by this type; the signature follows the encoder's.
    pub fn to_generalized(self) -> der::Result<GeneralizedTime> {
        GeneralizedTime::from_unix_duration(Duration::from_secs(self.0))
    }

    /// X.509 `Time`: UTCTime up to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5).
    ///
    /// # Errors
    /// Never for a value made by this type; the signature follows the encoder's.
    pub fn to_x509(self) -> der::Result<Time> {
        let duration = Duration::from_secs(self.0);
        if self.0 <= LAST_UTC_TIME {
            Ok(Time::UtcTime(UtcTime::from_unix_duration(duration)?))
        } else {
            Ok(Time::GeneralTime(GeneralizedTime::from_unix_duration(duration)?))
        }
    }
}

impl From<&Time> for UnixTime {
    fn from(time: &Time) -> Self {
        Self::from_secs(time.to_unix_duration().as_secs())
    }
}

impl From<&GeneralizedTime> for UnixTime {
    fn from(time: &GeneralizedTime) -> Self {
        Self::from_secs(time.to_unix_duration().as_secs())
    }
}

/// RFC 3339 in UTC: `2026-11-22T13:00:00Z`.
/// A text that [`UnixTime::parse_rfc3339`] does not take.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a time: write it as 2026-11-22T13:00:00Z")]
pub struct UnknownTime;

impl FromStr for UnixTime {
    type Err = UnknownTime;

    fn from_str(text: &str) -> Result<Self, UnknownTime> {
        Self::parse_rfc3339(text).ok_or(UnknownTime)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_unix_duration(Duration::from_secs(self.0)) {
            Ok(date_time) => date_time.fmt(f),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

const DAY: u64 = 86_400;
/// 2049-12-31T23:59:59Z, the last second UTCTime may express (RFC 5280 §4.1.2.5.1).
const LAST_UTC_TIME: u64 = 2_524_607_999;
/// 9999-12-31T23:59:59Z, the last second GeneralizedTime may express.
const LAST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_expiry_month_ends_at_its_last_second() {
        let end = UnixTime::end_of_month(2027, 12).unwrap();
        assert_eq!(end.to_string(), "2027-12-31T23:59:59Z");
        assert_eq!(UnixTime::end_of_month(2028, 2).unwrap().to_string(), "2028-02-29T23:59:59Z");
        assert_eq!(UnixTime::end_of_month(2027, 13), None);
    }

    #[test]
    fn utc_time_gives_way_to_generalized_time_in_2050() {
        let last = UnixTime::parse_rfc3339("2049-12-31T23:59:59Z").unwrap();
        assert!(matches!(last.to_x509().unwrap(), Time::UtcTime(_)));
        assert!(matches!(last.plus_secs(1).to_x509().unwrap(), Time::GeneralTime(_)));
    }
}
