//! The key pairs of the end entities of the demo, made before their turn: RSA takes its time.

use ca_core::Suite;
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_server::SystemRandom;

use super::step::Told;
use crate::failure::Failure;
use crate::house::chain;

/// A key pair for each certificate that is asked for.
pub(super) struct Keys {
    pub(super) cardholder: PrivateKey,
    /// The cardholder who waits.
    pub(super) waiting: PrivateKey,
    /// The cardholder who comes after the rollover of the root.
    pub(super) late: PrivateKey,
    pub(super) merchant: Pair,
    /// The merchant's next signature key.
    pub(super) renewed: PrivateKey,
    pub(super) gateway: Pair,
}

/// The keys of a merchant or a gateway.
pub(super) struct Pair {
    pub(super) signature: PrivateKey,
    pub(super) encryption: PrivateKey,
}

impl Keys {
    /// Makes them all.
    ///
    /// # Errors
    /// The random source failed.
    pub(super) fn make(suite: Suite) -> Result<Told<Self>, Failure> {
        let (signing, encrypting) = algorithms(suite);
        let signature = || made(signing);
        let encryption = || made(encrypting);
        let (merchant, gateway) = std::thread::scope(|scope| {
            let merchant = scope.spawn(encryption);
            let gateway = encryption();
            (merchant.join(), gateway)
        });
        let died = |_| Failure::outside("making a key did not come to its end");
        let keys = Self {
            cardholder: signature()?,
            waiting: signature()?,
            late: signature()?,
            merchant: Pair { signature: signature()?, encryption: merchant.map_err(died)?? },
            renewed: signature()?,
            gateway: Pair { signature: signature()?, encryption: gateway? },
        };
        let verdict = format!("6 {signing} to sign, 2 {encrypting} to be written to");
        Ok(Told::good(verdict, keys))
    }
}

fn made(algorithm: KeyAlgorithm) -> Result<PrivateKey, Failure> {
    PrivateKey::generate(algorithm, &SystemRandom).map_err(|e| Failure::outside(chain(&e)))
}

/// To sign, to encrypt: the least that the profiles of the suite admit.
const fn algorithms(suite: Suite) -> (KeyAlgorithm, KeyAlgorithm) {
    match suite {
        Suite::Modern => (KeyAlgorithm::EcP256, KeyAlgorithm::Rsa(3072)),
        Suite::Set1997 => (KeyAlgorithm::Rsa(1024), KeyAlgorithm::Rsa(1024)),
    }
}
