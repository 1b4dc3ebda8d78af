//! `setca cert renew`: new certificates for an end entity that has some.

use std::path::PathBuf;

use ca_core::profile::Role;
use ca_core::wire::RequestType;
use clap::Args;

use super::acceptor::{self, KeyKinds, Kind, Money};
use super::card::CardSource;
use super::cardholder;
use super::folder::{Folder, Held};
use super::job::Job;
use super::order::{Filling, beside, wallet};
use super::service::Service;
use crate::cli::Global;
use crate::failure::Failure;
use crate::passphrase;
use crate::report::Report;

/// Renew the certificates of an end entity, from its folder.
///
/// Reads role, brand and address from the folder that setca register made, makes new keys, signs
/// the request with the new and the old one, and puts everything in its place at once; what was
/// there before goes to previous/SERIAL in the same folder, because an old encryption key still
/// opens old messages. The old certificates stay valid until their own end. A card is asked for
/// again: its number is not kept.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca cert renew --out shop --accept-policy --answer 'Name on statement=Daves Shop' \\
      --answer 'City=Springfield'
  setca cert renew --out shop --type enc
  setca cert renew --out wallet --pan-file card.txt --expiry 203012")]
pub(crate) struct Renew {
    /// The end entity's folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Which certificates: sig, enc or both; default is what the folder holds.
    #[arg(long = "type", value_name = "TYPE", value_enum)]
    kind: Option<Kind>,
    /// Another address of the service than the one that was used before.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Root certificates you trust; default is the one trusted before.
    #[arg(long, value_name = "ROOT")]
    trust: Vec<PathBuf>,
    #[command(flatten)]
    filling: Filling,
    #[command(flatten)]
    card: CardSource,
    #[command(flatten)]
    money: Money,
    #[command(flatten)]
    keys: KeyKinds,
}

impl Renew {
    /// Renews.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let folder = Folder::at(&self.out);
        // A first request that waits has no registration yet.
        if folder.is_waiting() {
            let name = self.out.display();
            return Err(Failure::refused(format!(
                "{name} holds a request that waits: run setca register collect --out {name} first"
            )));
        }
        let mut registration = folder.registration()?;
        let service = Service::at(self.url.as_deref().unwrap_or(&registration.url))?;
        registration.url = service.url().to_owned();
        let trust = if self.trust.is_empty() { vec![folder.root()] } else { self.trust.clone() };
        let (wallet, suite) = wallet(&registration, &trust, None, folder.cache())?;
        let passphrase = passphrase::existing(&beside(global, self.out.clone()))?;
        let held = folder.held(&passphrase)?;
        let asked = self.asked(registration.role, &held)?;
        let kinds = self.keys.of(asked, suite)?;
        let (offer, card) = match registration.role {
            Role::Cardholder => {
                let card = self.card.read()?;
                (cardholder::offer(&service, wallet, &card, Some(&held))?, Some(card))
            }
            _ => {
                let id = registration.id_data()?;
                (acceptor::offer(&service, wallet, asked, id, Some(&held))?, None)
            }
        };
        Job {
            folder,
            service,
            passphrase,
            registration,
            offer,
            filling: self.filling,
            card,
            account: self.money.account,
            held: Some(held),
            kinds,
        }
        .run()
    }

    fn asked(&self, role: Role, held: &Held) -> Result<RequestType, Failure> {
        let has = match (&held.signature, &held.encryption) {
            (Some(_), Some(_)) => Kind::Both,
            (Some(_), None) => Kind::Sig,
            (None, _) => {
                let name = self.out.display();
                return Err(Failure::refused(format!("{name} holds no signature certificate")));
            }
        };
        let kind = self.kind.unwrap_or(has);
        if kind != Kind::Sig && has == Kind::Sig {
            return Err(Failure::usage(format!(
                "{} holds no encryption certificate to renew",
                self.out.display()
            )));
        }
        let none = || Failure::usage(format!("no {role} has such a certificate"));
        kind.request_type(role, true).ok_or_else(none)
    }
}
