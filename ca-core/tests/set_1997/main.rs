//! Suite `set-1997`: certificates by the worked examples of spec `set-certificates.md` §8, chains
//! of them judged, a hierarchy of them established.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod chains;
mod der;
mod draft;
mod examples;
mod hierarchy;
mod statements;
mod tree;
