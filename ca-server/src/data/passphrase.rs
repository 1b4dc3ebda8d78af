//! The passphrase that encrypts the private keys, and where it comes from.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ca_core::signer::SecureRandom;
use zeroize::Zeroizing;

use super::{DataError, Folder};

/// A passphrase; `Debug` does not show it.
#[derive(Clone, Eq, PartialEq)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// A passphrase that was typed in; `None` if it is empty.
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Option<Self> {
        (!text.is_empty()).then_some(Self(text))
    }

    /// 32 characters of base64url: 192 random bits.
    ///
    /// # Errors
    /// [`DataError::Random`] if the source fails.
    pub fn generate(random: &dyn SecureRandom) -> Result<Self, DataError> {
        let mut octets = Zeroizing::new([0; 24]);
        random.fill(&mut octets[..]).map_err(|_| DataError::Random)?;
        Ok(Self(Zeroizing::new(Base64UrlUnpadded::encode_string(&octets[..]))))
    }

    /// The first line of a file, without its end.
    ///
    /// # Errors
    /// [`DataError::Io`] if the file cannot be read, [`DataError::PassphraseEmpty`].
    pub fn from_file(path: &Path) -> Result<Self, DataError> {
        let text = fs::read_to_string(path).map_err(DataError::io("read", path))?;
        let text = Zeroizing::new(text);
        let line = text.lines().next().unwrap_or_default().to_owned();
        Self::new(Zeroizing::new(line))
            .ok_or_else(|| DataError::PassphraseEmpty(path.display().to_string()))
    }

    /// The octets that go into key derivation.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(redacted)")
    }
}

/// Where to look for the passphrase of a folder. A prompt is the caller's business.
#[derive(Clone, Debug)]
pub enum PassphraseSource {
    /// This file.
    File(PathBuf),
    /// This passphrase.
    Given(Passphrase),
    /// `SETCA_PASSPHRASE`, the file named by `SETCA_PASSPHRASE_FILE`, `DIR/passphrase`: the first
    /// that is there.
    Usual,
}

impl PassphraseSource {
    /// The passphrase for `folder`; `None` if the usual places hold none.
    ///
    /// # Errors
    /// As [`Passphrase::from_file`].
    pub fn find(&self, folder: &Folder) -> Result<Option<Passphrase>, DataError> {
        self.find_with(folder, |name| env::var(name).ok())
    }

    fn find_with(
        &self,
        folder: &Folder,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Passphrase>, DataError> {
        match self {
            Self::File(path) => return Passphrase::from_file(path).map(Some),
            Self::Given(passphrase) => return Ok(Some(passphrase.clone())),
            Self::Usual => {}
        }
        if let Some(text) = environment(VARIABLE) {
            let passphrase = Passphrase::new(Zeroizing::new(text));
            return passphrase
                .map(Some)
                .ok_or_else(|| DataError::PassphraseEmpty(VARIABLE.to_owned()));
        }
        if let Some(path) = environment(FILE_VARIABLE) {
            return Passphrase::from_file(Path::new(&path)).map(Some);
        }
        let own = folder.passphrase_file();
        if own.exists() { Passphrase::from_file(&own).map(Some) } else { Ok(None) }
    }
}

/// Environment variable with the passphrase itself.
pub(super) const VARIABLE: &str = "SETCA_PASSPHRASE";
/// Environment variable with the name of a file that holds it.
pub(super) const FILE_VARIABLE: &str = "SETCA_PASSPHRASE_FILE";

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Option<Passphrase> {
        Passphrase::new(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn debug_does_not_show_the_passphrase() {
        assert_eq!(format!("{:?}", passphrase("secret")), "Some(Passphrase(redacted))");
    }

    #[test]
    fn the_environment_comes_before_the_folders_own_file() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let none = |_: &str| None;
        let usual = PassphraseSource::Usual;
        assert_eq!(usual.find_with(&folder, none).unwrap(), None);

        fs::write(folder.passphrase_file(), "of the folder\n").unwrap();
        assert_eq!(usual.find_with(&folder, none).unwrap(), passphrase("of the folder"));

        let other = dir.path().join("other");
        fs::write(&other, "of the file\r\n").unwrap();
        let file = |name: &str| (name == FILE_VARIABLE).then(|| other.display().to_string());
        assert_eq!(usual.find_with(&folder, file).unwrap(), passphrase("of the file"));

        let value = |name: &str| (name == VARIABLE).then(|| "itself".to_owned()).or(file(name));
        assert_eq!(usual.find_with(&folder, value).unwrap(), passphrase("itself"));
    }

    #[test]
    fn an_empty_passphrase_is_refused_by_name_of_its_source() {
        let folder = Folder::at(Path::new("/nonexistent"));
        let empty = |name: &str| (name == VARIABLE).then(String::new);
        let error = PassphraseSource::Usual.find_with(&folder, empty).unwrap_err();
        assert_eq!(error.to_string(), "the passphrase in SETCA_PASSPHRASE is empty");
    }
}
