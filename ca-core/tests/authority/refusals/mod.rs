//! Every way to be refused, asked for over the wire, and what the answer says (spec
//! `set-messages.md` §4.1, §4.4, §4.6, §4.11).

mod cases;

use std::collections::BTreeSet;

use ca_core::decide::Refusal;
use ca_core::wire::CertStatusCode::*;
use ca_core::wire::ErrorCode::*;
use ca_core::wire::{CertStatusCode, ErrorCode, RequestType};

use self::cases::*;
use crate::entities::*;
use crate::house::house;
use crate::messages::{Draft, FormDraft, Heard, form_run, items, post};

#[test]
fn every_refusal_is_said_as_the_failure_map_has_it() {
    for (code, expected, act) in CASES {
        let house = house();
        assert_eq!(heard(&house, &act(&house)), *expected, "{code}");
    }
}

#[test]
fn every_refusal_has_a_case() {
    let cases: BTreeSet<&str> = CASES.iter().map(|(code, ..)| *code).collect();
    let all: BTreeSet<&str> = Refusal::CODES.iter().copied().collect();
    assert_eq!(cases, all);
    assert_eq!(cases.len(), CASES.len(), "one case each");
}

/// §2.11: each status is the answer to something; the three that refuse nothing are reached by
/// `types`, `pending` and `inquiry`.
#[test]
fn every_status_is_told_by_some_answer() {
    let refuses = |expected: &Expected| match expected {
        Status(status) | PlainStatus(status) => Some(status.number()),
        Signed(_) | Unsigned(_) => None,
    };
    let mut told: BTreeSet<u8> = CASES.iter().filter_map(|(_, e, _)| refuses(e)).collect();
    told.extend([RequestComplete, RequestInProgress, RequestPended].map(CertStatusCode::number));
    assert_eq!(told, CertStatusCode::ALL.iter().map(|code| code.number()).collect());
}

/// §2.13, §4.11: the codes that a CA raises. The others are for end entities, whose Errors
/// `peer_errors` takes in.
#[test]
fn every_error_code_of_a_ca_is_raised_by_some_message() {
    let raised: BTreeSet<u8> = CASES
        .iter()
        .filter_map(|(_, expected, _)| match expected {
            Signed(code) | Unsigned(code) => Some(code.number()),
            Status(_) | PlainStatus(_) => None,
        })
        .collect();
    let of_end_entities = [
        InvalidCertificate,
        ExpiredCertificate,
        RevokedCertificate,
        MissingCertificate,
        SignatureFailure,
        SignatureRequired,
        ThumbsMismatch,
        UnknownXid,
    ];
    let all = ErrorCode::ALL.iter().filter(|code| !of_end_entities.contains(code));
    assert_eq!(raised, all.map(|code| code.number()).collect());
}

#[test]
fn the_registration_remembers_the_refusal_its_cert_res_told() {
    for (code, expected, act) in CASES {
        let (Status(status) | PlainStatus(status)) = expected else { continue };
        let house = house();
        let answer = act(&house);
        let heard = Heard::of(&house.authority, &answer);
        let lid_ca = heard.data().lid_ca.clone().unwrap();
        let store = house.authority.store();
        let registration = store.registration(lid_ca.as_bytes()).unwrap().unwrap();
        // What has its certificate already is not refused by another request.
        let code = Some(*code).filter(|code| *code != "registration-closed");
        assert_eq!(registration.refusal.as_deref(), code, "{status:?}");
    }
}

#[test]
fn a_malformed_form_names_the_fields_by_position() {
    let house = house();
    let answer = bad_request(&house, |draft| {
        draft.data.reg_form = items(&[
            (&["Full name", "Name on the card"], "Ada Lovelace"),
            (&["Date of birth"], "on the tenth of December 1815"),
            (&["Shoe size"], "36"),
        ]);
    });
    let heard = Heard::of(&house.authority, &answer);
    let items = heard.data().cert_status.failed_item_seq.clone().unwrap();
    let numbers: Vec<String> = items.iter().map(|item| format!("{:?}", item.item_number)).collect();
    // Field 2 is required, field 3 is too long, 50 is a label that is not in the form.
    assert_eq!(numbers, ["RangedInt(2)", "RangedInt(3)", "RangedInt(50)"]);
}

#[test]
fn a_renewal_with_one_signature_is_no_first_request() {
    let house = house();
    let mut form = FormDraft::new("renewal");
    form.data.request_type = RequestType::CardRenewalSig;
    let run = form.run(&house.authority);
    let draft = Draft::new(&run, "renewal", house.authority.now())
        .with(|draft| draft.data.request_type = RequestType::CardRenewalSig);
    let answer = post(&house.authority, &draft.octets(&house.authority));
    assert_eq!(heard(&house, &answer), Status(SigValidationFail));
}

#[test]
fn a_form_is_not_given_again_after_the_end() {
    let house = house();
    let run = form_run(&house.authority, "end");
    let draft = Draft::new(&run, "end", house.authority.now());
    post(&house.authority, &draft.octets(&house.authority));
    let mut form = FormDraft::new("reopen");
    form.data.lid_ee = run.lid_ee.clone();
    form.data.lid_ca = Some(run.lid_ca.clone());
    let answer = post(&house.authority, &form.octets(&house.authority));
    assert_eq!(heard(&house, &answer), Signed(UnspecifiedFailure));
    let store = house.authority.store();
    let registration = store.registration(run.lid_ca.as_bytes()).unwrap().unwrap();
    assert_eq!(registration.state, ca_core::store::RegistrationState::Complete);
}

/// §4.4 step 5: a card of a bank that registers nobody here is referred, and that is the end.
#[test]
fn a_card_of_no_issuer_is_referred_and_not_certified() {
    let house = house();
    let mut form = FormDraft::new("nobody's");
    form.pan = "9999992345678901".to_owned();
    let run = form.run(&house.authority);
    assert!(!run.has_form);
    let draft = Draft::new(&run, "nobody's", house.authority.now());
    let answer = post(&house.authority, &draft.octets(&house.authority));
    assert_eq!(heard(&house, &answer), Status(RejectedByCa));
    let store = house.authority.store();
    let registration = store.registration(run.lid_ca.as_bytes()).unwrap().unwrap();
    assert_eq!(registration.refusal.as_deref(), Some("registration-closed"));
}

/// §6 no. 19: what is served may change between the form and its answer.
#[test]
fn an_acquirer_that_left_the_brand_meanwhile_is_an_invalid_bin() {
    let house = house();
    let tied = Tied::to_form(&house, RequestType::MerInitialSig, "meanwhile");
    let asking = Asking::new(&house, &tied, "meanwhile", None);
    let authority = house.with_policies(|_, text| text.replace("490000-490009", "480000-480009"));
    let answer = post(&authority, &asking.octets());
    assert_eq!(heard(&house, &answer), PlainStatus(InvalidBin));
}
