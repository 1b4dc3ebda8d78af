//! AlgorithmIdentifiers of the dialect: written in one form, read by meaning (decisions.md 1, 28).

use const_oid::ObjectIdentifier;
use der::asn1::{Any, Null, OctetString};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierOwned;

use crate::Suite;
use crate::wire::oids;

/// AlgorithmIdentifier of the suite's digest, for signatures, thumbprints and DigestedData: SHA-1
/// with NULL, SHA-256 without parameters (spec `set-crypto.md` §1.2, §8.1; decisions.md 28).
#[must_use]
pub fn digest_identifier(suite: Suite) -> AlgorithmIdentifierOwned {
    let parameters = match suite {
        Suite::Modern => None,
        Suite::Set1997 => Some(Any::from(Null)),
    };
    AlgorithmIdentifierOwned { oid: suite.digest_oid(), parameters }
}

/// True if `algorithm` is the suite's digest, with NULL or without parameters.
#[must_use]
pub fn is_digest_of(suite: Suite, algorithm: &AlgorithmIdentifierOwned) -> bool {
    is_bare(suite.digest_oid(), algorithm)
}

/// RSAES-OAEP-params (RFC 8017 A.2.1). Absent fields mean SHA-1, which is never accepted.
///
/// ```text
/// RSAES-OAEP-params ::= SEQUENCE {
///     hashAlgorithm     [0] HashAlgorithm     DEFAULT sha1,
///     maskGenAlgorithm  [1] MaskGenAlgorithm  DEFAULT mgf1SHA1,
///     pSourceAlgorithm  [2] PSourceAlgorithm  DEFAULT pSpecifiedEmpty }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RsaesOaepParameters {
    /// Hash of the label.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub hash: Option<AlgorithmIdentifierOwned>,
    /// Mask generation function, its hash as parameters.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub mask_gen: Option<AlgorithmIdentifierOwned>,
    /// Where the label comes from: pSpecified, the label as OCTET STRING.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub p_source: Option<AlgorithmIdentifierOwned>,
}

/// id-RSAES-OAEP with SHA-256, MGF1 with SHA-256 and `label`, written in full (decisions.md 1).
///
/// # Errors
/// Never for a label of ours; the signature follows the encoder's.
pub fn rsaes_oaep_sha256(label: &[u8]) -> der::Result<AlgorithmIdentifierOwned> {
    let sha_256 = AlgorithmIdentifierOwned { oid: oids::SHA_256, parameters: None };
    let mgf1 =
        AlgorithmIdentifierOwned { oid: oids::MGF1, parameters: Some(Any::encode_from(&sha_256)?) };
    let p_source = AlgorithmIdentifierOwned {
        oid: oids::P_SPECIFIED,
        parameters: Some(Any::encode_from(&OctetString::new(label)?)?),
    };
    let parameters =
        RsaesOaepParameters { hash: Some(sha_256), mask_gen: Some(mgf1), p_source: Some(p_source) };
    Ok(AlgorithmIdentifierOwned {
        oid: oids::RSAES_OAEP,
        parameters: Some(Any::encode_from(&parameters)?),
    })
}

/// True if `algorithm` is RSAES-OAEP with SHA-256 and MGF1-SHA-256.
///
/// The label in it is not looked at: a receiver opens with the label it expects (decisions.md 1).
#[must_use]
pub fn is_rsaes_oaep_sha256(algorithm: &AlgorithmIdentifierOwned) -> bool {
    let decode = || {
        let parameters = algorithm.parameters.as_ref()?;
        let parameters: RsaesOaepParameters = parameters.decode_as().ok()?;
        let mask_gen = parameters.mask_gen?;
        let mask_hash: AlgorithmIdentifierOwned = mask_gen.parameters?.decode_as().ok()?;
        let p_specified = parameters.p_source.is_none_or(|p| p.oid == oids::P_SPECIFIED);
        Some(
            is_bare(oids::SHA_256, &parameters.hash?)
                && mask_gen.oid == oids::MGF1
                && is_bare(oids::SHA_256, &mask_hash)
                && p_specified,
        )
    };
    algorithm.oid == oids::RSAES_OAEP && decode().unwrap_or(false)
}

/// rsaOAEPEncryptionSET with NULL (spec `set-crypto.md` §1.2, §10 no. 10).
#[must_use]
pub fn rsa_oaep_set() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: oids::RSA_OAEP_SET, parameters: Some(Any::from(Null)) }
}

/// True if `algorithm` is rsaOAEPEncryptionSET, with NULL or without parameters.
#[must_use]
pub fn is_rsa_oaep_set(algorithm: &AlgorithmIdentifierOwned) -> bool {
    is_bare(oids::RSA_OAEP_SET, algorithm)
}

