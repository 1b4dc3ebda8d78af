//! CertStatusCodes that one request is answered with at once.
//!
//! What a wallet would not send is made by hand: one step away from the good request of the first
//! test.

use ca_core::ee::{Account, Application, FormAnswer, FormOffer, Outcome, Refused};
use ca_core::envelope::Block;
use ca_core::signer::PrivateKey;
use ca_core::wire::{
    AcctData, AcctInfo, AcquirerId, Bin, CertStatusCode, IdData, Nonce, NumericString, RequestType,
    VisibleString,
};
use ca_server::SystemRandom;
use e2e::forge::{self, Secrecy, items};
use e2e::wallet::{self, now};
use e2e::{BRAND, PAN};

use super::{Site, set};

/// What CertRes says to a good request, changed.
fn told(site: &Site, change: impl FnOnce(&mut forge::Draft)) -> (CertStatusCode, Secrecy) {
    let (data, secrecy) = site.result(&site.draft().with(change));
    (data.cert_status.cert_status_code, secrecy)
}

#[test]
fn a_good_request_is_complete() {
    let site = Site::shared();
    let (data, secrecy) = site.result(&site.draft());
    assert_eq!(data.cert_status.cert_status_code, CertStatusCode::RequestComplete);
    assert_eq!(secrecy, Secrecy::Encrypted);
    let thumbs = data.cert_thumbs.and_then(|thumbs| thumbs.cert_thumbs).unwrap();
    assert_eq!(thumbs.len(), 1, "the certificate that was issued");
}

/// decisions.md 17: the number of the request is the one that the form was asked for with.
#[test]
fn another_issuers_card_than_the_forms_is_an_invalid_bin() {
    let site = Site::shared();
    let refused = refused(&site, PAN, OTHER_ISSUER);
    assert_eq!(refused.status, CertStatusCode::InvalidBin);
}

#[test]
fn a_signature_by_another_key_is_a_sig_validation_fail() {
    let site = Site::shared();
    let told = told(&site, |draft| draft.signer = forge::key());
    assert_eq!(told, (CertStatusCode::SigValidationFail, Secrecy::Encrypted));
}

#[test]
fn a_key_block_without_a_card_is_a_decryption_error() {
    let site = Site::shared();
    let told = told(&site, |draft| {
        draft.block = Block::AcctData;
        draft.account = AcctInfo::AcctData(AcctData {
            acct_identification: VisibleString::new("a merchant's account").unwrap(),
            ex_nonce: Nonce::random(&SystemRandom).unwrap(),
        });
    });
    assert_eq!(told, (CertStatusCode::DecryptionError, Secrecy::Encrypted));
}

#[test]
fn the_card_of_a_bank_that_registers_nobody_is_rejected_by_its_issuer() {
    let site = Site::shared();
    let refused = refused(&site, CLOSED_BANK, CLOSED_BANK);
    assert_eq!(refused.status, CertStatusCode::RejectedByIssuer);
}

#[test]
fn a_gateway_of_an_acquirer_that_runs_none_is_rejected_by_its_acquirer() {
    let site = Site::shared();
    let offer = gateway_form(&site, CAREFUL_ACQUIRER);
    let key = forge::key();
    let answers = [("Person in charge", "Jane Doe"), ("Telephone", "+1 555 0100")]
        .map(|(label, value)| (label.to_owned(), value.to_owned()));
    let application = Application {
        answers: &answers,
        account: Account::None,
        signature_key: Some(&key),
        encryption_key: None,
        holder: None,
        renewed_encryption: None,
    };
    let (request, waiting) = offer.request(&application, now(), &SystemRandom).unwrap();
    let answer = set(&site.service, &request);
    let Outcome::Refused(refused) = waiting.accept(&answer.body, now()).unwrap() else {
        panic!("not refused");
    };
    assert_eq!(refused.status, CertStatusCode::RejectedByAquirer);
}

#[test]
fn a_form_without_a_required_answer_is_malformed_at_its_field() {
    let site = Site::shared();
    let draft = site.draft();
    let (data, _) = site.result(&draft.with(|draft| {
        draft.data.reg_form = Some(items(&[(&["Full name", "Name on the card"], "Jane Doe")]));
    }));
    assert_eq!(data.cert_status.cert_status_code, CertStatusCode::RegFormAnswerMalformed);
    let failed = data.cert_status.failed_item_seq.unwrap();
    // decisions.md 3: fields count from 1, and the town is the second.
    assert_eq!(failed.iter().map(|item| item.item_number.value()).collect::<Vec<_>>(), [2]);
}

/// decisions.md 21.
#[test]
fn a_key_that_is_certified_is_rejected_by_the_ca() {
    let site = Site::shared();
    let first = site.draft();
    let copy = PrivateKey::from_pkcs8(first.signer.pkcs8_der()).unwrap();
    let (data, _) = site.result(&first);
    assert_eq!(data.cert_status.cert_status_code, CertStatusCode::RequestComplete);
    let told = told(&site, |draft| draft.set_key(copy));
    assert_eq!(told, (CertStatusCode::RejectedByCa, Secrecy::Encrypted));
}

#[test]
fn a_cardholder_without_a_back_key_is_told_so_in_clear() {
    let site = Site::shared();
    let told = told(&site, |draft| draft.data.ca_back_key_data = None);
    assert_eq!(told, (CertStatusCode::UnableToEncryptCertRes, Secrecy::Plain));
}

/// What a wallet makes of the answer, which it has checked.
fn refused(site: &Site, of_form: &str, of_request: &str) -> Refused {
    let mut exchange = |request: Vec<u8>| set(&site.service, &request).body;
    let offer = wallet::offer(&site.hierarchy.root_certificate(), of_form, &mut exchange);
    let (request, waiting) = wallet::request(&offer, of_request);
    match waiting.accept(&exchange(request), now()).unwrap() {
        Outcome::Refused(refused) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

fn gateway_form(site: &Site, bin: &str) -> FormOffer {
    let gateway = wallet::wallet(&site.hierarchy.root_certificate(), BRAND);
    let identity = IdData::Acquirer(AcquirerId {
        acquirer_bin: Bin::new(bin).unwrap(),
        acquirer_business_id: Some(NumericString::new("4711").unwrap()),
    });
    let (request, contacting) =
        gateway.contact(RequestType::PgwyInitialSig, identity, now(), &SystemRandom).unwrap();
    match contacting.accept(&set(&site.service, &request).body, now()).unwrap() {
        FormAnswer::Form(offer) => *offer,
        FormAnswer::Referral(referral) => panic!("referred elsewhere: {:?}", referral.reason()),
    }
}

// `policies/brands/sample.toml`; check digits are good.
/// "Example Issuer" as well, but not the BIN of [`PAN`].
const OTHER_ISSUER: &str = "5500001234567891";
/// "Example Closed Bank".
const CLOSED_BANK: &str = "4000001234567899";
/// "Example Careful Acquirer".
const CAREFUL_ACQUIRER: &str = "495000";
