//! Where the demo works, and what it leaves there.

use std::fs;
use std::path::{Path, PathBuf};

use ca_core::Suite;
use ca_core::signer::SecureRandom as _;
use ca_server::SystemRandom;

use crate::commands::ca::pem_text;
use crate::failure::Failure;

/// A folder of the demo's own: kept if it was named, else removed when dropped.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    keep: bool,
}

impl Home {
    /// A new folder.
    ///
    /// # Errors
    /// It exists already, or cannot be made.
    pub(super) fn new(keep: Option<&Path>) -> Result<Self, Failure> {
        let path = match keep {
            Some(path) => path.to_owned(),
            None => {
                let mark: [u8; 8] = SystemRandom
                    .array()
                    .map_err(|_| Failure::outside("the random source of this machine failed"))?;
                let mark = u64::from_be_bytes(mark);
                std::env::temp_dir().join(format!("setca-demo-{mark:016x}"))
            }
        };
        if path.exists() {
            let path = path.display();
            return Err(Failure::refused(format!("{path} exists: name a new folder")));
        }
        fs::create_dir_all(&path).map_err(|e| Failure::file("create", &path, &e))?;
        Ok(Self { path, keep: keep.is_some() })
    }

    /// A new folder in it for what one suite leaves; it goes and stays with this one.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn room(&self, suite: Suite) -> Result<Self, Failure> {
        let path = self.join(suite.name());
        fs::create_dir(&path).map_err(|e| Failure::file("create", &path, &e))?;
        Ok(Self { path, keep: self.keep })
    }

    /// A file or folder in it.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes one PEM file of `label` from DER objects.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write_pem<'a>(
        &self,
        name: &str,
        label: &str,
        ders: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(), Failure> {
        let path = self.join(name);
        let mut text = String::new();
        for der in ders {
            text.push_str(&pem_text(label, der)?);
        }
        fs::write(&path, text).map_err(|e| Failure::file("write", &path, &e))
    }

    /// The folder, if it stays.
    pub(super) fn kept(&self) -> Option<String> {
        self.keep.then(|| self.path.display().to_string())
    }

    /// How OpenSSL judges what `suite` left: the certificate that was revoked.
    pub(super) fn openssl(&self, suite: Suite, revoked: &str) -> String {
        let level = match suite {
            Suite::Modern => "-x509_strict",
            // SHA-1 is below every other level.
            Suite::Set1997 => "-auth_level 0",
        };
        let line = format!("openssl verify {level} {OPENSSL}");
        format!(
            "\n  cd {}\n  {line} -CRLfile crls-before.pem {revoked}.pem\n  \
             {line} -CRLfile crls.pem {revoked}.pem\n",
            self.path.display()
        )
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.keep {
            // Best effort: what remains is in the system's temporary folder.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// SET's own critical extensions are unknown to it.
const OPENSSL: &str = "-ignore_critical -crl_check_all -CAfile root.pem -untrusted chain.pem";
