//! DSA public keys, for verification alone (FIPS 186-4 §4.7): what PKI had before 2013.

use der::asn1::{Any, Uint, UintRef};
use der::{Decode, Sequence};
use dsa::{Components, Signature, VerifyingKey};
use rsa::BoxedUint;
use sha2::Digest as _;
use signature::hazmat::PrehashVerifier;

use super::{HashAlgorithm, VerifyError};

/// Dss-Parms (RFC 3279 §2.3.2).
///
/// ```text
/// Dss-Parms ::= SEQUENCE { p INTEGER, q INTEGER, g INTEGER }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(super) struct Parameters {
    p: Uint,
    q: Uint,
    g: Uint,
}

/// A DSA public key; its parameters may be those of the CA above (RFC 5280 §6.1.4 (d)-(f)).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct DsaKey {
    pub(super) parameters: Option<Parameters>,
    pub(super) y: Uint,
}

impl DsaKey {
    /// From the parameters and the content of subjectPublicKey.
    pub(super) fn read(parameters: Option<&Any>, key: &[u8]) -> Option<Self> {
        let y = Uint::from_der(key).ok()?;
        let parameters = match parameters {
            Some(parameters) if !parameters.is_null() => Some(parameters.decode_as().ok()?),
            _ => None,
        };
        Some(Self { parameters, y })
    }

    /// Verifies a DSA-Sig-Value (RFC 3279 §2.2.2).
    pub(super) fn verify(
        &self,
        hash: HashAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let key = self.verifying_key().ok_or(VerifyError::Key)?;
        let signature = read_signature(signature).ok_or(VerifyError::Signature)?;
        let digest = match hash {
            HashAlgorithm::Sha1 => sha1::Sha1::digest(message).to_vec(),
            HashAlgorithm::Sha256 => sha2::Sha256::digest(message).to_vec(),
            HashAlgorithm::Sha384 | HashAlgorithm::Sha512 => return Err(VerifyError::Unsupported),
        };
        key.verify_prehash(&digest, &signature).map_err(|_| VerifyError::Signature)
    }

    /// Only the sizes of FIPS 186-4 §4.2: 1024/160, 2048/224, 2048/256, 3072/256.
    fn verifying_key(&self) -> Option<VerifyingKey> {
        let Parameters { p, q, g } = self.parameters.as_ref()?;
        let (l, n) = SIZES
            .into_iter()
            .find(|(l, n)| octets(*l) == p.as_bytes().len() && octets(*n) == q.as_bytes().len())?;
        let number = |value: &Uint, bits| BoxedUint::from_be_slice(value.as_bytes(), bits).ok();
        let (p, q, g, y) = (number(p, l)?, number(q, n)?, number(g, l)?, number(&self.y, l)?);
        // The library takes y for a residue.
        if y >= p {
            return None;
        }
        let components = Components::from_components(p, q, g).ok()?;
        VerifyingKey::from_components(components, y).ok()
    }
}

fn read_signature(der: &[u8]) -> Option<Signature> {
    let SigValue { r, s } = SigValue::from_der(der).ok()?;
    let number = |value: UintRef<'_>| BoxedUint::from_be_slice(value.as_bytes(), MAX_Q).ok();
    Signature::from_components(number(r)?, number(s)?)
}

#[derive(Sequence)]
struct SigValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

const fn octets(bits: u32) -> usize {
    (bits / 8) as usize
}

/// Bits of p and q.
const SIZES: [(u32, u32); 4] = [(1024, 160), (2048, 224), (2048, 256), (3072, 256)];
const MAX_Q: u32 = 256;
