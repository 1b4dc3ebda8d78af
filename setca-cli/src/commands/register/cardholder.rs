//! `setca register cardholder`: initiation, form, certificate.

use std::path::PathBuf;

use ca_core::authority::Clock as _;
use ca_core::ee::{
    Blame, EeError, FormAnswer, FormOffer, Initiated, Outcome, Referral, Refused, Wallet,
    WalletConfig,
};
use ca_core::hex;
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::Cert;
use ca_core::{Suite, UnixTime};
use ca_server::data::Passphrase;
use ca_server::{SystemClock, SystemRandom};
use clap::Args;

use super::card::CardSource;
use super::form::{self, Filled};
use super::service::Service;
use super::wallet::{Draft, Installed};
use crate::cli::Global;
use crate::failure::Failure;
use crate::input;
use crate::inspect::names::name_der_text;
use crate::passphrase;
use crate::report::{Report, say};
use crate::tree::{Shown, Tree};

/// Register a payment card: get a cardholder certificate for it.
///
/// Makes contact with the cardholder CA, checks its certificates up to the roots you trust, sends
/// the card number encrypted to it, shows the policy and the form it answers with, makes a key pair
/// and asks for a certificate. What comes back is checked against the card and the key, and lands
/// in the folder --out all at once: key.p8, certificate.pem, chain.pem, root.pem, pan-secret.p8
/// (both .p8 encrypted under the passphrase) and policy.txt, what you agreed to.
///
/// The card number is read from --pan-file, SETCA_PAN, or a prompt: a command line can be seen by
/// others.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca register cardholder --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out wallet
  echo 4111111111111111 | setca register cardholder --url http://127.0.0.1:8080 --brand Sample \\
      --trust setca-data/root.pem --out wallet --pan-file - --expiry 203012 --accept-policy \\
      --answer 'Full name=Jane Doe' --answer 'Town=Springfield' --passphrase-file secret")]
pub(crate) struct Cardholder {
    /// The service, http://HOST:PORT; its SET address is /set unless the URL has a path.
    #[arg(long, value_name = "URL")]
    url: String,
    /// The brand of the card.
    #[arg(long, value_name = "BRAND")]
    brand: String,
    /// Root certificates you trust, PEM or DER; nothing else makes a CA trusted.
    #[arg(long, required = true, value_name = "ROOT")]
    trust: Vec<PathBuf>,
    /// The folder to make; must be new or empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Language of form and policy.
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    #[command(flatten)]
    card: CardSource,
    /// The answer to a field of the form; may be given several times. What is missing is asked for.
    #[arg(long, value_name = "LABEL=VALUE", value_parser = form::answer)]
    answer: Vec<(String, String)>,
    /// Agree to the CA's policy without being asked; it is shown all the same.
    #[arg(long)]
    accept_policy: bool,
    /// Kind of the key to make: rsa-3072, rsa-4096, ec-p256 or ed25519.
    #[arg(long, value_name = "KIND", default_value = "rsa-3072", value_parser = key_kind)]
    key: KeyAlgorithm,
}

impl Cardholder {
    /// Registers.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        // Everything that can be found wrong here is found before anything is sent.
        let draft = Draft::begin(&self.out)?;
        let service = Service::at(&self.url)?;
        let wallet = self.wallet()?;
        let card = self.card.read()?;
        let passphrase = self.passphrase(global)?;
        let initiated = initiate(&service, wallet)?;
        let offer = ask_form(&service, initiated, &card)?;
        let filled = form::fill(&offer, self.answer, self.accept_policy)?;
        say(format_args!("making a key: {}", self.key));
        let key = PrivateKey::generate(self.key, &SystemRandom)
            .map_err(|e| Failure::outside(format!("the key cannot be made: {e}")))?;
        // The key rests on disk before the CA certifies it.
        draft.save_key(&key, &passphrase)?;
        let outcome = request(&service, &offer, &filled, &card, &key)?;
        let certified = match outcome {
            Outcome::Certified(certified) => certified,
            Outcome::Pending { status, message } => {
                let text = message.map(|text| format!(": {}", Shown(&text))).unwrap_or_default();
                return Err(Failure::refused(format!(
                    "the CA has not decided yet ({status}){text}; nothing was written, register \
                     again later"
                )));
            }
            Outcome::Refused(refused) => return Err(refusal(&offer, &refused)),
        };
        draft.save_policy(&offer, filled.agreed_at)?;
        let installed = draft.install(&certified, &passphrase)?;
        report(&installed, &certified)
    }

    fn wallet(&self) -> Result<Wallet, Failure> {
        let mut anchors = Vec::new();
        for path in &self.trust {
            for root in input::certificates(path)? {
                say(format_args!(
                    "trusting {} because you named it; its confirmation hash is\n  {}",
                    Shown(&name_der_text(root.subject_der())),
                    confirmation_hash(&root)
                ));
                anchors.push(root);
            }
        }
        let config = WalletConfig {
            suite: Suite::Modern,
            brand: self.brand.clone(),
            language: self.language.clone(),
            anchors,
        };
        Wallet::new(config).map_err(|e| fault("wallet", &e))
    }

    /// As everywhere, but from the new folder's view: the passphrase of a CA that lies beside it is
    /// none of a wallet's business.
    fn passphrase(&self, global: &Global) -> Result<Passphrase, Failure> {
        passphrase::new(&Global {
            dir: self.out.clone(),
            format: global.format,
            passphrase_file: global.passphrase_file.clone(),
        })
    }
}

