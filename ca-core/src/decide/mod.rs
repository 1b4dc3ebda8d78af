//! Stage 3: may this be granted?
//!
//! Pure functions from a profile, an opened request and looked-up facts to `Ok` or a [`Refusal`],
//! one rule each, so that `?` chains them. No I/O, no keys, no clock. Rules: SET Book 2 v1.0 Part
//! II, as `spec/set-messages.md` §4 states them.

mod account;
mod ca_message;
mod ca_refusal;
mod entity;
mod form;
mod header;
mod inquiry;
mod key;
mod refusal;
mod registration;
mod revocation;
mod signers;

pub use account::{
    ExpiryMonth, check_account, check_account_kind, check_card_lives, check_same_account,
    passes_luhn,
};
pub use ca_message::{
    Novelty, Numbered, check_bci_brand, check_brand_ca, check_crl_issuer, check_current,
    check_list_extensions, check_listed, check_message_date, check_notifier, check_number,
};
pub use ca_refusal::CaRefusal;
pub(crate) use entity::common_name;
pub use entity::{
    Identity, check_id_data, check_same_entity, check_same_identity, check_same_name,
};
pub use form::{Answered, answer_for, check_form};
pub use header::{DateWindow, check_date, check_extensions, check_rrpid, check_version};
pub use inquiry::{check_inquired, check_inquirers};
pub use key::{check_key, check_keys, check_keys_differ};
pub use refusal::{FormFault, Refusal};
pub use registration::{
    check_challenge, check_lid, check_me_aq, check_not_over, check_open, check_request_type,
    check_role, check_served,
};
pub use revocation::{
    Remit, RevocationRefusal, RevocationRule, Revoker, check_own, check_reason, check_revoker,
};
pub use signers::{Wanted, check_signers, check_standing};

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

#[cfg(test)]
mod fixture {
    use crate::UnixTime;
    use crate::profile::Role;
    use crate::store::{CaId, Registration, RegistrationState};

    /// A registration that was given a form; BIN 411111, number `M1`.
    pub(super) fn registration(role: Role) -> Registration {
        let begun = UnixTime::from_secs(1_800_000_000);
        let ca = CaId::new("brand-ca").unwrap();
        Registration {
            revision: 1,
            state: RegistrationState::FormSent,
            bin: Some("411111".to_owned()),
            business_id: Some("M1".to_owned()),
            ..Registration::begun(vec![1], vec![2], ca, role, "Brand".to_owned(), begun)
        }
    }
}
