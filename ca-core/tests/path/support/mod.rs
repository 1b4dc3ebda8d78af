//! Certificates for path tests: a small DER writer, and the SET tree root → BCA → CCA → cardholder
//! (spec `set-certificates.md` §8) in which a test changes one thing.

mod certificate;
mod lists;
mod tree;

pub(crate) use certificate::*;
pub(crate) use lists::*;
pub(crate) use tree::*;
