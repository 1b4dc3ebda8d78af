//! Many who write, and what must hold afterwards.

use std::collections::BTreeSet;
use std::sync::Mutex;

use ca_core::audit::examine;
use ca_core::store::conformance::samples;
use ca_core::store::{CertificateState, Revocation, RevocationReason, Store, StoreError};

/// What was acknowledged, and what was not.
#[derive(Default)]
pub(super) struct Crowd {
    issued: Mutex<BTreeSet<u64>>,
    revoked: Mutex<BTreeSet<u64>>,
    refused: Mutex<Vec<String>>,
}

impl Crowd {
    /// Intends, issues and, every third, revokes certificate `number`.
    pub(super) fn one(&self, store: &dyn Store, number: u64) {
        let acting = samples::acting();
        let intent = samples::intent("cca", number).unwrap();
        let done = store.record_intents(std::slice::from_ref(&intent), &acting).and_then(|()| {
            store.record_issued(&[samples::issued(&intent)], None, &acting)?;
            self.issued.lock().unwrap().insert(number);
            if number.is_multiple_of(3) {
                let revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);
                store.revoke(&intent.issuer, &intent.serial, &revocation, &acting)?;
                self.revoked.lock().unwrap().insert(number);
            }
            Ok(())
        });
        if let Err(error) = done {
            let retry = matches!(error, StoreError::Unavailable(_));
            let kind = if retry { "unavailable" } else { "refused" };
            self.refused.lock().unwrap().push(format!("{kind} {number}: {error}"));
        }
    }

    /// What was not acknowledged, and why.
    pub(super) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.issued.lock().unwrap().len()
    }
}

/// Every acknowledged act is there, the feed has no gap, the audit log is whole; returns how many
/// certificates were acknowledged.
pub(super) fn check(store: &dyn Store, crowd: &Crowd) -> usize {
    let (issued, revoked) = (crowd.issued.lock().unwrap(), crowd.revoked.lock().unwrap());
    for number in issued.iter() {
        let intent = samples::intent("cca", *number).unwrap();
        let record = store.certificate(&intent.issuer, &intent.serial).unwrap().unwrap();
        let state = record.state();
        let expected = if revoked.contains(number) {
            state == CertificateState::Revoked
        } else {
            state != CertificateState::Intent
        };
        assert!(expected && record.der.is_some(), "{number}: {state:?}");
    }
    let mut position = 0;
    loop {
        let page = store.changes(position, 1_000).unwrap();
        for change in &page.items {
            position += 1;
            assert_eq!(change.position, position);
        }
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(store.last_change().unwrap(), position);
    let found = examine(store, None, &[], &mut |_| {}).unwrap().unwrap();
    assert_eq!(found.size, position, "an entry for each change");
    issued.len()
}
