//! Randomness as an argument.

use core::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sha2::Digest as _;
use zeroize::Zeroizing;

/// A source of cryptographically secure random octets.
pub trait SecureRandom: Send + Sync {
    /// Fills `octets`.
    ///
    /// # Errors
    /// [`RandomError`] if the source has failed; the content is then unspecified.
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError>;

    /// `N` fresh octets.
    ///
    /// # Errors
    /// As [`SecureRandom::fill`].
    fn array<const N: usize>(&self) -> Result<[u8; N], RandomError>
    where
        Self: Sized,
    {
        draw(self)
    }
}

/// `N` fresh octets from a source behind a pointer.
///
/// # Errors
/// As [`SecureRandom::fill`].
pub(crate) fn draw<const N: usize>(random: &dyn SecureRandom) -> Result<[u8; N], RandomError> {
    let mut octets = [0; N];
    random.fill(&mut octets)?;
    Ok(octets)
}

/// The random source failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("random source failed")]
pub struct RandomError;

/// SHA-256 in counter mode over a seed: the same seed gives the same octets on every machine.
///
/// For fixtures and tests. The service uses the operating system's source.
#[derive(Debug)]
pub struct SeededRandom {
    state: std::sync::Mutex<SeededState>,
}

struct SeededState {
    seed: Zeroizing<[u8; 32]>,
    counter: u64,
    block: Zeroizing<Vec<u8>>,
}

impl core::fmt::Debug for SeededState {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SeededState(redacted)")
    }
}

impl SeededRandom {
    /// A source that depends on `seed` and `label` only.
    #[must_use]
    pub fn new(seed: &[u8], label: &str) -> Self {
        let digest = sha2::Sha256::new()
            .chain_update((seed.len() as u64).to_be_bytes())
            .chain_update(seed)
            .chain_update(label.as_bytes())
            .finalize();
        Self {
            state: std::sync::Mutex::new(SeededState {
                seed: Zeroizing::new(digest.into()),
                counter: 0,
                block: Zeroizing::new(Vec::new()),
            }),
        }
    }
}

impl SecureRandom for SeededRandom {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        let mut state = self.state.lock().map_err(|_| RandomError)?;
        for octet in octets {
            if state.block.is_empty() {
                let digest = sha2::Sha256::new()
                    .chain_update(*state.seed)
                    .chain_update(state.counter.to_be_bytes())
                    .finalize();
                state.counter = state.counter.wrapping_add(1);
                state.block = Zeroizing::new(digest.to_vec());
            }
            *octet = state.block.pop().ok_or(RandomError)?;
        }
        Ok(())
    }
}

/// Lends a [`SecureRandom`] to crates that want a `rand_core` generator.
///
/// `rand_core` generators cannot fail halfway, so a failed source is remembered: whoever used the
/// adapter asks [`RandomAdapter::finish`] before using what was made.
pub struct RandomAdapter<'a> {
    source: &'a dyn SecureRandom,
    failed: bool,
}

impl core::fmt::Debug for RandomAdapter<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RandomAdapter")
    }
}

impl<'a> RandomAdapter<'a> {
    /// An adapter over `source`.
    #[must_use]
    pub fn new(source: &'a dyn SecureRandom) -> Self {
        Self { source, failed: false }
    }

    /// `Ok` if every draw succeeded.
    ///
    /// # Errors
    /// [`RandomError`] if one did not: discard whatever was derived from it.
    pub fn finish(self) -> Result<(), RandomError> {
        if self.failed { Err(RandomError) } else { Ok(()) }
    }

    fn fill(&mut self, octets: &mut [u8]) {
        if self.source.fill(octets).is_err() {
            self.failed = true;
        }
    }
}

impl TryRng for RandomAdapter<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        self.fill(&mut octets);
        Ok(u32::from_le_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.fill(&mut octets);
        Ok(u64::from_le_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        self.fill(octets);
        Ok(())
    }
}

impl TryCryptoRng for RandomAdapter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_octets_other_label_other_octets() {
        let a: [u8; 40] = SeededRandom::new(b"seed", "a").array().unwrap();
        let again: [u8; 40] = SeededRandom::new(b"seed", "a").array().unwrap();
        let b: [u8; 40] = SeededRandom::new(b"seed", "b").array().unwrap();
        assert_eq!(a, again);
        assert_ne!(a, b);
    }
}