/// rsaEncryption with NULL: digestEncryptionAlgorithm of `set-1997`, whose digest stands beside it
/// (spec `set-crypto.md` §1.2).
#[must_use]
pub fn rsa_encryption() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: oids::RSA_ENCRYPTION, parameters: Some(Any::from(Null)) }
}

/// True if `algorithm` is rsaEncryption, with NULL or without parameters.
#[must_use]
pub fn is_rsa_encryption(algorithm: &AlgorithmIdentifierOwned) -> bool {
    is_bare(oids::RSA_ENCRYPTION, algorithm)
}

/// A CBC cipher with 8-octet blocks: desCBC or DES-CDMF with the IV as OCTET STRING (spec
/// `set-crypto.md` §1.2).
///
/// # Errors
/// Never for an IV of 8 octets; the signature follows the encoder's.
pub fn cbc_64(cipher: ObjectIdentifier, iv: &[u8; 8]) -> der::Result<AlgorithmIdentifierOwned> {
    let iv = OctetString::new(iv.as_slice())?;
    Ok(AlgorithmIdentifierOwned { oid: cipher, parameters: Some(Any::encode_from(&iv)?) })
}

/// The IV, if `algorithm` is `cipher` with an IV of 8 octets.
#[must_use]
pub fn cbc_64_iv(
    cipher: ObjectIdentifier,
    algorithm: &AlgorithmIdentifierOwned,
) -> Option<[u8; 8]> {
    if algorithm.oid != cipher {
        return None;
    }
    let iv: OctetString = algorithm.parameters.as_ref()?.decode_as().ok()?;
    iv.as_bytes().try_into().ok()
}

/// GCMParameters (RFC 5084 §3.2): the suite writes a 12-octet nonce and a 16-octet tag.
///
/// ```text
/// GCMParameters ::= SEQUENCE { aes-nonce OCTET STRING, aes-ICVlen AES-GCM-ICVlen DEFAULT 12 }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct GcmParameters {
    /// Nonce.
    pub nonce: OctetString,
    /// Octets of the tag at the end of the ciphertext.
    #[asn1(default = "default_icv_len")]
    pub icv_len: u8,
}

/// AES-256-GCM with this nonce and a tag of 16 octets (spec `set-crypto.md` §8.1).
///
/// # Errors
/// Never for a nonce of 12 octets; the signature follows the encoder's.
pub fn aes_256_gcm(nonce: &[u8; 12]) -> der::Result<AlgorithmIdentifierOwned> {
    let parameters =
        GcmParameters { nonce: OctetString::new(nonce.as_slice())?, icv_len: GCM_TAG_LEN };
    Ok(AlgorithmIdentifierOwned {
        oid: oids::AES_256_GCM,
        parameters: Some(Any::encode_from(&parameters)?),
    })
}

/// The nonce, if `algorithm` is AES-256-GCM with a 12-octet nonce and a 16-octet tag.
#[must_use]
pub fn gcm_nonce(algorithm: &AlgorithmIdentifierOwned) -> Option<[u8; 12]> {
    if algorithm.oid != oids::AES_256_GCM {
        return None;
    }
    let octets = algorithm.parameters.as_ref()?.to_der().ok()?;
    let parameters = GcmParameters::from_der(&octets).ok()?;
    if parameters.icv_len != GCM_TAG_LEN {
        return None;
    }
    parameters.nonce.as_bytes().try_into().ok()
}

fn is_bare(oid: ObjectIdentifier, algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.oid == oid && algorithm.parameters.as_ref().is_none_or(Any::is_null)
}

fn default_icv_len() -> u8 {
    DEFAULT_ICV_LEN
}

