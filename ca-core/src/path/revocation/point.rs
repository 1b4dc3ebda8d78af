//! Distribution points of a certificate, and whether a CRL covers it under one of them (RFC 5280
//! §6.3.3 (b), (d)).

use super::same_name;
use crate::path::Rules;
use crate::path::checks::Step;
use crate::wire::Crl;
use crate::wire::extensions::{
    DistributionPoint, DistributionPoints, ExtensionValue, Holders, IssuingDistributionPoint,
    LocationName, ReasonSet,
};

/// Where the status of a certificate may be found.
#[derive(Debug)]
pub(super) struct Point {
    /// DER of the names under which a CRL of this point is issued.
    pub(super) issuers: Vec<Vec<u8>>,
    /// True if the certificate leaves its status to another CRL issuer.
    pub(super) indirect: bool,
    names: Vec<LocationName>,
    reasons: ReasonSet,
}

impl Point {
    /// The points that the certificate names, then the one that every certificate has: the CRLs of
    /// its issuer (RFC 5280 §6.3.3, last paragraph). SET has no other.
    ///
    /// A cRLDistributionPoints that cannot be read leaves only that one.
    pub(super) fn all_of(step: &Step<'_, '_>) -> Vec<Self> {
        let certificate = step.node.certificate;
        let issuer = certificate.issuer_der();
        let own = match step.settings.rules {
            Rules::Rfc5280 => DistributionPoints::find(certificate).ok().flatten(),
            Rules::Set => None,
        };
        let own = own.map(|points| points.0).unwrap_or_default();
        let mut points: Vec<Self> = own.into_iter().map(|point| Self::of(point, issuer)).collect();
        points.push(Self {
            issuers: vec![issuer.to_vec()],
            indirect: false,
            names: vec![LocationName::Directory(issuer.to_vec())],
            reasons: ReasonSet::ALL,
        });
        points
    }

    fn of(point: DistributionPoint, issuer: &[u8]) -> Self {
        let indirect = !point.crl_issuer.is_empty();
        let issuers = if indirect { point.crl_issuer } else { vec![issuer.to_vec()] };
        let name = point.name.as_ref();
        let names: Vec<LocationName> = match name {
            Some(name) => issuers.iter().flat_map(|issuer| name.names(issuer)).collect(),
            // §6.3.3 (b)(2)(i): without a name of its own the point has its CRL issuer's.
            None => issuers.iter().cloned().map(LocationName::Directory).collect(),
        };
        Self { issuers, indirect, names, reasons: point.reasons.unwrap_or(ReasonSet::ALL) }
    }

    /// The reasons for which `crl` tells the status of the certificate, if it covers it at all.
    pub(super) fn reasons_of(&self, crl: &Crl, is_ca: bool) -> Result<ReasonSet, &'static str> {
        let whole = IssuingDistributionPoint::default();
        let scope = crl.scope().unwrap_or(&whole);
        if self.indirect && !scope.indirect {
            return Err("is not indirect, and of another issuer");
        }
        match (scope.holders, is_ca) {
            (Holders::AttributeCertificates, _) => Err("covers attribute certificates only"),
            (Holders::Cas, false) => Err("covers certificates of CAs only"),
            (Holders::Users, true) => Err("covers certificates of end entities only"),
            _ => Ok(()),
        }?;
        if let Some(name) = &scope.name {
            let names = name.names(crl.issuer_der());
            if !names.iter().any(|name| self.names.iter().any(|own| same_location(own, name))) {
                return Err("is of another distribution point");
            }
        }
        Ok(self.reasons.and(scope.reasons.unwrap_or(ReasonSet::ALL)))
    }
}

/// RFC 5280 §5.2.5: other names than directory names have the identical encoding.
fn same_location(one: &LocationName, other: &LocationName) -> bool {
    match (one, other) {
        (LocationName::Directory(one), LocationName::Directory(other)) => same_name(one, other),
        _ => one == other,
    }
}
