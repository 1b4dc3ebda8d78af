//! From an order to a signed certificate.

use super::fixture::*;
use super::{CertificateOrder, PrepareError, prepare};
use crate::profile::{CertificateProfile, ExtensionKind, Role};
use crate::signer::{
    KeyError, KeyId, RandomError, SecureRandom, SignatureAlgorithm, Signer, verify,
};
use crate::wire::{Cert, oids};
use crate::{Suite, UnixTime, hex};

fn prepare_cardholder(
    change: impl FnOnce(&mut CertificateOrder<'_>),
) -> Result<super::PreparedCertificate, PrepareError> {
    let house = house();
    let profile = cardholder_profile();
    let wallet = key("wallet");
    let mut subject = name("Brand", "Example Issuer");
    subject.common_name = Some("GiXoKtV5b7Ut0vJkhdHnQbcssbk=".to_owned());
    let roles = [Role::Cardholder];
    let mut order =
        order(&profile, issuer(&house.cca), subject, wallet.spki_der(), &roles, &house.locations);
    change(&mut order);
    prepare(&order, &random("cardholder"))
}

fn extension(certificate: &Cert, oid: const_oid::ObjectIdentifier) -> String {
    hex(certificate.extension(oid).unwrap().extn_value.as_bytes())
}

#[test]
fn signed_certificate_verifies_and_has_the_values_of_section_8_2() {
    let house = house();
    for (certificate, by, constraints, kind) in [
        (&house.root, &house.root, "30060101ff020103", "0303070080"),
        (&house.bca, &house.root, "30060101ff020102", "03020001"),
        (&house.cca, &house.bca, "30060101ff020100", "03020410"),
    ] {
        let algorithm = SignatureAlgorithm::EcdsaSha256;
        let signature = certificate.signature();
        verify(Suite::Modern, by.spki_der(), algorithm, certificate.tbs_der(), signature).unwrap();
        assert_eq!(certificate.inner().signature_algorithm(), certificate.tbs().signature(),);
        assert_eq!(extension(certificate, oids::BASIC_CONSTRAINTS), constraints);
        assert_eq!(extension(certificate, oids::CERTIFICATE_TYPE), kind);
        // §10.5: in `modern` a CCA signs CRLs too.
        assert_eq!(extension(certificate, oids::KEY_USAGE), "03020106");
        assert_eq!(extension(certificate, oids::CERTIFICATE_POLICIES), "300830060604672a0500");
    }
}

#[test]
fn prepared_certificate_tells_what_the_store_records() {
    let prepared = prepare_cardholder(|_| ()).unwrap();
    assert_eq!(
        prepared.subject_text(),
        "C=US, O=Brand, OU=Example Issuer, CN=GiXoKtV5b7Ut0vJkhdHnQbcssbk="
    );
    assert_eq!(prepared.not_after(), begin().plus_days(730));
    assert_eq!(prepared.serial().as_octets().len(), 16);
    let expected = Suite::Modern.digest(key("wallet").spki_der());
    assert_eq!(prepared.public_key_hash().to_vec(), expected);
    let house = house();
    let by = KeyId::of_spki(house.cca.spki_der()).unwrap();
    let tbs = prepared.tbs().to_vec();
    let serial = *prepared.serial();
    let certificate = Cert::from_der(&prepared.sign(&by, &house.keys).unwrap()).unwrap();
    assert_eq!(certificate.tbs_der(), tbs);
    assert_eq!(certificate.serial(), serial.as_octets());
}

#[test]
fn card_expiry_caps_the_certificate() {
    let expiry = UnixTime::end_of_month(2026, 12).unwrap();
    let prepared = prepare_cardholder(|order| order.not_after_cap = Some(expiry)).unwrap();
    assert_eq!(prepared.not_after(), expiry);
}

#[test]
fn issuers_end_caps_the_certificate() {
    let long = CertificateProfile { validity_days: 4000, ..cardholder_profile() };
    let house = house();
    let wallet = key("wallet");
    let roles = [Role::Cardholder];
    let subject = name("Brand", "Example Issuer");
    let by = issuer(&house.cca);
    let order = order(&long, by, subject, wallet.spki_der(), &roles, &house.locations);
    let prepared = prepare(&order, &random("x")).unwrap();
    assert_eq!(prepared.not_after(), house.cca.not_after());
}

#[test]
fn card_that_has_expired_gets_no_certificate() {
    let expired = begin().minus_secs(1);
    let refused = prepare_cardholder(|order| order.not_after_cap = Some(expired)).unwrap_err();
    assert_eq!(refused, PrepareError::NoLife { not_before: begin(), not_after: expired });
}

#[test]
fn issuer_signs_only_within_its_key_usage_period() {
    for late in [begin().plus_days(366), begin().minus_secs(1)] {
        let refused = prepare_cardholder(|order| order.not_before = late).unwrap_err();
        assert_eq!(refused, PrepareError::IssuerPeriod(late));
    }
}

#[test]
fn issuer_of_another_role_or_key_or_usage_is_refused() {
    let house = house();
    let own = key("wallet");
    let wrong_role = prepare_cardholder(|order| {
        order.issuer.certificate = Some(Box::leak(Box::new(house.bca.clone())));
        order.issuer.key = KeyId::of_spki(house.bca.spki_der()).unwrap();
    });
    assert_eq!(wrong_role.unwrap_err(), PrepareError::Issuer("the profile does not name its role"));
    let wrong_key = prepare_cardholder(|order| order.issuer.key = own.id());
    assert_eq!(wrong_key.unwrap_err(), PrepareError::Issuer("its certificate is for another key"));
    let responder = prepare_cardholder(|order| {
        order.issuer.certificate = Some(Box::leak(Box::new(house.responder.clone())));
        order.issuer.key = KeyId::of_spki(house.responder.spki_der()).unwrap();
    });
    assert_eq!(responder.unwrap_err(), PrepareError::Issuer("its key usage has no keyCertSign"));
    let nobody = prepare_cardholder(|order| order.issuer.certificate = None);
    assert_eq!(nobody.unwrap_err(), PrepareError::Issuer("only a root signs its own key"));
}

#[test]
fn roles_that_are_not_the_profiles_are_refused() {
    for roles in [&[Role::Merchant][..], &[], &[Role::Cardholder, Role::Merchant]] {
        let refused = prepare_cardholder(|order| order.roles = roles).unwrap_err();
        assert!(matches!(refused, PrepareError::Roles { .. }), "{roles:?}: {refused:?}");
    }
}

#[test]
fn required_extension_without_a_value_is_named() {
    let refused = prepare_cardholder(|order| order.locations = None).unwrap_err();
    assert_eq!(refused, PrepareError::Missing(ExtensionKind::CrlDistributionPoints));
}

#[test]
fn lint_is_asked_before_anything_is_signed() {
    let refused =
        prepare_cardholder(|order| order.subject.organization = "Other".to_owned()).unwrap_err();
    assert!(matches!(refused, PrepareError::Lint(error) if error.rule == "brand"));
}

/// Gives each draw the next of these first octets, then zeros.
#[derive(Debug)]
struct Scripted(std::sync::Mutex<Vec<u8>>);

impl SecureRandom for Scripted {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        octets.fill(0x11);
        octets[0] = self.0.lock().unwrap().pop().unwrap_or(0);
        Ok(())
    }
}

