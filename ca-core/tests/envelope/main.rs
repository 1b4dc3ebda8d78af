//! SET operators against structures that another implementation made.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod forged;
mod forged_1997;
mod open;
mod seal;
mod set_1997;
mod sign;
mod support;
#[path = "../house/timing.rs"]
mod timing;
mod uniform;
