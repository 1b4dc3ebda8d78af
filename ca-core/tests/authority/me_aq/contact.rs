//! Me-AqCInitReq and its answer; what is held is not sent again.

use ca_core::Suite;
use ca_core::envelope::SignedMessage;
use ca_core::profile::{KeyUse, Role};
use ca_core::store::RegistrationState;
use ca_core::wire::{
    BrandCrlIdentifier, Cert, Crl, Digest, ErrorCode, Language, Message, RequestType, Rrpid,
    SetString, Thumbs,
};

use crate::entities::*;
use crate::house::house;
use crate::messages::{Heard, ca_certificate, ca_id, message_of, post, wrapped};

/// §2.4, §4.5.
#[test]
fn the_first_answer_repeats_the_request_and_brings_form_account_label_and_key() {
    let house = house();
    for (request_type, form) in [(RequestType::MerInitialBoth, 2), (RequestType::PgwyInitialSig, 3)]
    {
        let request = contact_req(request_type, request_type.name());
        let (_, tbs) = contact(&house, &request);
        assert_eq!((tbs.rrpid, tbs.chall_ee), (request.rrpid, request.chall_ee));
        assert_eq!((tbs.lid_ee, tbs.request_type), (request.lid_ee, request_type));
        assert_eq!(tbs.thumbs, None);
        let Some(template) = form_of(&tbs.reg_form_or_referral) else { panic!("a referral") };
        assert_eq!(template, form);
        let label = tbs.acct_data_field.map(|field| field.field_name[0].as_str().to_owned());
        let merchant = request_type.role() == Role::Merchant;
        assert_eq!(label.as_deref(), merchant.then_some("Account for payments"));
        let ca = ca_of(request_type.role());
        let certificate = ca_certificate(&house.authority, ca, KeyUse::Encryption);
        assert_eq!(tbs.cae_thumb, Some(thumb(&certificate)));
        assert!(tbs.brand_crl_identifier.is_some());
        let store = house.authority.store();
        let lid_ca = tbs.lid_ca.unwrap();
        let registration = store.registration(lid_ca.as_bytes()).unwrap().unwrap();
        assert_eq!(registration.state, RegistrationState::FormSent);
        assert_eq!((registration.ca, registration.role), (ca_id(ca), request_type.role()));
        assert_eq!(registration.bin.as_deref(), Some(BIN));
        assert_eq!(registration.business_id.as_deref(), Some("4711"));
    }
}

/// regFormID of the form, if it is one.
fn form_of(either: &ca_core::wire::RegFormOrReferral) -> Option<u64> {
    match either {
        ca_core::wire::RegFormOrReferral::Form(form) => {
            Some(form.reg_template.clone()?.reg_form_id)
        }
        ca_core::wire::RegFormOrReferral::Referral(_) => None,
    }
}

/// §4.4: exact tag, primary subtag, the brand's default.
#[test]
fn the_form_comes_in_the_language_asked_for() {
    let house = house();
    for (asked, label) in [("de-AT", "Ort"), ("DE", "Ort"), ("mi", "City"), ("en-NZ", "City")] {
        let mut request = contact_req(RequestType::MerInitialSig, asked);
        request.language = Language::new(asked).unwrap();
        let (_, tbs) = contact(&house, &request);
        let ca_core::wire::RegFormOrReferral::Form(form) = tbs.reg_form_or_referral else {
            panic!("a referral")
        };
        let fields = form.reg_template.unwrap().reg_field_seq.unwrap();
        assert_eq!(fields[1].field_name[0].as_str(), label, "{asked}");
    }
}

/// §4.4: a BIN that no acquirer serves is no failure.
#[test]
fn a_bin_that_is_not_served_is_referred_in_the_language_asked_for() {
    let house = house();
    let mut request = contact_req(RequestType::MerInitialSig, "referred");
    request.id_data = id_data(Role::Merchant, "123456", "4711");
    request.language = Language::new("de").unwrap();
    let (_, tbs) = contact(&house, &request);
    let ca_core::wire::RegFormOrReferral::Referral(referral) = tbs.reg_form_or_referral else {
        panic!("a form")
    };
    assert!(referral.reason.unwrap().as_str().starts_with("Dieses Konto"));
    let urls = referral.referral_url_seq.unwrap();
    assert_eq!(urls[0].as_str(), "https://register.example.com/de");
    assert_eq!(tbs.acct_data_field, None);
    let lid_ca = tbs.lid_ca.unwrap();
    let registration = house.authority.store().registration(lid_ca.as_bytes()).unwrap().unwrap();
    assert_eq!(registration.state, RegistrationState::Referred);
}

