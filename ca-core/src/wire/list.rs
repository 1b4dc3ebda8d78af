//! SEQUENCE OF with a size, and INTEGER with a range.

use core::ops::Deref;

use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer,
};

use super::strings::ValueError;

/// SEQUENCE SIZE(1..MAX) OF T.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct NonEmpty<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> NonEmpty<T, MAX> {
    /// From 1 to `MAX` items.
    ///
    /// # Errors
    /// [`ValueError::Length`] if there are none or too many.
    pub fn new(items: Vec<T>) -> Result<Self, ValueError> {
        ValueError::check_length(items.len(), 1..=MAX)?;
        Ok(Self(items))
    }

    /// The items.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Deref for NonEmpty<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const MAX: usize> DecodeValue<'a> for NonEmpty<T, MAX>
where
    T: Decode<'a, Error = der::Error>,
{
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _header: Header) -> der::Result<Self> {
        let mut items = Vec::new();
        while !reader.is_finished() {
            if items.len() == MAX {
                return Err(reader.error(Tag::Sequence.length_error()));
            }
            items.push(T::decode(reader)?);
        }
        if items.is_empty() {
            return Err(reader.error(Tag::Sequence.length_error()));
        }
        Ok(Self(items))
    }
}

impl<T: Encode, const MAX: usize> EncodeValue for NonEmpty<T, MAX> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
}

impl<T, const MAX: usize> FixedTag for NonEmpty<T, MAX> {
    const TAG: Tag = Tag::Sequence;
}

/// INTEGER (MIN..MAX).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RangedInt<const MIN: u16, const MAX: u16>(u16);

impl<const MIN: u16, const MAX: u16> RangedInt<MIN, MAX> {
    /// The largest value.
    pub const LARGEST: Self = Self(MAX);

    /// A number from `MIN` to `MAX`.
    ///
    /// # Errors
    /// [`ValueError::Range`] if it is outside.
    pub fn new(number: u16) -> Result<Self, ValueError> {
        if (MIN..=MAX).contains(&number) { Ok(Self(number)) } else { Err(ValueError::Range) }
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }
}

impl<'a, const MIN: u16, const MAX: u16> DecodeValue<'a> for RangedInt<MIN, MAX> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let number = u16::decode_value(reader, header)?;
        Self::new(number).map_err(|_| reader.error(Tag::Integer.value_error()))
    }
}

impl<const MIN: u16, const MAX: u16> EncodeValue for RangedInt<MIN, MAX> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
}

impl<const MIN: u16, const MAX: u16> FixedTag for RangedInt<MIN, MAX> {
    const TAG: Tag = Tag::Integer;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_at_least_one_and_at_most_max_items() {
        let list = |octets| NonEmpty::<u8, 2>::from_der(octets).map(NonEmpty::into_vec);
        assert!(list(b"\x30\x00").is_err());
        assert_eq!(list(b"\x30\x06\x02\x01\x07\x02\x01\x08").unwrap(), [7, 8]);
        assert!(list(b"\x30\x09\x02\x01\x07\x02\x01\x08\x02\x01\x09").is_err());
    }

    #[test]
    fn a_ranged_integer_has_both_ends_and_nothing_beyond() {
        let number = |octets| RangedInt::<1, 128>::from_der(octets).map(RangedInt::value);
        assert!(number(b"\x02\x01\x00").is_err());
        assert_eq!(number(b"\x02\x01\x01").unwrap(), 1);
        assert_eq!(number(b"\x02\x02\x00\x80").unwrap(), 128);
        assert!(number(b"\x02\x02\x00\x81").is_err());
        assert!(number(b"\x02\x01\xFF").is_err());
    }
}
