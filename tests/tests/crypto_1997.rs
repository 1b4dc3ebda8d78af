//! Suite `set-1997` against OpenSSL: its keys and certificates are used, our envelopes and
//! signatures are taken apart with its RSA, SHA-1 and DES.

use std::fs;
use std::path::{Path, PathBuf};

use ca_core::Suite;
use ca_core::envelope::{Block, CERT_RES_ENCK, Extra, REG_FORM_REQ, seal_enck, seal_exh};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SignatureAlgorithm, verify};
use ca_core::wire::pkcs7::{EncryptedData, EnvelopedData, MAX_PKCS7, cbc_64_iv};
use ca_core::wire::{BackKeyData, Cert, decode, oids};
use ca_core::{hex, unhex};
use e2e::openssl_with;

const SUITE: Suite = Suite::Set1997;

/// Files of one test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What openssl makes of `input`; `{0}` is the key file, input and output are added.
    fn openssl(&self, line: &str, input: &[u8]) -> Vec<u8> {
        let [from, to] = [self.path("in"), self.path("out")];
        fs::write(&from, input).expect("written");
        let _ = openssl_with(&format!("{line} -in {{1}} -out {{2}}"), &[&self.key(), &from, &to])
            .done();
        fs::read(to).expect("openssl wrote it")
    }

    fn sha_1(&self, data: &[u8]) -> Vec<u8> {
        let [from, to] = [self.path("in"), self.path("out")];
        fs::write(&from, data).expect("written");
        let _ = openssl_with("dgst -sha1 -binary -out {1} {0}", &[&from, &to]).done();
        fs::read(to).expect("openssl wrote it")
    }

    fn des(&self, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
        let (key, iv) = (hex(key), hex(iv));
        let providers = "-provider legacy -provider default";
        self.openssl(&format!("enc -d -des-cbc -K {key} -iv {iv} {providers}"), ciphertext)
    }

    fn key(&self) -> PathBuf {
        self.path("key.der")
    }

    /// An RSA key that openssl made.
    fn make_key(&self, bits: u16) -> PrivateKey {
        let pem = self.path("key.pem");
        let line = format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out {{0}}");
        let _ = openssl_with(&line, &[&pem]).done();
        let line = "pkcs8 -topk8 -nocrypt -in {0} -outform DER -out {1}";
        let _ = openssl_with(line, &[&pem, &self.key()]).done();
        PrivateKey::from_pkcs8(&fs::read(self.key()).expect("made")).expect("a key")
    }

    /// A certificate that openssl made for the key.
    fn make_certificate(&self) -> Cert {
        let path = self.path("cert.der");
        let line = "req -x509 -new -sha1 -subj /CN=old -days 30 -key {0} -keyform DER -outform DER \
                    -out {1}";
        let _ = openssl_with(line, &[&self.key(), &path]).done();
        Cert::from_der(&fs::read(path).expect("made")).expect("a certificate")
    }
}

fn xor(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b).map(|(a, b)| a ^ b).collect()
}

/// Spec `set-crypto.md` §2.3, step by step.
#[test]
fn openssl_opens_an_envelope_of_1997() {
    let folder = Folder::new();
    let _ = folder.make_key(1024);
    let certificate = folder.make_certificate();
    let (t, p) = (b"\x04\x03one", b"\x30\x05\x04\x03two");
    let extra = Extra { block: Block::PanOnly, der: p };
    let random = SeededRandom::new(b"openssl", "envelope");
    let exh = seal_exh(SUITE, &certificate, &REG_FORM_REQ, t, extra, &random).expect("sealed");
    let envelope: EnvelopedData = decode(&exh, MAX_PKCS7).expect("an envelope");
    let info = envelope.recipient_infos.as_slice().first().expect("a recipient");

    let raw = "pkeyutl -decrypt -keyform DER -inkey {0} -pkeyopt rsa_padding_mode:none";
    let block = folder.openssl(raw, info.encrypted_key.as_bytes());
    assert!((1..0x80).contains(&block[0]), "I");
    let (a, b) = block[1..].split_at(111);
    let salt = xor(b, &folder.sha_1(a)[4..]);
    let mask: Vec<u8> = (0..6_u8).flat_map(|i| folder.sha_1(&[&salt[..], &[i]].concat())).collect();
    let db = xor(a, &mask);
    assert_eq!(db[..9], [0x03, 0x41, 0, 0, 0, 0, 0, 0, 0], "BT, BC, V");
    let (key, hd, rest) = (&db[9..17], &db[17..37], &db[37..]);
    assert!(key.iter().all(|octet| octet.count_ones() % 2 == 1), "parity");
    assert_eq!(rest[..7], *p);
    assert!(rest[7..].iter().all(|octet| *octet == 0), "fill");

    let content = envelope.encrypted_content_info;
    let iv = cbc_64_iv(oids::DES_CBC, &content.algorithm).expect("DES");
    let body = folder.des(key, &iv, content.encrypted_content.as_bytes());
    assert_eq!(body[2..7], *t);
    // DD(p), with the digest of p at its end (spec `set-crypto.md` §1.3).
    assert_eq!(body[7 + 26..], folder.sha_1(p));
    assert_eq!(folder.sha_1(&body), hd);
}

/// Spec `set-crypto.md` §9.8: K and the key that is derived from it.
#[test]
fn openssl_decrypts_cdmf_under_the_derived_key() {
    let folder = Folder::new();
    let random = SeededRandom::new(b"openssl", "cdmf");
    // SEQUENCE { SEQUENCE { DES-CDMF }, OCTET STRING K }
    let key = unhex("3016300a06082a864886f70d030a04080123456789abcdef").expect("hex");
    let key: BackKeyData = decode(&key, MAX_PKCS7).expect("a back key");
    let signed = b"\x04\x10what CA signed..";
    let enck = seal_enck(SUITE, &key, &CERT_RES_ENCK, signed, &random).expect("sealed");
    let encrypted: EncryptedData = decode(&enck, MAX_PKCS7).expect("EncryptedData");
    let content = encrypted.encrypted_content_info;
    let iv = cbc_64_iv(oids::CDMF, &content.algorithm).expect("CDMF");
    let derived = unhex("1fb26b1a81089f12").expect("hex");
    assert_eq!(folder.des(&derived, &iv, content.encrypted_content.as_bytes()), signed);
}

#[test]
fn openssl_and_we_sign_alike_with_keys_of_every_size() {
    for bits in [512, 768, 1024, 2048] {
        let folder = Folder::new();
        let key = folder.make_key(bits);
        assert_eq!(key.algorithm(), KeyAlgorithm::Rsa(bits));
        let (algorithm, message) = (SignatureAlgorithm::RsaSha1, b"what both sign");
        let ours = key.sign(algorithm, message).expect("signed");
        let theirs = sign(&folder, message);
        assert_eq!(ours, theirs, "{bits}");
        let certificate = folder.make_certificate();
        let (tbs, signature) = (certificate.tbs_der(), certificate.signature());
        verify(SUITE, certificate.spki_der(), algorithm, tbs, signature).expect("verified");
        assert!(verify(Suite::Modern, certificate.spki_der(), algorithm, tbs, signature).is_err());
    }
}

fn sign(folder: &Folder, message: &[u8]) -> Vec<u8> {
    let [from, to]: [&Path; 2] = [&folder.path("message"), &folder.path("signature")];
    fs::write(from, message).expect("written");
    let line = "dgst -sha1 -keyform DER -sign {0} -out {2} {1}";
    let _ = openssl_with(line, &[&folder.key(), from, to]).done();
    fs::read(to).expect("openssl wrote it")
}
