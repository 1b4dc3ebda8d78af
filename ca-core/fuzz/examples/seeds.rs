//! Writes the first seeds of the envelope targets: what ca-core seals, in both suites, cut open at
//! each depth. `cargo run --example seeds -- corpus`

use std::path::Path;
use std::{env, fs, io};

use ca_core::Suite;
use ca_core::envelope::set_oaep::{self, CounterOctet};
use ca_core::envelope::{
    Attachments, Block, CERT_REQ_ENC, CERT_REQ_ENCX, CERT_RES_ENCK, ContentCipher, Extra,
    REG_FORM_REQ, encx_tbs, open_enc, open_encx, open_exh, seal_enc, seal_enck, seal_encx,
    seal_exh,
};
use ca_core::signer::{SecureRandom, SeededRandom};
use ca_core::wire::pkcs7::{DigestedData, sequence};
use ca_core::wire::{BackKey, BackKeyData, oids};
use ca_core_fuzz::{CDMF_KEY, DES_KEY, EnvelopeInput, GCM_KEY, House};
use der::Encode;

fn main() -> io::Result<()> {
    let corpus = env::args().nth(1).expect("the folder to write to");
    for suite in [Suite::Modern, Suite::Set1997] {
        let seeds =
            [exh(suite), encx(suite), enc(suite), enck(suite), signed_data(suite), set_oaep(suite)];
        for (target, name, octets) in seeds.into_iter().flatten() {
            let folder = Path::new(&corpus).join(target);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("{name}-{}", suite.name())), octets)?;
        }
    }
    Ok(())
}

type Seed = (&'static str, &'static str, Vec<u8>);

fn random() -> SeededRandom {
    SeededRandom::new(b"fuzz", "seed")
}

/// Octets before the envelope, body or t, as [`ca_core_fuzz::EnvelopeInput`] reads them.
fn input(suite: Suite, depth: u8, block: &[&[u8]], rest: &[u8]) -> Vec<u8> {
    let block = block.concat();
    let length = u8::try_from(block.len()).expect("a key block is short");
    [&[bit(suite) | depth << 1, length], &block[..], rest].concat()
}

fn bit(suite: Suite) -> u8 {
    u8::from(suite == Suite::Set1997)
}

/// The content key that sealing draws first.
fn content_key(suite: Suite) -> Vec<u8> {
    let mut key = vec![0; ContentCipher::of_envelopes(suite).key_len()];
    random().fill(&mut key).expect("never fails");
    key
}

