//! A plain dump of DER for what has no name here: bounded in depth and lines.

use der::asn1::ObjectIdentifier;
use der::{Decode, Header, Reader, SliceReader, Tag};

use super::names::{bmp_text, oid_text};
use crate::tree::Tree;

/// The structure of one DER value, `None` if the octets are not exactly one.
pub(crate) fn dump(octets: &[u8]) -> Option<Tree> {
    let mut budget = MAX_NODES;
    let mut elements = elements(octets)?;
    match (elements.pop(), elements.is_empty()) {
        (Some((header, value)), true) => Some(element(header, value, MAX_DEPTH, &mut budget)),
        _ => None,
    }
}

/// The elements that `octets` are made of, `None` if they do not end where the octets do.
fn elements(octets: &[u8]) -> Option<Vec<(Header, &[u8])>> {
    let mut reader = SliceReader::new(octets).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        let header = Header::decode(&mut reader).ok()?;
        found.push((header, reader.read_slice(header.length()).ok()?));
    }
    Some(found)
}

fn element(header: Header, value: &[u8], depth: usize, budget: &mut usize) -> Tree {
    let name = tag_name(header.tag());
    let inner = if header.tag().is_constructed() { elements(value) } else { None };
    let content = match inner {
        Some(inner) => children(&inner, depth, budget),
        None => primitive(header.tag(), value, depth, budget),
    };
    Tree::new().with(name, content)
}

fn children(inner: &[(Header, &[u8])], depth: usize, budget: &mut usize) -> Tree {
    if depth == 0 {
        return Tree::from(format!("… ({} elements below the depth shown)", inner.len()));
    }
    let mut items = Vec::new();
    for (position, (header, value)) in inner.iter().enumerate() {
        if *budget == 0 {
            items.push(Tree::from(format!("… ({} more elements)", inner.len() - position)));
            break;
        }
        *budget -= 1;
        items.push(element(*header, value, depth - 1, budget));
    }
    Tree::List(items)
}

fn primitive(tag: Tag, value: &[u8], depth: usize, budget: &mut usize) -> Tree {
    match tag {
        Tag::Boolean => Tree::Flag(value != [0]),
        Tag::Integer | Tag::Enumerated if value.len() <= 8 => integer(value),
        Tag::Null if value.is_empty() => Tree::from(""),
        Tag::ObjectIdentifier => ObjectIdentifier::from_bytes(value)
            .map_or_else(|_| Tree::from(value), |oid| Tree::from(oid_text(&oid))),
        Tag::BmpString => bmp_text(value).map_or_else(|| Tree::from(value), Tree::from),
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::VisibleString
        | Tag::NumericString
        | Tag::UtcTime
        | Tag::GeneralizedTime => {
            std::str::from_utf8(value).map_or_else(|_| Tree::from(value), Tree::from)
        }
        Tag::OctetString => nested(value, depth, budget).unwrap_or_else(|| Tree::from(value)),
        _ => Tree::from(value),
    }
}

/// An OCTET STRING may hold DER itself: shown as such if it is one constructed value.
fn nested(value: &[u8], depth: usize, budget: &mut usize) -> Option<Tree> {
    let inner = elements(value)?;
    let constructed = inner.len() == 1 && inner.iter().all(|(h, _)| h.tag().is_constructed());
    constructed.then(|| children(&inner, depth, budget))
}

/// A small INTEGER in decimal.
fn integer(value: &[u8]) -> Tree {
    let negative = value.first().is_some_and(|first| *first >= 0x80);
    let start = if negative { -1_i64 } else { 0 };
    let number = value.iter().fold(start, |sum, octet| (sum << 8) | i64::from(*octet));
    Tree::from(number.to_string())
}

fn tag_name(tag: Tag) -> String {
    match tag {
        Tag::Sequence => "SEQUENCE".to_owned(),
        Tag::Set => "SET".to_owned(),
        Tag::ContextSpecific { number, .. } => format!("[{}]", number.value()),
        Tag::Application { number, .. } => format!("[APPLICATION {}]", number.value()),
        Tag::Private { number, .. } => format!("[PRIVATE {}]", number.value()),
        universal => universal.to_string(),
    }
}

/// Levels shown.
const MAX_DEPTH: usize = 24;
/// Elements shown.
const MAX_NODES: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_are_shown_with_their_names() {
        // SEQUENCE { INTEGER -2, OID 2.5.29.15, [0] { OCTET STRING { SEQUENCE { NULL } } } }
        let octets = [
            0x30, 0x10, 0x02, 0x01, 0xfe, 0x06, 0x03, 0x55, 0x1d, 0x0f, 0xa0, 0x06, 0x04, 0x04,
            0x30, 0x02, 0x05, 0x00,
        ];
        let text = "SEQUENCE\n  - INTEGER: -2\n  - OBJECT IDENTIFIER: keyUsage (2.5.29.15)\n  - \
                    [0]\n      - OCTET STRING\n          - SEQUENCE\n              - NULL:\n";
        assert_eq!(dump(&octets).unwrap().to_text(), text);
    }

    #[test]
    fn octets_left_over_are_no_der_value() {
        assert_eq!(dump(&[0x05, 0x00, 0x00]), None);
        assert_eq!(dump(b"hello"), None);
        assert_eq!(dump(&[]), None);
    }

    #[test]
    fn deep_nesting_ends_at_the_bound() {
        let mut octets = vec![0x05, 0x00];
        for _ in 0..60 {
            octets = [&[0x30, u8::try_from(octets.len()).unwrap()][..], &octets].concat();
        }
        let text = dump(&octets).unwrap().to_text();
        assert!(text.ends_with("… (1 elements below the depth shown)\n"), "{text}");
    }

    #[test]
    fn many_elements_end_at_the_bound() {
        let octets = [&[0x30, 0x82, 0x27, 0x10][..], &[5, 0].repeat(5_000)].concat();
        let text = dump(&octets).unwrap().to_text();
        assert!(text.ends_with("- … (3000 more elements)\n"), "{text}");
    }
}
