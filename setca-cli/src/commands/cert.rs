//! `setca cert`: the inventory.

use std::fmt::Write as _;

use ca_core::profile::Role;
use ca_core::store::{
    CaRecord, CertificateQuery, CertificateRecord, CertificateState, RevocationReason,
    SerialNumber, Store,
};
use clap::{Args, Subcommand};

use super::publish;
use super::register::renew::Renew;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, authority_failure, find_ca, store_failure, stored_certificate};
use crate::inspect::certificate;
use crate::report::{Report, say};
use crate::tree::{Shown, Tree};

/// The certificates issued: list, show, revoke; and an end entity's own: renew.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca cert list --role cardholder
  setca cert show 3f09a1
  setca cert revoke 3f09a1 --reason keyCompromise
  setca cert renew --out shop")]
pub(crate) enum Cert {
    List(List),
    Show(Show),
    Revoke(Revoke),
    Renew(Box<Renew>),
}

/// List certificates in the order they were recorded.
///
/// State `intent` is a certificate that was about to be signed when the service died: it may exist
/// outside, is never good in OCSP, and can be revoked.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert list
  setca cert list --ca sample-mca --state revoked --format json
  setca cert list --limit 20 --after 40")]
pub(crate) struct List {
    /// Only those this CA issued.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
    /// Only those in this state: intent, issued, revoked.
    #[arg(long, value_parser = state)]
    state: Option<CertificateState>,
    /// Only those of this role: rca, bca, gca, cca, mca, pca, cardholder, merchant, gateway, ocsp.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// At most this many.
    #[arg(long, value_name = "N", default_value = "100")]
    limit: usize,
    /// Go on after this position (the last line of the list before says which).
    #[arg(long, value_name = "POSITION")]
    after: Option<u64>,
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

/// Revoke a certificate and publish the CRL and BCI that say so.
///
/// OCSP says so at once. If the issuer is the root and its keys are off line, the revocation is
/// recorded and the command says what remains to do.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert revoke 3f09a1 --reason keyCompromise
  setca cert revoke 3f09a1 --ca sample-mca --reason cessationOfOperation")]
pub(crate) struct Revoke {
    /// Serial number, hexadecimal; colons and spaces are ignored.
    #[arg(value_parser = serial)]
    serial: SerialNumber,
    /// Why: unspecified, keyCompromise, cACompromise, affiliationChanged, superseded,
    /// cessationOfOperation, privilegeWithdrawn.
    #[arg(long, value_parser = reason)]
    reason: RevocationReason,
    /// The CA that issued it, if several used the number.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
}

impl Cert {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::List(list) => list.run(&house::records(global)?),
            Self::Show(show) => show.run(&house::records(global)?),
            Self::Revoke(revoke) => revoke.run(global),
            Self::Renew(renew) => renew.run(global),
        }
    }
}

impl List {
    fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let issuer = self.ca.as_deref().map(|name| find_ca(store, name)).transpose()?;
        let page = store
            .certificates(&CertificateQuery {
                issuer: issuer.map(|ca| ca.id),
                state: self.state,
                role: self.role,
                serial: None,
                after: self.after,
                limit: self.limit,
            })
            .map_err(|e| store_failure(&e))?;
        let json = Tree::new()
            .with("certificates", Tree::list(page.items.iter().map(line)))
            .with_some("next", page.next);
        let mut text = table(&page.items);
        if let Some(next) = page.next {
            // Writing to a String never fails.
            let _ = writeln!(text, "more: --after {next}");
        }
        Report::views(text, &json)
    }
}

/// What the inventory says of a certificate.
fn line(record: &CertificateRecord) -> Tree {
    let intent = &record.intent;
    let revocation = record.revocation.map(|revocation| {
        Tree::new().with("at", revocation.at).with("reason", revocation.reason.name())
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

fn table(records: &[CertificateRecord]) -> String {
    if records.is_empty() {
        return "no certificates\n".to_owned();
    }
    let rows: Vec<[String; 6]> = records
        .iter()
        .map(|record| {
            let intent = &record.intent;
            [
                intent.serial.to_string(),
                record.state().name().to_owned(),
                intent.issuer.to_string(),
                format!("{} {}", intent.role, intent.key_use),
                intent.not_after.to_string(),
                Shown(&intent.subject).to_string(),
            ]
        })
        .collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&HEAD.map(str::to_owned)).chain(&rows) {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        // Writing to a String never fails.
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
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

impl Revoke {
    fn run(&self, global: &Global) -> Result<Report, Failure> {
        let (record, issuer) = {
            let store = house::records(global)?;
            let record = find(&store, &self.serial, self.ca.as_deref())?;
            let issuer = find_ca(&store, record.intent.issuer.as_str())?;
            (record, issuer)
        };
        let off_line = publish::is_off_line(global, &issuer);
        let with_root = issuer.superior.is_none() && !off_line;
        let authority = house::authority(global, with_root)?;
        let revocation = authority
            .revoke(&issuer.id, &self.serial, self.reason)
            .map_err(|e| authority_failure(&e))?;
        let tree = line(&CertificateRecord { revocation: Some(revocation), ..record });
        if off_line {
            say(root_is_off_line(global, &issuer));
            return Report::tree(&tree.with("published", Tree::List(Vec::new())));
        }
        let recorded = |failure: Failure| {
            let (serial, id) = (&self.serial, &issuer.id);
            Failure::outside(format!(
                "{serial} is revoked in the records and in OCSP, but not in a list: {failure}; \
                 try setca crl issue {id}"
            ))
        };
        let lists = publish::crl_and_bcis(&authority, &issuer).map_err(recorded)?;
        if lists.is_empty() {
            say(format_args!(
                "{} issues no CRL: the revocation stands in the records alone; whoever decides on \
                 payments must refuse the holder",
                issuer.id
            ));
        }
        Report::tree(&tree.with("published", Tree::list(lists.iter().map(publish::tree))))
    }
}

fn root_is_off_line(global: &Global, root: &CaRecord) -> String {
    let folder = ca_server::data::Folder::at(&global.dir).offline_root();
    format!(
        "the revocation is recorded, but the root's CRL is not signed: its keys are off line. \
         Bring {} back and run: setca crl issue {}",
        folder.display(),
        root.id
    )
}

/// The one certificate with this serial number.
fn find(
    store: &dyn Store,
    serial: &SerialNumber,
    ca: Option<&str>,
) -> Result<CertificateRecord, Failure> {
    let issuer = ca.map(|name| find_ca(store, name)).transpose()?.map(|ca| ca.id);
    let query =
        CertificateQuery { issuer, serial: Some(serial.clone()), ..CertificateQuery::default() };
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

fn state(text: &str) -> Result<CertificateState, String> {
    [CertificateState::Intent, CertificateState::Issued, CertificateState::Revoked]
        .into_iter()
        .find(|known| known.name() == text)
        .ok_or_else(|| "known: intent, issued, revoked".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    ROLES
        .into_iter()
        .find(|known| known.name() == text)
        .ok_or_else(|| format!("known: {}", ROLES.map(Role::name).join(", ")))
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

const ROLES: [Role; 10] = [
    Role::Rca,
    Role::Bca,
    Role::Gca,
    Role::Cca,
    Role::Mca,
    Role::Pca,
    Role::Cardholder,
    Role::Merchant,
    Role::Gateway,
    Role::Ocsp,
];
const HEAD: [&str; 6] = ["SERIAL", "STATE", "ISSUER", "ROLE AND USE", "NOT AFTER", "SUBJECT"];

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
