//! Shards: each certificate is on one for life (RFC 5280 §5.2.5).

use super::*;

#[test]
fn certificate_names_its_shard_and_the_shard_says_so() {
    let house = house();
    let authority = divided(&house, SHARDS);
    let [good, bad] = ["good", "bad"].map(|label| certificate(&authority, label));
    revoke(&authority, &bad, RevocationReason::KeyCompromise);
    for certificate in [&good, &bad] {
        let shard = Shard::holding(&serial(certificate), 4);
        let named = CrlDistributionPoints::find(certificate).unwrap().unwrap().uris;
        assert_eq!(named, [format!("http://ca.example/crl/sample-cca/{shard}.crl")]);
        let crl = crl(&authority, &shard_id(shard));
        let Some(PointName::Full(names)) = &crl.scope().unwrap().name else { panic!() };
        let names: Vec<_> = names.iter().filter_map(LocationName::as_uri).collect();
        assert_eq!(names, named);
        let expected = (certificate == &bad).then_some(ReasonCode::Revoked);
        assert_eq!(judged(&authority, certificate, &[&crl]), expected);
        // Another shard tells nothing.
        let other = Shard { index: (shard.index + 1) % 4, ..shard };
        let other = self::crl(&authority, &shard_id(other));
        let expected = Some(ReasonCode::NoRevocationStatus);
        assert_eq!(judged(&authority, certificate, &[&other]), expected);
    }
}

#[test]
fn shards_together_say_what_the_complete_crl_says() {
    let house = house();
    let authority = divided(&house, SHARDS);
    for number in 0..6 {
        let certificate = certificate(&authority, &format!("holder {number}"));
        revoke(&authority, &certificate, RevocationReason::Superseded);
    }
    let all = |index| crl(&authority, &shard_id(Shard { of: 4, index }));
    let together: BTreeMap<_, _> = (0..4).flat_map(|index| said(&all(index))).collect();
    assert_eq!(together, said(&crl(&authority, &complete_id())));
    assert_eq!(together.len(), 6);
}

#[test]
fn revocation_makes_its_shard_anew_and_leaves_the_others() {
    let house = house();
    let authority = divided(&house, SHARDS);
    let certificate = certificate(&authority, "one");
    let own = Shard::holding(&serial(&certificate), 4).index;
    let numbers = |authority: &Authority| {
        [0, 1, 2, 3].map(|index| published(authority, &shard_id(Shard { of: 4, index })).number)
    };
    let before = numbers(&authority);
    revoke(&authority, &certificate, RevocationReason::Superseded);
    let mut expected = before;
    expected[usize::from(own)] += 1;
    assert_eq!(numbers(&authority), expected);
    // Who has just started does not know what changed, looks at all, and finds nothing to do.
    let restarted = with_lists(&house, SHARDS);
    restarted.publish_after_revocation(&ca_id(CCA)).unwrap();
    assert_eq!(numbers(&restarted), expected);
}

#[test]
fn shards_once_named_stay_published_whatever_the_policy_says_later() {
    let house = house();
    let certificate = certificate(&divided(&house, SHARDS), "old");
    let shard = Shard::holding(&serial(&certificate), 4);
    for keys in ["shards = 7", "", DELTAS] {
        let authority = divided(&house, keys);
        house.clock.advance(HOUR);
        let old = published(&authority, &shard_id(shard));
        let newer = authority.publish_crl(&ca_id(CCA)).unwrap();
        let now = published(&authority, &shard_id(shard));
        assert!(now.number > old.number && now.this_update == newer.this_update, "{keys}");
        // And each is renewed when it is due.
        house.clock.advance(7 * DAY);
        let due = due(&authority);
        assert!(due.contains(&format!("shard {shard} of the CRL of {CCA}")), "{keys}: {due:?}");
    }
    let authority = with_lists(&house, "");
    revoke(&authority, &certificate, RevocationReason::KeyCompromise);
    let crl = crl(&authority, &shard_id(shard));
    assert_eq!(judged(&authority, &certificate, &[&crl]), Some(ReasonCode::Revoked));
}

#[test]
fn shard_keeps_the_names_it_had_when_the_service_was_elsewhere() {
    let house = house();
    let certificate = certificate(&divided(&house, SHARDS), "before the move");
    let moved = with_lists(&house, SHARDS);
    let policies = moved.policies().clone();
    let moved = house.reopened(|parts| {
        parts.policies = policies.into();
        parts.base_url = "https://new.example".to_owned();
    });
    revoke(&moved, &certificate, RevocationReason::KeyCompromise);
    let shard = Shard::holding(&serial(&certificate), 4);
    let crl = crl(&moved, &shard_id(shard));
    let Some(PointName::Full(names)) = &crl.scope().unwrap().name else { panic!() };
    let names: Vec<_> = names.iter().filter_map(LocationName::as_uri).collect();
    let expected = ["https://new.example", "http://ca.example"];
    assert_eq!(names, expected.map(|base| format!("{base}/crl/sample-cca/{shard}.crl")));
    assert_eq!(judged(&moved, &certificate, &[&crl]), Some(ReasonCode::Revoked));
}
