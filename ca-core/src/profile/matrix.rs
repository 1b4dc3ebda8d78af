//! Which extension stands in which certificate, and whether it is critical: the rules of the
//! standard that a profile may make stricter but not break.

use super::ExtensionKind as K;
use super::{ExtensionKind, KeyUse, Role};
use crate::Suite;

/// What the matrix says about one extension in one certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cell {
    Forbidden,
    Optional,
    Required,
}

/// A column of the matrix: certificates that hold the same extensions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Column {
    CardholderSignature = 0,
    MerchantSignature = 1,
    MerchantEncryption = 2,
    GatewaySignature = 3,
    GatewayEncryption = 4,
    CaSignature = 5,
    CcaEncryption = 6,
    CaEncryption = 7,
    CaSigning = 8,
    Root = 9,
    Ocsp = 10,
}

impl Column {
    /// The column of a certificate, `None` where the role has no certificate of that use (spec
    /// `set-certificates.md` §1.2).
    pub(super) const fn of(role: Role, key_use: KeyUse) -> Option<Self> {
        match (role, key_use) {
            (Role::Rca, KeyUse::CertificateSigning) => Some(Self::Root),
            (
                Role::Bca | Role::Gca | Role::Cca | Role::Mca | Role::Pca,
                KeyUse::CertificateSigning,
            ) => Some(Self::CaSigning),
            (
                Role::Bca | Role::Gca | Role::Cca | Role::Mca | Role::Pca,
                KeyUse::MessageSignature,
            ) => Some(Self::CaSignature),
            (Role::Cca, KeyUse::Encryption) => Some(Self::CcaEncryption),
            (Role::Mca | Role::Pca, KeyUse::Encryption) => Some(Self::CaEncryption),
            (Role::Cardholder, KeyUse::MessageSignature) => Some(Self::CardholderSignature),
            (Role::Merchant, KeyUse::MessageSignature) => Some(Self::MerchantSignature),
            (Role::Merchant, KeyUse::Encryption) => Some(Self::MerchantEncryption),
            (Role::Gateway, KeyUse::MessageSignature) => Some(Self::GatewaySignature),
            (Role::Gateway, KeyUse::Encryption) => Some(Self::GatewayEncryption),
            (Role::Ocsp, KeyUse::OcspSigning) => Some(Self::Ocsp),
            _ => None,
        }
    }
}

/// What the matrix says about `kind` in the certificate of `column`.
pub(super) fn cell(suite: Suite, column: Column, kind: ExtensionKind) -> Cell {
    let Some(row) = MATRIX.iter().find(|row| row.kind == kind) else {
        return Cell::Forbidden;
    };
    // set-certificates.md §10.5: the PKIX additions are of suite `modern`; a responder certificate
    // has the same form in both.
    if row.pkix && suite == Suite::Set1997 && column != Column::Ocsp {
        return Cell::Forbidden;
    }
    row.cells.get(column as usize).copied().unwrap_or(Cell::Forbidden)
}

/// Criticality of an extension: the same wherever it stands (spec `set-certificates.md` §3.1;
/// every PKIX addition is non-critical, §10.5).
pub(super) fn critical(kind: ExtensionKind) -> bool {
    MATRIX.iter().any(|row| row.kind == kind && row.critical)
}

/// The extensions that `column` requires, in the order of the table.
pub(super) fn required(suite: Suite, column: Column) -> impl Iterator<Item = ExtensionKind> {
    let kinds = MATRIX.iter().map(|row| row.kind);
    kinds.filter(move |kind| cell(suite, column, *kind) == Cell::Required)
}

struct Row {
    kind: ExtensionKind,
    critical: bool,
    /// Not of SET 1.0: added by spec `set-certificates.md` §10.5.
    pkix: bool,
    cells: [Cell; 11],
}

const fn set(kind: ExtensionKind, critical: bool, cells: [Cell; 11]) -> Row {
    Row { kind, critical, pkix: false, cells }
}

