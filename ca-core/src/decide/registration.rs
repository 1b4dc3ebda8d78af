//! Rules that tie the messages of one registration together (spec `set-messages.md` §4.3–4.6).

use subtle::ConstantTimeEq as _;

use super::Refusal;
use crate::profile::Role;
use crate::store::{Registration, RegistrationState};

/// The registration under LID-CA is one of this LID-EE (§4.4 step 3, decisions.md 23).
///
/// # Errors
/// [`Refusal::LidUnknown`].
pub fn check_lid<'a>(
    found: Option<&'a Registration>,
    lid_ee: &[u8],
) -> Result<&'a Registration, Refusal> {
    found.filter(|registration| registration.lid_ee == lid_ee).ok_or(Refusal::LidUnknown)
}

/// The challenge returned is the one given out (§4.6 step 6); none was given without a form.
///
/// # Errors
/// [`Refusal::ChallengeMismatch`].
pub fn check_challenge(given: Option<&[u8; 20]>, returned: Option<&[u8]>) -> Result<(), Refusal> {
    match (given, returned) {
        (Some(given), Some(returned)) if bool::from(given[..].ct_eq(returned)) => Ok(()),
        _ => Err(Refusal::ChallengeMismatch),
    }
}

/// RequestType is that of the form run (§4.6 step 7).
///
/// # Errors
/// [`Refusal::RequestTypeChanged`].
pub fn check_request_type(offered: Option<u8>, found: u8) -> Result<(), Refusal> {
    match offered {
        Some(offered) if offered == found => Ok(()),
        offered => Err(Refusal::RequestTypeChanged { offered: offered.unwrap_or_default(), found }),
    }
}

/// The registration has been given a form and waits for its answer (§4.8).
///
/// # Errors
/// [`Refusal::RegistrationClosed`].
pub const fn check_open(registration: &Registration) -> Result<(), Refusal> {
    match registration.state {
        RegistrationState::FormSent => Ok(()),
        _ => Err(Refusal::RegistrationClosed),
    }
}

/// The registration has neither its certificate nor a final refusal: another form would open it
/// again (§4.8).
///
/// # Errors
/// [`Refusal::RegistrationClosed`].
pub const fn check_not_over(registration: &Registration) -> Result<(), Refusal> {
    match registration.state {
        RegistrationState::Complete | RegistrationState::Refused => {
            Err(Refusal::RegistrationClosed)
        }
        RegistrationState::FormSent
        | RegistrationState::InProgress
        | RegistrationState::Initiated
        | RegistrationState::Pended
        | RegistrationState::Referred => Ok(()),
    }
}

/// The entity class of the request is the one served here (decisions.md 11).
///
/// # Errors
/// [`Refusal::RoleMismatch`].
pub fn check_role(served: Role, found: Role) -> Result<(), Refusal> {
    if served == found { Ok(()) } else { Err(Refusal::RoleMismatch { served, found }) }
}

/// An initial signature request has exactly one signature, under the key it brings; a renewal has a
/// second one, under the certificate it replaces, and so never fits this rule (§3.3).
///
/// # Errors
/// [`Refusal::SignatureInvalid`] for a renewal, another number of signer infos or a named signer.
pub const fn check_self_signed(
    renewal: bool,
    signer_infos: usize,
    null_name: bool,
) -> Result<(), Refusal> {
    if !renewal && signer_infos == 1 && null_name { Ok(()) } else { Err(Refusal::SignatureInvalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_that_was_never_given_cannot_be_returned() {
        assert_eq!(check_challenge(Some(&[7; 20]), Some(&[7; 20])), Ok(()));
        for (given, returned) in
            [(Some(&[7; 20]), Some(&[8; 20][..])), (Some(&[7; 20]), None), (None, Some(&[7; 20]))]
        {
            assert_eq!(check_challenge(given, returned), Err(Refusal::ChallengeMismatch));
        }
    }

    #[test]
    fn the_request_type_of_the_form_run_binds() {
        assert_eq!(check_request_type(Some(1), 1), Ok(()));
        assert_eq!(
            check_request_type(Some(1), 10),
            Err(Refusal::RequestTypeChanged { offered: 1, found: 10 })
        );
    }

    #[test]
    fn two_signatures_or_a_named_signer_do_not_fit_an_initial_request() {
        assert_eq!(check_self_signed(false, 1, true), Ok(()));
        assert_eq!(check_self_signed(false, 2, true), Err(Refusal::SignatureInvalid));
        assert_eq!(check_self_signed(false, 1, false), Err(Refusal::SignatureInvalid));
    }

    #[test]
    fn a_renewal_does_not_pass_as_a_first_request() {
        assert_eq!(check_self_signed(true, 1, true), Err(Refusal::SignatureInvalid));
    }
}
