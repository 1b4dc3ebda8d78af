//! What stays secret: private keys, content keys, CardSecret, nonceCCA, the account number (spec
//! `set-messages.md` §5, CR-2, CR-4, CR-6 to CR-8, and MR-1, MR-4).

use std::collections::BTreeSet;

use ca_core::Suite;
use ca_core::ee::{Account, EeError};
use ca_core::envelope::{CERT_RES_ENCK, open_enck};
use ca_core::profile::Role;
use ca_core::wire::{
    BackKey, BackKeyData, CertRes, CertResData, CertStatusCode, ErrorCode, Message, Pan,
    RequestType,
};

use crate::entities::{Asking, Held, Tied};
use crate::house::{House, in_both_houses};
use crate::messages::{Draft, Heard, form_run, message_of};
use crate::middle::*;
use crate::opened::{body, envelope_in, inside, key_block};
use crate::overheard::*;
use crate::shop::*;

/// CR-2, §5: no message, decrypted or not, and no log shows a private key, the CAs' included.
#[test]
fn cr_2_private_keys_occur_in_no_message_and_no_log() {
    in_both_houses(|house| {
        let run = Overheard::cardholder(&house, "jane");
        assert_eq!(run.octets.len(), 8, "four pairs");
        assert_no_private_key(&house, &run);
    });
}

/// MR-1, §5: as CR-2.
#[test]
fn mr_1_private_keys_of_merchants_and_gateways_occur_in_no_message_and_no_log() {
    in_both_houses(|house| {
        for (role, label) in [(Role::Merchant, "shop"), (Role::Gateway, "gateway")] {
            let run = Overheard::shop(&house, role, label);
            assert_eq!(run.keys.len(), 2);
            assert_no_private_key(&house, &run);
        }
    });
}

fn assert_no_private_key(house: &House, run: &Overheard) {
    let places = run.everything(house);
    // What is there is found, in octets and in what is written down.
    let public = run.keys[0].spki_der();
    assert!(shows(&places, &public[public.len() - 32..]));
    assert!(shows(&run.logs(house), &run.keys[0].id().0));
    for key in run.keys.iter().chain(&house.private_keys()) {
        for part in private_parts(key) {
            assert!(!shows(&places, &part), "a part of {} octets of {key:?}", part.len());
        }
    }
}

/// CR-4, §5: fresh, distinct, and each opens its own message alone; KC2 is not KC3, and neither is
/// the back key.
#[test]
fn cr_4_each_message_has_a_key_of_its_own() {
    in_both_houses(|house| {
        let offer = offered(&house, "jane");
        let key = key_in(house.suite(), "jane");
        // The same application twice, from one form run.
        let twice = ["one", "two"].map(|label| {
            let random = random(label);
            applied(&offer, &good_answers(), PAN, &key, now(&house), &random).0
        });
        let runs = ["joe", "jim"].map(|label| Overheard::cardholder(&house, label));
        let overheard = runs.iter().flat_map(|run| run.octets.iter());
        let requests: Vec<Vec<u8>> = twice.iter().chain(overheard).cloned().collect();
        let mut back_keys: Vec<BackKeyData> =
            twice.iter().map(|o| opened_request(&house, o).ca_back_key_data.unwrap()).collect();
        back_keys.extend(runs.iter().map(|run| run.back_key(&house).unwrap()));
        assert_keys_apart(&house, &requests, &back_keys, 2 + 4);
        for run in &runs {
            assert_opens_alone(&house, run, &back_keys);
            let own = run.back_key(&house).unwrap();
            assert!(!shows(&run.logs(&house), own.back_key.as_bytes()));
        }
    });
}

/// MR-1, §5: as CR-4; merchants and gateways send no back key.
#[test]
fn mr_1_each_request_of_a_merchant_or_gateway_has_a_key_of_its_own() {
    in_both_houses(|house| {
        let mut requests = Vec::new();
        for (role, label) in [(Role::Merchant, "shop"), (Role::Gateway, "gateway")] {
            let sig = [RequestType::MerInitialSig, RequestType::PgwyInitialSig];
            let asked = sig[usize::from(role == Role::Gateway)];
            let shop = Shop::new(role, label);
            let offer = shop.offer(&house, asked);
            requests.push(shop.request(&house, &offer, Account::None).0);
            let again = Shop { next: 1, ..Shop::new(role, label) };
            requests.push(again.request(&house, &offer, Account::None).0);
            if role == Role::Merchant {
                let other = Shop { next: 2, ..Shop::new(role, label) };
                requests.push(other.request(&house, &offer, Account::Bank(ACCOUNT)).0);
            }
        }
        assert_keys_apart(&house, &requests, &[], 5);
    });
}

