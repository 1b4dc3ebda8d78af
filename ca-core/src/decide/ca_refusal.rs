//! Every way in which a message between CAs is not taken, with the object and the numbers that
//! explain it (spec `set-certificates.md` §6.3, §6.4).

use const_oid::ObjectIdentifier;

use crate::profile::Role;
use crate::wire::DecodeError;
use crate::{Suite, UnixTime};

/// Why a message between CAs is not taken. Over HTTP it is 400 and nothing else; to the operator
/// and in the log it is said in full.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CaRefusal {
    /// The acknowledgement is not that of the notification sent.
    #[error("the acknowledgement has another date or thumbprint than the notification")]
    AcknowledgementOther,
    /// The BCI of another brand than its sender's.
    #[error("the BCI is of brand {found}, its sender is the brand CA of {expected}")]
    BciBrand {
        /// Brand of the sender.
        expected: String,
        /// brandID.
        found: String,
    },
    /// A distribution without what it is for.
    #[error("the BCIDistribution has no BCI")]
    BciMissing,
    /// Not exactly the CRL that the notification is about.
    #[error("a CRLNotification carries one CRL, not {0}")]
    CrlCount(usize),
    /// A CRL of another issuer than the sender.
    #[error("the CRL is issued by \"{issuer}\", the notification is sent by \"{sender}\"")]
    CrlIssuer {
        /// Issuer of the CRL.
        issuer: String,
        /// Subject of the sender's certificate.
        sender: String,
    },
    /// A CRL or BCI that has ended.
    #[error("{list} ended at {until}, now is {now}")]
    Ended {
        /// Which list.
        list: String,
        /// nextUpdate or notAfter.
        until: UnixTime,
        /// Now.
        now: UnixTime,
    },
    /// An extension that is not known must be understood (decisions.md 33).
    #[error("{list} has the critical extension {oid}, which is unknown here")]
    Extension {
        /// Which list.
        list: String,
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// A CRL that the BCI lists is not held in that issue or a later one.
    #[error(
        "the BCI lists CRL number {listed} of \"{issuer}\", {}",
        .held.map_or("none is held".to_owned(), |held| format!("number {held} is held"))
    )]
    ListedCrl {
        /// Issuer of the CRL.
        issuer: String,
        /// Number that the BCI lists.
        listed: u64,
        /// Number held.
        held: Option<u64>,
    },
    /// Something in the message does not decode.
    #[error("{what}: {fault}")]
    Malformed {
        /// What.
        what: &'static str,
        /// What is wrong, and where.
        fault: DecodeError,
    },
    /// Not one of the messages that are taken here.
    #[error("{0} is no message that is taken here")]
    NotAsked(String),
    /// A CRL or BCI that begins only later.
    #[error("{list} begins at {from}, the latest accepted is {latest}")]
    NotBegun {
        /// Which list.
        list: String,
        /// thisUpdate or notBefore.
        from: UnixTime,
        /// Latest beginning accepted.
        latest: UnixTime,
    },
    /// A number below the one held: a replay.
    #[error("{list} number {offered} is older than number {held}, which is held")]
    NumberOlder {
        /// Which list.
        list: String,
        /// Number held.
        held: u64,
        /// Number offered.
        offered: u64,
    },
    /// The number held, on another list.
    #[error("{list} number {number} differs from the one held under the same number")]
    NumberReused {
        /// Which list.
        list: String,
        /// The number.
        number: u64,
    },
    /// A certificate on which the message depends is not valid.
    #[error("the certificate of {what} is not valid: {reasons}")]
    Path {
        /// Whose certificate.
        what: String,
        /// Every reason of the verdict.
        reasons: String,
    },
    /// A CA that does not send such messages.
    #[error("a {role} sends no {message} in suite {suite}")]
    SenderRole {
        /// Role of the sender.
        role: Role,
        /// Name of the message.
        message: &'static str,
        /// Suite of the hierarchy.
        suite: Suite,
    },
    /// The sender is no CA of this hierarchy.
    #[error("the sender \"{0}\" is no CA known here")]
    SenderUnknown(String),
    /// A signature that does not hold.
    #[error("the signature of {what} does not hold: {fault}")]
    Signature {
        /// What was signed.
        what: String,
        /// Why not.
        fault: String,
    },
    /// Not exactly one signer, or one whose certificate is not enclosed.
    #[error("the message has no single signer whose certificate is enclosed")]
    Signer,
    /// The certificate under which a list was signed is neither enclosed nor known.
    #[error("the certificate that signed {0} is neither enclosed nor known here")]
    SignerOfList(String),
    /// The thumbprint names another CRL.
    #[error("crlThumbprint does not name the CRL that came with it")]
    Thumbprint,
    /// A date too far in the future.
    #[error("the message is dated {date}, the newest accepted is {newest}")]
    TooNew {
        /// Date of the message.
        date: UnixTime,
        /// Newest date accepted.
        newest: UnixTime,
    },
    /// A date too far in the past.
    #[error("the message is dated {date}, the oldest accepted is {oldest}")]
    TooOld {
        /// Date of the message.
        date: UnixTime,
        /// Oldest date accepted.
        oldest: UnixTime,
    },
}
