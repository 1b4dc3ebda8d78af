//! SET operators against structures that another implementation made.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod forged;
mod open;
mod seal;
mod sign;
mod support;
