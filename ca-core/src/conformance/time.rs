//! Times as test suites write them.

use crate::UnixTime;

/// `2024-04-01T00:00:00.005+00:00`, or with `Z`: RFC 3339 in UTC. A fraction is cut off, since no
/// certificate has one (RFC 5280 §4.1.2.5.2).
pub(super) fn parse(text: &str) -> Option<UnixTime> {
    let bare = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let whole = match bare.split_once('.') {
        Some((whole, fraction)) => {
            let digits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
            digits.then_some(whole)?
        }
        None => bare,
    };
    UnixTime::parse_rfc3339(&format!("{whole}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_a_second_is_cut_off() {
        let expected = UnixTime::parse_rfc3339("2024-04-01T00:00:00Z");
        assert!(expected.is_some());
        for text in ["2024-04-01T00:00:00Z", "2024-04-01T00:00:00.995+00:00"] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn another_zone_is_not_guessed_at() {
        assert_eq!(parse("2024-04-01T00:00:00+02:00"), None);
        assert_eq!(parse("2024-04-01T00:00:00"), None);
    }
}
