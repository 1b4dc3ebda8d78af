//! `setca register merchant` and `setca register gateway`: contact with its form, certificates.

use std::path::PathBuf;

use ca_core::ee::{FormOffer, Wallet};
use ca_core::profile::Role;
use ca_core::signer::KeyAlgorithm;
use ca_core::wire::{IdData, RequestType};
use ca_server::SystemRandom;
use clap::{Args, ValueEnum};

use super::folder::{Folder, Held};
use super::job::{Job, fault, form_of, told};
use super::order::{Order, key_kind, key_name, now};
use super::service::Service;
use crate::cli::Global;
use crate::failure::Failure;
use crate::inspect::names::name_der_text;
use crate::report::{Report, say};
use crate::tree::Shown;

/// Register a merchant: get its certificates from the merchant CA.
///
/// Makes contact with the merchant CA as the merchant your acquirer knows by --bin and
/// --merchant-id, checks the CA's certificates up to the roots you trust, shows the policy and the
/// form it answers with, makes the key pairs and asks for certificates. What comes back is checked
/// and lands in the folder --out all at once: key.p8 and certificate.pem to sign with,
/// encryption-key.p8 and encryption-certificate.pem to be written to, chain.pem, root.pem,
/// policy.txt, registration.json, cache/.
///
/// From the moment the request leaves until its answer is final, the folder holds pending.p8, which
/// setca register collect goes on from. Exit 1 also if the CA has not decided yet.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca register merchant --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out shop --bin 411111 --merchant-id SHOP-1
  setca register merchant --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out shop2 --bin 411111 --merchant-id SHOP-1 --type enc \\
      --signed-by shop")]
pub(crate) struct Merchant {
    /// The merchant's name at its acquirer, at most 30 characters.
    #[arg(long, value_name = "ID")]
    merchant_id: String,
    #[command(flatten)]
    acceptor: Acceptor,
}

/// Register a payment gateway: get its certificates from the payment gateway CA.
///
/// As setca register merchant, for the gateway of the acquirer that --bin names.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Example:
  setca register gateway --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out gateway --bin 411111 --business-id 4711")]
pub(crate) struct Gateway {
    /// The acquirer's business number, digits.
    #[arg(long, value_name = "DIGITS")]
    business_id: Option<String>,
    #[command(flatten)]
    acceptor: Acceptor,
}

/// What merchants and gateways have in common: they accept payments.
#[derive(Args, Debug)]
pub(crate) struct Acceptor {
    #[command(flatten)]
    order: Order,
    /// BIN of the acquirer: six digits.
    #[arg(long, value_name = "BIN")]
    bin: String,
    /// Which certificates: sig (signature), enc (encryption) or both; default is what the wake-up
    /// file asks for, else both.
    #[arg(long = "type", value_name = "TYPE", value_enum)]
    kind: Option<Kind>,
    #[command(flatten)]
    money: Money,
    /// For --type enc: the folder with the signature certificate that vouches for the new key.
    #[arg(long, value_name = "DIR")]
    signed_by: Option<PathBuf>,
    #[command(flatten)]
    keys: KeyKinds,
}

/// The bank account, where the CA asks for it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Money {
    /// The bank account, if the CA asks for one; else SETCA_ACCOUNT, or a prompt.
    #[arg(long, value_name = "ACCOUNT", env = "SETCA_ACCOUNT", hide_env_values = true)]
    pub(super) account: Option<String>,
}

/// Kinds of the keys to make.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct KeyKinds {
    /// Kind of the signature key to make: rsa-3072, rsa-4096, ec-p256 or ed25519; in suite set-1997
    /// rsa-1024 or rsa-2048. The first is the default.
    #[arg(long, value_name = "KIND", value_parser = key_name)]
    pub(super) key: Option<KeyAlgorithm>,
    /// Kind of the encryption key to make: rsa-3072 or rsa-4096; in suite set-1997 rsa-1024 or
    /// rsa-2048.
    #[arg(long, value_name = "KIND", value_parser = key_name)]
    pub(super) encryption_key: Option<KeyAlgorithm>,
}

/// Which certificates are asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// To sign with.
    Sig,
    /// To be written to.
    Enc,
    /// Both.
    Both,
}

impl Kind {
    /// The type of request (spec `set-messages.md` §3.1); `None` for what no cardholder has.
    pub(super) fn request_type(self, role: Role, renewal: bool) -> Option<RequestType> {
        let (signature, encryption) = (self != Self::Enc, self != Self::Sig);
        RequestType::ALL.iter().copied().find(|asked| {
            (asked.role(), asked.is_renewal()) == (role, renewal)
                && (asked.wants_signature(), asked.wants_encryption()) == (signature, encryption)
        })
    }
}

