//! Checks of intents, issuance and revocation.

use super::{Check, Violation, expect_absent, expect_conflict, expect_equal, samples};
use crate::profile::Role;
use crate::store::{
    CertificateQuery, CertificateState, Conflict, Intent, Revocation, RevocationReason, Store,
};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "an empty store knows no certificate", run: empty },
    Check { claim: "an intent is found as recorded", run: intent_is_found },
    Check { claim: "a serial is used once per issuer", run: serial_is_unique },
    Check { claim: "two issuers may use the same serial", run: serial_is_per_issuer },
    Check { claim: "a public key is certified once in the store", run: public_key_is_unique },
    Check { claim: "an open intent holds its key for its request", run: intent_yields_its_key },
    Check {
        claim: "a key whose intent was revoked is not given over",
        run: revoked_intent_keeps_its_key,
    },
    Check {
        claim: "intents of one act are recorded together or not at all",
        run: intents_together,
    },
    Check { claim: "a CA's own certificate is renewed with its key", run: ca_keeps_its_key },
    Check { claim: "a certificate has one living renewal", run: renewed_once },
    Check { claim: "a certificate is found by its thumbprint", run: found_by_thumbprint },
    Check { claim: "nothing is issued without its intent", run: issued_needs_intent },
    Check { claim: "an intent becomes an issued certificate", run: intent_becomes_issued },
    Check { claim: "a certificate is issued once", run: issued_once },
    Check { claim: "issuance, registration and answer are one act", run: issued_with_answer },
    Check { claim: "an answer that clashes undoes the issuance", run: answer_clash_undoes_all },
    Check { claim: "an issuance that clashes stores no answer", run: issuance_clash_undoes_all },
    Check { claim: "an issued certificate can be revoked", run: issued_is_revocable },
    Check { claim: "an intent can be revoked", run: intent_is_revocable },
    Check { claim: "a revoked intent stays revoked when issued", run: revoked_stays_revoked },
    Check { claim: "an unknown serial cannot be revoked", run: absent_is_not_revocable },
    Check { claim: "a revocation stands: the second is refused", run: revoked_once },
    Check { claim: "every revocation reason is kept", run: reasons_are_kept },
    Check { claim: "revoked() lists one issuer, by serial", run: revoked_by_serial },
    Check { claim: "revoked() leaves out what has expired", run: revoked_until_expiry },
];

const REVOCATION: Revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);

fn state(store: &dyn Store, intent: &Intent) -> Result<Option<CertificateState>, Violation> {
    Ok(store.certificate(&intent.issuer, &intent.serial)?.map(|record| record.state()))
}

fn empty(store: &dyn Store) -> Result<(), Violation> {
    expect_equal(state(store, &samples::intent("cca", 1)?)?, None)?;
    expect_equal(store.certificates(&CertificateQuery::default())?.items, vec![])?;
    expect_equal(store.revoked(&samples::ca_id("cca")?, samples::NOW)?, vec![])
}

fn intent_is_found(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 0x80)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    let found = store.certificate(&intent.issuer, &intent.serial)?;
    expect_equal(found.map(|r| (r.intent, r.der, r.revocation)), Some((intent, None, None)))
}

fn serial_is_unique(store: &dyn Store) -> Result<(), Violation> {
    let first = samples::intent("cca", 1)?;
    let public_key = samples::intent("cca", 2)?.public_key;
    store.record_intents(std::slice::from_ref(&first), &samples::acting())?;
    let again = Intent { public_key, ..first.clone() };
    let clash = Conflict::Serial { issuer: first.issuer.clone(), serial: first.serial };
    expect_conflict(store.record_intents(std::slice::from_ref(&again), &samples::acting()), clash)?;
    // The refused intent holds no key.
    store.record_intents(&[samples::intent("cca", 2)?], &samples::acting())?;
    expect_equal(state(store, &first)?, Some(CertificateState::Intent))
}

fn serial_is_per_issuer(store: &dyn Store) -> Result<(), Violation> {
    store.record_intents(&[samples::intent("cca", 1)?], &samples::acting())?;
    store.record_intents(&[samples::intent("mca", 1)?], &samples::acting())?;
    let serial = Some(samples::serial(1)?);
    let page = store.certificates(&CertificateQuery { serial, ..CertificateQuery::default() })?;
    expect_equal(page.items.len(), 2)
}

fn public_key_is_unique(store: &dyn Store) -> Result<(), Violation> {
    let first = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&first), &samples::acting())?;
    let again = Intent { public_key: first.public_key, ..samples::intent("mca", 2)? };
    expect_conflict(
        store.record_intents(std::slice::from_ref(&again), &samples::acting()),
        Conflict::PublicKey(first.public_key),
    )?;
    expect_equal(state(store, &again)?, None)?;
    // The refused intent burns no serial.
    Ok(store.record_intents(&[samples::intent("mca", 2)?], &samples::acting())?)
}

