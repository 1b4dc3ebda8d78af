//! A hierarchy in memory and registrations with it, wallet against authority.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod acceptors;
mod certificates;
mod contact;
mod errors;
mod hierarchy;
#[path = "../house/mod.rs"]
#[expect(dead_code, reason = "the tests of the authority use the rest")]
mod house;
mod journeys;
mod life;
mod middle;
mod outcomes;
mod properties;
mod refusals;
mod several;
mod shop;
mod waiting;
