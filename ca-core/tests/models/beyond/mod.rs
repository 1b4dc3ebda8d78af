//! What is asked beyond the models (spec `set-messages.md` §5, the list under the table).

mod der_alone;
mod header;

use ca_core::store::RegistrationQuery;
use ca_core::wire::{ErrorCode, Message, RequestType, Rrpid};

use crate::entities::{Asking, Tied, contact_req};
use crate::house::House;
use crate::messages::{Draft, FormDraft, Heard, form_run, init_req, wrapped};
use crate::middle::*;

/// One request of each kind, for this label, with its rrpid; none of them sent yet.
fn requests(house: &House, label: &str) -> Vec<(&'static str, Vec<u8>, Rrpid)> {
    let authority = &house.authority;
    let first = init_req(label, "Sample");
    let rrpid = first.rrpid;
    let init = wrapped(&Message::CardCInitReq(first), rrpid, authority.now());
    let contact = contact_req(RequestType::MerInitialSig, label);
    let me_aq = wrapped(&Message::MeAqCInitReq(contact.clone()), contact.rrpid, authority.now());
    let form = FormDraft::new(label);
    let run = form_run(authority, &format!("{label} run"));
    let card = Draft::new(&run, label, authority.now());
    let tied = Tied::to_form(house, RequestType::MerInitialSig, &format!("{label} shop"));
    let shop = Asking::new(house, &tied, &format!("{label} shop"), None);
    vec![
        ("CardCInitReq", init, rrpid),
        ("Me-AqCInitReq", me_aq, contact.rrpid),
        ("RegFormReq", form.octets(authority), form.data.rrpid),
        ("CertReq, EncX", card.octets(authority), card.data.rrpid),
        ("CertReq, Enc", shop.octets(), shop.rrpid),
    ]
}

/// The code of the Error that is answered; anything else is none.
fn code(house: &House, octets: &[u8]) -> Option<ErrorCode> {
    match Heard::of(&house.authority, &post(house, octets)) {
        Heard::Error { tbs, .. } => Some(tbs.error_code),
        _ => None,
    }
}

/// All registrations on record.
fn on_record(house: &House) -> String {
    let query = RegistrationQuery { limit: 1000, ..RegistrationQuery::default() };
    format!("{:?}", house.authority.store().registrations(&query).unwrap().items)
}

/// Each request with this change is refused with this code and moves nothing, and is good without.
fn assert_refused(
    house: &House,
    label: &str,
    expected: ErrorCode,
    change: &dyn Fn(&[u8]) -> Vec<Vec<u8>>,
) {
    for (what, octets, _) in requests(house, label) {
        let before = on_record(house);
        for changed in change(&octets) {
            assert_eq!(code(house, &changed), Some(expected), "{what}: {label}");
        }
        assert_eq!(on_record(house), before, "{what}: {label}");
        assert_eq!(code(house, &octets), None, "{what} itself");
    }
}
