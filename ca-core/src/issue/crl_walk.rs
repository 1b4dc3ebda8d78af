//! The entries of a list we made, without decoding more of them than their serial numbers: what two
//! lists differ in, what falls into a shard (RFC 5280 §5.2.4, §5.2.5).

use core::cmp::Ordering;
use std::collections::BTreeMap;

use super::crl::ListError;
use super::signed::{SEQUENCE, push_header};
use crate::store::Shard;
use crate::{Octets, Part};

/// One entry, framed.
#[derive(Clone, Copy, Debug)]
struct RawEntry<'a> {
    der: &'a [u8],
    /// Content octets.
    serial: &'a [u8],
    /// After the serial number: revocationDate and perhaps extensions.
    rest: &'a [u8],
}

/// Entries one by one, and parts of them that two lists share at once.
struct Walk<'a> {
    parts: &'a [Part],
    /// What is left of the first part.
    left: &'a [u8],
}

impl<'a> Walk<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let left = parts.first().map_or(&[][..], Part::octets);
        Self { parts, left }
    }

    /// Goes on to the next part if this one is at its end.
    fn settle(&mut self) {
        while self.left.is_empty() && !self.parts.is_empty() {
            *self = Self::new(self.parts.get(1..).unwrap_or_default());
        }
    }

    /// The part that begins here, if one does.
    fn whole_part(&self) -> Option<&'a Part> {
        self.parts.first().filter(|part| part.octets().len() == self.left.len())
    }

    fn skip_part(&mut self) {
        self.left = &[];
        self.settle();
    }

    fn peek(&mut self) -> Result<Option<RawEntry<'a>>, ListError> {
        self.settle();
        if self.left.is_empty() { Ok(None) } else { read(self.left).map(Some) }
    }

    fn skip(&mut self, entry: RawEntry<'_>) {
        self.left = self.left.get(entry.der.len()..).unwrap_or_default();
    }
}

/// The entry that `octets` begin with: SEQUENCE { INTEGER, Time, Extensions OPTIONAL }, short in
/// every list of ours.
fn read(octets: &[u8]) -> Result<RawEntry<'_>, ListError> {
    let framed = || {
        let (content, after) = value(octets, SEQUENCE)?;
        let der = octets.get(..octets.len().checked_sub(after.len())?)?;
        let (serial, rest) = value(content, INTEGER)?;
        Some(RawEntry { der, serial, rest })
    };
    framed().ok_or(ListError::Damaged)
}

/// The content of a value with this tag and fewer than 128 octets, and what comes after.
fn value(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    match octets {
        [found, length @ 0..0x80, rest @ ..] if *found == tag => {
            rest.split_at_checked(usize::from(*length))
        }
        _ => None,
    }
}

/// What an entry of two lists is to the later one.
enum Difference<'a> {
    /// The later list has it, and the earlier one none or another.
    Here(RawEntry<'a>),
    /// The earlier list has it, and the later one none.
    Gone(RawEntry<'a>),
}

/// Tells each difference in ascending order of the serial numbers, until `tell` says it is enough.
fn compare<'a>(
    earlier: &'a [Part],
    later: &'a [Part],
    mut tell: impl FnMut(Difference<'a>) -> bool,
) -> Result<(), ListError> {
    let (mut old, mut new) = (Walk::new(earlier), Walk::new(later));
    loop {
        old.settle();
        new.settle();
        // A list that differs in one entry shares nearly every part.
        if let (Some(one), Some(other)) = (old.whole_part(), new.whole_part())
            && (one.is_same(other) || one.octets() == other.octets())
        {
            old.skip_part();
            new.skip_part();
            continue;
        }
        let (before, now) = (old.peek()?, new.peek()?);
        let order = match (before, now) {
            (Some(before), Some(now)) => before.serial.cmp(now.serial),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return Ok(()),
        };
        let before = before.filter(|_| order.is_le());
        let now = now.filter(|_| order.is_ge());
        before.iter().for_each(|entry| old.skip(*entry));
        now.iter().for_each(|entry| new.skip(*entry));
        let go_on = match (before, now) {
            (Some(before), Some(now)) if before.der == now.der => true,
            (_, Some(now)) => tell(Difference::Here(now)),
            (Some(before), None) => tell(Difference::Gone(before)),
            (None, None) => true,
        };
        if !go_on {
            return Ok(());
        }
    }
}

/// True if `later` has an entry that `earlier` has not, or not so.
pub(crate) fn has_more(earlier: &[Part], later: &[Part]) -> Result<bool, ListError> {
    let mut more = false;
    compare(earlier, later, |difference| {
        more = matches!(difference, Difference::Here(_));
        !more
    })?;
    Ok(more)
}

/// Entries encoded one after the other, and how many.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Run {
    pub(crate) octets: Vec<u8>,
    pub(crate) count: usize,
}

impl Run {
    fn push(&mut self, der: &[u8]) {
        self.octets.extend_from_slice(der);
        self.count += 1;
    }
}

