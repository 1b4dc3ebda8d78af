//! The service dies while it is used (design.md §7, "Nothing is lost"): a short run of what
//! `cargo run --release -p e2e --bin crash` does a thousand times.

use e2e::{Hierarchy, crash};

const DEATHS: u64 = 10;

#[test]
fn nothing_that_anybody_was_told_is_lost_when_the_service_dies() {
    let survived = crash::survive(&Hierarchy::for_tests(), DEATHS, false, &|_| {});
    assert_eq!(survived.kills + survived.steps, DEATHS);
    assert!(survived.registered >= 4 && survived.revoked >= 1 && survived.lists >= 2, "{survived}");
}
