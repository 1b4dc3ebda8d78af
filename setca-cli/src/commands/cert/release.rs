//! `setca cert release`: a hold is taken back.

use ca_core::store::{CertificateRecord, SerialNumber};
use clap::Args;

use super::revoke::{not_listed, root_is_off_line};
use super::{find, line, serial};
use crate::cli::Global;
use crate::commands::publish;
use crate::failure::Failure;
use crate::house::{self, authority_failure, find_ca};
use crate::report::{Report, say};
use crate::tree::Tree;

/// Release a certificate that was revoked for certificateHold, and publish the CRL without it.
///
/// OCSP says good at once. Who keeps the CRL from before goes on refusing the certificate until
/// that ends. A certificate revoked for any other reason stays revoked.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert release 3f09a1
  setca cert release 3f09a1 --ca sample-mca --format json")]
pub(crate) struct Release {
    /// Serial number, hexadecimal; colons and spaces are ignored.
    #[arg(value_parser = serial)]
    serial: SerialNumber,
    /// The CA that issued it, if several used the number.
    #[arg(long, value_name = "CA")]
    ca: Option<String>,
}

impl Release {
    /// Releases.
    pub(super) fn run(self, global: &Global) -> Result<Report, Failure> {
        let serial = &self.serial;
        let (record, issuer) = {
            let store = house::records(global)?;
            let record = find(&*store, serial, self.ca.as_deref())?;
            let issuer = find_ca(&*store, record.intent.issuer.as_str())?;
            (record, issuer)
        };
        match record.revocation {
            None => return Err(Failure::refused(format!("{serial} is not on hold"))),
            Some(standing) if !standing.is_hold() => {
                return Err(Failure::refused(format!(
                    "{serial} is revoked for {}, for good: only a certificateHold is released; \
                     issue a new certificate",
                    standing.reason.name()
                )));
            }
            Some(_) => {}
        }
        let off_line = publish::is_off_line(global, &issuer);
        let with_root = issuer.superior.is_none() && !off_line;
        let authority = house::authority(global, with_root)?;
        authority.release(&issuer.id, serial).map_err(|e| authority_failure(&e))?;
        let tree = line(&CertificateRecord { revocation: None, ..record });
        if off_line {
            say(root_is_off_line(global, &issuer));
            return Report::tree(&tree.with("published", Tree::List(Vec::new())));
        }
        let lists = publish::after_revocation(&authority, &issuer).map_err(|failure| {
            Failure::outside(format!(
                "{serial} is released in the records and in OCSP, but still on the list: \
                 {failure}; try setca crl issue {}",
                issuer.id
            ))
        })?;
        if lists.is_empty() {
            say(not_listed(&authority, &issuer));
        }
        Report::tree(&tree.with("published", Tree::list(lists.iter().map(publish::tree))))
    }
}
