//! Who is who in the hierarchy, and what a key is for.

use core::fmt;

use serde::{Deserialize, Serialize};

/// An entity of the SET hierarchy (spec `set-certificates.md` §1.1), or our OCSP responder (§10.5).
///
/// Combined CAs hold several of `Cca`, `Mca`, `Pca` at once: code that must allow them takes
/// `&[Role]`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Root CA.
    Rca,
    /// Brand CA.
    Bca,
    /// Geo-political CA.
    Gca,
    /// Cardholder CA.
    Cca,
    /// Merchant CA.
    Mca,
    /// Payment gateway CA.
    Pca,
    /// Cardholder.
    Cardholder,
    /// Merchant.
    Merchant,
    /// Payment gateway.
    Gateway,
    /// OCSP responder: not a SET certificate.
    Ocsp,
}

impl Role {
    /// Every role, from the root down.
    pub const ALL: [Self; 10] = [
        Self::Rca,
        Self::Bca,
        Self::Gca,
        Self::Cca,
        Self::Mca,
        Self::Pca,
        Self::Cardholder,
        Self::Merchant,
        Self::Gateway,
        Self::Ocsp,
    ];

    /// The role with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The stable name used in policies, JSON and identifiers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rca => "rca",
            Self::Bca => "bca",
            Self::Gca => "gca",
            Self::Cca => "cca",
            Self::Mca => "mca",
            Self::Pca => "pca",
            Self::Cardholder => "cardholder",
            Self::Merchant => "merchant",
            Self::Gateway => "gateway",
            Self::Ocsp => "ocsp",
        }
    }

    /// Bit of certificateType (spec `set-certificates.md` §3.8); `None` for an OCSP responder.
    #[must_use]
    pub const fn certificate_type_bit(self) -> Option<u8> {
        match self {
            Self::Cardholder => Some(0),
            Self::Merchant => Some(1),
            Self::Gateway => Some(2),
            Self::Cca => Some(3),
            Self::Mca => Some(4),
            Self::Pca => Some(5),
            Self::Gca => Some(6),
            Self::Bca => Some(7),
            Self::Rca => Some(8),
            Self::Ocsp => None,
        }
    }

    /// True for the CAs.
    #[must_use]
    pub const fn is_ca(self) -> bool {
        matches!(self, Self::Rca | Self::Bca | Self::Gca | Self::Cca | Self::Mca | Self::Pca)
    }

    /// True if a CA of this role may certify `subject` (spec `set-certificates.md` §5.1; an OCSP
    /// responder is certified by any CA, §10.5).
    #[must_use]
    pub const fn may_issue(self, subject: Self) -> bool {
        match subject {
            Self::Rca | Self::Bca => matches!(self, Self::Rca),
            Self::Gca => matches!(self, Self::Bca),
            Self::Cca | Self::Mca | Self::Pca => matches!(self, Self::Bca | Self::Gca),
            Self::Cardholder => matches!(self, Self::Cca),
            Self::Merchant => matches!(self, Self::Mca),
            Self::Gateway => matches!(self, Self::Pca),
            Self::Ocsp => self.is_ca(),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What one key pair, and so one certificate, is used for (spec `set-certificates.md` §1.2, §3.3).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyUse {
    /// Certificate signing, and CRL signing where the entity issues CRLs with the same key.
    CertificateSigning,
    /// keyEncipherment + dataEncipherment: the key-exchange key of SET.
    Encryption,
    /// digitalSignature over SET messages.
    MessageSignature,
    /// OCSP response signing (RFC 6960).
    OcspSigning,
}

impl KeyUse {
    /// The stable name used in policies, JSON and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CertificateSigning => "certificate-signing",
            Self::Encryption => "encryption",
            Self::MessageSignature => "message-signature",
            Self::OcspSigning => "ocsp-signing",
        }
    }
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Role::{Bca, Cardholder, Cca, Gateway, Gca, Mca, Merchant, Ocsp, Pca, Rca};
    use super::*;

    /// set-certificates.md §5.1, the whole table; §10.5 for the responder.
    #[test]
    fn nesting_is_the_table_of_the_standard_and_nothing_else() {
        let table: [(Role, &[Role]); 10] = [
            (Rca, &[Rca, Bca, Ocsp]),
            (Bca, &[Gca, Cca, Mca, Pca, Ocsp]),
            (Gca, &[Cca, Mca, Pca, Ocsp]),
            (Cca, &[Cardholder, Ocsp]),
            (Mca, &[Merchant, Ocsp]),
            (Pca, &[Gateway, Ocsp]),
            (Cardholder, &[]),
            (Merchant, &[]),
            (Gateway, &[]),
            (Ocsp, &[]),
        ];
        for (issuer, allowed) in table {
            for (subject, _) in table {
                let expected = allowed.contains(&subject);
                assert_eq!(issuer.may_issue(subject), expected, "{issuer} → {subject}");
            }
        }
    }
}
