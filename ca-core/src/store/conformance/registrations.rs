//! Checks of registrations and stored answers (spec `set-messages.md` §4.8).

use super::{Check, Violation, expect_conflict, expect_equal, samples};
use crate::profile::Role;
use crate::store::{
    Conflict, Intent, OpenRequest, Registration, RegistrationQuery, RegistrationState, Store,
};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "an empty store knows no registration and no answer", run: empty },
    Check { claim: "registration and answer are found as recorded", run: found_as_recorded },
    Check { claim: "a later message moves the registration on", run: moves_on },
    Check { claim: "every registration state is kept", run: states_are_kept },
    Check { claim: "the first answer to an rrpid stands", run: first_answer_stands },
    Check { claim: "answers before a time are forgotten, no others", run: forgets_old_answers },
    Check { claim: "an act on an older state of a registration is refused", run: moved_meanwhile },
    Check { claim: "a registration moves on without a message, too", run: moves_without_message },
    Check { claim: "an open request holds its keys", run: open_request_holds_keys },
    Check { claim: "a certified key is in no open request", run: certified_key_is_not_open },
    Check {
        claim: "what is sealed is forgotten once nothing is open",
        run: forgets_what_is_sealed,
    },
    Check { claim: "registrations are listed page by page", run: listed },
    Check { claim: "a certificate leads to its registration", run: found_by_certificate },
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
    store.record_registration(&first, Some(&one), &samples::acting())?;
    store.record_registration(&second, Some(&two), &samples::acting())?;
    for registration in [first, second] {
        let found = store.registration(&registration.lid_ca)?;
        expect_equal(found, Some(samples::recorded(&registration)))?;
    }
    expect_equal(store.answer(&one.rrpid)?, Some(one))?;
    expect_equal(store.answer(&two.rrpid)?, Some(two))
}

fn moves_on(store: &dyn Store) -> Result<(), Violation> {
    let before = samples::registration(1)?;
    store.record_registration(&before, Some(&samples::answer(1, b"one")), &samples::acting())?;
    let after = samples::moved_on(&before);
    store.record_registration(&after, Some(&samples::answer(2, b"two")), &samples::acting())?;
    expect_equal(store.registration(&before.lid_ca)?, Some(samples::recorded(&after)))?;
    expect_equal(store.answer(&[1; 20])?, Some(samples::answer(1, b"one")))
}

fn found_by_certificate(store: &dyn Store) -> Result<(), Violation> {
    let (one, two) = (samples::serial(1)?, samples::serial(2)?);
    let (three, four) = (samples::serial(3)?, samples::serial(4)?);
    let mut first = samples::registration(1)?;
    first.issued = vec![one];
    store.record_registration(&first, None, &samples::acting())?;
    let mut second = samples::registration(2)?;
    second.issued = vec![two];
    store.record_registration(&second, None, &samples::acting())?;
    // A renewal: the registration has one more.
    let found = store.registration(&first.lid_ca)?;
    let mut first = found.ok_or_else(|| Violation("no registration".to_owned()))?;
    first.issued.push(three);
    store.record_registration(&first, None, &samples::acting())?;
    let of = |serial| -> Result<Option<Vec<u8>>, Violation> {
        Ok(store.registration_of(&first.ca, serial)?.map(|found| found.lid_ca))
    };
    let (lid, other) = (first.lid_ca.clone(), second.lid_ca.clone());
    expect_equal([of(&one)?, of(&three)?], [Some(lid.clone()), Some(lid)])?;
    expect_equal([of(&two)?, of(&four)?], [Some(other), None])?;
    expect_equal(store.registration_of(&samples::ca_id("nobody")?, &one)?, None)
}

fn states_are_kept(store: &dyn Store) -> Result<(), Violation> {
    for (number, state) in (1..).zip(RegistrationState::ALL) {
        let mut registration = samples::registration(number)?;
        registration.state = state;
        store.record_registration(
            &registration,
            Some(&samples::answer(number, b"answer")),
            &samples::acting(),
        )?;
        let found = store.registration(&registration.lid_ca)?;
        expect_equal(found.map(|found| found.state), Some(state))?;
    }
    Ok(())
}

