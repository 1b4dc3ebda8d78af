//! cRLNumber.

use core::fmt;

use der::Decode;
use der::asn1::UintRef;

use crate::hex;

/// A CRL number: not negative, up to 20 octets (RFC 5280 §5.2.3). They compare as numbers.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CrlNumber([u8; OCTETS]);

impl CrlNumber {
    /// The number, `None` if it is above 64 bits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        let (high, low) = self.0.split_last_chunk::<8>()?;
        high.iter().all(|octet| *octet == 0).then_some(u64::from_be_bytes(*low))
    }

    /// Reads a DER INTEGER.
    pub(super) fn from_der(octets: &[u8]) -> der::Result<Self> {
        let value = UintRef::from_der(octets)?;
        let mut number = [0; OCTETS];
        let place = OCTETS.checked_sub(value.as_bytes().len()).and_then(|at| number.get_mut(at..));
        match place {
            Some(place) => place.copy_from_slice(value.as_bytes()),
            None => return Err(der::ErrorKind::Overlength.into()),
        }
        Ok(Self(number))
    }
}

impl From<u64> for CrlNumber {
    fn from(value: u64) -> Self {
        let mut number = [0; OCTETS];
        if let Some(low) = number.last_chunk_mut::<8>() {
            *low = value.to_be_bytes();
        }
        Self(number)
    }
}

/// In decimal; above 64 bits in hexadecimal.
impl fmt::Display for CrlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_u64() {
            Some(number) => number.fmt(f),
            None => write!(f, "0x{}", hex(&self.0).trim_start_matches('0')),
        }
    }
}

/// RFC 5280 §5.2.3.
const OCTETS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_20_octets_are_read_and_longer_ones_are_not() {
        let long = [&[0x02, 20, 0x7f][..], &[0; 19]].concat();
        let number = CrlNumber::from_der(&long).unwrap();
        assert_eq!(number.to_string(), format!("0x7f{}", "0".repeat(38)));
        assert!(number > CrlNumber::from(u64::MAX) && number.as_u64().is_none());
        let longer = [&[0x02, 21, 0x7f][..], &[0; 20]].concat();
        assert!(CrlNumber::from_der(&longer).is_err());
    }

    #[test]
    fn negative_number_is_refused() {
        assert!(CrlNumber::from_der(&[0x02, 0x01, 0xff]).is_err());
        assert_eq!(CrlNumber::from_der(&[0x02, 0x01, 0x7f]).unwrap(), CrlNumber::from(127));
    }
}
