//! What the desk sees of a registration before it decides with
//! [`Authority::decide_registration`], and how it names a customer to a list.

use super::{Authority, Error};
use crate::store::Registration;

/// What a registration keeps for whoever decides on it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeskFile {
    /// The card issuer or acquirer, by its name in the policies; none if they name it no more.
    pub institution: Option<String>,
    /// Answers to the form in its order: the first label of each field, and the value. Empty before
    /// the CertReq, and once they were forgotten.
    pub answers: Vec<(String, String)>,
}

impl Authority {
    /// Opens what a registration keeps for whoever decides.
    ///
    /// # Errors
    /// [`Error::Sealed`] if it was sealed under another key.
    pub fn desk_file(&self, registration: &Registration) -> Result<DeskFile, Error> {
        let kept = self.kept_grant(registration)?;
        Ok(DeskFile {
            institution: self.institution_name(registration).map(str::to_owned),
            answers: kept.map(|grant| grant.answers).unwrap_or_default(),
        })
    }

    /// How an institution's list names the holder of an account: a keyed hash, because the list
    /// must hold no account numbers.
    ///
    /// # Errors
    /// [`Error::Policy`] if the account key cannot be used.
    pub fn customer(&self, account_digits: &str) -> Result<[u8; 32], Error> {
        self.pan_hash(account_digits)
    }
}
