//! Rules on an inquiry about an earlier request (spec `set-messages.md` §2.12, §4.7).

use super::{Refusal, check_lid, check_signers};
use crate::store::Registration;
use crate::wire::RequestType;

/// The registration that is asked about: known under both labels, and with a CertReq that was
/// answered. Before its CertReq there is no request to ask about.
///
/// # Errors
/// [`Refusal::LidUnknown`].
pub fn check_inquired<'a>(
    found: Option<&'a Registration>,
    lid_ee: &[u8],
) -> Result<&'a Registration, Refusal> {
    let registration = check_lid(found, lid_ee)?;
    registration.status.map(|_| registration).ok_or(Refusal::LidUnknown)
}

/// An inquiry is signed exactly as its CertReq was (§2.12): by as many signers, named as its type
/// wants them. Whether by the same keys, their signatures tell.
///
/// # Errors
/// [`Refusal::SignersWrong`].
pub fn check_inquirers(
    request_type: RequestType,
    null_names: &[bool],
    keys: usize,
) -> Result<(), Refusal> {
    check_signers(request_type, null_names)?;
    // A request whose signatures never verified has no keys to inquire with.
    if keys == null_names.len() {
        Ok(())
    } else {
        Err(Refusal::SignersWrong { found: null_names.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_signed_once_cannot_inquire_twice_over_and_nobody_when_nobody_signed() {
        let outcome = |names: &[bool], keys| {
            check_inquirers(RequestType::CardInitialSig, names, keys).is_ok()
        };
        assert!(outcome(&[true], 1));
        assert!(!outcome(&[true], 2));
        assert!(!outcome(&[true], 0));
        assert!(!outcome(&[true, true], 2));
        assert!(!outcome(&[false], 1));
    }

    #[test]
    fn a_renewal_is_inquired_by_two() {
        let outcome =
            |names: &[bool]| check_inquirers(RequestType::MerRenewalBoth, names, 2).is_ok();
        assert!(outcome(&[true, false]) && outcome(&[false, true]));
        assert!(!outcome(&[true, true]) && !outcome(&[false, false]));
    }
}
