//! rrpid inside and outside, Thumbs, dates (spec `set-messages.md` §4.1, §4.2, §5).

use ca_core::UnixTime;
use ca_core::ee::EeError;
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::{
    CardCInitResTbs, CertResData, Date, Digest, ErrorCode, MeAqCInitResTbs, Message,
    MessageWrapper, RegFormResTbs, RequestType, Rrpid, Thumbs,
};

use super::{assert_refused, code, requests};
use crate::house::in_both_houses;
use crate::messages::{Draft, form_run, message_of};
use crate::middle::*;
use crate::shop::*;

/// §5: of every kind of request; nothing is used up, neither the one rrpid nor the other.
#[test]
fn beyond_another_rrpid_in_the_wrapper_than_in_the_request_is_refused() {
    in_both_houses(|house| {
        let change = |octets: &[u8]| {
            let other = Some(Rrpid::new([0x55; 20]));
            vec![with_wrapper(octets, |wrapper| wrapper.header.rrpid = other)]
        };
        assert_refused(&house, "rrpid", ErrorCode::UnknownRrpid, &change);
        assert!(house.authority.store().answer(&[0x55; 20]).unwrap().is_none());
    });
}

/// §5: of every answer, outside or inside.
#[test]
fn beyond_another_rrpid_in_or_around_an_answer_is_refused() {
    in_both_houses(|house| {
        let other = Rrpid::new([1; 20]);
        let outside = |answer: &[u8]| with_wrapper(answer, |w| w.header.rrpid = Some(other));
        let (waiting, answer) = to_first_answer(&house, "jane");
        let inside =
            resigned::<CardCInitResTbs>(&house, &answer, AS_CCA, |p| p.content.rrpid = other);
        for changed in [outside(&answer), inside] {
            assert_rrpid(&waiting.clone().accept(&changed, now(&house)).unwrap_err());
        }
        let (waiting, answer) = to_second_answer(&house, "joe");
        let inside =
            resigned::<RegFormResTbs>(&house, &answer, AS_CCA, |p| p.content.rrpid = other);
        for changed in [outside(&answer), inside] {
            assert_rrpid(&waiting.clone().accept(&changed, now(&house)).unwrap_err());
        }
        let (waiting, request, answer) = to_last_answer(&house, "jim");
        let inside = resealed(&house, &request, &answer, false, |p| p.content.rrpid = other);
        for changed in [outside(&answer), inside] {
            assert_rrpid(&waiting.accept(&changed, now(&house)).unwrap_err());
        }
    });
}

fn assert_rrpid(error: &EeError) {
    assert_eq!(*error, EeError::Rrpid);
    assert_eq!(error.error_code(), Some(ErrorCode::UnknownRrpid));
}

/// §5, §4.2: requests in clear are not signed; the CA's signed echo is what protects their Thumbs.
#[test]
fn beyond_thumbs_changed_on_the_way_to_the_ca_are_missed_in_its_answer() {
    in_both_houses(|house| {
        let extended = |thumbs: &mut Option<Thumbs>| {
            let digest = Digest::new(&vec![7; house.suite().digest_len()]).unwrap();
            thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap().push(digest);
        };
        for number in 0..2 {
            let change = |thumbs: &mut Option<Thumbs>| {
                if number == 0 { extended(thumbs) } else { *thumbs = None }
            };
            let label = random(&format!("changed {number}"));
            let (request, waiting) = wallet(&house).initiate(now(&house), &label).unwrap();
            let Message::CardCInitReq(mut message) = message_of(&request) else { panic!() };
            change(&mut message.thumbs);
            let wrapper = MessageWrapper::from_der(&request).unwrap();
            let request = rewrapped(&wrapper, &Message::CardCInitReq(message));
            assert_thumbs(&waiting.accept(&post(&house, &request), now(&house)).unwrap_err());

            let asked = RequestType::MerInitialSig;
            let id = identity(Role::Merchant, BIN);
            let label = random(&format!("changed contact {number}"));
            let (request, waiting) =
                wallet(&house).contact(asked, id, now(&house), &label).unwrap();
            let Message::MeAqCInitReq(mut message) = message_of(&request) else { panic!() };
            change(&mut message.thumbs);
            let wrapper = MessageWrapper::from_der(&request).unwrap();
            let request = rewrapped(&wrapper, &Message::MeAqCInitReq(message));
            assert_thumbs(&waiting.accept(&post(&house, &request), now(&house)).unwrap_err());
        }
    });
}

