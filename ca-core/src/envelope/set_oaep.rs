//! SET OAEP: the block that a key block of `set-1997` is masked into before RSA (spec
//! `set-crypto.md` §2).
//!
//! ```text
//! R  = I(1) | A(k-17) | B(16)              k octets, what RSA encrypts
//! A  = DB xor H1(E-Salt)                   B = E-Salt xor H2(A)
//! DB = BT(1) = 03 | BC(1) | V(7) = 00… | ADB(k-26)
//! ```

use core::fmt;

use sha1::Digest as _;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// H1: how E-Salt is stretched to the length of DB. One SHA-1 gives 20 octets, and the sources do
/// not say how more are made (spec `set-crypto.md` §2.2); ours is [`CounterOctet`].
pub trait MaskFunction {
    /// So many octets from `salt`.
    fn expand(&self, salt: &[u8; SALT_LEN], octets: usize) -> Zeroizing<Vec<u8>>;
}

/// Variant A: SHA-1(E-Salt | one octet i) for i = 0, 1, 2, …; of the last the leading octets.
#[derive(Clone, Copy, Debug, Default)]
pub struct CounterOctet;

/// Variant N: as A, but of the last digest the trailing octets, as Netscape's library has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CounterOctetTrailing;

/// Variant M: MGF1 of PKCS#1 v2.0 with SHA-1, a counter of four octets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mgf1;

impl MaskFunction for CounterOctet {
    fn expand(&self, salt: &[u8; SALT_LEN], octets: usize) -> Zeroizing<Vec<u8>> {
        digests(salt, octets, 1, Last::Leading)
    }
}

impl MaskFunction for CounterOctetTrailing {
    fn expand(&self, salt: &[u8; SALT_LEN], octets: usize) -> Zeroizing<Vec<u8>> {
        digests(salt, octets, 1, Last::Trailing)
    }
}

impl MaskFunction for Mgf1 {
    fn expand(&self, salt: &[u8; SALT_LEN], octets: usize) -> Zeroizing<Vec<u8>> {
        digests(salt, octets, 4, Last::Leading)
    }
}

/// Octets of ADB for a modulus of `k` octets; zero if there is no room for any.
#[must_use]
pub const fn capacity(k: usize) -> usize {
    k.saturating_sub(OVERHEAD)
}

/// Lays out and masks a block for a modulus of `k` octets. ADB is filled up with zeros; `first` is
/// I. `None` if `adb` does not fit.
#[must_use]
pub fn encode(
    h1: &dyn MaskFunction,
    k: usize,
    block_contents: u8,
    adb: &[u8],
    salt: &[u8; SALT_LEN],
    first: u8,
) -> Option<Zeroizing<Vec<u8>>> {
    let fill = k.checked_sub(OVERHEAD)?.checked_sub(adb.len())?;
    let mut db = Zeroizing::new(Vec::with_capacity(k));
    db.extend_from_slice(&[BLOCK_TYPE, block_contents]);
    db.extend_from_slice(&VERIFICATION);
    db.extend_from_slice(adb);
    db.extend(core::iter::repeat_n(0, fill));
    let a = xor(&db, &h1.expand(salt, db.len()));
    let b = xor(salt, &h2(&a));
    let mut block = Zeroizing::new(Vec::with_capacity(k));
    block.push(first);
    block.extend_from_slice(&a);
    block.extend_from_slice(&b);
    Some(block)
}

/// What came out of a block. Worth nothing unless `good`.
pub struct Decoded {
    /// BC.
    pub block_contents: u8,
    /// ADB with its fill.
    pub adb: Zeroizing<Vec<u8>>,
    /// Set if BT and V are right. BC and ADB are for the caller to judge.
    pub good: Choice,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decoded(redacted)")
    }
}

/// Takes the mask off. I is not looked at, and nothing is decided here (spec `set-crypto.md` §2.3).
/// `None` if the block is too short to be one, which its length alone says.
#[must_use]
pub fn decode(h1: &dyn MaskFunction, block: &[u8]) -> Option<Decoded> {
    let (_, masked) = block.split_first()?;
    let (a, b) = masked.split_at_checked(masked.len().checked_sub(SALT_LEN)?)?;
    let salt = xor(b, &h2(a));
    let db = xor(a, &h1.expand(salt.as_slice().try_into().ok()?, a.len()));
    let (block_type, rest) = db.split_first()?;
    let (block_contents, rest) = rest.split_first()?;
    let (verification, adb) = rest.split_at_checked(VERIFICATION.len())?;
    let good = block_type.ct_eq(&BLOCK_TYPE) & verification.ct_eq(&VERIFICATION);
    Some(Decoded { block_contents: *block_contents, adb: Zeroizing::new(adb.to_vec()), good })
}

/// H2: the last 16 octets of SHA-1.
fn h2(a: &[u8]) -> [u8; SALT_LEN] {
    let digest: [u8; DIGEST_LEN] = sha1::Sha1::digest(a).into();
    let mut trailing = [0; SALT_LEN];
    let skipped = DIGEST_LEN.saturating_sub(SALT_LEN);
    trailing.iter_mut().zip(digest.into_iter().skip(skipped)).for_each(|(to, from)| *to = from);
    trailing
}

/// Which octets of the last digest are used.
#[derive(Clone, Copy)]
enum Last {
    Leading,
    Trailing,
}

/// SHA-1 of salt and counter, one behind the other, as many octets as are wanted.
fn digests(
    salt: &[u8; SALT_LEN],
    octets: usize,
    counter_len: usize,
    last: Last,
) -> Zeroizing<Vec<u8>> {
    let mut mask = Zeroizing::new(Vec::with_capacity(octets));
    for counter in 0_u32.. {
        let wanted = octets.saturating_sub(mask.len()).min(DIGEST_LEN);
        if wanted == 0 {
            break;
        }
        let counter = counter.to_be_bytes();
        let (_, counter) = counter.split_at(counter.len().saturating_sub(counter_len));
        let digest = sha1::Sha1::new().chain_update(salt).chain_update(counter).finalize();
        let skipped = match last {
            Last::Leading => 0,
            Last::Trailing => DIGEST_LEN.saturating_sub(wanted),
        };
        mask.extend(digest.into_iter().skip(skipped).take(wanted));
    }
    mask
}

fn xor(a: &[u8], b: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(a.iter().zip(b).map(|(a, b)| a ^ b).collect())
}

/// Octets of E-Salt.
pub const SALT_LEN: usize = 16;
const DIGEST_LEN: usize = 20;
/// I, B, BT, BC and V.
const OVERHEAD: usize = 26;
/// BT.
const BLOCK_TYPE: u8 = 0x03;
/// V.
const VERIFICATION: [u8; 7] = [0; 7];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modulus_with_no_room_for_the_overhead_holds_no_block() {
        let laid_out = |k| encode(&CounterOctet, k, 0x00, &[], &[0x5a; SALT_LEN], 1);
        assert_eq!(laid_out(OVERHEAD).map(|block| block.len()), Some(OVERHEAD));
        assert_eq!(laid_out(OVERHEAD - 1), None);
        assert_eq!(laid_out(0), None);
    }
}
