//! What two lists differ in; expectations are written by hand.

use std::collections::BTreeMap;

use super::crl_walk::{delta, entries_in, has_more, partition};
use super::fixture::*;
use super::{CrlKind, CrlOrder, EncodedEntries, ListError, prepare_crl};
use crate::signer::{KeyId, SignatureAlgorithm};
use crate::store::{Revocation, RevocationReason, RevokedEntry, SerialNumber};
use crate::wire::Crl;
use crate::{Octets, Part, Suite};

/// An entry of serial number `serial` revoked at 260101000000Z for a reason.
fn entry(serial: u8, reason: u8) -> Vec<u8> {
    let date = [&[0x17, 13][..], b"260101000000Z"].concat();
    let reason = [0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 21, 4, 3, 10, 1, reason];
    let content = [&[2, 1, serial][..], &date, &reason].concat();
    [&[0x30, u8::try_from(content.len()).unwrap()][..], &content].concat()
}

fn part(entries: &[(u8, u8)]) -> Part {
    entries.iter().flat_map(|(serial, reason)| entry(*serial, *reason)).collect::<Vec<u8>>().into()
}

/// Serial numbers and reasons.
fn said(octets: &[u8]) -> Vec<(u8, u8)> {
    octets.chunks(34).map(|one| (one[4], one[33])).collect()
}

fn delta_of(base: &[Part], now: &[Part], last: &[Part]) -> Vec<(u8, u8)> {
    let run = delta(base, now, last).unwrap();
    assert_eq!(run.count * 34, run.octets.len());
    said(&run.octets)
}

#[test]
fn delta_lists_what_is_new_changed_or_gone_in_ascending_order() {
    let base = [part(&[(1, 1), (2, 6), (4, 1)]), part(&[(6, 1), (8, 4)])];
    let now = [part(&[(1, 1), (2, 1), (3, 5)]), part(&[(6, 1), (9, 1)])];
    assert_eq!(delta_of(&base, &now, &[]), [(2, 1), (3, 5), (4, 8), (8, 8), (9, 1)]);
    assert_eq!(delta_of(&[], &now[1..], &[]), [(6, 1), (9, 1)]);
    assert_eq!(delta_of(&base[1..], &[], &[]), [(6, 8), (8, 8)]);
    assert_eq!(delta_of(&base, &base, &[]), []);
}

#[test]
fn parting_does_not_matter() {
    let entries: Vec<(u8, u8)> = (1..=9).map(|serial| (serial, 1)).collect();
    let other: Vec<(u8, u8)> = entries.iter().copied().filter(|(serial, _)| *serial != 5).collect();
    for at in 0..=9 {
        let base = [part(&entries[..at]), part(&entries[at..])];
        assert_eq!(delta_of(&base, &[part(&other)], &[]), [(5, 8)], "{at}");
        assert_eq!(delta_of(&[part(&other)], &base, &[]), [(5, 1)], "{at}");
        assert!(!has_more(&base, &[part(&entries)]).unwrap());
        assert!(!has_more(&base, &[part(&other)]).unwrap());
        assert!(has_more(&[part(&other)], &base).unwrap());
    }
}

/// RFC 5280 §5.2.4: on hold on some CRL after the base and released since: removeFromCRL.
#[test]
fn what_the_delta_before_listed_stays_in_the_delta() {
    let base = [part(&[(1, 1)])];
    let last = [part(&[(2, 6), (3, 6)])];
    // 2 was released; 3 is still held.
    assert_eq!(delta_of(&base, &[part(&[(1, 1), (3, 6)])], &last), [(2, 8), (3, 6)]);
    // And the next one says so, too.
    let last = [part(&[(2, 8), (3, 6)])];
    assert_eq!(delta_of(&base, &[part(&[(1, 1), (3, 6)])], &last), [(2, 8), (3, 6)]);
    // Held once more, as the base has it: whoever read the release must read the hold.
    let last = [part(&[(1, 8)])];
    assert_eq!(delta_of(&base, &base, &last), [(1, 1)]);
}

#[test]
fn each_entry_falls_into_one_shard() {
    let all = [part(&[(1, 1), (2, 6)]), part(&[(5, 1), (6, 4), (7, 1)])];
    let runs = partition(&all, 4, 0..4).unwrap();
    let said: BTreeMap<u16, Vec<(u8, u8)>> =
        runs.into_iter().map(|(index, run)| (index, said(&run.octets))).collect();
    let expected =
        [(0, vec![]), (1, vec![(1, 1), (5, 1)]), (2, vec![(2, 6), (6, 4)]), (3, vec![(7, 1)])];
    assert_eq!(said, BTreeMap::from(expected));
    let only = partition(&all, 4, [2]).unwrap();
    assert_eq!(only.keys().collect::<Vec<_>>(), [&2]);
}

#[test]
fn octets_that_are_no_entries_are_damage() {
    let good = entry(1, 1);
    for wrong in
        [&good[..33], &[&good[..], &[0]].concat(), &[0x30, 0x81, 0x80], b"\x30\x02\x05\x00"]
    {
        let parts = [Part::from(wrong.to_vec())];
        assert_eq!(delta(&parts, &[], &[]).unwrap_err(), ListError::Damaged);
        assert_eq!(partition(&parts, 2, [0]).unwrap_err(), ListError::Damaged);
    }
}

/// However a signed list is parted, its entries are found; more than 127 octets of them, or none.
#[test]
fn entries_of_a_signed_list_are_found() {
    let house = house();
    for count in [0, 1, 40] {
        let revocation = Revocation::new(begin(), RevocationReason::KeyCompromise);
        let entries: Vec<RevokedEntry> = (1..=count)
            .map(|serial| SerialNumber::from_octets(&[serial]).unwrap())
            .map(|serial| RevokedEntry { serial, revocation })
            .collect();
        let order = CrlOrder {
            issuer: &house.cca,
            suite: Suite::Modern,
            algorithm: SignatureAlgorithm::EcdsaSha256,
            kind: CrlKind::COMPLETE,
            number: 5,
            this_update: begin(),
            next_update: begin().plus_days(30),
            entries: EncodedEntries::of(&entries, Suite::Modern).unwrap(),
        };
        let key = KeyId::of_spki(house.cca.spki_der()).unwrap();
        let der = prepare_crl(&order).unwrap().sign(&key, &house.keys).unwrap().to_vec();
        assert_eq!(Crl::from_der(&der).unwrap().len(), usize::from(count));
        let expected: Vec<u8> = (1..=count).flat_map(|serial| entry(serial, 1)).collect();
        for at in 0..=der.len() {
            let parted: Octets = [&der[..at], &der[at..]]
                .into_iter()
                .map(|part| Part::from(part.to_vec()))
                .collect();
            let found: Vec<u8> =
                entries_in(&parted).unwrap().iter().flat_map(|p| p.octets().to_vec()).collect();
            assert_eq!(found, expected, "{at}");
        }
    }
    assert_eq!(entries_in(&Octets::from(b"no list".to_vec())).unwrap_err(), ListError::Damaged);
}