/// §5, §4.2: in every answer.
#[test]
fn beyond_thumbs_changed_in_an_answer_are_noticed() {
    in_both_houses(|house| {
        let change = |thumbs: &mut Option<Thumbs>, strip: bool| {
            let digest = Digest::new(&vec![7; house.suite().digest_len()]).unwrap();
            let list = thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap();
            if strip {
                drop(list.pop())
            } else {
                list.push(digest)
            }
            if list.is_empty() {
                *thumbs = None;
            }
        };
        for strip in [false, true] {
            let label = format!("strip {strip}");
            let (waiting, answer) = to_first_answer(&house, &label);
            let changed = resigned::<CardCInitResTbs>(&house, &answer, AS_CCA, |parts| {
                change(&mut parts.content.thumbs, strip);
            });
            assert_thumbs(&waiting.accept(&changed, now(&house)).unwrap_err());
            let (waiting, answer) = to_second_answer(&house, &format!("{label} 2"));
            let changed = resigned::<RegFormResTbs>(&house, &answer, AS_CCA, |parts| {
                change(&mut parts.content.thumbs, strip);
            });
            assert_thumbs(&waiting.accept(&changed, now(&house)).unwrap_err());
            let (waiting, request, answer) = to_last_answer(&house, &format!("{label} 3"));
            let changed = resealed(&house, &request, &answer, false, |parts| {
                change(&mut parts.content.thumbs, strip);
            });
            assert_thumbs(&waiting.accept(&changed, now(&house)).unwrap_err());
            let signer = (ca_of(Role::Merchant), KeyUse::MessageSignature);
            let shop = Shop { next: usize::from(strip), ..Shop::new(Role::Merchant, "shop") };
            let (waiting, answer) = shop.contacted(&house, RequestType::MerInitialSig);
            let changed = resigned::<MeAqCInitResTbs>(&house, &answer, signer, |parts| {
                change(&mut parts.content.thumbs, strip);
            });
            assert_thumbs(&waiting.accept(&changed, now(&house)).unwrap_err());
            let (waiting, _, answer) = shop.to_answer(&house, RequestType::MerInitialSig);
            let changed = resigned::<CertResData>(&house, &answer, signer, |parts| {
                change(&mut parts.content.thumbs, strip);
            });
            assert_thumbs(&waiting.accept(&changed, now(&house)).unwrap_err());
        }
    });
}

fn assert_thumbs(error: &EeError) {
    assert_eq!(*error, EeError::Thumbs);
    assert_eq!(error.error_code(), Some(ErrorCode::ThumbsMismatch));
}

/// The first and the last second of the window around now, and those beyond (§4.1: -24 h, +10 min).
fn edges(now: UnixTime) -> [(UnixTime, Option<ErrorCode>); 4] {
    [
        (now.minus_secs(86_401), Some(ErrorCode::MessageTooOld)),
        (now.minus_secs(86_400), None),
        (now.plus_secs(600), None),
        (now.plus_secs(601), Some(ErrorCode::MessageTooNew)),
    ]
}

/// §5, §4.1: every kind of request.
#[test]
fn beyond_the_edges_of_the_date_window_are_inside_for_requests() {
    in_both_houses(|house| {
        for (number, (date, expected)) in edges(now(&house)).into_iter().enumerate() {
            for (what, octets, rrpid) in requests(&house, &format!("edge {number}")) {
                let dated = with_wrapper(&octets, |w| w.header.date = Date::from(date));
                assert_eq!(code(&house, &dated), expected, "{what}: {number}");
                let kept = house.authority.store().answer(rrpid.as_bytes()).unwrap();
                assert_eq!(kept.is_some(), expected.is_none(), "{what}: {number}");
            }
        }
    });
}

/// §5, decisions.md 18: requestDate obeys the window of the header.
#[test]
fn beyond_the_edges_of_the_date_window_are_inside_for_the_date_of_the_request() {
    in_both_houses(|house| {
        for (number, (date, expected)) in edges(now(&house)).into_iter().enumerate() {
            let label = format!("edge {number}");
            let run = form_run(&house.authority, &label);
            let draft = Draft::new(&run, &label, now(&house))
                .with(|draft| draft.data.request_date = Date::from(date));
            assert_eq!(code(&house, &draft.octets(&house.authority)), expected, "{number}");
        }
    });
}

/// §5, §4.1: the end entity has the same window.
#[test]
fn beyond_the_edges_of_the_date_window_are_inside_for_answers() {
    in_both_houses(|house| {
        let (waiting, answer) = to_first_answer(&house, "jane");
        for (date, expected) in edges(now(&house)) {
            let dated = with_wrapper(&answer, |w| w.header.date = Date::from(date));
            let accepted = waiting.clone().accept(&dated, now(&house));
            assert_eq!(accepted.err().and_then(|error| error.error_code()), expected);
        }
    });
}
