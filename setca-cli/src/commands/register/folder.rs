//! The end entity's folder: each change of it is whole or does not happen.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ca_core::UnixTime;
use ca_core::ee::{Cache, Certified, Issued};
use ca_core::hex;
use ca_core::signer::PrivateKey;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};
use ca_server::data::Passphrase;

use super::draft::{Draft, PRIVATE, PUBLIC, write_over};
use super::notes::{Registration, Waiting};
use super::sealed;
use crate::failure::Failure;
use crate::input;
use crate::report::say;

/// A folder that holds, or will hold, keys and certificates of one end entity.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder to be made: there is nothing of that name, or it is empty.
    ///
    /// # Errors
    /// It has content, or is no name for a folder.
    pub(super) fn fresh(out: &Path) -> Result<Self, Failure> {
        if out.file_name().is_none() {
            let name = out.display();
            return Err(Failure::usage(format!("--out {name} is no name for a new folder")));
        }
        let folder = Self { path: out.to_owned() };
        match fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
            Ok(true) => Ok(folder),
            Ok(false) if folder.is_waiting() => Err(Failure::refused(format!(
                "{0} holds a request that waits for its answer: run setca register collect --out \
                 {0}",
                out.display()
            ))),
            Ok(false) => Err(Failure::refused(format!(
                "{} is not empty: nothing there is written over, name another folder",
                out.display()
            ))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(folder),
            Err(e) => Err(Failure::file("use", out, &e)),
        }
    }

    /// A folder that is there.
    pub(super) fn at(out: &Path) -> Self {
        Self { path: out.to_owned() }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// True if a request waits for its answer.
    pub(super) fn is_waiting(&self) -> bool {
        self.path.join(PENDING).exists()
    }

    /// Keeps a request until its answer is final; `with` are files that a new folder gets beside
    /// it.
    ///
    /// # Errors
    /// It cannot be encrypted or written.
    pub(super) fn wait(
        &self,
        waiting: &Waiting,
        with: Option<&Held>,
        passphrase: &Passphrase,
    ) -> Result<(), Failure> {
        let octets = sealed::pem_of(&waiting.seal(passphrase)?)?;
        if self.is_waiting() || self.path.join(REGISTRATION).exists() {
            return write_over(&self.path.join(PENDING), &octets, PRIVATE);
        }
        let draft = Draft::begin(&self.path)?;
        draft.write(PENDING, &octets, PRIVATE)?;
        if let Some(Pair { certificate, key }) = with.and_then(|held| held.signature.as_ref()) {
            write_key(&draft, KEY, key, passphrase)?;
            draft.write(CERTIFICATE, &sealed::bundle(&[certificate])?, PUBLIC)?;
        }
        draft.publish(&self.path)
    }

    /// The request that waits.
    ///
    /// # Errors
    /// There is none, the passphrase is wrong, or it is damaged.
    pub(super) fn waiting(&self, passphrase: &Passphrase) -> Result<Waiting, Failure> {
        let path = self.path.join(PENDING);
        if !path.exists() {
            return Err(Failure::refused(format!(
                "{} holds no request that waits for an answer",
                self.path.display()
            )));
        }
        Waiting::open(&path, passphrase)
    }

    /// The request came to nothing: its keys go, what was there before stays.
    pub(super) fn forget(&self) {
        let mut ours = vec![PENDING];
        if !self.path.join(REGISTRATION).exists() {
            // Nothing was installed: these are copies that came with the request.
            ours.extend([KEY, CERTIFICATE]);
        }
        for name in ours {
            // What is not there need not go.
            let _ = fs::remove_file(self.path.join(name));
        }
        // A folder with content stays.
        let _ = fs::remove_dir(&self.path);
    }

    /// What the folder holds.
    ///
    /// # Errors
    /// A file is missing or damaged, or the passphrase is wrong.
    pub(super) fn held(&self, passphrase: &Passphrase) -> Result<Held, Failure> {
        Ok(Held {
            signature: self.pair(CERTIFICATE, KEY, passphrase)?,
            encryption: self.pair(ENCRYPTION_CERTIFICATE, ENCRYPTION_KEY, passphrase)?,
        })
    }

    /// Who the folder belongs to.
    ///
    /// # Errors
    /// It is no folder of ours.
    pub(super) fn registration(&self) -> Result<Registration, Failure> {
        let path = self.path.join(REGISTRATION);
        if !path.exists() {
            return Err(Failure::refused(format!(
                "{} holds no registration: name the folder that setca register made with --out, \
                 or register first (setca register --help)",
                self.path.display()
            )));
        }
        Registration::read(&path)
    }

    /// The root that was trusted for what is installed.
    pub(super) fn root(&self) -> PathBuf {
        self.path.join(ROOT)
    }

    /// What the CA need not send again; nothing of it is believed, so nothing is missed either.
    pub(super) fn cache(&self) -> Cache {
        let folder = self.path.join(CACHE);
        let read = |name, label| input::of_label(&folder.join(name), label).unwrap_or_default();
        let certificates = read(CACHED_CERTIFICATES, ca_core::pem::CERTIFICATE);
        let crls = read(CACHED_CRLS, ca_core::pem::CRL);
        let bci = read(CACHED_BCI, "").pop();
        Cache::new(
            certificates.iter().filter_map(|der| Cert::from_der(der).ok()).collect(),
            crls.iter().filter_map(|der| Crl::from_der(der).ok()).collect(),
            bci.and_then(|der| BrandCrlIdentifier::from_der(&der).ok()),
        )
    }

    /// Puts everything in its place at once; what was installed before goes to `previous/SERIAL`.
    ///
    /// # Errors
    /// Something cannot be written: then nothing has changed.
    pub(super) fn install(
        &self,
        certified: &Certified,
        waiting: &Waiting,
        passphrase: &Passphrase,
    ) -> Result<Installed, Failure> {
        let held = self.held(passphrase)?;
        let draft = Draft::begin(&self.path)?;
        write_pair(&draft, (KEY, CERTIFICATE), certified.signature(), &held.signature, passphrase)?;
        let names = (ENCRYPTION_KEY, ENCRYPTION_CERTIFICATE);
        write_pair(&draft, names, certified.encryption(), &held.encryption, passphrase)?;
        let chain: Vec<&Cert> = certified.chain.iter().collect();
        draft.write(CHAIN, &sealed::bundle(&chain)?, PUBLIC)?;
        draft.write(ROOT, &sealed::bundle(&[&certified.root])?, PUBLIC)?;
        if let Some(secret) = &certified.pan_secret {
            let octets = sealed::pan_secret(secret, passphrase)?;
            draft.write(SECRET, &sealed::pem_of(&octets)?, PRIVATE)?;
        }
        draft.write(POLICY, consent(waiting).as_bytes(), PUBLIC)?;
        draft.write(REGISTRATION, &waiting.notes.registration.to_json()?, PUBLIC)?;
        write_cache(&draft, &certified.cache)?;
        let names = draft.names()?;
        let installed = self.path.join(REGISTRATION).exists();
        let previous = installed.then(|| previous_name(&held, certified));
        let old = draft.exchange(&self.path)?;
        self.put_away(&old, previous.as_deref());
        Ok(Installed { path: self.path.clone(), names })
    }

    fn pair(
        &self,
        certificate: &str,
        key: &str,
        passphrase: &Passphrase,
    ) -> Result<Option<Pair>, Failure> {
        let path = self.path.join(certificate);
        if !path.exists() {
            return Ok(None);
        }
        // There is at least one, or the reader has refused.
        let certificate = input::certificates(&path)?.swap_remove(0);
        let path = self.path.join(key);
        let octets = sealed::read(&path)?;
        let key = PrivateKey::from_encrypted_pkcs8(&octets, passphrase.as_bytes())
            .map_err(|e| Failure::outside(format!("{}: {e}", path.display())))?;
        Ok(Some(Pair { certificate, key }))
    }

    /// Nothing is thrown away that somebody may still need: an old encryption key opens old
    /// messages.
    fn put_away(&self, old: &Path, previous: Option<&str>) {
        let gone = |name: &str| drop(fs::remove_file(old.join(name)));
        gone(PENDING);
        let done = match previous {
            Some(serial) => {
                let place = self.path.join(PREVIOUS);
                let earlier = old.join(PREVIOUS);
                let made = if earlier.exists() {
                    fs::rename(&earlier, &place)
                } else {
                    fs::create_dir(&place)
                };
                made.and_then(|()| fs::rename(old, place.join(serial)))
            }
            None => {
                gone(KEY);
                gone(CERTIFICATE);
                fs::remove_dir(old)
            }
        };
        if let Err(e) = done {
            say(format_args!("note: what was there before is in {}: {e}", old.display()));
        }
        let _ = File::open(&self.path).and_then(|folder| folder.sync_all());
    }
}

