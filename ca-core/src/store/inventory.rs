//! Asking for certificates and registrations, page by page.

use super::{
    CaId, CertificateRecord, CertificateState, RegistrationRecord, RegistrationState, SerialNumber,
};
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

    /// True if the record passes every filter and lies after the cursor.
    #[must_use]
    pub fn admits(&self, record: &CertificateRecord) -> bool {
        self.issuer.as_ref().is_none_or(|issuer| *issuer == record.intent.issuer)
            && self.state.is_none_or(|state| state == record.state())
            && self.role.is_none_or(|role| role == record.intent.role)
            && self.serial.as_ref().is_none_or(|serial| *serial == record.intent.serial)
            && self.public_key.is_none_or(|key| key == record.intent.public_key)
            && self.after.is_none_or(|after| record.position > after)
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
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// Position to continue after; none at the end.
    pub next: Option<u64>,
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

const DEFAULT_PAGE_SIZE: usize = 100;