fn initiate(service: &Service, wallet: Wallet) -> Result<Initiated, Failure> {
    const STEP: &str = "initiation";
    say("1 of 3: CardCInitReq, making contact");
    let (message, waiting) = wallet.initiate(now(), &SystemRandom).map_err(|e| fault(STEP, &e))?;
    let answer = service.exchange(&message)?;
    let initiated = waiting.accept(&answer, now()).map_err(|e| told(service, STEP, &e, &answer))?;
    say(format_args!(
        "        CardCInitRes: {} is valid",
        Shown(&name_der_text(initiated.recipient().subject_der()))
    ));
    Ok(initiated)
}

fn ask_form(
    service: &Service,
    initiated: Initiated,
    card: &ca_core::ee::PanData,
) -> Result<FormOffer, Failure> {
    const STEP: &str = "registration form";
    say("2 of 3: RegFormReq, the card number sealed to that CA");
    let (message, waiting) =
        initiated.ask_form(&card.pan, now(), &SystemRandom).map_err(|e| fault(STEP, &e))?;
    let answer = service.exchange(&message)?;
    match waiting.accept(&answer, now()).map_err(|e| told(service, STEP, &e, &answer))? {
        FormAnswer::Form(offer) => {
            say(format_args!("        RegFormRes: a form of {} fields", offer.fields().len()));
            Ok(*offer)
        }
        FormAnswer::Referral(referral) => Err(elsewhere(&referral)),
    }
}

fn request(
    service: &Service,
    offer: &FormOffer,
    filled: &Filled,
    card: &ca_core::ee::PanData,
    key: &PrivateKey,
) -> Result<Outcome, Failure> {
    const STEP: &str = "certificate";
    say("3 of 3: CertReq, signed with the new key and sealed");
    let (message, waiting) = offer
        .request(&filled.answers, card, key, now(), &SystemRandom)
        .map_err(|e| fault(STEP, &e))?;
    let answer = service.exchange(&message)?;
    let outcome = waiting.accept(&answer, now()).map_err(|e| told(service, STEP, &e, &answer))?;
    if matches!(outcome, Outcome::Certified(_)) {
        say("        CertRes: a certificate for this card and this key");
    }
    Ok(outcome)
}

/// A fault of an answer: the CA is told if it should be, then the user.
fn told(service: &Service, step: &str, error: &EeError, answer: &[u8]) -> Failure {
    if let Ok(Some(report)) = error.report(answer, now(), &SystemRandom) {
        service.tell(&report);
    }
    fault(step, error)
}

fn fault(step: &str, error: &EeError) -> Failure {
    let text = format!("{step}: {}", Shown(&error.to_string()));
    match error.blame() {
        Blame::Own => Failure::outside(text),
        Blame::Peer => Failure::refused(text),
        Blame::User => Failure::usage(text),
    }
}

fn elsewhere(referral: &Referral) -> Failure {
    let mut text = "the CA does not register this card".to_owned();
    if let Some(reason) = referral.reason() {
        text.push_str(&format!(": {}", Shown(reason)));
    }
    for url in referral.urls() {
        text.push_str(&format!("\n  try {}", Shown(url)));
    }
    Failure::refused(text)
}

/// What the CA refused, with the labels of the fields it complains about.
fn refusal(offer: &FormOffer, refused: &Refused) -> Failure {
    let mut text = format!("the CA refused: {}", refused.status);
    if let Some(message) = &refused.message {
        text.push_str(&format!(" ({})", Shown(message)));
    }
    for item in &refused.failed_items {
        let number = usize::from(item.item_number.value());
        let field = number.checked_sub(1).and_then(|index| offer.fields().get(index));
        let label = field.map_or_else(|| format!("item {number}"), form::label);
        text.push_str(&format!("\n  {}: {}", Shown(&label), Shown(item.item_reason.as_str())));
    }
    Failure::refused(text)
}

fn report(installed: &Installed, certified: &ca_core::ee::Certified) -> Result<Report, Failure> {
    let certificate = &certified.certificate;
    let message = certified.ca_msg.as_ref();
    let logo = message.and_then(|m| m.card_logo_url.as_ref()).map(|url| url.as_str());
    let text = message.and_then(|m| m.cardholder_msg.as_ref()).map(|text| text.as_str());
    let files = installed.files().fold(Tree::new(), |tree, (name, path)| tree.with(name, path));
    Report::tree(
        &Tree::new()
            .with("serial", hex(certificate.serial()))
            .with("subject", name_der_text(certificate.subject_der()))
            .with("issuer", name_der_text(certificate.issuer_der()))
            .with("notBefore", certificate.not_before())
            .with("notAfter", certificate.not_after())
            .with_some("cardLogo", logo)
            .with_some("message", text.or(certified.ee_message.as_deref()))
            .with("files", files),
    )
}

/// What an operator reads out to confirm a root (spec `set-certificates.md` §4.3): SHA-256 of the
/// SubjectPublicKeyInfo, four digits a group.
fn confirmation_hash(root: &Cert) -> String {
    let digits = hex(&Suite::Modern.digest(root.spki_der()));
    let groups: Vec<&str> =
        digits.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}

fn now() -> UnixTime {
    SystemClock::default().now()
}

/// The kinds a cardholder CA of suite `modern` certifies (spec `set-crypto.md` §8).
fn key_kind(text: &str) -> Result<KeyAlgorithm, String> {
    match text.parse() {
        Ok(
            kind @ (KeyAlgorithm::EcP256 | KeyAlgorithm::Ed25519 | KeyAlgorithm::Rsa(3072 | 4096)),
        ) => Ok(kind),
        _ => Err("known: rsa-3072, rsa-4096, ec-p256, ed25519".to_owned()),
    }
}
