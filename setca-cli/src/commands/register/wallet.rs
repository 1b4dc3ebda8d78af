//! The wallet's folder: everything or nothing.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ca_core::UnixTime;
use ca_core::ee::{Certified, FormOffer};
use ca_core::hex;
use ca_core::signer::{PrivateKey, RandomAdapter, SecureRandom as _};
use ca_core::wire::Cert;
use ca_server::SystemRandom;
use ca_server::data::Passphrase;
use der::asn1::{AnyRef, OctetStringRef};
use der::oid::ObjectIdentifier;
use der::pem::{self, LineEnding};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::spki::AlgorithmIdentifier;

use crate::failure::Failure;

/// A folder in the making, beside the one it becomes; gone if it is dropped before that.
#[derive(Debug)]
pub(super) struct Draft {
    out: PathBuf,
    path: PathBuf,
}

impl Draft {
    /// Begins a folder that becomes `out`.
    ///
    /// # Errors
    /// `out` is there and not empty, or nothing can be made beside it.
    pub(super) fn begin(out: &Path) -> Result<Self, Failure> {
        check_free(out)?;
        let path = beside(out)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| Failure::file("create", parent, &e))?;
        }
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|e| Failure::file("create", &path, &e))?;
        Ok(Self { out: out.to_owned(), path })
    }

    /// Writes the private key, encrypted.
    pub(super) fn save_key(
        &self,
        key: &PrivateKey,
        passphrase: &Passphrase,
    ) -> Result<(), Failure> {
        let sealed = key
            .to_encrypted_pkcs8(passphrase.as_bytes(), &SystemRandom)
            .map_err(|e| Failure::outside(format!("the key cannot be encrypted: {e}")))?;
        self.write(KEY, &pem(ENCRYPTED, &sealed)?, PRIVATE)
    }

    /// Writes what was agreed to, and when: consent has no field on the wire (decisions.md 32).
    pub(super) fn save_policy(&self, offer: &FormOffer, at: UnixTime) -> Result<(), Failure> {
        let text = format!("Agreed to at {at}:\n\n{}\n", offer.policy().trim());
        self.write(POLICY, text.as_bytes(), PUBLIC)
    }

    /// Writes the rest, makes it durable and gives the folder its name.
    pub(super) fn install(
        self,
        certified: &Certified,
        passphrase: &Passphrase,
    ) -> Result<Installed, Failure> {
        let secret = seal_secret(&certified.pan_secret, passphrase)?;
        self.write(SECRET, &pem(ENCRYPTED, &secret)?, PRIVATE)?;
        self.write(CERTIFICATE, &bundle(&[&certified.certificate])?, PUBLIC)?;
        self.write(CHAIN, &bundle(&certified.chain.iter().collect::<Vec<_>>())?, PUBLIC)?;
        self.write(ROOT, &bundle(&[&certified.root])?, PUBLIC)?;
        let sync = |path: &Path| File::open(path).and_then(|folder| folder.sync_all());
        sync(&self.path).map_err(|e| Failure::file("write", &self.path, &e))?;
        // An empty folder of that name gives way; one with content does not.
        fs::rename(&self.path, &self.out).map_err(|e| Failure::file("create", &self.out, &e))?;
        let parent = parent_of(&self.out);
        sync(parent).map_err(|e| Failure::file("write", parent, &e))?;
        Ok(Installed(self.out.clone()))
    }

    fn write(&self, name: &str, octets: &[u8], mode: u32) -> Result<(), Failure> {
        let path = self.path.join(name);
        let write = || {
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
            file.write_all(octets)?;
            file.sync_all()
        };
        write().map_err(|e| Failure::file("create", &path, &e))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After `install` there is nothing of this name any more.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A folder that has its name.
pub(super) struct Installed(PathBuf);

impl Installed {
    /// What each file is, and where.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("key", KEY),
            ("certificate", CERTIFICATE),
            ("chain", CHAIN),
            ("root", ROOT),
            ("panSecret", SECRET),
            ("policy", POLICY),
        ]
        .into_iter()
        .map(|(what, name)| (what, self.0.join(name).display().to_string()))
    }
}

fn check_free(out: &Path) -> Result<(), Failure> {
    match fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::refused(format!(
            "{} is not empty: nothing there is written over, name another folder",
            out.display()
        ))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Failure::file("use", out, &e)),
    }
}

/// A name of our own in the folder that holds `out`, so that the last step is one rename.
fn beside(out: &Path) -> Result<PathBuf, Failure> {
    let name = out.file_name().ok_or_else(|| {
        Failure::usage(format!("--out {} is no name for a new folder", out.display()))
    })?;
    let tag: [u8; 8] = SystemRandom
        .array()
        .map_err(|_| Failure::outside("the random source of this machine failed"))?;
    let name = format!(".{}.{}", name.to_string_lossy(), hex(&tag));
    Ok(parent_of(out).join(name))
}

fn parent_of(out: &Path) -> &Path {
    match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// PANSecret as EncryptedPrivateKeyInfo around PrivateKeyInfo { HMAC, octets }: it is the key of
/// the HMAC in the certificate's name.
fn seal_secret(secret: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, Failure> {
    let failed = |what: &dyn std::fmt::Display| {
        Failure::outside(format!("the card's secret cannot be encrypted: {what}"))
    };
    let algorithm: AlgorithmIdentifier<AnyRef<'_>> =
        AlgorithmIdentifier { oid: HMAC_WITH_SHA256, parameters: None };
    let octets = OctetStringRef::new(secret).map_err(|e| failed(&e))?;
    let mut adapter = RandomAdapter::new(&SystemRandom);
    let sealed = PrivateKeyInfoRef::new(algorithm, octets)
        .encrypt_with_rng(&mut adapter, passphrase.as_bytes())
        .map_err(|e| failed(&e))?;
    adapter.finish().map_err(|e| failed(&e))?;
    Ok(sealed.as_bytes().to_vec())
}

fn bundle(certificates: &[&Cert]) -> Result<Vec<u8>, Failure> {
    let blocks = certificates.iter().map(|certificate| pem("CERTIFICATE", certificate.der()));
    Ok(blocks.collect::<Result<Vec<_>, _>>()?.concat())
}

fn pem(label: &str, der: &[u8]) -> Result<Vec<u8>, Failure> {
    pem::encode_string(label, LineEnding::LF, der)
        .map(String::into_bytes)
        .map_err(|e| Failure::refused(format!("{label} cannot be written as PEM: {e}")))
}

const KEY: &str = "key.p8";
const CERTIFICATE: &str = "certificate.pem";
const CHAIN: &str = "chain.pem";
const ROOT: &str = "root.pem";
const SECRET: &str = "pan-secret.p8";
const POLICY: &str = "policy.txt";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;
/// id-hmacWithSHA256 (RFC 8018 appendix B.1.2).
const HMAC_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let draft = Draft::begin(&dir.path().join("wallet")).unwrap();
        draft.write(KEY, b"x", PRIVATE).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        drop(draft);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_with_content_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("key.p8"), "mine").unwrap();
        assert_eq!(Draft::begin(dir.path()).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn a_name_that_ends_in_dots_is_a_usage_error() {
        assert_eq!(beside(Path::new("..")).unwrap_err().exit, Exit::Usage);
    }
}
