//! Asking for certificates and registrations, page by page.

use super::{
    CaId, CertificateRecord, CertificateState, Registration, RegistrationRecord, RegistrationState,
    SerialNumber, Word,
};
use crate::UnixTime;
use crate::profile::Role;

/// What to list: every field narrows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CertificateQuery {
    /// Only this issuer.
    pub issuer: Option<CaId>,
    /// Only this state.
    pub state: Option<CertificateState>,
    /// Only this role.
    pub role: Option<Role>,
    /// Only this serial number, whoever issued it.
    pub serial: Option<SerialNumber>,
    /// Only this public key: SHA-256 of the DER SubjectPublicKeyInfo.
    pub public_key: Option<[u8; 32]>,
    /// Only this brand.
    pub brand: Option<String>,
    /// Only with each of these words in the subject ([`Word::of_subject`]).
    pub subject: Vec<Word>,
    /// Only with a notAfter in this window.
    pub expires: Expires,
    /// Only what was issued in the registration with this LID-CA.
    pub registration: Option<Vec<u8>>,
    /// Only records after this position.
    pub after: Option<u64>,
    /// At most this many; zero means 100.
    pub limit: usize,
}

impl CertificateQuery {
    /// How many records a page holds at most.
    #[must_use]
    pub const fn page_size(&self) -> usize {
        if self.limit == 0 { DEFAULT_PAGE_SIZE } else { self.limit }
    }

    /// True if the record passes every filter and lies after the cursor. `registration` is the one
    /// that [`Self::registration`] names, if there is one.
    #[must_use]
    pub fn admits(&self, record: &CertificateRecord, registration: Option<&Registration>) -> bool {
        let intent = &record.intent;
        self.admits_attributes(record)
            && (self.subject.is_empty() || self.admits_subject(&intent.subject))
            && (self.registration.is_none()
                || registration.is_some_and(|one| one.has_issued(&intent.issuer, &intent.serial)))
    }

    /// True if the subject has every word.
    #[must_use]
    pub fn admits_subject(&self, subject: &str) -> bool {
        let words = Word::of_subject(subject);
        self.subject.iter().all(|word| words.contains(word))
    }

    fn admits_attributes(&self, record: &CertificateRecord) -> bool {
        self.issuer.as_ref().is_none_or(|issuer| *issuer == record.intent.issuer)
            && self.state.is_none_or(|state| state == record.state())
            && self.role.is_none_or(|role| role == record.intent.role)
            && self.serial.as_ref().is_none_or(|serial| *serial == record.intent.serial)
            && self.public_key.is_none_or(|key| key == record.intent.public_key)
            && self.brand.as_ref().is_none_or(|brand| record.intent.brand.as_ref() == Some(brand))
            && self.expires.admits(record.intent.not_after)
            && self.after.is_none_or(|after| record.position > after)
    }
}

/// A window of notAfter; without an end it is open there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Expires {
    /// Not before this.
    pub from: Option<UnixTime>,
    /// Not after this.
    pub to: Option<UnixTime>,
}

impl Expires {
    /// True if the window has this time.
    #[must_use]
    pub fn admits(&self, not_after: UnixTime) -> bool {
        self.from.is_none_or(|from| from <= not_after) && self.to.is_none_or(|to| not_after <= to)
    }
}

/// What ends when: certificates and intents that are not revoked, the first to end first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ExpiryQuery {
    /// Only with a notAfter in this window.
    pub expires: Expires,
    /// Only those after this one.
    pub after: Option<Expiry>,
    /// At most this many; zero means 100.
    pub limit: usize,
}

impl ExpiryQuery {
    /// How many records a page holds at most.
    #[must_use]
    pub const fn page_size(&self) -> usize {
        if self.limit == 0 { DEFAULT_PAGE_SIZE } else { self.limit }
    }

    /// True if the record is not revoked, ends in the window and lies after the cursor.
    #[must_use]
    pub fn admits(&self, record: &CertificateRecord) -> bool {
        record.revocation.is_none()
            && self.expires.admits(record.intent.not_after)
            && self.after.is_none_or(|after| Expiry::of(record) > after)
    }
}

/// The place of a certificate in the order of ends.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Expiry {
    /// notAfter.
    pub not_after: UnixTime,
    /// Position in the inventory: of those that end at once, the first recorded is the first.
    pub position: u64,
}

impl Expiry {
    /// Of a record.
    #[must_use]
    pub const fn of(record: &CertificateRecord) -> Self {
        Self { not_after: record.intent.not_after, position: record.position }
    }
}

/// Which registrations to list: every field narrows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RegistrationQuery {
    /// Only this state.
    pub state: Option<RegistrationState>,
    /// Only this brand.
    pub brand: Option<String>,
    /// Only this role.
    pub role: Option<Role>,
    /// Only records after this position.
    pub after: Option<u64>,
    /// At most this many; zero means 100.
    pub limit: usize,
}

impl RegistrationQuery {
    /// How many records a page holds at most.
    #[must_use]
    pub const fn page_size(&self) -> usize {
        if self.limit == 0 { DEFAULT_PAGE_SIZE } else { self.limit }
    }

    /// True if the record passes every filter and lies after the cursor.
    #[must_use]
    pub fn admits(&self, record: &RegistrationRecord) -> bool {
        let registration = &record.registration;
        self.state.is_none_or(|state| state == registration.state)
            && self.brand.as_ref().is_none_or(|brand| *brand == registration.brand)
            && self.role.is_none_or(|role| role == registration.role)
            && self.after.is_none_or(|after| record.position > after)
    }
}

/// Part of a list, and where the next part begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T, C = u64> {
    /// The records.
    pub items: Vec<T>,
    /// Position (or another cursor) to continue after; none at the end. A page of certificates may be short, even
    /// empty, and still have a next one ([`Store::certificates`](super::Store::certificates)).
    pub next: Option<C>,
}

impl<T: Positioned> Page<T> {
    /// Cuts a page of `size` records from what a backend found, which is one record more where
    /// there is a next page.
    #[must_use]
    pub fn cut(mut found: Vec<T>, size: usize) -> Self {
        let more = found.len() > size;
        found.truncate(size);
        let next = if more { found.last().map(T::position) } else { None };
        Self { items: found, next }
    }
}

impl<T, C> Page<T, C> {
    /// Gathers a page of `size` records from candidates in order, each with its position and, if
    /// every filter admits it, the record; at most [`MOST_EXAMINED`] of them, so a backend has one
    /// more ready at most.
    ///
    /// # Errors
    /// Whatever a candidate says.
    pub fn gather<E>(
        size: usize,
        candidates: impl IntoIterator<Item = Result<(C, Option<T>), E>>,
    ) -> Result<Self, E> {
        let (mut items, mut last) = (Vec::new(), None);
        for (count, candidate) in candidates.into_iter().enumerate() {
            let (position, admitted) = candidate?;
            // A full page is over where the next one is known to begin with something.
            if count == MOST_EXAMINED || (admitted.is_some() && items.len() == size) {
                return Ok(Self { items, next: last });
            }
            items.extend(admitted);
            last = Some(position);
        }
        Ok(Self { items, next: None })
    }
}

/// A record with a place in its list.
pub trait Positioned {
    /// The place.
    fn position(&self) -> u64;
}

impl Positioned for CertificateRecord {
    fn position(&self) -> u64 {
        self.position
    }
}

impl Positioned for RegistrationRecord {
    fn position(&self) -> u64 {
        self.position
    }
}

/// How many records a backend looks at for one page of certificates, at most.
pub const MOST_EXAMINED: usize = 10_000;
const DEFAULT_PAGE_SIZE: usize = 100;
