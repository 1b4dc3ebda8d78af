//! The 1996 draft: the values of §8.4, and a chain that has its numbers, criticalities and names.

use ca_core::Suite;
use ca_core::path::{Request, RevocationMode, Rules, Settings, Strictness, Verdict, validate};
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::Cert;
use ca_core::wire::extensions::{
    BasicConstraints, CertificateType, DraftQualifier, ExtensionValue, HashedRootKey, KeyUsage,
    PrivateKeyUsagePeriod, SetPolicy,
};

use crate::der::{Draft, elements, extension, tlv, unhex};
use crate::tree::{SHA_1, Subject, begin, ca_name, key, name, policies, prepared_tbs, time};

/// §8.4, table: keyUsage, basicConstraints and type of the six files.
#[test]
fn values_of_the_six_certificates_say_who_they_are() {
    for (usage, constraints, kind, bits, ca, path_len, role) in [
        ("03020106", "30060101ff020102", "0303070080", 0b110_0000, true, Some(2), Role::Rca),
        ("03020106", "30060101ff020101", "03020001", 0b110_0000, true, Some(1), Role::Bca),
        ("03020106", "30060101ff020100", "03020410", 0b110_0000, true, Some(0), Role::Cca),
        ("03020106", "30060101ff020100", "03020308", 0b110_0000, true, Some(0), Role::Mca),
        ("03020106", "30060101ff020100", "03020204", 0b110_0000, true, Some(0), Role::Pca),
        ("03020780", "3000", "03020780", 1, false, None, Role::Cardholder),
    ] {
        assert_eq!(KeyUsage::from_value(&unhex(usage)).unwrap().0.0, bits);
        let found = BasicConstraints::from_value(&unhex(constraints)).unwrap();
        assert_eq!(found, BasicConstraints { ca, path_len });
        assert_eq!(CertificateType::from_value(&unhex(kind)).unwrap().roles(), [role]);
    }
}

/// §8.4: "12 Oct 01:34:00 to 11 Nov 23:59:59".
#[test]
fn period_of_the_root_of_1996_is_read() {
    let value = tlv(0x30, &[tlv(0x80, b"19961012013400Z"), tlv(0x81, b"19961111235959Z")].concat());
    let period = PrivateKeyUsagePeriod::from_value(&value).unwrap();
    assert_eq!(period.not_before, Some(time("1996-10-12T01:34:00Z")));
    assert_eq!(period.not_after, Some(time("1996-11-11T23:59:59Z")));
}

/// §8.4: SEQUENCE { SEQUENCE { 0, sha1, 20 octets }, PrintableString, [0] URL, [1] e-mail }.
#[test]
fn qualifier_of_1996_is_read_field_by_field() {
    let qualifier = DraftQualifier::from_value(&draft_qualifier()).unwrap();
    assert_eq!(qualifier.policy_digest.digest.as_bytes(), [0x33; 20]);
    assert_eq!(qualifier.terse_statement.as_str(), "terse statement");
    assert_eq!(qualifier.policy_url.unwrap().as_str(), "http://www.verisign.com");
    assert_eq!(qualifier.policy_email.unwrap().as_str(), "getset-center@verisign.com");
    assert!(DraftQualifier::from_value(&draft_qualifier()[..100]).is_err());
}

/// §4.3, from the root's SubjectPublicKeyInfo of 294 octets; §8.1 HV announces that key.
#[test]
fn next_root_of_1996_would_be_announced_by_hv() {
    let hv = "302f302d020100300906052b0e03021a050030070605672a0300000414\
              390f368491cdf723f41380b3dfea82c64aaba646";
    let announced = HashedRootKey::from_value(&unhex(hv)).unwrap();
    assert_eq!(announced.suite, Suite::Set1997);
    assert_eq!(ca_core::hex(&announced.digest), "390f368491cdf723f41380b3dfea82c64aaba646");
}

#[test]
fn draft_is_read_by_the_lenient_decoder_alone_and_keeps_its_octets() {
    let octets = Chain::new().octets.leaf;
    assert!(Cert::from_der(&octets).is_err());
    let certificate = Cert::from_der_lenient(&octets).unwrap();
    assert!(certificate.is_draft());
    assert_eq!(certificate.der(), octets);
    assert_eq!(certificate.tbs_der(), elements(crate::der::content(&octets))[0]);
    let kind = CertificateType::find(&certificate).unwrap().unwrap();
    assert_eq!(kind.roles(), [Role::Cardholder]);
    assert!(DraftQualifier::find(&certificate).unwrap().is_some());
}

