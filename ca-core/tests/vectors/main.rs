//! The vectors of spec `set-crypto.md` §9, as printed there.
//!
//! §9.6 (blinded names) and §9.8 (derived key) are met beside their code, in `envelope::blind` and
//! `envelope::des`; §9.9 in `envelope::tests`, where the parts of an envelope can be reached.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy sees the helpers of an integration test as production code"
)]

mod body;
mod foreign;
mod oaep;
mod signature;
mod support;
mod thumbs;
