//! CertInqReq: an end entity asks what became of its request (spec `set-messages.md` §2.12).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | CertInqReqTBS | chall-EE3, lid-CA | universal, in this order | R-M |
//!
//! CertInqRes has type and content of CertRes, [R-H]: [`CertRes`](super::CertRes).

use der::Sequence;

use super::octets::{Challenge, LocalId, Rrpid};

/// What an end entity signs to ask again, as it signed its CertReq, content type 2.23.42.0.48.
///
/// ```text
/// CertInqReqTBS ::= SEQUENCE {
///     rrpid      RRPID,
///     lid-EE     LocalID,
///     chall-EE3  Challenge,
///     lid-CA     LocalID }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CertInqReqTbs {
    /// Fresh pair id.
    pub rrpid: Rrpid,
    /// As in the CertReq.
    pub lid_ee: LocalId,
    /// Fresh challenge.
    pub chall_ee3: Challenge,
    /// From the CertRes.
    pub lid_ca: LocalId,
}
