//! Which certificate types issue which.

use crate::profile::Role;
use crate::wire::extensions::CertificateType;

/// True if a CA of type `issuer` may certify a `subject`: every role of the subject is allowed by
/// some role of the issuer (spec `set-certificates.md` §5.1).
#[must_use]
pub fn may_issue(issuer: CertificateType, subject: CertificateType) -> bool {
    let allowed = |role: &Role| {
        issuer.roles().iter().any(|authority| certified_by(*authority).contains(role))
    };
    subject.roles().iter().all(allowed)
}

const fn certified_by(authority: Role) -> &'static [Role] {
    match authority {
        Role::Rca => &[Role::Rca, Role::Bca],
        Role::Bca => &[Role::Gca, Role::Cca, Role::Mca, Role::Pca],
        Role::Gca => &[Role::Cca, Role::Mca, Role::Pca],
        Role::Cca => &[Role::Cardholder],
        Role::Mca => &[Role::Merchant],
        Role::Pca => &[Role::Gateway],
        Role::Cardholder | Role::Merchant | Role::Gateway | Role::Ocsp => &[],
    }
}
