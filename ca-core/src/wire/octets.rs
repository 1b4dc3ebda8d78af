//! Octet strings of SET, each a type of its own so that none can stand for another (spec §1.3).

use core::fmt;

use der::{DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::bounds::{NONCE_LEN, UB_BACK_KEY, UB_DIGEST, UB_LOCAL_ID};
use super::strings::{ValueError, read_octets};
use crate::signer::{RandomError, SecureRandom};
use crate::{Suite, hex};

/// An OCTET STRING of exactly twenty octets.
macro_rules! twenty_octets {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name([u8; NONCE_LEN]);

        impl $name {
            /// From its octets.
            #[must_use]
            pub const fn new(octets: [u8; NONCE_LEN]) -> Self {
                Self(octets)
            }

            /// Twenty fresh octets.
            ///
            /// # Errors
            /// [`RandomError`] if the source failed.
            pub fn random(random: &dyn SecureRandom) -> Result<Self, RandomError> {
                let mut octets = [0; NONCE_LEN];
                random.fill(&mut octets)?;
                Ok(Self(octets))
            }

            /// The octets.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; NONCE_LEN] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex(&self.0))
            }
        }

        /// Lower-case hexadecimal.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl<'a> DecodeValue<'a> for $name {
            type Error = der::Error;

            fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
                if header.length() != Length::new(NONCE_LEN as u32) {
                    return Err(reader.error(Tag::OctetString.length_error()));
                }
                let mut octets = [0; NONCE_LEN];
                reader.read_into(&mut octets)?;
                Ok(Self(octets))
            }
        }

        impl EncodeValue for $name {
            fn value_len(&self) -> der::Result<Length> {
                self.0.len().try_into()
            }

            fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
                writer.write(&self.0)
            }
        }

        impl FixedTag for $name {
            const TAG: Tag = Tag::OctetString;
        }
    )*};
}

/// An OCTET STRING between two bounds, not secret.
macro_rules! bounded_octets {
    ($($(#[$doc:meta])* $name:ident, $min:expr, $max:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Vec<u8>);

        impl $name {
            /// From its octets.
            ///
            /// # Errors
            /// [`ValueError::Length`] if there are too few or too many.
            pub fn new(octets: &[u8]) -> Result<Self, ValueError> {
                ValueError::check_length(octets.len(), $min..=$max)?;
                Ok(Self(octets.to_vec()))
            }

            /// The octets.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex(&self.0))
            }
        }

        /// Lower-case hexadecimal.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl<'a> DecodeValue<'a> for $name {
            type Error = der::Error;

            fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
                Ok(Self(read_octets(reader, header, $min..=$max)?))
            }
        }

        octets_encode!($name);
    )*};
}

/// A secret OCTET STRING: wiped when dropped, compared in constant time, never shown.
macro_rules! secret_octets {
    ($($(#[$doc:meta])* $name:ident, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<Vec<u8>>);

        impl $name {
            /// From its octets.
            ///
            /// # Errors
            /// [`ValueError::Length`] if this secret cannot have that many.
            pub fn new(octets: &[u8]) -> Result<Self, ValueError> {
                let check: fn(usize) -> Result<(), ValueError> = $check;
                check(octets.len())?;
                Ok(Self(Zeroizing::new(octets.to_vec())))
            }

            fn draw(random: &dyn SecureRandom, length: usize) -> Result<Self, RandomError> {
                let mut octets = Zeroizing::new(vec![0; length]);
                random.fill(&mut octets)?;
                Ok(Self(octets))
            }

            /// The secret octets.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.ct_eq(&other.0).into()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}(redacted)", stringify!($name))
            }
        }

        impl<'a> DecodeValue<'a> for $name {
            type Error = der::Error;

            fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
                let check: fn(usize) -> Result<(), ValueError> = $check;
                check(usize::try_from(header.length())?)
                    .map_err(|_| reader.error(Tag::OctetString.length_error()))?;
                Ok(Self(Zeroizing::new(reader.read_vec(header.length())?)))
            }
        }

        octets_encode!($name);
    )*};
}

macro_rules! octets_encode {
    ($name:ident) => {
        impl EncodeValue for $name {
            fn value_len(&self) -> der::Result<Length> {
                self.0.len().try_into()
            }

            fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
                writer.write(&self.0)
            }
        }

        impl FixedTag for $name {
            const TAG: Tag = Tag::OctetString;
        }
    };
}

