//! Signature checks: each once, all within the budget.

use std::collections::HashMap;

use spki::AlgorithmIdentifierOwned;

use super::Budget;
use super::pool::{Id, Node};
use crate::Suite;
use crate::signer::{SignatureAlgorithm, VerifyError, verify};
use crate::wire::{BrandCrlIdentifier, Cert, Crl};

/// What came of one signature check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// The key is of the wrong kind, or the signature is wrong.
    Bad,
    /// The signature verifies.
    Good,
    /// Not checked: the budget is used up.
    Unchecked,
    /// Algorithm or key are none this build verifies.
    Unsupported,
}

/// The work done so far, and what it may still cost.
#[derive(Debug)]
pub(super) struct Work {
    suite: Suite,
    left: Budget,
    exhausted: Option<&'static str>,
    too_long: bool,
    /// By signed object and key.
    known: HashMap<(Signed, usize), Outcome>,
    /// Certificates judged as signers of lists, and the root of each that is trusted.
    list_signers: HashMap<Id, Option<Id>>,
}

impl Work {
    pub(super) fn new(budget: Budget, suite: Suite) -> Self {
        Self {
            suite,
            left: budget,
            exhausted: None,
            too_long: false,
            known: HashMap::new(),
            list_signers: HashMap::new(),
        }
    }

    /// True if the search must end.
    pub(super) fn ended(&self) -> bool {
        self.exhausted.is_some()
    }

    /// Which bound kept the search from trying everything, if one did.
    pub(super) fn exhausted(&self) -> Option<&'static str> {
        self.exhausted.or(self.too_long.then_some("path length"))
    }

    /// Takes `states` from the budget; false if there are not that many.
    pub(super) fn spend_states(&mut self, states: usize) -> bool {
        let left =
            u32::try_from(states).ok().and_then(|states| self.left.states.checked_sub(states));
        match left {
            Some(left) => self.left.states = left,
            None => self.exhausted = Some("states"),
        }
        left.is_some()
    }

    /// Takes `comparisons` of names from the budget; false if there are not that many.
    pub(super) fn spend_name_comparisons(&mut self, comparisons: usize) -> bool {
        let left = u32::try_from(comparisons).ok();
        let left = left.and_then(|taken| self.left.name_comparisons.checked_sub(taken));
        match left {
            Some(left) => self.left.name_comparisons = left,
            None => self.exhausted = Some("name comparisons"),
        }
        left.is_some()
    }

    /// True if a path of `length` certificates may be built.
    pub(super) fn allows_length(&mut self, length: usize) -> bool {
        let allowed = length <= self.left.path_length;
        self.too_long |= !allowed;
        allowed
    }

    /// What is known of a certificate as signer of lists: its root, if it is trusted.
    pub(super) fn list_signer(&self, signer: Id) -> Option<Option<Id>> {
        self.list_signers.get(&signer).copied()
    }

    /// Keeps what was found out of it.
    pub(super) fn note_list_signer(&mut self, signer: Id, root: Option<Id>) {
        self.list_signers.insert(signer, root);
    }

    /// Whether the key of `issuer` verifies the signature of `child`.
    pub(super) fn link(&mut self, child: Id, certificate: &Cert, issuer: &Node<'_>) -> Outcome {
        let parts = Parts {
            algorithm: certificate.inner().signature_algorithm(),
            message: certificate.tbs_der(),
            signature: certificate.signature(),
        };
        self.check(Signed::Certificate(child), issuer, parts)
    }

    /// Whether the key of `signer` verifies the signature of the CRL at `index`.
    pub(super) fn crl(&mut self, index: usize, crl: &Crl, signer: &Node<'_>) -> Outcome {
        let parts = Parts {
            algorithm: crl.signature_algorithm(),
            message: crl.tbs_der(),
            signature: crl.signature(),
        };
        self.check(Signed::Crl(index), signer, parts)
    }

    /// Whether the key of `signer` verifies the signature of the BCI at `index`.
    pub(super) fn bci(
        &mut self,
        index: usize,
        bci: &BrandCrlIdentifier,
        signer: &Node<'_>,
    ) -> Outcome {
        let parts = Parts {
            algorithm: bci.signature_algorithm(),
            message: bci.tbs_der(),
            signature: bci.signature(),
        };
        self.check(Signed::Bci(index), signer, parts)
    }

    fn check(&mut self, object: Signed, signer: &Node<'_>, parts: Parts<'_>) -> Outcome {
        if let Some(known) = self.known.get(&(object, signer.key)) {
            return *known;
        }
        let Ok(algorithm) = SignatureAlgorithm::from_identifier(parts.algorithm) else {
            return Outcome::Unsupported;
        };
        let Some(left) = self.left.signature_checks.checked_sub(1) else {
            self.exhausted = Some("signature checks");
            return Outcome::Unchecked;
        };
        self.left.signature_checks = left;
        let spki = signer.certificate.spki_der();
        let outcome = match verify(self.suite, spki, algorithm, parts.message, parts.signature) {
            Ok(()) => Outcome::Good,
            Err(VerifyError::Unsupported) => Outcome::Unsupported,
            Err(_) if signer.facts().key.is_none() => Outcome::Unsupported,
            Err(_) => Outcome::Bad,
        };
        self.known.insert((object, signer.key), outcome);
        outcome
    }
}

/// A signed object: a certificate of the pool, a CRL or BCI of the request by its index.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Signed {
    Bci(usize),
    Certificate(Id),
    Crl(usize),
}

/// The three fields of everything signed (RFC 5280 §4.1.1).
struct Parts<'a> {
    algorithm: &'a AlgorithmIdentifierOwned,
    message: &'a [u8],
    signature: &'a [u8],
}
