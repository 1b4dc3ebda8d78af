//! Character strings of SET: VisibleString, NumericString and the CHOICE SETString (spec §1.3).

use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::RangeInclusive;

use der::{
    Choice, Decode, DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Tag, Tagged, Writer,
};

/// VisibleString SIZE(1..MAX): ASCII from space to tilde.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct VisibleString<const MAX: usize>(String);

impl<const MAX: usize> VisibleString<MAX> {
    /// A string of 1 to `MAX` visible ASCII characters.
    ///
    /// # Errors
    /// [`ValueError`] if it is empty, longer, or has another character.
    pub fn new(text: &str) -> Result<Self, ValueError> {
        ValueError::check_length(text.len(), 1..=MAX)?;
        if !is_visible(text) {
            return Err(ValueError::Characters);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for VisibleString<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: usize> fmt::Display for VisibleString<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a, const MAX: usize> DecodeValue<'a> for VisibleString<MAX> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let text = read_ascii(reader, header, 1..=MAX)?;
        Self::new(&text).map_err(|_| reader.error(Self::TAG.value_error()))
    }
}

impl<const MAX: usize> EncodeValue for VisibleString<MAX> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0.as_bytes())
    }
}

impl<const MAX: usize> FixedTag for VisibleString<MAX> {
    const TAG: Tag = Tag::VisibleString;
}

/// NumericString SIZE(MIN..MAX). Digits only: no SET type that uses it has room for a space.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NumericString<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> NumericString<MIN, MAX> {
    /// A string of `MIN` to `MAX` digits.
    ///
    /// # Errors
    /// [`ValueError`] if it is shorter, longer, or has another character.
    pub fn new(digits: &str) -> Result<Self, ValueError> {
        ValueError::check_length(digits.len(), MIN..=MAX)?;
        if !is_digits(digits) {
            return Err(ValueError::Characters);
        }
        Ok(Self(digits.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Debug for NumericString<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for NumericString<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a, const MIN: usize, const MAX: usize> DecodeValue<'a> for NumericString<MIN, MAX> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let digits = read_ascii(reader, header, MIN..=MAX)?;
        Self::new(&digits).map_err(|_| reader.error(Self::TAG.value_error()))
    }
}

impl<const MIN: usize, const MAX: usize> EncodeValue for NumericString<MIN, MAX> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0.as_bytes())
    }
}

impl<const MIN: usize, const MAX: usize> FixedTag for NumericString<MIN, MAX> {
    const TAG: Tag = Tag::NumericString;
}

/// SETString{MAX}, counted in characters.
///
/// ```text
/// SETString{n} ::= CHOICE {
///     visibleString  VisibleString SIZE(1..n),
///     bmpString      BMPString SIZE(1..n) }      -- UCS-2, no surrogates
/// ```
///
/// Two values are equal if their texts are; the alternative is kept only so that a received value
/// is written again as it came.
#[derive(Clone)]
pub struct SetString<const MAX: usize> {
    text: String,
    form: Form,
}

impl<const MAX: usize> SetString<MAX> {
    /// A string of 1 to `MAX` characters: VisibleString if they all fit it, else BMPString.
    ///
    /// # Errors
    /// [`ValueError`] if it is empty, longer, or has a character beyond U+FFFF.
    pub fn new(text: &str) -> Result<Self, ValueError> {
        ValueError::check_length(text.chars().count(), 1..=MAX)?;
        if is_visible(text) {
            return Ok(Self { text: text.to_owned(), form: Form::Visible });
        }
        if text.chars().any(|c| c.len_utf16() != 1) {
            return Err(ValueError::Characters);
        }
        Ok(Self { text: text.to_owned(), form: Form::Bmp })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<const MAX: usize> PartialEq for SetString<MAX> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<const MAX: usize> Eq for SetString<MAX> {}

impl<const MAX: usize> Hash for SetString<MAX> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<const MAX: usize> fmt::Debug for SetString<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<const MAX: usize> fmt::Display for SetString<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'a, const MAX: usize> Decode<'a> for SetString<MAX> {
    type Error = der::Error;

    fn decode<R: Reader<'a>>(reader: &mut R) -> der::Result<Self> {
        let header = Header::decode(reader)?;
        match header.tag() {
            Tag::VisibleString => {
                let text = VisibleString::<MAX>::decode_value(reader, header)?.0;
                Ok(Self { text, form: Form::Visible })
            }
            Tag::BmpString => {
                let octets = read_octets(reader, header, 2..=MAX.saturating_mul(2))?;
                let text = ucs2(&octets).ok_or_else(|| reader.error(header.tag().value_error()))?;
                Ok(Self { text, form: Form::Bmp })
            }
            other => Err(reader.error(other.unexpected_error(Some(Tag::VisibleString)))),
        }
    }
}

impl<const MAX: usize> Choice<'_> for SetString<MAX> {
    fn can_decode(tag: Tag) -> bool {
        matches!(tag, Tag::VisibleString | Tag::BmpString)
    }
}

impl<const MAX: usize> EncodeValue for SetString<MAX> {
    fn value_len(&self) -> der::Result<Length> {
        match self.form {
            Form::Visible => self.text.len().try_into(),
            Form::Bmp => self.text.encode_utf16().count().saturating_mul(2).try_into(),
        }
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        match self.form {
            Form::Visible => writer.write(self.text.as_bytes()),
            Form::Bmp => {
                self.text.encode_utf16().try_for_each(|unit| writer.write(&unit.to_be_bytes()))
            }
        }
    }
}

