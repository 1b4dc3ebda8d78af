//! Certificates of the 1996 draft of SET: the same extensions under private numbers.
//!
//! The draft's placeholders lie under 2.99999, an arc that object identifiers of this build cannot
//! say at all. Each has as many octets as the number SET 1.0 gave it, so a copy with the numbers
//! exchanged decodes in the place of the original; what is signed stays the original.

use core::ops::Range;

use der::{Decode, Header, Reader, SliceReader, Tag, TagNumber};

/// A copy of a certificate with the extension numbers of SET 1.0; `None` if it has none of the
/// draft's.
pub(super) fn with_final_numbers(octets: &[u8]) -> Option<Vec<u8>> {
    let mut copy = octets.to_vec();
    let mut found = false;
    for number in extension_numbers(octets)? {
        let alias = ALIASES.iter().find(|(draft, _)| octets.get(number.clone()) == Some(draft));
        if let (Some((_, last)), Some(place)) = (alias, copy.get_mut(number)) {
            place.copy_from_slice(last);
            found = true;
        }
    }
    found.then_some(copy)
}

/// Where the extnIDs of a certificate stand: the content octets of each.
fn extension_numbers(octets: &[u8]) -> Option<Vec<Range<usize>>> {
    let certificate = only(octets, 0..octets.len())?;
    let tbs = elements(octets, certificate)?.first()?.1.clone();
    let fields = elements(octets, tbs)?;
    let (_, tagged) = fields.into_iter().find(|(tag, _)| *tag == EXTENSIONS)?;
    let extensions = only(octets, tagged)?;
    elements(octets, extensions)?
        .into_iter()
        .map(|(_, extension)| Some(elements(octets, extension)?.first()?.1.clone()))
        .collect()
}

/// The content of the one element in `within`.
pub(super) fn only(octets: &[u8], within: Range<usize>) -> Option<Range<usize>> {
    match elements(octets, within)?.as_slice() {
        [(_, content)] => Some(content.clone()),
        _ => None,
    }
}

/// Tag and content of each element in `within`.
pub(super) fn elements(octets: &[u8], within: Range<usize>) -> Option<Vec<(Tag, Range<usize>)>> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at < within.end {
        let mut reader = SliceReader::new(octets.get(at..within.end)?).ok()?;
        let header = Header::decode(&mut reader).ok()?;
        let start = at.checked_add(usize::try_from(reader.position()).ok()?)?;
        let end = start.checked_add(usize::try_from(header.length()).ok()?)?;
        if end > within.end {
            return None;
        }
        found.push((header.tag(), start..end));
        at = end;
    }
    Some(found)
}

/// Spec `set-certificates.md` §7, §8.4: certificateType and the qualifier, which was an extension
/// of its own; content octets of the draft's number and of the last one.
const ALIASES: [([u8; 4], [u8; 4]); 2] = [
    ([0x86, 0x8d, 0x6f, 0x03], [0x67, 0x2a, 0x07, 0x01]),
    ([0x86, 0x8d, 0x6f, 0x07], [0x67, 0x2a, 0x07, 0x06]),
];
/// `[3]` of TBSCertificate.
const EXTENSIONS: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(3) };
