//! Hostile EncK: the EncryptedData, the SignedData that is the body, t in one that is made right,
//! or the back key that the other side chose.
//!
//! ```text
//! octet 0  modulo 3: cipher, 0 AES-256-GCM, 1 DES-CBC, 2 CDMF
//!          divided by 3, modulo 4: 0 the rest is an EncryptedData, 1 a body, 2 t, 3 a BackKeyData
//! ```

#![no_main]

use ca_core::Suite;
use ca_core::envelope::{
    Attachments, CERT_RES_ENCK, ContentCipher, OpenError, SealError, SignedMessage, open_enck,
    seal_enck,
};
use ca_core::signer::SeededRandom;
use ca_core::wire::pkcs7::{EncryptedData, MAX_PKCS7, Version};
use ca_core::wire::{BackKey, BackKeyData, decode};
use ca_core_fuzz::{CDMF_KEY, DES_KEY, GCM_KEY, House, encrypt};
use der::Encode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let _ = run(octets);
});

fn run(octets: &[u8]) -> Option<()> {
    let (flags, rest) = octets.split_first()?;
    let (suite, cipher, key) = match flags % 3 {
        0 => (Suite::Modern, ContentCipher::Aes256Gcm, &GCM_KEY[..]),
        1 => (Suite::Set1997, ContentCipher::DesCbc, &DES_KEY[..]),
        _ => (Suite::Set1997, ContentCipher::Cdmf, &CDMF_KEY[..]),
    };
    let back_alg_id = cipher.identifier(&SeededRandom::new(b"fuzz", "parameters")).ok()?;
    let back_key = BackKeyData { back_alg_id, back_key: BackKey::new(key).ok()? };
    match flags / 3 % 4 {
        0 => encrypted_data(suite, rest, &back_key),
        1 => body(suite, cipher, rest, &back_key),
        2 => content(suite, rest, &back_key),
        _ => hostile_key(suite, rest),
    }
}

/// What stands in clear decides on Malformed and WrongContentType; all else is one error.
fn encrypted_data(suite: Suite, octets: &[u8], back_key: &BackKeyData) -> Option<()> {
    let opened = open_enck(suite, &CERT_RES_ENCK, octets, back_key);
    match (decode::<EncryptedData>(octets, MAX_PKCS7), opened.as_ref().err()) {
        (Err(_), error) => assert!(matches!(error, Some(OpenError::Malformed(_)))),
        (Ok(data), error)
            if data.encrypted_content_info.content_type != CERT_RES_ENCK.content_type() =>
        {
            assert!(matches!(error, Some(OpenError::WrongContentType { .. })));
        }
        (Ok(_), error) => assert!(error.is_none_or(|error| *error == OpenError::Undecryptable)),
    }
    assert_eq!(opened.ok()?.content_type(), CERT_RES_ENCK.inner_type());
    None
}

/// Opens exactly if there is a SignedData of the type inside.
fn body(suite: Suite, cipher: ContentCipher, body: &[u8], back_key: &BackKeyData) -> Option<()> {
    let encrypted_content_info = encrypt(cipher, CERT_RES_ENCK.content_type(), body);
    let data = EncryptedData { version: Version::default(), encrypted_content_info };
    let sealed = data.to_der().ok()?;
    let opened = open_enck(suite, &CERT_RES_ENCK, &sealed, back_key);
    let message = SignedMessage::decode(body).ok();
    let message = message.filter(|message| message.content_type() == CERT_RES_ENCK.inner_type());
    assert_eq!(opened.is_ok(), message.is_some());
    assert!(opened.err().is_none_or(|error| error == OpenError::Undecryptable));
    None
}

/// What was signed and sealed comes back.
fn content(suite: Suite, t: &[u8], back_key: &BackKeyData) -> Option<()> {
    let (house, inner_type) = (House::of(suite), CERT_RES_ENCK.inner_type());
    let signed = house.sign(inner_type, t, true, Attachments::default())?;
    let random = SeededRandom::new(b"fuzz", "nonce");
    let sealed = seal_enck(suite, back_key, &CERT_RES_ENCK, &signed, &random).expect("a good key");
    let message = open_enck(suite, &CERT_RES_ENCK, &sealed, back_key).expect("sealed above");
    let verified = message.verify(suite, inner_type, None, 0, &house.spki).expect("signed above");
    assert_eq!(verified.content(), t);
    None
}

/// A back key of the suite seals and opens; any other is refused as such.
fn hostile_key(suite: Suite, octets: &[u8]) -> Option<()> {
    let back_key = decode::<BackKeyData>(octets, MAX_PKCS7).ok()?;
    let (house, inner_type) = (House::of(suite), CERT_RES_ENCK.inner_type());
    let signed = house.sign(inner_type, b"\x05\x00", true, Attachments::default())?;
    let random = SeededRandom::new(b"fuzz", "nonce");
    let sealed = seal_enck(suite, &back_key, &CERT_RES_ENCK, &signed, &random);
    if ContentCipher::of_back_key(suite, &back_key).is_none() {
        assert_eq!(sealed, Err(SealError::BackKey));
        let data = EncryptedData {
            version: Version::default(),
            encrypted_content_info: encrypt(
                ContentCipher::of_envelopes(suite),
                CERT_RES_ENCK.content_type(),
                &signed,
            ),
        };
        let opened = open_enck(suite, &CERT_RES_ENCK, &data.to_der().ok()?, &back_key);
        assert_eq!(opened.err(), Some(OpenError::Undecryptable));
        return None;
    }
    let opened = open_enck(suite, &CERT_RES_ENCK, &sealed.expect("a good key"), &back_key);
    let content = opened.expect("sealed above").unverified_content().map(<[u8]>::to_vec);
    assert_eq!(content.as_deref(), Some(&b"\x05\x00"[..]));
    None
}
