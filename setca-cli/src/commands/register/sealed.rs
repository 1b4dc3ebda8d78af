//! What rests encrypted under the passphrase, and PEM around octets.

use std::path::Path;

use ca_core::signer::RandomAdapter;
use ca_core::wire::Cert;
use ca_server::SystemRandom;
use ca_server::data::Passphrase;
use der::Decode as _;
use der::asn1::{AnyRef, OctetStringRef};
use der::oid::ObjectIdentifier;
use der::pem::{self as encoding, LineEnding};
use pkcs8::spki::AlgorithmIdentifier;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input;

/// PANSecret as EncryptedPrivateKeyInfo around PrivateKeyInfo { HMAC, octets }: it is the key of
/// the HMAC in the certificate's name.
pub(super) fn pan_secret(secret: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, Failure> {
    // The name says which HMAC it is for: 20 octets are those of `set-1997`.
    let oid = if secret.len() == SHORT { HMAC_WITH_SHA1 } else { HMAC_WITH_SHA256 };
    seal(oid, secret, passphrase)
}

/// Octets of ours as EncryptedPrivateKeyInfo around PrivateKeyInfo { data, octets }.
pub(super) fn data(octets: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, Failure> {
    seal(PKCS7_DATA, octets, passphrase)
}

/// The octets in such a file.
///
/// # Errors
/// It cannot be read, the passphrase is wrong, or something else is in it.
pub(super) fn open_data(
    path: &Path,
    passphrase: &Passphrase,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let damaged = || Failure::refused(format!("{}: not a file of this program", path.display()));
    let octets = read(path)?;
    let sealed = EncryptedPrivateKeyInfoRef::from_der(&octets).map_err(|_| damaged())?;
    let opened = sealed.decrypt(passphrase.as_bytes()).map_err(|_| {
        Failure::outside(format!("{}: the passphrase does not open it", path.display()))
    })?;
    let info = PrivateKeyInfoRef::from_der(opened.as_bytes()).map_err(|_| damaged())?;
    if info.algorithm.oid != PKCS7_DATA {
        return Err(damaged());
    }
    Ok(Zeroizing::new(info.private_key.as_bytes().to_vec()))
}

/// The DER of an encrypted PEM file.
///
/// # Errors
/// It cannot be read, or is none.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let octets = input::read(path)?;
    match encoding::decode_vec(&octets) {
        Ok((ENCRYPTED, der)) => Ok(der),
        _ => {
            Err(Failure::refused(format!("{} is no encrypted private key in PEM", path.display())))
        }
    }
}

/// PEM of encrypted octets.
pub(super) fn pem_of(sealed: &[u8]) -> Result<Vec<u8>, Failure> {
    pem(ENCRYPTED, sealed)
}

/// PEM of certificates, one after the other.
pub(super) fn bundle(certificates: &[&Cert]) -> Result<Vec<u8>, Failure> {
    let blocks =
        certificates.iter().map(|certificate| pem(ca_core::pem::CERTIFICATE, certificate.der()));
    Ok(blocks.collect::<Result<Vec<_>, _>>()?.concat())
}

/// PEM.
pub(super) fn pem(label: &str, der: &[u8]) -> Result<Vec<u8>, Failure> {
    encoding::encode_string(label, LineEnding::LF, der)
        .map(String::into_bytes)
        .map_err(|e| Failure::refused(format!("{label} cannot be written as PEM: {e}")))
}

fn seal(oid: ObjectIdentifier, secret: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, Failure> {
    let failed = |what: &dyn std::fmt::Display| {
        Failure::outside(format!("a secret cannot be encrypted: {what}"))
    };
    let algorithm: AlgorithmIdentifier<AnyRef<'_>> = AlgorithmIdentifier { oid, parameters: None };
    let octets = OctetStringRef::new(secret).map_err(|e| failed(&e))?;
    let mut adapter = RandomAdapter::new(&SystemRandom);
    let sealed = PrivateKeyInfoRef::new(algorithm, octets)
        .encrypt_with_rng(&mut adapter, passphrase.as_bytes())
        .map_err(|e| failed(&e))?;
    adapter.finish().map_err(|e| failed(&e))?;
    Ok(sealed.as_bytes().to_vec())
}

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
/// Octets of PANSecret in `set-1997`.
const SHORT: usize = 20;
/// id-hmacWithSHA1 (RFC 8018 appendix B.1.1).
const HMAC_WITH_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
/// id-hmacWithSHA256 (RFC 8018 appendix B.1.2).
const HMAC_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
/// data (RFC 2315 §14): octets whose meaning is ours.
const PKCS7_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