/// The entries of a delta: those of `now` that `base` has not or not so, and the serial numbers
/// that are not listed any more.
///
/// `last` are the entries of the delta before, on the same base. What it lists stays in the delta:
/// whoever holds a complete CRL from between must learn that a hold was lifted (RFC 5280 §5.2.4,
/// "was placed on hold … and then released").
pub(crate) fn delta(base: &[Part], now: &[Part], last: &[Part]) -> Result<Run, ListError> {
    let mut listed: BTreeMap<&[u8], Option<&[u8]>> = BTreeMap::new();
    let mut dates: BTreeMap<&[u8], RawEntry<'_>> = BTreeMap::new();
    let mut earlier = Walk::new(last);
    while let Some(entry) = earlier.peek()? {
        dates.insert(entry.serial, entry);
        earlier.skip(entry);
    }
    compare(base, now, |difference| {
        match difference {
            Difference::Here(entry) => listed.insert(entry.serial, Some(entry.der)),
            Difference::Gone(entry) => {
                dates.insert(entry.serial, entry);
                listed.insert(entry.serial, None)
            }
        };
        true
    })?;
    // Few, if any: what the delta before listed mostly still differs from the base.
    if dates.keys().any(|serial| !listed.contains_key(serial)) {
        let mut all = Walk::new(now);
        while let Some(entry) = all.peek()? {
            if dates.contains_key(entry.serial) {
                listed.insert(entry.serial, Some(entry.der));
            }
            all.skip(entry);
        }
        dates.keys().for_each(|serial| {
            listed.entry(serial).or_insert(None);
        });
    }
    let mut run = Run::default();
    for (serial, entry) in listed {
        match (entry, dates.get(serial)) {
            (Some(der), _) => run.push(der),
            (None, Some(known)) => run.push(&removed(known)?),
            (None, None) => {}
        }
    }
    Ok(run)
}

/// The entry with the reason removeFromCRL in place of its extensions.
fn removed(entry: &RawEntry<'_>) -> Result<Vec<u8>, ListError> {
    let date = entry.rest.get(1).map_or(0, |length| usize::from(*length)).saturating_add(2);
    let date = entry.rest.get(..date).ok_or(ListError::Damaged)?;
    let mut content = Vec::with_capacity(64);
    push_header(&mut content, INTEGER, entry.serial.len());
    content.extend_from_slice(entry.serial);
    content.extend_from_slice(date);
    content.extend_from_slice(&REMOVE_FROM_CRL);
    let mut der = Vec::with_capacity(64);
    push_header(&mut der, SEQUENCE, content.len());
    der.extend_from_slice(&content);
    Ok(der)
}

/// The entries of each of the `wanted` shards, by one walk over all.
pub(crate) fn partition(
    all: &[Part],
    of: u16,
    wanted: impl IntoIterator<Item = u16>,
) -> Result<BTreeMap<u16, Run>, ListError> {
    let mut runs: BTreeMap<u16, Run> =
        wanted.into_iter().map(|index| (index, Run::default())).collect();
    let mut walk = Walk::new(all);
    while let Some(entry) = walk.peek()? {
        if let Some(run) = runs.get_mut(&Shard::holding_octets(entry.serial, of).index) {
            run.push(entry.der);
        }
        walk.skip(entry);
    }
    Ok(runs)
}

/// The entries of a list that we published, parted as they were, of a list that the store gave back
/// in one piece too.
pub(crate) fn entries_in(list: &Octets) -> Result<Vec<Part>, ListError> {
    let first = list.parts().first().map_or(&[][..], Part::octets);
    let Some((start, length)) = entries_at(first) else {
        // The head is not in one part: it is a list from elsewhere.
        let whole = list.to_vec();
        let (start, length) = entries_at(&whole).ok_or(ListError::Damaged)?;
        let entries = whole.get(start..start.saturating_add(length)).ok_or(ListError::Damaged)?;
        return Ok(vec![Part::from(entries.to_vec())]);
    };
    let end = start.saturating_add(length);
    let mut found = Vec::new();
    let mut offset = 0_usize;
    for part in list.parts() {
        let octets = part.octets();
        let from = start.saturating_sub(offset).min(octets.len());
        let to = end.saturating_sub(offset).min(octets.len());
        if from == 0 && to == octets.len() {
            found.push(part.clone());
        } else if from < to {
            found.push(Part::from(octets.get(from..to).unwrap_or_default().to_vec()));
        }
        offset = offset.saturating_add(octets.len());
    }
    Ok(found)
}

/// Where the content of revokedCertificates begins and how long it is, 0 if nothing is revoked;
/// `None` if the octets do not reach so far (RFC 5280 §5.1).
fn entries_at(list: &[u8]) -> Option<(usize, usize)> {
    let (_, in_list) = header(list)?;
    let (_, mut at) = header(in_list)?;
    // version, signature, issuer, thisUpdate, nextUpdate: all of ours have them.
    for _ in 0..5 {
        let (length, content) = header(at)?;
        at = content.get(length..)?;
    }
    match at.first()? {
        tag if *tag == SEQUENCE => {
            let (length, content) = header(at)?;
            Some((list.len().checked_sub(content.len())?, length))
        }
        _ => Some((list.len().checked_sub(at.len())?, 0)),
    }
}

/// The length that a value says, and what follows its header.
fn header(octets: &[u8]) -> Option<(usize, &[u8])> {
    let (_, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *first < 0x80 {
        return Some((usize::from(*first), rest));
    }
    let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    let length = length.iter().try_fold(0_usize, |sum, octet| {
        sum.checked_mul(256).and_then(|sum| sum.checked_add(usize::from(*octet)))
    })?;
    Some((length, rest))
}

/// crlEntryExtensions with reasonCode removeFromCRL alone (RFC 5280 §5.3.1), not critical.
const REMOVE_FROM_CRL: [u8; 14] =
    [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x08];
const INTEGER: u8 = 0x02;
