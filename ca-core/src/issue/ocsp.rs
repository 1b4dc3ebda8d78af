//! OCSP answers: made, signed, and checked by whoever asked (RFC 6960).

use der::Encode;

use super::signed::{SEQUENCE, push_header};
use crate::profile::KeyUsageBits;
use crate::signer::{KeyError, KeyId, SignatureAlgorithm, Signer, VerifyError, verify};
use crate::wire::extensions::{ExtendedKeyUsage, ExtensionValue, KeyUsage};
use crate::wire::ocsp::{
    BasicOcspResponse, Data, Outer, ResponderId, SingleResponse, nonce_extension,
};
use crate::wire::{Cert, oids};
use crate::{Suite, UnixTime};

/// One OCSP answer to be made.
#[derive(Clone, Copy, Debug)]
pub struct OcspOrder<'a> {
    /// Certificate of the responder; it travels with the answer.
    pub responder: &'a Cert,
    /// How its key signs.
    pub algorithm: SignatureAlgorithm,
    /// producedAt.
    pub produced_at: UnixTime,
    /// One answer for each certificate asked for.
    pub responses: &'a [SingleResponse],
    /// Nonce of the request.
    pub nonce: Option<&'a [u8]>,
}

/// Makes the unsigned answer, the responder named by its key.
///
/// # Errors
/// [`OcspError`]: nothing was signed.
pub fn prepare_ocsp(order: &OcspOrder<'_>) -> Result<PreparedOcsp, OcspError> {
    check_delegated(order.responder)?;
    check_life(order.responder, order.produced_at)?;
    let key = KeyId::of_spki(order.responder.spki_der()).ok_or(OcspError::Delegation)?;
    let build = || -> der::Result<Vec<u8>> {
        let nonce = order.nonce.map(nonce_extension).transpose()?;
        let responses: der::Result<Vec<_>> =
            order.responses.iter().map(SingleResponse::syntax).collect();
        Data {
            version: 0,
            responder: ResponderId::by_key(order.responder)?,
            produced_at: order.produced_at.to_generalized()?,
            responses: responses?,
            extensions: nonce.map(|nonce| vec![nonce]),
        }
        .to_der()
    };
    let tbs = build().map_err(OcspError::Encode)?;
    let responder = order.responder.der().to_vec();
    Ok(PreparedOcsp { tbs, algorithm: order.algorithm, key, responder })
}

/// An OCSP answer without a signature; only [`prepare_ocsp`] makes one.
#[derive(Debug)]
#[must_use = "a prepared answer says nothing until it is signed"]
pub struct PreparedOcsp {
    tbs: Vec<u8>,
    algorithm: SignatureAlgorithm,
    key: KeyId,
    responder: Vec<u8>,
}

impl PreparedOcsp {
    /// Signs with the responder's key; the result is the DER OCSPResponse.
    ///
    /// Unlike certificates and lists the signature is not verified here: an answer lives for
    /// minutes, nothing is recorded of it, and verifying would take twice as long as signing.
    ///
    /// # Errors
    /// [`KeyError`] if `key` is another one, or signing fails.
    pub fn sign(self, key: &KeyId, signer: &dyn Signer) -> Result<Vec<u8>, KeyError> {
        if *key != self.key {
            return Err(KeyError::Unsuitable(*key, "signing for another OCSP responder"));
        }
        let signature = signer.sign(key, self.algorithm, &self.tbs)?;
        self.frame(&signature).map_err(|_| KeyError::Operation)
    }

    fn frame(&self, signature: &[u8]) -> der::Result<Vec<u8>> {
        let mut content = self.tbs.clone();
        self.algorithm.identifier()?.encode_to_vec(&mut content)?;
        der::asn1::BitStringRef::from_bytes(signature)?.encode_to_vec(&mut content)?;
        let mut certificates = Vec::new();
        push_header(&mut certificates, SEQUENCE, self.responder.len());
        certificates.extend_from_slice(&self.responder);
        push_header(&mut content, EXPLICIT_0, certificates.len());
        content.extend_from_slice(&certificates);
        let mut basic = Vec::with_capacity(content.len().saturating_add(8));
        push_header(&mut basic, SEQUENCE, content.len());
        basic.extend_from_slice(&content);
        Outer::successful(basic)?.to_der()
    }
}

