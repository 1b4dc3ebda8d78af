//! Which certificates a wallet does not install (spec `set-messages.md` §4.7, §4.11).

use std::sync::LazyLock;

use ca_core::ee::{CertificateFault, Certified, EeError, Outcome};
use ca_core::issue::{
    CertificateOrder, CrlKind, CrlLocation, CrlOrder, EncodedEntries, Issuer, Locations,
    SubjectName, prepare, prepare_crl,
};
use ca_core::path::ReasonCode;
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::{KeyId, PrivateKey, SignatureAlgorithm, SoftwareKeys};
use ca_core::wire::extensions::{ExtensionValue, MerchantData};
use ca_core::wire::{Cert, CertResData, Digest, ErrorCode, Secret};
use ca_core::{Suite, UnixTime};

use crate::house::{BEGIN, House, house};
use crate::middle::*;

/// The fault of a changed CertRes.
fn last(change: impl FnOnce(&House, &mut Parts<CertResData>)) -> EeError {
    let house = house();
    let (waiting, request, answer) = to_last_answer(&house, "jane");
    let answer = resealed(&house, &request, &answer, false, |parts| change(&house, parts));
    waiting.accept(&answer, now(&house)).unwrap_err()
}

/// A registration that went well.
fn certified(house: &House, label: &str) -> Box<Certified> {
    let (waiting, _, answer) = to_last_answer(house, label);
    match waiting.accept(&answer, now(house)).unwrap() {
        Outcome::Certified(done) => done,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_under_another_back_key_does_not_open() {
    let house = house();
    let (waiting, request, _) = to_last_answer(&house, "jane");
    let (.., other) = to_last_answer(&house, "joe");
    let rrpid = opened_request(&house, &request).rrpid;
    let disguised = with_wrapper(&other, |wrapper| wrapper.header.rrpid = Some(rrpid));
    let error = waiting.accept(&disguised, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Undecryptable);
    assert_eq!(error.error_code(), Some(ErrorCode::DecodingFailure));
}

#[test]
fn a_name_that_is_not_the_hash_of_the_card_is_not_installed() {
    let error = last(|_, parts| {
        parts.content.cert_status.nonce_cca = Some(Secret::new(&[5; 32]).unwrap());
    });
    assert_eq!(error, EeError::Issued(CertificateFault::Name));
}

#[test]
fn a_missing_or_short_nonce_is_not_installed() {
    let error = last(|_, parts| parts.content.cert_status.nonce_cca = None);
    assert_eq!(error, EeError::Issued(CertificateFault::NoNonce));
    let error = last(|_, parts| {
        parts.content.cert_status.nonce_cca = Some(Secret::new(&[5; 20]).unwrap());
    });
    assert_eq!(error, EeError::Issued(CertificateFault::NoNonce));
}

/// The answer with a certificate in it that the CCA really signed, made as `change` says.
fn issued_otherwise(change: impl for<'a> FnOnce(&mut CertificateOrder<'a>)) -> EeError {
    let house = house();
    let (waiting, request, answer) = to_last_answer(&house, "jane");
    let answer = resealed(&house, &request, &answer, false, |parts| {
        let given = Cert::from_der(&parts.attachments.certificates[0]).unwrap();
        let other = issued_by_cca(&house, &given, change);
        let thumb = Cert::from_der(&other).unwrap().thumbprint(Suite::Modern);
        parts.attachments.certificates[0] = other;
        let thumbs = parts.content.cert_thumbs.as_mut().unwrap();
        thumbs.cert_thumbs = Some(vec![Digest::new(&thumb).unwrap()]);
    });
    waiting.accept(&answer, now(&house)).unwrap_err()
}

fn issued_by_cca(
    house: &House,
    given: &Cert,
    change: impl for<'a> FnOnce(&mut CertificateOrder<'a>),
) -> Vec<u8> {
    let issuer = ca_certificate(house, CCA, KeyUse::CertificateSigning);
    let keys = house.keys.as_ref();
    issued_by(house, (&issuer, keys), CARD, given, change)
}

/// What a cardholder's certificate is for.
const CARD: (Role, KeyUse) = (Role::Cardholder, KeyUse::MessageSignature);

/// What a CCA's certificate is for.
const CCA_SIGNING: (Role, KeyUse) = (Role::Cca, KeyUse::CertificateSigning);

static LOCATIONS: LazyLock<Locations> = LazyLock::new(|| Locations {
    crl: CrlLocation::Whole("http://ca.example/crl".to_owned()),
    delta_url: None,
    ocsp_url: "http://ca.example/ocsp".to_owned(),
    ca_issuers_url: "http://ca.example/cer".to_owned(),
});

