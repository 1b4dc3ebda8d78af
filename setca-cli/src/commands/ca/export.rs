//! `setca ca export`.

use std::path::PathBuf;

use ca_core::authority::Hierarchy;
use ca_core::pem;
use ca_core::profile::KeyUse;
use ca_core::store::Store;
use clap::Args;

use super::{key_use, pem_text};
use crate::commands::output;
use crate::failure::Failure;
use crate::house::{authority_failure, certificate_of, find_ca, store_failure, stored_certificate};
use crate::report::Report;

/// Write the certificates of a CA as PEM.
///
/// By default its certificate-signing certificate and those above it below the root, each the one
/// that really signed, if need be of an older generation: what `openssl verify -untrusted` takes.
/// The root certificate is DIR/root.pem, or `setca ca export root`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca ca export sample-cca --out chain.pem
  setca ca export sample-cca --key-use encryption --single
  setca ca export root --der --out root.cer")]
pub(crate) struct Export {
    /// Identifier of the CA.
    id: String,
    /// Which of its certificates: certificate-signing, encryption, message-signature, ocsp-signing.
    #[arg(long, value_name = "USE", value_parser = key_use, default_value = "certificate-signing")]
    key_use: KeyUse,
    /// Only the certificate, without its superiors'.
    #[arg(long)]
    single: bool,
    /// Only the certificate, as DER.
    #[arg(long)]
    der: bool,
    /// Write to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let ca = find_ca(store, &self.id)?;
        let missing = || {
            let mut held: Vec<&str> = ca.certificates.iter().map(|c| c.key_use.name()).collect();
            held.sort_unstable();
            held.dedup();
            let (id, held) = (&ca.id, held.join(", "));
            Failure::refused(format!("{id} has no {} certificate: it has {held}", self.key_use))
        };
        let own = certificate_of(&ca, self.key_use).ok_or_else(missing)?;
        if self.der {
            return output::write(own.der.clone(), self.out.as_deref());
        }
        let mut text = pem_text(pem::CERTIFICATE, &own.der)?;
        if !self.single {
            let cas = store.cas().map_err(|e| store_failure(&e))?;
            let hierarchy = Hierarchy::load(cas).map_err(|e| authority_failure(&e))?;
            let own = stored_certificate(&ca.id, &own.der)?;
            let mut above = hierarchy.issuer_of(&own);
            // Each stands above the one before, so this ends at the root.
            while let Some(issuer) = above.filter(|cert| cert.subject_der() != cert.issuer_der()) {
                text.push_str(&pem_text(pem::CERTIFICATE, issuer.der())?);
                above = hierarchy.issuer_of(issuer);
            }
        }
        output::write(text.into_bytes(), self.out.as_deref())
    }
}
