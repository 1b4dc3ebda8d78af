//! Which certificates are believed and which are installed (spec `set-messages.md` §5, CR-3, CR-5,
//! MR-1, MR-3).

use ca_core::ee::{CertificateFault, Certified, EeError, Outcome};
use ca_core::path::ReasonCode;
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::{
    CardCInitResTbs, Cert, CertResData, Digest, ErrorCode, MeAqCInitResTbs, RegFormResTbs,
    RequestType,
};

use crate::house::{House, house_of, in_both_houses, in_both_suites};
use crate::middle::*;
use crate::shop::*;

pub(crate) const SIGNING: KeyUse = KeyUse::CertificateSigning;

fn has(error: &EeError, code: ReasonCode) -> bool {
    matches!(error, EeError::Certificate { verdict, .. } if verdict.has(code))
}

/// The fault of a changed CardCInitRes. There is no way from it to a RegFormReq: `accept` takes the
/// run, and gives none back.
fn first(
    house: &House,
    signer: (&str, KeyUse),
    change: impl FnOnce(&mut Parts<CardCInitResTbs>),
) -> EeError {
    let (waiting, answer) = to_first_answer(house, "jane");
    let answer = resigned(house, &answer, signer, change);
    waiting.accept(&answer, now(house)).unwrap_err()
}

/// CR-3, §5.
#[test]
fn cr_3_a_self_made_root_is_not_believed() {
    in_both_suites(|suite| {
        let house = house_of(suite, &["Sample"], None, b"house");
        // The same names all the way down, and keys of its own.
        let pretender = house_of(suite, &["Sample"], None, b"pretender");
        assert_eq!(root(&house).subject_der(), root(&pretender).subject_der());
        assert_ne!(root(&house).spki_der(), root(&pretender).spki_der());
        let (request, waiting) = wallet(&house).initiate(now(&house), &random("jane")).unwrap();
        let answer = post(&pretender, &request);
        let with_root = resigned::<CardCInitResTbs>(&pretender, &answer, AS_CCA, |parts| {
            parts.attachments.certificates.push(root(&pretender).der().to_vec());
        });
        for answer in [answer, with_root] {
            let error = waiting.clone().accept(&answer, now(&house)).unwrap_err();
            assert!(has(&error, ReasonCode::BadSignature), "{error}");
            assert_eq!(error.error_code(), Some(ErrorCode::InvalidCertificate));
        }
    });
}

/// CR-3, §5.
#[test]
fn cr_3_a_root_that_nobody_named_is_not_believed() {
    in_both_houses(|house| {
        let stranger = ca_certificate(&house, "sample-mca", SIGNING);
        let wallet = wallet_with(house.suite(), vec![stranger], "Sample", "en");
        let (request, waiting) = wallet.initiate(now(&house), &random("jane")).unwrap();
        let error = waiting.accept(&post(&house, &request), now(&house)).unwrap_err();
        assert!(has(&error, ReasonCode::UntrustedRoot), "{error}");
        assert_eq!(error.error_code(), Some(ErrorCode::InvalidCertificate));
    });
}

/// CR-3, §5: onlySig.
#[test]
fn cr_3_a_key_for_another_use_does_not_sign_answers() {
    in_both_houses(|house| {
        for key_use in [SIGNING, KeyUse::Encryption] {
            let error = first(&house, (CCA, key_use), |_| ());
            assert!(has(&error, ReasonCode::PurposeNotAllowed), "{key_use}: {error}");
        }
    });
}

/// CR-3, §5: onlyEnc.
#[test]
fn cr_3_a_signature_certificate_is_not_encrypted_to() {
    in_both_houses(|house| {
        let error = first(&house, AS_CCA, |parts| {
            parts.content.cae_thumb = thumb_of(&house, CCA, KeyUse::MessageSignature).0;
        });
        assert!(has(&error, ReasonCode::PurposeNotAllowed), "{error}");
    });
}