/// Checks an answer with the certificate of the CA that issued the certificate asked about.
///
/// The signer is that CA itself, or a responder it delegated: certified by that very key, with
/// OCSP signing as its purpose, alive at `at` (RFC 6960 §4.2.2.2).
///
/// # Errors
/// [`OcspError`] for the first thing that does not hold. Whether `issuer` is to be trusted, and
/// whether thisUpdate, nextUpdate and nonce suit the caller, is not looked at.
pub fn verify_ocsp(
    answer: &BasicOcspResponse,
    issuer: &Cert,
    at: UnixTime,
) -> Result<(), OcspError> {
    let signer = if answer.responder.names(issuer) {
        issuer
    } else {
        let mut sent = answer.certificates.iter();
        let responder =
            sent.find(|one| answer.responder.names(one)).ok_or(OcspError::ResponderAbsent)?;
        check_issued(responder, issuer)?;
        check_delegated(responder)?;
        check_life(responder, at)?;
        responder
    };
    let algorithm = SignatureAlgorithm::from_identifier(&answer.signature_algorithm)
        .map_err(|_| OcspError::Signature(VerifyError::Unsupported))?;
    let suite = Suite::of_signature(issuer.inner().signature_algorithm());
    verify(suite, signer.spki_der(), algorithm, &answer.tbs_der, &answer.signature)
        .map_err(OcspError::Signature)
}

/// An OCSP answer that cannot be made, or must not be believed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OcspError {
    /// The responder's certificate has another purpose.
    #[error("the responder's certificate is not one for OCSP signing")]
    Delegation,
    /// A value cannot be encoded.
    #[error("answer cannot be encoded")]
    Encode(#[source] der::Error),
    /// The responder's certificate is not from the CA it answers for.
    #[error("the responder's certificate was not issued by the CA it answers for")]
    Issuer,
    /// The responder's certificate is not alive.
    #[error("the responder's certificate is not valid at {0}")]
    Life(UnixTime),
    /// The responder named is neither the CA nor among the certificates sent.
    #[error("the responder's certificate is not in the answer")]
    ResponderAbsent,
    /// The signature of the answer does not verify.
    #[error("signature of the answer: {0}")]
    Signature(#[source] VerifyError),
}

/// RFC 6960 §4.2.2.2, spec `set-certificates.md` §10.5.
fn check_delegated(responder: &Cert) -> Result<(), OcspError> {
    let purpose = ExtendedKeyUsage::find(responder).ok().flatten();
    let usage = KeyUsage::find(responder).ok().flatten();
    let delegated = purpose.is_some_and(|purpose| purpose.contains(oids::KP_OCSP_SIGNING))
        && usage.is_some_and(|usage| usage.0.contains(KeyUsageBits::DIGITAL_SIGNATURE));
    if delegated { Ok(()) } else { Err(OcspError::Delegation) }
}

fn check_life(responder: &Cert, at: UnixTime) -> Result<(), OcspError> {
    let alive = responder.not_before() <= at && at <= responder.not_after();
    if alive { Ok(()) } else { Err(OcspError::Life(at)) }
}

fn check_issued(responder: &Cert, issuer: &Cert) -> Result<(), OcspError> {
    let algorithm = responder.tbs().signature();
    let signed = SignatureAlgorithm::from_identifier(algorithm).is_ok_and(|algorithm| {
        let signature = responder.signature();
        let suite = Suite::of_signature(issuer.inner().signature_algorithm());
        verify(suite, issuer.spki_der(), algorithm, responder.tbs_der(), signature).is_ok()
    });
    let same = algorithm == responder.inner().signature_algorithm();
    if signed && same && responder.issuer_der() == issuer.subject_der() {
        Ok(())
    } else {
        Err(OcspError::Issuer)
    }
}

const EXPLICIT_0: u8 = 0xa0;
