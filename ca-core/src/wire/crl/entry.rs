//! revokedCertificates as a compact table.

use std::collections::HashMap;

use const_oid::ObjectIdentifier;
use der::asn1::GeneralizedTime;
use der::{Decode, Encode, ErrorKind, Header, Reader, SliceReader, Tag};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::CrlReason;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

use super::RevokedInfo;
use super::time::Clock;
use crate::UnixTime;
use crate::wire::bounds::MAX_SERIAL;
use crate::wire::oids;

/// One entry of a CRL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CrlEntry<'a> {
    /// Content octets of the serial number.
    pub serial: &'a [u8],
    /// DER of the name of the certificate's issuer: the CRL's own, or in an indirect CRL the one
    /// that the last certificateIssuer named (RFC 5280 §5.3.3).
    pub issuer: &'a [u8],
    /// When and why.
    pub info: RevokedInfo,
    /// The CRL after the serial number: revocationDate first.
    rest: &'a [u8],
}

impl CrlEntry<'_> {
    /// invalidityDate (RFC 5280 §5.3.2), `None` if absent or unreadable. Read when it is asked for:
    /// few ask, and a CRL may have a million entries.
    #[must_use]
    pub fn invalidity_date(&self) -> Option<UnixTime> {
        let mut reader = SliceReader::new(self.rest).ok()?;
        Time::decode(&mut reader).ok()?;
        // Another entry begins with an INTEGER, and so is none of these.
        let extensions = Vec::<Extension>::decode(&mut reader).ok()?;
        let date = extensions.iter().find(|one| one.extn_id == oids::INVALIDITY_DATE)?;
        let date = GeneralizedTime::from_der(date.extn_value.as_bytes()).ok()?;
        Some(UnixTime::from(&Time::GeneralTime(date)))
    }
}

/// Every entry, sorted by serial number and issuer.
#[derive(Clone, Default, Eq, PartialEq)]
pub(super) struct Entries {
    sorted: Vec<Entry>,
    /// DER of the names that certificateIssuer gave, each once.
    issuers: Vec<Vec<u8>>,
    /// The first critical entry extension that this build does not know.
    pub(super) unknown_critical: Option<ObjectIdentifier>,
    /// True if one serial number of one issuer is listed more than once.
    pub(super) repeat: bool,
}

impl Entries {
    /// The content of revokedCertificates, unsorted.
    pub(super) fn read<'a, R: Reader<'a>>(r: &mut R, clock: &mut Clock) -> der::Result<Self> {
        let mut entries = Self::default();
        let mut names = Names::default();
        r.sequence(|r| {
            while !r.is_finished() {
                let entry = r.sequence(|r| Entry::read(r, clock, &mut entries, &mut names))?;
                entries.sorted.push(entry);
            }
            // RFC 5280 §5.1.2.6: absent when empty, never an empty SEQUENCE.
            if entries.sorted.is_empty() {
                return Err(r.error(Tag::Sequence.length_error()));
            }
            Ok(())
        })?;
        Ok(entries)
    }

    /// Sorts for look-up, in the CRL's octets.
    pub(super) fn sort(&mut self, der: &[u8]) {
        self.sorted.sort_unstable_by(|a, b| {
            a.serial(der)
                .cmp(b.serial(der))
                .then(a.issuer.cmp(&b.issuer))
                .then(a.start.cmp(&b.start))
        });
        let mut neighbours = self.sorted.iter().zip(self.sorted.iter().skip(1));
        self.repeat =
            neighbours.any(|(a, b)| a.issuer == b.issuer && a.serial(der) == b.serial(der));
    }

    pub(super) const fn len(&self) -> usize {
        self.sorted.len()
    }

    /// True if an entry stands under another name than the CRL issuer's.
    pub(super) const fn name_issuers(&self) -> bool {
        !self.issuers.is_empty()
    }