/// CR-3, §5: swapped certificates, in either answer before the account number is given again.
#[test]
fn cr_3_the_certificates_of_another_kind_of_ca_are_not_believed() {
    in_both_houses(|house| {
        let (thumb, der) = thumb_of(&house, "sample-mca", KeyUse::Encryption);
        let error = first(&house, AS_CCA, |parts| {
            parts.attachments.certificates.push(der.clone());
            parts.content.cae_thumb = thumb.clone();
        });
        assert!(has(&error, ReasonCode::WrongRole), "{error}");
        let (waiting, answer) = to_second_answer(&house, "joe");
        let answer = resigned::<RegFormResTbs>(&house, &answer, AS_CCA, |parts| {
            parts.attachments.certificates.push(der.clone());
            parts.content.cae_thumb = Some(thumb);
        });
        let error = waiting.accept(&answer, now(&house)).unwrap_err();
        assert!(has(&error, ReasonCode::WrongRole), "{error}");
        let signer = ("sample-mca", KeyUse::MessageSignature);
        let error = first(&house, signer, |parts| {
            let signer = ca_certificate(&house, signer.0, signer.1);
            parts.attachments.certificates.push(signer.der().to_vec());
        });
        assert!(has(&error, ReasonCode::WrongRole), "{error}");
    });
}

/// MR-1, §5: as CR-3.
#[test]
fn mr_1_a_merchant_or_gateway_believes_the_ca_of_its_role_alone() {
    in_both_houses(|house| {
        for (role, asked, others) in [
            (Role::Merchant, RequestType::MerInitialBoth, [CCA, "sample-pca"]),
            (Role::Gateway, RequestType::PgwyInitialBoth, [CCA, "sample-mca"]),
        ] {
            let (own, contacts) = (ca_of(role), core::cell::Cell::new(0));
            let fault = |signer, change: &dyn Fn(&mut Parts<MeAqCInitResTbs>)| {
                // A contact of its own each time.
                let next = contacts.replace(contacts.get() + 1);
                let shop = Shop { next, ..Shop::new(role, role.name()) };
                let (waiting, answer) = shop.contacted(&house, asked);
                let answer = resigned(&house, &answer, signer, change);
                waiting.accept(&answer, now(&house)).unwrap_err()
            };
            for ca in others {
                let error = fault((ca, KeyUse::MessageSignature), &|parts| {
                    let signer = ca_certificate(&house, ca, KeyUse::MessageSignature);
                    parts.attachments.certificates.push(signer.der().to_vec());
                });
                assert!(has(&error, ReasonCode::WrongRole), "{role}, {ca}: {error}");
                let error = fault((own, KeyUse::MessageSignature), &|parts| {
                    let (thumb, der) = thumb_of(&house, ca, KeyUse::Encryption);
                    parts.attachments.certificates.push(der);
                    parts.content.cae_thumb = Some(thumb);
                });
                assert!(has(&error, ReasonCode::WrongRole), "{role}, {ca}: {error}");
            }
            let error = fault((own, KeyUse::MessageSignature), &|parts| {
                let signs = thumb_of(&house, own, KeyUse::MessageSignature).0;
                parts.content.cae_thumb = Some(signs);
            });
            assert!(has(&error, ReasonCode::PurposeNotAllowed), "{role}: {error}");
            let error = fault((own, SIGNING), &|_| ());
            assert!(has(&error, ReasonCode::PurposeNotAllowed), "{role}: {error}");
        }
    });
}

/// A cardholder's registration that went well.
fn done(house: &House, label: &str) -> Box<Certified> {
    let (waiting, _, answer) = to_last_answer(house, label);
    match waiting.accept(&answer, now(house)).unwrap() {
        Outcome::Certified(done) => done,
        other => panic!("{other:?}"),
    }
}

/// CR-5, §5.
#[test]
fn cr_5_an_altered_certificate_is_not_installed() {
    in_both_houses(|house| {
        let (waiting, request, answer) = to_last_answer(&house, "jane");
        let answer = resealed(&house, &request, &answer, false, |parts| {
            *parts.attachments.certificates[0].last_mut().unwrap() ^= 1;
        });
        let error = waiting.accept(&answer, now(&house)).unwrap_err();
        assert!(has(&error, ReasonCode::BadSignature), "{error}");
    });
}

/// CR-5, §5: as good as any, but not for this key.
#[test]
fn cr_5_the_certificate_of_another_run_is_not_installed() {
    in_both_houses(|house| {
        let joe = done(&house, "joe");
        let (waiting, request, answer) = to_last_answer(&house, "jane");
        let answer = resealed(&house, &request, &answer, false, |parts| {
            replace(parts, 0, issued(&joe));
        });
        let error = waiting.accept(&answer, now(&house)).unwrap_err();
        assert_eq!(error, EeError::Issued(CertificateFault::Key));
        assert_eq!(error.error_code(), Some(ErrorCode::InvalidCertificate));
    });
}

