//! EXH, EncX, Enc and EncK as they are made: the octets of a foreign implementation.

use ca_core::envelope::{
    Block, CERT_REQ_ENC, CERT_REQ_ENCX, CERT_RES_ENCK, Extra, REG_FORM_REQ, SealError, Slot,
    seal_enc, seal_enck, seal_encx, seal_exh,
};
use ca_core::wire::oids;

use crate::forged::*;
use crate::support::{Script, ascending, back_key, back_key_of, certificate, foreign};

#[test]
fn exh_has_the_octets_of_a_foreign_implementation() {
    let p = Extra { block: Block::PanOnly, der: &pan_only() };
    let t = foreign("t");
    let script = Script::of_vectors();
    let made = seal_exh(M, &certificate(), &REG_FORM_REQ, &t, p, &script);
    assert_eq!(made.unwrap(), foreign("exh"));
}

#[test]
fn encx_has_the_octets_of_a_foreign_implementation() {
    let (t, so, script) = (foreign("t"), foreign("so"), Script::of_vectors());
    let p = Extra { block: Block::PanData0, der: &foreign("pan-data0") };
    let made = seal_encx(M, &certificate(), &CERT_REQ_ENCX, &t, &so, p, &script);
    assert_eq!(made.unwrap(), foreign("encx"));
}

#[test]
fn enc_has_the_octets_of_a_foreign_implementation() {
    let script = Script::of_vectors();
    let made = seal_enc(M, &certificate(), &CERT_REQ_ENC, &foreign("s"), &script);
    assert_eq!(made.unwrap(), foreign("enc"));
}

#[test]
fn enck_has_the_octets_of_a_foreign_implementation() {
    let nonce = Script::new(&[ascending(0x90, 12)]);
    let made = seal_enck(M, &back_key(), &CERT_RES_ENCK, &foreign("s-result"), &nonce);
    assert_eq!(made.unwrap(), foreign("enck"));
}

#[test]
fn sealing_refuses_what_does_not_belong() {
    let (certificate, t) = (certificate(), foreign("t"));
    let p = |block| Extra { block, der: b"\x05\x00" };
    let seal = |slot: &Slot, t: &[u8], p| seal_exh(M, &certificate, slot, t, p, &random());
    assert_eq!(
        seal(&REG_FORM_REQ, &t, p(Block::PanData0)),
        Err(SealError::Block(0x20)),
        "block of another slot"
    );
    assert_eq!(seal(&REG_FORM_REQ, &[], p(Block::PanOnly)), Err(SealError::Encoding));
    // 3072 bits hold 318 octets, 65 of them without X (spec `set-crypto.md` §8.2).
    let large = [&[0x04, 0x81, 0xfb][..], &[0; 251]].concat();
    let too_large = Extra { block: Block::PanOnly, der: &large };
    assert_eq!(seal(&REG_FORM_REQ, &t, too_large), Err(SealError::Recipient));
    let fits = [&[0x04, 0x81, 0xfa][..], &[0; 250]].concat();
    let fits = Extra { block: Block::PanOnly, der: &fits };
    assert!(seal(&REG_FORM_REQ, &t, fits).is_ok());
    for (cipher, length) in [(oids::AES_256_GCM, 24), (oids::DES_CBC, 8), (oids::DES_CBC, 32)] {
        let key = back_key_of(cipher, &ascending(0, length));
        assert_eq!(seal_enck(M, &key, &CERT_RES_ENCK, &t, &random()), Err(SealError::BackKey));
    }
    let exhausted = Script::new(&[vec![1; 50]]);
    assert!(matches!(
        seal_exh(M, &certificate, &REG_FORM_REQ, &t, p(Block::PanOnly), &exhausted),
        Err(SealError::Random(_))
    ));
}
