//! What holds for every change of an answer, and of what was kept.

use std::sync::OnceLock;

use ca_core::ee::{Outcome, Requesting, Saved};
use ca_core::profile::Role;
use ca_core::wire::RequestType;
use proptest::prelude::*;

use crate::house::{BEGIN, house};
use crate::middle::*;
use crate::shop::*;

/// A merchant's and a cardholder's request, and their answers.
fn runs() -> &'static [(Requesting, Vec<u8>); 2] {
    static RUNS: OnceLock<[(Requesting, Vec<u8>); 2]> = OnceLock::new();
    RUNS.get_or_init(|| {
        let house = house();
        let shop = Shop::new(Role::Merchant, "shop");
        let (merchant, _, answer) = shop.to_answer(&house, RequestType::MerInitialSig);
        let (card, _, other) = to_last_answer(&house, "jane");
        [(merchant, answer), (card, other)]
    })
}

/// Certificates of an outcome; `None` if nothing is installed.
fn installed(outcome: Outcome) -> Option<Vec<Vec<u8>>> {
    match outcome {
        Outcome::Certified(done) => {
            Some(done.issued.iter().map(|issued| issued.certificate.der().to_vec()).collect())
        }
        Outcome::Pending(_) | Outcome::Refused(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// CR-5, MR-3: whatever is changed, nothing else than what the CA signed is installed.
    #[test]
    fn no_changed_octet_of_an_answer_installs_another_certificate(
        run in 0..2usize,
        place in any::<prop::sample::Index>(),
        flip in 1..=255u8,
    ) {
        let (waiting, answer) = &runs()[run];
        let good = installed(waiting.accept(answer, BEGIN).unwrap());
        prop_assert!(good.is_some());
        let mut changed = answer.clone();
        changed[place.index(answer.len())] ^= flip;
        if let Ok(outcome) = waiting.accept(&changed, BEGIN) {
            prop_assert_eq!(installed(outcome), good);
        }
    }

    #[test]
    fn no_part_of_an_answer_is_an_answer(run in 0..2usize, end in any::<prop::sample::Index>()) {
        let (waiting, answer) = &runs()[run];
        prop_assert!(waiting.accept(&answer[..end.index(answer.len())], BEGIN).is_err());
    }

    /// Damaged octets are refused or mean the same as before: nothing panics, nothing is guessed.
    #[test]
    fn what_was_kept_is_restored_whole_or_not_at_all(
        run in 0..2usize,
        place in any::<prop::sample::Index>(),
        flip in 1..=255u8,
    ) {
        let octets = runs()[run].0.save().unwrap();
        let mut changed = octets.to_vec();
        changed[place.index(octets.len())] ^= flip;
        if let Ok(Saved::Requesting(again)) = Saved::restore(&changed) {
            prop_assert_eq!(again.save().unwrap().to_vec(), changed);
        }
    }
}
