//! Validation of certification paths.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod bci;
mod nesting;
mod reasons;
mod rfc5280;
mod search;
mod status;
mod support;
mod verdict;
