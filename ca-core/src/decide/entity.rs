//! Rules on who a merchant or a payment gateway says it is (spec `set-messages.md` §3.2, §3.3).

use super::Refusal;
use crate::issue::SubjectName;
use crate::profile::Role;
use crate::store::Registration;
use crate::wire::extensions::{ExtensionValue, MerchantData};
use crate::wire::{Cert, IdData};

/// IDData as the store knows it: BIN of the acquirer, and the number that the acquirer gave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Identity<'a> {
    /// merchantBIN or acquirerBIN.
    pub bin: &'a str,
    /// merchantID, or acquirerBusinessID if there is one.
    pub business_id: Option<&'a str>,
}

impl<'a> From<&'a Registration> for Identity<'a> {
    fn from(registration: &'a Registration) -> Self {
        Self {
            bin: registration.bin.as_deref().unwrap_or_default(),
            business_id: registration.business_id.as_deref(),
        }
    }
}

impl<'a> From<&'a IdData> for Identity<'a> {
    fn from(id_data: &'a IdData) -> Self {
        match id_data {
            IdData::Merchant(merchant) => Self {
                bin: merchant.merchant_bin.as_str(),
                business_id: Some(merchant.merchant_id.as_str()),
            },
            IdData::Acquirer(acquirer) => Self {
                bin: acquirer.acquirer_bin.as_str(),
                business_id: acquirer.acquirer_business_id.as_ref().map(|id| id.as_str()),
            },
        }
    }
}

/// IDData is of the alternative that its role has: cardholders have none.
///
/// # Errors
/// [`Refusal::IdDataWrong`].
pub const fn check_id_data(role: Role, id_data: Option<&IdData>) -> Result<(), Refusal> {
    match (role, id_data) {
        // A merchant or gateway that leaves it out is refused by `check_same_identity`.
        (_, None)
        | (Role::Merchant, Some(IdData::Merchant(_)))
        | (Role::Gateway, Some(IdData::Acquirer(_))) => Ok(()),
        _ => Err(Refusal::IdDataWrong(role)),
    }
}

/// IDData of a CertReq is that of the form run (§4.6 step 7); a cardholder has none in either.
///
/// # Errors
/// [`Refusal::IdDataChanged`].
pub fn check_same_identity(
    registration: &Registration,
    id_data: Option<&IdData>,
) -> Result<(), Refusal> {
    if registration.role == Role::Cardholder {
        return Ok(());
    }
    match id_data {
        Some(id_data) if Identity::from(id_data) == Identity::from(registration) => Ok(()),
        _ => Err(Refusal::IdDataChanged),
    }
}

/// A certificate the request builds on is of the entity that asks: a merchant by its merchantData,
/// a gateway by its name, `BIN:identifier` (spec `set-certificates.md` §2.1). A cardholder is known
/// by his key alone: his name is blinded anew each time.
///
/// # Errors
/// [`Refusal::EntityOther`].
pub fn check_same_entity(registration: &Registration, certificate: &Cert) -> Result<(), Refusal> {
    let identity = Identity::from(registration);
    let same = match registration.role {
        Role::Merchant => {
            let data = MerchantData::find(certificate).ok().flatten();
            data.is_some_and(|data| {
                data.mer_acquirer_bin.as_str() == identity.bin
                    && Some(data.mer_id.as_str()) == identity.business_id
            })
        }
        Role::Gateway => common_name(certificate).is_some_and(|name| {
            let (bin, identifier) = name.split_once(':').unwrap_or_default();
            bin == identity.bin && identity.business_id.is_none_or(|id| id == identifier)
        }),
        _ => true,
    };
    if same { Ok(()) } else { Err(Refusal::EntityOther) }
}

/// The certificate to renew has the name of the one that signs: nothing else tells the gateways of
/// an acquirer apart that have no number. A merchant's name may change from one to the other.
///
/// # Errors
/// [`Refusal::EntityOther`].
pub fn check_same_name(role: Role, renewed: &Cert, signing: &Cert) -> Result<(), Refusal> {
    if role != Role::Gateway || renewed.subject_der() == signing.subject_der() {
        Ok(())
    } else {
        Err(Refusal::EntityOther)
    }
}

/// commonName of a certificate of ours.
pub(crate) fn common_name(certificate: &Cert) -> Option<String> {
    SubjectName::from_der(certificate.subject_der()).ok()?.common_name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixture::registration;
    use crate::wire::{AcquirerId, Bin, MerchantAcquirerId, MerchantId, NumericString};

    fn merchant(bin: &str, id: &str) -> IdData {
        IdData::Merchant(MerchantAcquirerId {
            merchant_bin: Bin::new(bin).unwrap(),
            merchant_id: MerchantId::new(id).unwrap(),
        })
    }

    fn acquirer(bin: &str, id: Option<&str>) -> IdData {
        IdData::Acquirer(AcquirerId {
            acquirer_bin: Bin::new(bin).unwrap(),
            acquirer_business_id: id.map(|id| NumericString::new(id).unwrap()),
        })
    }

    /// §3.2: merchant types carry merchantAcquirerID, gateway types acquirerID.
    #[test]
    fn each_class_has_its_own_alternative_of_id_data() {
        let (merchant, acquirer) = (merchant("411111", "M1"), acquirer("411111", None));
        for (role, fits, other) in
            [(Role::Merchant, &merchant, &acquirer), (Role::Gateway, &acquirer, &merchant)]
        {
            assert_eq!(check_id_data(role, Some(fits)), Ok(()));
            assert_eq!(check_id_data(role, Some(other)), Err(Refusal::IdDataWrong(role)));
        }
        let cardholder = Role::Cardholder;
        assert_eq!(check_id_data(cardholder, None), Ok(()));
        let wrong = Err(Refusal::IdDataWrong(cardholder));
        assert_eq!(check_id_data(cardholder, Some(&merchant)), wrong);
    }

    #[test]
    fn a_request_in_another_name_than_its_form_run_is_refused() {
        let begun = registration(Role::Merchant);
        assert_eq!(check_same_identity(&begun, Some(&merchant("411111", "M1"))), Ok(()));
        for other in [None, Some(merchant("411112", "M1")), Some(merchant("411111", "M2"))] {
            let outcome = check_same_identity(&begun, other.as_ref());
            assert_eq!(outcome, Err(Refusal::IdDataChanged), "{other:?}");
        }
    }

    #[test]
    fn a_gateway_without_a_business_number_stays_without() {
        let mut begun = registration(Role::Gateway);
        begun.business_id = None;
        assert_eq!(check_same_identity(&begun, Some(&acquirer("411111", None))), Ok(()));
        let outcome = check_same_identity(&begun, Some(&acquirer("411111", Some("1"))));
        assert_eq!(outcome, Err(Refusal::IdDataChanged));
    }
}
