//! Several stores on one database write at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ca_core::store::Store as _;
use ca_core::store::conformance::samples;
use ca_server::store::PostgresStore;
use e2e::postgres::Postgres;

use super::many::{Crowd, check};

#[test]
fn stores_on_one_database_lose_and_repeat_nothing() {
    let server = Postgres::start();
    let url = server.database("shared");
    let stores: Vec<_> = (0..3).map(|_| Arc::new(PostgresStore::open(&url).unwrap())).collect();
    let numbers = AtomicU64::new(1);
    let crowd = Crowd::default();
    std::thread::scope(|scope| {
        for store in stores.iter().cycle().take(24) {
            scope.spawn(|| {
                for _ in 0..40 {
                    crowd.one(&**store, numbers.fetch_add(1, Ordering::SeqCst));
                }
            });
        }
    });
    assert_eq!(crowd.refused(), [] as [String; 0]);
    for store in &stores {
        assert_eq!(check(&**store, &crowd), 960);
    }
    let commits: u64 = stores.iter().map(|store| store.commits()).sum();
    assert!(commits < 960 * 2, "acts share transactions: {commits}");
}

#[test]
fn change_of_one_store_is_known_to_another_within_a_second() {
    let server = Postgres::start();
    let url = server.database("shared");
    let (one, other) = (PostgresStore::open(&url).unwrap(), PostgresStore::open(&url).unwrap());
    for number in 1..=10 {
        one.record_intents(&[samples::intent("cca", number).unwrap()], &samples::acting()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(1);
        while other.last_change().unwrap() < number {
            assert!(Instant::now() < deadline, "change {number}");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(other.changes(number - 1, 10).unwrap().items.len(), 1);
    }
}

#[test]
fn change_is_known_where_the_database_does_not_tell() {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("shared")).unwrap();
    assert_eq!(store.last_change().unwrap(), 0);
    // Nobody is notified of this.
    server.sql("shared", "UPDATE head SET change = 5");
    let deadline = Instant::now() + Duration::from_secs(1);
    while store.last_change().unwrap() < 5 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn several_stores_may_make_the_tables_at_once() {
    let server = Postgres::start();
    for number in 0..5 {
        let url = server.database(&format!("young{number}"));
        std::thread::scope(|scope| {
            let opened: Vec<_> =
                (0..6).map(|_| scope.spawn(|| PostgresStore::open(&url).map(drop))).collect();
            for opened in opened {
                opened.join().unwrap().unwrap();
            }
        });
    }
}
