//! Private keys in files: `KEYID.p8`, PEM EncryptedPrivateKeyInfo (RFC 5958 §3), one key a file.

use std::fs;
use std::path::{Path, PathBuf};

use ca_core::signer::{KeyError, KeyId, PrivateKey, SecureRandom};
use der::pem::{self, LineEnding};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::pem::PemLabel as _;

use crate::data::{DataError, Passphrase, files};
use crate::parallel::on_all_cores;

/// All private keys of a folder; scrypt makes opening one slow, so they are opened in parallel.
///
/// # Errors
/// [`DataError::WrongPassphrase`], [`DataError::KeyFile`] for a file that is no key,
/// [`DataError::KeyName`] for one that holds another key than its name says.
pub fn load(folder: &Path, passphrase: &Passphrase) -> Result<Vec<PrivateKey>, DataError> {
    on_all_cores(&key_files(folder)?, |path| open(path, passphrase), |_| ())
}

/// One key of a folder, if its file is there.
///
/// # Errors
/// As [`load`].
pub fn find(
    folder: &Path,
    id: &KeyId,
    passphrase: &Passphrase,
) -> Result<Option<PrivateKey>, DataError> {
    let path = path_of(folder, id);
    if path.exists() { open(&path, passphrase).map(Some) } else { Ok(None) }
}

/// Writes a key into `folder`, encrypted, readable by its owner only.
///
/// # Errors
/// [`DataError::Io`] if the file is there already or cannot be written.
pub fn save(
    folder: &Path,
    key: &PrivateKey,
    passphrase: &Passphrase,
    random: &dyn SecureRandom,
) -> Result<(), DataError> {
    let path = path_of(folder, &key.id());
    let sealed = key
        .to_encrypted_pkcs8(passphrase.as_bytes(), random)
        .map_err(|source| DataError::KeyFile { path: path.clone(), source })?;
    save_sealed(&path, &sealed)
}

/// Writes a DER EncryptedPrivateKeyInfo as PEM.
pub(crate) fn save_sealed(path: &Path, sealed: &[u8]) -> Result<(), DataError> {
    let text = pem::encode_string(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF, sealed)
        .map_err(|_| malformed(path))?;
    files::write_private(path, text.as_bytes())
}

/// Reads a PEM EncryptedPrivateKeyInfo, still encrypted.
pub(crate) fn read_sealed(path: &Path) -> Result<Vec<u8>, DataError> {
    let text = fs::read(path).map_err(DataError::io("read", path))?;
    let (label, sealed) = pem::decode_vec(&text).map_err(|_| malformed(path))?;
    if label != EncryptedPrivateKeyInfoRef::PEM_LABEL {
        return Err(malformed(path));
    }
    Ok(sealed)
}

fn open(path: &Path, passphrase: &Passphrase) -> Result<PrivateKey, DataError> {
    let sealed = read_sealed(path)?;
    let key = PrivateKey::from_encrypted_pkcs8(&sealed, passphrase.as_bytes());
    let key = key.map_err(|source| match source {
        KeyError::Passphrase => DataError::WrongPassphrase(path.to_owned()),
        source => DataError::KeyFile { path: path.to_owned(), source },
    })?;
    if path.file_stem().and_then(|stem| stem.to_str()).and_then(KeyId::parse_hex) != Some(key.id())
    {
        return Err(DataError::KeyName { path: path.to_owned(), holds: key.id() });
    }
    Ok(key)
}

/// The `.p8` files of a folder, in the order of their names.
fn key_files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let listing = fs::read_dir(folder).map_err(DataError::io("read", folder))?;
    let mut paths = Vec::new();
    for entry in listing {
        let path = entry.map_err(DataError::io("read", folder))?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn path_of(folder: &Path, id: &KeyId) -> PathBuf {
    folder.join(format!("{id}.{EXTENSION}"))
}

fn malformed(path: &Path) -> DataError {
    let source = KeyError::Malformed("not a PEM encrypted PKCS#8 private key");
    DataError::KeyFile { path: path.to_owned(), source }
}

const EXTENSION: &str = "p8";