#[test]
fn certificate_of_set_1_0_is_no_draft_to_the_lenient_decoder() {
    let root = &crate::tree::tree().root;
    assert!(!Cert::from_der_lenient(root.der()).unwrap().is_draft());
}

#[test]
fn number_of_the_draft_outside_an_extension_is_left_alone() {
    let mut draft = Draft::of(crate::tree::tree().root.tbs_der());
    // An extension whose value holds the draft's number.
    draft.extensions.push(extension("2b06", false, "0604868d6f03"));
    let octets = draft.sign(key("root"), SHA_1);
    let certificate = Cert::from_der_lenient(&octets).unwrap();
    assert!(!certificate.is_draft());
    let last = certificate.extensions().last().unwrap();
    assert_eq!(ca_core::hex(last.extn_value.as_bytes()), "0604868d6f03");
}

#[test]
fn chain_of_the_draft_is_valid_in_lenient_set_1997() {
    let verdict = Chain::new().verdict(&settings(Suite::Set1997).lenient());
    assert!(verdict.valid, "{:?}", verdict.reasons);
}

#[test]
fn chain_of_the_draft_is_refused_in_strict_set_1997() {
    let mut settings = settings(Suite::Set1997);
    settings.minimum_rsa_bits = 512;
    let verdict = Chain::new().verdict(&settings);
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.name()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "draft-certificate").count(), 4, "{codes:?}");
    assert!(codes.contains(&"missing-extension"), "the root announces no successor: {codes:?}");
    assert!(codes.contains(&"root-policy-missing"), "{codes:?}");
    assert!(codes.contains(&"brand-mismatch"), "{codes:?}");
}

#[test]
fn chain_of_the_draft_is_refused_in_modern_lenient_or_not() {
    let strict = settings(Suite::Modern);
    for settings in [strict.clone(), strict.lenient()] {
        let verdict = Chain::new().verdict(&settings);
        assert!(!verdict.valid);
        let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.name()).collect();
        assert!(codes.contains(&"algorithm-not-allowed"), "{codes:?}");
        assert!(codes.contains(&"key-too-short"), "{codes:?}");
    }
}

#[test]
fn lenient_still_demands_signature_nesting_and_validity() {
    let lenient = settings(Suite::Set1997).lenient();
    assert_eq!(lenient.strictness, Strictness::Lenient);
    let mut chain = Chain::new();
    let last = chain.octets.leaf.len() - 1;
    chain.octets.leaf[last] ^= 1;
    let verdict = chain.verdict(&lenient);
    assert_eq!(verdict.reasons[0].code.name(), "bad-signature");
    let late = Settings { at: begin().plus_days(5000), ..lenient };
    assert!(!Chain::new().verdict(&late).valid);
}

/// root, BCA, CCA and cardholder as §8.4 describes those of 1996.
struct Chain {
    octets: Octets,
}

struct Octets {
    root: Vec<u8>,
    bca: Vec<u8>,
    cca: Vec<u8>,
    leaf: Vec<u8>,
}

impl Chain {
    fn new() -> Self {
        let root = made(&[Role::Rca], "root", "RCA10111829", 2, None);
        let bca = made(&[Role::Bca], "bca", "BCA10171104", 1, Some(&root));
        let cca = made(&[Role::Cca], "cca", "CCA10211616", 0, Some(&bca));
        let leaf = made(&[Role::Cardholder], "end entity", "BrandID", 0, Some(&cca));
        Self { octets: Octets { root, bca, cca, leaf } }
    }

    fn verdict(&self, settings: &Settings) -> Verdict {
        let Octets { root, bca, cca, leaf } = &self.octets;
        let [root, bca, cca, leaf] =
            [root, bca, cca, leaf].map(|der| Cert::from_der_lenient(der).unwrap());
        validate(&Request {
            certificate: &leaf,
            untrusted: &[bca, cca],
            anchors: &[root],
            crls: &[],
            bcis: &[],
            ocsp: &[],
            register: &[],
            settings,
        })
    }
}

