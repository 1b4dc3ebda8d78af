//! The certification body in process: what goes in as octets, what comes out, what is on record.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod audit;
mod ca_messages;
mod cardholders;
mod check;
mod crash;
mod divided;
mod entities;
mod envelope;
mod errors;
mod health;
mod hostile;
#[path = "../house/mod.rs"]
mod house;
mod inquiry;
mod lengths;
mod lists;
mod me_aq;
mod messages;
mod ocsp;
mod ocsp_cache;
mod peer_errors;
mod pending;
mod plan;
mod published;
mod refusals;
mod registration;
mod repeats;
mod stages;
mod types;
mod uniform;
