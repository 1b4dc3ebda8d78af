//! The status index against a plain map of what was done, and against its store.

mod encoded;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ca_core::status::{Indexed, SerialStatus, compare};
use ca_core::store::conformance::samples;
use ca_core::store::{
    CaId, Intent, MemoryStore, Revocation, RevocationOrder, RevocationReason, SerialNumber,
    Standing, Status, Store,
};
use proptest::prelude::*;

const ISSUERS: [&str; 3] = ["bca", "cca", "mca"];

/// One thing that is done, to one of few serial numbers, so that acts meet.
#[derive(Clone, Copy, Debug)]
struct Act {
    kind: Kind,
    issuer: &'static str,
    number: u64,
    /// By another handle on the store.
    elsewhere: bool,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Intend,
    Issue,
    Revoke(RevocationReason),
    RevokeAll(RevocationReason),
    Release,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Intend),
        3 => Just(Kind::Issue),
        2 => reason().prop_map(Kind::Revoke),
        1 => reason().prop_map(Kind::RevokeAll),
        2 => Just(Kind::Release),
    ]
}

/// Holds often: they alone lead back.
fn reason() -> impl Strategy<Value = RevocationReason> {
    let any = prop::sample::select(RevocationReason::ALL.to_vec());
    prop_oneof![Just(RevocationReason::CertificateHold), any]
}

fn act() -> impl Strategy<Value = Act> {
    // Serial numbers of one and of two octets, also with an octet of sign.
    let numbers = prop_oneof![1..12_u64, 0x7e..0x84_u64, 0x100..0x106_u64];
    (kind(), prop::sample::select(&ISSUERS[..]), numbers, any::<bool>())
        .prop_map(|(kind, issuer, number, elsewhere)| Act { kind, issuer, number, elsewhere })
}

type Model = HashMap<(CaId, SerialNumber), Status>;
/// Whose certificates are recorded, revoked or not.
type Issued = HashSet<(CaId, SerialNumber)>;

const HOLD: RevocationReason = RevocationReason::CertificateHold;

/// What the act makes of the model, by the rules of the store's contract alone.
fn model(model: &mut Model, issued: &mut Issued, act: Act, intent: &Intent) {
    let name = (intent.issuer.clone(), intent.serial);
    match (act.kind, model.get(&name)) {
        (Kind::Intend, None) => drop(model.insert(name, Status::Intended)),
        (Kind::Issue, Some(Status::Intended)) => {
            issued.insert(name.clone());
            model.insert(name, Status::Issued);
        }
        // The certificate of a revoked intent may still be recorded; the revocation stands.
        (Kind::Issue, Some(Status::Revoked { .. })) => drop(issued.insert(name)),
        (
            Kind::Revoke(reason) | Kind::RevokeAll(reason),
            Some(Status::Intended | Status::Issued),
        ) => {
            let (revocation, not_after) = (revocation(act, reason), intent.not_after);
            model.insert(name, Status::Revoked { revocation, not_after });
        }
        (
            Kind::Revoke(reason) | Kind::RevokeAll(reason),
            Some(Status::Revoked { revocation, not_after }),
        ) if revocation.reason == HOLD && reason != HOLD => {
            let (revocation, not_after) = (Revocation { reason, ..*revocation }, *not_after);
            let since = self::revocation(act, reason).invalid_since;
            let invalid_since = since.or(revocation.invalid_since);
            let revocation = Revocation { invalid_since, ..revocation };
            model.insert(name, Status::Revoked { revocation, not_after });
        }
        (Kind::Release, Some(Status::Revoked { revocation, .. })) if revocation.reason == HOLD => {
            let before = issued.contains(&name);
            model.insert(name, if before { Status::Issued } else { Status::Intended });
        }
        _ => {}
    }
}

fn revocation(act: Act, reason: RevocationReason) -> Revocation {
    let at = samples::NOW.plus_secs(act.number);
    let invalid_since = (!act.elsewhere).then(|| at.minus_secs(act.number * 60));
    Revocation { at, reason, invalid_since }
}

/// Tries the act; the store may refuse it.
fn perform(store: &dyn Store, act: Act, intent: &Intent) {
    let _ = match act.kind {
        Kind::Intend => store.record_intents(std::slice::from_ref(intent), &samples::acting()),
        Kind::Issue => store.record_issued(&[samples::issued(intent)], None, &samples::acting()),
        Kind::Revoke(reason) => store.revoke(
            &intent.issuer,
            &intent.serial,
            &revocation(act, reason),
            &samples::acting(),
        ),
        Kind::RevokeAll(reason) => {
            let (issuer, serial) = (intent.issuer.clone(), intent.serial);
            let order = RevocationOrder { issuer, serial, revocation: revocation(act, reason) };
            store.revoke_all(&[order], &samples::acting()).map(drop)
        }
        Kind::Release => store.release(&intent.issuer, &intent.serial, &samples::acting()),
    };
}

fn said(status: Option<&Status>) -> SerialStatus {
    match status {
        None => SerialStatus::Unknown,
        Some(Status::Intended) => SerialStatus::Intended,
        Some(Status::Issued) => SerialStatus::Good,
        Some(Status::Revoked { revocation, .. }) => SerialStatus::Revoked(*revocation),
    }
}

