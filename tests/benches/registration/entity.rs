//! End entities: whole registrations, every answer checked.

use anyhow::{Context, Result, anyhow, bail};
use ca_core::authority::{Authority, SetReply};
use ca_core::ee::{
    Account, Application, FormAnswer, FormOffer, Outcome, PanData, Wallet, WalletConfig,
};
use ca_core::profile::Role;
use ca_core::wire::RequestType;
use ca_server::SystemRandom;

use crate::house::House;
use crate::keys::Keys;
use crate::sample;

/// Registers once with `authority`, which is one of the house's.
///
/// A cardholder sends three messages, a merchant or gateway two and asks for both certificates.
pub(crate) fn register(
    house: &House,
    authority: &Authority,
    role: Role,
    keys: &Keys,
) -> Result<()> {
    let wallet = Wallet::new(WalletConfig {
        suite: house.suite,
        brand: "Sample".to_owned(),
        language: "en".to_owned(),
        anchors: vec![house.root.clone()],
    })?;
    if role == Role::Cardholder {
        let card = sample::card(authority.now())?;
        let form = card_form(authority, wallet, &card)?;
        let answers = sample::answers(&form);
        return certify(authority, &form, &Application::card(&answers, &card, &keys.signature));
    }
    let form = contact(authority, wallet, role)?;
    certify(
        authority,
        &form,
        &Application {
            answers: &sample::answers(&form),
            account: Account::None,
            signature_key: Some(&keys.signature),
            encryption_key: Some(keys.encryption.as_ref().context("two keys")?),
            holder: None,
            renewed_encryption: None,
        },
    )
}

/// CardCInit and RegForm.
fn card_form(authority: &Authority, wallet: Wallet, card: &PanData) -> Result<Box<FormOffer>> {
    let now = authority.now();
    let (request, wallet) = wallet.initiate(now, &SystemRandom)?;
    let wallet = wallet.accept(&post(authority, &request)?, now)?;
    let (request, wallet) = wallet.ask_form(&card.pan, now, &SystemRandom)?;
    form(wallet.accept(&post(authority, &request)?, now)?)
}

/// Me-AqCInit.
fn contact(authority: &Authority, wallet: Wallet, role: Role) -> Result<Box<FormOffer>> {
    let now = authority.now();
    let both = match role {
        Role::Merchant => RequestType::MerInitialBoth,
        _ => RequestType::PgwyInitialBoth,
    };
    let (request, wallet) = wallet.contact(both, sample::identity(role)?, now, &SystemRandom)?;
    form(wallet.accept(&post(authority, &request)?, now)?)
}

/// CertReq.
fn certify(authority: &Authority, form: &FormOffer, application: &Application<'_>) -> Result<()> {
    let now = authority.now();
    let (request, wallet) = form.request(application, now, &SystemRandom)?;
    match wallet.accept(&post(authority, &request)?, now)? {
        Outcome::Certified(_) => Ok(()),
        other => Err(anyhow!("not certified: {other:?}")),
    }
}

fn form(answer: FormAnswer) -> Result<Box<FormOffer>> {
    match answer {
        FormAnswer::Form(form) => Ok(form),
        FormAnswer::Referral(_) => bail!("referred elsewhere"),
    }
}

fn post(authority: &Authority, request: &[u8]) -> Result<Vec<u8>> {
    match authority.respond(request)? {
        SetReply::Answer { octets, .. } => Ok(octets),
        SetReply::Nothing => Err(anyhow!("no answer")),
    }
}
