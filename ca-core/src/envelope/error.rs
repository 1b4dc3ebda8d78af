//! What can go wrong when an envelope is made or opened.

use const_oid::ObjectIdentifier;

use crate::Suite;
use crate::signer::{KeyError, RandomError, SignatureAlgorithm};
use crate::wire::DecodeError;

/// An envelope or a signature that was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Our decryption key is not available: our fault, and independent of the ciphertext.
    #[error("decryption key cannot be used")]
    Key(#[source] KeyError),
    /// The structure in clear is not what it should be.
    #[error("malformed PKCS#7 structure")]
    Malformed(#[from] DecodeError),
    /// The random source failed.
    #[error("random source failed")]
    Random(#[from] RandomError),
    /// A signature does not bind this content to this key.
    #[error("signature is not accepted")]
    Signature(#[from] SignatureFault),
    /// Anything from recipient to plaintext is wrong; which is never told (spec `set-crypto.md`
    /// §5.4, decisions.md 16).
    #[error("envelope does not open")]
    Undecryptable,
    /// The content type in clear is not the one of the message (wrapperMsgMismatch, decisions.md
    /// 15).
    #[error("content type is {found}, this message has {expected}")]
    WrongContentType {
        /// What the message slot demands.
        expected: ObjectIdentifier,
        /// What was there.
        found: ObjectIdentifier,
    },
}

/// Why a signature was not accepted: each is sigValidationFail in a CertReq (decisions.md 20),
/// signatureFailure elsewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// Digest or signature algorithm is unknown, or none of the suite's.
    #[error("digest or signature algorithm is not one of the suite")]
    Algorithm,
    /// contentType or messageDigest attribute does not fit the content.
    #[error("signed attributes do not fit the content")]
    Attributes,
    /// Attached where it must be detached, or the reverse.
    #[error("content is attached where it must be detached, or the reverse")]
    Form,
    /// The public key is of the wrong kind for the signature algorithm.
    #[error("public key does not fit the signature algorithm")]
    Key,
    /// There is no such signer.
    #[error("there is no such signer")]
    Signer,
    /// The signature does not verify.
    #[error("signature does not verify")]
    Value,
}

/// A message that could not be signed or sealed: our fault, or our recipient's certificate's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The suite does not sign with this algorithm.
    #[error("suite {0} does not sign with {name}", name = .1.name())]
    Algorithm(Suite, SignatureAlgorithm),
    /// The back key is for a cipher that the suite does not have, or of the wrong length for it.
    #[error("back key is not one of the suite")]
    BackKey,
    /// The block contents are not those of the message slot.
    #[error("block contents {0:#04x} do not belong to this message")]
    Block(u8),
    /// Something could not be encoded, or is not one whole DER element.
    #[error("not one DER element, or too long to encode")]
    Encoding,
    /// The signing key failed.
    #[error("signing failed")]
    Key(#[from] KeyError),
    /// The random source failed.
    #[error("random source failed")]
    Random(#[from] RandomError),
    /// The recipient's public key is not an RSA key that can hold the key block.
    #[error("recipient's key cannot encrypt this message")]
    Recipient,
}

impl From<der::Error> for SealError {
    fn from(_: der::Error) -> Self {
        Self::Encoding
    }
}
