//! Envelopes as whoever has the CA's keys sees them, opened here step by step: RSA, key block, body
//! (spec `set-crypto.md` §1.5, §2, §3, §8.1).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ca_core::Suite;
use ca_core::envelope::{CERT_RES_ENCK, open_enck, set_oaep};
use ca_core::profile::KeyUse;
use ca_core::signer::{Decryptor as _, KeyId};
use ca_core::wire::pkcs7::{EncryptedContentInfo, EnvelopedData, MAX_PKCS7};
use ca_core::wire::{BackKeyData, Cert, CertReq, CertRes, Message, decode};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use der::Encode;

use crate::house::House;
use crate::messages::message_of;

/// The envelope in a request; none if it travels in clear.
pub(crate) fn envelope_in(request: &[u8]) -> Option<EnvelopedData> {
    let octets = match message_of(request) {
        Message::RegFormReq(octets)
        | Message::CertReq(CertReq::EncX(octets) | CertReq::Enc(octets)) => octets,
        _ => return None,
    };
    Some(decode(octets.as_der(), MAX_PKCS7).unwrap())
}

/// The content key of an envelope, and what stands behind it in the key block: HD and X.
pub(crate) fn key_block(house: &House, envelope: &EnvelopedData) -> (Vec<u8>, Vec<u8>) {
    let info = &envelope.recipient_infos.as_slice()[0];
    let hierarchy = house.authority.hierarchy();
    let mut held = hierarchy.cas().iter().filter_map(|ca| ca.held(KeyUse::Encryption));
    let recipient: &Cert =
        held.find(|held| info.recipient.names(held.certificate)).unwrap().certificate;
    let key = KeyId::of_spki(recipient.spki_der()).unwrap();
    let sent = info.encrypted_key.as_bytes();
    let label = format!("set-modern-1:{}", envelope.encrypted_content_info.content_type);
    let block = match house.suite() {
        Suite::Modern => {
            house.keys.decrypt_oaep(&key, label.as_bytes(), sent).unwrap()[1..].to_vec()
        }
        Suite::Set1997 => {
            let masked = house.keys.decrypt_raw(&key, sent).unwrap();
            set_oaep::decode(&set_oaep::CounterOctet, &masked).unwrap().adb.to_vec()
        }
    };
    let length = if house.suite() == Suite::Modern { 32 } else { 8 };
    let (key, rest) = block.split_at(length);
    (key.to_vec(), rest.to_vec())
}

/// The body under a key; none if that is not its key.
pub(crate) fn body(suite: Suite, key: &[u8], content: &EncryptedContentInfo) -> Option<Vec<u8>> {
    let parameters = content.algorithm.parameters.as_ref().unwrap().value();
    let ciphertext = content.encrypted_content.as_bytes();
    match suite {
        Suite::Modern => {
            // GCMParameters: OCTET STRING of 12 octets, then the length of the tag.
            let nonce = Nonce::try_assume_unique_for_key(&parameters[2..14]).unwrap();
            let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
            let mut octets = ciphertext.to_vec();
            let aad = Aad::from(content.content_type.to_der().unwrap());
            Some(key.open_in_place(nonce, aad, &mut octets).ok()?.to_vec())
        }
        Suite::Set1997 => {
            let cipher = cbc::Decryptor::<des::Des>::new_from_slices(key, parameters).ok()?;
            cipher.decrypt_padded_vec::<Pkcs7>(ciphertext).ok()
        }
    }
}

/// What is inside a request: the key block behind its key, and the body. Empty if it is in clear.
pub(crate) fn inside(house: &House, request: &[u8]) -> Vec<Vec<u8>> {
    let Some(envelope) = envelope_in(request) else { return Vec::new() };
    let (key, block) = key_block(house, &envelope);
    vec![block, body(house.suite(), &key, &envelope.encrypted_content_info).unwrap()]
}

/// What is inside an answer that is encrypted under this back key.
pub(crate) fn inside_answer(
    suite: Suite,
    answer: &[u8],
    back_key: &BackKeyData,
) -> Option<Vec<u8>> {
    let (Message::CertRes(CertRes::Encrypted(octets))
    | Message::CertInqRes(CertRes::Encrypted(octets))) = message_of(answer)
    else {
        return None;
    };
    let signed = open_enck(suite, &CERT_RES_ENCK, octets.as_der(), back_key).ok()?;
    Some(signed.unverified_content()?.to_vec())
}
