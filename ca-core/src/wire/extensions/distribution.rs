//! Where CRLs are and what they cover, as path validation reads it: cRLDistributionPoints,
//! freshestCRL and issuingDistributionPoint (RFC 5280 §4.2.1.13, §5.2.5, §5.2.6).

use const_oid::ObjectIdentifier;
use der::asn1::{Any, AnyRef, Ia5String};
use der::{Decode, Encode, Tag};
use x509_cert::ext::pkix::crl::dp::{
    DistributionPoint as PointSyntax, IssuingDistributionPoint as ScopeSyntax,
};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::{ExtensionValue, OUT_OF_BOUNDS, ReasonSet, strict, unencodable};
use crate::wire::{DecodeError, oids};

/// One DistributionPoint.
///
/// ```text
/// DistributionPoint ::= SEQUENCE {
///     distributionPoint [0] DistributionPointName OPTIONAL,
///     reasons           [1] ReasonFlags OPTIONAL,
///     cRLIssuer         [2] GeneralNames OPTIONAL }  -- one of the first and the last
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DistributionPoint {
    /// distributionPoint.
    pub name: Option<PointName>,
    /// reasons; `None` is every reason.
    pub reasons: Option<ReasonSet>,
    /// cRLIssuer: DER of its directory names, empty if the certificate's issuer issues the CRL.
    pub crl_issuer: Vec<Vec<u8>>,
}

impl DistributionPoint {
    /// The names of its fullName.
    pub fn names(&self) -> impl Iterator<Item = &LocationName> {
        self.name.iter().flat_map(PointName::full)
    }
}

/// DistributionPointName.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PointName {
    /// fullName.
    Full(Vec<LocationName>),
    /// nameRelativeToCRLIssuer: DER of the RelativeDistinguishedName.
    Relative(Vec<u8>),
}

impl PointName {
    /// The names of fullName, none of the other form.
    #[must_use]
    pub fn full(&self) -> &[LocationName] {
        match self {
            Self::Full(names) => names,
            Self::Relative(_) => &[],
        }
    }

    /// The names it stands for, where the CRL issuer's name is `issuer` (DER).
    #[must_use]
    pub fn names(&self, issuer: &[u8]) -> Vec<LocationName> {
        match self {
            Self::Full(names) => names.clone(),
            Self::Relative(rdn) => {
                below(issuer, rdn).map(LocationName::Directory).into_iter().collect()
            }
        }
    }

    fn of(syntax: DistributionPointName) -> Result<Self, DecodeError> {
        match syntax {
            DistributionPointName::FullName(names) => {
                bounded(&names)?;
                let names: der::Result<Vec<_>> = names.iter().map(LocationName::of).collect();
                Ok(Self::Full(names.map_err(|e| DecodeError::from_der_error(&e))?))
            }
            DistributionPointName::NameRelativeToCRLIssuer(rdn) => {
                Ok(Self::Relative(rdn.to_der().map_err(|e| DecodeError::from_der_error(&e))?))
            }
        }
    }

    fn syntax(&self) -> der::Result<DistributionPointName> {
        Ok(match self {
            Self::Full(names) => {
                let names: der::Result<Vec<_>> = names.iter().map(LocationName::syntax).collect();
                DistributionPointName::FullName(names?)
            }
            Self::Relative(rdn) => {
                DistributionPointName::NameRelativeToCRLIssuer(Decode::from_der(rdn)?)
            }
        })
    }
}

/// A GeneralName that says where a CRL is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LocationName {
    /// directoryName: DER of the Name.
    Directory(Vec<u8>),
    /// Any other form: DER of the GeneralName.
    Other(Vec<u8>),
}

impl LocationName {
    /// A uniformResourceIdentifier.
    ///
    /// # Errors
    /// The encoder's, if it is not of ASCII characters.
    pub fn uri(uri: &str) -> der::Result<Self> {
        Self::of(&GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?))
    }

    /// What a uniformResourceIdentifier says, `None` of any other name.
    #[must_use]
    pub fn as_uri(&self) -> Option<String> {
        match self.syntax() {
            Ok(GeneralName::UniformResourceIdentifier(uri)) => Some(uri.as_str().to_owned()),
            _ => None,
        }
    }

    fn of(name: &GeneralName) -> der::Result<Self> {
        match name {
            GeneralName::DirectoryName(name) => name.to_der().map(Self::Directory),
            other => other.to_der().map(Self::Other),
        }
    }

    fn syntax(&self) -> der::Result<GeneralName> {
        match self {
            Self::Directory(name) => Decode::from_der(name).map(GeneralName::DirectoryName),
            Self::Other(name) => Decode::from_der(name),
        }
    }
}

/// cRLDistributionPoints with everything it says; [`super::CrlDistributionPoints`] is what our
/// profiles write of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DistributionPoints(pub Vec<DistributionPoint>);

impl ExtensionValue for DistributionPoints {
    const OID: ObjectIdentifier = oids::CRL_DISTRIBUTION_POINTS;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        write_points(&self.0)
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        read_points(octets).map(Self)
    }
}

/// freshestCRL: where delta CRLs are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FreshestCrl(pub Vec<DistributionPoint>);

impl FreshestCrl {
    /// One point with one URI.
    ///
    /// # Errors
    /// The encoder's, if the URI is not of ASCII characters.
    pub fn at(uri: &str) -> der::Result<Self> {
        let name = Some(PointName::Full(vec![LocationName::uri(uri)?]));
        Ok(Self(vec![DistributionPoint { name, reasons: None, crl_issuer: Vec::new() }]))
    }
}

