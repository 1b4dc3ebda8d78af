//! Checks of list numbers and published lists.

use super::{Check, Violation, expect_conflict, expect_equal, samples};
use crate::store::{Conflict, ListId, PublishedList, Shard, Store, StoreError};
use crate::{Octets, Part};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "list numbers rise from 1 and never repeat", run: numbers_rise },
    Check { claim: "each list has numbers of its own", run: numbers_are_per_list },
    Check { claim: "the next number is above the published one", run: number_above_published },
    Check { claim: "the list published last is found", run: latest_is_found },
    Check { claim: "each list is published on its own", run: lists_are_apart },
    Check { claim: "the head of a list says what is recorded beside it", run: heads },
    Check { claim: "a list is the octets of its parts, whatever it shares", run: parts_are_shared },
    Check { claim: "an equal or lower number is refused", run: number_must_rise },
];

fn crl() -> Result<ListId, Violation> {
    Ok(ListId::Crl(samples::ca_id("sample")?))
}

fn numbers_rise(store: &dyn Store) -> Result<(), Violation> {
    let list = crl()?;
    let numbers: Result<Vec<u64>, _> = (0..5).map(|_| store.next_number(&list)).collect();
    expect_equal(numbers?, vec![1, 2, 3, 4, 5])
}

fn numbers_are_per_list(store: &dyn Store) -> Result<(), Violation> {
    store.next_number(&crl()?)?;
    expect_equal(store.next_number(&ListId::Crl(samples::ca_id("other")?))?, 1)?;
    expect_equal(store.next_number(&ListId::Bci("sample".to_owned()))?, 1)?;
    expect_equal(store.next_number(&crl()?)?, 2)
}

fn number_above_published(store: &dyn Store) -> Result<(), Violation> {
    let list = crl()?;
    store.next_number(&list)?;
    store.record_list(&samples::list(&list, 7), &samples::acting())?;
    expect_equal(store.next_number(&list)?, 8)?;
    expect_equal(store.next_number(&list)?, 9)
}

fn latest_is_found(store: &dyn Store) -> Result<(), Violation> {
    let list = crl()?;
    expect_equal(store.list(&list)?, None)?;
    store.record_list(&samples::list(&list, 1), &samples::acting())?;
    let latest = samples::list(&list, 3);
    store.record_list(&latest, &samples::acting())?;
    expect_equal(store.list(&list)?, Some(latest))
}

fn lists_are_apart(store: &dyn Store) -> Result<(), Violation> {
    let (crl, bci) = (crl()?, ListId::Bci("sample".to_owned()));
    store.record_list(&samples::list(&crl, 5), &samples::acting())?;
    expect_equal(store.list(&bci)?, None)?;
    store.record_list(&samples::list(&bci, 1), &samples::acting())?;
    expect_equal(store.list(&crl)?.map(|list| list.number), Some(5))
}

fn heads(store: &dyn Store) -> Result<(), Violation> {
    let ca = samples::ca_id("sample")?;
    let shard = |index| ListId::Shard { ca: ca.clone(), shard: Shard { of: 16, index } };
    let mut lists = vec![
        ListId::Bci("sample".to_owned()),
        ListId::Crl(ca.clone()),
        ListId::Delta(ca.clone()),
        ListId::DeltaBase(ca.clone()),
        shard(2),
        shard(10),
    ];
    expect_equal(store.list_heads()?, Vec::new())?;
    lists.reverse();
    for (number, list) in (3..).zip(&lists) {
        expect_equal(store.list_head(list)?, None)?;
        store.record_list(&samples::list(list, number), &samples::acting())?;
        expect_equal(store.list_head(list)?, Some(samples::list(list, number).head()))?;
    }
    lists.sort();
    let heads = store.list_heads()?;
    expect_equal(heads.into_iter().map(|head| head.list).collect(), lists)
}

fn parts_are_shared(store: &dyn Store) -> Result<(), Violation> {
    let (list, other) = (crl()?, ListId::DeltaBase(samples::ca_id("sample")?));
    let part = |text: &str| Part::from(text.as_bytes().to_vec());
    let [head, one, two, three] = ["head", "one", "two", "three"].map(part);
    let versions: [(&ListId, Octets); 4] = [
        (&list, [&head, &one, &two].into_iter().cloned().collect()),
        (&other, [&head, &one, &two].into_iter().cloned().collect()),
        (&list, [&three, &one, &two, &two].into_iter().cloned().collect()),
        (&other, [&head, &two].into_iter().cloned().collect()),
    ];
    for (number, (id, der)) in (1..).zip(versions) {
        store
            .record_list(&PublishedList { der, ..samples::list(id, number) }, &samples::acting())?;
    }
    let text = |id: &ListId| Ok::<_, StoreError>(store.list(id)?.map(|found| found.der.to_vec()));
    expect_equal(text(&list)?, Some(b"threeonetwotwo".to_vec()))?;
    expect_equal(text(&other)?, Some(b"headtwo".to_vec()))
}

fn number_must_rise(store: &dyn Store) -> Result<(), Violation> {
    let list = crl()?;
    let current = samples::list(&list, 5);
    store.record_list(&current, &samples::acting())?;
    for offered in [5, 4] {
        let clash = Conflict::ListNumber { list: list.clone(), published: 5, offered };
        expect_conflict(
            store.record_list(&samples::list(&list, offered), &samples::acting()),
            clash,
        )?;
    }
    expect_equal(store.list(&list)?, Some(current))
}
