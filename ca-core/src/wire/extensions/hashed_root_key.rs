//! hashedRootKey.

use const_oid::ObjectIdentifier;
use der::Sequence;

use super::{ExtensionValue, OUT_OF_BOUNDS, strict};
use crate::Suite;
use crate::wire::pkcs7::DigestedData;
use crate::wire::{DecodeError, oids};

/// hashedRootKey: the digest of the next root key (spec `set-certificates.md` §3.7, §10.2).
///
/// ```text
/// HashedRootKeySyntax ::= SEQUENCE { rootKeyThumbprint DD { SubjectPublicKeyInfo } }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HashedRootKey {
    /// Whose digest algorithm it is.
    pub suite: Suite,
    /// 20 octets (SHA-1) or 32 (SHA-256).
    pub digest: Vec<u8>,
}

impl HashedRootKey {
    /// The value that announces the key in `spki_der`, digested with its tag and length.
    #[must_use]
    pub fn of_spki(suite: Suite, spki_der: &[u8]) -> Self {
        Self { suite, digest: suite.digest(spki_der) }
    }

    /// True if the key in `spki_der` is the one announced.
    #[must_use]
    pub fn announces(&self, spki_der: &[u8]) -> bool {
        self.suite.digest(spki_der) == self.digest
    }
}

impl ExtensionValue for HashedRootKey {
    const OID: ObjectIdentifier = oids::HASHED_ROOT_KEY;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        let digest = self.digest.clone();
        let root_key_thumbprint =
            DigestedData::with_digest(self.suite, oids::ROOT_KEY_THUMB, digest)?;
        der::Encode::to_der(&Syntax { root_key_thumbprint })
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let thumbprint = strict::<Syntax>(octets)?.root_key_thumbprint;
        [Suite::Modern, Suite::Set1997]
            .into_iter()
            .find_map(|suite| {
                let digest = thumbprint.digest_of(suite, oids::ROOT_KEY_THUMB)?;
                Some(Self { suite, digest: digest.to_vec() })
            })
            .filter(|key| key.digest.len() == key.suite.digest_len())
            .ok_or(OUT_OF_BOUNDS)
    }
}

#[derive(Sequence)]
struct Syntax {
    root_key_thumbprint: DigestedData,
}
