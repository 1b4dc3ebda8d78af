//! Column values: numbers, times, names. A value that no act writes is damage.

use ca_core::UnixTime;
use ca_core::store::{CaId, SerialNumber};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as NameError;

use super::fault::Fault;

/// SQLite's integers are signed: keeps the bits, so that every number comes back as it was.
pub(super) const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// The number that [`signed`] stored.
pub(super) const fn unsigned(number: i64) -> u64 {
    number.cast_unsigned()
}

pub(super) const fn time(seconds: i64) -> UnixTime {
    UnixTime::from_secs(unsigned(seconds))
}

pub(super) fn ca_id(text: &str) -> Result<CaId, Fault> {
    CaId::new(text).ok_or_else(|| Fault::damaged(format!("CA identifier {text:?}")))
}

pub(super) fn serial_number(octets: &[u8]) -> Result<SerialNumber, Fault> {
    SerialNumber::from_octets(octets)
        .ok_or_else(|| Fault::damaged(format!("serial number {octets:02x?}")))
}

/// Several octet strings in one column: each after its length, two octets.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, Fault> {
    let mut octets = Vec::new();
    for item in items {
        let length = u16::try_from(item.len())
            .map_err(|_| Fault::damaged(format!("{} octets in a list", item.len())))?;
        octets.extend_from_slice(&length.to_be_bytes());
        octets.extend_from_slice(item);
    }
    Ok(octets)
}

/// The items that [`list`] stored.
pub(super) fn items(mut octets: &[u8]) -> Result<Vec<&[u8]>, Fault> {
    let mut items = Vec::new();
    while let Some((length, rest)) = octets.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (item, rest) = rest
            .split_at_checked(length)
            .ok_or_else(|| Fault::damaged("a list that ends within an item"))?;
        items.push(item);
        octets = rest;
    }
    if octets.is_empty() { Ok(items) } else { Err(Fault::damaged("a list with a rest")) }
}

/// A role or key use by its stable name.
pub(super) fn named<'a, T: Deserialize<'a>>(name: &'a str) -> Result<T, Fault> {
    let deserializer: serde::de::value::StrDeserializer<'a, NameError> = name.into_deserializer();
    T::deserialize(deserializer).map_err(|_| Fault::damaged(format!("name {name:?}")))
}
