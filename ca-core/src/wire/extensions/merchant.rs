//! merchantData.

use const_oid::ObjectIdentifier;
use der::{Encode, Sequence, Tag};

use super::{ExtensionValue, OUT_OF_BOUNDS, strict, unencodable};
use crate::wire::bounds::{
    UB_CITY_NAME, UB_COUNTRY, UB_MER_NAME, UB_MER_NAME_LENIENT, UB_MER_NAME_LIST, UB_POSTAL_CODE,
};
use crate::wire::{Bin, DecodeError, Language, MerchantId, SetString, oids};

/// merchantData: who the merchant is, for cardholder and gateway (spec `set-certificates.md` §3.9).
///
/// ```text
/// MerchantDataSyntax ::= SEQUENCE {
///     merID           SETString { ub-merID },
///     merAcquirerBIN  NumericString (SIZE(6)),
///     merNameSeq      SEQUENCE SIZE(1..32) OF MerNames,
///     merCountry      INTEGER (1..999),
///     merAuthFlag     BOOLEAN DEFAULT TRUE }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MerchantData {
    /// merID: assigned by the acquirer, 1 to 30 characters.
    pub mer_id: MerchantId,
    /// merAcquirerBIN: 6 digits.
    pub mer_acquirer_bin: Bin,
    /// merNameSeq: the same name in 1 to 32 languages.
    pub mer_name_seq: Vec<MerName>,
    /// merCountry: ISO 3166 numeric.
    pub mer_country: u16,
    /// merAuthFlag: the merchant may receive account data from its acquirer.
    #[asn1(default = "yes")]
    pub mer_auth_flag: bool,
}

impl MerchantData {
    /// Reads a foreign value in which name and stateProvince may have up to 50 characters (§9
    /// row 23).
    ///
    /// # Errors
    /// [`DecodeError`] if it is not such a value.
    pub fn from_value_lenient(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::bounded(octets, UB_MER_NAME_LENIENT)
    }

    fn bounded(octets: &[u8], max_name: usize) -> Result<Self, DecodeError> {
        let data: Self = strict(octets)?;
        if data.fits(max_name) { Ok(data) } else { Err(OUT_OF_BOUNDS) }
    }

    fn fits(&self, max_name: usize) -> bool {
        (1..=UB_MER_NAME_LIST).contains(&self.mer_name_seq.len())
            && self.mer_name_seq.iter().all(|name| name.fits(max_name))
            && (1..=UB_COUNTRY).contains(&self.mer_country)
    }
}

impl ExtensionValue for MerchantData {
    const OID: ObjectIdentifier = oids::MERCHANT_DATA;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        if self.fits(UB_MER_NAME) { self.to_der() } else { Err(unencodable(Tag::Sequence)) }
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::bounded(octets, UB_MER_NAME)
    }
}

/// MerNames: the merchant in one language.
///
/// ```text
/// MerNames ::= SEQUENCE {
///     language       [0] IMPLICIT VisibleString (SIZE(1..35)) OPTIONAL,
///     name           [1] EXPLICIT SETString { 25 },
///     city           [2] EXPLICIT SETString { 50 },
///     stateProvince  [3] EXPLICIT SETString { 25 } OPTIONAL,
///     postalCode     [4] EXPLICIT SETString { 14 } OPTIONAL,
///     countryName    [5] EXPLICIT SETString { 50 } }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MerName {
    /// RFC 1766 tag.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub language: Option<Language>,
    /// Name: up to 25 characters are written, up to 50 are read leniently.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub name: SetString<UB_MER_NAME_LENIENT>,
    /// City.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub city: SetString<UB_CITY_NAME>,
    /// State or province, bounded as the name is.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub state_province: Option<SetString<UB_MER_NAME_LENIENT>>,
    /// Postal code.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT", optional = "true")]
    pub postal_code: Option<SetString<UB_POSTAL_CODE>>,
    /// Country in words.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub country_name: SetString<UB_CITY_NAME>,
}

impl MerName {
    fn fits(&self, max_name: usize) -> bool {
        let names = [Some(&self.name), self.state_province.as_ref()];
        names.into_iter().flatten().all(|name| name.as_str().chars().count() <= max_name)
    }
}

/// merAuthFlag DEFAULT TRUE.
fn yes() -> bool {
    true
}
