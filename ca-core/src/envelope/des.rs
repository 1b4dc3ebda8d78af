//! DES-CBC and CDMF, the ciphers of `set-1997` (spec `set-crypto.md` §3). Obsolete: here because
//! SET 1.0 has no others.

use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{
    BlockCipherEncrypt as _, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit,
};
use des::cipher::KeyInit as _;
use subtle::{ConstantTimeEq, ConstantTimeGreater, ConstantTimeLess};
use zeroize::Zeroizing;

/// Encrypts with n = 1…8 octets of value n behind the plaintext.
pub(super) fn encrypt_cbc(key: [u8; 8], iv: [u8; 8], plaintext: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<des::Des>::new(&key.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(plaintext)
}

/// Decrypts; `None` if the ciphertext has no whole blocks or the padding is wrong.
///
/// All eight octets of the last block are looked at whatever the padding says, and a ciphertext
/// that ends within a block costs as much as one that does not: the time does not tell them apart.
pub(super) fn decrypt_cbc(
    key: [u8; 8],
    iv: [u8; 8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = cbc::Decryptor::<des::Des>::new(&key.into(), &iv.into());
    let surplus = ciphertext.len() % usize::from(BLOCK);
    let blocks = ciphertext.get(..ciphertext.len().checked_sub(surplus)?)?;
    let mut octets = Zeroizing::new(cipher.decrypt_padded_vec::<NoPadding>(blocks).ok()?);
    let count = *octets.last()?;
    let mut good = surplus.ct_eq(&0) & count.ct_gt(&0) & !count.ct_gt(&BLOCK);
    for (octet, position) in octets.iter().rev().zip(0..BLOCK) {
        good &= !position.ct_lt(&count) | octet.ct_eq(&count);
    }
    let length = octets.len().checked_sub(usize::from(count))?;
    octets.truncate(length);
    bool::from(good).then_some(octets)
}

/// The DES key K' that CDMF derives from the 64 bits K which were sent.
pub(super) fn cdmf_key(k: [u8; 8]) -> [u8; 8] {
    let k0 = k.map(|octet| octet & NO_PARITY);
    let mut t = encrypt_block(CDMF_FIRST, k0);
    t.iter_mut().zip(k0).for_each(|(t, k)| *t ^= k);
    t.iter_mut().zip(CDMF_MASK).for_each(|(t, mask)| *t &= mask);
    encrypt_block(CDMF_SECOND, t)
}

/// Sets the lowest bit of every octet so that the octet has odd parity (spec `set-crypto.md` §2.5).
pub(super) fn set_odd_parity(key: &mut [u8]) {
    for octet in key {
        let upper = *octet & NO_PARITY;
        *octet = upper | (u8::from(upper.count_ones().is_multiple_of(2)));
    }
}

fn encrypt_block(key: [u8; 8], octets: [u8; 8]) -> [u8; 8] {
    let mut block = octets.into();
    des::Des::new(&key.into()).encrypt_block(&mut block);
    block.into()
}

/// Octets of a block.
const BLOCK: u8 = 8;
/// The key bits of an octet of a DES key.
const NO_PARITY: u8 = 0xfe;
/// Keys and mask of the derivation (spec `set-crypto.md` §3).
const CDMF_FIRST: [u8; 8] = [0xc4, 0x08, 0xb0, 0x54, 0x0b, 0xa1, 0xe0, 0xae];
const CDMF_SECOND: [u8; 8] = [0xef, 0x2c, 0x04, 0x1c, 0xe6, 0x38, 0x2f, 0xe6];
const CDMF_MASK: [u8; 8] = [0x0e, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe];

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
    const IV: [u8; 8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];

    /// Spec `set-crypto.md` §9.8.
    #[test]
    fn cdmf_derives_the_key_of_the_spec() {
        let mut key = cdmf_key(KEY);
        assert_eq!(crate::hex(&key), "1fb26b1a81089f12");
        set_odd_parity(&mut key);
        assert_eq!(crate::hex(&key), "1fb36b1a80089e13");
    }

    #[test]
    fn every_length_comes_back() {
        for length in 0..=17 {
            let plaintext = vec![0x08; length];
            let ciphertext = encrypt_cbc(KEY, IV, &plaintext);
            assert_eq!(ciphertext.len(), (length / 8 + 1) * 8);
            assert_eq!(decrypt_cbc(KEY, IV, &ciphertext).unwrap().as_slice(), plaintext);
        }
    }

    /// What stands in the last block, encrypted as it is.
    fn opened(last: [u8; 8]) -> Option<usize> {
        let cipher = cbc::Encryptor::<des::Des>::new(&KEY.into(), &IV.into());
        let ciphertext = cipher.encrypt_padded_vec::<NoPadding>(&last);
        decrypt_cbc(KEY, IV, &ciphertext).map(|octets| octets.len())
    }

    #[test]
    fn wrong_padding_does_not_open() {
        assert_eq!(opened([0, 0, 0, 0, 0, 3, 3, 3]), Some(5));
        assert_eq!(opened([8; 8]), Some(0));
        for bad in [[0; 8], [9; 8], [255; 8], [0, 0, 0, 0, 0, 2, 3, 3], [8, 8, 8, 8, 8, 8, 7, 8]] {
            assert_eq!(opened(bad), None, "{bad:?}");
        }
        for length in [0, 7, 9] {
            assert!(decrypt_cbc(KEY, IV, &vec![0; length]).is_none());
        }
    }
}