/// Certificates and keys of a folder.
#[derive(Debug)]
pub(super) struct Held {
    /// The signature certificate.
    pub(super) signature: Option<Pair>,
    /// The encryption certificate.
    pub(super) encryption: Option<Pair>,
}

/// A certificate and its key.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) certificate: Cert,
    pub(super) key: PrivateKey,
}

/// A folder as it was installed.
#[derive(Debug)]
pub(super) struct Installed {
    path: PathBuf,
    names: Vec<String>,
}

impl Installed {
    /// What each file is, and where.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, String)> {
        let known = [
            ("key", KEY),
            ("certificate", CERTIFICATE),
            ("encryptionKey", ENCRYPTION_KEY),
            ("encryptionCertificate", ENCRYPTION_CERTIFICATE),
            ("chain", CHAIN),
            ("root", ROOT),
            ("panSecret", SECRET),
            ("policy", POLICY),
            ("registration", REGISTRATION),
            ("cache", CACHE),
        ];
        known
            .into_iter()
            .filter(|(_, name)| self.names.iter().any(|found| found == name))
            .map(|(what, name)| (what, self.path.join(name).display().to_string()))
    }
}

fn write_pair(
    draft: &Draft,
    (key_name, certificate_name): (&str, &str),
    issued: Option<&Issued>,
    held: &Option<Pair>,
    passphrase: &Passphrase,
) -> Result<(), Failure> {
    let held = held.as_ref().map(|pair| (&pair.certificate, &pair.key));
    let Some((certificate, key)) = issued.map(|new| (&new.certificate, &new.key)).or(held) else {
        return Ok(());
    };
    write_key(draft, key_name, key, passphrase)?;
    draft.write(certificate_name, &sealed::bundle(&[certificate])?, PUBLIC)
}

