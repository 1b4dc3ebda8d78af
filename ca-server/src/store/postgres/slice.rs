//! The part of the records that a batch of acts looks at, read at once and written at once.

use std::collections::{BTreeMap, BTreeSet};

use ca_core::store::{
    CaId, CertificateRecord, CertificateState, Claim, ListId, Model, Registration,
    RegistrationRecord, Revocation, SerialNumber, StoredAnswer,
};
use deadpool_postgres::ClientWrapper as Session;

use super::act::{Done, Needs};
use super::audit::Appended;
use super::columns::{Write, array, get};
use super::fault::Fault;
use super::head::Head;
use super::{answers, audit, certificates, changes, head, lists, registrations, revocations};

/// Records as they stand.
pub(super) struct Slice {
    model: Model,
    /// How the certificates stood before any act: issued, revoked.
    before: BTreeMap<u64, (bool, Option<Revocation>)>,
    /// Given last, by list; and which were given since.
    numbers: BTreeMap<ListId, u64>,
    given: BTreeSet<ListId>,
}

/// What was read, before it is known where positions go on.
#[derive(Default)]
pub(super) struct Loaded {
    certificates: Vec<CertificateRecord>,
    registrations: Vec<RegistrationRecord>,
    claims: Vec<([u8; 32], Claim)>,
    answers: Vec<StoredAnswer>,
    numbers: BTreeMap<ListId, u64>,
}

impl Loaded {
    /// Reads what is needed: all statements go out before the first answer is waited for, if they
    /// were prepared before.
    pub(super) async fn from(session: &Session, needs: &Needs<'_>) -> Result<Self, Fault> {
        let (named, by_key, renewals, registrations, claims, answers, numbers) = tokio::join!(
            biased;
            named(session, &needs.certificates, NAMED),
            by_key(session, needs),
            named(session, &needs.renewed, RENEWALS),
            registrations(session, needs),
            claims(session, needs),
            answers(session, needs),
            numbers(session, needs),
        );
        let certificates = [named?, by_key?, renewals?].concat();
        let (registrations, claims, answers) = (registrations?, claims?, answers?);
        let numbers = numbers?;
        Ok(Self { certificates, registrations, claims, answers, numbers })
    }
}

async fn named(
    session: &Session,
    names: &BTreeSet<(&CaId, &SerialNumber)>,
    condition: &str,
) -> Result<Vec<CertificateRecord>, Fault> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let issuers: Vec<&str> = names.iter().map(|(issuer, _)| issuer.as_str()).collect();
    let serials: Vec<&[u8]> = names.iter().map(|(_, serial)| serial.as_octets()).collect();
    certificates::select(session, condition, &[&issuers, &serials]).await
}

async fn by_key(session: &Session, needs: &Needs<'_>) -> Result<Vec<CertificateRecord>, Fault> {
    if needs.public_keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&[u8]> = needs.public_keys.iter().copied().collect();
    certificates::select(session, BY_KEY, &[&keys]).await
}

async fn registrations(
    session: &Session,
    needs: &Needs<'_>,
) -> Result<Vec<RegistrationRecord>, Fault> {
    if needs.registrations.is_empty() {
        return Ok(Vec::new());
    }
    let lid_cas: Vec<&[u8]> = needs.registrations.iter().copied().collect();
    registrations::find_all(session, &lid_cas).await
}

async fn claims(session: &Session, needs: &Needs<'_>) -> Result<Vec<([u8; 32], Claim)>, Fault> {
    if needs.public_keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&[u8]> = needs.public_keys.iter().copied().collect();
    let statement = session.prepare_cached(CLAIMS).await?;
    let rows = session.query(&statement, &[&keys]).await?;
    let claim = |row| Ok((array(row, 0)?, Claim { lid_ca: get(row, 1)?, request: array(row, 2)? }));
    rows.iter().map(claim).collect()
}

async fn answers(session: &Session, needs: &Needs<'_>) -> Result<Vec<StoredAnswer>, Fault> {
    if needs.answers.is_empty() {
        return Ok(Vec::new());
    }
    let rrpids: Vec<&[u8]> = needs.answers.iter().copied().collect();
    answers::find_all(session, &rrpids).await
}

