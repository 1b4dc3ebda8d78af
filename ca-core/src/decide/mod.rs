//! Stage 3: may this be granted?
//!
//! Pure functions from a profile, an opened request and looked-up facts to `Ok` or a [`Refusal`],
//! one rule each, so that `?` chains them. No I/O, no keys, no clock. Rules: SET Book 2 v1.0 Part
//! II, as `spec/set-messages.md` §4 states them.

mod account;
mod form;
mod header;
mod key;
mod refusal;
mod registration;

pub use account::{ExpiryMonth, check_account, check_same_account};
pub use form::{Answered, check_form};
pub use header::{DateWindow, check_date, check_extensions, check_rrpid, check_version};
pub use key::check_key;
pub use refusal::{FormFault, Refusal};
pub use registration::{
    check_challenge, check_lid, check_not_over, check_open, check_request_type, check_role,
    check_self_signed,
};

/// What was decided on a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision<T> {
    /// Prepare, record, sign what was granted.
    Approve(T),
    /// Answer with the refusal.
    Refuse(Refusal),
}

impl<T> From<Result<T, Refusal>> for Decision<T> {
    fn from(outcome: Result<T, Refusal>) -> Self {
        match outcome {
            Ok(granted) => Self::Approve(granted),
            Err(refusal) => Self::Refuse(refusal),
        }
    }
}
