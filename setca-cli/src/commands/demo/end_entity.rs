//! The end entities of the demo: software that registers over HTTP, one message pair at a time.

use ca_core::authority::Clock as _;
use ca_core::ee::{
    Account, Application, Certified, Contacting, EeError, FormAnswer, FormOffer, Holder, Initiated,
    Outcome, PanData, Pending, Wallet, WalletConfig,
};
use ca_core::signer::PrivateKey;
use ca_core::wire::{
    AcquirerId, Bin, CardExpiry, Cert, IdData, MerchantAcquirerId, MerchantId, NumericString, Pan,
    RequestType,
};
use ca_core::{Suite, UnixTime};
use ca_server::{SystemClock, SystemRandom};

use super::http::Served;
use super::keys::Pair;
use crate::failure::Failure;
use crate::house::chain;

/// Software that trusts one root, and the service it registers with.
pub(super) struct EndEntity<'a> {
    pub(super) suite: Suite,
    pub(super) served: &'a Served,
    pub(super) root: &'a Cert,
}

impl EndEntity<'_> {
    /// CardCInitReq, CardCInitRes.
    pub(super) fn initiate(&self) -> Result<Initiated, Failure> {
        let (request, waiting) = self.wallet()?.initiate(now(), &SystemRandom).map_err(refused)?;
        waiting.accept(&self.post(&request)?, now()).map_err(refused)
    }

    /// RegFormReq, RegFormRes.
    pub(super) fn ask_form(&self, begun: Initiated, card: &PanData) -> Result<FormOffer, Failure> {
        let (request, waiting) =
            begun.ask_form(&card.pan, now(), &SystemRandom).map_err(refused)?;
        form(waiting.accept(&self.post(&request)?, now()).map_err(refused)?)
    }

    /// CertReq, CertRes of a cardholder.
    pub(super) fn request_for_card(
        &self,
        form: &FormOffer,
        card: &PanData,
        key: &PrivateKey,
    ) -> Result<Outcome, Failure> {
        self.request(form, &Application::card(&answers(&CARDHOLDER), card, key))
    }

    /// All three pairs of a cardholder.
    pub(super) fn register_card(
        &self,
        card: &PanData,
        key: &PrivateKey,
    ) -> Result<Outcome, Failure> {
        let form = self.ask_form(self.initiate()?, card)?;
        self.request_for_card(&form, card, key)
    }

    /// CertInqReq, CertInqRes.
    pub(super) fn inquire(&self, pending: &Pending) -> Result<Outcome, Failure> {
        let (request, waiting) = pending.inquire(now(), &SystemRandom).map_err(refused)?;
        waiting.accept(&self.post(&request)?, now()).map_err(refused)
    }

    /// Both pairs of a merchant: both certificates.
    pub(super) fn register_merchant(&self, keys: &Pair) -> Result<Box<Certified>, Failure> {
        let form = self.contact(RequestType::MerInitialBoth, shop()?)?;
        certified(self.request(&form, &initial(&answers(&MERCHANT), keys))?)
    }

    /// Both pairs of a gateway: both certificates.
    pub(super) fn register_gateway(&self, keys: &Pair) -> Result<Box<Certified>, Failure> {
        let form = self.contact(RequestType::PgwyInitialBoth, gateway()?)?;
        certified(self.request(&form, &initial(&answers(&GATEWAY), keys))?)
    }

    /// Both pairs of a merchant who has certificates: another one to sign with.
    pub(super) fn renew_merchant(
        &self,
        held: Holder<'_>,
        key: &PrivateKey,
    ) -> Result<Box<Certified>, Failure> {
        let form = self.contact(RequestType::MerRenewalSig, shop()?)?;
        let application = Application {
            answers: &answers(&MERCHANT),
            account: Account::None,
            signature_key: Some(key),
            encryption_key: None,
            holder: Some(held),
            renewed_encryption: None,
        };
        certified(self.request(&form, &application)?)
    }

    /// Me-AqCInitReq, Me-AqCInitRes.
    fn contact(&self, request_type: RequestType, identity: IdData) -> Result<FormOffer, Failure> {
        let (request, waiting): (_, Contacting) = self
            .wallet()?
            .contact(request_type, identity, now(), &SystemRandom)
            .map_err(refused)?;
        form(waiting.accept(&self.post(&request)?, now()).map_err(refused)?)
    }

    /// CertReq, CertRes.
    fn request(&self, form: &FormOffer, application: &Application<'_>) -> Result<Outcome, Failure> {
        let (request, waiting) =
            form.request(application, now(), &SystemRandom).map_err(refused)?;
        waiting.accept(&self.post(&request)?, now()).map_err(refused)
    }

    fn wallet(&self) -> Result<Wallet, Failure> {
        Wallet::new(WalletConfig {
            suite: self.suite,
            brand: super::BRAND.to_owned(),
            language: "en".to_owned(),
            anchors: vec![self.root.clone()],
        })
        .map_err(refused)
    }

    fn post(&self, request: &[u8]) -> Result<Vec<u8>, Failure> {
        self.served.post("/set", "application/set-registration", request)
    }
}

