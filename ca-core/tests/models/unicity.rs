//! A public key is certified once, ever (spec `set-messages.md` §5, CR-9 and MR-2; decisions.md
//! 21).

use ca_core::authority::Authority;
use ca_core::profile::Role;
use ca_core::signer::PrivateKey;
use ca_core::store::{CertificateQuery, RevocationReason, SerialNumber};
use ca_core::wire::{CertStatusCode, LocalId, RequestType, Rrpid};

use crate::entities::{Asking, Copied as _, Tied, encryption_key};
use crate::house::{House, house_in, in_both_houses, in_both_suites};
use crate::messages::{
    Draft, FormDraft, FormRun, Heard, ca_id, form_run, key_in, keys, post, registered,
};

/// How many certificates the whole store has for a key.
fn certified(house: &House, key: &PrivateKey) -> usize {
    let query = CertificateQuery { limit: 1000, ..CertificateQuery::default() };
    let page = house.authority.store().certificates(&query).unwrap();
    let spki = key.spki_der();
    page.items.iter().filter(|record| memmem(&record.intent.tbs, spki)).count()
}

fn memmem(place: &[u8], part: &[u8]) -> bool {
    place.windows(part.len()).any(|window| window == part)
}

/// The status of a request for this key in this run, and why it was refused.
fn asked(authority: &Authority, run: &FormRun, label: &str, key: &PrivateKey) -> CertStatusCode {
    let draft = Draft::new(run, label, authority.now()).with_key(key.copy());
    Heard::of(authority, &post(authority, &draft.octets(authority))).status()
}

fn refusal(authority: &Authority, lid_ca: &LocalId) -> Option<String> {
    authority.store().registration(lid_ca.as_bytes()).unwrap().unwrap().refusal
}

/// CR-9, §5: whatever the labels, the CA, the brand, whoever asks, and after a restart.
#[test]
fn cr_9_a_key_is_certified_once_ever() {
    in_both_suites(|suite| {
        let house = house_in(suite, &["Sample", "Other"], None);
        let key = key_in(suite, "first");
        let run = form_run(&house.authority, "first");
        assert_eq!(asked(&house.authority, &run, "first", &key), CertStatusCode::RequestComplete);
        let restarted = house.reopened(|_| ());
        for (when, authority) in [("at once", &house.authority), ("restarted", &restarted)] {
            // The same labels, another challenge, back key and CardSecret.
            let again = format!("{when}, again");
            let status = asked(authority, &run, &again, &key);
            assert_eq!(status, CertStatusCode::RejectedByCa, "{again}");
            // The same lid-EE with another lid-CA; labels that are all new; another brand.
            let mut same_label = FormDraft::new(&format!("{when}, same lid-EE"));
            same_label.data.lid_ee = run.lid_ee.clone();
            let new_labels = FormDraft::new(&format!("{when}, new labels"));
            let mut other_brand = FormDraft::new(&format!("{when}, other brand"));
            other_brand.ca = "other-cca";
            for (number, form) in [same_label, new_labels, other_brand].into_iter().enumerate() {
                let run = form.run(authority);
                let what = format!("{when}, {number}");
                let status = asked(authority, &run, &what, &key);
                assert_eq!(status, CertStatusCode::RejectedByCa, "{what}");
                assert_eq!(refusal(authority, &run.lid_ca).as_deref(), Some("key-certified"));
            }
        }
        assert_eq!(certified(&house, &key), 1);
    });
}

/// CR-9, §5: in no role either, and not when its certificate is no longer good.
#[test]
fn cr_9_a_certified_key_is_not_certified_in_another_role_or_after_its_end() {
    in_both_houses(|house| {
        let key = key_in(house.suite(), "first");
        let (_, answer) = registered(&house, "first");
        for request_type in [RequestType::MerInitialSig, RequestType::PgwyInitialSig] {
            let tied = Tied::to_form(&house, request_type, request_type.name());
            let asking = Asking::new(&house, &tied, request_type.name(), None).with(|asking| {
                asking.data.public_key_s_or_e = keys(Some(&key), None);
                asking.signers[0].key = key.copy();
            });
            let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
            assert_eq!(heard.status(), CertStatusCode::RejectedByCa, "{}", request_type.name());
        }
        let serial = Heard::of(&house.authority, &answer).issued().serial().to_vec();
        let serial = SerialNumber::from_octets(&serial).unwrap();
        let reason = RevocationReason::KeyCompromise;
        house.authority.revoke(&ca_id("sample-cca"), &serial, reason).unwrap();
        let run = form_run(&house.authority, "revoked");
        let status = asked(&house.authority, &run, "revoked", &key);
        assert_eq!(status, CertStatusCode::RejectedByCa);
        assert_eq!(certified(&house, &key), 1);
    });
}

