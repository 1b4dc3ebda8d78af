//! Why a wake-up file is not read, or cannot be written.

use const_oid::ObjectIdentifier;

/// What is wrong with an initiation, and where.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InitiationError {
    /// The description is not the text its Content-Type says.
    #[error("the text of the initiation is not US-ASCII")]
    Body,
    /// An extension that must be understood; none is.
    #[error("the initiation demands extension {0}, which is unknown here")]
    Extension(ObjectIdentifier),
    /// A header of another message: a payment, or the answer to an initiation.
    #[error("{0} does not belong in a registration initiation")]
    Foreign(&'static str),
    /// A line that is no header line.
    #[error("line {0} of the initiation is no header line")]
    Line(usize),
    /// A header that must stand there.
    #[error("the initiation has no {0}")]
    Missing(&'static str),
    /// A header that may stand once.
    #[error("the initiation has {0} twice")]
    Repeated(&'static str),
    /// More octets than are read.
    #[error("initiation of {found} octets, at most {limit} are read")]
    TooLong {
        /// Octets there are.
        found: usize,
        /// Most octets read.
        limit: usize,
    },
    /// A value that its header does not have.
    #[error("{0} of the initiation has a value that it cannot have")]
    Value(&'static str),
    /// Another initiation than that of a registration.
    #[error("{0} where Registration-Initiation belongs")]
    WrongType(String),
}

impl InitiationError {
    /// The header that caused the failure: SET-Error-Field of an initiation response.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Extension(_) => Some("SET-Ext-OID"),
            Self::Foreign(name)
            | Self::Missing(name)
            | Self::Repeated(name)
            | Self::Value(name) => Some(name),
            Self::WrongType(_) => Some("SET-Initiation-Type"),
            Self::Body | Self::Line(_) | Self::TooLong { .. } => None,
        }
    }
}
