//! Date: GeneralizedTime in UTC (spec `set-messages.md` §1.3).

use core::fmt;

use der::{DateTime, DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer};

use super::bounds::UB_FRACTION;
use super::strings::read_ascii;
use crate::UnixTime;

/// `YYYYMMDDhhmmss[.f…]Z`. We write whole seconds; a received fraction is kept and not used.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Date {
    text: String,
    time: UnixTime,
}

impl Date {
    /// The second it names, without its fraction.
    #[must_use]
    pub fn time(&self) -> UnixTime {
        self.time
    }

    /// The characters on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<UnixTime> for Date {
    fn from(time: UnixTime) -> Self {
        let mut text: String = time.to_string().chars().filter(char::is_ascii_digit).collect();
        text.push('Z');
        Self { text, time }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'a> DecodeValue<'a> for Date {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let text = read_ascii(reader, header, WHOLE_SECONDS..=WHOLE_SECONDS + 1 + UB_FRACTION)?;
        match parse(&text) {
            Some(time) => Ok(Self { text, time }),
            None => Err(reader.error(Self::TAG.value_error())),
        }
    }
}

impl EncodeValue for Date {
    fn value_len(&self) -> der::Result<Length> {
        self.text.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.text.as_bytes())
    }
}

impl FixedTag for Date {
    const TAG: Tag = Tag::GeneralizedTime;
}

fn parse(text: &str) -> Option<UnixTime> {
    let (seconds, rest) = text.split_at_checked(WHOLE_SECONDS - 1)?;
    // X.690 §11.7: ends in Z, and a fraction has a full stop and no trailing zero.
    let fraction = rest.strip_suffix('Z')?;
    if !fraction.is_empty() {
        let digits = fraction.strip_prefix('.')?;
        let digits_only = digits.bytes().all(|octet| octet.is_ascii_digit());
        if digits.is_empty() || digits.ends_with('0') || !digits_only {
            return None;
        }
    }
    let date_time = DateTime::new(
        u16::try_from(number(seconds, 0, 4)?).ok()?,
        u8::try_from(number(seconds, 4, 6)?).ok()?,
        u8::try_from(number(seconds, 6, 8)?).ok()?,
        u8::try_from(number(seconds, 8, 10)?).ok()?,
        u8::try_from(number(seconds, 10, 12)?).ok()?,
        u8::try_from(number(seconds, 12, 14)?).ok()?,
    )
    .ok()?;
    Some(UnixTime::from_secs(date_time.unix_duration().as_secs()))
}

/// The digits of `text` from `start` to `end` as a number; `None` if one is not a digit.
fn number(text: &str, start: usize, end: usize) -> Option<u32> {
    text.get(start..end)?.chars().try_fold(0_u32, |sum, digit| Some(sum * 10 + digit.to_digit(10)?))
}

/// Characters of `YYYYMMDDhhmmssZ`.
const WHOLE_SECONDS: usize = 15;

#[cfg(test)]
mod tests {
    use der::{Decode, Encode};

    use super::*;

    fn decoded(text: &str) -> der::Result<Date> {
        let length = u8::try_from(text.len()).unwrap();
        Date::from_der(&[&[0x18, length][..], text.as_bytes()].concat())
    }

    #[test]
    fn whole_seconds_are_written_without_a_fraction() {
        let time = UnixTime::parse_rfc3339("1999-01-02T03:04:05Z").unwrap();
        assert_eq!(Date::from(time).to_der().unwrap(), b"\x18\x0F19990102030405Z");
    }

    #[test]
    fn a_fraction_is_kept_and_does_not_count() {
        let date = decoded("19990102030405.25Z").unwrap();
        assert_eq!(date.time().to_string(), "1999-01-02T03:04:05Z");
        assert_eq!(date.to_der().unwrap(), b"\x18\x1219990102030405.25Z");
    }

    #[test]
    fn anything_but_der_in_utc_is_refused() {
        for text in [
            "199901020304Z",
            "19990102030405",
            "19990102030405+0100",
            "19990102030405.Z",
            "19990102030405.50Z",
            "19990102030405,5Z",
            "19990102030405.1234567890Z",
            "19991302030405Z",
            "19990230030405Z",
            "+9990102030405Z",
        ] {
            assert!(decoded(text).is_err(), "{text}");
        }
    }
}