impl ExtensionValue for FreshestCrl {
    const OID: ObjectIdentifier = oids::FRESHEST_CRL;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        write_points(&self.0)
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        read_points(octets).map(Self)
    }
}

/// issuingDistributionPoint: what a CRL covers.
///
/// ```text
/// IssuingDistributionPoint ::= SEQUENCE {
///     distributionPoint          [0] DistributionPointName OPTIONAL,
///     onlyContainsUserCerts      [1] BOOLEAN DEFAULT FALSE,
///     onlyContainsCACerts        [2] BOOLEAN DEFAULT FALSE,
///     onlySomeReasons            [3] ReasonFlags OPTIONAL,
///     indirectCRL                [4] BOOLEAN DEFAULT FALSE,
///     onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }  -- at most one of the three "only"
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IssuingDistributionPoint {
    /// distributionPoint.
    pub name: Option<PointName>,
    /// onlyContainsUserCerts, onlyContainsCACerts, onlyContainsAttributeCerts.
    pub holders: Holders,
    /// onlySomeReasons; `None` is every reason.
    pub reasons: Option<ReasonSet>,
    /// indirectCRL.
    pub indirect: bool,
}

/// Whose certificates a CRL covers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Holders {
    /// Everybody's.
    #[default]
    All,
    /// Attribute certificates, no public-key certificate.
    AttributeCertificates,
    /// CAs'.
    Cas,
    /// End entities'.
    Users,
}

impl ExtensionValue for IssuingDistributionPoint {
    const OID: ObjectIdentifier = oids::ISSUING_DISTRIBUTION_POINT;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        ScopeSyntax {
            distribution_point: self.name.as_ref().map(PointName::syntax).transpose()?,
            only_contains_user_certs: self.holders == Holders::Users,
            only_contains_ca_certs: self.holders == Holders::Cas,
            only_some_reasons: self.reasons.map(ReasonSet::flags),
            indirect_crl: self.indirect,
            only_contains_attribute_certs: self.holders == Holders::AttributeCertificates,
        }
        .to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let syntax: ScopeSyntax = strict(octets)?;
        let (users, cas) = (syntax.only_contains_user_certs, syntax.only_contains_ca_certs);
        let holders = match (users, cas, syntax.only_contains_attribute_certs) {
            (false, false, false) => Holders::All,
            (true, false, false) => Holders::Users,
            (false, true, false) => Holders::Cas,
            (false, false, true) => Holders::AttributeCertificates,
            _ => return Err(OUT_OF_BOUNDS),
        };
        Ok(Self {
            name: syntax.distribution_point.map(PointName::of).transpose()?,
            holders,
            reasons: syntax.only_some_reasons.map(ReasonSet::of),
            indirect: syntax.indirect_crl,
        })
    }
}

fn read_points(octets: &[u8]) -> Result<Vec<DistributionPoint>, DecodeError> {
    let points: Vec<PointSyntax> = strict(octets)?;
    bounded(&points)?;
    points.into_iter().map(read_point).collect()
}

fn read_point(syntax: PointSyntax) -> Result<DistributionPoint, DecodeError> {
    let issuers = syntax.crl_issuer.unwrap_or_default();
    // A point of reasons alone names no CRL (RFC 5280 §4.2.1.13).
    if syntax.distribution_point.is_none() && issuers.is_empty() {
        return Err(OUT_OF_BOUNDS);
    }
    let mut crl_issuer = Vec::new();
    for name in issuers.iter().take(MAX_NAMES) {
        if let GeneralName::DirectoryName(name) = name {
            crl_issuer.push(name.to_der().map_err(|e| DecodeError::from_der_error(&e))?);
        }
    }
    // RFC 5280 §4.2.1.13: it holds the issuer's name from the CRL.
    if crl_issuer.is_empty() && !issuers.is_empty() {
        return Err(OUT_OF_BOUNDS);
    }
    let name = syntax.distribution_point.map(PointName::of).transpose()?;
    Ok(DistributionPoint { name, reasons: syntax.reasons.map(ReasonSet::of), crl_issuer })
}

fn write_points(points: &[DistributionPoint]) -> der::Result<Vec<u8>> {
    if points.is_empty() {
        return Err(unencodable(Tag::Sequence));
    }
    let points: der::Result<Vec<_>> = points.iter().map(write_point).collect();
    points?.to_der()
}

fn write_point(point: &DistributionPoint) -> der::Result<PointSyntax> {
    let issuers: der::Result<Vec<_>> = point
        .crl_issuer
        .iter()
        .map(|name| Decode::from_der(name).map(GeneralName::DirectoryName))
        .collect();
    Ok(PointSyntax {
        distribution_point: point.name.as_ref().map(PointName::syntax).transpose()?,
        reasons: point.reasons.map(ReasonSet::flags),
        crl_issuer: Some(issuers?).filter(|issuers| !issuers.is_empty()),
    })
}

/// SIZE (1..MAX), where MAX is ours.
fn bounded<T>(all: &[T]) -> Result<(), DecodeError> {
    if (1..=MAX_NAMES).contains(&all.len()) { Ok(()) } else { Err(OUT_OF_BOUNDS) }
}

/// DER of `issuer` with one more RDN at its end.
fn below(issuer: &[u8], rdn: &[u8]) -> Option<Vec<u8>> {
    let rdns = AnyRef::from_der(issuer).ok()?.value();
    Any::new(Tag::Sequence, [rdns, rdn].concat()).ok()?.to_der().ok()
}

/// Distribution points of a certificate, and names of one, D: one of each is what CAs write.
pub(super) const MAX_NAMES: usize = 32;