#[test]
fn serial_number_has_16_octets_with_the_top_bit_clear() {
    let house = house();
    let profile = ca_profile(Role::Cca, Role::Bca, 0);
    let order = order(
        &profile,
        issuer(&house.bca),
        name("Brand", "Brand CCA"),
        house.cca.spki_der(),
        &[Role::Cca],
        &house.locations,
    );
    // 0x80 is zero without its top bit: thrown away. 0xff keeps seven bits.
    let random = Scripted(std::sync::Mutex::new(vec![0xff, 0x00, 0x80]));
    let prepared = prepare(&order, &random).unwrap();
    assert_eq!(prepared.serial().to_string(), format!("7f{}", "11".repeat(15)));
    let broken = Scripted(std::sync::Mutex::new(Vec::new()));
    assert_eq!(prepare(&order, &broken).unwrap_err(), PrepareError::Random(RandomError));
}

#[test]
fn another_key_does_not_sign() {
    let prepared = prepare_cardholder(|_| ()).unwrap();
    let house = house();
    let bca = KeyId::of_spki(house.bca.spki_der()).unwrap();
    let refused = prepared.sign(&bca, &house.keys).unwrap_err();
    assert!(matches!(refused, KeyError::Unsuitable(id, _) if id == bca));
}

/// Signs with one bit wrong.
struct Faulty(crate::signer::SoftwareKeys);

impl Signer for Faulty {
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let mut signature = self.0.sign(key, algorithm, message)?;
        *signature.last_mut().unwrap() ^= 1;
        Ok(signature)
    }

    fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let mut signature = self.0.sign_digest(key, algorithm, digest)?;
        *signature.last_mut().unwrap() ^= 1;
        Ok(signature)
    }
}

#[test]
fn faulty_signature_never_leaves() {
    let house = house();
    let by = KeyId::of_spki(house.cca.spki_der()).unwrap();
    let prepared = prepare_cardholder(|_| ()).unwrap();
    assert_eq!(prepared.sign(&by, &Faulty(house.keys)), Err(KeyError::Operation));
}
