//! Building stones: raw elements, bounded sequences, fixed version numbers.

use core::fmt;

use der::asn1::AnyRef;
use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, SliceReader, Tag,
    Tagged, Writer,
};
use zeroize::Zeroizing;

use crate::wire::DecodeError;

/// One whole DER element (tag, length and content octets) exactly as received.
///
/// `Debug` shows its length only: it may hold a back key. It is wiped when dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct Element(Zeroizing<Vec<u8>>);

impl Element {
    /// Takes octets that are exactly one element; what is inside is not looked at.
    ///
    /// # Errors
    /// [`DecodeError`] if they are less or more than that.
    pub fn new(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::from_der(octets).map_err(|e| DecodeError::from_der_error(&e))
    }

    /// The element: tag, length and content octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({} octets)", self.0.len())
    }
}

impl<'a> Decode<'a> for Element {
    type Error = der::Error;

    fn decode<R: Reader<'a>>(reader: &mut R) -> der::Result<Self> {
        Ok(Self(Zeroizing::new(reader.tlv_bytes()?.to_vec())))
    }
}

impl Encode for Element {
    fn encoded_len(&self) -> der::Result<Length> {
        Length::try_from(self.0.len())
    }

    fn encode(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(&self.0)
    }
}

/// SEQUENCE SIZE(MIN..MAX) OF T. Reading stops at the first member too many.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bounded<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> Bounded<T, MIN, MAX> {
    /// A sequence of these members.
    ///
    /// # Errors
    /// If there are fewer than `MIN` or more than `MAX`.
    pub fn new(members: Vec<T>) -> der::Result<Self> {
        if (MIN..=MAX).contains(&members.len()) {
            Ok(Self(members))
        } else {
            Err(Tag::Sequence.length_error().into())
        }
    }

    /// The members in order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const MIN: usize, const MAX: usize> DecodeValue<'a> for Bounded<T, MIN, MAX>
where
    T: Decode<'a, Error = der::Error>,
{
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _header: Header) -> der::Result<Self> {
        let mut members = Vec::new();
        while !reader.is_finished() {
            if members.len() == MAX {
                return Err(reader.error(Tag::Sequence.length_error()));
            }
            members.push(T::decode(reader)?);
        }
        if members.len() < MIN {
            return Err(reader.error(Tag::Sequence.length_error()));
        }
        Ok(Self(members))
    }
}

impl<T: Encode, const MIN: usize, const MAX: usize> EncodeValue for Bounded<T, MIN, MAX> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
}

impl<T, const MIN: usize, const MAX: usize> FixedTag for Bounded<T, MIN, MAX> {
    const TAG: Tag = Tag::Sequence;
}

/// A version number: `WRITE` is what we send, `READ` is a lower one that is accepted too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Version<const READ: u8, const WRITE: u8>(u8);

impl<const READ: u8, const WRITE: u8> Default for Version<READ, WRITE> {
    fn default() -> Self {
        Self(WRITE)
    }
}

impl<'a, const READ: u8, const WRITE: u8> DecodeValue<'a> for Version<READ, WRITE> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let version = u8::decode_value(reader, header)?;
        if version == READ || version == WRITE {
            Ok(Self(version))
        } else {
            Err(reader.error(Tag::Integer.value_error()))
        }
    }
}

impl<const READ: u8, const WRITE: u8> EncodeValue for Version<READ, WRITE> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
}

impl<const READ: u8, const WRITE: u8> FixedTag for Version<READ, WRITE> {
    const TAG: Tag = Tag::Integer;
}

/// Wraps whole elements into one SEQUENCE: `L(t1, t2)`, CertReqTBS and CertReqTBEX are such.
///
/// # Errors
/// If a part is not exactly one element.
pub fn sequence(parts: &[&[u8]]) -> der::Result<Zeroizing<Vec<u8>>> {
    let mut content = Length::ZERO;
    for part in parts {
        AnyRef::from_der(part)?;
        content = (content + Length::try_from(part.len())?)?;
    }
    let header = Header::new(Tag::Sequence, content).to_der()?;
    let total = header.len().saturating_add(usize::try_from(content)?);
    let mut octets = Zeroizing::new(Vec::with_capacity(total));
    octets.extend_from_slice(&header);
    for part in parts {
        octets.extend_from_slice(part);
    }
    Ok(octets)
}

/// Takes a SEQUENCE of exactly two elements apart; what is inside them is not looked at.
///
/// # Errors
/// If `octets` are anything else.
pub fn pair(octets: &[u8]) -> der::Result<(&[u8], &[u8])> {
    let outer = AnyRef::from_der(octets)?;
    outer.tag().assert_eq(Tag::Sequence)?;
    let mut reader = SliceReader::new(outer.value())?;
    let first = reader.tlv_bytes()?;
    let second = reader.tlv_bytes()?;
    reader.finish()?;
    Ok((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_of_two_comes_apart_as_it_was_made() {
        let made = sequence(&[&[0x02, 0x01, 0x05], &[0x04, 0x00]]).unwrap();
        assert_eq!(made.as_slice(), [0x30, 0x05, 0x02, 0x01, 0x05, 0x04, 0x00]);
        assert_eq!(pair(&made).unwrap(), (&[0x02, 0x01, 0x05][..], &[0x04, 0x00][..]));
    }

    #[test]
    fn a_pair_has_two_members_and_nothing_after() {
        for bad in [
            &[0x30, 0x02, 0x05, 0x00][..],
            &[0x30, 0x06, 0x05, 0x00, 0x05, 0x00, 0x05, 0x00],
            &[0x30, 0x04, 0x05, 0x00, 0x05, 0x00, 0x00],
            &[0x31, 0x04, 0x05, 0x00, 0x05, 0x00],
            &[0x30, 0x04, 0x05, 0x00, 0x05, 0x01],
            &[],
        ] {
            assert!(pair(bad).is_err(), "{bad:02x?}");
        }
    }

    #[test]
    fn a_sequence_stops_at_its_upper_bound() {
        let three = [0x30, 0x06, 0x05, 0x00, 0x05, 0x00, 0x05, 0x00];
        assert!(Bounded::<Element, 1, 3>::from_der(&three).is_ok());
        assert!(Bounded::<Element, 1, 2>::from_der(&three).is_err());
        assert!(Bounded::<Element, 4, 9>::from_der(&three).is_err());
    }

    #[test]
    fn debug_of_an_element_shows_no_content() {
        let element = Element::new(&[0x04, 0x02, 0xab, 0xcd]).unwrap();
        assert_eq!(format!("{element:?}"), "Element(4 octets)");
    }
}
