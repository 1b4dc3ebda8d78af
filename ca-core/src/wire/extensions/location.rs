//! Where status and issuer certificates are found: cRLDistributionPoints, authorityInfoAccess.

use const_oid::ObjectIdentifier;
use der::asn1::Ia5String;
use der::{Encode, Tag};
use x509_cert::ext::pkix::AccessDescription;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::{ExtensionValue, OUT_OF_BOUNDS, strict, unencodable};
use crate::wire::{DecodeError, oids};

/// cRLDistributionPoints (RFC 5280 §4.2.1.13): one distribution point for each URI.
///
/// We issue one (spec `set-certificates.md` §10.5). Points with a cRLIssuer, reasons or no URI are
/// not read: we never fetch indirect or partial CRLs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CrlDistributionPoints {
    /// URIs, in order.
    pub uris: Vec<String>,
}

impl ExtensionValue for CrlDistributionPoints {
    const OID: ObjectIdentifier = oids::CRL_DISTRIBUTION_POINTS;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        let points: der::Result<Vec<DistributionPoint>> =
            self.uris.iter().map(|uri| distribution_point(uri)).collect();
        at_least_one(points?)
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let points: Vec<DistributionPoint> = strict(octets)?;
        if points.is_empty() {
            return Err(OUT_OF_BOUNDS);
        }
        let uris = points
            .iter()
            .filter(|point| point.reasons.is_none() && point.crl_issuer.is_none())
            .filter_map(|point| match &point.distribution_point {
                Some(DistributionPointName::FullName(names)) => Some(names),
                _ => None,
            })
            .flatten()
            .filter_map(uri_of)
            .collect();
        Ok(Self { uris })
    }
}

/// authorityInfoAccess (RFC 5280 §4.2.2.1): the first URI of each of the two methods.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuthorityInfoAccess {
    /// id-ad-ocsp.
    pub ocsp: Option<String>,
    /// id-ad-caIssuers.
    pub ca_issuers: Option<String>,
}

impl ExtensionValue for AuthorityInfoAccess {
    const OID: ObjectIdentifier = oids::AUTHORITY_INFO_ACCESS;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        let mut descriptions = Vec::new();
        for (access_method, location) in
            [(oids::AD_OCSP, &self.ocsp), (oids::AD_CA_ISSUERS, &self.ca_issuers)]
        {
            if let Some(location) = location {
                let access_location = uri(location)?;
                descriptions.push(AccessDescription { access_method, access_location });
            }
        }
        at_least_one(descriptions)
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let descriptions: Vec<AccessDescription> = strict(octets)?;
        if descriptions.is_empty() {
            return Err(OUT_OF_BOUNDS);
        }
        let first = |method: ObjectIdentifier| {
            descriptions
                .iter()
                .filter(|description| description.access_method == method)
                .find_map(|description| uri_of(&description.access_location))
        };
        Ok(Self { ocsp: first(oids::AD_OCSP), ca_issuers: first(oids::AD_CA_ISSUERS) })
    }
}

/// SEQUENCE SIZE (1..MAX) in both: what names nothing cannot be written.
fn at_least_one<T>(all: Vec<T>) -> der::Result<Vec<u8>>
where
    Vec<T>: Encode,
{
    if all.is_empty() { Err(unencodable(Tag::Sequence)) } else { all.to_der() }
}

fn distribution_point(location: &str) -> der::Result<DistributionPoint> {
    Ok(DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![uri(location)?])),
        reasons: None,
        crl_issuer: None,
    })
}

fn uri(location: &str) -> der::Result<GeneralName> {
    Ia5String::new(location).map(GeneralName::UniformResourceIdentifier)
}

fn uri_of(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
        _ => None,
    }
}