/// Intents 1, 2 and 3 of one request for one key.
fn tries() -> Result<[Intent; 3], Violation> {
    let first = Intent { request: Some([7; 32]), ..samples::intent("cca", 1)? };
    let again = |serial| -> Result<Intent, Violation> {
        Ok(Intent { serial: samples::serial(serial)?, ..first.clone() })
    };
    Ok([first.clone(), again(2)?, again(3)?])
}

fn intent_yields_its_key(store: &dyn Store) -> Result<(), Violation> {
    let [first, second, third] = tries()?;
    let held = || Conflict::PublicKey(first.public_key);
    store.record_intents(std::slice::from_ref(&first), &samples::acting())?;
    for request in [None, Some([8; 32])] {
        let other = Intent { request, ..second.clone() };
        expect_conflict(
            store.record_intents(std::slice::from_ref(&other), &samples::acting()),
            held(),
        )?;
    }
    store.record_intents(std::slice::from_ref(&second), &samples::acting())?;
    expect_equal(state(store, &first)?, Some(CertificateState::Intent))?;
    store.record_issued(&[samples::issued(&second)], None, &samples::acting())?;
    expect_conflict(store.record_intents(std::slice::from_ref(&third), &samples::acting()), held())
}

fn revoked_intent_keeps_its_key(store: &dyn Store) -> Result<(), Violation> {
    let [first, second, third] = tries()?;
    store.record_intents(std::slice::from_ref(&first), &samples::acting())?;
    store.record_intents(std::slice::from_ref(&second), &samples::acting())?;
    // One of them is enough: whoever revoked it meant the key.
    store.revoke(&first.issuer, &first.serial, &REVOCATION, &samples::acting())?;
    let held = Conflict::PublicKey(first.public_key);
    expect_conflict(store.record_intents(std::slice::from_ref(&third), &samples::acting()), held)?;
    expect_equal(state(store, &third)?, None)
}

fn intents_together(store: &dyn Store) -> Result<(), Violation> {
    let (first, second) = (samples::intent("cca", 1)?, samples::intent("cca", 2)?);
    let clash = Intent { public_key: first.public_key, ..samples::intent("cca", 3)? };
    let outcome = store.record_intents(&[first.clone(), second.clone(), clash], &samples::acting());
    expect_conflict(outcome, Conflict::PublicKey(first.public_key))?;
    expect_equal(state(store, &first)?, None)?;
    store.record_intents(&[first.clone(), second.clone()], &samples::acting())?;
    let issued = [samples::issued(&first), samples::issued(&samples::intent("cca", 3)?)];
    expect_absent(store.record_issued(&issued, None, &samples::acting()))?;
    expect_equal(state(store, &first)?, Some(CertificateState::Intent))?;
    store.record_issued(
        &[samples::issued(&first), samples::issued(&second)],
        None,
        &samples::acting(),
    )?;
    expect_equal(state(store, &second)?, Some(CertificateState::Issued))
}

fn ca_keeps_its_key(store: &dyn Store) -> Result<(), Violation> {
    let old = Intent { role: Role::Cca, ..samples::intent("bca", 1)? };
    let renewal = |number| -> Result<Intent, Violation> {
        let (serial, thumbprint) = (samples::serial(number)?, vec![0x7b; 20 + number as usize]);
        Ok(Intent { serial, thumbprint, renews: Some(old.serial), ..old.clone() })
    };
    store.record_intents(std::slice::from_ref(&old), &samples::acting())?;
    store.record_issued(&[samples::issued(&old)], None, &samples::acting())?;
    let held = || Conflict::PublicKey(old.public_key);
    // Neither a certificate that renews nothing nor one for somebody else has the key.
    let plain = Intent { renews: None, ..renewal(2)? };
    expect_conflict(store.record_intents(&[plain], &samples::acting()), held())?;
    let subject = "O=Sample, OU=another CCA".to_owned();
    expect_conflict(
        store.record_intents(&[Intent { subject, ..renewal(2)? }], &samples::acting()),
        held(),
    )?;
    let cardholder = Intent { role: Role::Cardholder, ..renewal(2)? };
    expect_conflict(store.record_intents(&[cardholder], &samples::acting()), held())?;
    let renewed = renewal(2)?;
    store.record_intents(std::slice::from_ref(&renewed), &samples::acting())?;
    store.record_issued(&[samples::issued(&renewed)], None, &samples::acting())?;
    expect_equal(state(store, &renewed)?, Some(CertificateState::Issued))?;
    // Whoever revoked one of them meant the key.
    store.revoke(&old.issuer, &old.serial, &REVOCATION, &samples::acting())?;
    let again = Intent { renews: Some(renewed.serial), ..renewal(3)? };
    expect_conflict(store.record_intents(&[again], &samples::acting()), held())
}

