//! Entries kept encoded against entries encoded from nothing.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

use std::collections::BTreeMap;

use ca_core::issue::EncodedEntries;
use ca_core::status::StatusIndex;
use ca_core::store::conformance::samples;
use ca_core::store::{
    CaId, Revocation, RevocationReason, RevokedEntry, SerialNumber, Standing, Status,
};
use ca_core::{Part, Suite, UnixTime};
use proptest::prelude::*;

/// What is revoked, and until when the certificate was good.
type Model = BTreeMap<SerialNumber, (Revocation, UnixTime)>;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// Makes a list of what has not expired on that day.
    List(u32, Suite),
    /// Released from a hold, or never revoked.
    Release(u64),
    Revoke(u64, RevocationReason, u32),
}

fn act() -> impl Strategy<Value = Act> {
    // Among the first ones, between them and behind them.
    let number = prop_oneof![1..2 * FIRST, 3 * FIRST..3 * FIRST + 900];
    let suite = prop_oneof![4 => Just(Suite::Modern), 1 => Just(Suite::Set1997)];
    let reason = prop::sample::select(RevocationReason::ALL.to_vec());
    prop_oneof![
        1 => (0..DAYS + 2, suite).prop_map(|(day, suite)| Act::List(day, suite)),
        1 => number.clone().prop_map(Act::Release),
        2 => (number, reason, 0..DAYS).prop_map(|(n, reason, day)| Act::Revoke(n, reason, day)),
    ]
}

fn issuer() -> CaId {
    samples::ca_id("cca").unwrap()
}

fn revoke(index: &StatusIndex, number: u64, reason: RevocationReason, day: u32) -> Status {
    let invalid_since = number.is_multiple_of(3).then(|| samples::NOW.minus_secs(number));
    let at = samples::NOW.plus_secs(number);
    let revocation = Revocation { at, reason, invalid_since };
    let status = Status::Revoked { revocation, not_after: samples::NOW.plus_days(day) };
    apply(index, number, status);
    status
}

fn apply(index: &StatusIndex, number: u64, status: Status) {
    let serial = samples::serial(number).unwrap();
    index.apply(&Standing { issuer: issuer(), serial, status });
}

/// Every other of the first numbers is revoked.
fn first(index: &StatusIndex, model: &mut Model) {
    for number in (2..2 * FIRST).step_by(2) {
        let day = number as u32 % DAYS;
        note(model, number, revoke(index, number, RevocationReason::Superseded, day));
    }
}

fn note(model: &mut Model, number: u64, status: Status) {
    let serial = samples::serial(number).unwrap();
    match status {
        Status::Revoked { revocation, not_after } => {
            model.insert(serial, (revocation, not_after));
        }
        Status::Intended | Status::Issued => drop(model.remove(&serial)),
    }
}

/// RFC 5280 §5.1.2.6 and §3.3: all that is revoked and has not expired, encoded in one piece.
fn from_nothing(model: &Model, at: UnixTime, suite: Suite) -> EncodedEntries {
    let listed = model.iter().filter(|(_, (_, not_after))| *not_after >= at);
    let entries: Vec<RevokedEntry> = listed
        .map(|(serial, (revocation, _))| RevokedEntry { serial: *serial, revocation: *revocation })
        .collect();
    EncodedEntries::of(&entries, suite).unwrap()
}

fn octets(entries: &EncodedEntries) -> Vec<u8> {
    entries.parts.iter().flat_map(|part| part.octets().to_vec()).collect()
}

/// The parts of `after` that `before` has not.
fn new_parts(before: &EncodedEntries, after: &EncodedEntries) -> usize {
    let known = |part: &Part| before.parts.iter().any(|one| one.is_same(part));
    after.parts.iter().filter(|part| !known(part)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn kept_entries_are_those_encoded_from_nothing(
        acts in prop::collection::vec(act(), 1..150),
    ) {
        let (index, mut model) = (StatusIndex::new(), Model::new());
        first(&index, &mut model);
        for act in acts {
            match act {
                Act::List(day, suite) => {
                    let at = samples::NOW.plus_days(day);
                    let kept = index.encoded(&issuer(), at, suite).unwrap();
                    let expected = from_nothing(&model, at, suite);
                    prop_assert_eq!((kept.count, kept.len), (expected.count, expected.len));
                    prop_assert!(octets(&kept) == octets(&expected));
                    prop_assert!(kept.parts.iter().all(|part| !part.octets().is_empty()));
                }
                Act::Release(number) => {
                    apply(&index, number, Status::Issued);
                    note(&mut model, number, Status::Issued);
                }
                Act::Revoke(number, reason, day) => {
                    note(&mut model, number, revoke(&index, number, reason, day));
                }
            }
        }
    }
}

#[test]
fn one_more_revocation_encodes_its_neighbours_alone() {
    let index = StatusIndex::new();
    (2..20_000).step_by(2).for_each(|number| {
        revoke(&index, number, RevocationReason::Superseded, 1);
    });
    let list = || index.encoded(&issuer(), samples::NOW, Suite::Modern).unwrap();
    let mut before = list();
    assert!(before.parts.len() >= 19, "{} parts", before.parts.len());
    assert_eq!(new_parts(&before, &list()), 0);
    for number in [9_001, 9_003, 1, 19_999] {
        revoke(&index, number, RevocationReason::KeyCompromise, 1);
        let after = list();
        assert_eq!(after.count, before.count + 1);
        // Two where a full chunk was split.
        assert!((1..=2).contains(&new_parts(&before, &after)), "{number}");
        before = after;
    }
}

/// Lists of different ages are made in turns: shards from the time of the oldest of them.
#[test]
fn another_time_encodes_nothing_anew_unless_something_expired_between() {
    let index = StatusIndex::new();
    (1..2_000).for_each(|number| {
        revoke(&index, number, RevocationReason::Superseded, if number == 700 { 1 } else { 5 });
    });
    let list = |day| index.encoded(&issuer(), samples::NOW.plus_days(day), Suite::Modern).unwrap();
    let with_all = list(1);
    assert_eq!(new_parts(&with_all, &list(0)), 0);
    let later = list(3);
    assert_eq!((later.count, new_parts(&with_all, &later)), (with_all.count - 1, 1));
    assert_eq!(new_parts(&later, &list(2)) + new_parts(&later, &list(5)), 0);
    assert_eq!(list(6).count, 0);
}

/// Numbers revoked at first: several chunks of them.
const FIRST: u64 = 900;
const DAYS: u32 = 5;
