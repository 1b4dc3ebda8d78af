//! When lists are made, and when entries leave them.

use super::*;

/// RFC 5280 §3.3: an entry stays until it was on one CRL from beyond the end of its certificate.
#[test]
fn expired_entry_is_on_one_list_of_each_kind_beyond_its_end_and_then_on_none() {
    for keys in [DELTAS, SHARDS] {
        let house = house();
        let authority = divided(&house, keys);
        let run = form_run(&authority, "card");
        let mut draft = Draft::new(&run, "card", authority.now());
        draft.set_expiry((2027, 1));
        let answer = post(&authority, &draft.octets(&authority));
        let certificate = Heard::of(&authority, &answer).issued().clone();
        revoke(&authority, &certificate, RevocationReason::KeyCompromise);
        let end = certificate.not_after().as_secs() - authority.now().as_secs();
        house.clock.advance(end + DAY);
        let shard = shard_id(Shard::holding(&serial(&certificate), 4));
        let mut lists = vec![complete_id()];
        lists.extend((keys == SHARDS).then_some(shard));
        // All are due since long.
        assert!(due(&authority).contains(&complete_id().to_string()));
        for listed in [true, false] {
            for list in &lists {
                let found = crl(&authority, list).revoked(certificate.serial()).is_some();
                assert_eq!(found, listed, "{list}");
            }
            house.clock.advance(DAY);
            authority.publish_crl(&ca_id(CCA)).unwrap();
        }
    }
}

#[test]
fn lists_that_a_new_policy_asks_for_are_made_in_the_next_round() {
    let house = house();
    let authority = with_lists(&house, SHARDS);
    let shards: Vec<_> =
        (0..4).map(|index| format!("shard 4-{index} of the CRL of {CCA}")).collect();
    assert_eq!(due(&authority), shards);
    assert_eq!(due(&authority), Vec::<String>::new());
    let authority = with_lists(&house, DELTAS);
    let expected = [format!("CRL of {CCA}"), "BCI of Sample".to_owned()];
    assert_eq!(due(&authority), expected);
    assert!(authority.store().list(&delta_id()).unwrap().is_some());
    assert_eq!(due(&authority), Vec::<String>::new());
}

#[test]
fn delta_is_renewed_after_half_of_its_life_without_the_complete_crl() {
    let house = house();
    let authority = divided(&house, DELTAS);
    let complete = published(&authority, &complete_id());
    due(&authority);
    house.clock.advance(12 * HOUR - 1);
    assert_eq!(due(&authority), Vec::<String>::new());
    house.clock.advance(1);
    assert_eq!(due(&authority), [format!("delta CRL of {CCA}")]);
    assert_eq!(published(&authority, &complete_id()), complete);
    let delta = crl(&authority, &delta_id());
    assert_eq!(delta.number(), Some((complete.number + 1).into()));
    assert_eq!(due(&authority), Vec::<String>::new());
    // One sequence of numbers: the next complete CRL is above it.
    assert_eq!(authority.publish_crl(&ca_id(CCA)).unwrap().number, complete.number + 2);
}

#[test]
fn neither_times_nor_numbers_go_back_with_the_clock() {
    for (keys, list) in
        [(DELTAS, delta_id()), (SHARDS, shard_id(Shard { of: 4, index: 2 })), ("", complete_id())]
    {
        let house = house();
        house.clock.advance(DAY);
        let authority = divided(&house, keys);
        let before = published(&authority, &list);
        house.clock.turn_back(DAY / 2);
        authority.publish_crl(&ca_id(CCA)).unwrap();
        let after = published(&authority, &list);
        assert!(after.number > before.number, "{list}");
        assert_eq!(
            (after.this_update, after.next_update),
            (before.this_update, before.next_update)
        );
    }
}

/// Whoever recorded it died before it could publish.
#[test]
fn revocation_that_nobody_published_is_listed_after_a_minute() {
    for keys in ["", DELTAS, SHARDS] {
        let house = house();
        let authority = divided(&house, keys);
        due(&authority);
        let certificate = certificate(&authority, "left out");
        authority
            .revoke(&ca_id(CCA), &serial(&certificate), RevocationReason::KeyCompromise)
            .unwrap();
        assert_eq!(due(&authority), Vec::<String>::new());
        house.clock.advance(59);
        assert_eq!(due(&authority), Vec::<String>::new());
        house.clock.advance(1);
        let expected = [format!("CRL of {CCA}"), "BCI of Sample".to_owned()];
        assert_eq!(due(&authority), expected, "{keys}");
        assert!(crl(&authority, &complete_id()).revoked(certificate.serial()).is_some());
        if keys == SHARDS {
            let shard = shard_id(Shard::holding(&serial(&certificate), 4));
            assert!(crl(&authority, &shard).revoked(certificate.serial()).is_some());
        }
        assert_eq!(due(&authority), Vec::<String>::new());
    }
}

#[test]
fn revocation_that_was_left_out_before_the_start_is_found() {
    let house = house();
    let certificate = certificate(&house.authority, "left out");
    let (ca, reason) = (ca_id(CCA), RevocationReason::KeyCompromise);
    house.authority.revoke(&ca, &serial(&certificate), reason).unwrap();
    let restarted = with_lists(&house, "");
    assert_eq!(due(&restarted), Vec::<String>::new());
    house.clock.advance(60);
    assert_eq!(due(&restarted).first(), Some(&format!("CRL of {CCA}")));
}

#[test]
fn policy_may_leave_lists_to_their_time() {
    let house = house();
    let authority = with_lists(&house, "at_once = false");
    let certificate = certificate(&authority, "patient");
    let (ca, reason) = (ca_id(CCA), RevocationReason::KeyCompromise);
    authority.revoke(&ca, &serial(&certificate), reason).unwrap();
    assert_eq!(authority.publish_after_revocation(&ca).unwrap(), None);
    house.clock.advance(DAY);
    assert_eq!(due(&authority), Vec::<String>::new());
    assert!(crl(&authority, &complete_id()).is_empty());
    // Who asks for it gets it, and so does the schedule.
    assert_eq!(authority.publish_lists(&ca).unwrap().unwrap().number, 2);
    assert_eq!(crl(&authority, &complete_id()).len(), 1);
    assert!(authority.now() > BEGIN);
}

#[test]
fn of_revocations_at_once_none_is_missing_from_any_list() {
    for keys in [DELTAS, SHARDS] {
        let house = house();
        let authorities = [divided(&house, keys), with_lists(&house, keys)];
        let base = crl(&authorities[0], &complete_id());
        let certificates: Vec<Cert> =
            (0..6).map(|n| certificate(&authorities[0], &format!("holder {n}"))).collect();
        std::thread::scope(|scope| {
            for (number, certificate) in certificates.iter().enumerate() {
                let authority = &authorities[number % 2];
                scope.spawn(move || revoke(authority, certificate, RevocationReason::Superseded));
            }
        });
        let [authority, _] = &authorities;
        let complete = said(&crl(authority, &complete_id()));
        assert_eq!(complete.len(), 6);
        if keys == DELTAS {
            assert_eq!(applied(&base, &crl(authority, &delta_id())), complete);
        } else {
            let all = |index| said(&crl(authority, &shard_id(Shard { of: 4, index })));
            assert_eq!((0..4).flat_map(all).collect::<BTreeMap<_, _>>(), complete);
        }
    }
}
