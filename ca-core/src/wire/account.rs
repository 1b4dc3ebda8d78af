//! The payment card and the bank account: what travels only inside an envelope (spec §1.3, §2.8).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | PANData0, PANOnly | all | universal | R-H, order S:KT |
//! | AcctInfo | panData0 | `[0]` EXPLICIT | S:ALV1 |
//! | AcctInfo | acctData | `[1]` EXPLICIT | S:ALV1 |

use core::fmt;

use der::{
    Choice, DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Sequence, Tag, Writer,
};
use zeroize::Zeroizing;

use super::bounds::{BIN_LEN, UB_ACCT_IDENTIFICATION, UB_PAN};
use super::octets::{Nonce, Secret};
use super::strings::{NumericString, ValueError, VisibleString, is_digits};

/// Account number of a payment card: wiped when dropped, never shown.
#[derive(Clone, Eq, PartialEq)]
pub struct Pan(Zeroizing<String>);

impl Pan {
    /// 1 to 19 digits. The check digit is not looked at (`decisions.md` 17).
    ///
    /// # Errors
    /// [`ValueError`] if it is empty, longer, or has anything but digits.
    pub fn new(digits: &str) -> Result<Self, ValueError> {
        ValueError::check_length(digits.len(), 1..=UB_PAN)?;
        if !is_digits(digits) {
            return Err(ValueError::Characters);
        }
        Ok(Self(Zeroizing::new(digits.to_owned())))
    }

    /// All digits: for the keyed hash and the check digit, never for a log.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The first six digits, which name the issuing bank; fewer if the number is shorter.
    #[must_use]
    pub fn bin(&self) -> &str {
        self.0.get(..BIN_LEN).unwrap_or(&self.0)
    }

    /// The last four digits, which a bank may keep; empty for a number under 13 digits, where they
    /// and the first six would leave next to nothing hidden.
    #[must_use]
    pub fn last_four(&self) -> &str {
        let start =
            if self.0.len() < SHORTEST_CARD_NUMBER { self.0.len() } else { self.0.len() - 4 };
        self.0.get(start..).unwrap_or_default()
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pan(redacted)")
    }
}

impl<'a> DecodeValue<'a> for Pan {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        if header.length() > Length::new(UB_PAN as u32) {
            return Err(reader.error(Self::TAG.length_error()));
        }
        let octets = Zeroizing::new(reader.read_vec(header.length())?);
        let digits = core::str::from_utf8(&octets).unwrap_or_default();
        Self::new(digits).map_err(|_| reader.error(Self::TAG.value_error()))
    }
}

impl EncodeValue for Pan {
    fn value_len(&self) -> der::Result<Length> {
        self.0.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0.as_bytes())
    }
}

impl FixedTag for Pan {
    const TAG: Tag = Tag::NumericString;
}

/// Month a card expires in, NumericString `YYYYMM`.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct CardExpiry {
    year: u16,
    month: u8,
}

impl CardExpiry {
    /// A month of a year.
    ///
    /// # Errors
    /// [`ValueError::Range`] if `month` is not 1 to 12 or `year` has more than four digits.
    pub fn new(year: u16, month: u8) -> Result<Self, ValueError> {
        if year > 9999 || !(1..=12).contains(&month) {
            return Err(ValueError::Range);
        }
        Ok(Self { year, month })
    }

    /// From `YYYYMM`.
    ///
    /// # Errors
    /// [`ValueError`] if it is not six digits, or no month.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let digits = NumericString::<6, 6>::new(text)?;
        let number: u32 = digits.as_str().parse().map_err(|_| ValueError::Characters)?;
        let year = u16::try_from(number / 100).map_err(|_| ValueError::Range)?;
        let month = u8::try_from(number % 100).map_err(|_| ValueError::Range)?;
        Self::new(year, month)
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }
}

/// `YYYYMM`, as on the wire.
impl fmt::Display for CardExpiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}{:02}", self.year, self.month)
    }
}

impl fmt::Debug for CardExpiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardExpiry(redacted)")
    }
}

impl<'a> DecodeValue<'a> for CardExpiry {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let digits = NumericString::<6, 6>::decode_value(reader, header)?;
        Self::parse(digits.as_str()).map_err(|_| reader.error(Self::TAG.value_error()))
    }
}

