//! Signature checks: each once, all within the budget.

use std::collections::BTreeMap;

use spki::AlgorithmIdentifierOwned;

use super::pool::{Id, Node};
use super::{Budget, Rules, Settings};
use crate::Suite;
use crate::signer::{SignatureAlgorithm, SignatureScheme, VerifyError, verify};
use crate::wire::ocsp::BasicOcspResponse;
use crate::wire::{BrandCrlIdentifier, Cert, Crl};

/// Which signatures a path may have: the table's and the settings' say, whatever verifies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acceptance {
    rules: Rules,
    suite: Suite,
    sha_1: bool,
    dsa: bool,
}

impl Acceptance {
    pub(super) const fn of(settings: &Settings) -> Self {
        let Settings { rules, suite, sha_1, dsa, .. } = *settings;
        // RFC 5280 chains of the old suite hold SHA-1 as well as what came after.
        let sha_1 = sha_1 || matches!(suite, Suite::Set1997);
        Self { rules, suite, sha_1, dsa }
    }

    /// Whether signatures of this algorithm count (SET: spec `set-certificates.md` §10.2).
    pub(super) fn check(self, identifier: &AlgorithmIdentifierOwned) -> Result<(), Refused> {
        match self.rules {
            Rules::Rfc5280 => self.scheme(identifier).map(drop),
            Rules::Set => {
                let algorithm = SignatureAlgorithm::from_identifier(identifier)
                    .map_err(|_| Refused::Unknown)?;
                let allowed = is_allowed(algorithm, self.suite);
                if allowed { Ok(()) } else { Err(Refused::NotAccepted(algorithm.name())) }
            }
        }
    }

    fn scheme(self, identifier: &AlgorithmIdentifierOwned) -> Result<SignatureScheme, Refused> {
        let scheme = SignatureScheme::from_identifier(identifier).map_err(|_| Refused::Unknown)?;
        if (scheme.is_sha_1() && !self.sha_1) || (scheme.is_dsa() && !self.dsa) {
            return Err(Refused::NotAccepted(scheme.name()));
        }
        Ok(scheme)
    }

    /// How to verify such a signature, `None` if there is no way.
    fn algorithm(self, identifier: &AlgorithmIdentifierOwned) -> Option<Algorithm> {
        match self.rules {
            Rules::Rfc5280 => self.scheme(identifier).ok().map(Algorithm::Foreign),
            Rules::Set => SignatureAlgorithm::from_identifier(identifier)
                .ok()
                .map(|algorithm| Algorithm::Suite(self.suite, algorithm)),
        }
    }
}

/// A signature algorithm of the table in use.
#[derive(Clone, Copy, Debug)]
enum Algorithm {
    Foreign(SignatureScheme),
    Suite(Suite, SignatureAlgorithm),
}

impl Algorithm {
    fn verify(self, signer: &Node<'_>, parts: &Parts<'_>) -> Outcome {
        let Parts { message, signature, .. } = *parts;
        let (of_set, verified) = match self {
            Self::Foreign(scheme) => {
                let Some(key) = signer.public_key() else { return Outcome::Unsupported };
                (false, key.verify(scheme, message, signature))
            }
            Self::Suite(suite, algorithm) => {
                let spki = signer.certificate.spki_der();
                (true, verify(suite, spki, algorithm, message, signature))
            }
        };
        match verified {
            Ok(()) => Outcome::Good,
            Err(VerifyError::Unsupported) => Outcome::Unsupported,
            Err(_) if of_set && signer.set_key().is_none() => Outcome::Unsupported,
            Err(_) => Outcome::Bad,
        }
    }
}

/// An algorithm whose signatures do not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    /// Known, and not accepted by the settings.
    NotAccepted(&'static str),
    /// Not one this build knows, or with parameters it does not.
    Unknown,
}

/// The signatures of a suite of SET: SHA-1 alone, or anything else it knows (spec
/// `set-certificates.md` §10.2).
pub(super) const fn is_allowed(algorithm: SignatureAlgorithm, suite: Suite) -> bool {
    matches!(
        (suite, algorithm.suite()),
        (Suite::Modern, Suite::Modern) | (Suite::Set1997, Suite::Set1997)
    )
}

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

