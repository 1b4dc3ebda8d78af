//! Whole registrations of merchants and gateways, first time and renewal (spec `set-messages.md`
//! §3.3, §4.5 to §4.7).

use ca_core::Suite;
use ca_core::ee::{Account, AnswerFault, Application, ApplicationFault, Blame, EeError, Holder};
use ca_core::profile::{KeyUse, Role};
use ca_core::store::{CertificateQuery, CertificateState};
use ca_core::wire::extensions::{CertificateType, ExtensionValue, MerchantData};
use ca_core::wire::{CertReq, Message, MessageWrapper, RequestType};

use crate::house::{house, house_in, in_both_houses, in_both_suites};
use crate::middle::*;
use crate::shop::*;

/// Initial and renewal types of a role: signature, encryption, both.
fn types(role: Role, renewal: bool) -> [RequestType; 3] {
    match (role, renewal) {
        (Role::Merchant, false) => {
            [RequestType::MerInitialSig, RequestType::MerInitialEnc, RequestType::MerInitialBoth]
        }
        (Role::Merchant, true) => {
            [RequestType::MerRenewalSig, RequestType::MerRenewalEnc, RequestType::MerRenewalBoth]
        }
        (_, false) => {
            [RequestType::PgwyInitialSig, RequestType::PgwyInitialEnc, RequestType::PgwyInitialBoth]
        }
        (_, true) => {
            [RequestType::PgwyRenewalSig, RequestType::PgwyRenewalEnc, RequestType::PgwyRenewalBoth]
        }
    }
}

fn uses(done: &ca_core::ee::Certified) -> Vec<KeyUse> {
    done.issued.iter().map(|issued| issued.key_use).collect()
}

/// MR-1, MR-3: all twelve types of request of §3.1, each with the signers of §3.3.
#[test]
fn every_type_of_merchants_and_gateways_ends_in_the_certificates_it_asks_for() {
    in_both_suites(every_type_of_merchants_and_gateways);
}

fn every_type_of_merchants_and_gateways(suite: Suite) {
    use KeyUse::{Encryption, MessageSignature};
    for (role, label) in [(Role::Merchant, "shop"), (Role::Gateway, "gateway")] {
        let house = house_in(suite, &["Sample"], None);
        let mut shop = Shop::new(role, label);
        let [sig, enc, both] = types(role, false);
        assert_eq!(uses(&shop.register(&house, sig)), [MessageSignature]);
        assert_eq!(uses(&shop.register(&house, enc)), [Encryption]);
        let [sig, enc, _] = types(role, true);
        let old = shop.signature.as_ref().unwrap().0.clone();
        assert_eq!(uses(&shop.register(&house, sig)), [MessageSignature]);
        assert_ne!(shop.signature.as_ref().unwrap().0, old);
        // The second house takes the same keys.
        let house = house_in(suite, &["Sample"], None);
        let mut shop = Shop::new(role, label);
        let done = shop.register(&house, both);
        assert_eq!(uses(&done), [MessageSignature, Encryption]);
        for issued in &done.issued {
            assert_eq!(issued.certificate.spki_der(), issued.key.spki_der());
            let types = CertificateType::find(&issued.certificate).unwrap().unwrap();
            assert_eq!(types.roles(), [role]);
        }
        assert!(done.pan_secret.is_none());
        assert_eq!(uses(&shop.register(&house, enc)), [Encryption]);
        assert_eq!(
            uses(&shop.register(&house, types(role, true)[2])),
            [MessageSignature, Encryption]
        );
    }
}

#[test]
fn a_cardholder_renews_with_both_keys_and_gets_another_name() {
    in_both_houses(|house| {
        let (waiting, _, answer) = to_last_answer(&house, "jane");
        let old = certified(waiting.accept(&answer, now(&house)).unwrap());
        let held = old.signature().unwrap();
        let pan = ca_core::wire::Pan::new(PAN).unwrap();
        let (request, waiting) =
            initiated(&house, "again").ask_renewal_form(&pan, now(&house), &random("a2")).unwrap();
        let offer = form(waiting.accept(&post(&house, &request), now(&house)));
        let (new, card, answers) = (key_in(house.suite(), "new jane"), card(PAN), good_answers());
        let application = Application {
            holder: Some(Holder { certificate: &held.certificate, key: &held.key }),
            ..Application::card(&answers, &card, &new)
        };
        let (request, waiting) = offer.request(&application, now(&house), &random("a3")).unwrap();
        let done = certified(waiting.accept(&post(&house, &request), now(&house)).unwrap());
        assert_eq!(issued(&done).spki_der(), new.spki_der());
        // §4.7: a new PANSecret, hence a new blinded name.
        assert_ne!(issued(&done).subject_der(), issued(&old).subject_der());
        assert_ne!(done.pan_secret, old.pan_secret);
    });
}

