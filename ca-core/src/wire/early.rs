//! Validity that begins before 1970: old certificates say 1950 for "always".

use der::DateTime;

use super::draft::{elements, only};

/// A copy of a certificate whose validity has no date before 1970, each earlier one being moved to
/// the first second of that year, the earliest that [`crate::UnixTime`] knows; `None` if there is
/// none to move. All lengths stay.
pub(super) fn with_times_from_1970(octets: &[u8]) -> Option<Vec<u8>> {
    let certificate = only(octets, 0..octets.len())?;
    let tbs = elements(octets, certificate)?.first()?.1.clone();
    let fields = elements(octets, tbs)?;
    let optional_version = usize::from(fields.first()?.0.is_context_specific());
    let (_, validity) = fields.get(optional_version.checked_add(VALIDITY)?)?;
    let mut copy = octets.to_vec();
    let mut moved = false;
    for (_, time) in elements(octets, validity.clone())? {
        let content = copy.get_mut(time)?;
        if is_before_1970(content) {
            let epoch: &[u8] = if content.len() == UTC_EPOCH.len() { UTC_EPOCH } else { EPOCH };
            content.copy_from_slice(epoch);
            moved = true;
        }
    }
    moved.then_some(copy)
}

/// True for `YYMMDDhhmmssZ` of 1950 to 1969 (RFC 5280 §4.1.2.5.1) and `YYYYMMDDhhmmssZ` before
/// 1970.
fn is_before_1970(content: &[u8]) -> bool {
    let text = core::str::from_utf8(content).ok().and_then(|text| text.strip_suffix('Z'));
    let Some((year, rest)) =
        text.and_then(|text| text.split_at_checked(text.len().checked_sub(10)?))
    else {
        return false;
    };
    let early = match year.len() {
        2 => ("50".."70").contains(&year),
        4 => year < "1970",
        _ => false,
    };
    early && digits(year).is_some() && is_in_year(rest)
}

/// True for `MMDDhhmmss` of a year with all its days.
fn is_in_year(text: &str) -> bool {
    let mut fields = text.as_bytes().chunks(2).map(|pair| {
        core::str::from_utf8(pair)
            .ok()
            .and_then(digits)
            .and_then(|number| u8::try_from(number).ok())
    });
    let mut next = || fields.next().flatten();
    let (Some(month), Some(day), Some(hour), Some(minute), Some(second)) =
        (next(), next(), next(), next(), next())
    else {
        return false;
    };
    DateTime::new(LEAP_YEAR, month, day, hour, minute, second).is_ok()
}

fn digits(text: &str) -> Option<u16> {
    text.bytes().all(|octet| octet.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Position of validity in TBSCertificate, the optional version not counted.
const VALIDITY: usize = 3;
const UTC_EPOCH: &[u8] = b"700101000000Z";
const EPOCH: &[u8] = b"19700101000000Z";
const LEAP_YEAR: u16 = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_dates_before_1970_are_moved() {
        for early in ["500101120001Z", "691231235959Z", "19491231235959Z", "00000229000000Z"] {
            assert!(is_before_1970(early.as_bytes()), "{early}");
        }
        for other in ["490101120001Z", "700101000000Z", "19700101000000Z", "501301120001Z"] {
            assert!(!is_before_1970(other.as_bytes()), "{other}");
        }
        for broken in ["", "Z", "5001011200Z", "+00101120001Z", "500101120001", "5é101120001Z"] {
            assert!(!is_before_1970(broken.as_bytes()), "{broken}");
        }
    }
}