fn renewed_once(store: &dyn Store) -> Result<(), Violation> {
    let old = samples::intent("cca", 1)?;
    let renewal = |number| -> Result<Intent, Violation> {
        let request = Some([number; 32]);
        let renews = Some(old.serial);
        Ok(Intent { renews, request, ..samples::intent("cca", number.into())? })
    };
    let (first, second) = (renewal(2)?, renewal(3)?);
    store.record_intents(&[old.clone(), first.clone()], &samples::acting())?;
    let Intent { issuer, serial, .. } = old.clone();
    let renewed = Conflict::Renewed { issuer, serial };
    expect_conflict(
        store.record_intents(std::slice::from_ref(&second), &samples::acting()),
        renewed.clone(),
    )?;
    // The same serial of another issuer is another certificate.
    let issuer = samples::ca_id("mca")?;
    store.record_intents(&[Intent { issuer, ..renewal(4)? }], &samples::acting())?;
    // A later run of the same request goes on.
    let again = Intent { request: first.request, ..renewal(5)? };
    store.record_intents(std::slice::from_ref(&again), &samples::acting())?;
    store.record_issued(&[samples::issued(&again)], None, &samples::acting())?;
    expect_conflict(
        store.record_intents(std::slice::from_ref(&second), &samples::acting()),
        renewed,
    )?;
    // A renewal that was revoked does not stand in the way.
    store.revoke(&again.issuer, &again.serial, &REVOCATION, &samples::acting())?;
    store.revoke(&first.issuer, &first.serial, &REVOCATION, &samples::acting())?;
    Ok(store.record_intents(&[second], &samples::acting())?)
}

fn found_by_thumbprint(store: &dyn Store) -> Result<(), Violation> {
    let (first, second) = (samples::intent("cca", 1)?, samples::intent("mca", 1)?);
    store.record_intents(&[first, second.clone()], &samples::acting())?;
    let found = store.certificate_by_thumbprint(&second.thumbprint)?;
    expect_equal(found.map(|record| record.intent), Some(second))?;
    expect_equal(store.certificate_by_thumbprint(&[0; 32])?, None)
}

fn issued_needs_intent(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    expect_absent(store.record_issued(&[samples::issued(&intent)], None, &samples::acting()))?;
    expect_equal(state(store, &intent)?, None)
}

fn intent_becomes_issued(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    let issued = samples::issued(&intent);
    store.record_issued(std::slice::from_ref(&issued), None, &samples::acting())?;
    let found = store.certificate(&intent.issuer, &intent.serial)?;
    expect_equal(found.map(|r| (r.intent, r.der)), Some((intent.clone(), Some(issued.der))))?;
    expect_equal(state(store, &intent)?, Some(CertificateState::Issued))
}

fn issued_once(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    let issued = samples::issued(&intent);
    store.record_issued(std::slice::from_ref(&issued), None, &samples::acting())?;
    let mut other = issued.clone();
    other.der.push(0);
    let Intent { issuer, serial, .. } = intent.clone();
    expect_conflict(
        store.record_issued(std::slice::from_ref(&other), None, &samples::acting()),
        Conflict::Issued { issuer, serial },
    )?;
    let found = store.certificate(&intent.issuer, &intent.serial)?;
    expect_equal(found.and_then(|record| record.der), Some(issued.der))
}

fn issued_with_answer(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    let registration = samples::registration(1)?;
    let answer = samples::answer(1, b"certificate inside");
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.record_issued(
        &[samples::issued(&intent)],
        Some((&registration, Some(&answer))),
        &samples::acting(),
    )?;
    expect_equal(state(store, &intent)?, Some(CertificateState::Issued))?;
    expect_equal(
        store.registration(&registration.lid_ca)?,
        Some(samples::recorded(&registration)),
    )?;
    expect_equal(store.answer(&answer.rrpid)?, Some(answer))
}

fn answer_clash_undoes_all(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    let before = samples::registration(1)?;
    let first = samples::answer(1, b"first");
    store.record_registration(&before, Some(&first), &samples::acting())?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    let after = samples::moved_on(&before);
    let second = samples::answer(1, b"second");
    let outcome = store.record_issued(
        &[samples::issued(&intent)],
        Some((&after, Some(&second))),
        &samples::acting(),
    );
    expect_conflict(outcome, Conflict::Answer(first.rrpid))?;
    expect_equal(state(store, &intent)?, Some(CertificateState::Intent))?;
    expect_equal(store.registration(&before.lid_ca)?, Some(samples::recorded(&before)))?;
    expect_equal(store.answer(&first.rrpid)?, Some(first))
}

