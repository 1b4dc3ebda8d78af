//! The nameConstraints extension.

use der::{Decode, Header, Reader, SliceReader, Tag, TagNumber};

use super::subtree::Subtree;
use crate::path::name::{Malformed, elements};

/// Its subtrees, ready for comparison.
#[derive(Clone, Debug)]
pub(in crate::path) struct NameConstraints {
    pub(super) permitted: Vec<Subtree>,
    pub(super) excluded: Vec<Subtree>,
}

impl NameConstraints {
    /// Reads the extension's value:
    ///
    /// ```text
    /// NameConstraints ::= SEQUENCE {
    ///      permittedSubtrees       [0]     GeneralSubtrees OPTIONAL,
    ///      excludedSubtrees        [1]     GeneralSubtrees OPTIONAL }
    ///
    /// GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree
    /// ```
    ///
    /// At least one of the two stands there (X.509 §9.4.2.1; RFC 5280 §4.2.1.10 too).
    pub(in crate::path) fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut last = None;
        let mut found = Self { permitted: Vec::new(), excluded: Vec::new() };
        elements(value, Tag::Sequence, |reader| {
            let tag = Tag::peek(reader)?;
            let number = match tag {
                Tag::ContextSpecific { constructed: true, number } => number,
                _ => return Err(Malformed::Encoding),
            };
            let subtrees = elements(whole(reader)?, tag, Subtree::read)?;
            let list = match number {
                PERMITTED if last.is_none() => &mut found.permitted,
                EXCLUDED if last != Some(EXCLUDED) => &mut found.excluded,
                _ => return Err(Malformed::Encoding),
            };
            last = Some(number);
            *list = subtrees;
            Ok(())
        })?;
        Ok(found)
    }

    /// How many subtrees there are.
    pub(super) fn subtrees(&self) -> usize {
        self.permitted.len() + self.excluded.len()
    }
}

/// The next element, tag and length included.
pub(super) fn whole<'a>(reader: &mut SliceReader<'a>) -> Result<&'a [u8], Malformed> {
    let rest = reader.clone();
    let before = reader.remaining_len();
    let header = Header::decode(reader)?;
    reader.read_slice(header.length())?;
    let taken = (before - reader.remaining_len())?;
    let mut rest = rest;
    Ok(rest.read_slice(taken)?)
}

const PERMITTED: TagNumber = TagNumber(0);
const EXCLUDED: TagNumber = TagNumber(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &[u8]) -> Result<(usize, usize), Malformed> {
        NameConstraints::parse(value).map(|found| (found.permitted.len(), found.excluded.len()))
    }

    /// RFC 5280 §4.2.1.10, written by hand: `a` as dNSName is `82 01 61`.
    #[test]
    fn permitted_and_excluded_subtrees_are_read() {
        assert_eq!(parse(b"\x30\x07\xa0\x05\x30\x03\x82\x01a"), Ok((1, 0)));
        assert_eq!(parse(b"\x30\x0c\xa1\x0a\x30\x03\x82\x01a\x30\x03\x82\x01b"), Ok((0, 2)));
        let both = b"\x30\x0e\xa0\x05\x30\x03\x82\x01a\xa1\x05\x30\x03\x82\x01b";
        assert_eq!(parse(both), Ok((1, 1)));
    }

    #[test]
    fn what_is_empty_twice_or_out_of_order_is_refused() {
        for bad in [
            b"".as_slice(),
            b"\x30\x00",
            b"\x30\x02\xa0\x00",
            b"\x30\x02\x80\x00",
            b"\x30\x07\xa2\x05\x30\x03\x82\x01a",
            b"\x30\x0e\xa1\x05\x30\x03\x82\x01a\xa0\x05\x30\x03\x82\x01b",
            b"\x30\x0e\xa0\x05\x30\x03\x82\x01a\xa0\x05\x30\x03\x82\x01b",
            b"\x30\x07\xa0\x05\x30\x03\x82\x01a\x00",
        ] {
            assert_eq!(parse(bad), Err(Malformed::Encoding), "{bad:02x?}");
        }
    }
}