fn sorted(model: &Model) -> Vec<Standing> {
    let mut all: Vec<Standing> = model
        .iter()
        .map(|((issuer, serial), status)| {
            let (issuer, serial) = (issuer.clone(), *serial);
            Standing { issuer, serial, status: *status }
        })
        .collect();
    all.sort_by(|a, b| (&a.issuer, &a.serial).cmp(&(&b.issuer, &b.serial)));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_index_says_what_was_done(
        acts in prop::collection::vec(act(), 1..200),
        load_at in 0..50_usize,
    ) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (here, mut done) = (Indexed::new(Arc::clone(&store)), Model::new());
        let mut issued = Issued::new();
        for (step, act) in acts.iter().enumerate() {
            let intent = samples::intent(act.issuer, act.number).unwrap();
            model(&mut done, &mut issued, *act, &intent);
            perform(if act.elsewhere { store.as_ref() } else { &here }, *act, &intent);
            if step < load_at {
                continue;
            }
            if act.elsewhere {
                here.follow().unwrap();
            }
            let name = (intent.issuer, intent.serial);
            prop_assert_eq!(here.status(&name.0, &name.1).unwrap(), said(done.get(&name)));
        }
        let expected = sorted(&done);
        let index = here.current().unwrap();
        prop_assert_eq!(index.standings(None, 10_000), expected.clone());
        prop_assert_eq!(compare(index, store.as_ref(), 10).unwrap(), []);
        // One that comes later sees the same.
        let later = Indexed::new(Arc::clone(&store));
        prop_assert_eq!(later.current().unwrap().standings(None, 10_000), expected);
        for issuer in ISSUERS {
            let issuer = samples::ca_id(issuer).unwrap();
            for at in [samples::NOW, samples::NOW.plus_days(365), samples::NOW.plus_days(366)] {
                let listed = store.revoked(&issuer, at).unwrap();
                prop_assert_eq!(index.revoked(&issuer, at), listed);
            }
        }
    }
}

#[test]
fn an_act_is_seen_before_it_returns_whoever_else_is_at_work() {
    const THREADS: u64 = 4;
    const EACH: u64 = 200;
    let indexed = Indexed::new(Arc::new(MemoryStore::new()));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let indexed = &indexed;
            scope.spawn(move || {
                for number in (1 + thread..).step_by(THREADS as usize).take(EACH as usize) {
                    let intent = samples::intent("cca", number).unwrap();
                    let status = || indexed.status(&intent.issuer, &intent.serial).unwrap();
                    indexed
                        .record_intents(std::slice::from_ref(&intent), &samples::acting())
                        .unwrap();
                    assert_eq!(status(), SerialStatus::Intended);
                    indexed
                        .record_issued(&[samples::issued(&intent)], None, &samples::acting())
                        .unwrap();
                    assert_eq!(status(), SerialStatus::Good);
                    let reason = RevocationReason::Superseded;
                    let revocation = Revocation::new(samples::NOW, reason);
                    indexed
                        .revoke(&intent.issuer, &intent.serial, &revocation, &samples::acting())
                        .unwrap();
                    assert_eq!(status(), SerialStatus::Revoked(revocation));
                }
            });
        }
    });
    assert_eq!(indexed.current().unwrap().size().revoked as u64, THREADS * EACH);
    assert_eq!(indexed.check(10, &mut || true).unwrap(), Some(vec![]));
}

#[test]
fn an_index_that_nobody_asks_is_not_loaded_and_one_that_follows_is() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let indexed = Indexed::new(Arc::clone(&store));
    indexed.record_intents(&[samples::intent("cca", 1).unwrap()], &samples::acting()).unwrap();
    // Loading counts no changes; what comes later is counted.
    assert_eq!(indexed.follow().unwrap(), 0);
    store.record_intents(&[samples::intent("cca", 2).unwrap()], &samples::acting()).unwrap();
    assert_eq!(indexed.follow().unwrap(), 1);
    assert_eq!(indexed.current().unwrap().size().living, 2);
}

#[test]
fn who_was_away_longer_than_the_feed_reaches_reads_everything_again() {
    let store = Arc::new(MemoryStore::new());
    let intents: Vec<Intent> =
        (1..=3).map(|number| samples::intent("cca", number).unwrap()).collect();
    store.record_intents(&intents, &samples::acting()).unwrap();
    store
        .record_issued(
            &intents.iter().map(samples::issued).collect::<Vec<_>>(),
            None,
            &samples::acting(),
        )
        .unwrap();
    let index = Indexed::new(Arc::clone(&store) as Arc<dyn Store>);
    index.follow().unwrap();
    let Intent { issuer, serial, .. } = &intents[0];
    assert_eq!(index.status(issuer, serial).unwrap(), SerialStatus::Good);

    let revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);
    store.revoke(issuer, serial, &revocation, &samples::acting()).unwrap();
    store.record_intents(&[samples::intent("cca", 4).unwrap()], &samples::acting()).unwrap();
    assert_eq!(store.trim_changes(u64::MAX, usize::MAX).unwrap(), 7);
    assert_eq!(index.follow().unwrap(), 2);
    assert_eq!(index.status(issuer, serial).unwrap(), SerialStatus::Revoked(revocation));
    assert_eq!(compare(index.current().unwrap(), store.as_ref(), 10).unwrap(), []);
    // And follows on from there.
    let Intent { serial, .. } = &intents[1];
    store.revoke(issuer, serial, &revocation, &samples::acting()).unwrap();
    assert_eq!(index.follow().unwrap(), 1);
    assert_eq!(index.status(issuer, serial).unwrap(), SerialStatus::Revoked(revocation));
}
