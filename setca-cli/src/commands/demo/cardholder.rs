//! The cardholder of the demo: a wallet that registers over HTTP, one message pair at a time.

use ca_core::ee::{
    Application, Certified, EeError, FormAnswer, FormOffer, Initiated, Outcome, PanData, Wallet,
    WalletConfig,
};
use ca_core::signer::PrivateKey;
use ca_core::wire::{CardExpiry, Cert, Pan};
use ca_core::{Suite, UnixTime};
use ca_server::SystemRandom;

use super::http::Served;
use crate::failure::Failure;
use crate::house::chain;

/// A wallet at work.
pub(super) struct Cardholder<'a> {
    pub(super) served: &'a Served,
    pub(super) now: UnixTime,
}

impl Cardholder<'_> {
    /// CardCInitReq, CardCInitRes.
    pub(super) fn initiate(&self, suite: Suite, root: &Cert) -> Result<Initiated, Failure> {
        let config = WalletConfig {
            suite,
            brand: super::story::BRAND.to_owned(),
            language: "en".to_owned(),
            anchors: vec![root.clone()],
        };
        let wallet = Wallet::new(config).map_err(refused)?;
        let (request, wallet) = wallet.initiate(self.now, &SystemRandom).map_err(refused)?;
        wallet.accept(&self.post(&request)?, self.now).map_err(refused)
    }

    /// RegFormReq, RegFormRes.
    pub(super) fn ask_form(&self, wallet: Initiated, card: &PanData) -> Result<FormOffer, Failure> {
        let (request, wallet) =
            wallet.ask_form(&card.pan, self.now, &SystemRandom).map_err(refused)?;
        match wallet.accept(&self.post(&request)?, self.now).map_err(refused)? {
            FormAnswer::Form(form) => Ok(*form),
            FormAnswer::Referral(referral) => {
                let reason = referral.reason().unwrap_or("no reason").to_owned();
                Err(Failure::refused(format!("referred elsewhere: {reason}")))
            }
        }
    }

    /// CertReq, CertRes.
    pub(super) fn request(
        &self,
        form: &FormOffer,
        card: &PanData,
        key: &PrivateKey,
    ) -> Result<Box<Certified>, Failure> {
        let answers: Vec<(String, String)> = form
            .fields()
            .iter()
            .filter(|field| field.field_required)
            .filter_map(|field| field.field_name.first())
            .map(|label| (label.as_str().to_owned(), "Ada Lovelace".to_owned()))
            .collect();
        let (request, wallet) = form
            .request(&Application::card(&answers, card, key), self.now, &SystemRandom)
            .map_err(refused)?;
        match wallet.accept(&self.post(&request)?, self.now).map_err(refused)? {
            Outcome::Certified(certified) => Ok(certified),
            Outcome::Pending(waiting) => Err(Failure::refused(waiting.status().to_string())),
            Outcome::Refused(refusal) => {
                let message = refusal.message.unwrap_or_default();
                Err(Failure::refused(format!("{}: {message}", refusal.status)))
            }
        }
    }

    fn post(&self, request: &[u8]) -> Result<Vec<u8>, Failure> {
        self.served.post("/set", "application/set-registration", request)
    }
}

/// A well-known test number, good for two more years.
pub(super) fn test_card(now: UnixTime) -> Result<PanData, Failure> {
    let odd = |_| Failure::refused("the test card of the demo is not one");
    let year = now.to_string().get(..4).and_then(|year| year.parse::<u16>().ok());
    let expiry = CardExpiry::new(year.unwrap_or_default() + 2, 12).map_err(odd)?;
    Ok(PanData { pan: Pan::new("4111111111111111").map_err(odd)?, expiry })
}

fn refused(error: EeError) -> Failure {
    Failure::refused(chain(&error))
}
