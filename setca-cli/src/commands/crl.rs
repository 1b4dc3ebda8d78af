//! `setca crl`: certificate revocation lists.

use ca_core::authority::CaFault;
use ca_core::pem;
use ca_core::store::{CaId, CaRecord, ListId, Shard};
use clap::{Args, Subcommand};

use super::ca_message::{Peer, sent};
use super::publish::{self, Shape};
use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, authority_failure, find_ca};
use crate::report::Report;
use crate::tree::Tree;

/// Certificate revocation lists: issue, show, notify.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca crl issue sample-cca
  setca crl show sample-cca
  setca crl notify sample-cca --url http://bca.example:8257")]
pub(crate) enum Crl {
    Issue(Issue),
    Notify(Notify),
    Show(Show),
}

/// Sign and publish the CRL of a CA now, whether it is due or not, with its delta or its shards,
/// and the BCI that names it.
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

/// Tell the brand CA, kept by another service, of the CRL published last.
///
/// Sends a CRLNotification with the CRL, signed by the CA, and checks the brand CA's
/// acknowledgement. The next BCI then lists the CRL. CAs that one service keeps do this by
/// themselves. Exit 1 if the message or its acknowledgement is refused, 3 if nobody answers.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Example:
  setca crl notify sample-pca --url http://bca.example:8257")]
pub(crate) struct Notify {
    /// Identifier of the CA.
    ca: String,
    /// The brand CA's service; /set/ca is added to a URL without a path.
    #[arg(long, value_name = "URL")]
    url: String,
}

/// Show the CRL published last: the complete one, its delta, or one of its shards.
///
/// A CA has deltas or shards where policies/lists.toml says so. A certificate names its shard in
/// cRLDistributionPoints: .../16-7.crl is the shard 16-7.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca crl show sample-cca
  setca crl show sample-cca --pem --out sample-cca.crl
  setca crl show sample-mca --delta
  setca crl show sample-cca --shard 16-7")]
pub(crate) struct Show {
    /// Identifier of the CA.
    ca: String,
    /// What has changed since an earlier CRL.
    #[arg(long, conflicts_with = "shard")]
    delta: bool,
    /// One shard: how many there are, and which from 0.
    #[arg(long, value_name = "OF-INDEX", value_parser = shard)]
    shard: Option<Shard>,
    #[command(flatten)]
    shape: Shape,
}

impl Crl {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let ca = find_ca(&*house::records(global)?, self.ca())?;
        match self {
            Self::Issue(_) => {
                let authority = house::authority(global, ca.superior.is_none())?;
                let lists = publish::all_lists(&authority, &ca)?;
                if lists.is_empty() {
                    let why = "its certificate has no cRLSign (suite set-1997)";
                    return Err(Failure::refused(format!("{} issues no CRL: {why}", ca.id)));
                }
                let lists = Tree::list(lists.iter().map(publish::tree));
                Report::tree(&Tree::new().with("published", lists))
            }
            Self::Notify(notify) => notify.run(global, &ca),
            Self::Show(show) => {
                let (list, hint) = show.list(ca.id);
                show.shape.show(&*house::records(global)?, &list, pem::CRL, &hint)
            }
        }
    }

    fn ca(&self) -> &str {
        match self {
            Self::Issue(issue) => &issue.ca,
            Self::Notify(notify) => &notify.ca,
            Self::Show(show) => &show.ca,
        }
    }
}

impl Show {
    /// The list that is wanted, and what to do if there is none.
    fn list(&self, ca: CaId) -> (ListId, String) {
        let keys = "policies/lists.toml gives it some, setca crl issue makes them";
        if self.delta {
            let hint = format!("{ca} has no delta CRL: delta_hours in {keys}");
            return (ListId::Delta(ca), hint);
        }
        match self.shard {
            Some(shard) => {
                let hint = format!("{ca} has no shard {shard}: shards in {keys}");
                (ListId::Shard { ca, shard }, hint)
            }
            None => {
                let hint = format!("{ca} has no CRL yet: setca crl issue {ca}");
                (ListId::Crl(ca), hint)
            }
        }
    }
}

/// Reads `16-7`.
fn shard(text: &str) -> Result<Shard, String> {
    Shard::parse(text).ok_or_else(|| "write how many shards there are and which: 16-7".to_owned())
}

impl Notify {
    fn run(&self, global: &Global, ca: &CaRecord) -> Result<Report, Failure> {
        let to = Peer::at(&self.url)?;
        let authority = house::authority(global, false)?;
        let message = authority.crl_notification(&ca.id).map_err(|e| authority_failure(&e))?;
        let answer = to.send(&message)?;
        let answer = answer.ok_or_else(|| to.misunderstood("a CRLNotification has an answer"))?;
        authority.check_acknowledgement(&message, &answer).map_err(|fault| match fault {
            CaFault::Ours(error) => authority_failure(&error),
            CaFault::Refused(refusal) => Failure::refused(format!(
                "the acknowledgement of {} is not to be believed: {refusal}",
                self.url
            )),
        })?;
        sent(authority.store().as_ref(), &ListId::Crl(ca.id.clone()), &to)
    }
}
