//! `setca crl`: certificate revocation lists.

use ca_core::store::ListId;
use clap::{Args, Subcommand};

use super::publish::{self, Shape};
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, find_ca};
use crate::report::Report;
use crate::tree::Tree;

/// Certificate revocation lists: issue, show.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca crl issue sample-cca
  setca crl show sample-cca")]
pub(crate) enum Crl {
    Issue(Issue),
    Show(Show),
}

/// Sign and publish the CRL of a CA now, whether it is due or not, and the BCI that names it.
///
/// The service publishes CRLs by itself when they are due; only the root's has to be made here,
/// with the root's keys in DIR/offline-root.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca crl issue sample-cca
  setca crl issue root")]
pub(crate) struct Issue {
    /// Identifier of the CA.
    ca: String,
}

/// Show the CRL published last.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca crl show sample-cca
  setca crl show sample-cca --pem --out sample-cca.crl")]
pub(crate) struct Show {
    /// Identifier of the CA.
    ca: String,
    #[command(flatten)]
    shape: Shape,
}

impl Crl {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let ca = find_ca(&house::records(global)?, self.ca())?;
        match self {
            Self::Issue(_) => {
                let authority = house::authority(global, ca.superior.is_none())?;
                let lists = publish::crl_and_bcis(&authority, &ca)?;
                if lists.is_empty() {
                    let why = "its certificate has no cRLSign (suite set-1997)";
                    return Err(Failure::refused(format!("{} issues no CRL: {why}", ca.id)));
                }
                let lists = Tree::list(lists.iter().map(publish::tree));
                Report::tree(&Tree::new().with("published", lists))
            }
            Self::Show(show) => {
                let hint = format!("{0} has no CRL yet: setca crl issue {0}", ca.id);
                let list = ListId::Crl(ca.id);
                show.shape.show(&house::records(global)?, &list, "X509 CRL", &hint)
            }
        }
    }

    fn ca(&self) -> &str {
        match self {
            Self::Issue(issue) => &issue.ca,
            Self::Show(show) => &show.ca,
        }
    }
}
