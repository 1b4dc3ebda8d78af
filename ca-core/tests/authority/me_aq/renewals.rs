//! Keys certified once, certificates renewed once, whatever happens in between.

use std::sync::Arc;

use ca_core::profile::Role;
use ca_core::store::{CertificateQuery, CertificateState};
use ca_core::wire::{CertStatusCode, RequestType};

use crate::entities::*;
use crate::house::faults::{Act, Fault, FaultyStore, Journal, Meanwhile};
use crate::house::house;
use crate::messages::{Heard, post};

/// §4.6 step 5: not already renewed, whoever comes first.
#[test]
fn of_two_renewals_at_once_one_is_granted() {
    let house = house();
    let held = Held::by_registering(&house, Role::Merchant, "held");
    let requests: Vec<Vec<u8>> = ["one", "two", "three", "four"]
        .iter()
        .map(|label| {
            let tied = Tied::to_form(&house, RequestType::MerRenewalSig, label);
            Asking::new(&house, &tied, label, Some(&held)).octets()
        })
        .collect();
    let authority = &house.authority;
    let mut statuses: Vec<CertStatusCode> = std::thread::scope(|scope| {
        let posted: Vec<_> = requests
            .iter()
            .map(|request| scope.spawn(|| Heard::of(authority, &post(authority, request)).status()))
            .collect();
        posted.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    statuses.sort_by_key(|status| status.number());
    let refused = CertStatusCode::RejectedByCa;
    assert_eq!(statuses, [CertStatusCode::RequestComplete, refused, refused, refused]);
}

/// §4.6 step 5.
#[test]
fn what_replaced_a_certificate_may_be_replaced_itself_but_not_twice() {
    let house = house();
    let held = Held::by_registering(&house, Role::Gateway, "held");
    let renew = |label: &str, held: &Held| {
        let tied = Tied::to_form(&house, RequestType::PgwyRenewalSig, label);
        let asking = Asking::new(&house, &tied, label, Some(held));
        let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
        (heard, asking.new_key.copy())
    };
    let (first, key) = renew("first", &held);
    assert_eq!(first.status(), CertStatusCode::RequestComplete);
    assert_eq!(renew("twice", &held).0.status(), CertStatusCode::RejectedByCa);
    let signature = first.issued_all().remove(0);
    let next = Held { key, signature, encryption: held.encryption };
    assert_eq!(renew("next", &next).0.status(), CertStatusCode::RequestComplete);
}

/// design §7: both intents are durable before either key is used; a repeated request finishes it.
#[test]
fn a_run_that_dies_between_two_certificates_is_finished_by_the_same_request() {
    for fault in [Fault::DiesAfter(Act::Intent, 1), Fault::Fails(Act::Issued, 1)] {
        let house = house();
        let held = Held::by_registering(&house, Role::Merchant, "held");
        let tied = Tied::to_form(&house, RequestType::MerRenewalBoth, "both");
        let request = Asking::new(&house, &tied, "both", Some(&held)).octets();
        let authority = house.reopened(|parts| {
            let (inner, journal) = (Arc::clone(&parts.store), Journal::new(Some(fault)));
            parts.store = Arc::new(FaultyStore { inner, journal, meanwhile: Meanwhile::default() });
        });
        authority.respond(&request).unwrap_err();
        let heard = Heard::of(&house.authority, &post(&house.authority, &request));
        assert_eq!(heard.status(), CertStatusCode::RequestComplete, "{fault:?}");
        let query = |state| CertificateQuery {
            role: Some(Role::Merchant),
            state: Some(state),
            ..CertificateQuery::default()
        };
        let count =
            |state| house.authority.store().certificates(&query(state)).unwrap().items.len();
        assert_eq!(count(CertificateState::Issued), 4, "{fault:?}");
        assert_eq!(count(CertificateState::Intent), 2, "{fault:?}");
    }
}
