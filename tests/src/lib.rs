//! What the end-to-end tests share: the real `setca` binary, a real hierarchy, the real OpenSSL.
//!
//! ```text
//! tool       a program run to its end: setca, openssl
//! hierarchy  a data folder for one test; RSA keys are the cost, so one is made and then copied
//! service    `setca serve`, and HTTP to it; killed when dropped
//! cardholder `setca register`, and the folder it leaves
//! wallet     a cardholder in this process who keeps every octet sent and received
//! forge      a cardholder whose messages can be wrong
//! files      what is in a folder, to compare and to search
//! crash      a service that dies again and again, and the records of those who used it
//! postgres   a real PostgreSQL, and standbys of it
//! relay      a way to a server that can be cut
//! fill       a store of a million certificates, for benchmarks and the load script
//! ```
//!
//! Everything here panics when the world does not play along: there is nothing to test then.

mod cardholder;
pub mod crash;
pub mod files;
pub mod fill;
pub mod forge;
mod hierarchy;
pub mod postgres;
pub mod relay;
mod service;
mod tool;
pub mod wallet;

pub use cardholder::{Cardholder, serial};
pub use hierarchy::Hierarchy;
pub use service::{Answer, Service, soon};

/// HTTP without a [`Service`] at hand.
pub mod http {
    pub use crate::service::{get, new_agent, patient_agent, post, post_as};
}
pub use tool::{Outcome, openssl, openssl_with, setca, setca_at};

/// The passphrase of every test hierarchy; a test greps for it where it must not be.
pub const PASSPHRASE: &str = "correct-horse-battery-staple-e2e";
/// The account number of the test cardholder; passes the Luhn check, BIN 411111 as in the policies.
pub const PAN: &str = "4111119876543212";
/// Brand of the test hierarchy.
pub const BRAND: &str = "Sample";
