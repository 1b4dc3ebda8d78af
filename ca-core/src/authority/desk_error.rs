//! Why a decision by hand was not carried out.

use super::Error;
use crate::decide::Refusal;
use crate::store::RegistrationState;
use crate::wire::bounds::UB_EE_MESSAGE;
use crate::{UnixTime, hex};

/// Why a decision was not carried out, or not as it was meant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// Somebody decided before.
    #[error(
        "registration {} was {} by {by} at {at}: a decision is final",
        hex(.lid_ca),
        if *.approved { "approved" } else { "rejected" }
    )]
    Decided {
        /// LID-CA.
        lid_ca: Vec<u8>,
        /// Who.
        by: String,
        /// Which way.
        approved: bool,
        /// When.
        at: UnixTime,
    },
    /// Something on our side failed: the registration waits as before.
    #[error("registration {} still waits", hex(.lid_ca))]
    Failed {
        /// LID-CA.
        lid_ca: Vec<u8>,
        /// What failed.
        #[source]
        error: Error,
    },
    /// The text for the end entity is no eeMessage: too long, or not a SETString.
    #[error(
        "a message for the end entity is a SETString of 1 to {UB_EE_MESSAGE} characters; \
         this one has {0}"
    )]
    Message(usize),
    /// Nothing in it waits for a decision.
    #[error(
        "registration {} is {}: nothing in it waits for a decision",
        hex(.lid_ca),
        .state.name()
    )]
    NotOpen {
        /// LID-CA.
        lid_ca: Vec<u8>,
        /// Where it stands.
        state: RegistrationState,
    },
    /// It was approved, but cannot be granted any more: it is now refused.
    #[error("registration {} was approved too late and is refused: {refusal}", hex(.lid_ca))]
    Refused {
        /// LID-CA.
        lid_ca: Vec<u8>,
        /// Why.
        refusal: Refusal,
    },
    /// There is no such registration.
    #[error("no registration {}", hex(.0))]
    Unknown(Vec<u8>),
}
