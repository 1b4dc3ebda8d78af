//! The SET dialect of PKCS#7 (spec `set-crypto.md` §1.2, §1.3).
//!
//! PKCS#7 v1.6 with every SET OF turned into SEQUENCE OF, so that DER keeps the order of the
//! sender. Only this form is written. Tags and versions, with the marks of the spec:
//!
//! | Field | Form | Mark |
//! |---|---|---|
//! | SignedData.version | 2 | `[S:P716]`, `[S:KIN]` |
//! | SignedData.contentInfo.content | `[0]` EXPLICIT, the typed value | typed content `[R]` |
//! | SignedData.certificates | `[2]` IMPLICIT SEQUENCE OF | `[S:P716]` |
//! | SignedData.crls | `[3]` IMPLICIT SEQUENCE OF | `[S:P716]` |
//! | SignerInfo.version | 2 written, 1 or 2 read | 2 in SET `[R]` |
//! | SignerInfo.authenticatedAttributes | `[2]` EXPLICIT SEQUENCE OF, two | `[S:P716]`, `[S:SEM]` |
//! | Attribute.values | SET OF, one value | `[R]` |
//! | EnvelopedData.version | 1 | `[S:KIN]` |
//! | RecipientInfo | version 0, exactly one | `[S:KIN]`, `[S:SEM]` |
//! | EncryptedContentInfo.encryptedContent | `[0]` IMPLICIT OCTET STRING | `[S:P716]` |
//! | EncryptedData.version, DigestedData.version | 0 | `[S:P716]`, `[S:KIN]` |
//!
//! Read with [`decode`](super::decode) and [`MAX_PKCS7`]. What a signature covers is kept as
//! [`Element`]s, octet for octet; no secret key and no policy is known here.

mod algorithm;
mod digested;
mod element;
mod enveloped;
mod signed;

pub use algorithm::{
    GcmParameters, RsaesOaepParameters, aes_256_gcm, cbc_64, cbc_64_iv, digest_identifier,
    gcm_nonce, is_digest_of, is_rsa_encryption, is_rsa_oaep_set, is_rsaes_oaep_sha256,
    rsa_encryption, rsa_oaep_set, rsaes_oaep_sha256,
};
pub use digested::DigestedData;
pub use element::{Bounded, Element, Version, pair, sequence};
pub use enveloped::{EncryptedContentInfo, EncryptedData, EnvelopedData, RecipientInfo};
pub use signed::{
    Attributes, CertificateList, ContentInfo, CrlList, IssuerAndSerial, SignedData, SignerInfo,
};

/// Largest PKCS#7 structure read, in octets: the HTTP body limit of spec `set-crypto.md` §6.2.
pub const MAX_PKCS7: usize = 256 * 1024;
/// Most certificates in one SignedData `[D]`.
pub const MAX_CERTIFICATES: usize = 64;
/// Most CRLs in one SignedData: those of a brand with a dozen geo-political CAs `[D]`.
pub const MAX_CRLS: usize = 64;
/// Most signers of one SignedData: a renewal has two (spec `set-messages.md` §3.3).
pub const MAX_SIGNERS: usize = 2;
