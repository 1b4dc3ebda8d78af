//! Published lists: which ones there are, and what is recorded of each.

use core::fmt;

use super::{CaId, SerialNumber};
use crate::{Octets, UnixTime};

/// A signed list with a number of its own.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ListId {
    /// The brand CRL identifier of a brand.
    Bci(String),
    /// The complete CRL of a CA.
    Crl(CaId),
    /// The delta CRL of a CA (RFC 5280 §5.2.4).
    Delta(CaId),
    /// The complete CRL that the delta CRLs of a CA build upon.
    DeltaBase(CaId),
    /// A partition of the CRL of a CA (RFC 5280 §5.2.5).
    Shard {
        /// The CA.
        ca: CaId,
        /// Which partition.
        shard: Shard,
    },
}

impl ListId {
    /// The stable name of what it is, as in the store and in JSON: `bci`, `crl`, `delta`,
    /// `delta-base`, `shard`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Bci(_) => "bci",
            Self::Crl(_) => "crl",
            Self::Delta(_) => "delta",
            Self::DeltaBase(_) => "delta-base",
            Self::Shard { .. } => "shard",
        }
    }

    /// Whose it is: the CA, or the brand of a BCI.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::Bci(brand) => brand,
            Self::Crl(ca) | Self::Delta(ca) | Self::DeltaBase(ca) | Self::Shard { ca, .. } => {
                ca.as_str()
            }
        }
    }

    /// Which partition, of a shard.
    #[must_use]
    pub const fn shard(&self) -> Option<Shard> {
        match self {
            Self::Shard { shard, .. } => Some(*shard),
            Self::Bci(_) | Self::Crl(_) | Self::Delta(_) | Self::DeltaBase(_) => None,
        }
    }
}

/// One of the equal parts that a CA's serial numbers are divided into: fixed at issuance, because
/// the certificate names its list.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Shard {
    /// Into how many: at least 2.
    pub of: u16,
    /// Which of them, from 0.
    pub index: u16,
}

impl Shard {
    /// The one of `of` parts that a serial number falls into: its last four octets modulo `of`.
    /// Serial numbers are random there, so the parts grow alike.
    #[must_use]
    pub fn holding(serial: &SerialNumber, of: u16) -> Self {
        Self::holding_octets(serial.as_octets(), of)
    }

    /// The same for the content octets of a serial number.
    pub(crate) fn holding_octets(serial: &[u8], of: u16) -> Self {
        let last = serial.iter().rev().take(4).rev();
        let number = last.fold(0_u32, |number, octet| number << 8 | u32::from(*octet));
        // Below `of`, and so in 16 bits.
        let index = number.checked_rem(u32::from(of)).and_then(|index| u16::try_from(index).ok());
        Self { of, index: index.unwrap_or(0) }
    }

    /// Reads what `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (of, index) = text.split_once('-')?;
        let shard = Self { of: of.parse().ok()?, index: index.parse().ok()? };
        (shard.of >= 2 && shard.index < shard.of && shard.to_string() == text).then_some(shard)
    }
}

/// `OF-INDEX`, as in the URL of the list: `16-7`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.of, self.index)
    }
}

/// `BCI of BRAND`, `CRL of CA`, `shard 16-7 of the CRL of CA`.
impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bci(brand) => write!(f, "BCI of {brand}"),
            Self::Crl(ca) => write!(f, "CRL of {ca}"),
            Self::Delta(ca) => write!(f, "delta CRL of {ca}"),
            Self::DeltaBase(ca) => write!(f, "base of the delta CRL of {ca}"),
            Self::Shard { ca, shard } => write!(f, "shard {shard} of the CRL of {ca}"),
        }
    }
}

/// A published CRL or BCI.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublishedList {
    /// Which list.
    pub list: ListId,
    /// cRLNumber or sequenceNum.
    pub number: u64,
    /// DER; what it has in common with the list before may be shared with that.
    pub der: Octets,
    /// thisUpdate or notBefore.
    pub this_update: UnixTime,
    /// nextUpdate or notAfter.
    pub next_update: UnixTime,
}

impl PublishedList {
    /// All but the list itself.
    #[must_use]
    pub fn head(&self) -> ListHead {
        ListHead {
            list: self.list.clone(),
            number: self.number,
            this_update: self.this_update,
            next_update: self.next_update,
            len: self.der.len(),
        }
    }
}

/// What is recorded beside a published list: enough to tell whether it is due, without reading it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListHead {
    /// Which list.
    pub list: ListId,
    /// cRLNumber or sequenceNum.
    pub number: u64,
    /// thisUpdate or notBefore.
    pub this_update: UnixTime,
    /// nextUpdate or notAfter.
    pub next_update: UnixTime,
    /// Octets of the DER.
    pub len: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_fall_into_the_part_their_last_octets_say() {
        let shard = |octets: &[u8], of| {
            Shard::holding(&SerialNumber::from_octets(octets).unwrap(), of).to_string()
        };
        // By hand: 0x01020304 = 16909060 = 1056816 * 16 + 4.
        assert_eq!(shard(&[0x7f, 1, 2, 3, 4], 16), "16-4");
        assert_eq!(shard(&[9], 4), "4-1");
        assert_eq!(shard(&[1, 0], 100), "100-56");
    }

    #[test]
    fn only_the_written_form_of_a_part_is_read() {
        assert_eq!(Shard::parse("16-7"), Some(Shard { of: 16, index: 7 }));
        for wrong in
            ["16-16", "1-0", "0-0", "016-7", "16-07", "16", "16-", "-7", "16-7-1", "70000-1"]
        {
            assert_eq!(Shard::parse(wrong), None, "{wrong}");
        }
    }
}
