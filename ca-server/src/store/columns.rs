//! Column values: numbers, times, names, lists of octets. A value that no act writes is damage.

use ca_core::UnixTime;
use std::borrow::Cow;

use ca_core::profile::Role;
use ca_core::store::{
    CaId, ListId, RegistrationState, RevocationReason, SerialNumber, Shard, StoreError,
};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as NameError;

/// A database's integers are signed: keeps the bits, so that every number comes back as it was.
pub(super) const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// The number that [`signed`] stored.
pub(super) const fn unsigned(number: i64) -> u64 {
    number.cast_unsigned()
}

/// A fault of what is stored.
pub(super) fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Damaged(what.into())
}

pub(super) const fn time(seconds: i64) -> UnixTime {
    UnixTime::from_secs(unsigned(seconds))
}

pub(super) fn ca_id(text: &str) -> Result<CaId, StoreError> {
    CaId::new(text).ok_or_else(|| damaged(format!("CA identifier {text:?}")))
}

pub(super) fn serial_number(octets: &[u8]) -> Result<SerialNumber, StoreError> {
    SerialNumber::from_octets(octets).ok_or_else(|| damaged(format!("serial number {octets:02x?}")))
}

/// Several octet strings in one column: each after its length, two octets.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, StoreError> {
    let mut octets = Vec::new();
    for item in items {
        let length = u16::try_from(item.len())
            .map_err(|_| damaged(format!("{} octets in a list", item.len())))?;
        octets.extend_from_slice(&length.to_be_bytes());
        octets.extend_from_slice(item);
    }
    Ok(octets)
}

/// The items that [`list`] stored.
pub(super) fn items(mut octets: &[u8]) -> Result<Vec<&[u8]>, StoreError> {
    let mut items = Vec::new();
    while let Some((length, rest)) = octets.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (item, rest) = rest
            .split_at_checked(length)
            .ok_or_else(|| damaged("a list that ends within an item"))?;
        items.push(item);
        octets = rest;
    }
    if octets.is_empty() { Ok(items) } else { Err(damaged("a list with a rest")) }
}

/// A role or key use by its stable name.
pub(super) fn named<'a, T: Deserialize<'a>>(name: &'a str) -> Result<T, StoreError> {
    let deserializer: serde::de::value::StrDeserializer<'a, NameError> = name.into_deserializer();
    T::deserialize(deserializer).map_err(|_| damaged(format!("name {name:?}")))
}

pub(super) fn state_named(name: &str) -> Result<RegistrationState, StoreError> {
    RegistrationState::ALL
        .into_iter()
        .find(|state| state.name() == name)
        .ok_or_else(|| damaged(format!("registration state {name:?}")))
}

pub(super) fn reason(code: u8) -> Result<RevocationReason, StoreError> {
    RevocationReason::from_code(code).ok_or_else(|| damaged(format!("revocation reason {code}")))
}

pub(super) fn role_names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ")
}

/// Kind and name of a list.
pub(super) fn list_key(list: &ListId) -> (&'static str, Cow<'_, str>) {
    let owner = list.owner();
    let name = list.shard().map_or(owner.into(), |shard| format!("{owner}/{shard}").into());
    (list.kind(), name)
}

/// What [`list_key`] was made from.
pub(super) fn list_id(kind: &str, name: &str) -> Result<ListId, StoreError> {
    let ca = || CaId::new(name);
    let shard = || {
        let (ca, shard) = name.rsplit_once('/')?;
        Some(ListId::Shard { ca: CaId::new(ca)?, shard: Shard::parse(shard)? })
    };
    let list = match kind {
        "bci" => Some(ListId::Bci(name.to_owned())),
        "crl" => ca().map(ListId::Crl),
        "delta" => ca().map(ListId::Delta),
        "delta-base" => ca().map(ListId::DeltaBase),
        "shard" => shard(),
        _ => None,
    };
    list.ok_or_else(|| damaged(format!("name of {kind} {name}")))
}

/// What was signed of a certificate: the first element of the outer SEQUENCE (RFC 5280 §4.1).
pub(super) fn tbs_of(der: &[u8]) -> Option<&[u8]> {
    let content = der.get(header(der)?.0..)?;
    let (head, length) = header(content)?;
    content.get(..head.checked_add(length)?)
}

/// Octets of the header of a SEQUENCE and of its content (X.690 §8.1).
fn header(der: &[u8]) -> Option<(usize, usize)> {
    let (&[SEQUENCE, first], rest) = der.split_first_chunk::<2>()? else { return None };
    if first < 0x80 {
        return Some((2, first.into()));
    }
    let more = rest.get(..usize::from(first & 0x7f)).filter(|more| more.len() <= 4)?;
    let length = more.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    Some((2 + more.len(), length))
}

const SEQUENCE: u8 = 0x30;

#[cfg(test)]
mod tests {
    use der::{Decode as _, Encode as _};

    use super::*;

    #[test]
    fn tbs_is_cut_out_of_a_certificate_of_any_length() {
        for length in [1, 0x7f, 0x80, 0xff, 0x100, 0x1_0000_usize] {
            let tbs = der::asn1::OctetString::new(vec![7; length]).unwrap();
            let tbs = vec![tbs].to_der().unwrap();
            let (inner, rest) = (der::asn1::AnyRef::from_der(&tbs).unwrap(), 5_u8);
            let outer = [inner.to_der().unwrap(), rest.to_der().unwrap()].concat();
            let outer = der::asn1::AnyRef::new(der::Tag::Sequence, &outer).unwrap();
            assert_eq!(tbs_of(&outer.to_der().unwrap()), Some(&tbs[..]), "{length}");
        }
        assert_eq!(tbs_of(&[0x30, 3, 0x30, 9, 1]), None);
        assert_eq!(tbs_of(b"no DER"), None);
    }
}
