//! The certification body of SET (Secure Electronic Transaction) as a library.
//!
//! `ca-core` does no I/O, reads no clock and draws no randomness of its own: bytes, [`UnixTime`]
//! and [`signer::SecureRandom`] are arguments. The flow of a request is
//!
//! ```text
//! wire::decode ─▶ envelope::open ─▶ decide::* ─▶ issue::prepare ─▶ store ─▶ sign
//!              ─▶ envelope::seal ─▶ wire::encode ─▶ store
//! ```
//!
//! Each stage takes the type that only the stage before can make. Only [`authority`] sees the whole
//! of it: start reading there.

pub mod authority;

pub mod wire;

pub mod envelope;

pub mod profile;

pub mod decide;

pub mod issue;

pub mod path;

pub mod conformance;

pub mod signer;

pub mod store;

pub mod status;

pub mod audit;

pub mod ee;

pub mod pem;

mod hex;
mod octets;
mod suite;
mod time;

pub use hex::{hex, unhex};
pub use octets::{Octets, Part};
pub use suite::Suite;
pub use time::UnixTime;