/// Puts another certificate in the place of one, and into certThumbs.
fn replace(parts: &mut Parts<CertResData>, at: usize, with: &Cert) {
    let thumb = |cert: &Cert| Digest::new(&crate::messages::thumbprint(cert)).unwrap();
    let old = thumb(&Cert::from_der(&parts.attachments.certificates[at]).unwrap());
    let thumbs = parts.content.cert_thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap();
    let place = thumbs.iter().position(|listed| *listed == old).unwrap();
    thumbs[place] = thumb(with);
    parts.attachments.certificates[at] = with.der().to_vec();
}

/// The fault of a changed CertRes with the two certificates of `shop`, for each of the two.
fn both(
    house: &House,
    role: Role,
    change: impl Fn(&mut Parts<CertResData>, usize, KeyUse),
) -> [EeError; 2] {
    let asked = match role {
        Role::Merchant => RequestType::MerInitialBoth,
        _ => RequestType::PgwyInitialBoth,
    };
    let label = if role == Role::Merchant { "shop" } else { "gateway" };
    let number = usize::from(role == Role::Gateway);
    let shop = Shop { next: number, ..Shop::new(role, label) };
    let (waiting, _, answer) = shop.to_answer(house, asked);
    let signer = (ca_of(role), KeyUse::MessageSignature);
    [KeyUse::MessageSignature, KeyUse::Encryption].map(|key_use| {
        let suite = house.suite();
        let key = match key_use {
            KeyUse::Encryption => encryption_key(suite, number),
            _ => shop.new_key(suite),
        };
        let answer = resigned::<CertResData>(house, &answer, signer, |parts| {
            let own = |der: &Vec<u8>| Cert::from_der(der).unwrap().spki_der() == key.spki_der();
            let at = parts.attachments.certificates.iter().position(own).unwrap();
            change(parts, at, key_use);
        });
        waiting.accept(&answer, now(house)).unwrap_err()
    })
}

/// MR-3, §5: as CR-5, for both certificates.
#[test]
fn mr_3_neither_certificate_is_installed_if_it_was_altered() {
    in_both_houses(|house| {
        for role in [Role::Merchant, Role::Gateway] {
            let errors = both(&house, role, |parts, at, _| {
                *parts.attachments.certificates[at].last_mut().unwrap() ^= 1;
            });
            for error in errors {
                assert!(has(&error, ReasonCode::BadSignature), "{role}: {error}");
            }
        }
    });
}

/// MR-3, §5: as CR-5, for both certificates.
#[test]
fn mr_3_neither_certificate_of_another_run_is_installed() {
    in_both_houses(|house| {
        for role in [Role::Merchant, Role::Gateway] {
            let asked = match role {
                Role::Merchant => RequestType::MerInitialBoth,
                _ => RequestType::PgwyInitialBoth,
            };
            let next = 2 + usize::from(role == Role::Gateway);
            let mut other = Shop { next, ..Shop::new(role, "other") };
            let other = other.register(&house, asked);
            let errors = both(&house, role, |parts, at, key_use| {
                let issued = match key_use {
                    KeyUse::Encryption => other.encryption(),
                    _ => other.signature(),
                };
                replace(parts, at, &issued.unwrap().certificate);
            });
            for error in errors {
                assert_eq!(error, EeError::Issued(CertificateFault::Key), "{role}");
            }
        }
    });
}

/// MR-3, §5: issued by the CA of the role, which is not the root; CR-5 likewise.
#[test]
fn mr_3_what_is_installed_was_issued_by_the_ca_of_the_role() {
    in_both_houses(|house| {
        let jane = done(&house, "jane");
        let shop = Shop::new(Role::Merchant, "shop").register(&house, RequestType::MerInitialBoth);
        let mut gateway = Shop { next: 1, ..Shop::new(Role::Gateway, "gateway") };
        let gateway = gateway.register(&house, RequestType::PgwyInitialBoth);
        for (done, ca, count) in
            [(&*jane, CCA, 1), (&shop, "sample-mca", 2), (&gateway, "sample-pca", 2)]
        {
            let issuer = ca_certificate(&house, ca, SIGNING);
            assert_ne!(issuer.subject_der(), root(&house).subject_der());
            assert_eq!((done.issued.len(), &done.chain[0]), (count, &issuer));
            for issued in &done.issued {
                assert_eq!(issued.certificate.issuer_der(), issuer.subject_der());
                let serial = issued.certificate.serial();
                let serial = ca_core::store::SerialNumber::from_octets(serial).unwrap();
                let id = ca_core::store::CaId::new(ca).unwrap();
                let record = house.authority.store().certificate(&id, &serial).unwrap().unwrap();
                assert_eq!(record.der.as_deref(), Some(issued.certificate.der()), "{ca}");
            }
        }
    });
}
