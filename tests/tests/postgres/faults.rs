//! Connections that are lost, servers that die or stand still: what was acknowledged is there,
//! what was done is done once, and the store goes on by itself.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ca_core::store::conformance::samples;
use ca_core::store::{CertificateQuery, Store, StoreError};
use ca_server::store::PostgresStore;
use e2e::postgres::Postgres;
use e2e::relay::Relay;

use super::many::{Crowd, check};

/// Eight threads write while `disturb` runs.
fn under_load(store: &PostgresStore, disturb: impl FnOnce(&Crowd)) -> Crowd {
    let (crowd, numbers, over) = (Crowd::default(), AtomicU64::new(1), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    crowd.one(store, numbers.fetch_add(1, Ordering::SeqCst));
                }
            });
        }
        // Also if it panics: those who write would never end.
        let _end = End(&over);
        disturb(&crowd);
    });
    crowd
}

/// Says that it is over when dropped.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Waits until `more` certificates were issued since now.
fn go_on(crowd: &Crowd, more: usize) {
    let (goal, deadline) = (crowd.count() + more, Instant::now() + Duration::from_secs(30));
    while crowd.count() < goal {
        assert!(Instant::now() < deadline, "{:?}", crowd.refused());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn ended_connections_are_made_anew_and_no_act_is_lost_or_repeated() {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("records")).unwrap();
    let crowd = under_load(&store, |crowd| {
        for _ in 0..20 {
            server.sql("postgres", END_ALL);
            go_on(crowd, 10);
        }
    });
    assert_eq!(crowd.refused(), [] as [String; 0]);
    assert!(check(&store, &crowd) >= 200);
}

#[test]
fn commit_whose_answer_was_lost_counts_once() {
    let server = Postgres::start();
    let records = server.database("records");
    let relay = Relay::to(server.port());
    let url = format!("postgres://postgres@127.0.0.1:{}/records", relay.port());
    let store = PostgresStore::open(&url).unwrap();
    let crowd = under_load(&store, |crowd| {
        // Every length of a transaction of eight acts, request and answer.
        for cut in 0..150_u32 {
            let before = relay.cuts();
            relay.cut_after(cut * 211 % 24_000);
            while relay.cuts() == before {
                go_on(crowd, 1);
            }
        }
    });
    // Had an act been done twice, the second time would have been refused as a conflict.
    assert_eq!(crowd.refused(), [] as [String; 0]);
    assert!(relay.cuts() >= 150);
    check(&PostgresStore::open(&records).unwrap(), &crowd);
}

#[test]
fn server_that_dies_and_comes_back_has_every_acknowledged_act() {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("records")).unwrap();
    let crowd = under_load(&store, |crowd| {
        for _ in 0..3 {
            go_on(crowd, 50);
            server.kill();
            std::thread::sleep(Duration::from_millis(300));
            server.resume();
        }
        go_on(crowd, 50);
    });
    assert_eq!(crowd.refused(), [] as [String; 0]);
    check(&store, &crowd);
}

#[test]
fn act_and_look_up_without_a_server_are_refused_in_time_and_done_later() {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("records")).unwrap();
    let intent = samples::intent("cca", 1).unwrap();
    server.kill();
    let begun = Instant::now();
    let refused = store.record_intents(std::slice::from_ref(&intent), &samples::acting());
    let Err(StoreError::Unavailable(why)) = refused else { panic!("{refused:?}") };
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let place = format!("postgres://127.0.0.1:{}/records", server.port());
    assert!(why.starts_with(&place) && why.contains("refused"), "{why}");
    let begun = Instant::now();
    assert!(matches!(store.last_change(), Err(StoreError::Unavailable(_))));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    server.resume();
    store.record_intents(&[intent], &samples::acting()).unwrap();
    assert_eq!(store.certificates(&CertificateQuery::default()).unwrap().items.len(), 1);
}

#[test]
fn server_that_stands_still_holds_nobody_up_for_ever() {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("records")).unwrap();
    let crowd = under_load(&store, |crowd| {
        go_on(crowd, 20);
        server.pause();
        let begun = Instant::now();
        while crowd.refused().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(30), "nobody was told");
            std::thread::sleep(Duration::from_millis(50));
        }
        server.unpause();
        go_on(crowd, 20);
    });
    let refused = crowd.refused();
    assert!(refused.iter().all(|refused| refused.starts_with("unavailable")), "{refused:?}");
    check(&store, &crowd);
}

#[test]
fn lock_that_somebody_holds_for_a_while_is_waited_for() {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("records")).unwrap();
    let acting = samples::acting();
    store.record_intents(&[samples::intent("cca", 1).unwrap()], &acting).unwrap();
    let held = std::thread::scope(|scope| {
        let holder = scope.spawn(|| {
            server.sql("records", "BEGIN; SELECT 1 FROM head FOR UPDATE; SELECT pg_sleep(2.5)")
        });
        std::thread::sleep(Duration::from_millis(300));
        let begun = Instant::now();
        store.record_intents(&[samples::intent("cca", 2).unwrap()], &acting).unwrap();
        holder.join().unwrap();
        begun.elapsed()
    });
    assert!(held > Duration::from_secs(1) && held < Duration::from_secs(6), "{held:?}");
}

const END_ALL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
     WHERE application_name = 'setca'";
