//! Names as people read them, and the brand in them.

use der::asn1::Any;
use der::{Tag, Tagged};
use x509_cert::name::Name;

use crate::wire::oids;

/// A name in the order it is encoded, `C=US, O=Brand, OU=Brand CA`, BMPString values as text too.
///
/// The attributes of SET names are written here, because looking each up in the table of all known
/// attributes made the names the dearest part of a verdict after the signatures; any other name is
/// written by the library.
pub(in crate::path) fn name_text(name: &Name) -> String {
    let rdns: Option<Vec<String>> = name
        .iter_rdn()
        .map(|rdn| {
            let mut attributes = rdn.iter();
            let only = attributes.next()?;
            let label = label(only.oid)?;
            let value = directory_string(&only.value)?;
            attributes.next().is_none().then(|| format!("{label}={}", escape(&value)))
        })
        .collect();
    match rdns {
        Some(rdns) => rdns.join(", "),
        None => name.to_string(),
    }
}

/// The one organizationName as code points, whatever its string type (spec `set-certificates.md`
/// §2.1); `None` if there is none, or more than one.
pub(in crate::path) fn brand(name: &Name) -> Option<String> {
    let mut organizations = name
        .iter_rdn()
        .flat_map(|rdn| rdn.iter())
        .filter(|attribute| attribute.oid == oids::ORGANIZATION_NAME);
    let only = organizations.next()?;
    if organizations.next().is_some() {
        return None;
    }
    directory_string(&only.value)
}

/// PrintableString and BMPString are SET's; the others are read too, what may stand in a name is
/// the linter's business.
pub(in crate::path) fn directory_string(value: &Any) -> Option<String> {
    match value.tag() {
        Tag::BmpString => {
            let (units, rest) = value.value().as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
            let text: Result<String, _> = char::decode_utf16(units).collect();
            text.ok().filter(|_| rest.is_empty())
        }
        Tag::Ia5String
        | Tag::NumericString
        | Tag::PrintableString
        | Tag::Utf8String
        | Tag::VisibleString => core::str::from_utf8(value.value()).ok().map(str::to_owned),
        _ => None,
    }
}

const fn label(attribute: const_oid::ObjectIdentifier) -> Option<&'static str> {
    match attribute {
        oids::COUNTRY_NAME => Some("C"),
        oids::ORGANIZATION_NAME => Some("O"),
        oids::ORGANIZATIONAL_UNIT_NAME => Some("OU"),
        oids::COMMON_NAME => Some("CN"),
        _ => None,
    }
}

/// RFC 4514 §2.4; control characters as in its hexadecimal form, so that no name can move a cursor.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(value.len());
    for (index, c) in value.chars().enumerate() {
        if c.is_control() {
            let mut octets = [0; 4];
            for octet in c.encode_utf8(&mut octets).bytes() {
                out.push_str(&format!("\\{octet:02X}"));
            }
            continue;
        }
        let outer_space = c == ' ' && (index == 0 || index == last);
        let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\');
        if special || outer_space || (c == '#' && index == 0) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn special_characters_are_escaped_as_rfc_4514_says() {
        assert_eq!(escape(" #a,b\\ "), "\\ #a\\,b\\\\\\ ");
        assert_eq!(escape("#1"), "\\#1");
        assert_eq!(escape("Dave's\u{1b}[2J"), "Dave's\\1B[2J");
        assert_eq!(escape("Müller + Co"), "Müller \\+ Co");
    }
}