async fn numbers(session: &Session, needs: &Needs<'_>) -> Result<BTreeMap<ListId, u64>, Fault> {
    if needs.lists.is_empty() {
        return Ok(BTreeMap::new());
    }
    lists::numbers(session, &needs.lists).await
}

impl Slice {
    pub(super) fn new(head: &Head, loaded: Loaded) -> Self {
        let mut model = Model::after(head.last);
        let mut before = BTreeMap::new();
        for record in loaded.certificates {
            before.insert(record.position, (record.der.is_some(), record.revocation));
            model.put_certificate(record);
        }
        loaded.registrations.into_iter().for_each(|record| model.put_registration(record));
        loaded.claims.into_iter().for_each(|(key, claim)| model.put_claim(key, claim));
        loaded.answers.into_iter().for_each(|answer| model.put_answer(answer));
        Self { model, before, numbers: loaded.numbers, given: BTreeSet::new() }
    }

    /// The next number of a list.
    pub(super) fn next_number(&mut self, list: &ListId) -> u64 {
        let number = self.numbers.entry(list.clone()).or_default();
        *number = number.saturating_add(1);
        self.given.insert(list.clone());
        *number
    }

    pub(super) const fn model(&mut self) -> &mut Model {
        &mut self.model
    }

    /// Sends what acts have done and whatever `last` adds, in one go; the head moves with it.
    ///
    /// # Errors
    /// Of the statement that failed first: none of them counts then.
    pub(super) async fn write(
        &self,
        session: &Session,
        head: &mut Head,
        done: &Done<'_>,
        last: Vec<Write<'_>>,
    ) -> Result<(), Fault> {
        let touched = Touched::of(self);
        let words = certificates::words(&touched.new);
        let moved = done.registrations.iter().filter_map(|lid_ca| self.model.registration(lid_ca));
        let moved = moved.map(registrations::Written::of).collect::<Result<Vec<_>, _>>()?;
        let named = Moved::of(self, done);
        let appended = Appended::to(&mut head.tree, &done.entries);
        let mut writes = touched.writes(&words);
        if !moved.is_empty() {
            writes.push(registrations::put(&moved));
            writes.push(registrations::give_up(&moved));
        }
        writes.extend(named.writes());
        if !done.answers.is_empty() {
            writes.push(answers::insert(&done.answers));
        }
        let given = self.given.iter();
        let given: Vec<_> =
            given.filter_map(|list| Some((list, *self.numbers.get(list)?))).collect();
        if !given.is_empty() {
            writes.push(lists::put_numbers(&given));
        }
        let changes = self.model.changes();
        if !changes.is_empty() {
            writes.push(changes::record(head.change, changes));
        }
        writes.extend(appended.writes());
        head.change = head.change.saturating_add(changes.len() as u64);
        head.last = self.model.last();
        writes.push(head.write());
        writes.extend(last);
        send(session, &writes).await
    }
}

/// Sends statements one after another without waiting for answers in between.
///
/// # Errors
/// Of the one that failed first.
pub(super) async fn send(session: &Session, writes: &[Write<'_>]) -> Result<(), Fault> {
    // Whatever is not prepared yet would be overtaken by what is.
    for write in writes {
        session.prepare_cached(write.sql).await?;
    }
    let all = futures_util::future::join_all(writes.iter().map(|write| write.run(session))).await;
    all.into_iter().try_for_each(|written| written.map(drop))
}

/// Certificates that acts have touched, by what is to be written of them.
#[derive(Default)]
struct Touched<'a> {
    new: Vec<&'a CertificateRecord>,
    issued: Vec<&'a CertificateRecord>,
    revoked: Vec<revocations::Revoked<'a>>,
    released: Vec<&'a CertificateRecord>,
    /// Stand as issued now.
    plain: Vec<&'a CertificateRecord>,
    /// Stand otherwise.
    special: Vec<&'a CertificateRecord>,
}