twenty_octets! {
    /// Identifies a request and its response; fresh for each request, repeated in the answer.
    Rrpid;
    /// What the other side's signature must repeat, so that it is fresh.
    Challenge;
    /// Salt (EXNonce) or unpredictability (ErrorNonce).
    Nonce;
    /// Payment transaction id: read in a header, otherwise unused here.
    Xid;
}

bounded_octets! {
    /// LocalID: a label local to the party that made it (LID-EE, LID-CA).
    LocalId, 1, UB_LOCAL_ID;
    /// Digest: a thumbprint. Either length is read; a suite's exact one is checked when it is used.
    Digest, 1, UB_DIGEST;
}

secret_octets! {
    /// CardSecret, PANSecret, and the CA's half of it, Nonce-CCA: 20 octets in `set-1997`, 32 in
    /// `modern` (spec §1.5).
    Secret, |length| match length {
        20 | 32 => Ok(()),
        _ => Err(ValueError::Length { length, min: 20, max: 32 }),
    };
    /// BackKey: the key under which the CA encrypts its answer.
    BackKey, |length| ValueError::check_length(length, 1..=UB_BACK_KEY);
}

impl LocalId {
    /// A fresh label of twenty octets.
    ///
    /// # Errors
    /// [`RandomError`] if the source failed.
    pub fn random(random: &dyn SecureRandom) -> Result<Self, RandomError> {
        let mut octets = vec![0; UB_LOCAL_ID];
        random.fill(&mut octets)?;
        Ok(Self(octets))
    }
}

impl Secret {
    /// A fresh secret as long as `suite` wants it.
    ///
    /// # Errors
    /// [`RandomError`] if the source failed.
    pub fn random(random: &dyn SecureRandom, suite: Suite) -> Result<Self, RandomError> {
        Self::draw(random, suite.secret_len())
    }

    /// True if it is as long as `suite` wants it. Reading it takes either length (spec §1.5).
    #[must_use]
    pub fn is_of(&self, suite: Suite) -> bool {
        self.as_bytes().len() == suite.secret_len()
    }
}

impl BackKey {
    /// A fresh key as long as the content encryption of `suite` wants it (spec §1.5).
    ///
    /// # Errors
    /// [`RandomError`] if the source failed.
    pub fn random(random: &dyn SecureRandom, suite: Suite) -> Result<Self, RandomError> {
        match suite {
            Suite::Modern => Self::draw(random, 32),
            Suite::Set1997 => Self::draw(random, 8),
        }
    }
}

#[cfg(test)]
mod tests {
    use der::{Decode, Encode};

    use super::*;
    use crate::signer::SeededRandom;

    #[test]
    fn rrpid_is_exactly_twenty_octets() {
        let der = [&[0x04, 20][..], &[7; 20]].concat();
        assert_eq!(Rrpid::from_der(&der).unwrap(), Rrpid::new([7; 20]));
        assert!(Rrpid::from_der(&[&[0x04, 19][..], &[7; 19]].concat()).is_err());
        assert!(Rrpid::from_der(&[&[0x04, 21][..], &[7; 21]].concat()).is_err());
    }

    #[test]
    fn local_id_is_one_to_twenty_octets() {
        assert!(LocalId::new(&[]).is_err());
        assert!(LocalId::new(&[1; 21]).is_err());
        assert!(LocalId::from_der(&[0x04, 0x00]).is_err());
        assert_eq!(LocalId::new(&[1]).unwrap().to_der().unwrap(), [0x04, 0x01, 0x01]);
    }

    #[test]
    fn secret_is_twenty_or_thirty_two_octets() {
        let lengths: Vec<usize> = (0..64).filter(|n| Secret::new(&vec![1; *n]).is_ok()).collect();
        assert_eq!(lengths, [20, 32]);
        let random = SeededRandom::new(b"seed", "secret");
        assert_eq!(Secret::random(&random, Suite::Modern).unwrap().as_bytes().len(), 32);
        assert_eq!(Secret::random(&random, Suite::Set1997).unwrap().as_bytes().len(), 20);
    }

    #[test]
    fn secrets_do_not_show_themselves() {
        let secret = Secret::new(&[0xAB; 32]).unwrap();
        let key = BackKey::new(&[0xAB; 32]).unwrap();
        assert_eq!(format!("{secret:?} {key:?}"), "Secret(redacted) BackKey(redacted)");
    }

    #[test]
    fn back_key_is_one_to_thirty_two_octets() {
        assert!(BackKey::new(&[]).is_err());
        assert!(BackKey::new(&[1; 33]).is_err());
        assert!(BackKey::new(&[1; 8]).is_ok());
    }
}
