//! A data folder of its own for each test.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use ca_core::profile::shipped_files;
use ca_core::wire::Cert;
use tempfile::TempDir;

use crate::{BRAND, Outcome, Service, files, openssl_with, setca};

/// A data folder of its own for one test.
#[derive(Debug)]
pub struct Hierarchy {
    home: Arc<TempDir>,
    /// Of the data folder, beside others that were made of it.
    dir: PathBuf,
    /// URL of a database with its records; none if they are in the folder.
    store: Option<String>,
}

impl Hierarchy {
    /// A fresh copy of the shared hierarchy: one brand, no geo-political CA.
    ///
    /// # Panics
    /// If `setca init` or the copy fails.
    #[must_use]
    pub fn new() -> Self {
        static SHARED: OnceLock<PathBuf> = OnceLock::new();
        Self::copy_of(SHARED.get_or_init(|| shared("one", &["--brand", BRAND])))
    }

    /// A fresh copy of another shared hierarchy: the brands Sample and Other, under another root.
    ///
    /// # Panics
    /// If `setca init` or the copy fails.
    #[must_use]
    pub fn two_brands() -> Self {
        static SHARED: OnceLock<PathBuf> = OnceLock::new();
        let brands = ["--brand", BRAND, "--brand", "Other"];
        Self::copy_of(SHARED.get_or_init(|| shared("two", &brands)))
    }

    /// A fresh copy of another shared hierarchy: brand Sample, made with `--test`.
    ///
    /// # Panics
    /// If `setca init` or the copy fails.
    #[must_use]
    pub fn for_tests() -> Self {
        static SHARED: OnceLock<PathBuf> = OnceLock::new();
        Self::copy_of(SHARED.get_or_init(|| shared("test", &["--brand", BRAND, "--test"])))
    }

    /// A new hierarchy by `setca init OPTIONS…`.
    ///
    /// # Panics
    /// If `setca init` fails.
    #[must_use]
    pub fn made(options: &[&str]) -> Self {
        Self::made_and_heard(options).0
    }

    /// The same, and what `setca init` said.
    ///
    /// # Panics
    /// If `setca init` fails.
    #[must_use]
    pub fn made_and_heard(options: &[&str]) -> (Self, Outcome) {
        let made = Self::at(tempfile::tempdir().expect("temporary folder"), None);
        let heard = Outcome::of(made.command(&["init"]).args(options));
        let _ = heard.clone().done();
        (made, heard)
    }

    fn copy_of(shared: &Path) -> Self {
        let home = tempfile::tempdir().expect("temporary folder");
        files::copy(shared, &home.path().join("data"));
        Self::at(home, None)
    }

    fn at(home: TempDir, store: Option<String>) -> Self {
        Self { dir: home.path().join("data"), home: Arc::new(home), store }
    }

    /// A folder beside this one, which was made of a backup of it.
    #[must_use]
    pub fn restored_at(&self, dir: &Path, url: Option<&str>) -> Self {
        let (home, store) = (Arc::clone(&self.home), url.map(str::to_owned));
        Self { home, dir: dir.to_owned(), store }
    }

    /// A new hierarchy whose records are in a database, made with `--test`.
    ///
    /// # Panics
    /// If `setca init` fails.
    #[must_use]
    pub fn in_database(url: &str) -> Self {
        let home = tempfile::tempdir().expect("temporary folder");
        let made = Self::at(home, Some(url.to_owned()));
        let _ = made.run(IN_DATABASE);
        made
    }

    /// What `setca init` says to the same.
    ///
    /// # Panics
    /// If it does not run.
    #[must_use]
    pub fn try_in_database(url: &str) -> Outcome {
        let home = tempfile::tempdir().expect("temporary folder");
        Self::at(home, Some(url.to_owned())).try_run(IN_DATABASE)
    }

    /// From now on its records are reached in another way.
    #[must_use]
    pub fn reached_by(self, url: &str) -> Self {
        Self { store: Some(url.to_owned()), ..self }
    }

