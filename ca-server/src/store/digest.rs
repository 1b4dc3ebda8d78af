//! A digest per record: SQLite has no page checksums (measured, see the dependency notes), a
//! PostgreSQL cluster often none, so a flipped bit would be served as a certificate. Every backend
//! writes the same digests.

use sha2::{Digest as _, Sha256};

use ca_core::UnixTime;
use ca_core::store::{
    CaId, CaRecord, Intent, ListHead, Registration, Revocation, SerialNumber, StoreError,
    StoredAnswer,
};

use super::columns::{damaged, list, list_key, role_names};

/// SHA-256 over the columns of one record. Every column is preceded by its length, so no two
/// records share a text.
pub(super) struct RecordDigest(Sha256);

impl RecordDigest {
    /// Begins the digest of a record of `table`.
    pub(super) fn of(table: &str) -> Self {
        Self(Sha256::new()).octets(table.as_bytes())
    }

    pub(super) fn octets(mut self, octets: &[u8]) -> Self {
        self.0.update((octets.len() as u64).to_be_bytes());
        self.0.update(octets);
        self
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.octets(text.as_bytes())
    }

    pub(super) fn number(self, number: u64) -> Self {
        self.octets(&number.to_be_bytes())
    }

    /// A column that may be NULL.
    pub(super) fn optional(self, octets: Option<&[u8]>) -> Self {
        match octets {
            Some(octets) => self.number(1).octets(octets),
            None => self.number(0),
        }
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    /// Compares with what was stored when the record was written.
    ///
    /// # Errors
    /// Damaged, naming `what`.
    pub(super) fn check(
        self,
        stored: &[u8; 32],
        what: impl FnOnce() -> String,
    ) -> Result<(), StoreError> {
        if self.finish() == *stored { Ok(()) } else { Err(damaged(what())) }
    }
}

/// Of an intent.
pub(super) fn of_intent(intent: &Intent) -> RecordDigest {
    RecordDigest::of("certificate")
        .text(intent.issuer.as_str())
        .octets(intent.serial.as_octets())
        .text(intent.role.name())
        .text(intent.key_use.name())
        .optional(intent.brand.as_deref().map(str::as_bytes))
        .text(&intent.subject)
        .octets(&intent.public_key)
        .octets(&intent.thumbprint)
        .number(intent.not_after.as_secs())
        .optional(intent.request.as_ref().map(|hash| &hash[..]))
        .optional(intent.renews.as_ref().map(SerialNumber::as_octets))
        .number(intent.recorded_at.as_secs())
        .octets(&intent.tbs)
}

/// Of an issued certificate, from the digest of its intent.
pub(super) fn of_issued(intent: &[u8; 32], der: &[u8]) -> RecordDigest {
    RecordDigest::of("issued certificate").octets(intent).octets(der)
}

pub(super) fn of_revocation(
    issuer: &CaId,
    serial: &SerialNumber,
    not_after: UnixTime,
    revocation: &Revocation,
) -> RecordDigest {
    let since = revocation.invalid_since.map(|since| since.as_secs().to_be_bytes());
    RecordDigest::of("revocation")
        .text(issuer.as_str())
        .octets(serial.as_octets())
        .number(not_after.as_secs())
        .number(revocation.at.as_secs())
        .number(revocation.reason.code().into())
        .optional(since.as_ref().map(<[u8; 8]>::as_slice))
}

pub(super) fn of_registration(registration: &Registration) -> Result<RecordDigest, StoreError> {
    let text = |text: &Option<String>| text.clone().map(String::into_bytes);
    let number = |number: Option<u64>| number.map(u64::to_be_bytes);
    let open = registration.open.as_ref();
    let keys = open.iter().flat_map(|open| &open.public_keys).map(|key| &key[..]);
    let decision = registration.decision.as_ref();
    let decided_at = decision.map(|decision| decision.at.as_secs());
    let collect_by = registration.collect_by.map(UnixTime::as_secs);
    let approved = decision.map(|decision| [u8::from(decision.approved)]);
    let error = registration.peer_error;
    let by = decision.map(|decision| decision.by.as_bytes());
    let digest = RecordDigest::of("registration")
        .octets(&registration.lid_ca)
        .number(registration.revision)
        .octets(&registration.lid_ee)
        .text(registration.ca.as_str())
        .text(registration.role.name())
        .text(&registration.brand)
        .text(registration.state.name())
        .optional(registration.request_type.map(|number| [number]).as_ref().map(|n| &n[..]))
        .optional(text(&registration.language).as_deref())
        .optional(number(registration.form_id).as_ref().map(|n| &n[..]))
        .optional(registration.chall_ca.as_ref().map(|octets| &octets[..]))
        .optional(text(&registration.bin).as_deref())
        .optional(text(&registration.business_id).as_deref())
        .optional(registration.pan_hash.as_ref().map(|octets| &octets[..]))
        .optional(text(&registration.pan_tail).as_deref());
    Ok(digest
        .optional(registration.status.map(|status| [status]).as_ref().map(|n| &n[..]))
        .optional(text(&registration.refusal).as_deref())
        .optional(text(&registration.message).as_deref())
        .octets(&list(registration.signers.iter().map(Vec::as_slice))?)
        .optional(open.map(|open| &open.request[..]))
        .octets(&list(keys)?)
        .optional(registration.sealed.as_deref())
        .optional(by)
        .optional(approved.as_ref().map(|n| &n[..]))
        .optional(number(decided_at).as_ref().map(|n| &n[..]))
        .optional(number(collect_by).as_ref().map(|n| &n[..]))
        .octets(&list(registration.issued.iter().map(SerialNumber::as_octets))?)
        .optional(number(error.map(|error| error.code.into())).as_ref().map(|n| &n[..]))
        .optional(number(error.map(|error| error.at.as_secs())).as_ref().map(|n| &n[..]))
        .number(registration.created_at.as_secs())
        .number(registration.updated_at.as_secs()))
}

pub(super) fn of_answer(answer: &StoredAnswer) -> RecordDigest {
    RecordDigest::of("answer")
        .octets(&answer.rrpid)
        .octets(&answer.request)
        .octets(&answer.lid_ca)
        .octets(&answer.octets)
        .number(answer.recorded_at.as_secs())
}

/// Of a published list; `content` is SHA-256 of the digests of its parts.
pub(super) fn of_list(head: &ListHead, content: &[u8; 32]) -> RecordDigest {
    let (kind, name) = list_key(&head.list);
    RecordDigest::of("published_list")
        .text(kind)
        .text(&name)
        .number(head.number)
        .octets(content)
        .number(head.this_update.as_secs())
        .number(head.next_update.as_secs())
        .number(head.len as u64)
}

/// With its certificates.
pub(super) fn of_ca(ca: &CaRecord) -> RecordDigest {
    let head = RecordDigest::of("ca")
        .text(ca.id.as_str())
        .optional(ca.superior.as_ref().map(|id| id.as_str().as_bytes()))
        .text(&role_names(&ca.roles))
        .optional(ca.brand.as_deref().map(str::as_bytes));
    ca.certificates.iter().fold(head, |digest, own| {
        digest.text(own.key_use.name()).octets(&own.key.0).octets(&own.der)
    })
}