/// Octets of an AES-GCM tag in the suite `modern`.
const GCM_TAG_LEN: u8 = 16;
/// aes-ICVlen DEFAULT 12 (RFC 5084 §3.2).
const DEFAULT_ICV_LEN: u8 = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unhex;

    /// RFC 8017 A.2.1 written out by hand for the label "ab" (decisions.md 1).
    const OAEP_AB: &str = concat!(
        "304b06092a864886f70d010107",
        "303ea00d300b0609608648016503040201",
        "a11a301806092a864886f70d010108300b0609608648016503040201",
        "a211300f06092a864886f70d01010904026162",
    );

    fn identifier(hex: &str) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned::from_der(&unhex(hex).unwrap()).unwrap()
    }

    #[test]
    fn sha_1_has_null_parameters_and_sha_256_has_none() {
        // set-crypto.md §1.3: the two AlgorithmIdentifiers as bytes.
        assert_eq!(
            digest_identifier(Suite::Set1997).to_der().unwrap(),
            [0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00]
        );
        assert_eq!(
            digest_identifier(Suite::Modern).to_der().unwrap(),
            [0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
        );
    }

    #[test]
    fn oaep_parameters_are_written_in_full_and_without_null() {
        let written = rsaes_oaep_sha256(b"ab").unwrap().to_der().unwrap();
        assert_eq!(crate::hex(&written), OAEP_AB);
    }

    #[test]
    fn oaep_is_read_by_meaning() {
        // hashAlgorithm and the hash of MGF1 with NULL, no pSource.
        let with_null = concat!(
            "303c06092a864886f70d010107302f",
            "a00f300d06096086480165030402010500",
            "a11c301a06092a864886f70d010108300d06096086480165030402010500",
        );
        assert!(is_rsaes_oaep_sha256(&identifier(OAEP_AB)));
        assert!(is_rsaes_oaep_sha256(&identifier(with_null)));
    }

    #[test]
    fn oaep_with_sha_1_anywhere_is_not_ours() {
        let sha_1_mask = concat!(
            "303406092a864886f70d0101073027",
            "a00d300b0609608648016503040201",
            "a116301406092a864886f70d010108300706052b0e03021a",
        );
        assert!(!is_rsaes_oaep_sha256(&identifier(sha_1_mask)));
        // No parameters at all, and empty ones: the defaults are SHA-1.
        assert!(!is_rsaes_oaep_sha256(&identifier("300b06092a864886f70d010107")));
        assert!(!is_rsaes_oaep_sha256(&identifier("300d06092a864886f70d0101073000")));
    }

    #[test]
    fn gcm_demands_a_nonce_of_12_and_a_tag_of_16() {
        let good = "301e060960864801650304012e3011040c909192939495969798999a9b020110";
        let written = aes_256_gcm(b"\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b").unwrap();
        assert_eq!(crate::hex(&written.to_der().unwrap()), good);
        assert!(gcm_nonce(&identifier(good)).is_some());
        for bad in [
            "301e060960864801650304012e3011040c909192939495969798999a9b02010f",
            "301b060960864801650304012e300e040c909192939495969798999a9b",
            "301d060960864801650304012e3010040b909192939495969798999a020110",
            "301e06096086480165030401063011040c909192939495969798999a9b020110",
            "300b060960864801650304012e",
        ] {
            assert_eq!(gcm_nonce(&identifier(bad)), None, "{bad}");
        }
    }

    /// Octets of spec `set-crypto.md` §1.2, written out by hand.
    #[test]
    fn identifiers_of_1997_have_null_or_an_iv() {
        let hex = |id: AlgorithmIdentifierOwned| crate::hex(&id.to_der().unwrap());
        assert_eq!(hex(rsa_oaep_set()), "300d06092a864886f70d0101060500");
        assert_eq!(hex(rsa_encryption()), "300d06092a864886f70d0101010500");
        let iv = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
        let des = "301106052b0e03020704081122334455667788";
        assert_eq!(hex(cbc_64(oids::DES_CBC, &iv).unwrap()), des);
        let cdmf = "301406082a864886f70d030a04081122334455667788";
        assert_eq!(hex(cbc_64(oids::CDMF, &iv).unwrap()), cdmf);
        assert_eq!(cbc_64_iv(oids::DES_CBC, &identifier(des)), Some(iv));
        assert_eq!(cbc_64_iv(oids::DES_CBC, &identifier(cdmf)), None);
    }

    #[test]
    fn rsa_identifiers_of_1997_are_read_by_meaning() {
        assert!(is_rsa_oaep_set(&identifier("300b06092a864886f70d010106")));
        assert!(!is_rsa_oaep_set(&identifier("300d06092a864886f70d0101063000")));
        assert!(!is_rsa_oaep_set(&identifier("300d06092a864886f70d0101070500")));
        assert!(is_rsa_encryption(&identifier("300b06092a864886f70d010101")));
        assert!(!is_rsa_encryption(&identifier("300d06092a864886f70d0101050500")));
    }

    #[test]
    fn an_iv_has_eight_octets_and_stands_alone() {
        for bad in [
            "301006052b0e030207040711223344556677",
            "301206052b0e0302070409112233445566778899",
            "300906052b0e0302070500",
            "300706052b0e030207",
        ] {
            assert_eq!(cbc_64_iv(oids::DES_CBC, &identifier(bad)), None, "{bad}");
        }
    }
}
