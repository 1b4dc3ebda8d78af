//! Rules on the message header (spec `set-messages.md` §4.1).

use const_oid::ObjectIdentifier;

use super::Refusal;
use crate::UnixTime;

/// How far a message's date may lie from now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateWindow {
    /// Seconds into the past.
    pub past: u64,
    /// Seconds into the future.
    pub future: u64,
}

/// −24 h … +10 min (spec `set-messages.md` §6 no. 20): wide enough that a repeated request still
/// meets its stored answer.
impl Default for DateWindow {
    fn default() -> Self {
        Self { past: 24 * 3600, future: 600 }
    }
}

/// Version 1 exactly; the revision is tolerated.
///
/// # Errors
/// [`Refusal::VersionTooOld`], [`Refusal::VersionTooNew`].
pub const fn check_version(version: u64) -> Result<(), Refusal> {
    match version {
        0 => Err(Refusal::VersionTooOld(version)),
        1 => Ok(()),
        _ => Err(Refusal::VersionTooNew(version)),
    }
}

/// The date of the header, and that of a request (decisions.md 18), lies in the window.
///
/// # Errors
/// [`Refusal::TooOld`], [`Refusal::TooNew`] with the limit that was passed.
pub fn check_date(date: UnixTime, now: UnixTime, window: DateWindow) -> Result<(), Refusal> {
    let oldest = now.minus_secs(window.past);
    let newest = now.plus_secs(window.future);
    if date < oldest {
        return Err(Refusal::TooOld { date, oldest });
    }
    if date > newest {
        return Err(Refusal::TooNew { date, newest });
    }
    Ok(())
}

/// No wrapper extension is predefined, so a critical one is always unknown (§1.1).
///
/// # Errors
/// [`Refusal::ExtensionUnrecognized`] with the first critical one.
pub fn check_extensions(
    extensions: impl IntoIterator<Item = (ObjectIdentifier, bool)>,
) -> Result<(), Refusal> {
    match extensions.into_iter().find(|(_, critical)| *critical) {
        Some((oid, _)) => Err(Refusal::ExtensionUnrecognized(oid)),
        None => Ok(()),
    }
}

/// The rrpid inside a message is that of its wrapper.
///
/// # Errors
/// [`Refusal::RrpidMismatch`].
pub fn check_rrpid(wrapper: &[u8], message: &[u8]) -> Result<(), Refusal> {
    if wrapper == message { Ok(()) } else { Err(Refusal::RrpidMismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    #[test]
    fn only_version_one_is_served() {
        assert_eq!(check_version(0), Err(Refusal::VersionTooOld(0)));
        assert_eq!(check_version(1), Ok(()));
        assert_eq!(check_version(2), Err(Refusal::VersionTooNew(2)));
    }

    #[test]
    fn the_edges_of_the_date_window_are_inside() {
        let window = DateWindow::default();
        assert_eq!(check_date(NOW.minus_secs(86_400), NOW, window), Ok(()));
        assert_eq!(check_date(NOW.plus_secs(600), NOW, window), Ok(()));
        assert_eq!(
            check_date(NOW.minus_secs(86_401), NOW, window),
            Err(Refusal::TooOld { date: NOW.minus_secs(86_401), oldest: NOW.minus_secs(86_400) })
        );
        assert_eq!(
            check_date(NOW.plus_secs(601), NOW, window),
            Err(Refusal::TooNew { date: NOW.plus_secs(601), newest: NOW.plus_secs(600) })
        );
    }

    #[test]
    fn an_unknown_extension_is_refused_only_when_critical() {
        let oid = ObjectIdentifier::new_unwrap("1.2.3");
        assert_eq!(check_extensions([(oid, false)]), Ok(()));
        assert_eq!(
            check_extensions([(oid, false), (oid, true)]),
            Err(Refusal::ExtensionUnrecognized(oid))
        );
    }
}
