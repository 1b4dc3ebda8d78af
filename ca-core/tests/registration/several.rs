//! Which certificates a merchant or gateway does not install (spec `set-messages.md` §4.7 step 5).

use ca_core::Suite;
use ca_core::ee::{CertificateFault, EeError};
use ca_core::envelope::{CERT_RES_ENCK, ContentCipher};
use ca_core::path::ReasonCode;
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::{
    BackKey, BackKeyData, CaMsg, Cert, CertRes, CertResData, Digest, EncryptedDataOctets,
    ErrorCode, Message, MessageWrapper, RequestType, Secret,
};

use crate::certificates::issued_by;
use crate::house::{House, house};
use crate::middle::*;
use crate::shop::*;
use ca_core::issue::CertificateOrder;

fn signer(role: Role) -> (&'static str, KeyUse) {
    (ca_of(role), KeyUse::MessageSignature)
}

/// The fault of a changed CertRes for two keys.
fn fault(role: Role, change: impl FnOnce(&House, &mut Parts<CertResData>)) -> EeError {
    let house = house();
    let asked = match role {
        Role::Merchant => RequestType::MerInitialBoth,
        _ => RequestType::PgwyInitialBoth,
    };
    let (waiting, _, answer) = Shop::new(role, "shop").to_answer(&house, asked);
    let answer = resigned(&house, &answer, signer(role), |parts| change(&house, parts));
    waiting.accept(&answer, now(&house)).unwrap_err()
}

fn merchant(change: impl FnOnce(&House, &mut Parts<CertResData>)) -> EeError {
    fault(Role::Merchant, change)
}

/// Where the certificate of a use is among the attachments.
fn position(house: &House, parts: &Parts<CertResData>, key_use: KeyUse) -> usize {
    let key = if key_use == KeyUse::Encryption {
        encryption_key(house.suite(), 0)
    } else {
        Shop::new(Role::Merchant, "shop").new_key(house.suite())
    };
    parts
        .attachments
        .certificates
        .iter()
        .position(|der| Cert::from_der(der).unwrap().spki_der() == key.spki_der())
        .unwrap()
}

/// Puts another certificate in the place of the one for a use, and into certThumbs.
fn replace(parts: &mut Parts<CertResData>, at: usize, der: Vec<u8>) {
    let thumb = |der: &[u8]| Cert::from_der(der).unwrap().thumbprint(Suite::Modern);
    let old = thumb(&parts.attachments.certificates[at]);
    let new = Digest::new(&thumb(&der)).unwrap();
    let thumbs = parts.content.cert_thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap();
    let place = thumbs.iter().position(|listed| listed.as_bytes() == old).unwrap();
    thumbs[place] = new;
    parts.attachments.certificates[at] = der;
}

/// The answer with one certificate that the MCA really signed, made as `change` says.
fn issued_otherwise(
    key_use: KeyUse,
    change: impl for<'a> FnOnce(&mut CertificateOrder<'a>),
) -> EeError {
    merchant(|house, parts| {
        let at = position(house, parts, key_use);
        let given = Cert::from_der(&parts.attachments.certificates[at]).unwrap();
        let issuer = ca_certificate(house, "sample-mca", KeyUse::CertificateSigning);
        let keys = house.keys.as_ref();
        let der = issued_by(house, (&issuer, keys), (Role::Merchant, key_use), &given, change);
        replace(parts, at, der);
    })
}

fn code(error: &EeError) -> ErrorCode {
    error.error_code().unwrap()
}

#[test]
fn an_unchanged_answer_signed_again_is_installed() {
    let house = house();
    let shop = Shop::new(Role::Merchant, "shop");
    let (waiting, _, answer) = shop.to_answer(&house, RequestType::MerInitialBoth);
    let answer = resigned::<CertResData>(&house, &answer, signer(Role::Merchant), |_| ());
    certified(waiting.accept(&answer, now(&house)).unwrap());
}

