//! Names as SET writes them (spec `set-certificates.md` §2.1).

use core::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::{Any, BmpString, PrintableString, SetOfVec};
use der::{Decode, Encode, Tag};
use x509_cert::attr::AttributeTypeAndValue;

use crate::wire::oids;

/// A SET distinguished name: C, O, OU (none to two), CN, one attribute in each RDN.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubjectName {
    /// countryName: two letters, ISO 3166.
    pub country: String,
    /// organizationName: BrandID, or the name of the root.
    pub organization: String,
    /// organizationalUnitName, in order.
    pub units: Vec<String>,
    /// commonName.
    pub common_name: Option<String>,
}

impl SubjectName {
    /// DER of the Name: PrintableString where every character fits, else BMPString.
    ///
    /// # Errors
    /// [`NameError`] if a value is outside the bounds of §2.1.
    pub fn to_der(&self) -> Result<Vec<u8>, NameError> {
        check_country(&self.country)?;
        if self.units.len() > MAX_UNITS {
            return Err(NameError::Units(self.units.len()));
        }
        let values = self.attributes();
        for (_, attribute, text) in values.iter().skip(1) {
            check_length(attribute, text)?;
        }
        let rdns: Result<Vec<_>, NameError> =
            values.iter().map(|(oid, attribute, text)| rdn(*oid, attribute, text)).collect();
        rdns?.to_der().map_err(|_| NameError::Shape)
    }

    /// Reads a Name that has exactly the shape [`SubjectName::to_der`] writes.
    ///
    /// # Errors
    /// [`NameError::Shape`] for another order, another attribute or string type; the other variants
    /// as [`SubjectName::to_der`].
    pub fn from_der(octets: &[u8]) -> Result<Self, NameError> {
        let rdns = Vec::<SetOfVec<AttributeTypeAndValue>>::from_der(octets)
            .map_err(|_| NameError::Shape)?;
        let mut attributes = Vec::new();
        for rdn in &rdns {
            let [attribute] = rdn.as_slice() else { return Err(NameError::Shape) };
            attributes.push((attribute.oid, text_of(&attribute.value)?));
        }
        let mut rest = attributes.into_iter().peekable();
        let mut take = |oid| rest.next_if(|(found, _)| *found == oid).map(|(_, text)| text);
        let name = Self {
            country: take(oids::COUNTRY_NAME).ok_or(NameError::Shape)?,
            organization: take(oids::ORGANIZATION_NAME).ok_or(NameError::Shape)?,
            units: core::iter::from_fn(|| take(oids::ORGANIZATIONAL_UNIT_NAME)).collect(),
            common_name: take(oids::COMMON_NAME),
        };
        // Whatever is left over, or written with another string type, shows in the encoding.
        if name.to_der()? == octets { Ok(name) } else { Err(NameError::Shape) }
    }

    fn attributes(&self) -> Vec<(ObjectIdentifier, &'static str, &str)> {
        let mut all = vec![
            (oids::COUNTRY_NAME, "C", self.country.as_str()),
            (oids::ORGANIZATION_NAME, "O", self.organization.as_str()),
        ];
        let units = self.units.iter().map(|unit| (oids::ORGANIZATIONAL_UNIT_NAME, "OU", &**unit));
        all.extend(units);
        all.extend(self.common_name.as_deref().map(|name| (oids::COMMON_NAME, "CN", name)));
        all
    }
}

/// `C=US, O=Brand, OU=Brand CCA`.
impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (_, attribute, text)) in self.attributes().iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{attribute}={text}")?;
        }
        Ok(())
    }
}

/// A name that SET does not allow.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// A character outside the Basic Multilingual Plane.
    #[error("{0} has a character that neither PrintableString nor BMPString holds")]
    Character(&'static str),
    /// C is not two upper-case letters.
    #[error("country {0:?} is not a two-letter code of ISO 3166")]
    Country(String),
    /// O, OU or CN is empty or too long.
    #[error("{attribute} has {length} characters, allowed are 1 to 64")]
    Length {
        /// `O`, `OU` or `CN`.
        attribute: &'static str,
        /// Characters.
        length: usize,
    },
    /// Another order, another attribute, another string type.
    #[error("name is not C, O, OU (none to two), CN in PrintableString or BMPString")]
    Shape,
    /// More than two OU.
    #[error("name has {0} OU, allowed are 2")]
    Units(usize),
}

