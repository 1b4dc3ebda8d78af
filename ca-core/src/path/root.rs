//! Which root certificates may be trusted: those at hand, and those they announce (spec
//! `set-certificates.md` §4.2).
//!
//! A new root is not signed by the old one. The only link is hashedRootKey: the digest of the next
//! root key, in the certificate of the root that is trusted already.

use super::RootHash;
use super::facts::Facts;
use super::signatures::is_allowed;
use super::verdict::describe;
use crate::profile::{KeyUsageBits, Role};
use crate::signer::{SignatureAlgorithm, verify};
use crate::wire::Cert;
use crate::wire::extensions::{ExtensionValue, HashedRootKey};
use crate::{Suite, UnixTime};

/// What became of the candidates for new roots.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AcceptedRoots {
    /// Accepted, in the order of the generations.
    pub accepted: Vec<AcceptedRoot>,
    /// Not accepted, with the reason.
    pub refused: Vec<(Cert, RootRefusal)>,
}

/// A root certificate that was accepted because a trusted one announces its key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AcceptedRoot {
    /// The new root certificate.
    pub certificate: Cert,
    /// The root certificate that announces it.
    pub announced_by: Cert,
}

/// Why a candidate is not accepted as a root.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RootRefusal {
    /// Check 4: the root that announces it was not valid when the candidate began.
    #[error("begins at {begins}, when {announcer}, which announces it, was not valid")]
    AnnouncerNotValid {
        /// notBefore of the candidate.
        begins: UnixTime,
        /// Subject and serial number of the root that announces it.
        announcer: String,
    },
    /// Check 3, 7: its key is not the next one of any trusted root.
    #[error(
        "no trusted root announces its key: it is not their successor, or one between is missing"
    )]
    NotAnnounced,
    /// Checks 1 and 2: not a root certificate of this suite.
    #[error("{0}")]
    NotARoot(&'static str),
    /// Check 5.
    #[error("is valid from {from} to {until}, judged at {at}")]
    OutsideValidity {
        /// notBefore.
        from: UnixTime,
        /// notAfter.
        until: UnixTime,
        /// The time of judgement.
        at: UnixTime,
    },
    /// Check 6: the root that announces it has another successor already.
    #[error("{announcer}, which announces it, has the successor {successor} already")]
    SecondSuccessor {
        /// Subject and serial number of the root that announces it.
        announcer: String,
        /// Subject and serial number of the successor accepted before.
        successor: String,
    },
    /// Check 1: its key does not verify its signature.
    #[error("its key does not verify its own signature")]
    SelfSignature,
    /// More candidates than anybody honest sends.
    #[error("more than {MAX_SIGNATURES} candidates: not looked at")]
    TooMany,
}

/// Accepts those of `candidates` that follow from the trusted `anchors`, generation after
/// generation, until no more can be linked (§4.2 check 7).
///
/// Candidates that are no self-issued certificates, and those trusted already, are passed over in
/// silence. `anchors` stay trusted until their own end.
#[must_use]
pub fn accept_roots(
    anchors: &[Cert],
    candidates: &[Cert],
    at: UnixTime,
    suite: Suite,
) -> AcceptedRoots {
    let mut outcome = AcceptedRoots::default();
    let mut open: Vec<&Cert> = candidates
        .iter()
        .filter(|c| c.subject_der() == c.issuer_der() && !anchors.contains(c))
        .collect();
    let mut signatures = MAX_SIGNATURES;
    loop {
        let mut later = Vec::new();
        let mut progress = false;
        for candidate in open {
            let trusted: Vec<&Cert> = anchors
                .iter()
                .chain(outcome.accepted.iter().map(|root| &root.certificate))
                .collect();
            if trusted.contains(&candidate) {
                continue;
            }
            match check(candidate, &trusted, at, suite, &mut signatures) {
                Ok(announcer) => {
                    let announced_by = announcer.clone();
                    let certificate = candidate.clone();
                    outcome.accepted.push(AcceptedRoot { certificate, announced_by });
                    progress = true;
                }
                // A later generation: perhaps the one between is still to come in the list.
                Err(RootRefusal::NotAnnounced) => later.push(candidate),
                Err(refusal) => outcome.refused.push((candidate.clone(), refusal)),
            }
        }
        open = later;
        if !progress {
            break;
        }
    }
    let unlinked = open.into_iter().map(|c| (c.clone(), RootRefusal::NotAnnounced));
    outcome.refused.extend(unlinked);
    outcome
}

/// The roots to trust at `at`: `anchors`, a first root among `candidates` that the user confirmed
/// by its hash (§4.3), and every root that follows from these.
#[must_use]
pub fn trusted_roots(
    anchors: &[Cert],
    confirmed: Option<&RootHash>,
    candidates: &[Cert],
    at: UnixTime,
    suite: Suite,
) -> Vec<Cert> {
    let mut roots = anchors.to_vec();
    let first = confirmed.and_then(|hash| confirm_root(hash, candidates, at, suite));
    roots.extend(first.filter(|first| !anchors.contains(first)).cloned());
    let accepted = accept_roots(&roots, candidates, at, suite).accepted;
    roots.extend(accepted.into_iter().map(|root| root.certificate));
    roots
}

