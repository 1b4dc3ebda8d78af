//! What a writer is asked to do, as plain data: it may have to be done again after a connection was
//! lost.

use std::collections::BTreeSet;

use ca_core::UnixTime;
use ca_core::audit::{Acting, AuditEntry};
use ca_core::store::{
    CaCertificate, CaId, CaRecord, Intent, IssuedCertificate, ListId, PublishedList, Registration,
    RevocationOrder, SerialNumber, StoreError, StoredAnswer,
};

use super::slice::Slice;

/// An act on certificates, registrations or numbers: many are done in one transaction.
pub(super) enum Common {
    Intents(Vec<Intent>, Acting),
    Issued(Vec<IssuedCertificate>, Option<(Registration, Option<StoredAnswer>)>, Acting),
    Registration(Registration, Option<StoredAnswer>, Acting),
    Revoke(RevocationOrder, Acting),
    RevokeAll(Vec<RevocationOrder>, Acting),
    Release(CaId, SerialNumber, Acting),
    Note(Vec<AuditEntry>),
    NextNumber(ListId),
}

/// An act that has a transaction for itself.
pub(super) enum Rare {
    Ca(CaRecord, Acting),
    CaCertificate(CaId, CaCertificate, Acting),
    ForgetAnswers(UnixTime),
    TrimChanges {
        before: u64,
        limit: usize,
    },
    List(PublishedList, Acting),
    Checkpoint {
        size: u64,
        note: String,
    },
    /// Of more certificates than one transaction writes at once.
    RevokeMany(Vec<RevocationOrder>, Acting),
}

/// Either.
pub(super) enum Act {
    Common(Box<Common>),
    Rare(Box<Rare>),
}

/// What an act looks at.
#[derive(Default)]
pub(super) struct Needs<'a> {
    pub(super) certificates: BTreeSet<(&'a CaId, &'a SerialNumber)>,
    /// Renewals of these.
    pub(super) renewed: BTreeSet<(&'a CaId, &'a SerialNumber)>,
    pub(super) public_keys: BTreeSet<&'a [u8]>,
    pub(super) registrations: BTreeSet<&'a [u8]>,
    pub(super) answers: BTreeSet<&'a [u8]>,
    pub(super) lists: BTreeSet<&'a ListId>,
}

impl<'a> Needs<'a> {
    pub(super) fn of(acts: &[&'a Common]) -> Self {
        let mut needs = Self::default();
        for act in acts {
            match act {
                Common::Intents(intents, _) => needs.intents(intents),
                Common::Issued(issued, outcome, _) => {
                    let names = issued.iter().map(|one| (&one.intent.issuer, &one.intent.serial));
                    needs.certificates.extend(names);
                    if let Some((registration, answer)) = outcome {
                        needs.registration(registration, answer.as_ref());
                    }
                }
                Common::Registration(registration, answer, _) => {
                    needs.registration(registration, answer.as_ref());
                }
                Common::Revoke(order, _) => needs.orders(std::slice::from_ref(order)),
                Common::RevokeAll(orders, _) => needs.orders(orders),
                Common::Release(issuer, serial, _) => {
                    needs.certificates.insert((issuer, serial));
                }
                Common::NextNumber(list) => drop(needs.lists.insert(list)),
                Common::Note(_) => {}
            }
        }
        needs
    }

    fn intents(&mut self, intents: &'a [Intent]) {
        for Intent { issuer, serial, public_key, renews, .. } in intents {
            self.certificates.insert((issuer, serial));
            self.public_keys.insert(public_key);
            self.renewed.extend(renews.as_ref().map(|serial| (issuer, serial)));
        }
    }

    pub(super) fn orders(&mut self, orders: &'a [RevocationOrder]) {
        self.certificates.extend(orders.iter().map(|order| (&order.issuer, &order.serial)));
    }

    fn registration(&mut self, registration: &'a Registration, answer: Option<&'a StoredAnswer>) {
        self.registrations.insert(&registration.lid_ca);
        let keys = registration.open.iter().flat_map(|open| &open.public_keys);
        self.public_keys.extend(keys.map(|key| &key[..]));
        self.answers.extend(answer.map(|answer| &answer.rrpid[..]));
    }
}

/// What acts have done, beside what the model says.
#[derive(Default)]
pub(super) struct Done<'a> {
    pub(super) entries: Vec<AuditEntry>,
    /// LID-CA of what moved.
    pub(super) registrations: BTreeSet<&'a [u8]>,
    pub(super) answers: Vec<&'a StoredAnswer>,
}

impl Common {
    /// Does it in a slice of the records; returns its number, if it has one, or how many entries
    /// that made.
    pub(super) fn run<'a>(
        &'a self,
        slice: &mut Slice,
        done: &mut Done<'a>,
    ) -> Result<u64, StoreError> {
        let model = slice.model();
        let entries = match self {
            Self::Intents(intents, acting) => model.record_intents(intents, acting)?,
            Self::Issued(issued, outcome, acting) => {
                let by_ref = outcome.as_ref().map(|(one, answer)| (one, answer.as_ref()));
                let entries = model.record_issued(issued, by_ref, acting)?;
                if let Some((registration, answer)) = outcome {
                    done.moved(registration, answer.as_ref());
                }
                entries
            }
            Self::Registration(registration, answer, acting) => {
                let entries = model.record_registration(registration, answer.as_ref(), acting)?;
                done.moved(registration, answer.as_ref());
                entries
            }
            Self::Revoke(RevocationOrder { issuer, serial, revocation }, acting) => {
                model.revoke(issuer, serial, revocation, acting)?
            }
            Self::RevokeAll(orders, acting) => model.revoke_all(orders, acting)?,
            Self::Release(issuer, serial, acting) => model.release(issuer, serial, acting)?,
            Self::Note(entries) => entries.clone(),
            Self::NextNumber(list) => return Ok(slice.next_number(list)),
        };
        let count = entries.len() as u64;
        done.entries.extend(entries);
        Ok(count)
    }
}

impl<'a> Done<'a> {
    fn moved(&mut self, registration: &'a Registration, answer: Option<&'a StoredAnswer>) {
        self.registrations.insert(&registration.lid_ca);
        self.answers.extend(answer);
    }
}