/// Decisions 5.
#[test]
fn cert_thumbs_must_list_exactly_both_certificates() {
    let enclosed = EeError::Issued(CertificateFault::Enclosed);
    assert_eq!(code(&enclosed), ErrorCode::InvalidCertificate);
    let thumbs = |change: fn(&mut Vec<Digest>)| {
        merchant(|_, parts| {
            let thumbs = parts.content.cert_thumbs.as_mut().unwrap();
            change(thumbs.cert_thumbs.as_mut().unwrap());
        })
    };
    assert_eq!(thumbs(|list| drop(list.pop())), enclosed);
    assert_eq!(thumbs(|list| list.push(list[0].clone())), enclosed);
    assert_eq!(thumbs(|list| list[1] = list[0].clone()), enclosed);
    assert_eq!(merchant(|_, parts| parts.content.cert_thumbs = None), enclosed);
    let crl_listed = merchant(|_, parts| {
        let thumbs = parts.content.cert_thumbs.as_mut().unwrap();
        thumbs.crl_thumbs = Some(vec![Digest::new(&[7; 32]).unwrap()]);
    });
    assert_eq!(crl_listed, enclosed);
}

#[test]
fn the_order_of_cert_thumbs_does_not_matter() {
    let house = house();
    let shop = Shop::new(Role::Merchant, "shop");
    let (waiting, _, answer) = shop.to_answer(&house, RequestType::MerInitialBoth);
    let answer = resigned::<CertResData>(&house, &answer, signer(Role::Merchant), |parts| {
        let thumbs = parts.content.cert_thumbs.as_mut().unwrap();
        thumbs.cert_thumbs.as_mut().unwrap().reverse();
        parts.attachments.certificates.reverse();
    });
    certified(waiting.accept(&answer, now(&house)).unwrap());
}

/// Both or nothing.
#[test]
fn one_certificate_for_two_keys_is_refused() {
    for key_use in [KeyUse::MessageSignature, KeyUse::Encryption] {
        let error = merchant(|house, parts| {
            let at = position(house, parts, key_use);
            let der = parts.attachments.certificates.remove(at);
            let gone = Cert::from_der(&der).unwrap().thumbprint(Suite::Modern);
            let thumbs = parts.content.cert_thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap();
            thumbs.retain(|thumb| thumb.as_bytes() != gone);
        });
        assert_eq!(error, EeError::Issued(CertificateFault::Missing), "{key_use}");
    }
}

/// MR-3: as CR-5, for both certificates.
#[test]
fn a_certificate_for_another_key_is_not_installed() {
    for key_use in [KeyUse::MessageSignature, KeyUse::Encryption] {
        let error = issued_otherwise(key_use, |order| {
            order.spki_der = if key_use == KeyUse::Encryption {
                static OTHER: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
                OTHER.get_or_init(|| encryption_key(Suite::Modern, 1).spki_der().to_vec())
            } else {
                static OTHER: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
                OTHER.get_or_init(|| key("stranger").spki_der().to_vec())
            };
        });
        assert_eq!(error, EeError::Issued(CertificateFault::Key), "{key_use}");
    }
}

#[test]
fn merchant_data_must_name_us() {
    let error = issued_otherwise(KeyUse::MessageSignature, |order| {
        let data = order.merchant_data.as_mut().unwrap();
        data.mer_id = ca_core::wire::MerchantId::new("SHOP-2").unwrap();
    });
    assert_eq!(error, EeError::Issued(CertificateFault::MerchantId));
    assert_eq!(code(&error), ErrorCode::InvalidCertificate);
}

/// Spec `set-certificates.md` §5 check 13.
#[test]
fn merchant_data_must_be_equal_in_both() {
    let error = issued_otherwise(KeyUse::Encryption, |order| {
        order.merchant_data.as_mut().unwrap().mer_country = 276;
    });
    assert_eq!(error, EeError::Issued(CertificateFault::Differ));
}

#[test]
fn a_certificate_that_begins_tomorrow_is_not_installed() {
    for key_use in [KeyUse::MessageSignature, KeyUse::Encryption] {
        let error = issued_otherwise(key_use, |order| {
            order.not_before = order.not_before.plus_days(1);
        });
        let EeError::Certificate { verdict, .. } = &error else { panic!("{error}") };
        assert!(verdict.has(ReasonCode::NotYetValid), "{error}");
    }
}

