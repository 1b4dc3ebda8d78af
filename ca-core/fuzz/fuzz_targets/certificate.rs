//! Hostile octets as a certificate: no panic, here and in the extensions, and the octets are kept.

#![no_main]

use ca_core::Suite;
use ca_core::wire::Cert;
use ca_core::wire::extensions::{
    AuthorityInfoAccess, AuthorityKeyIdentifier, BasicConstraints, CardCertRequired,
    CertificateType, CrlDistributionPoints, DraftQualifier, ExtendedKeyUsage, ExtensionValue,
    HashedRootKey, KeyUsage, MerchantData, OcspNoCheck, PrivateKeyUsagePeriod, SetExtensions,
    SetPolicy, SubjectKeyIdentifier, Tunneling,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(certificate) = Cert::from_der_lenient(octets) else { return };
    assert_eq!(certificate.der(), octets);
    assert_eq!(certificate.tbs_der().first(), Some(&0x30));
    assert_eq!(certificate.thumbprint(Suite::Modern).len(), 32);
    extensions(&certificate);
});

fn extensions(certificate: &Cert) {
    same::<AuthorityKeyIdentifier>(certificate);
    same::<BasicConstraints>(certificate);
    same::<CardCertRequired>(certificate);
    same::<CertificateType>(certificate);
    same::<DraftQualifier>(certificate);
    same::<ExtendedKeyUsage>(certificate);
    same::<HashedRootKey>(certificate);
    same::<KeyUsage>(certificate);
    same::<MerchantData>(certificate);
    same::<OcspNoCheck>(certificate);
    same::<PrivateKeyUsagePeriod>(certificate);
    same::<SetExtensions>(certificate);
    same::<SubjectKeyIdentifier>(certificate);
    same::<Tunneling>(certificate);
    // Of these only what we use is read, so they are not written as they were.
    let _ = (AuthorityInfoAccess::find(certificate), CrlDistributionPoints::find(certificate));
    if let Ok(Some(policies)) = SetPolicy::find(certificate) {
        let _ = policies.qualifier();
    }
}

/// An extension that is read is written and read again as the same value.
fn same<T: ExtensionValue + PartialEq + std::fmt::Debug>(certificate: &Cert) {
    let Ok(Some(value)) = T::find(certificate) else { return };
    let written = value.to_value().expect("what was read can be written");
    assert_eq!(T::from_value(&written).as_ref(), Ok(&value));
}
