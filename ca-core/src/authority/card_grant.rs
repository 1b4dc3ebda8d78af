//! What a cardholder is granted (spec `set-messages.md` §4.6 steps 11, 13 and 15, §4.9).

use zeroize::Zeroizing;

use super::fault::Fault;
use super::form_answer::AnsweredForm;
use super::grant::{Grant, GrantedKey, Reply};
use super::{Authority, Error, back_key};
use crate::UnixTime;
use crate::decide::{ExpiryMonth, Refusal, check_account, check_same_account};
use crate::envelope::{blinded_name, pan_secret};
use crate::issue::SubjectName;
use crate::profile::{IssuerRules, Role};
use crate::store::Registration;
use crate::wire::{CaMsg, CertReqData, PanData0, RangedInt, Secret, SetString, Url};

impl Authority {
    /// The account may have a certificate, and the answer can be encrypted: whatever certificate
    /// and answer are made of. From here on the account number is not needed.
    pub(super) fn cardholder_grant(
        &self,
        registration: &Registration,
        data: &CertReqData,
        keys: Vec<GrantedKey>,
        form: &AnsweredForm<'_>,
        card: &PanData0,
        now: UnixTime,
    ) -> Result<Grant, Fault> {
        let (issuer, card_ends) = self.check_card(registration, card, now)?;
        let back_key = back_key::usable(self.suite(), data.ca_back_key_data.as_ref())?;
        let nonce_cca = Secret::random(self.parts.random.as_ref(), self.suite())?;
        Ok(Grant {
            role: Role::Cardholder,
            keys,
            subject: SubjectName {
                country: issuer.country.clone(),
                organization: registration.brand.clone(),
                units: vec![issuer.name.clone()],
                common_name: Some(self.blinded(card, &nonce_cca)?),
            },
            not_after_cap: Some(card_ends),
            merchant_data: None,
            gateway_terms: None,
            answers: form.listed(),
            reply: Reply {
                nonce_cca: Some(nonce_cca),
                back_key: Some(back_key.clone()),
                ca_msg: ca_msg(issuer, &form.text.language),
            },
        })
    }

    /// The account is that of the form run, of a card that lives, of an issuer that is served.
    fn check_card(
        &self,
        registration: &Registration,
        card: &PanData0,
        now: UnixTime,
    ) -> Result<(&IssuerRules, UnixTime), Fault> {
        let bin = registration.bin.as_deref().unwrap_or_default();
        let bound = registration.pan_hash.unwrap_or_default();
        let hash = self.pan_hash(card.pan.digits())?;
        check_same_account(bin, &bound, card.pan.bin(), &hash)?;
        let issuer = self.brand_rules(&registration.brand)?.issuer_for_bin(bin);
        let expiry = ExpiryMonth { year: card.card_expiry.year(), month: card.card_expiry.month() };
        let card_ends = check_account(card.pan.digits(), expiry, issuer.is_some(), now)?;
        let issuer = issuer.ok_or_else(|| Refusal::PanBin(bin.to_owned()))?;
        Ok((issuer, card_ends))
    }

    /// commonName: the account under PANSecret (§4.9).
    fn blinded(&self, card: &PanData0, nonce_cca: &Secret) -> Result<String, Error> {
        let suite = self.suite();
        let odd = |_| Error::Policy("account cannot be blinded in this suite".to_owned());
        let secret: Zeroizing<Vec<u8>> =
            pan_secret(suite, card.card_secret.as_bytes(), nonce_cca.as_bytes()).map_err(odd)?;
        let expiry = card.card_expiry.to_string();
        blinded_name(suite, card.pan.digits(), &expiry, &secret).map_err(odd)
    }
}

/// What the issuer tells its cardholders (spec `set-messages.md` §2.11); none if it says nothing.
///
/// Bounds were checked when the policies were loaded.
fn ca_msg(issuer: &IssuerRules, language: &str) -> Option<CaMsg> {
    let message = issuer.cardholder_message.as_ref().map(|text| text.in_language(language));
    let extras = CaMsg {
        card_logo_url: issuer.card_logo_url.as_deref().and_then(|url| Url::new(url).ok()),
        brand_logo_url: issuer.brand_logo_url.as_deref().and_then(|url| Url::new(url).ok()),
        card_currency: issuer.currency.and_then(|number| RangedInt::new(number).ok()),
        cardholder_msg: message.and_then(|text| SetString::new(text).ok()),
    };
    let says_something = extras.card_logo_url.is_some()
        || extras.brand_logo_url.is_some()
        || extras.card_currency.is_some()
        || extras.cardholder_msg.is_some();
    says_something.then_some(extras)
}
