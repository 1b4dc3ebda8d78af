//! Keys of the end entities, made before anything is measured: a key is certified once, so each
//! registration takes new ones.
//!
//! RSA keys are slow to find, so few primes make many of them: every two are a key. Nobody may do
//! so outside a benchmark; two keys with a prime in common give each other away.

use anyhow::{Context, Result, ensure};
use ca_core::Suite;
use ca_core::profile::Role;
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_server::SystemRandom;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};

/// What one registration certifies.
pub(crate) struct Keys {
    pub(crate) signature: PrivateKey,
    /// None for a cardholder.
    pub(crate) encryption: Option<PrivateKey>,
}

/// Primes, and the pairs of them that were not used yet.
pub(crate) struct Stock {
    suite: Suite,
    primes: Vec<RsaPrivateKey>,
    next: (usize, usize),
}

impl Stock {
    /// Enough for so many registrations of each role.
    pub(crate) fn make(suite: Suite, registrations: usize) -> Result<Self> {
        // Merchants and gateways have two keys, cardholders one; in `modern` only those to encrypt
        // with are RSA.
        let (bits, keys) = match suite {
            Suite::Modern => (3072, 2 * registrations),
            Suite::Set1997 => (1024, 5 * registrations),
        };
        let mut primes = 2;
        while primes * (primes - 1) / 2 < keys {
            primes += 1;
        }
        Ok(Self { suite, primes: made(bits, primes)?, next: (0, 0) })
    }

    /// Keys for so many registrations of a role.
    pub(crate) fn take(&mut self, role: Role, registrations: usize) -> Result<Vec<Keys>> {
        (0..registrations)
            .map(|_| {
                let signature = match self.suite {
                    Suite::Modern => PrivateKey::generate(KeyAlgorithm::EcP256, &SystemRandom)?,
                    Suite::Set1997 => self.rsa()?,
                };
                let encryption = match role {
                    Role::Cardholder => None,
                    _ => Some(self.rsa()?),
                };
                Ok(Keys { signature, encryption })
            })
            .collect()
    }

    fn rsa(&mut self) -> Result<PrivateKey> {
        let (high, low) = match self.next {
            (high, low) if low < high => (high, low),
            (high, _) => (high + 1, 0),
        };
        self.next = (high, low + 1);
        let key = |place: usize| self.primes.get(place).context("enough primes");
        let (p, q) = (&key(high)?.primes()[0], &key(low)?.primes()[1]);
        let made =
            RsaPrivateKey::from_p_q(p.clone().get(), q.clone().get(), key(high)?.e().clone())?;
        Ok(PrivateKey::from_pkcs8(made.to_pkcs8_der()?.as_bytes())?)
    }
}

/// RSA keys whose primes are the stock: the first prime of one goes with the second of another, so
/// that the product has as many bits as theirs.
fn made(bits: u16, count: usize) -> Result<Vec<RsaPrivateKey>> {
    let make = || -> Result<RsaPrivateKey> {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa(bits), &SystemRandom)?;
        Ok(RsaPrivateKey::from_pkcs8_der(key.pkcs8_der())?)
    };
    let shares = crate::cores();
    let made: Result<Vec<Vec<_>>> = std::thread::scope(|scope| {
        let share = || (0..count.div_ceil(shares)).map(|_| make()).collect::<Result<Vec<_>>>();
        let threads: Vec<_> = (0..shares).map(|_| scope.spawn(share)).collect();
        threads.into_iter().map(|thread| thread.join().expect("keys are made")).collect()
    });
    let made: Vec<_> = made?.into_iter().flatten().collect();
    ensure!(made.len() >= count, "fewer keys than wanted");
    Ok(made)
}