impl Outcome {
    /// What came of it, in words.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Bad => "its key does not verify the signature",
            Self::Good => "its key verifies the signature",
            Self::Unchecked => "the budget is used up",
            Self::Unsupported => "algorithm or key are none this build verifies",
        }
    }
}

/// The work done so far, and what it may still cost.
#[derive(Debug)]
pub(super) struct Work {
    acceptance: Acceptance,
    left: Budget,
    exhausted: Option<&'static str>,
    too_long: bool,
    /// By signed object and key.
    known: BTreeMap<(Signed, usize), Outcome>,
    /// Certificates judged as signers of lists, and the root of each that is trusted.
    list_signers: BTreeMap<Id, Option<Id>>,
    /// Those that are being judged, each for the one before it.
    judging: Vec<Id>,
    /// The first of them that the judgement in hand had to do without.
    missed: Option<usize>,
}

impl Work {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            acceptance: Acceptance::of(settings),
            left: settings.budget,
            exhausted: None,
            too_long: false,
            known: BTreeMap::new(),
            list_signers: BTreeMap::new(),
            judging: Vec::new(),
            missed: None,
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

    /// Begins to judge a signer of lists; false if that must not be: it is being judged already, or
    /// too many are.
    pub(super) fn begin_list_signer(&mut self, signer: Id) -> bool {
        let at = self.judging.iter().position(|one| *one == signer);
        let at = at.or_else(|| (self.judging.len() >= MAX_JUDGING).then_some(0));
        match at {
            Some(at) => self.missed = Some(self.missed.map_or(at, |missed| missed.min(at))),
            None => self.judging.push(signer),
        }
        at.is_none()
    }

    /// Ends it, and keeps what was found out: its root, if it is trusted. That it is not is kept
    /// only if the judgement lacked none that was begun before it.
    pub(super) fn end_list_signer(&mut self, signer: Id, root: Option<Id>) {
        self.judging.pop();
        self.missed = self.missed.filter(|missed| *missed < self.judging.len());
        if root.is_some() || self.missed.is_none() {
            self.list_signers.insert(signer, root);
        }
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

    /// Whether the key of `signer` verifies the signature of the OCSP answer at `index`.
    pub(super) fn ocsp(
        &mut self,
        index: usize,
        answer: &BasicOcspResponse,
        signer: &Node<'_>,
    ) -> Outcome {
        let parts = Parts {
            algorithm: &answer.signature_algorithm,
            message: &answer.tbs_der,
            signature: &answer.signature,
        };
        self.check(Signed::Ocsp(index), signer, parts)
    }

    fn check(&mut self, object: Signed, signer: &Node<'_>, parts: Parts<'_>) -> Outcome {
        if let Some(known) = self.known.get(&(object, signer.key)) {
            return *known;
        }
        let Some(algorithm) = self.acceptance.algorithm(parts.algorithm) else {
            return Outcome::Unsupported;
        };
        let Some(left) = self.left.signature_checks.checked_sub(1) else {
            self.exhausted = Some("signature checks");
            return Outcome::Unchecked;
        };
        self.left.signature_checks = left;
        let outcome = algorithm.verify(signer, &parts);
        self.known.insert((object, signer.key), outcome);
        outcome
    }
}

/// A signed object: a certificate of the pool, a CRL, BCI or OCSP answer of the request by its
/// index.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Signed {
    Bci(usize),
    Certificate(Id),
    Crl(usize),
    Ocsp(usize),
}

/// The three fields of everything signed (RFC 5280 §4.1.1).
struct Parts<'a> {
    algorithm: &'a AlgorithmIdentifierOwned,
    message: &'a [u8],
    signature: &'a [u8],
}

/// Signers of lists judged one for the other: a CRL issuer, the CRL issuer of that one's status,
/// and so on, D.
const MAX_JUDGING: usize = 8;
