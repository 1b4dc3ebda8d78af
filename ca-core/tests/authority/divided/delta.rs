//! Deltas: what has changed since the base (RFC 5280 §5.2.4).

use super::*;

#[test]
fn certificates_and_the_complete_crl_name_the_delta() {
    let house = house();
    let authority = divided(&house, DELTAS);
    let url = "http://ca.example/crl/sample-cca/delta.crl";
    let freshest = FreshestCrl::find(&certificate(&authority, "named")).unwrap().unwrap();
    assert_eq!(uris(&freshest.0), [url]);
    let complete = crl(&authority, &complete_id());
    assert_eq!(uris(&complete.freshest().unwrap().0), [url]);
    // RFC 5280 §5.2.6: not in the delta itself; and nowhere where there is none.
    assert!(crl(&authority, &delta_id()).freshest().is_none());
    let house = self::house();
    let named = certificate(&house.authority, "named");
    assert!(FreshestCrl::find(&named).unwrap().is_none());
    assert!(crl(&house.authority, &complete_id()).freshest().is_none());
    assert!(house.authority.store().list(&delta_id()).unwrap().is_none());
}

#[test]
fn delta_has_the_number_of_the_complete_crl_made_with_it_and_leads_to_it_from_the_base() {
    let house = house();
    let authority = divided(&house, DELTAS);
    let base = crl(&authority, &complete_id());
    let certificates = ["one", "two", "three"].map(|label| certificate(&authority, label));
    for (count, certificate) in certificates.iter().enumerate() {
        house.clock.advance(HOUR);
        revoke(&authority, certificate, RevocationReason::KeyCompromise);
        let (complete, delta) = (crl(&authority, &complete_id()), crl(&authority, &delta_id()));
        assert_eq!((delta.number(), delta.base_number()), (complete.number(), base.number()));
        assert_eq!(delta.len(), count + 1);
        assert_eq!(applied(&base, &delta), said(&complete));
        assert_eq!(delta.this_update(), complete.this_update());
        assert_eq!(delta.next_update(), Some(delta.this_update().plus_secs(DAY)));
    }
}

#[test]
fn revocation_that_only_the_delta_knows_is_found_by_path_validation() {
    let house = house();
    let authority = divided(&house, DELTAS);
    let base = crl(&authority, &complete_id());
    let [good, bad] = ["good", "bad"].map(|label| certificate(&authority, label));
    revoke(&authority, &bad, RevocationReason::KeyCompromise);
    let delta = crl(&authority, &delta_id());
    assert_eq!(judged(&authority, &bad, &[&base]), None);
    assert_eq!(judged(&authority, &bad, &[&base, &delta]), Some(ReasonCode::Revoked));
    assert_eq!(judged(&authority, &good, &[&base, &delta]), None);
    assert_eq!(judged(&authority, &good, &[&delta]), Some(ReasonCode::NoRevocationStatus));
}

/// RFC 5280 §5.2.4, §5.3.1: a hold on the base or on any CRL after it, released since, is listed as
/// removeFromCRL.
#[test]
fn released_hold_is_removed_by_the_delta_from_every_complete_crl_that_lists_it() {
    let house = house();
    let authority = with_lists(&house, DELTAS);
    let [before, after] = ["before", "after"].map(|label| certificate(&authority, label));
    authority.revoke(&ca_id(CCA), &serial(&before), RevocationReason::CertificateHold).unwrap();
    authority.publish_crl(&ca_id(CCA)).unwrap();
    let base = crl(&authority, &complete_id());
    house.clock.advance(HOUR);
    revoke(&authority, &after, RevocationReason::CertificateHold);
    let between = crl(&authority, &complete_id());
    assert_eq!(between.len(), 2);
    for held in [&before, &after] {
        house.clock.advance(HOUR);
        release(&authority, held);
        let delta = crl(&authority, &delta_id());
        assert_eq!(delta.revoked(held.serial()).unwrap().reason, Some(8));
        let complete = said(&crl(&authority, &complete_id()));
        assert_eq!(applied(&base, &delta), complete);
        assert_eq!(applied(&between, &delta), complete);
        assert_eq!(judged(&authority, held, &[&between]), Some(ReasonCode::Revoked));
        assert_eq!(judged(&authority, held, &[&between, &delta]), None);
    }
    // Also in the next delta, and one that nothing new is in.
    house.clock.advance(HOUR);
    authority.publish_crl(&ca_id(CCA)).unwrap();
    let delta = crl(&authority, &delta_id());
    assert_eq!(said(&delta).values().map(|(reason, _)| *reason).collect::<Vec<_>>(), [Some(8); 2]);
}

#[test]
fn hold_that_becomes_a_revocation_is_listed_anew() {
    let house = house();
    let authority = with_lists(&house, DELTAS);
    let held = certificate(&authority, "held");
    authority.revoke(&ca_id(CCA), &serial(&held), RevocationReason::CertificateHold).unwrap();
    authority.publish_crl(&ca_id(CCA)).unwrap();
    let base = crl(&authority, &complete_id());
    revoke(&authority, &held, RevocationReason::KeyCompromise);
    let delta = crl(&authority, &delta_id());
    assert_eq!(delta.revoked(held.serial()).unwrap().reason, Some(1));
    assert_eq!(applied(&base, &delta), said(&crl(&authority, &complete_id())));
}

#[test]
fn base_moves_when_it_has_served_its_time_and_the_delta_made_then_still_leads_to_it() {
    let house = house();
    let authority = divided(&house, "delta_hours = 24\ndelta_base_days = 2");
    let first = crl(&authority, &complete_id());
    let [one, two] = ["one", "two"].map(|label| certificate(&authority, label));
    house.clock.advance(2 * DAY - 1);
    revoke(&authority, &one, RevocationReason::Superseded);
    house.clock.advance(1);
    authority.publish_crl(&ca_id(CCA)).unwrap();
    let second = crl(&authority, &complete_id());
    let delta = crl(&authority, &delta_id());
    assert_eq!((delta.number(), delta.base_number()), (second.number(), first.number()));
    revoke(&authority, &two, RevocationReason::Superseded);
    let delta = crl(&authority, &delta_id());
    assert_eq!(delta.base_number(), second.number());
    assert_eq!(delta.len(), 1, "what the new base lists is not repeated");
    assert_eq!(applied(&second, &delta), said(&crl(&authority, &complete_id())));
}

#[test]
fn delta_after_a_restart_starts_from_the_base_in_the_store() {
    let house = house();
    let authority = divided(&house, DELTAS);
    let base = crl(&authority, &complete_id());
    let [one, two] = ["one", "two"].map(|label| certificate(&authority, label));
    revoke(&authority, &one, RevocationReason::Superseded);
    let restarted = with_lists(&house, DELTAS);
    revoke(&restarted, &two, RevocationReason::Superseded);
    let delta = crl(&restarted, &delta_id());
    assert_eq!((delta.base_number(), delta.len()), (base.number(), 2));
    assert_eq!(applied(&base, &delta), said(&crl(&restarted, &complete_id())));
}

#[test]
fn deltas_once_named_stay_published_whatever_the_policy_says_later() {
    let house = house();
    due(&divided(&house, DELTAS));
    house.clock.advance(12 * HOUR);
    let authority = with_lists(&house, "");
    assert_eq!(due(&authority), [format!("delta CRL of {CCA}")]);
    let delta = crl(&authority, &delta_id());
    assert_eq!(delta.next_update(), Some(authority.now().plus_secs(DAY)));
}