    /// The data folder.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.dir.clone()
    }

    /// A file or folder beside the data folder, for what a test writes.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The trust anchor.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.dir().join("root.pem")
    }

    /// The trust anchor, decoded.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn root_certificate(&self) -> Cert {
        Cert::from_der(&self.der(&self.root())).expect("a certificate")
    }

    /// The octets of a PEM certificate, as OpenSSL reads them.
    ///
    /// # Panics
    /// If OpenSSL does not read it.
    #[must_use]
    pub fn der(&self, pem: &Path) -> Vec<u8> {
        // A name of its own: tests share a hierarchy.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let der = self.beside(&format!("{}.der", NUMBER.fetch_add(1, Ordering::Relaxed)));
        let _ = openssl_with("x509 -in {0} -outform DER -out {1}", &[pem, &der]).done();
        fs::read(der).expect("written by openssl")
    }

    /// `setca --dir DIR ARGS…`, passphrase given.
    #[must_use]
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = setca(&self.dir());
        command.args(arguments);
        command.envs(self.store.iter().map(|url| ("SETCA_STORE", url)));
        command
    }

    /// Runs a command to its end.
    #[must_use]
    pub fn try_run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        Outcome::of(&mut self.command(arguments))
    }

    /// Runs a command that must succeed; its standard output.
    ///
    /// # Panics
    /// If it fails, with what it said.
    #[must_use]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        self.try_run(arguments).done()
    }

    /// Runs a command that must succeed, `--format json`.
    ///
    /// # Panics
    /// If it fails or says no JSON.
    #[must_use]
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let outcome = Outcome::of(self.command(arguments).args(["--format", "json"]));
        assert_eq!(outcome.code, 0, "{}", outcome.all());
        outcome.json()
    }

    /// The inventory, whole.
    ///
    /// # Panics
    /// If it cannot be had.
    #[must_use]
    pub fn inventory(&self) -> Vec<serde_json::Value> {
        let found = self.json(&["cert", "list", "--limit", "100000"]);
        found["certificates"].as_array().expect("a list").clone()
    }

    /// Certificate-signing certificates of a CA and its superiors below the root, as a file.
    ///
    /// # Panics
    /// If there is no such CA.
    #[must_use]
    pub fn chain(&self, ca: &str) -> PathBuf {
        let file = self.beside(&format!("{ca}-chain.pem"));
        let _ = self.run(&["ca", "export", ca, "--out", path(&file)]);
        file
    }

    /// The certificate-signing certificate of a CA, as a file.
    ///
    /// # Panics
    /// If there is no such CA.
    #[must_use]
    pub fn issuer(&self, ca: &str) -> PathBuf {
        let file = self.beside(&format!("{ca}.pem"));
        let _ = self.run(&["ca", "export", ca, "--single", "--out", path(&file)]);
        file
    }

    /// The CRL of a CA, as a PEM file.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn crl(&self, ca: &str) -> PathBuf {
        let file = self.beside(&format!("{ca}.crl"));
        let _ = self.run(&["crl", "show", ca, "--pem", "--out", path(&file)]);
        file
    }

    /// The root's keys are carried away.
    ///
    /// # Panics
    /// If they cannot be.
    pub fn carry_root_away(&self) {
        fs::rename(self.dir().join("offline-root"), self.beside("vault")).expect("moved");
    }

    /// The root's keys are brought back.
    ///
    /// # Panics
    /// If they cannot be.
    pub fn bring_root_back(&self) {
        fs::rename(self.beside("vault"), self.dir().join("offline-root")).expect("moved");
    }

    /// The shipped policies with these words replaced by others, in force from the next start.
    ///
    /// # Panics
    /// If they cannot be written, or the folder has policies of its own already.
    pub fn change_policies(&self, changes: &[(&str, &str)]) {
        for (name, text) in shipped_files() {
            let path = self.dir().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            let replaced = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
            fs::write(path, changes.iter().fold((*text).to_owned(), replaced)).expect("written");
        }
        let settings = self.dir().join("setca.toml");
        let text = fs::read_to_string(&settings).expect("settings");
        let own = text.replace("policies = \"built-in\"", "policies = \"folder\"");
        assert_ne!(own, text, "policies were built in");
        fs::write(settings, own).expect("written");
    }

    /// Starts the service on a free port.
    ///
    /// # Panics
    /// If it does not come up within twenty seconds.
    #[must_use]
    pub fn serve(&self) -> Service {
        self.serve_with(&[])
    }

    /// The same with more options.
    ///
    /// # Panics
    /// If it does not come up within twenty seconds.
    #[must_use]
    pub fn serve_with(&self, options: &[&str]) -> Service {
        Service::start(self.serve_command(options), &self.log())
    }

    /// The command that serves on a free port.
    #[must_use]
    pub fn serve_command(&self, options: &[&str]) -> Command {
        self.command(&[&["serve", "--listen", "127.0.0.1:0"], options].concat())
    }

    /// Where the service says what it does.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.beside("service.log")
    }
}

impl Default for Hierarchy {
    fn default() -> Self {
        Self::new()
    }
}

/// A hierarchy for the whole process. Nothing drops it at the end, so it lies where cargo builds
/// and goes when a later process makes its own.
fn shared(name: &str, options: &[&str]) -> PathBuf {
    let test = std::env::current_exe().expect("path of this test");
    let place = test.with_file_name("e2e-hierarchies");
    fs::create_dir_all(&place).expect("a folder beside this test");
    for old in fs::read_dir(&place).expect("our own folder").flatten() {
        let process = old.file_name().to_string_lossy().split('-').next().map(str::to_owned);
        if process.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
            // Another process may be at it as well.
            let _ = fs::remove_dir_all(old.path());
        }
    }
    let folder = place.join(format!("{}-{name}", std::process::id()));
    let _ = Outcome::of(setca(&folder).arg("init").args(options)).done();
    folder
}

/// A path of ours as text: temporary folders have plain names.
fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

const IN_DATABASE: &[&str] = &["init", "--brand", BRAND, "--test"];
