//! What the formal models of SET's registration promise, each a test in both suites (spec
//! `set-messages.md` §5).
//!
//! A test bears the number of its row: CR for cardholders, MR for merchants, whose rows are asked
//! of gateways too. `beyond` is the list under the table; the first of that list, that every fault
//! of an envelope looks the same and takes the same time, is `authority/uniform.rs`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod beyond;
mod cardholder;
#[path = "../authority/entities.rs"]
#[expect(dead_code, reason = "the tests of the authority use the rest")]
mod entities;
#[path = "../authority/envelope.rs"]
#[expect(dead_code, reason = "the tests of the authority use the rest")]
mod envelope;
#[path = "../house/mod.rs"]
#[expect(dead_code, reason = "the tests of the authority use the rest")]
mod house;
mod issued;
#[path = "../authority/messages.rs"]
#[expect(dead_code, reason = "the tests of the authority use the rest")]
mod messages;
#[path = "../registration/middle.rs"]
#[expect(dead_code, reason = "the tests of registrations use the rest")]
mod middle;
mod opened;
mod overheard;
mod secrecy;
#[path = "../registration/shop.rs"]
mod shop;
mod splices;
mod unicity;
