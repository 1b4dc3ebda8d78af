//! What a certificate of one role and key use contains.

use serde::{Deserialize, Serialize};

use super::{KeyUse, PolicyStatement, Role};
use crate::signer::KeyAlgorithm;

/// A checked certificate profile: one file of `policies/`, never the raw configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateProfile {
    /// Stable name: `cca-certificate-signing`.
    pub name: String,
    /// Role of the subject.
    pub role: Role,
    /// What the key is for.
    pub key_use: KeyUse,
    /// Roles that may issue it.
    pub issued_by: Vec<Role>,
    /// Keys accepted for certification, the first is the one we generate.
    pub key_algorithms: Vec<KeyAlgorithm>,
    /// Life of the certificate in days.
    pub validity_days: u32,
    /// Life of the private key.
    pub key_usage_period: KeyUsagePeriod,
    /// keyUsage bits.
    pub key_usage: KeyUsageBits,
    /// cA of basicConstraints.
    pub ca: bool,
    /// pathLenConstraint of basicConstraints, when `ca`.
    pub path_len: Option<u8>,
    /// One rule per extension that may stand in the certificate; any other is forbidden.
    pub extensions: Vec<ExtensionRule>,
    /// What each issuer of such a certificate states in it; for the root its own statement.
    pub statements: Vec<(Role, PolicyStatement)>,
}

impl CertificateProfile {
    /// The profile of a CA that is CCA, MCA and PCA in any combination (spec
    /// `set-certificates.md` §1.1, §8.2 row 13): what any of the parts needs, the shortest lives;
    /// `None` of no parts.
    #[must_use]
    pub fn combined(parts: &[&Self]) -> Option<Self> {
        let (first, rest) = parts.split_first()?;
        Some(rest.iter().fold((*first).clone(), |whole, part| whole.joined(part)))
    }

    fn joined(mut self, other: &Self) -> Self {
        self.name = format!("{}+{}", self.name, other.name);
        self.issued_by.retain(|issuer| other.issued_by.contains(issuer));
        self.key_algorithms.retain(|key| other.key_algorithms.contains(key));
        self.validity_days = self.validity_days.min(other.validity_days);
        self.key_usage_period = self.key_usage_period.shorter(other.key_usage_period);
        self.key_usage.0 |= other.key_usage.0;
        self.path_len = self.path_len.min(other.path_len);
        for rule in &other.extensions {
            match self.extensions.iter_mut().find(|own| own.kind == rule.kind) {
                Some(own) if rule.presence == Presence::Required => *own = *rule,
                Some(_) => {}
                None => self.extensions.push(*rule),
            }
        }
        for statement in &other.statements {
            if !self.statements.contains(statement) {
                self.statements.push(statement.clone());
            }
        }
        self
    }

    /// The rule for one extension; absent means forbidden.
    #[must_use]
    pub fn rule(&self, kind: ExtensionKind) -> Option<&ExtensionRule> {
        self.extensions.iter().find(|rule| rule.kind == kind)
    }
}

/// privateKeyUsagePeriod of a profile (spec `set-certificates.md` §1.4, §3.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyUsagePeriod {
    /// No extension: encryption keys.
    Absent,
    /// Equal to the certificate's validity.
    Certificate,
    /// This many days from notBefore.
    Days(u32),
}

impl KeyUsagePeriod {
    /// Keys of one use have one kind of period; days are shorter than the certificate's life.
    fn shorter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Days(one), Self::Days(other)) => Self::Days(one.min(other)),
            (Self::Days(_), _) => self,
            _ => other,
        }
    }
}

/// keyUsage bits as RFC 5280 §4.2.1.3 numbers them: bit `n` is `1 << n`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct KeyUsageBits(pub u16);

impl KeyUsageBits {
    /// digitalSignature (0).
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// keyEncipherment (2) and dataEncipherment (3), always together in SET.
    pub const ENCIPHERMENT: Self = Self(1 << 2 | 1 << 3);
    /// keyCertSign (5).
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// cRLSign (6).
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// True if every bit of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Whether an extension stands in a certificate, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ExtensionRule {
    /// Which extension.
    pub kind: ExtensionKind,
    /// Must, or may.
    pub presence: Presence,
    /// Criticality.
    pub critical: bool,
}

/// Whether an extension must or may be there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// May stand there.
    Optional,
    /// Must stand there.
    Required,
}

/// The extensions our profiles know (spec `set-certificates.md` §3.1, §10.5).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExtensionKind {
    /// 2.5.29.35.
    AuthorityKeyIdentifier,
    /// 2.5.29.14.
    SubjectKeyIdentifier,
    /// 2.5.29.15.
    KeyUsage,
    /// 2.5.29.16.
    PrivateKeyUsagePeriod,
    /// 2.5.29.32.
    CertificatePolicies,
    /// 2.5.29.17.
    SubjectAltName,
    /// 2.5.29.18.
    IssuerAltName,
    /// 2.5.29.19.
    BasicConstraints,
    /// 2.5.29.37.
    ExtendedKeyUsage,
    /// 2.23.42.7.0.
    HashedRootKey,
    /// 2.23.42.7.1.
    CertificateType,
    /// 2.23.42.7.2.
    MerchantData,
    /// 2.23.42.7.3.
    CardCertRequired,
    /// 2.23.42.7.4.
    Tunneling,
    /// 2.23.42.7.5.
    SetExtensions,
    /// 2.5.29.31.
    #[serde(rename = "cRLDistributionPoints")]
    CrlDistributionPoints,
    /// 2.5.29.46.
    #[serde(rename = "freshestCRL")]
    FreshestCrl,
    /// 1.3.6.1.5.5.7.1.1.
    AuthorityInfoAccess,
    /// 1.3.6.1.5.5.7.48.1.5.
    OcspNoCheck,
}

impl ExtensionKind {
    /// The name in the standard that defines it, and in `policies/`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorityKeyIdentifier => "authorityKeyIdentifier",
            Self::SubjectKeyIdentifier => "subjectKeyIdentifier",
            Self::KeyUsage => "keyUsage",
            Self::PrivateKeyUsagePeriod => "privateKeyUsagePeriod",
            Self::CertificatePolicies => "certificatePolicies",
            Self::SubjectAltName => "subjectAltName",
            Self::IssuerAltName => "issuerAltName",
            Self::BasicConstraints => "basicConstraints",
            Self::ExtendedKeyUsage => "extendedKeyUsage",
            Self::HashedRootKey => "hashedRootKey",
            Self::CertificateType => "certificateType",
            Self::MerchantData => "merchantData",
            Self::CardCertRequired => "cardCertRequired",
            Self::Tunneling => "tunneling",
            Self::SetExtensions => "setExtensions",
            Self::CrlDistributionPoints => "cRLDistributionPoints",
            Self::FreshestCrl => "freshestCRL",
            Self::AuthorityInfoAccess => "authorityInfoAccess",
            Self::OcspNoCheck => "ocspNoCheck",
        }
    }
}
