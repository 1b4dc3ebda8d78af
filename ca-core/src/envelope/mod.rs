//! Stage 2 and 8: SET operators over whole DER elements, for either suite.
//!
//! | Operator | Makes | Opens |
//! |---|---|---|
//! | S, SO | [`sign`] | [`SignedMessage`] → [`VerifiedContent`] |
//! | EXH | [`seal_exh`] | [`open_exh`] |
//! | EncX | [`seal_encx`] | [`open_encx`] |
//! | Enc | [`seal_enc`] | [`open_enc`] |
//! | EncK | [`seal_enck`] | [`open_enck`] |
//!
//! Spec `set-crypto.md` §1, §2.4, §5.4, §8. What the messages mean is not known here, nor whether a
//! certificate is to be trusted: the caller finds and validates it and hands over its public key.
//! Where the suites differ (`block`, `transport`, `bulk`, algorithm names in `sign`) there is one
//! `match` on [`Suite`](crate::Suite) or [`ContentCipher`]; everything else is one code path.

mod blind;
mod block;
mod bulk;
mod cipher;
mod des;
mod error;
mod open;
mod seal;
pub mod set_oaep;
mod sign;
mod slot;
mod transport;
mod verify;

pub use blind::{BlindError, blinded_name, pan_secret};
pub use cipher::ContentCipher;
pub use error::{OpenError, SealError, SignatureFault};
pub use open::{OpenedEncx, OpenedExh, open_enc, open_enck, open_encx, open_exh};
pub use seal::{Extra, encx_tbs, seal_enc, seal_enck, seal_encx, seal_exh};
pub use sign::{Attachments, SignerIdentity, sign};
pub use slot::{Block, CERT_REQ_ENC, CERT_REQ_ENCX, CERT_RES_ENCK, REG_FORM_REQ, Slot};
pub use verify::{SignedMessage, VerifiedContent};

#[cfg(test)]
mod tests;
