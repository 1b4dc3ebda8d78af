//! The key block: content key, HD and X as they are laid out before they are encrypted for the
//! recipient.

use der::Decode;
use der::asn1::AnyRef;
use subtle::{
    Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater, ConstantTimeLess,
};
use zeroize::Zeroizing;

use super::set_oaep::{self, CounterOctet, Decoded};
use super::transport::{Recipient, Unwrapped};
use super::{Block, ContentCipher, SealError, Slot};
use crate::Suite;
use crate::signer::{RandomError, SecureRandom};

/// A key block cut into its parts. Whether they are worth anything is in `good` alone.
pub(super) struct KeyBlock {
    /// The content key; a random one unless `good`.
    pub(super) key: Zeroizing<Vec<u8>>,
    /// HD, empty in slots without it.
    pub(super) digest: Zeroizing<Vec<u8>>,
    /// X, empty in slots without it.
    pub(super) extra: Zeroizing<Vec<u8>>,
    /// Set if all of it is as it should be.
    pub(super) good: Choice,
}

/// Lays out a key block for a recipient. `modern`: M = BC | key | HD | X, no fill (spec
/// `set-crypto.md` §8.1). `set-1997`: SET OAEP over key | HD | X (§2), E-Salt and I from `random`.
pub(super) fn encode(
    suite: Suite,
    recipient: &Recipient,
    block: Block,
    [key, digest, extra]: [&[u8]; 3],
    random: &dyn SecureRandom,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    match suite {
        Suite::Modern => Ok(joined(&[&[block.code()], key, digest, extra])),
        Suite::Set1997 if !recipient.fills_its_octets() => Err(SealError::Recipient),
        Suite::Set1997 => {
            let adb = joined(&[key, digest, extra]);
            let mut salt = Zeroizing::new([0; set_oaep::SALT_LEN]);
            random.fill(salt.as_mut_slice())?;
            let first = leading_octet(random)?;
            set_oaep::encode(&CounterOctet, recipient.size(), block.code(), &adb, &salt, first)
                .ok_or(SealError::Recipient)
        }
    }
}

/// Cuts a key block.
///
/// Nothing returns early: with a bad block the work goes on with `spare_key`, so that a key block
/// that does not open and a body that does not open look alike (spec `set-crypto.md` §2.3, §5.4).
pub(super) fn cut(suite: Suite, slot: &Slot, block: &Unwrapped, spare_key: &[u8]) -> KeyBlock {
    let parts = match suite {
        Suite::Modern => cut_modern(slot, &block.octets),
        Suite::Set1997 => cut_set(slot, &block.octets),
    };
    let good = block.opened & parts.good;
    let key = spare_key.iter().zip(parts.key.iter());
    let key = key.map(|(spare, key)| u8::conditional_select(spare, key, good)).collect();
    KeyBlock { key: Zeroizing::new(key), good, ..parts }
}

fn cut_modern(slot: &Slot, received: &[u8]) -> KeyBlock {
    let [key_len, digest_len] = fixed_lengths(Suite::Modern, slot);
    let fixed_len = 1_usize.saturating_add(key_len).saturating_add(digest_len);
    let fixed = padded(received, fixed_len);
    let (code, rest) = fixed.split_at_checked(1).unwrap_or_default();
    let (key, digest) = rest.split_at_checked(key_len).unwrap_or_default();
    let extra = received.get(fixed_len..).unwrap_or_default();

    // X is one whole element and the last thing in the block; whether it decodes as the slot's type
    // is asked after the body has opened (spec `set-crypto.md` §2.3, decisions.md 2).
    let extra_fits =
        if slot.has_extra() { AnyRef::from_der(extra).is_ok() } else { extra.is_empty() };
    let good = truth(received.len() >= fixed_len) & is_allowed(slot, code) & truth(extra_fits);
    KeyBlock {
        key: Zeroizing::new(key.to_vec()),
        digest: Zeroizing::new(digest.to_vec()),
        extra: Zeroizing::new(extra.to_vec()),
        good,
    }
}

