//! Cardholders' certificates, and a CCA that publishes more than a complete CRL.

use ca_core::authority::Authority;
use ca_core::store::{RevocationReason, SerialNumber};
use ca_core::wire::Cert;

use crate::house::House;
use crate::messages::{Draft, Heard, ca_id, form_run, post};

/// Their CA.
pub(crate) const CCA: &str = "sample-cca";

/// The authority after a restart with these keys for the CRL of a CCA.
pub(crate) fn with_lists(house: &House, keys: &str) -> Authority {
    house.with_policies(|path, text| match path {
        "policies/lists.toml" => text.replace("[crl.cca]", &format!("[crl.cca]\n{keys}")),
        _ => text.to_owned(),
    })
}

/// The same with the lists that the policy asks for.
pub(crate) fn divided(house: &House, keys: &str) -> Authority {
    let authority = with_lists(house, keys);
    authority.publish_crl(&ca_id(CCA)).unwrap();
    authority
}

pub(crate) fn certificate(authority: &Authority, label: &str) -> Cert {
    let run = form_run(authority, label);
    let request = Draft::new(&run, label, authority.now()).octets(authority);
    Heard::of(authority, &post(authority, &request)).issued().clone()
}

pub(crate) fn serial(certificate: &Cert) -> SerialNumber {
    SerialNumber::from_octets(certificate.serial()).unwrap()
}

/// In the records alone.
pub(crate) fn revoke(authority: &Authority, certificate: &Cert, reason: RevocationReason) {
    authority.revoke(&ca_id(CCA), &serial(certificate), reason).unwrap();
}
