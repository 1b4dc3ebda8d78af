//! The key block: content key, HD and X before they are encrypted for the recipient.

use der::Decode;
use der::asn1::AnyRef;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{Block, OpenError, SealError, Slot, bulk};
use crate::Suite;

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

/// Lays out a key block. `modern`: M = BC | key | HD | X, no fill (spec `set-crypto.md` §8.1).
pub(super) fn encode(
    suite: Suite,
    block: Block,
    key: &[u8],
    digest: &[u8],
    extra: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    match suite {
        Suite::Modern => {
            let parts = [&[block.code()], key, digest, extra];
            let total = parts.iter().map(|part| part.len()).sum();
            let mut message = Zeroizing::new(Vec::with_capacity(total));
            parts.iter().for_each(|part| message.extend_from_slice(part));
            Ok(message)
        }
        Suite::Set1997 => Err(SealError::Suite(suite)),
    }
}

/// Cuts a key block, `None` if there is none because decryption failed.
///
/// Nothing returns early: with a bad block the work goes on with `spare_key`, so that a key block
/// that does not open and a body that does not open look alike (spec `set-crypto.md` §2.3, §5.4).
pub(super) fn cut(
    suite: Suite,
    slot: &Slot,
    message: Option<&[u8]>,
    spare_key: &[u8],
) -> Result<KeyBlock, OpenError> {
    match suite {
        Suite::Modern => Ok(cut_modern(slot, message, spare_key)),
        Suite::Set1997 => Err(OpenError::Suite(suite)),
    }
}

fn cut_modern(slot: &Slot, message: Option<&[u8]>, spare_key: &[u8]) -> KeyBlock {
    let suite = Suite::Modern;
    let key_len = bulk::key_len(suite);
    let digest_len = if slot.has_digest() { suite.digest_len() } else { 0 };
    let fixed_len = 1_usize.saturating_add(key_len).saturating_add(digest_len);
    let received = message.unwrap_or_default();

    let mut fixed = Zeroizing::new(vec![0; fixed_len]);
    fixed.iter_mut().zip(received).for_each(|(to, from)| *to = *from);
    let (code, rest) = fixed.split_at_checked(1).unwrap_or_default();
    let (key, digest) = rest.split_at_checked(key_len).unwrap_or_default();
    let extra = received.get(fixed_len..).unwrap_or_default();

    // X is one whole element and the last thing in the block; whether it decodes as the slot's type
    // is asked after the body has opened (spec `set-crypto.md` §2.3, decisions.md 2).
    let extra_fits =
        if slot.has_extra() { AnyRef::from_der(extra).is_ok() } else { extra.is_empty() };
    let good = truth(message.is_some())
        & truth(received.len() >= fixed_len)
        & is_allowed(slot, code)
        & truth(extra_fits);

    let key = spare_key.iter().zip(key);
    KeyBlock {
        key: Zeroizing::new(
            key.map(|(spare, key)| u8::conditional_select(spare, key, good)).collect(),
        ),
        digest: Zeroizing::new(digest.to_vec()),
        extra: Zeroizing::new(extra.to_vec()),
        good,
    }
}

/// BC against the set of the slot (spec `set-crypto.md` §2.4).
fn is_allowed(slot: &Slot, code: &[u8]) -> Choice {
    slot.blocks.iter().fold(Choice::from(0), |any, block| any | code.ct_eq(&[block.code()]))
}

/// A [`Choice`] from a comparison of things that are not secret on their own.
pub(super) fn truth(value: bool) -> Choice {
    Choice::from(u8::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{CERT_REQ_ENC, CERT_REQ_ENCX, REG_FORM_REQ};

    const KEY: [u8; 32] = [0x11; 32];
    const SPARE: [u8; 32] = [0x22; 32];
    const X: [u8; 4] = [0x30, 0x02, 0x05, 0x00];

    fn opened(slot: &Slot, message: Option<&[u8]>) -> (bool, Vec<u8>) {
        let block = cut(Suite::Modern, slot, message, &SPARE).unwrap();
        (block.good.into(), block.key.to_vec())
    }

    fn message(block: Block, digest: &[u8], extra: &[u8]) -> Vec<u8> {
        encode(Suite::Modern, block, &KEY, digest, extra).unwrap().to_vec()
    }

    #[test]
    fn what_was_laid_out_is_cut_again() {
        let message = message(Block::PanOnly, &[0x33; 32], &X);
        let block = cut(Suite::Modern, &REG_FORM_REQ, Some(&message), &SPARE).unwrap();
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
}
