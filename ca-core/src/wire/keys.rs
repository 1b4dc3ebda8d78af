//! Keys inside a CertReq: the ones to certify, and the one to answer with (spec §1.3, §2.8).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | BackKeyData | backAlgID, backKey | universal | R-H |
//! | PublicKeySorE | publicKeyS | `[0]` EXPLICIT | R-H |
//! | PublicKeySorE | publicKeyE | `[1]` EXPLICIT | R-H |

use der::asn1::{ContextSpecific, ContextSpecificRef};
use der::{
    DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Sequence, Tag, TagMode,
    TagNumber, Writer,
};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::octets::BackKey;

/// The key under which the CA encrypts its answer.
///
/// ```text
/// BackKeyData ::= SEQUENCE { backAlgID AlgorithmIdentifier, backKey BackKey }
/// ```
///
/// An IV in the parameters is not the IV of the answer and is ignored (`set-crypto.md` §3).
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct BackKeyData {
    /// Content encryption algorithm.
    pub back_alg_id: AlgorithmIdentifierOwned,
    /// Its key.
    pub back_key: BackKey,
}

/// The public keys to certify, at least one.
///
/// ```text
/// PublicKeySorE ::= SEQUENCE {
///     publicKeyS  [0] EXPLICIT SubjectPublicKeyInfo OPTIONAL,
///     publicKeyE  [1] EXPLICIT SubjectPublicKeyInfo OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKeySorE {
    signature: Option<SubjectPublicKeyInfoOwned>,
    encryption: Option<SubjectPublicKeyInfoOwned>,
}

impl PublicKeySorE {
    /// One or both keys; `None` if there is neither.
    #[must_use]
    pub fn new(
        signature: Option<SubjectPublicKeyInfoOwned>,
        encryption: Option<SubjectPublicKeyInfoOwned>,
    ) -> Option<Self> {
        if signature.is_none() && encryption.is_none() {
            return None;
        }
        Some(Self { signature, encryption })
    }

    /// publicKeyS: the key of the signature certificate.
    #[must_use]
    pub fn signature(&self) -> Option<&SubjectPublicKeyInfoOwned> {
        self.signature.as_ref()
    }

    /// publicKeyE: the key of the encryption certificate.
    #[must_use]
    pub fn encryption(&self) -> Option<&SubjectPublicKeyInfoOwned> {
        self.encryption.as_ref()
    }

    fn fields(&self) -> [Option<ContextSpecificRef<'_, SubjectPublicKeyInfoOwned>>; 2] {
        let field = |tag_number, key: Option<_>| {
            key.map(|value| ContextSpecificRef { tag_number, tag_mode: TagMode::Explicit, value })
        };
        [
            field(PUBLIC_KEY_S, self.signature.as_ref()),
            field(PUBLIC_KEY_E, self.encryption.as_ref()),
        ]
    }
}

impl<'a> DecodeValue<'a> for PublicKeySorE {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _header: Header) -> der::Result<Self> {
        let signature = ContextSpecific::decode_explicit(reader, PUBLIC_KEY_S)?;
        let encryption = ContextSpecific::decode_explicit(reader, PUBLIC_KEY_E)?;
        Self::new(signature.map(|field| field.value), encryption.map(|field| field.value))
            .ok_or_else(|| reader.error(Self::TAG.value_error()))
    }
}

impl EncodeValue for PublicKeySorE {
    fn value_len(&self) -> der::Result<Length> {
        self.fields().iter().try_fold(Length::ZERO, |sum, field| sum + field.encoded_len()?)
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.fields().iter().try_for_each(|field| field.encode(writer))
    }
}

impl FixedTag for PublicKeySorE {
    const TAG: Tag = Tag::Sequence;
}

/// [R-H].
const PUBLIC_KEY_S: TagNumber = TagNumber(0);
/// [R-H].
const PUBLIC_KEY_E: TagNumber = TagNumber(1);
