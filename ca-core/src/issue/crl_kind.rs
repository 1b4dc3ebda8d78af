//! What a CRL covers, and the extensions that say so (RFC 5280 §5.2).

use der::Encode;
use x509_cert::ext::Extension;

use super::crl::{CrlOrder, ListError, authority};
use crate::Suite;
use crate::wire::extensions::{
    ExtensionValue, FreshestCrl, IssuingDistributionPoint, LocationName, PointName, extension,
};
use crate::wire::oids;

/// What a CRL covers. All but the plain complete one belong to suite `modern` (spec
/// `set-certificates.md` §10.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CrlKind<'a> {
    /// Everything its issuer revoked.
    Complete {
        /// Where deltas to it are, if there are any: freshestCRL.
        delta_url: Option<&'a str>,
    },
    /// What has changed since a complete one: critical deltaCRLIndicator.
    Delta {
        /// cRLNumber of that one.
        base: u64,
    },
    /// The certificates that name one of these URLs: critical issuingDistributionPoint.
    Shard {
        /// The URL of the shard, now first: certificates name the one of their time.
        urls: &'a [String],
    },
}

impl CrlKind<'_> {
    /// Everything, and no deltas.
    pub const COMPLETE: Self = Self::Complete { delta_url: None };
}

/// §10.5: none of this stands in a `set-1997` hierarchy.
pub(super) fn check_kind(order: &CrlOrder<'_>) -> Result<(), ListError> {
    match order.suite {
        Suite::Set1997 if order.kind != CrlKind::COMPLETE => Err(ListError::Partial),
        Suite::Modern | Suite::Set1997 => Ok(()),
    }
}

/// crlExtensions: cRLNumber and authorityKeyIdentifier, neither critical, then what the list
/// covers.
pub(super) fn extensions(order: &CrlOrder<'_>) -> der::Result<Vec<Extension>> {
    let number = extension(oids::CRL_NUMBER, false, order.number.to_der()?)?;
    let mut extensions = vec![number, authority(order.issuer, order.suite)?];
    match order.kind {
        CrlKind::Complete { delta_url: None } => {}
        CrlKind::Complete { delta_url: Some(url) } => {
            let value = FreshestCrl::at(url)?.to_value()?;
            extensions.push(extension(oids::FRESHEST_CRL, false, value)?);
        }
        CrlKind::Delta { base } => {
            extensions.push(extension(oids::DELTA_CRL_INDICATOR, true, base.to_der()?)?);
        }
        CrlKind::Shard { urls } => {
            let names: der::Result<Vec<_>> =
                urls.iter().map(|url| LocationName::uri(url)).collect();
            let scope = IssuingDistributionPoint {
                name: Some(PointName::Full(names?)),
                ..IssuingDistributionPoint::default()
            };
            let value = scope.to_value()?;
            extensions.push(extension(oids::ISSUING_DISTRIBUTION_POINT, true, value)?);
        }
    }
    Ok(extensions)
}
