//! Answers spoilt on purpose, for test set-ups: how does a relying party take a stale CRL?
//!
//! Only for a data folder that `setca init --test` made, and whose root says TEST: both are asked,
//! so that no edit of one file lets it loose on a real hierarchy ([`Chaos::permit`]).

mod layer;
mod mortal;
mod spoil;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use ca_core::UnixTime;
use ca_core::authority::{Clock, Hierarchy};

use crate::data::Settings;

pub(crate) use layer::around;
pub use mortal::dies_at;

/// What is spoilt; nothing by default.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Chaos {
    kinds: Vec<ChaosKind>,
}

/// One way to be wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ChaosKind {
    /// An OCSP answer repeats another nonce than it was asked with.
    BadNonce,
    /// The service believes it is so many seconds later (earlier).
    Clock(i64),
    /// A complete CRL ended long ago.
    StaleCrl,
    /// OCSP says tryLater to everything.
    TryLater,
    /// The URL of a shard has another one of the same CA.
    WrongShard,
}

impl Chaos {
    /// These kinds, if this folder may be spoilt.
    ///
    /// # Errors
    /// [`ChaosError`] if it was not made for tests.
    pub fn permit(
        kinds: Vec<ChaosKind>,
        settings: &Settings,
        hierarchy: &Hierarchy,
    ) -> Result<Self, ChaosError> {
        if !kinds.is_empty() {
            permit(settings, hierarchy)?;
        }
        Ok(Self { kinds })
    }

    /// What is spoilt.
    #[must_use]
    pub fn kinds(&self) -> &[ChaosKind] {
        &self.kinds
    }

    /// `clock`, or what it is made to say.
    #[must_use]
    pub fn clock(&self, clock: Arc<dyn Clock>) -> Arc<dyn Clock> {
        skewed(&self.kinds, clock)
    }

    pub(crate) fn has(&self, kind: ChaosKind) -> bool {
        self.kinds.contains(&kind)
    }
}

/// Settings and root both say that this folder is for tests.
fn permit(settings: &Settings, hierarchy: &Hierarchy) -> Result<(), ChaosError> {
    if !settings.test {
        return Err(ChaosError::NotForTests);
    }
    if !hierarchy.is_for_tests() {
        return Err(ChaosError::RootSaysNothing);
    }
    Ok(())
}

/// `clock`, or what the kinds make it say.
#[must_use]
pub fn skewed(kinds: &[ChaosKind], clock: Arc<dyn Clock>) -> Arc<dyn Clock> {
    let skew = kinds.iter().find_map(|kind| match kind {
        ChaosKind::Clock(seconds) => Some(*seconds),
        _ => None,
    });
    match skew {
        Some(seconds) => Arc::new(Skewed { clock, seconds }),
        None => clock,
    }
}

struct Skewed {
    clock: Arc<dyn Clock>,
    seconds: i64,
}

impl Clock for Skewed {
    fn now(&self) -> UnixTime {
        let (now, by) = (self.clock.now(), self.seconds.unsigned_abs());
        if self.seconds < 0 { now.minus_secs(by) } else { now.plus_secs(by) }
    }
}

/// As it stands on the command line, in `X-Setca-Chaos` and in metrics.
impl fmt::Display for ChaosKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadNonce => f.write_str("bad-nonce"),
            Self::Clock(seconds) => write!(f, "clock={seconds:+}"),
            Self::StaleCrl => f.write_str("stale-crl"),
            Self::TryLater => f.write_str("try-later"),
            Self::WrongShard => f.write_str("wrong-shard"),
        }
    }
}

impl FromStr for ChaosKind {
    type Err = UnknownChaos;

    fn from_str(text: &str) -> Result<Self, UnknownChaos> {
        let unknown = || UnknownChaos(text.to_owned());
        match text {
            "bad-nonce" => Ok(Self::BadNonce),
            "stale-crl" => Ok(Self::StaleCrl),
            "try-later" => Ok(Self::TryLater),
            "wrong-shard" => Ok(Self::WrongShard),
            _ => {
                let seconds = text.strip_prefix("clock=").ok_or_else(unknown)?;
                seconds.parse().map(Self::Clock).map_err(|_| unknown())
            }
        }
    }
}

/// A word that names no chaos.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{0} is no chaos: write stale-crl, wrong-shard, try-later, bad-nonce or clock=SECONDS, as in \
     clock=+3600"
)]
pub struct UnknownChaos(String);

/// This hierarchy is not to be spoilt.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChaosError {
    /// Its settings do not say `test = true`.
    #[error("it was not made for tests: make one that may be spoilt with setca init --test")]
    NotForTests,
    /// The settings say so, the certificates do not.
    #[error(
        "its settings say test, but its root does not say TEST: make one that may be spoilt with \
         setca init --test"
    )]
    RootSaysNothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for text in
            ["bad-nonce", "stale-crl", "try-later", "wrong-shard", "clock=+3600", "clock=-60"]
        {
            assert_eq!(text.parse::<ChaosKind>().unwrap().to_string(), text);
        }
        for text in ["", "clock", "clock=", "clock=soon", "Stale-Crl"] {
            assert_eq!(text.parse::<ChaosKind>(), Err(UnknownChaos(text.to_owned())));
        }
    }

    #[test]
    fn skewed_clock_is_that_far_away_and_never_before_the_epoch() {
        struct At(u64);
        impl Clock for At {
            fn now(&self) -> UnixTime {
                UnixTime::from_secs(self.0)
            }
        }
        let told = |seconds| skewed(&[ChaosKind::Clock(seconds)], Arc::new(At(1_000))).now();
        assert_eq!([60, -60, -2_000].map(told).map(UnixTime::as_secs), [1_060, 940, 0]);
    }
}
