//! The SET dialect of PKCS#7: signed content is opened, encrypted content is shown as such.

use ca_core::wire::pkcs7::{
    EncryptedContentInfo, EncryptedData, EnvelopedData, IssuerAndSerial, MAX_PKCS7, SignedData,
    SignerInfo,
};
use ca_core::wire::{Cert, Crl, DecodeError, decode};

use super::certificate::algorithm;
use super::names::{name_der_text, oid_text};
use super::{content, crl};
use crate::tree::Tree;

/// A SignedData: what is signed, by whom, and what came with it.
pub(crate) fn signed(octets: &[u8]) -> Result<Tree, DecodeError> {
    let data: SignedData = decode(octets, MAX_PKCS7)?;
    let kind = data.content_info.content_type;
    let content = data.content_info.content_octets();
    let certificates = data.certificates.as_ref().map_or(&[][..], |list| list.as_slice());
    let crls = data.crls.as_ref().map_or(&[][..], |list| list.as_slice());
    Ok(Tree::new()
        .with("contentType", oid_text(&kind))
        .with(
            "content",
            content.map_or_else(|| Tree::from("(detached)"), |c| content::tree(&kind, c)),
        )
        .with("signers", Tree::list(data.signer_infos.as_slice().iter().map(signer)))
        .with("certificates", Tree::list(certificates.iter().map(|c| enclosed(c.octets()))))
        .with("crls", Tree::list(crls.iter().map(|c| enclosed_crl(c.octets())))))
}

/// An EnvelopedData: for whom, and how much is in it.
pub(super) fn enveloped(octets: &[u8]) -> Result<Tree, DecodeError> {
    let data: EnvelopedData = decode(octets, MAX_PKCS7)?;
    let recipients = data.recipient_infos.as_slice().iter().map(|recipient| {
        named(&recipient.recipient)
            .with("keyEncryptionAlgorithm", oid_text(&recipient.key_encryption_algorithm.oid))
            .with("encryptedKey", recipient.encrypted_key.as_bytes())
    });
    Ok(Tree::new()
        .with("recipients", Tree::list(recipients))
        .with("encrypted", ciphertext(&data.encrypted_content_info)))
}

/// An EncryptedData: how much is in it; the key went another way.
pub(super) fn encrypted(octets: &[u8]) -> Result<Tree, DecodeError> {
    let data: EncryptedData = decode(octets, MAX_PKCS7)?;
    Ok(Tree::new().with("encrypted", ciphertext(&data.encrypted_content_info)))
}

fn ciphertext(info: &EncryptedContentInfo) -> Tree {
    Tree::new()
        .with("contentType", oid_text(&info.content_type))
        .with("algorithm", oid_text(&info.algorithm.oid))
        .with("octets", info.encrypted_content.as_bytes())
}

fn signer(info: &SignerInfo) -> Tree {
    let signer = if info.signer.is_null() {
        Tree::new().with("signer", "the new key in the request (null name, serial 0)")
    } else {
        named(&info.signer)
    };
    let attributes = info.attributes.as_slice().iter().map(|attribute| oid_text(&attribute.oid));
    signer
        .with("digestAlgorithm", oid_text(&info.digest_algorithm.oid))
        .with("signedAttributes", Tree::list(attributes))
        .with("signatureAlgorithm", algorithm(&info.signature_algorithm))
        .with("signature", info.signature.as_bytes())
}

fn named(name: &IssuerAndSerial) -> Tree {
    Tree::new()
        .with("issuer", name_der_text(name.issuer.octets()))
        .with("serial", name.serial.as_bytes())
}

fn enclosed(octets: &[u8]) -> Tree {
    match Cert::from_der(octets) {
        Ok(certificate) => Tree::new()
            .with("subject", name_der_text(certificate.subject_der()))
            .with("issuer", name_der_text(certificate.issuer_der()))
            .with("serial", certificate.serial())
            .with("notAfter", certificate.not_after()),
        Err(error) => Tree::from(format!("not a certificate: {error}")),
    }
}

fn enclosed_crl(octets: &[u8]) -> Tree {
    match Crl::from_der(octets) {
        Ok(found) => crl::head("CRL", &found),
        Err(error) => Tree::from(format!("not a CRL: {error}")),
    }
}