/// All content keys and back keys are different, also in the bits that DES uses; and no key opens
/// the body of another envelope.
fn assert_keys_apart(
    house: &House,
    requests: &[Vec<u8>],
    back_keys: &[BackKeyData],
    envelopes: usize,
) {
    let suite = house.suite();
    let sealed: Vec<_> = requests.iter().filter_map(|request| envelope_in(request)).collect();
    assert_eq!(sealed.len(), envelopes);
    let keys: Vec<Vec<u8>> = sealed.iter().map(|sealed| key_block(house, sealed).0).collect();
    let back_keys = back_keys.iter().map(|back_key| back_key.back_key.as_bytes().to_vec());
    let all: Vec<Vec<u8>> = keys.iter().cloned().chain(back_keys).collect();
    let parity = u8::from(suite == Suite::Set1997);
    let used = |key: &Vec<u8>| key.iter().map(|octet| octet & !parity).collect::<Vec<u8>>();
    assert_eq!(all.iter().map(used).collect::<BTreeSet<_>>().len(), all.len());
    for (place, sealed) in sealed.iter().enumerate() {
        let content = &sealed.encrypted_content_info;
        let right = body(suite, &keys[place], content).expect("its own key");
        for other in all.iter().filter(|other| **other != keys[place]) {
            assert_ne!(body(suite, other, content), Some(right.clone()));
        }
    }
}

/// The answer opens under the back key of its request, and under no other key of the runs.
fn assert_opens_alone(house: &House, run: &Overheard, back_keys: &[BackKeyData]) {
    let Message::CertInqRes(CertRes::Encrypted(octets)) = message_of(run.octets.last().unwrap())
    else {
        panic!("an answer in clear")
    };
    let own = run.back_key(house).unwrap();
    let (of_request, _) = key_block(house, &envelope_in(run.request()).unwrap());
    let of_request = BackKeyData { back_key: BackKey::new(&of_request).unwrap(), ..own.clone() };
    for key in back_keys.iter().chain([&of_request]) {
        let opened = open_enck(house.suite(), &CERT_RES_ENCK, octets.as_der(), key);
        assert_eq!(opened.is_ok(), key.back_key == own.back_key);
    }
}

/// CR-6, §5: CardSecret stands in the key block and nowhere else, decrypted or not: not in the
/// form, not in a log, not in what the CA or the wallet sends back of a broken message.
#[test]
fn cr_6_card_secret_occurs_in_the_key_block_alone() {
    in_both_houses(|house| {
        let run = Overheard::cardholder(&house, "jane");
        let secret = run.card_secret(&house);
        let blocks: Vec<Vec<u8>> =
            run.octets.iter().filter_map(|octets| block(&house, octets)).collect();
        let showing = blocks.iter().filter(|block| shows(&[block.to_vec()], &secret)).count();
        assert_eq!((blocks.len(), showing), (2, 1), "RegFormReq has none, CertReq has it");
        let elsewhere: Vec<Vec<u8>> =
            run.everything(&house).into_iter().filter(|place| !blocks.contains(place)).collect();
        assert!(!shows(&elsewhere, &secret));
        assert!(!shows(&elsewhere, run.done.pan_secret.as_ref().unwrap()), "PANSecret");
        // badWrapper of the CA repeats the octets it got, and of the wallet those it got.
        let cut = &run.request()[..run.request().len() - 1];
        let error = post(&house, cut);
        let Heard::Error { tbs, .. } = Heard::of(&house.authority, &error) else { panic!() };
        assert!(matches!(tbs.error_msg, ca_core::wire::ErrorMsg::BadWrapper(_)));
        let (waiting, _, _) = to_last_answer(&house, "joe");
        let refused = waiting.accept(cut, now(&house)).unwrap_err();
        let report = refused.report(cut, now(&house), &random("report")).unwrap().unwrap();
        let refused = format!("{refused:?} {refused}").into_bytes();
        assert!(!shows(&[error, report, refused], &secret));
    });
}

