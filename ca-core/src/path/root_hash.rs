//! What a person types to confirm a first root (spec `set-certificates.md` §4.3).

use core::fmt;
use core::str::FromStr;

use subtle::ConstantTimeEq as _;

use crate::wire::Cert;
use crate::{Suite, hex, unhex};

/// The hash of a root's key: the suite's digest of its DER SubjectPublicKeyInfo, the very value
/// that hashedRootKey of the root before holds. Not the thumbprint of the certificate: that is a
/// second, different number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RootHash {
    suite: Suite,
    digest: Vec<u8>,
}

impl RootHash {
    /// The hash of a root certificate's key.
    #[must_use]
    pub fn of(root: &Cert, suite: Suite) -> Self {
        Self { suite, digest: suite.digest(root.spki_der()) }
    }

    /// Reads 40 hexadecimal digits (`set-1997`) or 64 (`modern`); case, spaces and hyphens do not
    /// matter.
    ///
    /// # Errors
    /// [`RootHashError`] for anything else: part of a hash confirms nothing.
    pub fn parse(text: &str) -> Result<Self, RootHashError> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if !digits.bytes().all(|octet| octet.is_ascii_hexdigit()) {
            return Err(RootHashError::NotHex);
        }
        let suite = match digits.len() {
            SHA_1_DIGITS => Suite::Set1997,
            SHA_256_DIGITS => Suite::Modern,
            found => return Err(RootHashError::Length(found)),
        };
        let digest = unhex(&digits.to_ascii_lowercase()).ok_or(RootHashError::NotHex)?;
        Ok(Self { suite, digest })
    }

    /// The suite whose digest it is.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// True if it is the hash of this root's key; takes the same time whatever differs.
    #[must_use]
    pub fn matches(&self, root: &Cert) -> bool {
        self.digest.ct_eq(&self.suite.digest(root.spki_der())).into()
    }
}

/// Lower case, in groups of four.
impl fmt::Display for RootHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, pair) in self.digest.chunks(2).enumerate() {
            let space = if number == 0 { "" } else { " " };
            write!(f, "{space}{}", hex(pair))?;
        }
        Ok(())
    }
}

impl FromStr for RootHash {
    type Err = RootHashError;

    fn from_str(text: &str) -> Result<Self, RootHashError> {
        Self::parse(text)
    }
}

/// A text that is no root hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RootHashError {
    /// Too short or too long.
    #[error("{0} hexadecimal digits, must be 64 (suite modern) or 40 (set-1997)")]
    Length(usize),
    /// Something that is no hexadecimal digit.
    #[error("write it as hexadecimal digits, in groups of four or in one")]
    NotHex,
}

const SHA_1_DIGITS: usize = 40;
const SHA_256_DIGITS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Spec `set-certificates.md` §4.3: SHA-1 of the SPKI of VS96's root.
    const VS96: &str = "390f368491cdf723f41380b3dfea82c64aaba646";

    #[test]
    fn hash_is_shown_in_groups_of_four() {
        let hash = RootHash::parse(VS96).unwrap();
        assert_eq!(hash.to_string(), "390f 3684 91cd f723 f413 80b3 dfea 82c6 4aab a646");
        assert_eq!(hash.suite(), Suite::Set1997);
    }

    #[test]
    fn case_spaces_and_hyphens_do_not_matter() {
        let typed = "390F-3684 91CD-F723 F413 80B3 DFEA 82C6 4AAB A646";
        assert_eq!(RootHash::parse(typed), RootHash::parse(VS96));
    }

    #[test]
    fn part_of_a_hash_is_none() {
        let part: String = VS96.chars().take(36).collect();
        assert_eq!(RootHash::parse(&part), Err(RootHashError::Length(36)));
        assert_eq!(RootHash::parse(""), Err(RootHashError::Length(0)));
    }

    #[test]
    fn other_characters_are_refused() {
        assert_eq!(RootHash::parse(&VS96.replace("39", "3ö")), Err(RootHashError::NotHex));
        assert_eq!(RootHash::parse(&format!("0x{VS96}")), Err(RootHashError::NotHex));
    }
}
