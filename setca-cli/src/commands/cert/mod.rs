//! `setca cert`: the inventory.

mod expiring;
mod export;
mod filter;
mod key;
mod list;
mod list_file;
mod many;
mod release;
mod revoke;

use ca_core::store::{CertificateQuery, CertificateRecord, RevocationReason, SerialNumber, Store};
use ca_core::unhex;
use clap::{Args, Subcommand};

use self::expiring::Expiring;
use self::export::Export;
use self::list::List;
use self::release::Release;
use self::revoke::Revoke;
use super::register::renew::Renew;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, find_ca, store_failure, stored_certificate};
use crate::inspect::certificate;
use crate::report::Report;
use crate::tree::Tree;

/// The certificates issued: list, export, expiring, show, revoke, release; and an end entity's own: renew.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca cert list --role merchant --subject 'daves shop'
  setca cert export --state revoked --csv --out revoked.csv
  setca cert expiring --within 30
  setca cert show 3f09a1
  setca cert revoke 3f09a1 --reason keyCompromise
  setca cert release 3f09a1
  setca cert renew --out shop")]
pub(crate) enum Cert {
    List(Box<List>),
    Export(Box<Export>),
    Expiring(Expiring),
    Show(Show),
    Revoke(Box<Revoke>),
    Release(Release),
    Renew(Box<Renew>),
}

/// Show one certificate and what became of it.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert show 3f09a1
  setca cert show 3f:09:a1 --ca sample-cca --pem > certificate.pem")]
pub(crate) struct Show {
    /// Serial number, hexadecimal; colons and spaces are ignored.
    #[arg(value_parser = serial)]
    serial: SerialNumber,
    /// The CA that issued it, if several used the number.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
    /// Write the certificate as PEM.
    #[arg(long)]
    pem: bool,
}

impl Cert {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::List(list) => list.run(&*house::records(global)?),
            Self::Export(export) => export.run(&*house::records(global)?),
            Self::Expiring(expiring) => expiring.run(&*house::records(global)?),
            Self::Show(show) => show.run(&*house::records(global)?),
            Self::Revoke(revoke) => revoke.run(global),
            Self::Release(release) => release.run(global),
            Self::Renew(renew) => renew.run(global),
        }
    }
}

/// What the inventory says of a certificate.
fn line(record: &CertificateRecord) -> Tree {
    let intent = &record.intent;
    let revocation = record.revocation.map(|revocation| {
        Tree::new()
            .with("at", revocation.at)
            .with("reason", revocation.reason.name())
            .with_some("invalidSince", revocation.invalid_since)
    });
    Tree::new()
        .with("serial", intent.serial.to_string())
        .with("state", record.state().name())
        .with("issuer", intent.issuer.as_str())
        .with("role", intent.role.name())
        .with("keyUse", intent.key_use.name())
        .with_some("brand", intent.brand.as_deref())
        .with("subject", intent.subject.as_str())
        .with("notAfter", intent.not_after)
        .with("recordedAt", intent.recorded_at)
        .with_some("revocation", revocation)
}

impl Show {
    fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let record = find(store, &self.serial, self.ca.as_deref())?;
        if self.pem {
            let der = record.der.as_ref().ok_or_else(|| {
                let serial = &self.serial;
                Failure::refused(format!("{serial} was never issued: there is no certificate"))
            })?;
            return Ok(Report::raw(
                super::ca::pem_text(ca_core::pem::CERTIFICATE, der)?.into_bytes(),
            ));
        }
        let certificate = match &record.der {
            Some(der) => Some(certificate::tree(&stored_certificate(&record.intent.issuer, der)?)),
            None => None,
        };
        Report::tree(&line(&record).with_some("certificate", certificate))
    }
}

/// The one certificate with this serial number.
fn find(
    store: &dyn Store,
    serial: &SerialNumber,
    ca: Option<&str>,
) -> Result<CertificateRecord, Failure> {
    let issuer = ca.map(|name| find_ca(store, name)).transpose()?.map(|ca| ca.id);
    let query = CertificateQuery { issuer, serial: Some(*serial), ..CertificateQuery::default() };
    let mut found = store.certificates(&query).map_err(|e| store_failure(&e))?.items;
    match (found.pop(), found.as_slice()) {
        (Some(only), []) => Ok(only),
        (None, _) => Err(Failure::refused(format!(
            "no certificate {serial}{}: see setca cert list",
            ca.map_or_else(String::new, |ca| format!(" of {ca}"))
        ))),
        (Some(last), others) => {
            let issuers: Vec<&str> =
                others.iter().chain([&last]).map(|r| r.intent.issuer.as_str()).collect();
            Err(Failure::refused(format!(
                "{serial} was issued by {}: choose with --ca",
                issuers.join(" and ")
            )))
        }
    }
}

fn serial(text: &str) -> Result<SerialNumber, String> {
    SerialNumber::parse_hex(text).ok_or_else(|| {
        "write the serial number in hexadecimal, at most 20 octets, as setca cert list does"
            .to_owned()
    })
}

/// LID-CA of a registration.
#[derive(Clone, Debug)]
struct LidCa(Vec<u8>);

fn registration(text: &str) -> Result<LidCa, String> {
    let octets = unhex(text).filter(|octets| (1..=20).contains(&octets.len()));
    octets
        .map(LidCa)
        .ok_or_else(|| "write the id in hexadecimal, as setca registration list does".to_owned())
}

/// A reason by its name in RFC 5280, whatever the case; hyphens are ignored.
fn reason(text: &str) -> Result<RevocationReason, String> {
    let plain = text.replace('-', "");
    RevocationReason::ALL
        .into_iter()
        .find(|known| known.name().eq_ignore_ascii_case(&plain))
        .ok_or_else(|| {
            format!("known: {}", RevocationReason::ALL.map(RevocationReason::name).join(", "))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_read_in_both_spellings() {
        assert_eq!(reason("keyCompromise"), Ok(RevocationReason::KeyCompromise));
        assert_eq!(reason("ca-compromise"), Ok(RevocationReason::CaCompromise));
        assert!(reason("because").unwrap_err().contains("privilegeWithdrawn"));
    }
}
