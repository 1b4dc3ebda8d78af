//! §9.7 thumbprints.

use ca_core::Suite;
use ca_core::signer::{SignatureAlgorithm, verify};
use ca_core::wire::{Cert, Crl};
use der::Encode;
use der::asn1::BitString;

use crate::support::{certificate, key, spec};

/// An unsigned object with the signature of K1024 behind it.
fn signed(tbs: &[u8]) -> Vec<u8> {
    let signature = key().sign(SignatureAlgorithm::RsaSha1, tbs).unwrap();
    let algorithm = SignatureAlgorithm::RsaSha1.identifier().unwrap().to_der().unwrap();
    let signature = BitString::from_bytes(&signature).unwrap().to_der().unwrap();
    ca_core::wire::pkcs7::sequence(&[tbs, &algorithm, &signature]).unwrap().to_vec()
}

#[test]
fn a_certificate_is_named_by_the_digest_of_what_was_signed() {
    let der = signed(&spec("TBSCertificate"));
    let certificate = Cert::from_der(&der).unwrap();
    assert_eq!(certificate.thumbprint(Suite::Set1997), spec("thumb SHA-1"));
    assert_eq!(certificate.thumbprint(Suite::Modern), spec("thumb SHA-256"));
    // The whole certificate has another digest, which names nothing.
    assert_eq!(Suite::Set1997.digest(&der), spec("certificate SHA-1"));
    assert_ne!(certificate.thumbprint(Suite::Set1997), spec("certificate SHA-1"));
}

/// The list of the vector has no cRLNumber, so it is no CRL of SET and only its digest can be met;
/// with the extension it is one, named in the same way.
#[test]
fn a_crl_is_named_by_the_digest_of_what_was_signed() {
    let tbs = spec("TBSCertList");
    assert_eq!(Suite::Set1997.digest(&tbs), spec("TBSCertList thumb"));
    assert!(Crl::from_der_set(&signed(&tbs)).is_err());
    // [0] { SEQUENCE { Extension cRLNumber 1 } }, and the length of the whole with it.
    let number = b"\xa0\x0e\x30\x0c\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x01";
    let mut numbered = [&tbs[..], number].concat();
    numbered[1] += 16;
    let crl = Crl::from_der(&signed(&numbered)).unwrap();
    assert_eq!(crl.thumbprint(Suite::Set1997), Suite::Set1997.digest(&numbered));
}

#[test]
fn a_foreign_signature_verifies_in_set_1997_alone() {
    let certificate = certificate();
    let verified = |suite| {
        let (tbs, signature) = (certificate.tbs_der(), certificate.signature());
        verify(suite, certificate.spki_der(), SignatureAlgorithm::RsaSha1, tbs, signature)
    };
    assert!(verified(Suite::Set1997).is_ok());
    assert!(verified(Suite::Modern).is_err());
}