/// A certificate like `given`, but for what `change` changes.
pub(crate) fn issued_by<'a>(
    house: &'a House,
    (issuer, keys): (&'a Cert, &SoftwareKeys),
    (role, key_use): (Role, KeyUse),
    given: &'a Cert,
    change: impl FnOnce(&mut CertificateOrder<'a>),
) -> Vec<u8> {
    let key = KeyId::of_spki(issuer.spki_der()).unwrap();
    let roles: &'static [Role] = match role {
        Role::Cardholder => &[Role::Cardholder],
        Role::Merchant => &[Role::Merchant],
        _ => &[Role::Cca],
    };
    let mut order = CertificateOrder {
        profile: house.authority.policies().profile(role, key_use).unwrap(),
        suite: Suite::Modern,
        issuer: Issuer {
            certificate: Some(issuer),
            key,
            algorithm: SignatureAlgorithm::EcdsaSha256,
        },
        subject: SubjectName::from_der(given.subject_der()).unwrap(),
        spki_der: given.spki_der(),
        roles,
        not_before: given.not_before(),
        not_after_cap: Some(given.not_after()),
        hashed_root_key: None,
        tunneling: None,
        merchant_data: MerchantData::find(given).unwrap(),
        card_cert_required: None,
        set_extensions: None,
        locations: Some(&LOCATIONS),
    };
    change(&mut order);
    prepare(&order, &random("issue")).unwrap().sign(&key, keys).unwrap()
}

#[test]
fn a_certificate_with_another_common_name_is_not_installed() {
    let name = "Yrq1oz1XO1cCNqhP0GmkCSUrlv0YRK3UlQzcnU3FB/k=";
    let error = issued_otherwise(|order| order.subject.common_name = Some(name.to_owned()));
    assert_eq!(error, EeError::Issued(CertificateFault::Name));
}

#[test]
fn a_certificate_that_outlives_the_card_is_not_installed() {
    let error = issued_otherwise(|order| order.not_after_cap = None);
    let card = UnixTime::parse_rfc3339("2027-12-31T23:59:59Z").unwrap();
    let not_after = BEGIN.plus_days(730);
    let fault = CertificateFault::OutlivesCard { not_after, card };
    assert_eq!(error, EeError::Issued(fault));
}

/// A second CCA of the brand, with its own CRL: as trustworthy as the first, but not the one asked.
#[test]
fn the_certificate_of_another_cca_of_the_brand_is_not_installed() {
    let house = house();
    let (waiting, request, answer) = to_last_answer(&house, "jane");
    let (second, second_key) = second_cca(&house);
    let order = CrlOrder {
        issuer: &second,
        suite: Suite::Modern,
        algorithm: SignatureAlgorithm::EcdsaSha256,
        kind: CrlKind::COMPLETE,
        number: 1,
        this_update: BEGIN,
        next_update: BEGIN.plus_days(1),
        entries: EncodedEntries::default(),
    };
    let keys: SoftwareKeys = [second_key].into_iter().collect();
    let key = KeyId::of_spki(second.spki_der()).unwrap();
    let crl = prepare_crl(&order).unwrap().sign(&key, &keys).unwrap();
    let answer = resealed(&house, &request, &answer, false, |parts| {
        let given = Cert::from_der(&parts.attachments.certificates[0]).unwrap();
        let other = issued_by(&house, (&second, &keys), CARD, &given, |_| ());
        let thumb = Cert::from_der(&other).unwrap().thumbprint(Suite::Modern);
        parts.attachments.certificates[0] = other;
        parts.attachments.certificates.push(second.der().to_vec());
        parts.attachments.crls.push(crl.to_vec());
        let thumbs = parts.content.cert_thumbs.as_mut().unwrap();
        thumbs.cert_thumbs = Some(vec![Digest::new(&thumb).unwrap()]);
    });
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Issued(CertificateFault::Issuer));
}

fn second_cca(house: &House) -> (Cert, PrivateKey) {
    let first = ca_certificate(house, CCA, KeyUse::CertificateSigning);
    let brand = ca_certificate(house, "sample-bca", KeyUse::CertificateSigning);
    let key = key("second cca");
    let der = issued_by(house, (&brand, house.keys.as_ref()), CCA_SIGNING, &first, |order| {
        order.subject.units = vec!["Second CCA".to_owned()];
        order.spki_der = key.spki_der();
    });
    (Cert::from_der(&der).unwrap(), key)
}

#[test]
fn a_certificate_that_begins_tomorrow_is_not_installed() {
    let tomorrow = BEGIN.plus_days(1);
    let error = issued_otherwise(|order| order.not_before = tomorrow);
    let EeError::Certificate { verdict, .. } = &error else { panic!("{error}") };
    assert!(verdict.has(ReasonCode::NotYetValid), "{error}");
}

/// Decisions 5.
#[test]
fn cert_thumbs_must_list_exactly_the_certificate() {
    let expected = EeError::Issued(CertificateFault::Enclosed);
    assert_eq!(last(|_, parts| parts.content.cert_thumbs = None), expected);
    assert_eq!(
        last(|_, parts| {
            let list = parts.content.cert_thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap();
            list.push(Digest::new(&[7; 32]).unwrap());
        }),
        expected
    );
    assert_eq!(last(|_, parts| drop(parts.attachments.certificates.remove(0))), expected);
}

#[test]
fn a_second_end_entity_certificate_beside_the_one_listed_is_refused() {
    let house = house();
    let joe = certified(&house, "joe");
    let (waiting, request, answer) = to_last_answer(&house, "jane");
    let answer = resealed(&house, &request, &answer, false, |parts| {
        parts.attachments.certificates.push(issued(&joe).der().to_vec());
    });
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Issued(CertificateFault::Enclosed));
}