/// The certificates, if there are any.
pub(super) fn certified(outcome: Outcome) -> Result<Box<Certified>, Failure> {
    match outcome {
        Outcome::Certified(certified) => Ok(certified),
        Outcome::Pending(pending) => Err(Failure::refused(pending.status().to_string())),
        Outcome::Refused(refusal) => {
            let message = refusal.message.unwrap_or_default();
            Err(Failure::refused(format!("{}: {message}", refusal.status)))
        }
    }
}

/// A card of the sample policies that is good for two more years.
pub(super) fn card(number: &str) -> Result<PanData, Failure> {
    let odd = |_| Failure::refused("a test card of the demo is not one");
    let year = now().to_string().get(..4).and_then(|year| year.parse::<u16>().ok());
    let expiry = CardExpiry::new(year.unwrap_or_default() + 2, 12).map_err(odd)?;
    Ok(PanData { pan: Pan::new(number).map_err(odd)?, expiry })
}

pub(super) fn now() -> UnixTime {
    SystemClock::default().now()
}

fn form(answer: FormAnswer) -> Result<FormOffer, Failure> {
    match answer {
        FormAnswer::Form(form) => Ok(*form),
        FormAnswer::Referral(referral) => {
            let reason = referral.reason().unwrap_or("no reason").to_owned();
            Err(Failure::refused(format!("referred elsewhere: {reason}")))
        }
    }
}

fn initial<'a>(answers: &'a [(String, String)], keys: &'a Pair) -> Application<'a> {
    Application {
        answers,
        account: Account::None,
        signature_key: Some(&keys.signature),
        encryption_key: Some(&keys.encryption),
        holder: None,
        renewed_encryption: None,
    }
}

fn shop() -> Result<IdData, Failure> {
    let merchant_id = MerchantId::new("MERCHANT01").map_err(|_| no_identity())?;
    Ok(IdData::Merchant(MerchantAcquirerId { merchant_bin: acquirer()?, merchant_id }))
}

fn gateway() -> Result<IdData, Failure> {
    let business = NumericString::new("4711").map_err(|_| no_identity())?;
    let acquirer_bin = acquirer()?;
    Ok(IdData::Acquirer(AcquirerId { acquirer_bin, acquirer_business_id: Some(business) }))
}

fn acquirer() -> Result<Bin, Failure> {
    Bin::new(ACQUIRER).map_err(|_| no_identity())
}

fn no_identity() -> Failure {
    Failure::refused("an identity of the demo is not one")
}

fn answers(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
}

fn refused(error: EeError) -> Failure {
    Failure::refused(chain(&error))
}

/// BIN of "Example Acquirer" in the sample policies: decides at once.
const ACQUIRER: &str = "490000";
/// Answers to the required fields of the sample forms.
const CARDHOLDER: [(&str, &str); 2] = [("Full name", "Ada Lovelace"), ("Town", "London")];
const MERCHANT: [(&str, &str); 2] = [("Name of the shop", "Daves Shop"), ("City", "Eketahuna")];
const GATEWAY: [(&str, &str); 2] = [("Person in charge", "Dave"), ("Telephone", "64 6 555 0100")];