fn issuance_clash_undoes_all(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    let registration = samples::registration(1)?;
    let answer = samples::answer(1, b"answer");
    let issued = samples::issued(&intent);
    expect_absent(store.record_issued(
        std::slice::from_ref(&issued),
        Some((&registration, Some(&answer))),
        &samples::acting(),
    ))?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.record_issued(std::slice::from_ref(&issued), None, &samples::acting())?;
    let outcome = store.record_issued(
        std::slice::from_ref(&issued),
        Some((&registration, Some(&answer))),
        &samples::acting(),
    );
    let Intent { issuer, serial, .. } = intent;
    expect_conflict(outcome, Conflict::Issued { issuer, serial })?;
    expect_equal(store.registration(&registration.lid_ca)?, None)?;
    expect_equal(store.answer(&answer.rrpid)?, None)
}

fn issued_is_revocable(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.record_issued(&[samples::issued(&intent)], None, &samples::acting())?;
    store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting())?;
    let found = store.certificate(&intent.issuer, &intent.serial)?;
    expect_equal(found.and_then(|record| record.revocation), Some(REVOCATION))?;
    expect_equal(state(store, &intent)?, Some(CertificateState::Revoked))
}

fn intent_is_revocable(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting())?;
    expect_equal(state(store, &intent)?, Some(CertificateState::Revoked))?;
    expect_equal(store.revoked(&intent.issuer, samples::NOW)?.len(), 1)
}

fn revoked_stays_revoked(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting())?;
    let issued = samples::issued(&intent);
    store.record_issued(std::slice::from_ref(&issued), None, &samples::acting())?;
    let found = store.certificate(&intent.issuer, &intent.serial)?;
    let found = found.map(|record| (record.der, record.revocation));
    expect_equal(found, Some((Some(issued.der), Some(REVOCATION))))?;
    expect_equal(store.revoked(&intent.issuer, samples::NOW)?.len(), 1)
}

fn absent_is_not_revocable(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    expect_absent(store.revoke(
        &intent.issuer,
        &samples::serial(2)?,
        &REVOCATION,
        &samples::acting(),
    ))?;
    expect_absent(store.revoke(
        &samples::ca_id("mca")?,
        &intent.serial,
        &REVOCATION,
        &samples::acting(),
    ))?;
    expect_equal(state(store, &intent)?, Some(CertificateState::Intent))
}

fn revoked_once(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting())?;
    let later = Revocation::new(samples::NOW.plus_days(1), RevocationReason::CessationOfOperation);
    let Intent { issuer, serial, .. } = intent.clone();
    let outcome = store.revoke(&intent.issuer, &intent.serial, &later, &samples::acting());
    expect_conflict(outcome, Conflict::Revoked { issuer, serial })?;
    let listed = store.revoked(&intent.issuer, samples::NOW)?;
    expect_equal(listed.iter().map(|entry| entry.revocation).collect(), vec![REVOCATION])
}

fn reasons_are_kept(store: &dyn Store) -> Result<(), Violation> {
    for (number, reason) in (1..).zip(RevocationReason::ALL) {
        let intent = samples::intent("cca", number)?;
        store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
        store.revoke(
            &intent.issuer,
            &intent.serial,
            &Revocation::new(samples::NOW, reason),
            &samples::acting(),
        )?;
    }
    let listed = store.revoked(&samples::ca_id("cca")?, samples::NOW)?;
    let reasons: Vec<_> = listed.iter().map(|entry| entry.revocation.reason).collect();
    expect_equal(reasons, RevocationReason::ALL.to_vec())
}

fn revoked_by_serial(store: &dyn Store) -> Result<(), Violation> {
    for (issuer, number) in [("cca", 0x7f), ("mca", 5), ("cca", 3), ("cca", 0x41), ("cca", 4)] {
        let intent = samples::intent(issuer, number)?;
        store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
        if number != 4 {
            store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting())?;
        }
    }
    let listed = store.revoked(&samples::ca_id("cca")?, samples::NOW)?;
    let serials: Vec<_> = listed.iter().map(|entry| entry.serial.to_string()).collect();
    expect_equal(serials, ["03", "41", "7f"].map(str::to_owned).to_vec())
}

fn revoked_until_expiry(store: &dyn Store) -> Result<(), Violation> {
    let intent = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting())?;
    expect_equal(store.revoked(&intent.issuer, intent.not_after)?.len(), 1)?;
    expect_equal(store.revoked(&intent.issuer, intent.not_after.plus_secs(1))?, vec![])
}
