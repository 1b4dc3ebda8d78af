//! SET messages as octets.

#![expect(
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod ca_message;
mod form;
mod initiation;
mod merchant;
mod properties;
mod refusals;
mod request;
mod response;
mod samples;
mod support;
mod wrapper;
