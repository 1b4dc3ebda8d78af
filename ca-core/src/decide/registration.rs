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

/// The registration has neither its certificate, nor a final refusal, nor a request that waits for
/// a decision: another form would open it again (§4.8).
///
/// # Errors
/// [`Refusal::RegistrationClosed`].
pub const fn check_not_over(registration: &Registration) -> Result<(), Refusal> {
    match registration.state {
        RegistrationState::Complete
        | RegistrationState::InProgress
        | RegistrationState::Pended
        | RegistrationState::Refused => Err(Refusal::RegistrationClosed),
        RegistrationState::FormSent
        | RegistrationState::Initiated
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

/// Me-AqCInitReq is the message of merchants and gateways: a legal type of a cardholder is one of
/// another entity class (decisions.md 11).
///
/// # Errors
/// [`Refusal::RoleMismatch`].
pub fn check_me_aq(found: Role) -> Result<(), Refusal> {
    match found {
        Role::Merchant | Role::Gateway => Ok(()),
        _ => Err(Refusal::RoleMismatch { served: Role::Merchant, found }),
    }
}

/// A CA that was asked serves this class of entities (decisions.md 11); a combined CA serves
/// several.
///
/// # Errors
/// [`Refusal::RoleMismatch`].
pub fn check_served(roles: &[Role], found: Role) -> Result<(), Refusal> {
    if roles.iter().any(|role| role.may_issue(found)) {
        return Ok(());
    }
    let served = [Role::Cardholder, Role::Merchant, Role::Gateway]
        .into_iter()
        .find(|entity| roles.iter().any(|role| role.may_issue(*entity)));
    Err(Refusal::RoleMismatch { served: served.unwrap_or(Role::Ocsp), found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixture::registration;

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
    fn only_merchants_and_gateways_begin_with_their_message() {
        assert_eq!(check_me_aq(Role::Merchant), Ok(()));
        assert_eq!(check_me_aq(Role::Gateway), Ok(()));
        let (served, found) = (Role::Merchant, Role::Cardholder);
        assert_eq!(check_me_aq(found), Err(Refusal::RoleMismatch { served, found }));
    }

    #[test]
    fn a_combined_ca_serves_each_class_of_its_roles_and_no_other() {
        let combined = [Role::Cca, Role::Mca];
        assert_eq!(check_served(&combined, Role::Cardholder), Ok(()));
        assert_eq!(check_served(&combined, Role::Merchant), Ok(()));
        assert_eq!(
            check_served(&combined, Role::Gateway),
            Err(Refusal::RoleMismatch { served: Role::Cardholder, found: Role::Gateway })
        );
        assert_eq!(
            check_served(&[Role::Pca], Role::Merchant),
            Err(Refusal::RoleMismatch { served: Role::Gateway, found: Role::Merchant })
        );
    }

    #[test]
    fn no_form_is_given_out_while_a_request_waits_or_after_its_end() {
        let allowed = |state| {
            let mut found = registration(Role::Cardholder);
            found.state = state;
            check_not_over(&found).is_ok()
        };
        let open: Vec<_> = RegistrationState::ALL.into_iter().filter(|s| allowed(*s)).collect();
        let expected = [
            RegistrationState::FormSent,
            RegistrationState::Initiated,
            RegistrationState::Referred,
        ];
        assert_eq!(open, expected);
    }
}
