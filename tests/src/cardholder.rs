//! `setca register cardholder`, and the folder it leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{BRAND, Hierarchy, Outcome, PAN, Service};

/// A card to register, and where.
#[derive(Debug)]
pub struct Cardholder<'a> {
    hierarchy: &'a Hierarchy,
    /// URL of the service.
    pub url: String,
    /// Account number, given by file.
    pub pan: String,
    /// Brand asked for.
    pub brand: String,
    /// Root trusted.
    pub trust: PathBuf,
    /// Last month of the card.
    pub expiry: String,
}

impl<'a> Cardholder<'a> {
    /// A card that the service registers.
    #[must_use]
    pub fn new(hierarchy: &'a Hierarchy, service: &Service) -> Self {
        Self {
            hierarchy,
            url: service.url().to_owned(),
            pan: PAN.to_owned(),
            brand: BRAND.to_owned(),
            trust: hierarchy.root(),
            expiry: "203912".to_owned(),
        }
    }

    /// The command, with a key that is made quickly and the form filled in.
    ///
    /// # Panics
    /// If the file for the account number cannot be written.
    #[must_use]
    pub fn command(&self) -> Command {
        let pan = self.hierarchy.beside("pan");
        fs::write(&pan, format!("{}\n", self.pan)).expect("written");
        let mut command = self.hierarchy.command(&["register", "cardholder", "--accept-policy"]);
        command.args(["--url", &self.url, "--brand", &self.brand, "--expiry", &self.expiry]);
        command.args(["--answer", "Full name=Jane Doe", "--answer", "Town=Springfield"]);
        command.args(["--key", "ec-p256", "--pan-file"]).arg(pan);
        command.arg("--trust").arg(&self.trust).arg("--out").arg(self.out());
        command
    }

    /// Runs it.
    #[must_use]
    pub fn register(&self) -> Outcome {
        Outcome::of(&mut self.command())
    }

    /// Runs it to success: the wallet's folder.
    ///
    /// # Panics
    /// If it fails.
    #[must_use]
    pub fn registered(&self) -> PathBuf {
        let _ = self.register().done();
        self.out()
    }

    /// The folder it makes.
    #[must_use]
    pub fn out(&self) -> PathBuf {
        self.hierarchy.beside("wallet")
    }
}

/// The serial number of a PEM certificate as setca writes it.
///
/// # Panics
/// If openssl does not read it.
#[must_use]
pub fn serial(pem: &Path) -> String {
    let said = crate::openssl_with("x509 -in {0} -noout -serial", &[pem]).done();
    said.trim().trim_start_matches("serial=").to_lowercase()
}