/// A signature key certified for encryption is not what was asked for, and the reverse.
#[test]
fn certificates_whose_uses_are_swapped_are_not_installed() {
    let error = merchant(|house, parts| {
        let at = position(house, parts, KeyUse::Encryption);
        let given = Cert::from_der(&parts.attachments.certificates[at]).unwrap();
        let issuer = ca_certificate(house, "sample-mca", KeyUse::CertificateSigning);
        let kind = (Role::Merchant, KeyUse::MessageSignature);
        let der = issued_by(house, (&issuer, house.keys.as_ref()), kind, &given, |_| ());
        replace(parts, at, der);
    });
    let EeError::Certificate { verdict, .. } = &error else { panic!("{error}") };
    assert!(verdict.has(ReasonCode::PurposeNotAllowed), "{error}");
}

/// Each role has its own CA: what the MCA signs is no gateway's.
#[test]
fn a_gateway_s_answer_comes_from_the_pca_alone() {
    let house = house();
    let shop = Shop::new(Role::Gateway, "gateway");
    let (waiting, _, answer) = shop.to_answer(&house, RequestType::PgwyInitialSig);
    let as_mca = signer(Role::Merchant);
    let answer = resigned::<CertResData>(&house, &answer, as_mca, |parts| {
        let der = ca_certificate(&house, as_mca.0, as_mca.1).der().to_vec();
        parts.attachments.certificates.push(der);
    });
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    let EeError::Certificate { verdict, .. } = &error else { panic!("{error}") };
    assert!(verdict.has(ReasonCode::WrongRole), "{error}");
}

/// MR-4.
#[test]
fn a_merchant_s_answer_has_no_secret_in_it() {
    let error = merchant(|_, parts| {
        parts.content.cert_status.nonce_cca = Some(Secret::new(&[5; 32]).unwrap());
    });
    assert_eq!((code(&error), error), (ErrorCode::UnspecifiedFailure, EeError::PlainAnswer));
}

#[test]
fn a_card_s_logo_in_a_merchant_s_answer_is_no_secret() {
    let house = house();
    let shop = Shop::new(Role::Merchant, "shop");
    let (waiting, _, answer) = shop.to_answer(&house, RequestType::MerInitialSig);
    let answer = resigned::<CertResData>(&house, &answer, signer(Role::Merchant), |parts| {
        let message = CaMsg {
            card_logo_url: None,
            brand_logo_url: None,
            card_currency: Some(ca_core::wire::Currency::new(840).unwrap()),
            cardholder_msg: None,
        };
        parts.content.cert_status.ca_msg = Some(message);
    });
    certified(waiting.accept(&answer, now(&house)).unwrap());
}

/// Who has sent no key cannot be answered under one.
#[test]
fn an_encrypted_answer_to_a_merchant_does_not_open() {
    let house = house();
    let shop = Shop::new(Role::Merchant, "shop");
    let (waiting, _, answer) = shop.to_answer(&house, RequestType::MerInitialSig);
    let wrapper = MessageWrapper::from_der(&answer).unwrap();
    let Message::CertRes(CertRes::Signed(octets)) = Message::from_wrapper(&wrapper).unwrap() else {
        panic!()
    };
    let random = random("seal");
    let back_key = BackKeyData {
        back_alg_id: ContentCipher::Aes256Gcm.identifier(&random).unwrap(),
        back_key: BackKey::new(&[7; 32]).unwrap(),
    };
    let sealed = ca_core::envelope::seal_enck(
        Suite::Modern,
        &back_key,
        &CERT_RES_ENCK,
        octets.as_der(),
        &random,
    );
    let octets = EncryptedDataOctets::new(sealed.unwrap()).unwrap();
    let answer = rewrapped(&wrapper, &Message::CertRes(CertRes::Encrypted(octets)));
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!((code(&error), error), (ErrorCode::DecodingFailure, EeError::Undecryptable));
}