/// Every octet is looked at, whatever came before (spec `set-crypto.md` §2.3).
fn cut_set(slot: &Slot, received: &[u8]) -> KeyBlock {
    let [key_len, digest_len] = fixed_lengths(Suite::Set1997, slot);
    let Decoded { block_contents, adb, good } = set_oaep::decode(&CounterOctet, received)
        .unwrap_or_else(|| Decoded {
            block_contents: 0,
            adb: Zeroizing::new(Vec::new()),
            good: truth(false),
        });
    let fixed_len = key_len.saturating_add(digest_len);
    let fixed = padded(&adb, fixed_len);
    let (key, digest) = fixed.split_at_checked(key_len).unwrap_or_default();
    let rest = adb.get(fixed_len..).unwrap_or_default();

    // X is as long as its own header says, and one whole element as in `modern`; behind it there is
    // nothing but zeros.
    let (length, sound) = if slot.has_extra() { element_len(rest) } else { (0, truth(true)) };
    let filled = rest.iter().zip(0_u32..).fold(truth(true), |zeros, (octet, position)| {
        zeros & (position.ct_lt(&length) | octet.ct_eq(&0))
    });
    let mut extra = Zeroizing::new(rest.to_vec());
    extra.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    let is_element = truth(!slot.has_extra() || AnyRef::from_der(&extra).is_ok());
    KeyBlock {
        key: Zeroizing::new(key.to_vec()),
        digest: Zeroizing::new(digest.to_vec()),
        extra,
        good: good
            & truth(adb.len() >= fixed_len)
            & is_allowed(slot, &[block_contents])
            & sound
            & is_element
            & filled,
    }
}

/// Length of the element at the start, header included, and whether it lies within `octets`.
/// A key block has no room for one of more than 255 octets of content.
fn element_len(octets: &[u8]) -> (u32, Choice) {
    let head = padded(octets, 3);
    let at = |index: usize| u32::from(head.get(index).copied().unwrap_or_default());
    let (first, second) = (at(1), at(2));
    let short = first.ct_lt(&0x80);
    let long = first.ct_eq(&0x81) & !second.ct_lt(&0x80);
    let length =
        u32::conditional_select(&second.saturating_add(3), &first.saturating_add(2), short);
    let room = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    (length, (short | long) & !length.ct_gt(&room))
}

/// Octets of content key and HD.
fn fixed_lengths(suite: Suite, slot: &Slot) -> [usize; 2] {
    let digest_len = if slot.has_digest() { suite.digest_len() } else { 0 };
    [ContentCipher::of_envelopes(suite).key_len(), digest_len]
}

/// The first `length` octets, zeros where there are none.
fn padded(octets: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut padded = Zeroizing::new(vec![0; length]);
    padded.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
    padded
}

fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    // One allocation: growing would leave copies of the key behind.
    let total = parts.iter().map(|part| part.len()).sum();
    let mut whole = Zeroizing::new(Vec::with_capacity(total));
    parts.iter().for_each(|part| whole.extend_from_slice(part));
    whole
}

/// I: random, its top bit clear so that R < n, and not zero (spec `set-crypto.md` §2.1).
fn leading_octet(random: &dyn SecureRandom) -> Result<u8, RandomError> {
    for _ in 0..LEADING_TRIES {
        let mut octet = [0];
        random.fill(&mut octet)?;
        match octet.map(|octet| octet & 0x7f) {
            [0] => {}
            [first] => return Ok(first),
        }
    }
    Err(RandomError)
}

/// BC against the set of the slot (spec `set-crypto.md` §2.4).
fn is_allowed(slot: &Slot, code: &[u8]) -> Choice {
    slot.blocks.iter().fold(Choice::from(0), |any, block| any | code.ct_eq(&[block.code()]))
}

/// A [`Choice`] from a comparison of things that are not secret on their own.
pub(super) fn truth(value: bool) -> Choice {
    Choice::from(u8::from(value))
}