fn first_answer_stands(store: &dyn Store) -> Result<(), Violation> {
    let before = samples::registration(1)?;
    let first = samples::answer(1, b"first");
    store.record_registration(&before, Some(&first), &samples::acting())?;
    let second = samples::answer(1, b"second");
    let outcome =
        store.record_registration(&samples::moved_on(&before), Some(&second), &samples::acting());
    expect_conflict(outcome, Conflict::Answer(first.rrpid))?;
    expect_equal(store.registration(&before.lid_ca)?, Some(samples::recorded(&before)))?;
    expect_equal(store.answer(&first.rrpid)?, Some(first))
}

fn forgets_old_answers(store: &dyn Store) -> Result<(), Violation> {
    let mut registration = samples::registration(1)?;
    for age in 0..5_u8 {
        registration.revision = age.into();
        let mut answer = samples::answer(age, b"answer");
        answer.recorded_at = samples::NOW.minus_secs(age.into());
        store.record_registration(&registration, Some(&answer), &samples::acting())?;
    }
    expect_equal(store.forget_answers(samples::NOW.minus_secs(2))?, 2)?;
    for age in 0..5_u8 {
        expect_equal(store.answer(&[age; 20])?.is_some(), age <= 2)?;
    }
    Ok(())
}

fn registration_stays(store: &dyn Store) -> Result<(), Violation> {
    let registration = samples::registration(1)?;
    store.record_registration(
        &registration,
        Some(&samples::answer(1, b"answer")),
        &samples::acting(),
    )?;
    store.forget_answers(samples::NOW.plus_secs(1))?;
    expect_equal(store.answer(&[1; 20])?, None)?;
    expect_equal(store.registration(&registration.lid_ca)?, Some(samples::recorded(&registration)))
}

fn moved_meanwhile(store: &dyn Store) -> Result<(), Violation> {
    let new = samples::registration(1)?;
    store.record_registration(&new, Some(&samples::answer(1, b"one")), &samples::acting())?;
    let moved = || Conflict::Registration(new.lid_ca.clone());
    let second = samples::answer(2, b"two");
    // Begun twice.
    expect_conflict(store.record_registration(&new, Some(&second), &samples::acting()), moved())?;
    let read = samples::recorded(&new);
    store.record_registration(&read, None, &samples::acting())?;
    expect_conflict(store.record_registration(&read, Some(&second), &samples::acting()), moved())?;
    expect_equal(store.answer(&second.rrpid)?, None)?;
    expect_equal(store.registration(&new.lid_ca)?, Some(samples::recorded(&read)))?;
    // Unknown, but said to have been recorded.
    let unknown = Registration { revision: 1, ..samples::registration(2)? };
    let clash = Conflict::Registration(unknown.lid_ca.clone());
    expect_conflict(store.record_registration(&unknown, None, &samples::acting()), clash)
}

fn moves_without_message(store: &dyn Store) -> Result<(), Violation> {
    let before = samples::registration(1)?;
    store.record_registration(&before, None, &samples::acting())?;
    let after = samples::moved_on(&before);
    store.record_registration(&after, None, &samples::acting())?;
    expect_equal(store.registration(&before.lid_ca)?, Some(samples::recorded(&after)))
}

fn open_request_holds_keys(store: &dyn Store) -> Result<(), Violation> {
    let holder = samples::registration(1)?;
    let open = samples::open_request(&holder);
    let holder = Registration { open: Some(open.clone()), ..holder };
    store.record_registration(&holder, None, &samples::acting())?;
    for key in &open.public_keys {
        let held = || Conflict::PublicKey(*key);
        let stranger = Intent { public_key: *key, ..samples::intent("cca", 1)? };
        expect_conflict(store.record_intents(&[stranger], &samples::acting()), held())?;
        let other = samples::registration(2)?;
        let public_keys = vec![*key];
        let other_open = OpenRequest { public_keys, ..samples::open_request(&other) };
        let other = Registration { open: Some(other_open), ..other };
        expect_conflict(store.record_registration(&other, None, &samples::acting()), held())?;
    }
    let [first, second] = [1, 2].map(|number| samples::intent("cca", number));
    let of_request = |intent: Intent, key: Option<&[u8; 32]>| Intent {
        public_key: key.copied().unwrap_or_default(),
        request: Some(open.request),
        ..intent
    };
    store.record_intents(&[of_request(first?, open.public_keys.first())], &samples::acting())?;
    // Closed: what was not certified is free again.
    store.record_registration(
        &Registration { open: None, ..samples::recorded(&holder) },
        None,
        &samples::acting(),
    )?;
    let freed = Intent { request: None, ..of_request(second?, open.public_keys.last()) };
    Ok(store.record_intents(&[freed], &samples::acting())?)
}

