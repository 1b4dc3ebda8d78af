//! Names as octets that are the same for names which match (RFC 5280 §7.1).

use std::borrow::Cow;

use der::asn1::Any;
use der::{Decode, Encode, Tag, Tagged};
use x509_cert::name::Name;

use super::prepare::prepare;
use super::text::directory_string;
use crate::path::Rules;

/// What two names have in common exactly if `rules` take them for the same: under RFC 5280
/// [`key`], under SET the DER (spec `set-certificates.md` §2).
pub(in crate::path) fn comparison_key<'a>(
    rules: Rules,
    name: &Name,
    der: &'a [u8],
) -> Cow<'a, [u8]> {
    match rules {
        Rules::Rfc5280 => Cow::Owned(key(name)),
        Rules::Set => Cow::Borrowed(der),
    }
}

/// The same of a name of which only the DER is at hand; what is no name is compared as it is.
pub(in crate::path) fn der_key(rules: Rules, der: &[u8]) -> Cow<'_, [u8]> {
    match (rules, Name::from_der(der)) {
        (Rules::Rfc5280, Ok(name)) => Cow::Owned(key(&name)),
        (Rules::Rfc5280, Err(_)) | (Rules::Set, _) => Cow::Borrowed(der),
    }
}

/// The relative names in order, each with its length, so that a name's key begins with the key of
/// every name it stands under (RFC 5280 §4.2.1.10: directoryName constraints).
///
/// Values of string types are prepared ([`prepare`]) whatever the attribute: RFC 5280 §7.1 demands
/// it of directory strings and of domainComponent, and §4.1.2.6 of emailAddress. Any other value,
/// and text that cannot be prepared, is compared as encoded.
pub(in crate::path) fn key(name: &Name) -> Vec<u8> {
    let mut out = Vec::new();
    for rdn in name.iter_rdn() {
        let mut attributes: Vec<Vec<u8>> =
            rdn.iter().map(|attribute| attribute_key(attribute.oid, &attribute.value)).collect();
        // RFC 5280 §7.1: a relative name is a set, its order does not count. DER sorted it by
        // values that may differ in case.
        attributes.sort_unstable();
        attributes.dedup();
        let content = attributes.concat();
        out.extend(content.len().to_be_bytes());
        out.extend(content);
    }
    out
}

fn attribute_key(oid: const_oid::ObjectIdentifier, value: &Any) -> Vec<u8> {
    let oid = oid.as_bytes();
    let (kind, value) = match text(value).as_deref().and_then(prepare) {
        Some(prepared) => (TEXT, prepared.into_bytes()),
        None => (ENCODED, value.to_der().unwrap_or_default()),
    };
    let mut out = Vec::with_capacity(oid.len() + value.len() + 24);
    for part in [oid, &[kind], &value] {
        out.extend(part.len().to_be_bytes());
        out.extend(part);
    }
    out
}

/// TeletexString counts as text where it is ASCII; beyond that its characters are a matter of
/// escape sequences, which nobody wrote.
fn text(value: &Any) -> Option<String> {
    match value.tag() {
        Tag::TeletexString if value.value().is_ascii() => {
            core::str::from_utf8(value.value()).ok().map(str::to_owned)
        }
        _ => directory_string(value),
    }
}

/// A value of any string type, prepared.
const TEXT: u8 = 0;
/// A value as encoded.
const ENCODED: u8 = 1;

#[cfg(test)]
mod tests {
    use der::Decode;

    use super::*;

    /// One attribute: its last arc below 2.5.4, tag and value.
    fn attribute(arc: u8, tag: u8, value: &[u8]) -> Vec<u8> {
        let pair = [&[6, 3, 0x55, 4, arc, tag, value.len() as u8], value].concat();
        [&[0x30, pair.len() as u8], pair.as_slice()].concat()
    }

    fn name(rdns: &[&[Vec<u8>]]) -> Vec<u8> {
        let rdn = |attributes: &&[Vec<u8>]| {
            let mut sorted = attributes.to_vec();
            sorted.sort();
            let content = sorted.concat();
            [&[0x31, content.len() as u8], content.as_slice()].concat()
        };
        let content: Vec<u8> = rdns.iter().flat_map(rdn).collect();
        let der = [&[0x30, content.len() as u8], content.as_slice()].concat();
        key(&Name::from_der(&der).unwrap())
    }

    #[test]
    fn string_types_of_the_same_characters_are_the_same() {
        let printable = name(&[&[attribute(10, 0x13, b"Good CA")]]);
        for (tag, value) in [
            (0x0c, b"good  ca".as_slice()),
            (0x14, b"GOOD CA"),
            (0x16, b" Good CA"),
            (0x1e, b"\0g\0o\0o\0d\0 \0c\0a"),
        ] {
            assert_eq!(name(&[&[attribute(10, tag, value)]]), printable, "tag {tag:#x}");
        }
        assert_ne!(name(&[&[attribute(11, 0x13, b"Good CA")]]), printable);
    }

    #[test]
    fn order_counts_between_relative_names_and_not_inside_one() {
        let (a, b) = (attribute(10, 0x13, b"b"), attribute(10, 0x13, b"A"));
        let (lower, upper) = (attribute(10, 0x13, b"B"), attribute(10, 0x13, b"a"));
        assert_eq!(name(&[&[a.clone(), b.clone()]]), name(&[&[lower, upper]]));
        let (one, other) = (&[a.clone()][..], &[b.clone()][..]);
        assert_ne!(name(&[one, other]), name(&[other, one]));
        assert_ne!(name(&[&[a, b]]), name(&[one, other]));
    }

    #[test]
    fn name_begins_with_the_names_above_it() {
        let (org, unit) = (&[attribute(10, 0x13, b"Org")], &[attribute(11, 0x0c, b"Unit")]);
        let below = name(&[org, unit]);
        assert!(below.starts_with(&name(&[org])));
        assert!(below.starts_with(&name(&[])));
        assert!(!below.starts_with(&name(&[&[attribute(10, 0x13, b"Or")]])));
    }

    #[test]
    fn octets_that_are_no_text_are_compared_as_they_are() {
        let odd = |value: &[u8]| name(&[&[attribute(10, 0x0c, value)]]);
        assert_eq!(odd(b"\xff"), odd(b"\xff"));
        assert_ne!(odd(b"\xffA"), odd(b"\xffa"));
    }
}
