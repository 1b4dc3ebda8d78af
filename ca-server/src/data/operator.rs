//! The operator's token: whoever has it decides on registrations.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ca_core::signer::SecureRandom;
use ca_core::{hex, unhex};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::DataError;

/// A token; `Debug` does not show it.
pub struct OperatorToken(Zeroizing<String>);

impl OperatorToken {
    /// 43 characters of base64url: 256 random bits.
    ///
    /// # Errors
    /// [`DataError::Random`] if the source fails.
    pub fn generate(random: &dyn SecureRandom) -> Result<Self, DataError> {
        let mut octets = Zeroizing::new([0; 32]);
        random.fill(&mut octets[..]).map_err(|_| DataError::Random)?;
        Ok(Self(Zeroizing::new(Base64UrlUnpadded::encode_string(&octets[..]))))
    }

    /// The first line of a file.
    ///
    /// # Errors
    /// [`DataError::Io`] if the file cannot be read or is no text.
    pub fn from_file(path: &Path) -> Result<Self, DataError> {
        let mut text = Zeroizing::new(String::with_capacity(MAX_FILE));
        let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX);
        File::open(path)
            .and_then(|file| file.take(limit).read_to_string(&mut text))
            .map_err(DataError::io("read", path))?;
        let line = text.lines().next().unwrap_or_default().trim();
        Ok(Self(Zeroizing::new(line.to_owned())))
    }

    /// The token itself, for an `Authorization` header.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> OperatorHash {
        OperatorHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(redacted)")
    }
}

/// SHA-256 of a token: recognises it. No salt, because nobody guesses 256 random bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OperatorHash([u8; 32]);

impl OperatorHash {
    /// Reads 64 hex digits.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        unhex(text)?.try_into().ok().map(Self)
    }

    /// True if `token` is the one, in a time that does not tell how much of it fits.
    #[must_use]
    pub fn admits(&self, token: &str) -> bool {
        let found: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.0.ct_eq(&found).into()
    }
}

impl fmt::Display for OperatorHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A token and whatever an editor put behind it.
const MAX_FILE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf secret-token | sha256sum`.
    const HASH: &str = "930bbdc51b6aed5c2a5678fd6e28dee7a05e8a4b643cfc0b4427c3efb86c0d94";

    #[test]
    fn a_token_is_recognised_by_its_sha_256_and_no_other_is() {
        let hash = OperatorHash::parse_hex(HASH).unwrap();
        assert!(hash.admits("secret-token"));
        for other in ["", "secret-toke", "secret-token ", "Secret-token"] {
            assert!(!hash.admits(other), "{other}");
        }
        assert_eq!(hash.to_string(), HASH);
    }

    #[test]
    fn a_token_has_256_random_bits_and_is_not_shown() {
        let one = OperatorToken::generate(&crate::SystemRandom).unwrap();
        let other = OperatorToken::generate(&crate::SystemRandom).unwrap();
        assert_eq!(Base64UrlUnpadded::decode_vec(one.expose()).unwrap().len(), 32);
        assert_ne!(one.hash(), other.hash());
        assert!(!format!("{one:?}").contains(one.expose()));
    }
}