/// CR-9, §5: of eight runs at once, with two processes over one store, one gets the certificate.
#[test]
fn cr_9_of_many_requests_for_one_key_at_once_one_is_granted() {
    in_both_houses(|house| {
        let key = key_in(house.suite(), "raced for");
        let other = house.reopened(|_| ());
        let authority = |number: usize| {
            if number.is_multiple_of(2) { &house.authority } else { &other }
        };
        let runs: Vec<FormRun> =
            (0..8).map(|n| form_run(authority(n), &format!("run {n}"))).collect();
        let statuses: Vec<CertStatusCode> = std::thread::scope(|scope| {
            let ask = |(number, run)| {
                let (authority, key) = (authority(number), &key);
                scope.spawn(move || asked(authority, run, &format!("request {number}"), key))
            };
            let threads: Vec<_> = runs.iter().enumerate().map(ask).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let count = |code| statuses.iter().filter(|status| **status == code).count();
        assert_eq!(count(CertStatusCode::RequestComplete), 1, "{statuses:?}");
        assert_eq!(count(CertStatusCode::RejectedByCa), 7, "{statuses:?}");
        assert_eq!(certified(&house, &key), 1);
    });
}

/// A request of a merchant or gateway for these two keys.
fn both(house: &House, role: Role, label: &str, [signs, opens]: [&PrivateKey; 2]) -> Asking {
    let request_type = match role {
        Role::Merchant => RequestType::MerInitialBoth,
        _ => RequestType::PgwyInitialBoth,
    };
    let tied = Tied::to_form(house, request_type, label);
    Asking::new(house, &tied, label, None).with(|asking| {
        asking.data.public_key_s_or_e = keys(Some(signs), Some(opens));
        asking.signers[0].key = signs.copy();
    })
}

fn status(authority: &Authority, asking: &Asking) -> CertStatusCode {
    Heard::of(authority, &post(authority, &asking.octets())).status()
}

/// MR-2, §5: merSK and merEK each name their run alone.
#[test]
fn mr_2_either_key_alone_is_enough_to_be_refused() {
    in_both_houses(|house| {
        let roles = [Role::Merchant, Role::Gateway];
        let suite = house.suite();
        let (signs, opens) = (key_in(suite, "signs"), encryption_key(suite, 0));
        let first = both(&house, Role::Merchant, "first", [&signs, &opens]);
        assert_eq!(status(&house.authority, &first), CertStatusCode::RequestComplete);
        let restarted = house.reopened(|_| ());
        let (new, fresh) = (key_in(suite, "new"), encryption_key(suite, 1));
        for authority in [&house.authority, &restarted] {
            for (number, role) in roles.into_iter().enumerate() {
                for (what, pair) in [
                    ("signature key", [&signs, &fresh]),
                    ("encryption key", [&new, &opens]),
                    ("both", [&signs, &opens]),
                ] {
                    let label = format!("{what} {number}");
                    let again = both(&house, role, &label, pair).with(|asking| {
                        let random = crate::messages::random(&format!("{label} {authority:p}"));
                        asking.rrpid = Rrpid::random(&random).unwrap();
                        asking.data.rrpid = asking.rrpid;
                    });
                    let code = status(authority, &again);
                    assert_eq!(code, CertStatusCode::RejectedByCa, "{role}: {what}");
                    let lid_ca = again.data.lid_ca.as_ref().unwrap();
                    assert_eq!(refusal(authority, lid_ca).as_deref(), Some("key-certified"));
                }
            }
        }
        // The keys beside the used ones were not taken.
        let good = both(&house, Role::Gateway, "good", [&new, &fresh]);
        assert_eq!(status(&house.authority, &good), CertStatusCode::RequestComplete);
        for key in [&signs, &opens, &new, &fresh] {
            assert_eq!(certified(&house, key), 1);
        }
    });
}

/// MR-2, §5: nor does a key change its use; an encryption key signs nothing that is certified.
#[test]
fn mr_2_a_certified_encryption_key_is_no_signature_key() {
    in_both_houses(|house| {
        let suite = house.suite();
        let (signs, opens) = (key_in(suite, "signs"), encryption_key(suite, 0));
        let first = both(&house, Role::Merchant, "first", [&signs, &opens]);
        assert_eq!(status(&house.authority, &first), CertStatusCode::RequestComplete);
        let tied = Tied::to_form(&house, RequestType::MerInitialSig, "turned");
        let turned = Asking::new(&house, &tied, "turned", None).with(|asking| {
            asking.data.public_key_s_or_e = keys(Some(&opens), None);
            asking.signers[0].key = opens.copy();
        });
        assert_eq!(status(&house.authority, &turned), CertStatusCode::RejectedByCa);
        assert_eq!(certified(&house, &opens), 1);
    });
}

/// MR-2, §5: of four runs at once that share one of their keys, one is granted.
#[test]
fn mr_2_of_many_requests_that_share_a_key_at_once_one_is_granted() {
    in_both_houses(|house| {
        let suite = house.suite();
        let shared = encryption_key(suite, 0);
        let askings: Vec<Asking> = (0..4)
            .map(|number| {
                let own = key_in(suite, &format!("own {number}"));
                both(&house, Role::Merchant, &format!("shop {number}"), [&own, &shared])
            })
            .collect();
        let requests: Vec<Vec<u8>> = askings.iter().map(Asking::octets).collect();
        let authority = &house.authority;
        let statuses: Vec<CertStatusCode> = std::thread::scope(|scope| {
            let ask = |request: &Vec<u8>| {
                let request = request.clone();
                scope.spawn(move || Heard::of(authority, &post(authority, &request)).status())
            };
            let threads: Vec<_> = requests.iter().map(ask).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let count = |code| statuses.iter().filter(|status| **status == code).count();
        assert_eq!(count(CertStatusCode::RequestComplete), 1, "{statuses:?}");
        assert_eq!(count(CertStatusCode::RejectedByCa), 3, "{statuses:?}");
        assert_eq!(certified(&house, &shared), 1);
    });
}
