//! The operating system's random source.

use ca_core::signer::{RandomError, SecureRandom};

/// Random octets from the operating system (`getrandom`).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl SecureRandom for SystemRandom {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(octets).map_err(|_| RandomError)
    }
}
