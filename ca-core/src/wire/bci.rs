//! BrandCRLIdentifier: which CRLs of a brand are current (spec `set-certificates.md` §6.3).

use core::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::{BitString, GeneralizedTime};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::name::Name;

use super::bounds::MAX_BCI;
use super::crl::{find_extension, unknown_critical};
use super::extensions::AuthorityKeyIdentifier;
use super::signed::SignedOctets;
use super::{BrandId, DecodeError, decode};
use crate::{Suite, UnixTime};

/// What a BCI says, without its signature.
///
/// ```text
/// UnsignedBrandCRLIdentifier ::= SEQUENCE {
///     version           INTEGER (0),
///     sequenceNum       INTEGER (0..MAX),
///     brandID           SETString { 40 },
///     notBefore         GeneralizedTime,
///     notAfter          GeneralizedTime,
///     crlIdentifierSeq  [0] IMPLICIT SEQUENCE OF CRLIdentifier OPTIONAL,
///     bCRLExtensions    [1] IMPLICIT Extensions OPTIONAL }
/// CRLIdentifier ::= SEQUENCE { issuerName Name, crlNumber INTEGER (0..MAX) }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnsignedBci {
    /// sequenceNum: strictly increasing per brand.
    pub sequence_num: u64,
    /// brandID: 1 to 40 characters.
    pub brand_id: BrandId,
    /// First second in which it may be used.
    pub not_before: UnixTime,
    /// Last second in which it may be used.
    pub not_after: UnixTime,
    /// The current CRLs; empty is written as absent.
    pub crls: Vec<CrlIdentifier>,
    /// bCRLExtensions; empty is written as absent.
    pub extensions: Vec<Extension>,
}

/// CRLIdentifier: a CRL issuer and the number of its current CRL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CrlIdentifier {
    /// DER of the issuer's name.
    pub issuer_der: Vec<u8>,
    /// cRLNumber.
    pub number: u64,
}

impl UnsignedBci {
    /// DER.
    ///
    /// # Errors
    /// The encoder's, for a name that is none.
    pub fn to_der(&self) -> der::Result<Vec<u8>> {
        let crls: der::Result<Vec<_>> = self.crls.iter().map(CrlIdentifier::syntax).collect();
        let present = |empty: bool| (!empty).then_some(());
        Syntax {
            version: VERSION,
            sequence_num: self.sequence_num,
            brand_id: self.brand_id.clone(),
            not_before: self.not_before.to_generalized()?,
            not_after: self.not_after.to_generalized()?,
            crls: present(self.crls.is_empty()).map(|()| crls).transpose()?,
            extensions: present(self.extensions.is_empty()).map(|()| self.extensions.clone()),
        }
        .to_der()
    }

    /// Reads DER, strictly.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not such a value.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let syntax: Syntax = decode(octets, MAX_BCI)?;
        let empty = syntax.crls.as_ref().is_some_and(Vec::is_empty)
            || syntax.extensions.as_ref().is_some_and(Vec::is_empty);
        if syntax.version != VERSION || empty {
            return Err(DecodeError::malformed_at(0));
        }
        let crls: Result<Vec<_>, DecodeError> =
            syntax.crls.unwrap_or_default().iter().map(CrlIdentifier::of).collect();
        Ok(Self {
            sequence_num: syntax.sequence_num,
            brand_id: syntax.brand_id,
            not_before: UnixTime::from(&syntax.not_before),
            not_after: UnixTime::from(&syntax.not_after),
            crls: crls?,
            extensions: syntax.extensions.unwrap_or_default(),
        })
    }

    /// The number of the CRL that `issuer_der` has issued, `None` if it has issued none.
    #[must_use]
    pub fn crl_number(&self, issuer_der: &[u8]) -> Option<u64> {
        self.crls.iter().find(|crl| crl.issuer_der == issuer_der).map(|crl| crl.number)
    }

    /// authorityKeyIdentifier, `None` if absent.
    ///
    /// # Errors
    /// [`DecodeError`] if it is there and cannot be read.
    pub fn authority_key_identifier(&self) -> Result<Option<AuthorityKeyIdentifier>, DecodeError> {
        find_extension(&self.extensions)
    }

    /// A critical extension this build does not know: such a BCI is as good as missing
    /// (decisions.md 33).
    #[must_use]
    pub fn unknown_critical(&self) -> Option<ObjectIdentifier> {
        unknown_critical(&self.extensions)
    }
}

impl CrlIdentifier {
    fn syntax(&self) -> der::Result<CrlIdentifierSyntax> {
        Ok(CrlIdentifierSyntax {
            issuer_name: Name::from_der(&self.issuer_der)?,
            crl_number: self.number,
        })
    }

    fn of(syntax: &CrlIdentifierSyntax) -> Result<Self, DecodeError> {
        let issuer = syntax.issuer_name.to_der();
        let issuer_der = issuer.map_err(|e| DecodeError::from_der_error(&e))?;
        Ok(Self { issuer_der, number: syntax.crl_number })
    }
}

/// A signed BCI with the octets it came in.
#[derive(Clone, Eq, PartialEq)]
pub struct BrandCrlIdentifier {
    octets: SignedOctets,
    unsigned: UnsignedBci,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

impl BrandCrlIdentifier {
    /// Parses one DER BCI, at most [`MAX_BCI`] octets.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not exactly one BCI.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let frame: Frame = decode(octets, MAX_BCI)?;
        let octets = SignedOctets::of(octets)?;
        let unsigned = UnsignedBci::from_der(octets.tbs()).map_err(|error| DecodeError {
            offset: error.offset.saturating_add(octets.tbs_range().start),
            ..error
        })?;
        Ok(Self { octets, unsigned, algorithm: frame.algorithm, signature: frame.signature })
    }

    /// The whole BCI as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.octets.der()
    }

    /// The unsigned BCI as received: what the signature and the thumbprint cover.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        self.octets.tbs()
    }

    /// What it says.
    #[must_use]
    pub const fn unsigned(&self) -> &UnsignedBci {
        &self.unsigned
    }

    /// Algorithm of the signature.
    #[must_use]
    pub const fn signature_algorithm(&self) -> &AlgorithmIdentifierOwned {
        &self.algorithm
    }

    /// Signature octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.signature.raw_bytes()
    }

    /// Thumbprint: the suite's digest of the unsigned BCI (spec `set-certificates.md` §5.2).
    #[must_use]
    pub fn thumbprint(&self, suite: Suite) -> Vec<u8> {
        self.octets.thumbprint(suite)
    }
}

impl fmt::Debug for BrandCrlIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrandCrlIdentifier")
            .field("brand_id", &self.unsigned.brand_id.to_string())
            .field("sequence_num", &self.unsigned.sequence_num)
            .field("crls", &self.unsigned.crls.len())
            .finish_non_exhaustive()
    }
}

#[derive(Sequence)]
struct Frame {
    unsigned: Syntax,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

// §9 row 15: both tags are recalled, and IMPLICIT because the module is; this table is the one
// place to correct.
#[derive(Sequence)]
struct Syntax {
    version: u8,
    sequence_num: u64,
    brand_id: BrandId,
    not_before: GeneralizedTime,
    not_after: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    crls: Option<Vec<CrlIdentifierSyntax>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct CrlIdentifierSyntax {
    issuer_name: Name,
    crl_number: u64,
}

/// version [R].
const VERSION: u8 = 0;