fn certified_key_is_not_open(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    let registration = samples::registration(1)?;
    let public_keys = vec![intent.public_key];
    let open = OpenRequest { public_keys, ..samples::open_request(&registration) };
    let registration = Registration { open: Some(open), ..registration };
    let outcome = store.record_registration(&registration, None, &samples::acting());
    expect_conflict(outcome, Conflict::PublicKey(intent.public_key))?;
    expect_equal(store.registration(&registration.lid_ca)?, None)
}

fn forgets_what_is_sealed(store: &dyn Store) -> Result<(), Violation> {
    let sealed = Some(vec![0x5e; 40]);
    let open = samples::registration(1)?;
    let open =
        Registration { open: Some(samples::open_request(&open)), sealed: sealed.clone(), ..open };
    let closed = Registration { sealed: sealed.clone(), ..samples::registration(2)? };
    let recent = Registration {
        sealed: sealed.clone(),
        updated_at: samples::NOW.plus_secs(1),
        ..samples::registration(3)?
    };
    let uncollected = |number, by| -> Result<_, Violation> {
        let (sealed, collect_by) = (sealed.clone(), Some(by));
        Ok(Registration { sealed, collect_by, ..samples::registration(number)? })
    };
    let awaited = uncollected(4, samples::NOW.plus_secs(1))?;
    let abandoned = uncollected(5, samples::NOW)?;
    for registration in [&open, &closed, &recent, &awaited, &abandoned] {
        store.record_registration(registration, None, &samples::acting())?;
    }
    store.forget_answers(samples::NOW.plus_secs(1))?;
    let found = |registration: &Registration| -> Result<_, Violation> {
        Ok(store.registration(&registration.lid_ca)?.and_then(|found| found.sealed))
    };
    expect_equal(found(&open)?, sealed.clone())?;
    expect_equal(found(&closed)?, None)?;
    expect_equal(found(&recent)?, sealed.clone())?;
    expect_equal(found(&awaited)?, sealed)?;
    expect_equal(found(&abandoned)?, None)
}

fn listed(store: &dyn Store) -> Result<(), Violation> {
    for number in (1..=5).rev() {
        let mut registration = samples::registration(number)?;
        registration.role = if number == 4 { Role::Merchant } else { Role::Cardholder };
        registration.brand = if number == 3 { "Other".to_owned() } else { "Sample".to_owned() };
        store.record_registration(&registration, None, &samples::acting())?;
    }
    let pended = samples::registration(2)?;
    let pended = Registration { state: RegistrationState::Pended, ..samples::recorded(&pended) };
    store.record_registration(&pended, None, &samples::acting())?;
    let lids = |query: RegistrationQuery| -> Result<(Vec<u8>, Option<u64>), Violation> {
        let page = store.registrations(&query)?;
        let last = |lid_ca: &[u8]| lid_ca.last().copied().unwrap_or_default();
        let lids = page.items.iter().map(|record| last(&record.registration.lid_ca));
        Ok((lids.collect(), page.next))
    };
    let all = RegistrationQuery::default();
    expect_equal(lids(all.clone())?, (vec![5, 4, 3, 2, 1], None))?;
    let first = lids(RegistrationQuery { limit: 2, ..all.clone() })?;
    expect_equal(first.0, vec![5, 4])?;
    expect_equal(lids(RegistrationQuery { after: first.1, ..all.clone() })?.0, vec![3, 2, 1])?;
    let state = Some(RegistrationState::Pended);
    expect_equal(lids(RegistrationQuery { state, ..all.clone() })?.0, vec![2])?;
    let role = Some(Role::Merchant);
    expect_equal(lids(RegistrationQuery { role, ..all.clone() })?.0, vec![4])?;
    let brand = Some("Other".to_owned());
    expect_equal(lids(RegistrationQuery { brand, state: None, ..all })?.0, vec![3])
}