fn write_key(
    draft: &Draft,
    name: &str,
    key: &PrivateKey,
    passphrase: &Passphrase,
) -> Result<(), Failure> {
    let octets = key
        .to_encrypted_pkcs8(passphrase.as_bytes(), &ca_server::SystemRandom)
        .map_err(|e| Failure::outside(format!("the key cannot be encrypted: {e}")))?;
    draft.write(name, &sealed::pem_of(&octets)?, PRIVATE)
}

fn write_cache(draft: &Draft, cache: &Cache) -> Result<(), Failure> {
    draft.folder(CACHE)?;
    let place = |name: &str| format!("{CACHE}/{name}");
    let certificates: Vec<&Cert> = cache.certificates().iter().collect();
    draft.write(&place(CACHED_CERTIFICATES), &sealed::bundle(&certificates)?, PUBLIC)?;
    let crls = cache.crls().iter().map(|crl| sealed::pem(ca_core::pem::CRL, crl.der()));
    let crls = crls.collect::<Result<Vec<_>, _>>()?.concat();
    draft.write(&place(CACHED_CRLS), &crls, PUBLIC)?;
    match cache.bci() {
        Some(bci) => draft.write(&place(CACHED_BCI), bci.der(), PUBLIC),
        None => Ok(()),
    }
}

/// Consent has no field on the wire (decisions.md 32).
fn consent(waiting: &Waiting) -> String {
    let at = UnixTime::from_secs(waiting.notes.agreed_at);
    format!("Agreed to at {at}:\n\n{}\n", waiting.notes.policy.trim())
}

/// What is replaced gives the old folder its name: a certificate is replaced once.
fn previous_name(held: &Held, certified: &Certified) -> String {
    let signature = held.signature.as_ref().filter(|_| certified.signature().is_some());
    let pair = signature.or(held.encryption.as_ref());
    pair.map_or_else(|| "unknown".to_owned(), |pair| hex(pair.certificate.serial()))
}

const KEY: &str = "key.p8";
const CERTIFICATE: &str = "certificate.pem";
const ENCRYPTION_KEY: &str = "encryption-key.p8";
const ENCRYPTION_CERTIFICATE: &str = "encryption-certificate.pem";
const CHAIN: &str = "chain.pem";
const ROOT: &str = "root.pem";
const SECRET: &str = "pan-secret.p8";
const POLICY: &str = "policy.txt";
const REGISTRATION: &str = "registration.json";
const PENDING: &str = "pending.p8";
const PREVIOUS: &str = "previous";
const CACHE: &str = "cache";
const CACHED_CERTIFICATES: &str = "certificates.pem";
const CACHED_CRLS: &str = "crls.pem";
const CACHED_BCI: &str = "bci.der";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn a_folder_with_content_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("key.p8"), "mine").unwrap();
        assert_eq!(Folder::fresh(dir.path()).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn a_folder_that_waits_says_how_to_go_on() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(PENDING), "x").unwrap();
        let failure = Folder::fresh(dir.path()).unwrap_err().to_string();
        assert!(failure.contains("setca register collect --out"), "{failure}");
    }

    #[test]
    fn a_folder_of_something_else_is_told_from_a_damaged_one() {
        let dir = tempfile::tempdir().unwrap();
        let failure = Folder::at(dir.path()).registration().unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        let text = failure.to_string();
        assert!(text.contains("holds no registration"), "{text}");
        assert!(text.contains("setca register") && !text.contains(REGISTRATION), "{text}");
        fs::write(dir.path().join(REGISTRATION), "x").unwrap();
        let damaged = Folder::at(dir.path()).registration().unwrap_err().to_string();
        assert!(damaged.contains(REGISTRATION), "{damaged}");
    }

    #[test]
    fn a_name_that_ends_in_dots_is_a_usage_error() {
        assert_eq!(Folder::fresh(Path::new("..")).unwrap_err().exit, Exit::Usage);
    }

    #[test]
    fn forgetting_a_renewal_leaves_what_is_installed() {
        let dir = tempfile::tempdir().unwrap();
        for name in [PENDING, REGISTRATION, KEY, CERTIFICATE] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        Folder::at(dir.path()).forget();
        assert!(!dir.path().join(PENDING).exists() && dir.path().join(KEY).exists());
    }
}