/// decisions.md 7 and 11, §4.1 step 10.
#[test]
fn a_first_message_that_nobody_can_serve_is_an_error_of_the_ca_it_was_for() {
    let house = house();
    let error = |change: fn(&mut ca_core::wire::MeAqCInitReq)| {
        let mut request = contact_req(RequestType::MerInitialSig, "wrong");
        let rrpid = request.rrpid;
        change(&mut request);
        let octets = wrapped(&Message::MeAqCInitReq(request), rrpid, house.authority.now());
        match Heard::of(&house.authority, &post(&house.authority, &octets)) {
            Heard::Error { tbs, signed } => (tbs.error_code, signed),
            other => panic!("{other:?}"),
        }
    };
    let class = error(|request| request.request_type = RequestType::CardInitialSig);
    assert_eq!(class, (ErrorCode::UnspecifiedFailure, true));
    let identity = error(|request| request.id_data = id_data(Role::Gateway, BIN, "4711"));
    assert_eq!(identity, (ErrorCode::UnspecifiedFailure, true));
    let brand = error(|request| request.brand_id = SetString::new("Another").unwrap());
    assert_eq!(brand, (ErrorCode::UnspecifiedFailure, false));
    let rrpid = error(|request| request.rrpid = Rrpid::new([5; 20]));
    assert_eq!(rrpid, (ErrorCode::UnknownRrpid, true));
}

/// §4.2: nothing the other side holds is sent again, and what it named is signed back.
#[test]
fn what_a_merchant_holds_is_not_sent_again() {
    let house = house();
    let request = contact_req(RequestType::MerInitialSig, "thumbs");
    let (answer, tbs) = contact(&house, &request);
    let Message::MeAqCInitRes(octets) = message_of(&answer) else { panic!() };
    let signed = SignedMessage::decode(octets.as_der()).unwrap();
    let digest = |thumb: Vec<u8>| Digest::new(&thumb).unwrap();
    let certificates: Vec<Digest> = signed
        .certificates()
        .map(|c| digest(Cert::from_der(c).unwrap().thumbprint(Suite::Modern)))
        .collect();
    let crls: Vec<Digest> = signed
        .crls()
        .map(|c| digest(Crl::from_der(c).unwrap().thumbprint(Suite::Modern)))
        .collect();
    assert!(certificates.len() >= 4 && crls.len() >= 3);
    let bci = tbs.brand_crl_identifier.unwrap();
    let bci = BrandCrlIdentifier::from_der(bci.as_der()).unwrap();
    let thumbs = Thumbs {
        cert_thumbs: Some(certificates),
        crl_thumbs: Some(crls),
        brand_crl_id_thumbs: Some(vec![digest(bci.thumbprint(Suite::Modern))]),
        ..Thumbs::empty(Suite::Modern)
    };

    let mut again = contact_req(RequestType::MerInitialSig, "thumbs again");
    again.thumbs = Some(thumbs.clone());
    let (answer, tbs) = contact(&house, &again);
    let Message::MeAqCInitRes(octets) = message_of(&answer) else { panic!() };
    let signed = SignedMessage::decode(octets.as_der()).unwrap();
    assert_eq!((signed.certificates().count(), signed.crls().count()), (0, 0));
    assert_eq!((tbs.brand_crl_identifier, tbs.thumbs), (None, Some(thumbs.clone())));

    let tied = Tied::to_form(&house, RequestType::MerInitialSig, "thumbs last");
    let asking = Asking::new(&house, &tied, "thumbs last", None)
        .with(|asking| asking.data.thumbs = Some(thumbs.clone()));
    let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
    let Heard::Result { data, certificates, .. } = &heard else { panic!("{heard:?}") };
    assert_eq!(certificates.len(), 1, "the new one");
    assert_eq!((&data.brand_crl_identifier, &data.thumbs), (&None, &Some(thumbs)));
}