impl<const MAX: usize> Tagged for SetString<MAX> {
    fn tag(&self) -> Tag {
        match self.form {
            Form::Visible => Tag::VisibleString,
            Form::Bmp => Tag::BmpString,
        }
    }
}

/// The alternative of SETString a value is written as.
#[derive(Clone, Copy)]
enum Form {
    Visible,
    Bmp,
}

/// A value that does not fit its SET type. Never holds the value: it may be secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// A character the type does not have.
    #[error("a character that this SET type does not allow")]
    Characters,
    /// Too short or too long, in characters, octets or items.
    #[error("length {length}, allowed {min} to {max}")]
    Length {
        /// What was given.
        length: usize,
        /// The least.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A number outside its range, or no month of a year.
    #[error("a number outside the range of this SET type")]
    Range,
}

impl ValueError {
    /// `Ok` if `length` is in `allowed`.
    pub(crate) fn check_length(length: usize, allowed: RangeInclusive<usize>) -> Result<(), Self> {
        if allowed.contains(&length) {
            return Ok(());
        }
        Err(Self::Length { length, min: *allowed.start(), max: *allowed.end() })
    }
}

/// True if every character is a digit.
pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|octet| octet.is_ascii_digit())
}

/// The content octets of a primitive value, refused before they are read if their number is wrong.
pub(crate) fn read_octets<'a, R: Reader<'a>>(
    reader: &mut R,
    header: Header,
    allowed: RangeInclusive<usize>,
) -> der::Result<Vec<u8>> {
    let length = usize::try_from(header.length())?;
    if !allowed.contains(&length) {
        return Err(reader.error(header.tag().length_error()));
    }
    reader.read_vec(header.length())
}

/// As [`read_octets`], for octets that must be ASCII.
pub(crate) fn read_ascii<'a, R: Reader<'a>>(
    reader: &mut R,
    header: Header,
    allowed: RangeInclusive<usize>,
) -> der::Result<String> {
    let octets = read_octets(reader, header, allowed)?;
    String::from_utf8(octets).map_err(|_| reader.error(header.tag().value_error()))
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|octet| (0x20..=0x7E).contains(&octet))
}

/// The text of UCS-2 octets, `None` for an odd number of octets or a surrogate.
fn ucs2(octets: &[u8]) -> Option<String> {
    let (pairs, rest) = octets.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|pair| char::from_u32(u16::from_be_bytes(*pair).into())).collect()
}

#[cfg(test)]
mod tests {
    use der::Encode;

    use super::*;

    #[test]
    fn set_string_prefers_visible_string() {
        let text = SetString::<40>::new("Brand:Product").unwrap();
        assert_eq!(text.to_der().unwrap(), b"\x1A\x0DBrand:Product");
    }

    #[test]
    fn set_string_falls_back_to_two_octets_a_character() {
        let text = SetString::<40>::new("Ähm€").unwrap();
        assert_eq!(text.to_der().unwrap(), b"\x1E\x08\x00\xC4\x00h\x00m\x20\xAC");
    }

    #[test]
    fn set_string_counts_characters_not_octets() {
        assert!(SetString::<4>::new("Ähm€").is_ok());
        assert_eq!(
            SetString::<3>::new("Ähm€"),
            Err(ValueError::Length { length: 4, min: 1, max: 3 })
        );
        assert!(SetString::<3>::from_der(b"\x1E\x08\x00\xC4\x00h\x00m\x20\xAC").is_err());
    }

    #[test]
    fn set_string_refuses_what_ucs_2_cannot_say() {
        assert_eq!(SetString::<9>::new("😀"), Err(ValueError::Characters));
        assert!(SetString::<9>::from_der(b"\x1E\x04\xD8\x3D\xDE\x00").is_err(), "surrogate pair");
        assert!(SetString::<9>::from_der(b"\x1E\x02\xD8\x3D").is_err(), "lone surrogate");
        assert!(SetString::<9>::from_der(b"\x1E\x03\x00A\x00").is_err(), "odd length");
    }

    #[test]
    fn set_strings_are_equal_by_text_and_keep_their_alternative() {
        let bmp = SetString::<9>::from_der(b"\x1E\x02\x00A").unwrap();
        assert_eq!(bmp, SetString::new("A").unwrap());
        assert_eq!(bmp.to_der().unwrap(), b"\x1E\x02\x00A");
    }

    #[test]
    fn visible_string_refuses_control_characters_and_the_empty_string() {
        assert!(VisibleString::<9>::from_der(b"\x1A\x01\x1F").is_err());
        assert!(VisibleString::<9>::from_der(b"\x1A\x01\x7F").is_err());
        assert!(VisibleString::<9>::from_der(b"\x1A\x00").is_err());
        assert!(VisibleString::<9>::from_der(b"\x1A\x02 ~").is_ok());
    }

    #[test]
    fn numeric_string_is_digits_within_its_bounds() {
        assert!(NumericString::<6, 6>::from_der(b"\x12\x06411111").is_ok());
        assert!(NumericString::<6, 6>::from_der(b"\x12\x0541111").is_err());
        assert!(NumericString::<6, 6>::from_der(b"\x12\x064111 1").is_err());
    }
}