/// One certificate: prepared as in SET 1.0, then given the draft's shape, and signed again.
fn made(
    roles: &'static [Role],
    label: &'static str,
    organization: &str,
    path_len: u8,
    issuer: Option<&Vec<u8>>,
) -> Vec<u8> {
    let leaf = roles == [Role::Cardholder];
    let key_use = if leaf { KeyUse::MessageSignature } else { KeyUse::CertificateSigning };
    let tree = crate::tree::tree();
    let (above, signer) = match label {
        "root" => (None, "root"),
        "bca" => (Some(&tree.root), "root"),
        "cca" => (Some(&tree.bca), "bca"),
        _ => (Some(&tree.cca), "cca"),
    };
    // The name it is prepared under; the draft's stands in its place below.
    let plain = if leaf { name("Brand", &["I"], Some("x")) } else { ca_name(roles[0]) };
    let subject = Subject { roles, key_use, name: plain, key: label };
    let mut draft = Draft::of(&prepared_tbs(policies(), &subject, above, None));
    let common = (label != "root").then_some("Brand Name:Product Type");
    draft.fields[5] = name(organization, &[], common).to_der().unwrap();
    // §8.4: 32-octet serial numbers.
    draft.fields[1] = tlv(0x02, &[u8::try_from(label.len()).unwrap(); 32]);
    let above = issuer.map(|octets| Draft::of(&elements(crate::der::content(octets))[0]));
    let above = above.as_ref().unwrap_or(&draft).clone();
    draft.fields[3] = above.fields[5].clone();
    if leaf {
        draft.fields[6] = short_key();
    }
    draft.extensions = draft_extensions(roles[0], path_len, issuer.is_some().then_some(&above));
    draft.sign(key(signer), SHA_1)
}

fn draft_extensions(role: Role, path_len: u8, issuer: Option<&Draft>) -> Vec<Vec<u8>> {
    let leaf = role == Role::Cardholder;
    let mut all = Vec::new();
    if let Some(issuer) = issuer {
        let names = tlv(0xa1, &tlv(0xa4, &issuer.fields[3]));
        let mut serial = issuer.fields[1].clone();
        serial[0] = 0x82;
        let value = tlv(0x30, &[names, serial].concat());
        all.push(extension("551d23", false, &ca_core::hex(&value)));
    }
    all.push(extension("551d0f", true, if leaf { "03020780" } else { "03020106" }));
    all.push(extension("551d10", true, U));
    // 2.16.840.1.113733.1.7.1.1, not critical in the cardholder's.
    all.push(extension("551d20", !leaf, "300f300d060b6086480186f84501070101"));
    let constraints = format!("30060101ff0201{path_len:02x}");
    all.push(extension("551d13", true, if leaf { "3000" } else { &constraints }));
    let kind = CertificateType::of(&[role]).unwrap().to_value().unwrap();
    all.push(extension("868d6f03", true, &ca_core::hex(&kind)));
    if role != Role::Rca {
        all.push(extension("868d6f07", true, &ca_core::hex(&draft_qualifier())));
    }
    all
}

/// A SubjectPublicKeyInfo of 512 bits: nobody signs with it here.
fn short_key() -> Vec<u8> {
    let modulus = tlv(0x02, &[&[0], [0xc9; 64].as_slice()].concat());
    let key = tlv(0x30, &[modulus, vec![0x02, 0x03, 0x01, 0x00, 0x01]].concat());
    let bits = tlv(0x03, &[&[0], key.as_slice()].concat());
    tlv(0x30, &[unhex("300d06092a864886f70d0101010500"), bits].concat())
}

fn draft_qualifier() -> Vec<u8> {
    let digest =
        tlv(0x30, &[unhex("020100300906052b0e03021a0500"), tlv(0x04, &[0x33; 20])].concat());
    let terse = tlv(0x13, b"terse statement");
    let (url, email) =
        (tlv(0x80, b"http://www.verisign.com"), tlv(0x81, b"getset-center@verisign.com"));
    tlv(0x30, &[digest, terse, url, email].concat())
}

fn settings(suite: Suite) -> Settings {
    let settings = Settings::new(Rules::Set, suite, begin().plus_days(30));
    Settings { revocation: RevocationMode::Off, ..settings }
}

#[test]
fn policy_of_1996_is_not_the_root_policy() {
    let value = unhex("300f300d060b6086480186f84501070101");
    assert!(!SetPolicy::from_value(&value).unwrap().has_root());
}

/// U of §8.1.
const U: &str = "3022800f32303236303130313030303030305a810f32303237303130313030303030305a";
