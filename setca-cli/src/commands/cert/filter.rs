//! Which certificates: what `setca cert list` and `setca cert export` are asked.

use ca_core::UnixTime;
use ca_core::profile::Role;
use ca_core::store::{CertificateQuery, CertificateState, Expires, SerialNumber, Store, Word};
use clap::Args;

use super::{LidCa, key, registration, serial};
use crate::failure::Failure;
use crate::house::find_ca;

/// Every option narrows.
#[derive(Args, Debug)]
pub(super) struct Filter {
    /// Only those this CA issued.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
    /// Only those in this state: intent, issued, revoked.
    #[arg(long, value_parser = state)]
    state: Option<CertificateState>,
    /// Only those of this role: rca, bca, gca, cca, mca, pca, cardholder, merchant, gateway, ocsp.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Only those of this brand (BrandID).
    #[arg(long)]
    brand: Option<String>,
    /// Only this serial number, hexadecimal; colons and spaces are ignored.
    #[arg(long, value_parser = serial)]
    serial: Option<SerialNumber>,
    /// Only those with this word in CN or OU of the subject: a whole word of two letters or digits
    /// or more, in any case; of several words each. The first eight words of a subject count.
    #[arg(long, value_name = "WORD")]
    subject: Vec<String>,
    /// Only those whose notAfter is not after this: 2026-12-31T23:59:59Z.
    #[arg(long, value_name = "TIME")]
    expires_before: Option<UnixTime>,
    /// Only those whose notAfter is not before this.
    #[arg(long, value_name = "TIME")]
    expires_after: Option<UnixTime>,
    /// Only those of a registration.
    #[arg(long, value_name = "ID", value_parser = registration)]
    registration: Option<LidCa>,
    /// Only those of a public key: a file with the key or a certificate of it, or the SHA-256 of
    /// its SubjectPublicKeyInfo in hexadecimal.
    #[arg(long, value_name = "FILE|HEX")]
    key: Option<String>,
}

impl Filter {
    /// The question, from the beginning of the inventory.
    pub(super) fn query(&self, store: &dyn Store) -> Result<CertificateQuery, Failure> {
        let issuer = self.ca.as_deref().map(|name| find_ca(store, name)).transpose()?;
        Ok(CertificateQuery {
            issuer: issuer.map(|ca| ca.id),
            state: self.state,
            role: self.role,
            brand: self.brand.clone(),
            serial: self.serial,
            subject: self.words()?,
            expires: Expires { from: self.expires_after, to: self.expires_before },
            registration: self.registration.as_ref().map(|LidCa(id)| id.clone()),
            public_key: self.key.as_deref().map(key::digest).transpose()?,
            ..CertificateQuery::default()
        })
    }

    fn words(&self) -> Result<Vec<Word>, Failure> {
        let mut words = Vec::new();
        for text in &self.subject {
            let found = Word::all_in(text);
            if found.is_empty() {
                return Err(Failure::usage(format!(
                    "--subject {text:?} has no word of two letters or digits"
                )));
            }
            words.extend(found);
        }
        Ok(words)
    }
}

fn state(text: &str) -> Result<CertificateState, String> {
    CertificateState::named(text).ok_or_else(|| {
        format!("known: {}", CertificateState::ALL.map(CertificateState::name).join(", "))
    })
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::named(text).ok_or_else(|| format!("known: {}", Role::ALL.map(Role::name).join(", ")))
}