impl Merchant {
    /// Registers.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        self.acceptor.run(Role::Merchant, Some(self.merchant_id), global)
    }
}

impl Gateway {
    /// Registers.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        self.acceptor.run(Role::Gateway, self.business_id, global)
    }
}

impl Acceptor {
    fn run(self, role: Role, id: Option<String>, global: &Global) -> Result<Report, Failure> {
        let mut target = self.order.target(role)?;
        target.registration.bin = Some(self.bin.clone());
        target.registration.id = id;
        let id_data = target.registration.id_data()?;
        let kind = |kind: Kind| kind.request_type(role, false);
        let asked = self.kind.and_then(kind).or(target.request_type).or(kind(Kind::Both));
        let asked = asked.ok_or_else(|| Failure::usage("--type: sig, enc or both"))?;
        let kinds = self.keys.of(asked, target.suite)?;
        let passphrase = self.order.new_passphrase(global)?;
        let held = self.vouching(asked, &passphrase)?;
        let offer = offer(&target.service, target.wallet, asked, id_data, held.as_ref())
            .map_err(|failure| target.service.explain(failure, &target.registration.brand))?;
        Job {
            folder: target.folder,
            service: target.service,
            passphrase,
            registration: target.registration,
            offer,
            filling: self.order.filling,
            card: None,
            account: self.money.account,
            held,
            kinds,
        }
        .run()
    }

    /// A key that only opens envelopes cannot vouch for itself.
    fn vouching(
        &self,
        asked: RequestType,
        passphrase: &ca_server::data::Passphrase,
    ) -> Result<Option<Held>, Failure> {
        match (&self.signed_by, asked.wants_signature()) {
            (None, true) => Ok(None),
            (Some(_), true) => Err(Failure::usage("--signed-by goes with --type enc only")),
            (None, false) => Err(Failure::usage(
                "--type enc needs --signed-by DIR, the folder with your signature certificate",
            )),
            (Some(dir), false) => {
                let held = Folder::at(dir).held(passphrase)?;
                if held.signature.is_some() {
                    return Ok(Some(Held { encryption: None, ..held }));
                }
                let name = dir.display();
                Err(Failure::refused(format!("{name} holds no signature certificate")))
            }
        }
    }
}

impl KeyKinds {
    /// Kinds for what is asked for: signature, encryption.
    pub(super) fn of(
        self,
        asked: RequestType,
        suite: ca_core::Suite,
    ) -> Result<[Option<KeyAlgorithm>; 2], Failure> {
        let signature = asked.wants_signature().then(|| key_kind(self.key, suite, false));
        let encryption =
            asked.wants_encryption().then(|| key_kind(self.encryption_key, suite, true));
        Ok([signature.transpose()?, encryption.transpose()?])
    }
}

/// The form for a merchant or a gateway, first time or renewal.
pub(super) fn offer(
    service: &Service,
    wallet: Wallet,
    asked: RequestType,
    id_data: IdData,
    held: Option<&Held>,
) -> Result<FormOffer, Failure> {
    const STEP: &str = "contact";
    say(format_args!("making contact: Me-AqCInitReq, {asked}"));
    let (message, waiting) =
        wallet.contact(asked, id_data, now(), &SystemRandom).map_err(|e| fault(STEP, &e))?;
    let answer = service.exchange(&message)?.message;
    let answered =
        waiting.accept(&answer, now()).map_err(|e| told(service, held, STEP, &e, &answer))?;
    let offer = form_of(answered)?;
    say(format_args!(
        "        Me-AqCInitRes: {} is valid",
        Shown(&name_der_text(offer.recipient().subject_der()))
    ));
    Ok(offer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_merchants_and_gateways_has_a_name_here() {
        let mut found = Vec::new();
        for role in [Role::Merchant, Role::Gateway] {
            for renewal in [false, true] {
                for kind in [Kind::Sig, Kind::Enc, Kind::Both] {
                    found.push(kind.request_type(role, renewal).unwrap());
                }
            }
        }
        found.sort_unstable_by_key(|asked| asked.number());
        let numbers: Vec<u8> = found.iter().map(|asked| asked.number()).collect();
        assert_eq!(numbers, [4, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17, 18]);
        assert_eq!(Kind::Both.request_type(Role::Cardholder, false), None);
    }
}
