//! The service dies while it is used (design.md §7, "Nothing is lost"): a short run of what
//! `cargo run --release -p e2e --bin crash` does a thousand times.

use e2e::crash::Beside;
use e2e::postgres::Postgres;
use e2e::{Hierarchy, crash};

const DEATHS: u64 = 10;

#[test]
fn nothing_that_anybody_was_told_is_lost_when_the_service_dies() {
    let survived = crash::survive(&Hierarchy::for_tests(), DEATHS, Beside::Nothing, &|_| {});
    assert_eq!(survived.kills + survived.steps, DEATHS);
    assert!(survived.registered >= 4 && survived.revoked >= 1 && survived.lists >= 2, "{survived}");
}

#[test]
fn nothing_is_lost_in_a_database_when_the_service_and_the_database_die() {
    let database = Postgres::start();
    let hierarchy = Hierarchy::in_database(&database.database("records"));
    let survived = crash::survive(&hierarchy, DEATHS, Beside::Database(&database), &|_| {});
    assert_eq!((survived.kills + survived.steps, survived.databases), (DEATHS, DEATHS / 2));
    assert!(survived.registered >= 4 && survived.revoked >= 1 && survived.lists >= 2, "{survived}");
}

#[test]
fn three_services_over_one_database_lose_and_repeat_nothing() {
    let endured = crash::endure(1, &|_| {});
    assert_eq!((endured.kills, endured.pauses, endured.cuts), (3, 3, 3));
    assert!(endured.survived.registered >= 4 && endured.survived.revoked >= 1, "{endured:?}");
}

#[test]
fn standby_that_takes_over_has_every_acknowledged_act() {
    let survived = crash::fail_over();
    assert!(survived.registered >= 4 && survived.revoked >= 1, "{survived}");
}
