//! A certificate with its extensions read once.

use const_oid::ObjectIdentifier;

use super::name::brand;
use crate::profile::KeyUsageBits;
use crate::wire::Cert;
use crate::wire::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, CardCertRequired, CertificateType, ExtendedKeyUsage,
    ExtensionValue, HashedRootKey, KeyUsage, MerchantData, PrivateKeyUsagePeriod, SetExtensions,
    SetPolicy, SubjectKeyIdentifier, Tunneling,
};
use crate::{Suite, UnixTime};

/// What the rules ask of a certificate, so that no rule parses.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) authority_key: Option<AuthorityKeyIdentifier>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    /// BrandID: the one organizationName of the subject.
    pub(super) brand: Option<String>,
    pub(super) certificate_type: Option<CertificateType>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    /// Suite of the digest in hashedRootKey.
    pub(super) hashed_root_suite: Option<Suite>,
    pub(super) key_period: Option<PrivateKeyUsagePeriod>,
    pub(super) key_usage: Option<KeyUsageBits>,
    /// Extensions that are there and cannot be read; their value above is `None`.
    pub(super) malformed: Vec<ObjectIdentifier>,
    pub(super) not_after: UnixTime,
    pub(super) not_before: UnixTime,
    pub(super) policies: Option<SetPolicy>,
    /// By the comparison of the rules the certificate is judged by.
    pub(super) self_issued: bool,
    pub(super) subject_key: Option<SubjectKeyIdentifier>,
}

impl Facts {
    pub(super) fn of(certificate: &Cert) -> Self {
        let mut reader = Reader { certificate, malformed: Vec::new() };
        reader.probe::<CardCertRequired>();
        reader.probe::<MerchantData>();
        reader.probe::<SetExtensions>();
        reader.probe::<Tunneling>();
        Self {
            authority_key: reader.read(),
            basic_constraints: reader.read(),
            brand: brand(certificate.tbs().subject()),
            certificate_type: reader.read(),
            extended_key_usage: reader.read(),
            hashed_root_suite: reader.read::<HashedRootKey>().map(|hashed| hashed.suite),
            key_period: reader.read(),
            key_usage: reader.read().map(|KeyUsage(bits)| bits),
            policies: reader.read(),
            subject_key: reader.read(),
            malformed: reader.malformed,
            not_after: certificate.not_after(),
            not_before: certificate.not_before(),
            self_issued: certificate.subject_der() == certificate.issuer_der(),
        }
    }

    /// True if keyUsage is there and has every bit of `bits`.
    pub(super) fn key_may(&self, bits: KeyUsageBits) -> bool {
        self.key_usage.is_some_and(|usage| usage.contains(bits))
    }

    /// True if basicConstraints is there with cA.
    pub(super) fn is_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.ca)
    }
}

struct Reader<'a> {
    certificate: &'a Cert,
    malformed: Vec<ObjectIdentifier>,
}

impl Reader<'_> {
    /// Reads an extension of which the rules only ask whether it can be read.
    fn probe<T: ExtensionValue>(&mut self) {
        self.read::<T>();
    }

    fn read<T: ExtensionValue>(&mut self) -> Option<T> {
        T::find(self.certificate).unwrap_or_else(|_| {
            self.malformed.push(T::OID);
            None
        })
    }
}