/// A source that gives zero so often in a row (2^-448) has failed.
const LEADING_TRIES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{CERT_REQ_ENC, CERT_REQ_ENCX, REG_FORM_REQ};
    use crate::signer::{KeyAlgorithm, PrivateKey, SeededRandom};

    const KEY: [u8; 32] = [0x11; 32];
    const SPARE: [u8; 32] = [0x22; 32];
    const X: [u8; 4] = [0x30, 0x02, 0x05, 0x00];

    fn recipient() -> Recipient {
        let random = SeededRandom::new(b"block", "key");
        let key = PrivateKey::generate(KeyAlgorithm::Rsa(1024), &random).unwrap();
        Recipient::of_spki(key.spki_der()).unwrap()
    }

    fn cut_of(suite: Suite, slot: &Slot, block: Option<&[u8]>) -> KeyBlock {
        let octets = Zeroizing::new(block.unwrap_or_default().to_vec());
        cut(suite, slot, &Unwrapped { octets, opened: truth(block.is_some()) }, &SPARE)
    }

    fn opened(slot: &Slot, message: Option<&[u8]>) -> (bool, Vec<u8>) {
        let block = cut_of(Suite::Modern, slot, message);
        (block.good.into(), block.key.to_vec())
    }

    fn message(block: Block, digest: &[u8], extra: &[u8]) -> Vec<u8> {
        let random = SeededRandom::new(b"block", "message");
        let parts = [&KEY[..], digest, extra];
        encode(Suite::Modern, &recipient(), block, parts, &random).unwrap().to_vec()
    }

    #[test]
    fn what_was_laid_out_is_cut_again() {
        let message = message(Block::PanOnly, &[0x33; 32], &X);
        let block = cut_of(Suite::Modern, &REG_FORM_REQ, Some(&message));
        assert!(bool::from(block.good));
        assert_eq!(block.key.as_slice(), KEY);
        assert_eq!(block.digest.as_slice(), [0x33; 32]);
        assert_eq!(block.extra.as_slice(), X);
    }

    #[test]
    fn either_account_block_fits_encx_and_no_other_does() {
        for (block, fits) in [
            (Block::PanData0, true),
            (Block::AcctData, true),
            (Block::Key, false),
            (Block::PanOnly, false),
        ] {
            assert_eq!(opened(&CERT_REQ_ENCX, Some(&message(block, &[], &X))).0, fits);
        }
    }

    #[test]
    fn a_bad_block_leaves_the_spare_key() {
        let trailing = [&X[..], &[0x00]].concat();
        for bad in [
            Some(message(Block::PanData0, &[], &trailing)),
            Some(message(Block::PanData0, &[], &X[..3])),
            Some(message(Block::PanData0, &[], &[])),
            Some(vec![0x20; 32]),
            Some(Vec::new()),
            None,
        ] {
            assert_eq!(opened(&CERT_REQ_ENCX, bad.as_deref()), (false, SPARE.to_vec()));
        }
    }

    #[test]
    fn nothing_may_follow_a_lone_key() {
        assert!(opened(&CERT_REQ_ENC, Some(&message(Block::Key, &[], &[]))).0);
        assert!(!opened(&CERT_REQ_ENC, Some(&message(Block::Key, &[], &X))).0);
    }

    /// A block of `set-1997` for 1024 bits, with any BC and any ADB.
    fn set_block(code: u8, adb: &[u8]) -> Vec<u8> {
        set_oaep::encode(&CounterOctet, 128, code, adb, &[0x5a; 16], 0x01).unwrap().to_vec()
    }

    fn opened_set(slot: &Slot, block: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let block = cut_of(Suite::Set1997, slot, Some(block));
        if bool::from(block.good) {
            return Some((block.digest.to_vec(), block.extra.to_vec()));
        }
        assert_eq!(block.key.as_slice(), &SPARE[..8]);
        None
    }

    #[test]
    fn x_ends_where_its_header_says_and_zeros_follow() {
        let adb = [&KEY[..8], &[0x33; 20], &X].concat();
        let digest_and_extra = Some((vec![0x33; 20], X.to_vec()));
        assert_eq!(opened_set(&REG_FORM_REQ, &set_block(0x41, &adb)), digest_and_extra);
        for at in adb.len()..102 {
            let mut filled = adb.clone();
            filled.resize(102, 0);
            filled[at] = 1;
            assert_eq!(opened_set(&REG_FORM_REQ, &set_block(0x41, &filled)), None, "{at}");
        }
    }

    #[test]
    fn x_of_every_length_fits_up_to_the_end_of_the_block_and_no_further() {
        // 102 octets of ADB less the key: spec `set-crypto.md` §2.1, "max X" 94.
        for length in 2..=94_u8 {
            let mut extra = vec![0x04, length - 2];
            extra.resize(length.into(), 0xff);
            let adb = [&KEY[..8], &extra].concat();
            let cut = opened_set(&CERT_REQ_ENCX, &set_block(0x20, &adb));
            assert_eq!(cut, Some((Vec::new(), extra)), "{length}");
        }
        for header in [&[0x04, 93][..], &[0x04, 0x7f], &[0x04, 0x80], &[0x04, 0x81, 0x05]] {
            let adb = [&KEY[..8], header].concat();
            assert_eq!(opened_set(&CERT_REQ_ENCX, &set_block(0x20, &adb)), None, "{header:?}");
        }
    }

    /// Found by fuzzing: a SEQUENCE that is not constructed has a length, but is no element.
    #[test]
    fn x_with_a_tag_that_no_element_has_leaves_the_spare_key() {
        for (slot, code, digest) in [(&REG_FORM_REQ, 0x41, 20), (&CERT_REQ_ENCX, 0x20, 0)] {
            for (tag, opens) in [(0x30, true), (0x10, false), (0x1f, false), (0x00, false)] {
                let x = [tag, 0x02, 0x05, 0x00];
                let adb = [&KEY[..8], &vec![0x33; digest], &x].concat();
                let cut = opened_set(slot, &set_block(code, &adb));
                assert_eq!(cut, opens.then(|| (vec![0x33; digest], x.to_vec())), "{tag:#04x}");
            }
        }
    }

    #[test]
    fn a_long_x_has_a_length_of_two_octets() {
        let mut extra = vec![0x04, 0x81, 0x80];
        extra.resize(131, 0x07);
        let adb = [&KEY[..8], &extra].concat();
        let block = set_oaep::encode(&CounterOctet, 256, 0x50, &adb, &[0x5a; 16], 0x01).unwrap();
        assert_eq!(opened_set(&CERT_REQ_ENCX, &block), Some((Vec::new(), extra)));
    }

    #[test]
    fn a_wrong_block_type_verification_or_content_leaves_the_spare_key() {
        let adb = &KEY[..8];
        assert!(opened_set(&CERT_REQ_ENC, &set_block(0x00, adb)).is_some());
        for code in [0x01, 0x20, 0x41, 0x80, 0xf0] {
            assert_eq!(opened_set(&CERT_REQ_ENC, &set_block(code, adb)), None);
        }
        // A changed octet of A changes one octet of DB and, through H2, the whole mask.
        for at in 1..128 {
            let mut changed = set_block(0x00, adb);
            changed[at] ^= 0x01;
            assert_eq!(opened_set(&CERT_REQ_ENC, &changed), None, "octet {at}");
        }
        // I is not looked at.
        let mut changed = set_block(0x00, adb);
        changed[0] = 0xff;
        assert!(opened_set(&CERT_REQ_ENC, &changed).is_some());
        for length in 0..40 {
            assert_eq!(opened_set(&CERT_REQ_ENC, &vec![0; length]), None);
        }
    }

    #[test]
    fn the_leading_octet_is_never_zero_and_below_128() {
        let random = SeededRandom::new(b"block", "I");
        let octets: Vec<u8> = (0..2000).map(|_| leading_octet(&random).unwrap()).collect();
        assert!(octets.iter().all(|octet| (1..0x80).contains(octet)));
        assert!((1..0x80).all(|value| octets.contains(&value)));
    }

    #[test]
    fn what_does_not_fit_the_recipient_is_refused() {
        let random = SeededRandom::new(b"block", "large");
        for (length, fits) in [(94, true), (95, false)] {
            let extra = vec![0; length];
            let parts = [&KEY[..8], &[], &extra];
            let made = encode(Suite::Set1997, &recipient(), Block::PanData0, parts, &random);
            assert_eq!(made.is_ok(), fits);
        }
    }
}
