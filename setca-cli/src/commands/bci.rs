//! `setca bci`: brand CRL identifiers.

use ca_core::pem;
use ca_core::store::{ListId, Store};
use clap::{Args, Subcommand};

use super::ca_message::{Peer, sent};
use super::publish::{self, Shape};
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, authority_failure};
use crate::report::Report;

/// Brand CRL identifiers (which CRLs a relying party must hold): issue, show, distribute.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca bci issue Sample
  setca bci show Sample
  setca bci distribute Sample --url http://pca.example:8257")]
pub(crate) enum Bci {
    Distribute(Distribute),
    Issue(Issue),
    Show(Show),
}

/// Hand the BCI published last to CAs of the brand that another service keeps.
///
/// Sends a BCIDistribution with the CRLs that the BCI lists, signed by the brand CA. CAs that one
/// service keeps have it already. Exit 1 if the message is refused, 3 if nobody answers.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Example:
  setca bci distribute Sample --url http://pca.example:8257")]
pub(crate) struct Distribute {
    /// The brand, NAME or NAME:PRODUCT.
    brand: String,
    /// The other service; /set/ca is added to a URL without a path.
    #[arg(long, value_name = "URL")]
    url: String,
}

/// Sign and publish the BCI of a brand now, whether it is due or not.
///
/// The service publishes it by itself when it is due and after each new CRL.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Example:
  setca bci issue Sample")]
pub(crate) struct Issue {
    /// The brand, NAME or NAME:PRODUCT.
    brand: String,
}

/// Show the BCI published last.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca bci show Sample
  setca bci show Sample --der --out sample.bci")]
pub(crate) struct Show {
    /// The brand, NAME or NAME:PRODUCT.
    brand: String,
    #[command(flatten)]
    shape: Shape,
}

impl Bci {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let store = house::records(global)?;
        match self {
            Self::Distribute(distribute) => distribute.run(global, &*store),
            Self::Issue(issue) => {
                check_brand(&*store, &issue.brand)?;
                let authority = house::authority(global, false)?;
                let list =
                    authority.publish_bci(&issue.brand).map_err(|e| authority_failure(&e))?;
                Report::tree(&publish::tree(&list.head()))
            }
            Self::Show(show) => {
                check_brand(&*store, &show.brand)?;
                let hint = format!("{0} has no BCI yet: setca bci issue {0}", show.brand);
                let list = ListId::Bci(show.brand);
                show.shape.show(&*store, &list, pem::BCI, &hint)
            }
        }
    }
}

impl Distribute {
    fn run(&self, global: &Global, store: &dyn Store) -> Result<Report, Failure> {
        check_brand(store, &self.brand)?;
        let to = Peer::at(&self.url)?;
        let authority = house::authority(global, false)?;
        let message = authority.bci_distribution(&self.brand);
        let answer = to.send(&message.map_err(|e| authority_failure(&e))?)?;
        match answer {
            None => sent(store, &ListId::Bci(self.brand.clone()), &to),
            Some(_) => Err(to.misunderstood("a BCIDistribution has no answer")),
        }
    }
}

fn check_brand(store: &dyn Store, brand: &str) -> Result<(), Failure> {
    let brands = publish::brands(store)?;
    if brands.iter().any(|known| known == brand) {
        return Ok(());
    }
    Err(Failure::refused(format!("no brand {brand}: there are {}", brands.join(", "))))
}
