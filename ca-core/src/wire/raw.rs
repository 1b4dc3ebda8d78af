//! Values of another module's types, carried as the octets they came in.
//!
//! A signature covers octets, not structures: what a PKCS#7 object or a BrandCRLIdentifier holds is
//! decoded by the module that owns the type, from exactly the octets that were received.

use core::fmt;

use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, SliceReader, Tag,
    Writer,
};

use super::error::{DecodeError, DecodeErrorKind};

/// One SEQUENCE whose content is not looked at.
macro_rules! raw_sequence {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, PartialEq)]
        pub struct $name {
            der: Vec<u8>,
            content: usize,
        }

        impl $name {
            /// From the octets of one SEQUENCE, tag and length included, content unchecked.
            ///
            /// # Errors
            /// [`DecodeError`] if it is not exactly one SEQUENCE.
            pub fn new(der: Vec<u8>) -> Result<Self, DecodeError> {
                let content = sequence_content(&der)?;
                Ok(Self { der, content })
            }

            /// The octets, tag and length included.
            #[must_use]
            pub fn as_der(&self) -> &[u8] {
                &self.der
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} octets)", stringify!($name), self.der.len())
            }
        }

        impl<'a> DecodeValue<'a> for $name {
            type Error = der::Error;

            fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
                // Under an IMPLICIT tag, too, the value itself is a SEQUENCE.
                let (der, content) = tlv(reader, Header::new(Self::TAG, header.length()))?;
                Ok(Self { der, content })
            }
        }

        impl EncodeValue for $name {
            fn value_len(&self) -> der::Result<Length> {
                self.der.len().saturating_sub(self.content).try_into()
            }

            fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
                writer.write(self.der.get(self.content..).unwrap_or_default())
            }
        }

        impl FixedTag for $name {
            const TAG: Tag = Tag::Sequence;
        }
    )*};
}

raw_sequence! {
    /// A PKCS#7 SignedData of the SET dialect.
    SignedDataOctets;
    /// A PKCS#7 EnvelopedData of the SET dialect.
    EnvelopedDataOctets;
    /// A PKCS#7 EncryptedData of the SET dialect.
    EncryptedDataOctets;
    /// A signed BrandCRLIdentifier (spec `set-certificates.md` §6.3).
    BrandCrlIdentifierOctets;
}

/// The whole value whose header was just read, and where its content starts.
///
/// The reader accepts only the one DER form of a header, so writing it again gives what was read.
pub(crate) fn tlv<'a, R: Reader<'a>>(
    reader: &mut R,
    header: Header,
) -> der::Result<(Vec<u8>, usize)> {
    // `read_vec` allocates first and looks for octets afterwards: four octets may claim 4 GiB.
    if header.length() > reader.remaining_len() {
        return Err(reader.error(header.tag().length_error()));
    }
    let mut der = header.to_der()?;
    let content = der.len();
    der.extend(reader.read_vec(header.length())?);
    Ok((der, content))
}

/// Where the content of the one SEQUENCE in `der` starts.
fn sequence_content(der: &[u8]) -> Result<usize, DecodeError> {
    let at = |e: der::Error| DecodeError::from_der_error(&e);
    let mut reader = SliceReader::new(der).map_err(at)?;
    let header = Header::decode(&mut reader).map_err(at)?;
    header.tag().assert_eq(Tag::Sequence).map_err(at)?;
    if header.length() != reader.remaining_len() {
        return Err(DecodeError { kind: DecodeErrorKind::Malformed, offset: der.len() });
    }
    usize::try_from(reader.position()).map_err(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_come_out_as_they_went_in() {
        let der = [&[0x30, 0x81, 0x80][..], &[0xFF; 128]].concat();
        let raw = SignedDataOctets::from_der(&der).unwrap();
        assert_eq!(raw.as_der(), der);
        assert_eq!(raw.to_der().unwrap(), der);
        assert_eq!(SignedDataOctets::new(der).unwrap(), raw);
    }

    #[test]
    fn only_exactly_one_sequence_is_taken() {
        assert!(SignedDataOctets::new(vec![]).is_err());
        assert!(SignedDataOctets::new(vec![0x30, 0x01]).is_err());
        assert!(SignedDataOctets::new(vec![0x30, 0x00, 0x00]).is_err());
        assert!(SignedDataOctets::new(vec![0x31, 0x00]).is_err());
        assert!(SignedDataOctets::new(vec![0x30, 0x81, 0x01, 0x00]).is_err());
    }
}
