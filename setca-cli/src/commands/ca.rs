//! `setca ca`: the hierarchy.

use std::fmt::Write as _;
use std::path::PathBuf;

use ca_core::profile::{KeyUse, Role};
use ca_core::store::{CaCertificate, CaRecord, ListId, Store};
use clap::{Args, Subcommand};
use der::pem::{self, LineEnding};

use super::output;
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, certificate_of, find_ca, store_failure, stored_certificate};
use crate::inspect::certificate;
use crate::inspect::names::name_der_text;
use crate::report::Report;
use crate::tree::Tree;

/// The hierarchy: list, show, export.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca ca list
  setca ca show sample-cca
  setca ca export sample-cca --out chain.pem")]
pub(crate) enum Ca {
    List(List),
    Show(Show),
    Export(Export),
}

/// Show the CAs as a tree.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca ca list
  setca ca list --format json")]
pub(crate) struct List {}

/// Show one CA: its roles, certificates and lists.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Example:
  setca ca show sample-cca")]
pub(crate) struct Show {
    /// Identifier of the CA, as `setca ca list` shows it.
    id: String,
}

/// Write the certificates of a CA as PEM.
///
/// By default its certificate-signing certificate and those of its superiors below the root: what
/// `openssl verify -untrusted` takes. The root certificate is DIR/root.pem, or `setca ca export
/// root`.
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

impl Ca {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let store = house::records(global)?;
        match self {
            Self::List(List {}) => list(&store),
            Self::Show(show) => show.run(&store),
            Self::Export(export) => export.run(&store),
        }
    }
}

fn list(store: &dyn Store) -> Result<Report, Failure> {
    let cas = store.cas().map_err(|e| store_failure(&e))?;
    let json: Result<Vec<Tree>, Failure> = cas.iter().map(summary).collect();
    let mut text = String::new();
    for root in cas.iter().filter(|ca| ca.superior.is_none()) {
        branch(&mut text, &cas, root, "", "")?;
    }
    Report::views(text, &json?)
}

/// One CA and what is below it.
fn branch(
    text: &mut String,
    cas: &[CaRecord],
    ca: &CaRecord,
    first: &str,
    indent: &str,
) -> Result<(), Failure> {
    let name = format!("{first}{}", ca.id);
    let mut line = format!("{name:28} {:12}", roles(ca));
    if let Some(signing) = certificate_of(ca, KeyUse::CertificateSigning) {
        let certificate = stored_certificate(&ca.id, &signing.der)?;
        let subject = name_der_text(certificate.subject_der());
        // Writing to a String never fails.
        let _ = write!(line, " {subject}  until {}", certificate.not_after());
    }
    let _ = writeln!(text, "{}", line.trim_end());
    let below: Vec<&CaRecord> =
        cas.iter().filter(|other| other.superior.as_ref() == Some(&ca.id)).collect();
    for (number, child) in below.iter().enumerate() {
        let last = number + 1 == below.len();
        let (mark, bar) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        branch(text, cas, child, &format!("{indent}{mark}"), &format!("{indent}{bar}"))?;
    }
    Ok(())
}

fn roles(ca: &CaRecord) -> String {
    let names: Vec<&str> = ca.roles.iter().map(|role| Role::name(*role)).collect();
    names.join("+")
}

/// A CA with one line for each of its certificates.
fn summary(ca: &CaRecord) -> Result<Tree, Failure> {
    let certificates: Result<Vec<Tree>, Failure> = ca
        .certificates
        .iter()
        .map(|held| {
            let certificate = stored_certificate(&ca.id, &held.der)?;
            Ok(head(held)
                .with("serial", certificate.serial())
                .with("subject", name_der_text(certificate.subject_der()))
                .with("notBefore", certificate.not_before())
                .with("notAfter", certificate.not_after()))
        })
        .collect();
    Ok(identity(ca).with("certificates", certificates?))
}

