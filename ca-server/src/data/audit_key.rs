//! The key under checkpoints of the audit log: a file in `keys`, its public half in the settings.

use std::fs::File;

use ca_core::audit::NoteKey;
use ca_core::authority;
use ca_core::signer::{KeyAlgorithm, PrivateKey};

use super::{DataError, Folder, Passphrase, Settings, files};
use crate::SystemRandom;
use crate::signer::key_file;

/// Makes the key of a folder; its file is durable before this returns.
pub(super) fn make(
    folder: &Folder,
    passphrase: &Passphrase,
) -> Result<(PrivateKey, NoteKey), DataError> {
    let key = PrivateKey::generate(KeyAlgorithm::Ed25519, &SystemRandom)
        .map_err(authority::Error::from)?;
    // Which log it is, whatever its address will be.
    let id = key.id().to_string();
    let name = format!("setca/{}", id.get(..8).unwrap_or(&id));
    let public = NoteKey::of_spki(&name, key.spki_der())
        .map_err(|error| authority::Error::Audit(error.into()))?;
    key_file::save(&folder.keys(), &key, passphrase, &SystemRandom)?;
    files::sync_folder(&folder.keys())?;
    Ok((key, public))
}

/// The key of a folder; one that was made before there was an audit log gets its key now.
pub(super) fn ensure(
    folder: &Folder,
    settings: Settings,
    passphrase: &Passphrase,
) -> Result<(Settings, NoteKey), DataError> {
    if let Some(key) = settings.audit_key.clone() {
        return Ok((settings, key));
    }
    // Of two processes that open it at once the second finds what the first has made.
    let path = folder.settings_file();
    let alone = File::open(&path).map_err(DataError::io("read", &path))?;
    alone.lock().map_err(DataError::io("lock", &path))?;
    let mut settings = Settings::read(folder)?;
    if let Some(key) = settings.audit_key.clone() {
        return Ok((settings, key));
    }
    let (_, key) = make(folder, passphrase)?;
    settings.audit_key = Some(key.clone());
    settings.replace(folder)?;
    Ok((settings, key))
}