fn check_country(country: &str) -> Result<(), NameError> {
    if country.len() == 2 && country.bytes().all(|octet| octet.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(NameError::Country(country.to_owned()))
    }
}

fn check_length(attribute: &'static str, text: &str) -> Result<(), NameError> {
    let length = text.chars().count();
    if (1..=MAX_CHARS).contains(&length) {
        Ok(())
    } else {
        Err(NameError::Length { attribute, length })
    }
}

fn rdn(
    oid: ObjectIdentifier,
    attribute: &'static str,
    text: &str,
) -> Result<SetOfVec<AttributeTypeAndValue>, NameError> {
    let value = match PrintableString::new(text) {
        Ok(_) => Any::new(Tag::PrintableString, text.as_bytes()),
        Err(_) => {
            BmpString::from_utf8(text).and_then(|bmp| Any::new(Tag::BmpString, bmp.into_bytes()))
        }
    };
    let value = value.map_err(|_| NameError::Character(attribute))?;
    SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }]).map_err(|_| NameError::Shape)
}

fn text_of(value: &Any) -> Result<String, NameError> {
    let shape = |_| NameError::Shape;
    match value.header().tag() {
        Tag::PrintableString => {
            Ok(value.decode_as::<PrintableString>().map_err(shape)?.as_str().to_owned())
        }
        Tag::BmpString => Ok(value.decode_as::<BmpString>().map_err(shape)?.to_string()),
        _ => Err(NameError::Shape),
    }
}

/// OU of a cardholder: issuing institution and card name (§2.1).
const MAX_UNITS: usize = 2;
/// Upper bound of O, OU and CN in characters [R], §9 row 4.
const MAX_CHARS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn name(organization: &str) -> SubjectName {
        SubjectName {
            country: "US".to_owned(),
            organization: organization.to_owned(),
            units: Vec::new(),
            common_name: None,
        }
    }

    #[test]
    fn root_name_is_that_of_the_worked_example() {
        let der = name("SET Root").to_der().unwrap();
        assert_eq!(
            crate::hex(&der),
            "3020310b30090603550406130255533111300f060355040a130853455420526f6f74"
        );
        assert_eq!(SubjectName::from_der(&der).unwrap(), name("SET Root"));
    }

    #[test]
    fn character_outside_printable_string_makes_a_bmp_string() {
        let der = name("M&M").to_der().unwrap();
        let bmp = [0x1e, 6, 0, b'M', 0, b'&', 0, b'M'];
        assert!(der.windows(bmp.len()).any(|window| window == bmp));
        assert_eq!(SubjectName::from_der(&der).unwrap(), name("M&M"));
    }

    #[test]
    fn bounds_are_refused_with_their_numbers() {
        let long = name(&"x".repeat(65)).to_der();
        assert_eq!(long, Err(NameError::Length { attribute: "O", length: 65 }));
        let empty = SubjectName { common_name: Some(String::new()), ..name("B") }.to_der();
        assert_eq!(empty, Err(NameError::Length { attribute: "CN", length: 0 }));
        let units = SubjectName { units: vec!["u".to_owned(); 3], ..name("B") }.to_der();
        assert_eq!(units, Err(NameError::Units(3)));
        let country = SubjectName { country: "us".to_owned(), ..name("B") }.to_der();
        assert_eq!(country, Err(NameError::Country("us".to_owned())));
        assert_eq!(name("\u{1f600}").to_der(), Err(NameError::Character("O")));
    }

    #[test]
    fn utf8_string_is_not_a_set_name() {
        let mut der = name("SET Root").to_der().unwrap();
        let position = der.len() - 10;
        assert_eq!(der[position], 0x13);
        der[position] = 0x0c;
        assert_eq!(SubjectName::from_der(&der), Err(NameError::Shape));
    }
}
