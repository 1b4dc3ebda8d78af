//! `setca register cardholder`: initiation, form, certificate.

use ca_core::ee::{FormOffer, Initiated, PanData, Wallet};
use ca_core::profile::Role;
use ca_core::signer::KeyAlgorithm;
use ca_server::SystemRandom;
use clap::Args;

use super::card::CardSource;
use super::folder::Held;
use super::job::{Job, fault, form_of, told};
use super::order::{Order, key_kind, key_name, now};
use super::service::Service;
use crate::cli::Global;
use crate::failure::Failure;
use crate::inspect::names::name_der_text;
use crate::report::{Report, say};
use crate::tree::Shown;

/// Register a payment card: get a cardholder certificate for it.
///
/// Makes contact with the cardholder CA, checks its certificates up to the roots you trust, sends
/// the card number encrypted to it, shows the policy and the form it answers with, makes a key pair
/// and asks for a certificate. What comes back is checked against the card and the key, and lands
/// in the folder --out all at once: key.p8, certificate.pem, chain.pem, root.pem, pan-secret.p8
/// (both .p8 encrypted under the passphrase), policy.txt, what you agreed to, registration.json and
/// cache/, what a renewal begins with.
///
/// From the moment the request leaves until its answer is final, the folder holds pending.p8, which
/// setca register collect goes on from. Exit 1 also if the CA has not decided yet.
///
/// The card number is read from --pan-file, SETCA_PAN, or a prompt: a command line can be seen by
/// others.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca register cardholder --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out wallet
  setca register cardholder --from sample.setreg --trust setca-data/root.pem --out wallet
  echo 4111111111111111 | setca register cardholder --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out wallet --pan-file - --expiry 203012 --accept-policy \\
      --answer 'Full name=Jane Doe' --answer 'Town=Springfield' --passphrase-file secret")]
pub(crate) struct Cardholder {
    #[command(flatten)]
    order: Order,
    #[command(flatten)]
    card: CardSource,
    /// Kind of the key to make: rsa-3072, rsa-4096, ec-p256 or ed25519; in suite set-1997 rsa-1024
    /// or rsa-2048. The first is the default.
    #[arg(long, value_name = "KIND", value_parser = key_name)]
    key: Option<KeyAlgorithm>,
}

impl Cardholder {
    /// Registers.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        let target = self.order.target(Role::Cardholder)?;
        let kind = key_kind(self.key, target.suite, false)?;
        let card = self.card.read()?;
        let passphrase = self.order.new_passphrase(global)?;
        let offer = offer(&target.service, target.wallet, &card, None)
            .map_err(|failure| target.service.explain(failure, &target.registration.brand))?;
        Job {
            folder: target.folder,
            service: target.service,
            passphrase,
            registration: target.registration,
            offer,
            filling: self.order.filling,
            card: Some(card),
            account: None,
            held: None,
            kinds: [Some(kind), None],
        }
        .run()
    }
}

/// The form for a card, first time or renewal.
pub(super) fn offer(
    service: &Service,
    wallet: Wallet,
    card: &PanData,
    renewed: Option<&Held>,
) -> Result<FormOffer, Failure> {
    let initiated = initiate(service, wallet, renewed)?;
    ask_form(service, initiated, card, renewed)
}

fn initiate(
    service: &Service,
    wallet: Wallet,
    renewed: Option<&Held>,
) -> Result<Initiated, Failure> {
    const STEP: &str = "initiation";
    say("making contact: CardCInitReq");
    let (message, waiting) = wallet.initiate(now(), &SystemRandom).map_err(|e| fault(STEP, &e))?;
    let answer = service.exchange(&message)?.message;
    let initiated =
        waiting.accept(&answer, now()).map_err(|e| told(service, renewed, STEP, &e, &answer))?;
    say(format_args!(
        "        CardCInitRes: {} is valid",
        Shown(&name_der_text(initiated.recipient().subject_der()))
    ));
    Ok(initiated)
}

fn ask_form(
    service: &Service,
    initiated: Initiated,
    card: &PanData,
    renewed: Option<&Held>,
) -> Result<FormOffer, Failure> {
    const STEP: &str = "registration form";
    say("asking for the form: RegFormReq, the card number sealed to that CA");
    let made = if renewed.is_some() {
        initiated.ask_renewal_form(&card.pan, now(), &SystemRandom)
    } else {
        initiated.ask_form(&card.pan, now(), &SystemRandom)
    };
    let (message, waiting) = made.map_err(|e| fault(STEP, &e))?;
    let answer = service.exchange(&message)?.message;
    let answered = waiting.accept(&answer, now());
    form_of(answered.map_err(|e| told(service, renewed, STEP, &e, &answer))?)
}