#[test]
fn the_form_s_answers_stand_in_both_certificates_of_a_merchant() {
    in_both_houses(|house| {
        let done = Shop::new(Role::Merchant, "shop").register(&house, RequestType::MerInitialBoth);
        for issued in &done.issued {
            let data = MerchantData::find(&issued.certificate).unwrap().unwrap();
            assert_eq!(data.mer_id.as_str(), "SHOP-1");
            assert_eq!(data.mer_acquirer_bin.as_str(), BIN);
            assert_eq!(data.mer_name_seq[0].name.as_str(), "Daves Shop");
        }
    });
}

/// §4.6 step 8: AcctData makes an EncX, nothing an Enc.
#[test]
fn account_data_travel_in_the_key_block_only() {
    in_both_houses(|house| {
        let shop = Shop::new(Role::Merchant, "shop");
        let offer = shop.offer(&house, RequestType::MerInitialSig);
        assert_eq!(offer.account_field().unwrap().field_name[0].as_str(), "Account for payments");
        let account = "DE02120300000000202051";
        let (request, waiting) = shop.request(&house, &offer, Account::Bank(account));
        let alternative = |octets: &[u8]| {
            let wrapper = MessageWrapper::from_der(octets).unwrap();
            match Message::from_wrapper(&wrapper).unwrap() {
                Message::CertReq(request) => request,
                other => panic!("{other:?}"),
            }
        };
        assert!(matches!(alternative(&request), CertReq::EncX(_)));
        assert!(!request.windows(account.len()).any(|window| window == account.as_bytes()));
        certified(waiting.accept(&post(&house, &request), now(&house)).unwrap());
        let (request, _) = shop.request(&house, &offer, Account::None);
        assert!(matches!(alternative(&request), CertReq::Enc(_)));
    });
}

#[test]
fn an_account_that_does_not_fit_is_not_sent() {
    let house = house();
    let offer = Shop::new(Role::Merchant, "shop").offer(&house, RequestType::MerInitialSig);
    let long = "x".repeat(35);
    let label = "Account for payments".to_owned();
    let fault = AnswerFault::TooLong { label, found: 35, limit: 34 };
    assert_eq!(offer.check_account(Some(&long)), Err(fault));
    assert!(matches!(offer.check_account(Some("Ü")), Err(AnswerFault::Characters { .. })));
    assert_eq!(offer.check_account(None), Ok(()));
    // The gateway's form asks for none.
    let offer = Shop::new(Role::Gateway, "gateway").offer(&house, RequestType::PgwyInitialSig);
    let fault = AnswerFault::Unknown("account".to_owned());
    assert_eq!(offer.check_account(Some("1")), Err(fault));
}

