//! A hostile SET OAEP block, as RSA gave it: no panic, every octet of ADB comes out; and what is
//! laid out comes back, under each mask function.
//!
//! ```text
//! octet 0  modulo 3: mask function; bit 7: 0 the rest is a block, 1 k | BC | E-Salt(16) | I | ADB
//! ```

#![no_main]

use ca_core::envelope::set_oaep::{
    CounterOctet, CounterOctetTrailing, MaskFunction, Mgf1, capacity, decode, encode,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = run(octets);
});

fn run(octets: &[u8]) -> Option<()> {
    let (flags, rest) = octets.split_first()?;
    let h1: &dyn MaskFunction = match (flags & 0x7f) % 3 {
        0 => &CounterOctet,
        1 => &CounterOctetTrailing,
        _ => &Mgf1,
    };
    if flags & 0x80 == 0 {
        let decoded = decode(h1, rest);
        assert_eq!(decoded.is_some(), rest.len() >= 26);
        assert_eq!(decoded?.adb.len(), capacity(rest.len()));
        return None;
    }
    let (head, adb) = rest.split_first_chunk::<19>()?;
    let [k, code, salt @ .., first] = *head;
    let k = usize::from(k);
    let block = encode(h1, k, code, adb, &salt, first);
    assert_eq!(block.is_some(), k >= 26 && adb.len() <= k - 26);
    let mut block = block?;
    assert_eq!((block.len(), block[0]), (k, first));
    let decoded = decode(h1, &block)?;
    let (content, fill) = decoded.adb.split_at_checked(adb.len())?;
    assert!(bool::from(decoded.good) && decoded.block_contents == code);
    assert!(content == adb && fill.iter().all(|octet| *octet == 0));
    // I is not looked at; one bit elsewhere and 64 bits are no longer right.
    let at = 1 + usize::from(salt[0]) % (k - 1);
    block[at] ^= 1;
    assert!(!bool::from(decode(h1, &block)?.good));
    None
}
