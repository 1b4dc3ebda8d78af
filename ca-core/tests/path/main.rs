//! Validation of certification paths.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod algorithms;
mod bci;
mod constraints;
mod generations;
mod names;
mod nesting;
mod policies;
mod profile;
mod reasons;
mod revocation;
mod rfc5280;
mod root;
mod search;
mod status;
mod support;
mod verdict;
mod web_pki;