/// A seed that does not open leads nowhere.
fn assert_opens(seed: &[u8], opens: impl Fn(EnvelopeInput<'_>) -> bool) {
    assert!(EnvelopeInput::read(seed).is_some_and(opens));
}

fn exh(suite: Suite) -> Vec<Seed> {
    let house = House::of(suite);
    let (t, p) = (house.vector("t"), house.vector("pan-only"));
    let dd = DigestedData::of(suite, REG_FORM_REQ.inner_type(), &p).unwrap().to_der().unwrap();
    let body = sequence(&[&t, &dd]).unwrap();
    let extra = Extra { block: Block::PanOnly, der: &p };
    let sealed = seal_exh(suite, &house.certificate, &REG_FORM_REQ, &t, extra, &random()).unwrap();
    let block = [&[0x41][..], &content_key(suite), &suite.digest(&body), &p];
    let envelope = input(suite, 0, &block, &sealed);
    assert_opens(&envelope, |input| {
        input.open(&REG_FORM_REQ, true, &[], open_exh).is_some_and(|o| o.is_ok())
    });
    vec![
        ("exh", "envelope", envelope),
        ("exh", "body", input(suite, 1, &[&[0x41], &p], &body)),
        ("exh", "content", input(suite, 2, &[&[0x41], &p], &t)),
    ]
}

fn encx(suite: Suite) -> Vec<Seed> {
    let house = House::of(suite);
    let (t, p) = (house.vector("t"), house.vector("pan-data0"));
    let tbs = encx_tbs(&t, &p).unwrap();
    let none = Attachments::default();
    let so = house.sign(CERT_REQ_ENCX.inner_type(), &tbs, false, none).unwrap();
    let body = sequence(&[&t, &so]).unwrap();
    let foreign = sequence(&[&t, &house.vector("so")]).unwrap();
    let extra = Extra { block: Block::PanData0, der: &p };
    let sealed =
        seal_encx(suite, &house.certificate, &CERT_REQ_ENCX, &t, &so, extra, &random()).unwrap();
    let block = [&[0x20][..], &content_key(suite), &p];
    let envelope = input(suite, 0, &block, &sealed);
    assert_opens(&envelope, |input| {
        input.open(&CERT_REQ_ENCX, false, &[], open_encx).is_some_and(|o| o.is_ok())
    });
    vec![
        ("encx", "envelope", envelope),
        ("encx", "body", input(suite, 1, &[&[0x20], &p], &body)),
        ("encx", "body-foreign", input(suite, 1, &[&[0x50], &p], &foreign)),
        ("encx", "content", input(suite, 2, &[&[0x50], &p], &t)),
    ]
}

fn enc(suite: Suite) -> Vec<Seed> {
    let house = House::of(suite);
    let t = house.vector("t");
    let signed = house.sign(CERT_REQ_ENC.inner_type(), &t, true, Attachments::default()).unwrap();
    let sealed = seal_enc(suite, &house.certificate, &CERT_REQ_ENC, &signed, &random()).unwrap();
    let block = [&[0x00][..], &content_key(suite)];
    let envelope = input(suite, 0, &block, &sealed);
    assert_opens(&envelope, |input| {
        input.open(&CERT_REQ_ENC, false, &[], open_enc).is_some_and(|o| o.is_ok())
    });
    vec![
        ("enc", "envelope", envelope),
        ("enc", "body", input(suite, 1, &[&[0x00]], &signed)),
        ("enc", "body-foreign", input(suite, 1, &[&[0x00]], &house.vector("s"))),
        ("enc", "content", input(suite, 2, &[&[0x00]], &t)),
    ]
}

fn enck(suite: Suite) -> Vec<Seed> {
    let house = House::of(suite);
    let t = house.vector("t");
    let signed = house.sign(CERT_RES_ENCK.inner_type(), &t, true, Attachments::default()).unwrap();
    let ciphers = match suite {
        Suite::Modern => vec![(0, ["aes", "aes-body", "aes-t", "aes-key"], &GCM_KEY[..])],
        Suite::Set1997 => vec![
            (1, ["des", "des-body", "des-t", "des-key"], &DES_KEY[..]),
            (2, ["cdmf", "cdmf-body", "cdmf-t", "cdmf-key"], &CDMF_KEY[..]),
        ],
    };
    let seeds = ciphers.into_iter().flat_map(|(flag, names, key)| {
        let cipher = match flag {
            0 => ContentCipher::Aes256Gcm,
            1 => ContentCipher::DesCbc,
            _ => ContentCipher::Cdmf,
        };
        let back_alg_id = cipher.identifier(&random()).unwrap();
        let back_key = BackKeyData { back_alg_id, back_key: BackKey::new(key).unwrap() };
        let sealed = seal_enck(suite, &back_key, &CERT_RES_ENCK, &signed, &random()).unwrap();
        let rests = [sealed, signed.clone(), t.clone(), back_key.to_der().unwrap()];
        let seeds = names.into_iter().zip(rests).zip(0_u8..);
        seeds.map(move |((name, rest), kind)| {
            ("enck", name, [&[flag + 3 * kind][..], &rest].concat())
        })
    });
    seeds.collect()
}

fn signed_data(suite: Suite) -> Vec<Seed> {
    let house = House::of(suite);
    let [t, tbs] = &house.signed;
    let certificate = house.certificate.der().to_vec();
    let attachments = Attachments { certificates: vec![certificate.clone()], crls: Vec::new() };
    let attached = house.sign(oids::CT_CERT_REQ_DATA, t, true, attachments).unwrap();
    let none = Attachments::default;
    let detached = house.sign(oids::CT_CERT_REQ_TBS, tbs, false, none()).unwrap();
    let spki = &house.spki;
    let crl = b"\x31\x03\x02\x01\x07";
    let seed = |name, flags: u8, parts: &[&[u8]]| {
        ("signed_data", name, [&[bit(suite) | flags], &parts.concat()[..]].concat())
    };
    let length = |octets: &[u8]| [u8::try_from(octets.len()).expect("short")];
    vec![
        seed("s", 0, &[&attached]),
        seed("s-foreign", 0, &[&house.vector("s-result")]),
        seed("so", 2, &[&length(tbs), tbs, &detached]),
        seed("so-foreign", 2, &[&length(tbs), tbs, &house.vector("so")]),
        seed("signed-here", 4 | 8, &[t, &certificate, crl]),
        seed("signed-here-so", 4, &[t, crl, crl]),
        seed("spki", 6, &[&length(spki), spki, &attached]),
    ]
}

fn set_oaep(suite: Suite) -> Vec<Seed> {
    if suite == Suite::Modern {
        return Vec::new();
    }
    let adb = [&DES_KEY[..], &House::of(suite).vector("pan-data0")].concat();
    let block = set_oaep::encode(&CounterOctet, 128, 0x20, &adb, &[0x5a; 16], 1).unwrap();
    let laid_out = |flags: u8| [&[flags, 128, 0x20], &[0x5a; 16][..], &[1], &adb].concat();
    vec![
        ("set_oaep", "block", [&[0][..], &block].concat()),
        ("set_oaep", "leading", laid_out(0x80)),
        ("set_oaep", "trailing", laid_out(0x81)),
        ("set_oaep", "mgf1", laid_out(0x82)),
    ]
}