fn identity(ca: &CaRecord) -> Tree {
    Tree::new()
        .with("id", ca.id.as_str())
        .with("roles", Tree::list(ca.roles.iter().map(|role| role.name())))
        .with_some("brand", ca.brand.as_deref())
        .with_some("superior", ca.superior.as_ref().map(|id| id.as_str()))
}

fn head(held: &CaCertificate) -> Tree {
    Tree::new().with("keyUse", held.key_use.name()).with("key", held.key.to_string())
}

impl Show {
    fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let ca = find_ca(store, &self.id)?;
        let certificates: Result<Vec<Tree>, Failure> = ca
            .certificates
            .iter()
            .map(|held| {
                let certificate = stored_certificate(&ca.id, &held.der)?;
                Ok(head(held).with("certificate", certificate::tree(&certificate)))
            })
            .collect();
        let crl = store.list(&ListId::Crl(ca.id.clone())).map_err(|e| store_failure(&e))?;
        let crl = crl.map(|list| {
            Tree::new()
                .with("number", list.number)
                .with("thisUpdate", list.this_update)
                .with("nextUpdate", list.next_update)
        });
        Report::tree(&identity(&ca).with_some("crl", crl).with("certificates", certificates?))
    }
}

impl Export {
    fn run(&self, store: &dyn Store) -> Result<Report, Failure> {
        let ca = find_ca(store, &self.id)?;
        let missing = || {
            let held: Vec<&str> = ca.certificates.iter().map(|c| c.key_use.name()).collect();
            let (id, held) = (&ca.id, held.join(", "));
            Failure::refused(format!("{id} has no {} certificate: it has {held}", self.key_use))
        };
        let own = certificate_of(&ca, self.key_use).ok_or_else(missing)?;
        if self.der {
            return output::write(own.der.clone(), self.out.as_deref());
        }
        let mut text = pem_text(CERTIFICATE, &own.der)?;
        if !self.single {
            let cas = store.cas().map_err(|e| store_failure(&e))?;
            // A CA issues its responder's certificate itself, all others its superior does (spec
            // set-certificates.md §5.1, §10.5).
            let issuer = (self.key_use == KeyUse::OcspSigning).then_some(&ca);
            for above in issuer.into_iter().chain(superiors(&cas, &ca)) {
                let signing = certificate_of(above, KeyUse::CertificateSigning);
                text.push_str(
                    &signing.map_or(Ok(String::new()), |c| pem_text(CERTIFICATE, &c.der))?,
                );
            }
        }
        output::write(text.into_bytes(), self.out.as_deref())
    }
}

/// The CAs between `ca` and the root.
fn superiors<'a>(cas: &'a [CaRecord], ca: &CaRecord) -> Vec<&'a CaRecord> {
    let find = |id| cas.iter().find(|other| &other.id == id);
    let mut chain = Vec::new();
    let mut next = ca.superior.as_ref().and_then(find);
    while let Some(superior) = next.filter(|superior| superior.superior.is_some()) {
        // A damaged store must not send us round in a circle.
        if chain.len() > cas.len() {
            break;
        }
        chain.push(superior);
        next = superior.superior.as_ref().and_then(find);
    }
    chain
}

/// A certificate as PEM.
pub(crate) fn pem_text(label: &str, der: &[u8]) -> Result<String, Failure> {
    pem::encode_string(label, LineEnding::LF, der)
        .map_err(|e| Failure::refused(format!("cannot write PEM: {e}")))
}

fn key_use(text: &str) -> Result<KeyUse, String> {
    let all = [
        KeyUse::CertificateSigning,
        KeyUse::Encryption,
        KeyUse::MessageSignature,
        KeyUse::OcspSigning,
    ];
    all.into_iter().find(|known| known.name() == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|known| known.name()).collect();
        format!("known: {}", names.join(", "))
    })
}
/// PEM label of a certificate (RFC 7468 §5).
pub(crate) const CERTIFICATE: &str = "CERTIFICATE";
