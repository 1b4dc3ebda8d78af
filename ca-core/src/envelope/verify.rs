//! S and SO: from octets to verified content (spec `set-crypto.md` §1.4, read in reverse).

use core::fmt;

use const_oid::ObjectIdentifier;
use der::Encode;
use zeroize::Zeroizing;

use super::sign::algorithm_of;
use super::{OpenError, SignatureFault};
use crate::Suite;
use crate::signer::{VerifyError, verify};
use crate::wire::pkcs7::{
    Attributes, Element, IssuerAndSerial, MAX_PKCS7, SignedData, SignerInfo, is_digest_of,
};
use crate::wire::{DecodeError, decode};

/// A decoded SignedData whose signatures nobody has checked yet.
#[derive(Clone, Debug)]
pub struct SignedMessage {
    data: SignedData,
}

impl SignedMessage {
    /// Decodes one SignedData of the SET form.
    ///
    /// # Errors
    /// [`DecodeError`] for anything else, and above the bounds of [`crate::wire::pkcs7`].
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_within(octets, MAX_PKCS7)
    }

    /// The same with another bound than [`MAX_PKCS7`], in octets: CRLs between CAs need more room.
    ///
    /// # Errors
    /// As [`SignedMessage::decode`].
    pub fn decode_within(octets: &[u8], limit: usize) -> Result<Self, DecodeError> {
        Ok(Self { data: decode(octets, limit)? })
    }

    /// Content type the message claims.
    #[must_use]
    pub fn content_type(&self) -> ObjectIdentifier {
        self.data.content_info.content_type
    }

    /// The attached content, before anything was checked: only to find the key that shall verify
    /// it (a CertReq carries its own, a CertInqReq names its registration).
    #[must_use]
    pub fn unverified_content(&self) -> Option<&[u8]> {
        self.data.content_info.content_octets()
    }

    /// Certificates that came along, as received and unchecked.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        let list = self.data.certificates.as_ref();
        list.into_iter().flat_map(|list| list.as_slice()).map(Element::octets)
    }

    /// CRLs that came along, as received and unchecked.
    pub fn crls(&self) -> impl Iterator<Item = &[u8]> {
        let list = self.data.crls.as_ref();
        list.into_iter().flat_map(|list| list.as_slice()).map(Element::octets)
    }

    /// Who claims to have signed: one or two, in order.
    pub fn signers(&self) -> impl Iterator<Item = &IssuerAndSerial> {
        self.data.signer_infos.as_slice().iter().map(|info| &info.signer)
    }

    /// Checks the signature of signer number `signer` (from 0) with the public key in `spki_der`.
    ///
    /// `detached` is the content of an `SO`, `None` demands an `S`. Whose key it is, and whether
    /// its certificate is valid, is for the caller to know.
    ///
    /// # Errors
    /// [`OpenError::WrongContentType`] before anything else, then [`OpenError::Signature`].
    pub fn verify(
        &self,
        suite: Suite,
        content_type: ObjectIdentifier,
        detached: Option<&[u8]>,
        signer: usize,
        spki_der: &[u8],
    ) -> Result<VerifiedContent, OpenError> {
        let found = self.content_type();
        if found != content_type {
            return Err(OpenError::WrongContentType { expected: content_type, found });
        }
        let content = match (self.unverified_content(), detached) {
            (Some(content), None) | (None, Some(content)) => content,
            _ => return Err(SignatureFault::Form.into()),
        };
        let info = self.data.signer_infos.as_slice().get(signer).ok_or(SignatureFault::Signer)?;
        self.check_digest_algorithms(suite, info)?;
        check_signature(suite, content_type, content, info, spki_der)?;
        Ok(VerifiedContent { content_type, content: Zeroizing::new(content.to_vec()) })
    }

    fn check_digest_algorithms(
        &self,
        suite: Suite,
        info: &SignerInfo,
    ) -> Result<(), SignatureFault> {
        let listed = self.data.digest_algorithms.as_slice().iter();
        let mut all = listed.chain([&info.digest_algorithm]);
        if all.all(|algorithm| is_digest_of(suite, algorithm)) {
            Ok(())
        } else {
            Err(SignatureFault::Algorithm)
        }
    }
}

/// Content that a signature was verified over. Only [`SignedMessage::verify`] makes one.
#[derive(Clone, Eq, PartialEq)]
pub struct VerifiedContent {
    content_type: ObjectIdentifier,
    content: Zeroizing<Vec<u8>>,
}

impl VerifiedContent {
    /// The whole content element as it was signed.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Its content type.
    #[must_use]
    pub fn content_type(&self) -> ObjectIdentifier {
        self.content_type
    }
}

impl fmt::Debug for VerifiedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedContent({}, {} octets)", self.content_type, self.content.len())
    }
}

fn check_signature(
    suite: Suite,
    content_type: ObjectIdentifier,
    content: &[u8],
    info: &SignerInfo,
    spki_der: &[u8],
) -> Result<(), OpenError> {
    // Exactly one pair of attributes fits, so the received one is compared as a whole.
    let expected = Attributes::binding(content_type, &suite.digest(content));
    if expected.as_ref() != Ok(&info.attributes) {
        return Err(SignatureFault::Attributes.into());
    }
    let algorithm = algorithm_of(suite, &info.signature_algorithm)?;
    // DER was enforced, so these are the received octets.
    let signed = info.attributes.to_der().map_err(|_| SignatureFault::Attributes)?;
    let verified = verify(suite, spki_der, algorithm, &signed, info.signature.as_bytes());
    verified.map_err(|error| {
        OpenError::Signature(match error {
            VerifyError::Key => SignatureFault::Key,
            VerifyError::Unsupported => SignatureFault::Algorithm,
            VerifyError::Signature => SignatureFault::Value,
        })
    })
}
