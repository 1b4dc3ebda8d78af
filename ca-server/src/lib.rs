//! The setca service: everything around `ca-core` that touches disk, network, clock or randomness.
//!
//! A [`data::Folder`] lends an `Authority` its parts; [`service::serve`] puts HTTP in front of it.

pub mod backup;

pub mod data;

pub mod signer;

pub mod store;

pub mod approval;

pub mod chaos;

pub mod observed;

pub mod status_report;

pub mod http;

pub mod service;

pub mod telemetry;

mod checking;
mod clock;
mod parallel;
mod random;
mod rounds;
mod schedule;
mod sign_ins;

pub use clock::SystemClock;
pub use random::SystemRandom;
