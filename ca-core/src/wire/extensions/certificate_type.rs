//! certificateType.

use der::asn1::BitStringRef;
use der::{DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer};

use super::{der_extension, unencodable};
use crate::profile::Role;
use crate::wire::oids;

/// certificateType: who the subject is (spec `set-certificates.md` §3.8).
///
/// ```text
/// CertificateTypeSyntax ::= BIT STRING {
///     card(0), mer(1), pgwy(2), cca(3), mca(4), pca(5), gca(6), bca(7), rca(8), acq(9) }
/// ```
///
/// Holds only what may stand in a certificate: one role, or several of CCA, MCA and PCA (§1.1).
/// The reserved acq(9) is refused (§9 row 14).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CertificateType(u16);

impl CertificateType {
    /// The type of an entity with these roles, `None` if no certificate may have them together.
    #[must_use]
    pub fn of(roles: &[Role]) -> Option<Self> {
        let mut bits = 0;
        for role in roles {
            bits |= 1_u16 << role.certificate_type_bit()?;
        }
        Self::from_bits(bits)
    }

    /// The roles in bit order, at least one.
    #[must_use]
    pub fn roles(self) -> Vec<Role> {
        BY_BIT.into_iter().filter(|role| self.contains(*role)).collect()
    }

    /// True if the bit of `role` is set.
    #[must_use]
    pub fn contains(self, role: Role) -> bool {
        role.certificate_type_bit().is_some_and(|bit| self.0 & (1 << bit) != 0)
    }

    fn from_bits(bits: u16) -> Option<Self> {
        // Only the three lowest CAs combine (§1.1); EE bits, rca, bca and gca stand alone.
        let combined = bits & !LOWEST_CAS == 0 && bits != 0;
        let single = bits.count_ones() == 1 && bits <= RCA;
        (combined || single).then_some(Self(bits))
    }
}

impl FixedTag for CertificateType {
    const TAG: Tag = Tag::BitString;
}

impl<'a> DecodeValue<'a> for CertificateType {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let bits = NamedBits::decode_value(reader, header)?;
        Self::from_bits(bits.0).ok_or_else(|| unencodable(Tag::BitString))
    }
}

impl EncodeValue for CertificateType {
    fn value_len(&self) -> der::Result<Length> {
        NamedBits(self.0).value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        NamedBits(self.0).encode_value(writer)
    }
}

der_extension!(CertificateType, oids::CERTIFICATE_TYPE);

/// A named BIT STRING of at most 16 bits, bit `n` as `1 << n`; DER drops trailing zero bits
/// (X.690 §11.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NamedBits(pub(super) u16);

impl NamedBits {
    fn content(self) -> (u8, Vec<u8>) {
        let [high, low] = self.0.reverse_bits().to_be_bytes();
        match (high, low) {
            (0, 0) => (0, Vec::new()),
            (_, 0) => (trailing_zeros(high), vec![high]),
            _ => (trailing_zeros(low), vec![high, low]),
        }
    }
}

impl FixedTag for NamedBits {
    const TAG: Tag = Tag::BitString;
}

impl<'a> DecodeValue<'a> for NamedBits {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let string = BitStringRef::decode_value(reader, header)?;
        let bits = match string.raw_bytes() {
            [] => 0,
            [high] => u16::from_be_bytes([*high, 0]),
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => return Err(unencodable(Tag::BitString)),
        };
        Ok(Self(bits.reverse_bits()))
    }
}

impl EncodeValue for NamedBits {
    fn value_len(&self) -> der::Result<Length> {
        let (unused, octets) = self.content();
        BitStringRef::new(unused, &octets)?.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        let (unused, octets) = self.content();
        BitStringRef::new(unused, &octets)?.encode_value(writer)
    }
}

/// Zero bits at the end of an octet that is not zero: 0 to 7.
fn trailing_zeros(octet: u8) -> u8 {
    u8::try_from(octet.trailing_zeros()).unwrap_or(0)
}

/// Roles in the order of their bits.
const BY_BIT: [Role; 9] = [
    Role::Cardholder,
    Role::Merchant,
    Role::Gateway,
    Role::Cca,
    Role::Mca,
    Role::Pca,
    Role::Gca,
    Role::Bca,
    Role::Rca,
];
/// cca(3), mca(4), pca(5).
const LOWEST_CAS: u16 = 0b11_1000;
/// rca(8), the highest bit in use.
const RCA: u16 = 1 << 8;
