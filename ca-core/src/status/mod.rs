//! How every serial number of every issuer stands, in memory: what OCSP, lists, validation and
//! inventory ask.
//!
//! [`StatusIndex`] is the answer, compact and pure. [`Indexed`] is the store that keeps it: loaded
//! in one ordered scan, brought up to date from the feed of changes after each act of its own and
//! whenever somebody asks it to follow other processes. [`compare`] tells whether it says what the
//! store says.

mod compare;
mod encoded;
mod index;
mod indexed;
mod pages;
mod sorted;

pub(crate) use compare::Said;
pub use compare::{Mismatch, compare};
pub use index::{SerialStatus, Size, StatusIndex};
pub use indexed::{Followed, Indexed};
pub(crate) use pages::Pages;