    /// Every entry, of the CRL issuer `own` where no other was named.
    pub(super) fn all<'a>(
        &'a self,
        der: &'a [u8],
        own: &'a [u8],
    ) -> impl Iterator<Item = CrlEntry<'a>> {
        self.sorted.iter().map(move |entry| self.shown(entry, der, own))
    }

    /// The entries of a serial number, whoever issued it.
    pub(super) fn of<'a>(
        &'a self,
        serial: &'a [u8],
        der: &'a [u8],
        own: &'a [u8],
    ) -> impl Iterator<Item = CrlEntry<'a>> {
        let first = self.sorted.partition_point(|entry| entry.serial(der) < serial);
        let found = self.sorted.get(first..).unwrap_or_default().iter();
        found
            .take_while(move |entry| entry.serial(der) == serial)
            .map(move |entry| self.shown(entry, der, own))
    }

    fn shown<'a>(&'a self, entry: &Entry, der: &'a [u8], own: &'a [u8]) -> CrlEntry<'a> {
        let named = (entry.issuer as usize).checked_sub(1).and_then(|at| self.issuers.get(at));
        let reason = (entry.reason != NO_REASON).then_some(entry.reason);
        CrlEntry {
            serial: entry.serial(der),
            issuer: named.map_or(own, Vec::as_slice),
            info: RevokedInfo { at: entry.at, reason },
            rest: der.get(entry.end()..).unwrap_or_default(),
        }
    }
}

/// An entry: where its serial number stands in the CRL, and what it says. 24 octets, because a CRL
/// may have a million of them.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Entry {
    at: UnixTime,
    start: u32,
    /// 0 is the CRL issuer, n the nth name of [`Entries`].
    issuer: u32,
    length: u8,
    reason: u8,
}

impl Entry {
    fn serial<'a>(&self, der: &'a [u8]) -> &'a [u8] {
        der.get(self.start as usize..self.end()).unwrap_or_default()
    }

    /// Where the serial number ends.
    fn end(&self) -> usize {
        (self.start as usize).saturating_add(usize::from(self.length))
    }

    /// The content of one entry.
    fn read<'a, R: Reader<'a>>(
        r: &mut R,
        clock: &mut Clock,
        entries: &mut Entries,
        names: &mut Names,
    ) -> der::Result<Self> {
        let header = Header::decode(r)?;
        header.tag().assert_eq(Tag::Integer)?;
        let start = u32::try_from(usize::try_from(r.position())?)
            .map_err(|_| der::Error::from(ErrorKind::Overlength))?;
        let serial = r.read_slice(header.length())?;
        let length = u8::try_from(serial.len())
            .ok()
            .filter(|length| *length <= MAX_SERIAL && is_minimal(serial))
            .ok_or_else(|| r.error(Tag::Integer.value_error()))?;
        let at = clock.read(&Time::decode(r)?);
        let mut reason = NO_REASON;
        for extension in Option::<Vec<Extension>>::decode(r)?.unwrap_or_default() {
            match extension.extn_id {
                oids::CRL_REASON => {
                    reason = CrlReason::from_der(extension.extn_value.as_bytes())? as u8;
                }
                oids::CERTIFICATE_ISSUER => names.enter(&extension, &mut entries.issuers)?,
                oids::INVALIDITY_DATE | oids::HOLD_INSTRUCTION_CODE => {}
                other if extension.critical => {
                    entries.unknown_critical.get_or_insert(other);
                }
                _ => {}
            }
        }
        Ok(Self { at, start, issuer: names.current, length, reason })
    }
}

/// The names that certificateIssuer gave so far, and the one that counts.
#[derive(Default)]
struct Names {
    known: HashMap<Vec<u8>, u32>,
    current: u32,
}

impl Names {
    /// From here on entries are of the issuer that a certificateIssuer names (RFC 5280 §5.3.3): its
    /// directoryName.
    fn enter(&mut self, extension: &Extension, all: &mut Vec<Vec<u8>>) -> der::Result<()> {
        let names = Vec::<GeneralName>::from_der(extension.extn_value.as_bytes())?;
        let name = names.iter().find_map(|name| match name {
            GeneralName::DirectoryName(name) => Some(name.to_der()),
            _ => None,
        });
        let name = name.ok_or_else(|| der::Error::from(ErrorKind::Failed))??;
        self.current = match self.known.get(&name) {
            Some(known) => *known,
            None => {
                all.push(name.clone());
                let number = u32::try_from(all.len()).map_err(|_| ErrorKind::Overlength)?;
                self.known.insert(name, number);
                number
            }
        };
        Ok(())
    }
}

/// DER INTEGER: no octet more than the value needs (X.690 §8.3.2).
fn is_minimal(integer: &[u8]) -> bool {
    match integer {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// In place of a CRLReason: none was given.
const NO_REASON: u8 = u8::MAX;

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn entry_has_24_octets() {
        assert_eq!(size_of::<Entry>(), 24);
    }
}