/// HD and X of a request's key block.
fn block(house: &House, octets: &[u8]) -> Option<Vec<u8>> {
    Some(key_block(house, &envelope_in(octets)?).1)
}

/// CR-7, §5: nobody makes an answer in clear with a nonce in it, and nobody takes one.
#[test]
fn cr_7_a_certificate_sent_in_clear_is_refused() {
    in_both_houses(|house| {
        let (waiting, request, answer) = to_last_answer(&house, "jane");
        let plain = resealed(&house, &request, &answer, true, |_| ());
        let error = waiting.accept(&plain, now(&house)).unwrap_err();
        assert_eq!(error, EeError::PlainAnswer);
        assert_eq!(error.error_code(), Some(ErrorCode::UnspecifiedFailure));
    });
}

/// CR-7, §5: complete answers for cardholders are EncK: first registration, renewal, inquiry.
#[test]
fn cr_7_the_nonce_of_the_ca_is_sent_under_the_back_key_alone() {
    in_both_houses(|house| {
        let run = Overheard::cardholder(&house, "jane");
        let nonce = run.nonce(&house).unwrap();
        assert_eq!(nonce.as_bytes().len(), house.suite().secret_len());
        let seen: Vec<Vec<u8>> = run.octets.iter().cloned().chain(run.logs(&house)).collect();
        assert!(!shows(&seen, nonce.as_bytes()));
        let inner: Vec<Vec<u8>> = run.octets.iter().flat_map(|o| inside(&house, o)).collect();
        assert!(!shows(&inner, nonce.as_bytes()), "no request knows it");

        let held = Held::by_registering(&house, Role::Cardholder, "held");
        let tied = Tied::to_form(&house, RequestType::CardRenewalSig, "renewal");
        let renewal = Asking::new(&house, &tied, "renewal", Some(&held)).octets();
        let heard = Heard::of(&house.authority, &post(&house, &renewal));
        assert!(matches!(&heard, Heard::Result { encrypted: true, .. }));
        assert!(heard.data().cert_status.nonce_cca.is_some());
    });
}

/// CR-7, §5: who sends no back key, or one that cannot be used, gets neither certificate nor nonce.
#[test]
fn cr_7_an_answer_in_clear_has_no_nonce_and_no_certificate() {
    in_both_houses(|house| {
        let authority = &house.authority;
        let other = match house.suite() {
            Suite::Modern => Suite::Set1997,
            Suite::Set1997 => Suite::Modern,
        };
        let unusable = [None, Some(crate::messages::back_key(other))];
        for (number, back_key) in unusable.into_iter().enumerate() {
            let label = format!("clear {number}");
            let run = form_run(authority, &label);
            let draft = Draft::new(&run, &label, authority.now())
                .with(|draft| draft.data.ca_back_key_data = back_key);
            let heard = Heard::of(authority, &post(&house, &draft.octets(authority)));
            assert_eq!(heard.status(), CertStatusCode::UnableToEncryptCertRes);
            let Heard::Result { data, encrypted: false, certificates, .. } = &heard else {
                panic!("{heard:?}")
            };
            assert!(data.cert_status.nonce_cca.is_none() && data.cert_thumbs.is_none());
            let is_own = |cert: &ca_core::wire::Cert| cert.spki_der() == draft.key.spki_der();
            assert!(!certificates.iter().any(is_own));
        }
    });
}

