//! Sign-ins as the audit log has them: whoever shows a token is in it once an hour, wrong tokens are
//! in it once a minute with their number, so that nobody can fill the log from outside.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ca_core::UnixTime;
use ca_core::audit::{Acting, Actor};
use ca_core::authority::{Authority, Error};

/// What was seen lately.
#[derive(Debug, Default)]
pub(crate) struct SignIns(Mutex<BTreeMap<Key, Seen>>);

/// Who, none for a wrong token; and from where, if that is known.
type Key = (Option<Actor>, Option<IpAddr>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// From when on it is noted again.
    again: UnixTime,
    /// How often since it was noted.
    unsaid: u64,
}

impl SignIns {
    /// True if it is to be noted, and then how many were not since the last note.
    fn due(&self, key: &Key, now: UnixTime) -> Option<u64> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.retain(|_, seen| now < seen.again);
        }
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        let every = if key.0.is_some() { KNOWN_EVERY } else { WRONG_EVERY };
        match seen.get_mut(key) {
            Some(seen) if now < seen.again => {
                seen.unsaid = seen.unsaid.saturating_add(1);
                None
            }
            other => {
                let unsaid = other.map_or(0, |seen| seen.unsaid);
                seen.insert(key.clone(), Seen { again: now.plus_secs(every), unsaid: 0 });
                Some(unsaid)
            }
        }
    }

    /// What is to be noted of somebody who has shown a token, now or not at all; `who` is none for a
    /// wrong one. Costs a look at what was seen lately.
    pub(crate) fn seen(
        &self,
        who: Option<Actor>,
        from: Option<IpAddr>,
        now: UnixTime,
    ) -> Option<SignIn> {
        let key = (who, from);
        let unsaid = self.due(&key, now)?;
        Some(SignIn { key, at: now, unsaid })
    }

    /// Writes it in the audit log.
    ///
    /// # Errors
    /// [`Error::Store`]: it is tried again at the next request.
    pub(crate) fn note(
        &self,
        authority: &Authority,
        sign_in: SignIn,
        path: &str,
    ) -> Result<(), Error> {
        let SignIn { key, at, unsaid } = sign_in;
        let (who, from) = &key;
        let acting = Acting::new(who.clone().unwrap_or(Actor::Stranger), at);
        let of = [
            ("from", from.map(|from| from.to_string()).unwrap_or_default()),
            ("path", path.to_owned()),
            ("unsaid", unsaid.to_string()),
        ];
        let refused = who.is_none().then_some("unknown token");
        let noted = authority.note(&acting, "sign-in", of, refused);
        if noted.is_err() {
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = seen.remove(&key);
        }
        noted
    }
}

/// Somebody who has come and is to be noted.
#[derive(Debug)]
pub(crate) struct SignIn {
    key: Key,
    at: UnixTime,
    unsaid: u64,
}

/// Seconds.
const KNOWN_EVERY: u64 = 3_600;
const WRONG_EVERY: u64 = 60;
/// Pairs of somebody and an address; beyond that all are noted anew.
const REMEMBERED: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn who_is_known_is_noted_once_an_hour_from_each_address() {
        let (seen, now) = (SignIns::default(), UnixTime::from_secs(1_000_000));
        let operator = (Some(Actor::Operator), from(1));
        assert_eq!(seen.due(&operator, now), Some(0));
        assert_eq!(seen.due(&operator, now.plus_secs(3_599)), None);
        assert_eq!(seen.due(&(Some(Actor::Operator), from(2)), now), Some(0));
        assert_eq!(seen.due(&operator, now.plus_secs(3_600)), Some(1));
    }

    #[test]
    fn wrong_tokens_are_noted_once_a_minute_with_their_number() {
        let (seen, now) = (SignIns::default(), UnixTime::from_secs(1_000_000));
        let stranger = (None, from(1));
        assert_eq!(seen.due(&stranger, now), Some(0));
        assert!((0..500).all(|second| seen.due(&stranger, now.plus_secs(second % 60)).is_none()));
        assert_eq!(seen.due(&stranger, now.plus_secs(60)), Some(500));
    }

    #[test]
    fn memory_is_bounded() {
        let (seen, now) = (SignIns::default(), UnixTime::from_secs(1_000_000));
        for number in 0..5_000_u32 {
            let from = Some(IpAddr::from(number.to_be_bytes()));
            assert_eq!(seen.due(&(None, from), now), Some(0));
            assert!(seen.0.lock().unwrap().len() <= REMEMBERED);
        }
    }
}