/// §3.3: what is missing, or too much, is found before anything is sent.
#[test]
fn an_application_that_does_not_fit_its_type_is_not_sent() {
    let house = house();
    let mut shop = Shop::new(Role::Merchant, "shop");
    let answers = shop_answers(Role::Merchant);
    let bare = Application {
        answers: &answers,
        account: Account::None,
        signature_key: None,
        encryption_key: None,
        holder: None,
        renewed_encryption: None,
    };
    let contacts = std::cell::Cell::new(0);
    let fault = |asked, application: &Application<'_>| {
        // A contact of its own each time.
        let next = contacts.replace(contacts.get() + 1);
        let shop = Shop { next, ..Shop::new(Role::Merchant, "other") };
        let offer = shop.offer(&house, asked);
        let error = offer.request(application, now(&house), &random("x")).unwrap_err();
        assert_eq!((error.blame(), error.error_code()), (Blame::User, None));
        match error {
            EeError::Application(fault) => fault,
            other => panic!("{other}"),
        }
    };
    shop.register(&house, RequestType::MerInitialBoth);
    let (certificate, held) = shop.signature.as_ref().unwrap();
    let (new, card) = (key("x"), card(PAN));
    let holder = Some(Holder { certificate, key: held });
    let sig = RequestType::MerInitialSig;
    let unfit = |asked, what| ApplicationFault::Unfit(asked, what);
    assert_eq!(fault(sig, &bare), unfit(sig, "new signature key"));
    let signed = Application { signature_key: Some(&new), ..bare };
    let of_card = Application { account: Account::Card(&card), ..signed };
    assert_eq!(fault(sig, &of_card), unfit(sig, "payment card"));
    let held_too = Application { holder, ..signed };
    let what = "signature certificate held so far";
    assert_eq!(fault(sig, &held_too), unfit(sig, what));
    let renewal = RequestType::MerRenewalSig;
    assert_eq!(fault(renewal, &signed), unfit(renewal, what));
    let enc = RequestType::MerRenewalEnc;
    let rsa = encryption_key(house.suite(), 2);
    let nothing_renewed = Application { encryption_key: Some(&rsa), holder, ..bare };
    assert_eq!(fault(enc, &nothing_renewed), unfit(enc, "encryption certificate to renew"));
    let stranger = Application { holder: Some(Holder { certificate, key: &new }), ..signed };
    assert_eq!(fault(renewal, &stranger), ApplicationFault::HolderKey);
}

#[test]
fn an_identity_of_the_other_class_is_not_sent() {
    let house = house();
    for (asked, role) in [
        (RequestType::MerInitialSig, Role::Gateway),
        (RequestType::PgwyInitialSig, Role::Merchant),
        (RequestType::CardInitialSig, Role::Merchant),
    ] {
        let id = identity(role, BIN);
        let error = wallet(&house).contact(asked, id, now(&house), &random("x")).unwrap_err();
        assert_eq!(error, ApplicationFault::Identity(asked).into());
    }
}

/// §4.2: nothing is sent again that the first registration brought.
#[test]
fn a_renewal_names_what_its_cache_holds_and_gets_none_of_it_again() {
    in_both_houses(|house| {
        let mut shop = Shop::new(Role::Merchant, "shop");
        let done = shop.register(&house, RequestType::MerInitialSig);
        let (asked, id) = (RequestType::MerRenewalSig, identity(Role::Merchant, BIN));
        let again = |now| wallet(&house).with_cache(done.cache.clone(), now);
        let (request, waiting) =
            again(now(&house)).contact(asked, id.clone(), now(&house), &random("x")).unwrap();
        let answer = post(&house, &request);
        assert_eq!(attached(&answer), (0, 0));
        form(waiting.accept(&answer, now(&house)));
        // Lists that have ended are not named: they come anew, and the answer is judged by them.
        house.clock.advance(8 * 86_400);
        assert!(house.authority.publish_due().iter().all(|(_, list)| list.is_ok()));
        let (request, waiting) =
            again(now(&house)).contact(asked, id, now(&house), &random("y")).unwrap();
        let answer = post(&house, &request);
        assert_ne!(attached(&answer).1, 0);
        form(waiting.accept(&answer, now(&house)));
    });
}

/// Certificates and CRLs that came with a Me-AqCInitRes.
fn attached(answer: &[u8]) -> (usize, usize) {
    let wrapper = MessageWrapper::from_der(answer).unwrap();
    let Message::MeAqCInitRes(octets) = Message::from_wrapper(&wrapper).unwrap() else { panic!() };
    let signed = ca_core::envelope::SignedMessage::decode(octets.as_der()).unwrap();
    (signed.certificates().count(), signed.crls().count())
}

/// MR-4: no cache keeps the certificate of an end entity, and the CA issued what it says.
#[test]
fn what_is_cached_are_certificates_of_cas_alone() {
    in_both_houses(|house| {
        let done = Shop::new(Role::Merchant, "shop").register(&house, RequestType::MerInitialBoth);
        let is_own =
            |cert: &ca_core::wire::Cert| done.issued.iter().any(|i| i.certificate == *cert);
        assert!(!done.cache.certificates().is_empty() && done.cache.bci().is_some());
        assert!(!done.cache.certificates().iter().any(is_own));
        let query = CertificateQuery {
            role: Some(Role::Merchant),
            state: Some(CertificateState::Issued),
            ..CertificateQuery::default()
        };
        assert_eq!(house.authority.store().certificates(&query).unwrap().items.len(), 2);
    });
}