impl EncodeValue for CardExpiry {
    fn value_len(&self) -> der::Result<Length> {
        Ok(Length::new(6))
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.to_string().as_bytes())
    }
}

impl FixedTag for CardExpiry {
    const TAG: Tag = Tag::NumericString;
}

/// Extra data of RegFormReq.
///
/// ```text
/// PANOnly ::= SEQUENCE { pan PAN, exNonce Nonce }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct PanOnly {
    /// Account number.
    pub pan: Pan,
    /// Salt, checked by nobody (`decisions.md` 18).
    pub ex_nonce: Nonce,
}

/// Extra data of a cardholder's CertReq.
///
/// ```text
/// PANData0 ::= SEQUENCE { pan PAN, cardExpiry CardExpiry, cardSecret Secret, exNonce Nonce }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct PanData0 {
    /// Account number.
    pub pan: Pan,
    /// Expiry of the card.
    pub card_expiry: CardExpiry,
    /// The cardholder's half of PANSecret.
    pub card_secret: Secret,
    /// Salt.
    pub ex_nonce: Nonce,
}

/// Extra data of a merchant's or gateway's CertReq.
///
/// ```text
/// AcctData ::= SEQUENCE { acctIdentification AcctIdentification, exNonce Nonce }
/// AcctIdentification ::= VisibleString (SIZE(1..ub-acctIdentification))
/// ```
///
/// The module seen writes the size without a lower bound; 1 to 74 characters are taken
/// (spec §6 row 8).
#[derive(Clone, Eq, PartialEq, Sequence)]
pub struct AcctData {
    /// Bank account, as the acquirer knows it.
    pub acct_identification: VisibleString<UB_ACCT_IDENTIFICATION>,
    /// Salt.
    pub ex_nonce: Nonce,
}

impl fmt::Debug for AcctData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AcctData(redacted)")
    }
}

/// Extra data of CertReq in EncX.
///
/// ```text
/// AcctInfo ::= CHOICE {
///     panData0  [0] EXPLICIT PANData0,
///     acctData  [1] EXPLICIT AcctData }
/// ```
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
pub enum AcctInfo {
    /// A card.
    #[asn1(context_specific = "0", constructed = "true")]
    PanData0(PanData0),
    /// A bank account.
    #[asn1(context_specific = "1", constructed = "true")]
    AcctData(AcctData),
}

/// Card numbers have 13 to 19 digits.
const SHORTEST_CARD_NUMBER: usize = 13;

#[cfg(test)]
mod tests {
    use der::{Decode, Encode};

    use super::*;

    #[test]
    fn pan_shows_six_and_four_digits_and_never_itself() {
        let pan = Pan::new("4111111111111234").unwrap();
        assert_eq!((pan.bin(), pan.last_four()), ("411111", "1234"));
        assert_eq!(format!("{pan:?}"), "Pan(redacted)");
    }

    #[test]
    fn short_pan_keeps_its_last_digits() {
        let pan = Pan::new("411111111111").unwrap();
        assert_eq!((pan.bin(), pan.last_four()), ("411111", ""));
        assert_eq!(Pan::new("41").unwrap().bin(), "41");
    }

    #[test]
    fn pan_is_one_to_nineteen_digits() {
        assert!(Pan::from_der(b"\x12\x00").is_err());
        assert!(Pan::from_der(b"\x12\x014").is_ok());
        assert!(Pan::from_der(b"\x12\x131234567890123456789").is_ok());
        assert!(Pan::from_der(b"\x12\x1412345678901234567890").is_err());
        assert!(Pan::from_der(b"\x12\x044 11").is_err());
        assert!(Pan::from_der(b"\x12\x02\xC3\xA4").is_err());
    }

    #[test]
    fn expiry_is_a_month_of_a_year() {
        let expiry = CardExpiry::from_der(b"\x12\x06200012").unwrap();
        assert_eq!((expiry.year(), expiry.month()), (2000, 12));
        assert_eq!(expiry.to_der().unwrap(), b"\x12\x06200012");
        for text in ["200000", "200013", "20001", "2000 1"] {
            assert!(CardExpiry::parse(text).is_err(), "{text}");
        }
    }
}
