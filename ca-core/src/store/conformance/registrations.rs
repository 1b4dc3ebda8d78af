//! Checks of registrations and stored answers (spec `set-messages.md` §4.8).

use super::{Check, Violation, expect_conflict, expect_equal, samples};
use crate::store::{Conflict, RegistrationState, Store};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "an empty store knows no registration and no answer", run: empty },
    Check { claim: "registration and answer are found as recorded", run: found_as_recorded },
    Check { claim: "a later message moves the registration on", run: moves_on },
    Check { claim: "every registration state is kept", run: states_are_kept },
    Check { claim: "the first answer to an rrpid stands", run: first_answer_stands },
    Check { claim: "answers before a time are forgotten, no others", run: forgets_old_answers },
    Check { claim: "a forgotten answer keeps its registration", run: registration_stays },
];

fn empty(store: &dyn Store) -> Result<(), Violation> {
    expect_equal(store.registration(b"lid")?, None)?;
    expect_equal(store.answer(&[1; 20])?, None)?;
    expect_equal(store.forget_answers(samples::NOW)?, 0)
}

fn found_as_recorded(store: &dyn Store) -> Result<(), Violation> {
    let (first, second) = (samples::registration(1)?, samples::registration(2)?);
    let (one, two) = (samples::answer(1, b"one"), samples::answer(2, b""));
    store.record_registration(&first, &one)?;
    store.record_registration(&second, &two)?;
    expect_equal(store.registration(&first.lid_ca)?, Some(first))?;
    expect_equal(store.registration(&second.lid_ca)?, Some(second))?;
    expect_equal(store.answer(&one.rrpid)?, Some(one))?;
    expect_equal(store.answer(&two.rrpid)?, Some(two))
}

fn moves_on(store: &dyn Store) -> Result<(), Violation> {
    let before = samples::registration(1)?;
    store.record_registration(&before, &samples::answer(1, b"one"))?;
    let after = samples::moved_on(&before);
    store.record_registration(&after, &samples::answer(2, b"two"))?;
    expect_equal(store.registration(&before.lid_ca)?, Some(after))?;
    expect_equal(store.answer(&[1; 20])?, Some(samples::answer(1, b"one")))
}

fn states_are_kept(store: &dyn Store) -> Result<(), Violation> {
    for (number, state) in (1..).zip(RegistrationState::ALL) {
        let mut registration = samples::registration(number)?;
        registration.state = state;
        store.record_registration(&registration, &samples::answer(number, b"answer"))?;
        let found = store.registration(&registration.lid_ca)?;
        expect_equal(found.map(|found| found.state), Some(state))?;
    }
    Ok(())
}

fn first_answer_stands(store: &dyn Store) -> Result<(), Violation> {
    let before = samples::registration(1)?;
    let first = samples::answer(1, b"first");
    store.record_registration(&before, &first)?;
    let second = samples::answer(1, b"second");
    let outcome = store.record_registration(&samples::moved_on(&before), &second);
    expect_conflict(outcome, Conflict::Answer(first.rrpid))?;
    expect_equal(store.registration(&before.lid_ca)?, Some(before))?;
    expect_equal(store.answer(&first.rrpid)?, Some(first))
}

fn forgets_old_answers(store: &dyn Store) -> Result<(), Violation> {
    let registration = samples::registration(1)?;
    for age in 0..5_u8 {
        let mut answer = samples::answer(age, b"answer");
        answer.recorded_at = samples::NOW.minus_secs(age.into());
        store.record_registration(&registration, &answer)?;
    }
    expect_equal(store.forget_answers(samples::NOW.minus_secs(2))?, 2)?;
    for age in 0..5_u8 {
        expect_equal(store.answer(&[age; 20])?.is_some(), age <= 2)?;
    }
    Ok(())
}

fn registration_stays(store: &dyn Store) -> Result<(), Violation> {
    let registration = samples::registration(1)?;
    store.record_registration(&registration, &samples::answer(1, b"answer"))?;
    store.forget_answers(samples::NOW.plus_secs(1))?;
    expect_equal(store.answer(&[1; 20])?, None)?;
    expect_equal(store.registration(&registration.lid_ca)?, Some(registration))
}