impl<'a> Touched<'a> {
    fn of(slice: &'a Slice) -> Self {
        let mut touched = Self::default();
        let positions: BTreeSet<u64> = slice.model.changes().iter().copied().collect();
        for record in positions.iter().filter_map(|at| slice.model.certificate(*at)) {
            let before = slice.before.get(&record.position);
            let (was_issued, was_revoked) = before.copied().unwrap_or_default();
            if before.is_none() {
                touched.new.push(record);
            }
            if record.der.is_some() && !was_issued {
                touched.issued.push(record);
            }
            match record.revocation {
                Some(revocation) if was_revoked != Some(revocation) => {
                    touched.revoked.push((record, revocation));
                }
                None if was_revoked.is_some() => touched.released.push(record),
                _ => {}
            }
            match record.state() {
                CertificateState::Issued => touched.plain.push(record),
                _ => touched.special.push(record),
            }
        }
        touched
    }

    fn writes(&'a self, words: &'a [(String, i64)]) -> Vec<Write<'a>> {
        let all = [
            (!self.new.is_empty()).then(|| certificates::insert(&self.new)),
            (!words.is_empty()).then(|| certificates::insert_words(words)),
            (!self.issued.is_empty()).then(|| certificates::issue(&self.issued)),
            (!self.special.is_empty()).then(|| certificates::put_states(&self.special)),
            (!self.plain.is_empty()).then(|| certificates::drop_states(&self.plain)),
            (!self.revoked.is_empty()).then(|| revocations::put(&self.revoked)),
            (!self.released.is_empty()).then(|| revocations::take_back(&self.released)),
        ];
        all.into_iter().flatten().collect()
    }
}

/// What registrations that moved lead to and hold.
struct Moved<'a> {
    issued: Vec<(&'a Registration, SerialNumber)>,
    claims: Vec<registrations::Claimed<'a>>,
}

impl<'a> Moved<'a> {
    fn of(slice: &'a Slice, done: &Done<'_>) -> Self {
        let (mut issued, mut claims) = (Vec::new(), Vec::new());
        for record in done.registrations.iter().filter_map(|at| slice.model.registration(at)) {
            let one = &record.registration;
            issued.extend(one.issued.iter().map(|serial| (one, *serial)));
            claims.extend(registrations::claimed(one));
        }
        Self { issued, claims }
    }

    fn writes(&self) -> Vec<Write<'_>> {
        let all = [
            (!self.issued.is_empty()).then(|| registrations::name_issued(&self.issued)),
            (!self.claims.is_empty()).then(|| registrations::claim(&self.claims)),
        ];
        all.into_iter().flatten().collect()
    }
}

/// Prepares every statement of a batch, so that each goes out when it is first polled.
pub(super) async fn prepare(session: &Session) -> Result<(), Fault> {
    let selects = [NAMED, RENEWALS, BY_KEY].map(certificates::statement);
    let found = [registrations::by_lid_ca(), answers::FIND.to_owned(), CLAIMS.to_owned()];
    let written = [
        head::LOCK,
        head::UPDATE,
        certificates::INSERT,
        certificates::INSERT_WORDS,
        certificates::ISSUE,
        certificates::PUT_STATES,
        certificates::DROP_STATES,
        revocations::PUT,
        revocations::TAKE_BACK,
        registrations::PUT,
        registrations::NAME_ISSUED,
        registrations::GIVE_UP,
        registrations::CLAIM,
        answers::INSERT,
        lists::NUMBERS,
        lists::PUT_NUMBERS,
        changes::RECORD,
        audit::INSERT_LINES,
        audit::INSERT_NODES,
    ];
    let written = written.map(str::to_owned);
    let all: Vec<String> = selects.into_iter().chain(found).chain(written).collect();
    let prepared = all.iter().map(|sql| session.prepare_cached(sql));
    futures_util::future::try_join_all(prepared).await?;
    Ok(())
}

const NAMED: &str = "JOIN unnest($1::text[], $2::bytea[]) AS n (issuer, serial) \
     ON c.issuer = n.issuer AND c.serial = n.serial";
const RENEWALS: &str = "JOIN unnest($1::text[], $2::bytea[]) AS n (issuer, serial) \
     ON c.issuer = n.issuer AND c.renews = n.serial";
const BY_KEY: &str = "WHERE c.public_key = ANY ($1)";
const CLAIMS: &str =
    "SELECT public_key, lid_ca, request FROM key_claim WHERE public_key = ANY ($1)";
