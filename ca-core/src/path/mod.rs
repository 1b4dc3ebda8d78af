//! Certification path validation: RFC 5280 §6 and the rules of SET.
//!
//! One engine, two tables of rules:
//!
//! ```text
//! pool ─▶ search ─▶ walk (anchor to leaf: rules of the table, state, revocation) ─▶ Verdict
//! ```
//!
//! The search builds candidate paths from the certificate upwards and follows a link only if its
//! signature verifies; the walk judges one candidate and collects every failing rule. Work is
//! bounded by [`Budget`]. Pure: octets, a time and settings in, a [`Verdict`] out.

mod bci;
mod checks;
mod constraints;
mod dsa_parameters;
mod facts;
mod input;
mod list;
mod list_signer;
mod name;
mod policy;
mod pool;
mod question;
mod request;
mod revocation;
mod root;
mod root_hash;
mod rules;
mod search;
mod signatures;
mod subject_names;
mod verdict;
mod walk;

pub use checks::may_issue;
pub use list::{name_der_text, verify_bci, verify_crl};
pub use question::{KeyPurpose, Question, QuestionError, UnknownWord};
pub use request::{
    Budget, Conformance, PeerName, PolicyInputs, Purpose, Registered, Request, RevocationMode,
    Rules, Settings, Strictness,
};
pub use root::{
    AcceptedRoot, AcceptedRoots, RootRefusal, accept_roots, confirm_root, trusted_roots,
};
pub use root_hash::{RootHash, RootHashError};
pub use verdict::{Origin, PathElement, Reason, ReasonCode, TraceStep, Verdict};

/// Judges one certificate: is there a path to an anchor that every rule accepts?
///
/// If there is not, the verdict has every reason of the candidate path that came furthest: of those
/// that reached an anchor the one with the fewest reasons, else the longest.
#[must_use]
pub fn validate(request: &Request<'_>) -> Verdict {
    search::run(request)
}