/// The first root certificate among `candidates` whose key has the hash that the user typed in
/// (§4.3), and that passes checks 1, 2 and 5 of §4.2.
#[must_use]
pub fn confirm_root<'a>(
    hash: &RootHash,
    candidates: &'a [Cert],
    at: UnixTime,
    suite: Suite,
) -> Option<&'a Cert> {
    let checked = |candidate: &&Cert| {
        check_content(candidate, suite).is_ok()
            && check_validity(candidate, at).is_ok()
            && check_self_signature(candidate).is_ok()
    };
    let confirmed = |candidate: &&Cert| hash.suite() == suite && hash.matches(candidate);
    candidates.iter().filter(confirmed).take(MAX_SIGNATURES).find(checked)
}

/// The checks of §4.2 on one candidate, the signature last; the root that announces it.
fn check<'t>(
    candidate: &Cert,
    trusted: &[&'t Cert],
    at: UnixTime,
    suite: Suite,
    signatures: &mut usize,
) -> Result<&'t Cert, RootRefusal> {
    check_content(candidate, suite)?;
    let announcer = find_announcer(candidate, trusted, suite)?;
    check_announcer_validity(candidate, announcer)?;
    check_validity(candidate, at)?;
    check_only_successor(announcer, trusted)?;
    *signatures = signatures.checked_sub(1).ok_or(RootRefusal::TooMany)?;
    check_self_signature(candidate)?;
    Ok(announcer)
}

/// Check 1, all but the signature, and check 2. What else a root must be is judged with every path
/// that ends in it.
fn check_content(candidate: &Cert, suite: Suite) -> Result<(), RootRefusal> {
    let facts = Facts::of(candidate);
    let version_3 = candidate.tbs().version() == x509_cert::certificate::Version::V3;
    let only_root = facts.certificate_type.map(|types| types.roles()) == Some(vec![Role::Rca]);
    let algorithm = SignatureAlgorithm::from_identifier(candidate.inner().signature_algorithm());
    let allowed = algorithm.is_ok_and(|algorithm| is_allowed(algorithm, suite));
    let announces = HashedRootKey::find(candidate).ok().flatten();
    let demands = [
        (version_3, "is not of version 3"),
        (facts.self_issued, "issuer is not its subject"),
        (facts.malformed.is_empty(), "has an extension that cannot be read"),
        (only_root, "certificateType is not rca alone"),
        (facts.key_may(KeyUsageBits::KEY_CERT_SIGN), "keyUsage has no keyCertSign"),
        (facts.is_ca(), "basicConstraints has no cA"),
        (
            facts.policies.as_ref().is_some_and(|policies| policies.has_root()),
            "certificatePolicies does not hold the SET root policy",
        ),
        (announces.is_some_and(|next| next.suite == suite), "has no hashedRootKey of this suite"),
        (allowed, "is signed with an algorithm of another suite"),
    ];
    match demands.into_iter().find(|(met, _)| !met) {
        Some((_, fault)) => Err(RootRefusal::NotARoot(fault)),
        None => Ok(()),
    }
}

/// Check 3: the digest of the candidate's key stands in a trusted root's certificate.
fn find_announcer<'t>(
    candidate: &Cert,
    trusted: &[&'t Cert],
    suite: Suite,
) -> Result<&'t Cert, RootRefusal> {
    let mut roots = trusted.iter();
    let found = roots.find(|root| announces(root, candidate.spki_der(), suite));
    found.copied().ok_or(RootRefusal::NotAnnounced)
}

/// Check 4: a root that has expired since still vouches for the successor of its time.
fn check_announcer_validity(candidate: &Cert, announcer: &Cert) -> Result<(), RootRefusal> {
    let begins = candidate.not_before();
    if announcer.not_before() <= begins && begins <= announcer.not_after() {
        return Ok(());
    }
    Err(RootRefusal::AnnouncerNotValid { begins, announcer: describe(announcer) })
}

/// Check 5.
fn check_validity(candidate: &Cert, at: UnixTime) -> Result<(), RootRefusal> {
    let (from, until) = (candidate.not_before(), candidate.not_after());
    if from <= at && at <= until {
        return Ok(());
    }
    Err(RootRefusal::OutsideValidity { from, until, at })
}

/// Check 6: a root is replaced once. Two certificates for the announced key would announce two
/// different keys after it, and the chain of roots would fork.
fn check_only_successor(announcer: &Cert, trusted: &[&Cert]) -> Result<(), RootRefusal> {
    let next = HashedRootKey::find(announcer).ok().flatten();
    let known = next.and_then(|next| trusted.iter().find(|root| next.announces(root.spki_der())));
    match known {
        Some(successor) => Err(RootRefusal::SecondSuccessor {
            announcer: describe(announcer),
            successor: describe(successor),
        }),
        None => Ok(()),
    }
}

/// Check 1: the signature.
fn check_self_signature(candidate: &Cert) -> Result<(), RootRefusal> {
    let algorithm = SignatureAlgorithm::from_identifier(candidate.inner().signature_algorithm())
        .map_err(|_| RootRefusal::SelfSignature)?;
    let suite = algorithm.suite();
    verify(suite, candidate.spki_der(), algorithm, candidate.tbs_der(), candidate.signature())
        .map_err(|_| RootRefusal::SelfSignature)
}

fn announces(root: &Cert, spki_der: &[u8], suite: Suite) -> bool {
    let next = HashedRootKey::find(root).ok().flatten();
    next.is_some_and(|next| next.suite == suite && next.announces(spki_der))
}

/// Self-signatures verified for one list of candidates: more generations than a hierarchy has.
const MAX_SIGNATURES: usize = 16;
