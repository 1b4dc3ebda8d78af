//! `setca cert revoke`: one certificate, or many.

use std::path::PathBuf;

use ca_core::UnixTime;
use ca_core::authority::{Authority, Ca, Cause};
use ca_core::decide::check_reason;
use ca_core::store::{CaRecord, CertificateRecord, RevocationReason, SerialNumber};
use clap::Args;

use super::{LidCa, find, line, many, reason, registration, serial};
use crate::cli::Global;
use crate::commands::publish;
use crate::failure::Failure;
use crate::house::{self, authority_failure, find_ca};
use crate::report::{Report, say};
use crate::tree::Tree;

/// Revoke certificates and publish the CRLs and BCIs that say so.
///
/// OCSP says so at once. If the issuer is the root and its keys are off line, the revocation is
/// recorded and the command says what remains to do. A certificate revoked for certificateHold can
/// be released again, or revoked for good. cACompromise is for the key that a CA signs certificates
/// with, keyCompromise for every other key; a root is not revoked but rolled over.
///
/// A list has one certificate a line: `SERIAL`, `SERIAL,REASON` or `ISSUER:SERIAL,REASON`, in
/// hexadecimal; what follows a # is a comment. Each CRL is published once, at the end. The same
/// command after an interruption goes on where it stopped: what is revoked already is passed over.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert revoke 3f09a1 --reason keyCompromise
  setca cert revoke 3f09a1 --ca sample-mca --reason keyCompromise \\
    --invalid-since 2026-11-01T00:00:00Z
  setca cert revoke 3f09a1 --reason certificateHold
  setca cert revoke --file stolen.txt --reason keyCompromise --dry-run
  setca cert revoke --key leaked.pem --reason keyCompromise
  setca cert revoke --registration 5f0c --reason cessationOfOperation")]
pub(crate) struct Revoke {
    #[command(flatten)]
    what: What,
    /// Why: unspecified, keyCompromise, cACompromise, affiliationChanged, superseded,
    /// cessationOfOperation, certificateHold, privilegeWithdrawn. With --file, of each line that
    /// does not say.
    #[arg(long, value_parser = reason, required_unless_present = "file")]
    reason: Option<RevocationReason>,
    /// Since when the certificate must not be trusted, if that is known: it is written in the CRL.
    #[arg(long, value_name = "TIME")]
    invalid_since: Option<UnixTime>,
    /// The CA that issued it, if several used the number.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
    /// Only say what would be revoked; exit code 1 if something is unknown.
    #[arg(long)]
    dry_run: bool,
}

/// Which certificates.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct What {
    /// Serial number, hexadecimal; colons and spaces are ignored.
    #[arg(value_parser = serial)]
    serial: Option<SerialNumber>,
    /// Those that a list names (- is standard input).
    #[arg(long, value_name = "LIST")]
    file: Option<PathBuf>,
    /// Every certificate of a public key: a file with the key or a certificate of it, or the
    /// SHA-256 of its SubjectPublicKeyInfo in hexadecimal.
    #[arg(long, value_name = "FILE|HEX")]
    key: Option<String>,
    /// Every certificate of a registration.
    #[arg(long, value_name = "ID", value_parser = registration)]
    registration: Option<LidCa>,
}

impl Revoke {
    /// Revokes.
    pub(super) fn run(self, global: &Global) -> Result<Report, Failure> {
        let Self { what, reason, invalid_since, ca, dry_run } = self;
        if let (Some(serial), Some(reason), false) = (&what.serial, reason, dry_run) {
            return one(global, serial, Cause { reason, invalid_since }, ca.as_deref());
        }
        let plan = {
            let store = house::records(global)?;
            let ca = ca.map(|name| find_ca(&*store, &name)).transpose()?.map(|ca| ca.id);
            let search = many::Search { store: &*store, ca, reason, invalid_since };
            match what {
                What { serial: Some(serial), .. } => search.serial(serial)?,
                What { file: Some(file), .. } => search.file(&file)?,
                What { key: Some(key), .. } => search.key(&key)?,
                What { registration: Some(LidCa(id)), .. } => search.registration(&id)?,
                _ => return Err(Failure::usage("say which certificates: see --help")),
            }
        };
        plan.check(global)?;
        if dry_run { plan.report() } else { plan.carry_out(global) }
    }
}

fn one(
    global: &Global,
    serial: &SerialNumber,
    cause: Cause,
    ca: Option<&str>,
) -> Result<Report, Failure> {
    let (record, issuer) = {
        let store = house::records(global)?;
        let record = find(&*store, serial, ca)?;
        let issuer = find_ca(&*store, record.intent.issuer.as_str())?;
        (record, issuer)
    };
    check_reason(&record, cause.reason).map_err(|e| Failure::refused(e.to_string()))?;
    let off_line = publish::is_off_line(global, &issuer);
    let with_root = issuer.superior.is_none() && !off_line;
    let authority = house::authority(global, with_root)?;
    let revocation =
        authority.revoke(&issuer.id, serial, cause).map_err(|e| authority_failure(&e))?;
    let tree = line(&CertificateRecord { revocation: Some(revocation), ..record });
    if off_line {
        say(root_is_off_line(global, &issuer));
        return Report::tree(&tree.with("published", Tree::List(Vec::new())));
    }
    let recorded = |failure: Failure| {
        let id = &issuer.id;
        Failure::outside(format!(
            "{serial} is revoked in the records and in OCSP, but not in a list: {failure}; \
             try setca crl issue {id}"
        ))
    };
    let lists = publish::after_revocation(&authority, &issuer).map_err(recorded)?;
    if lists.is_empty() {
        say(not_listed(&authority, &issuer));
    }
    Report::tree(&tree.with("published", Tree::list(lists.iter().map(publish::tree))))
}

/// What is left to do when the root's keys are away.
pub(super) fn root_is_off_line(global: &Global, root: &CaRecord) -> String {
    let folder = ca_server::data::Folder::at(&global.dir).offline_root();
    format!(
        "it is recorded, but the root's CRL is not signed: its keys are off line. \
         Bring {} back and run: setca crl issue {}",
        folder.display(),
        root.id
    )
}

/// Why a revocation is on no list yet.
pub(super) fn not_listed(authority: &Authority, issuer: &CaRecord) -> String {
    let id = &issuer.id;
    if authority.hierarchy().ca(id).is_some_and(Ca::issues_crls) {
        return format!(
            "OCSP says so now, the lists of {id} when they are due: at_once = false in \
             policies/lists.toml. For a list now: setca crl issue {id}"
        );
    }
    format!(
        "{id} issues no CRL: the revocation stands in the records alone; whoever decides on \
         payments must refuse the holder"
    )
}