/// CR-8, §5: the account number is in both key blocks, and in nothing else that there is.
#[test]
fn cr_8_the_account_number_occurs_in_the_key_blocks_alone() {
    in_both_houses(|house| {
        let run = Overheard::cardholder(&house, "jane");
        let blocks: Vec<Vec<u8>> =
            run.octets.iter().filter_map(|octets| block(&house, octets)).collect();
        assert_eq!(blocks.len(), 2);
        for block in &blocks {
            assert!(shows(core::slice::from_ref(block), CAREFUL_PAN.as_bytes()));
        }
        let mut elsewhere: Vec<Vec<u8>> =
            run.everything(&house).into_iter().filter(|place| !blocks.contains(place)).collect();
        elsewhere.push(run.done.signature().unwrap().certificate.der().to_vec());
        elsewhere.extend(run.done.chain.iter().map(|cert| cert.der().to_vec()));
        assert!(!shows(&elsewhere, CAREFUL_PAN.as_bytes()));
        // Nor as text in a list, nor what lies between the six and the four digits that are kept.
        let middle = &CAREFUL_PAN.as_bytes()[5..13];
        assert!(!shows(&elsewhere, middle));
        let query = ca_core::store::RegistrationQuery::default();
        let page = house.authority.store().registrations(&query).unwrap();
        let [record] = &page.items[..] else { panic!("one registration") };
        let kept = &record.registration;
        assert_eq!((kept.bin.as_deref(), kept.pan_tail.as_deref()), (Some("420000"), Some("7897")));
        assert!(kept.pan_hash.is_some());
        // A hash without a key would be the number to whoever tries them all.
        assert!(!shows(&elsewhere, &house.suite().digest(CAREFUL_PAN.as_bytes())));
    });
}

/// CR-8, §5: it is given away only behind [`cr_3`](crate::cardholder): the first message has none,
/// and from an answer that is not believed there is no way to a second one.
#[test]
fn cr_8_the_account_number_leaves_only_towards_a_ca_that_was_checked() {
    in_both_houses(|house| {
        let (request, waiting) = wallet(&house).initiate(now(&house), &random("jane")).unwrap();
        assert!(envelope_in(&request).is_none());
        let answer = post(&house, &request);
        let stranger = ca_certificate(&house, "sample-mca", crate::issued::SIGNING);
        let distrusting = wallet_with(house.suite(), vec![stranger], "Sample", "en");
        let (request, refusing) = distrusting.initiate(now(&house), &random("joe")).unwrap();
        let bad = post(&house, &request);
        let error = refusing.accept(&bad, now(&house)).unwrap_err();
        let report = error.report(&bad, now(&house), &random("report")).unwrap().unwrap();
        assert!(!shows(&[request, report], PAN.as_bytes()));
        // What comes out of a good answer seals it to the key that was checked, and to no other.
        let initiated = waiting.accept(&answer, now(&house)).unwrap();
        let pan = Pan::new(PAN).unwrap();
        let recipient = initiated.recipient().clone();
        let (request, _) = initiated.ask_form(&pan, now(&house), &random("form")).unwrap();
        let sealed = envelope_in(&request).unwrap();
        assert!(sealed.recipient_infos.as_slice()[0].recipient.names(&recipient));
        assert_eq!(sealed.recipient_infos.as_slice().len(), 1);
    });
}

/// MR-4, §5: what answers a merchant or gateway is signed for everyone to read, also if there was a
/// back key, and holds nothing that is secret: no nonce, no account, no answer to the form.
#[test]
fn mr_4_answers_to_merchants_are_signed_and_hold_no_secret() {
    in_both_houses(|house| {
        for (role, label) in [(Role::Merchant, "shop"), (Role::Gateway, "gateway")] {
            let run = Overheard::shop(&house, role, label);
            let answers: Vec<Vec<u8>> = run.octets.iter().skip(1).step_by(2).cloned().collect();
            let results = answers.iter().filter_map(|answer| match message_of(answer) {
                Message::CertRes(result) | Message::CertInqRes(result) => Some(result),
                _ => None,
            });
            assert!(results.clone().count() > 0);
            for result in results {
                let CertRes::Signed(octets) = result else { panic!("an answer under a key") };
                let content = crate::messages::signed_content(&house.authority, octets.as_der());
                let data: CertResData = ca_core::wire::decode(&content, content.len()).unwrap();
                assert_eq!(data.cert_status.nonce_cca, None);
            }
            assert!(!shows(&answers, ACCOUNT.as_bytes()));
            assert!(!shows(&answers, b"1 555 0100"), "the telephone number of the gateway's form");
            assert!(run.done.pan_secret.is_none());
        }
        let tied = Tied::to_form(&house, RequestType::MerInitialSig, "back key");
        let asking = Asking::new(&house, &tied, "back key", None).with(|asking| {
            asking.data.ca_back_key_data = Some(crate::messages::back_key(asking.suite));
        });
        let heard = Heard::of(&house.authority, &post(&house, &asking.octets()));
        assert_eq!(heard.status(), CertStatusCode::RequestComplete);
        assert!(matches!(heard, Heard::Result { encrypted: false, .. }));
    });
}