const fn pkix(kind: ExtensionKind, cells: [Cell; 11]) -> Row {
    Row { kind, critical: false, pkix: true, cells }
}

const R: Cell = Cell::Required;
const O: Cell = Cell::Optional;
const X: Cell = Cell::Forbidden;

/// Spec `set-certificates.md` §3.11 (presence [R] but for the CA signing and root columns), §3.1
/// (criticality) and §10.5, decisions.md 10. The CCA's tunneling is optional in the standard; we
/// require it, because a wallet chooses its back key by it (§3.10).
#[rustfmt::skip]
const MATRIX: [Row; 19] = [
    //                            critical  card mer merE pg pgE caS ccaE caE sign rca ocsp
    set(K::AuthorityKeyIdentifier, false,   [R,  R,  R,  R,  R,  R,  R,  R,  R,  O,  R]),
    set(K::KeyUsage,               true,    [R,  R,  R,  R,  R,  R,  R,  R,  R,  R,  R]),
    set(K::PrivateKeyUsagePeriod,  false,   [R,  R,  X,  R,  X,  R,  X,  X,  R,  R,  X]),
    set(K::CertificatePolicies,    true,    [R,  R,  R,  R,  R,  R,  R,  R,  R,  R,  X]),
    set(K::SubjectAltName,         false,   [O,  O,  O,  O,  O,  O,  O,  O,  O,  O,  X]),
    set(K::IssuerAltName,          false,   [O,  O,  O,  O,  O,  O,  O,  O,  O,  O,  X]),
    set(K::BasicConstraints,       true,    [R,  R,  R,  R,  R,  R,  R,  R,  R,  R,  R]),
    set(K::HashedRootKey,          true,    [X,  X,  X,  X,  X,  X,  X,  X,  X,  R,  X]),
    set(K::CertificateType,        true,    [R,  R,  R,  R,  R,  R,  R,  R,  R,  R,  X]),
    set(K::MerchantData,           false,   [X,  R,  R,  X,  X,  X,  X,  X,  X,  X,  X]),
    set(K::CardCertRequired,       false,   [X,  X,  X,  X,  R,  X,  X,  X,  X,  X,  X]),
    set(K::Tunneling,              false,   [X,  X,  X,  X,  R,  X,  R,  O,  X,  X,  X]),
    set(K::SetExtensions,          false,   [X,  X,  X,  X,  O,  X,  X,  X,  X,  X,  X]),
    pkix(K::SubjectKeyIdentifier,           [O,  O,  O,  O,  O,  R,  R,  R,  R,  R,  R]),
    pkix(K::CrlDistributionPoints,          [R,  R,  R,  R,  R,  R,  R,  R,  R,  X,  X]),
    pkix(K::AuthorityInfoAccess,            [R,  R,  R,  R,  R,  R,  R,  R,  R,  X,  X]),
    pkix(K::FreshestCrl,                    [O,  O,  O,  O,  O,  O,  O,  O,  O,  X,  X]),
    pkix(K::ExtendedKeyUsage,               [X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  R]),
    pkix(K::OcspNoCheck,                    [X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  R]),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// set-certificates.md §10.5: "None of this stands in a `set-1997` hierarchy".
    #[test]
    fn pkix_additions_are_forbidden_in_suite_1997() {
        let found = required(Suite::Set1997, Column::CardholderSignature);
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                ExtensionKind::AuthorityKeyIdentifier,
                ExtensionKind::KeyUsage,
                ExtensionKind::PrivateKeyUsagePeriod,
                ExtensionKind::CertificatePolicies,
                ExtensionKind::BasicConstraints,
                ExtensionKind::CertificateType,
            ]
        );
        let kind = ExtensionKind::SubjectKeyIdentifier;
        assert_eq!(cell(Suite::Set1997, Column::CaSigning, kind), Cell::Forbidden);
    }
}
