//! Chains of suite `set-1997`: who stands on a CRL (§6.1, §6.3), and that suites never mix (§10.2).

use ca_core::Suite;
use ca_core::issue::{
    BciOrder, CrlKind, CrlOrder, EncodedEntries, ListError, prepare_bci, prepare_crl,
};
use ca_core::path::{Request, Rules, Settings, Verdict, validate};
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::{KeyId, PrivateKey, SignatureAlgorithm, SoftwareKeys};
use ca_core::store::{Revocation, RevocationReason, RevokedEntry, SerialNumber};
use ca_core::wire::bci::CrlIdentifier;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};

use crate::der::{Draft, extension, tlv, unhex};
use crate::tree::{SHA_1, Subject, begin, issue, key, name, policies, time, tree};

#[test]
fn cardholder_needs_no_crl_of_its_cca_but_each_ca_above_needs_one() {
    let card = cardholder();
    let crls = [crl("root", &[]), crl("bca", &[]), crl("gca", &[])];
    assert!(judge(&card, &crls, &[]).valid, "{:?}", judge(&card, &crls, &[]).reasons);
    for gone in 0..3 {
        let mut fewer = crls.to_vec();
        fewer.remove(gone);
        assert_eq!(codes(&judge(&card, &fewer, &[])), ["no-revocation-status"], "without {gone}");
    }
}

#[test]
fn gateway_needs_the_crl_of_its_pca() {
    let gateway = gateway();
    let above = [crl("root", &[]), crl("bca", &[]), crl("gca", &[])];
    assert_eq!(codes(&judge(&gateway, &above, &[])), ["no-revocation-status"]);
    let with = |revoked: &[u8]| [above.as_slice(), &[crl("pca", revoked)]].concat();
    assert!(judge(&gateway, &with(&[]), &[]).valid);
    assert_eq!(codes(&judge(&gateway, &with(&[22]), &[])), ["revoked"]);
}

#[test]
fn revoked_ca_takes_its_cardholders_with_it() {
    let crls = [crl("root", &[]), crl("bca", &[]), crl("gca", &[4])];
    assert_eq!(codes(&judge(&cardholder(), &crls, &[])), ["revoked"]);
}

/// §6.3 check 5: an issuer that the BCI does not list has issued no CRL.
#[test]
fn bci_tells_whose_crl_is_needed() {
    let crls = [crl("root", &[]), crl("bca", &[]), crl("gca", &[])];
    let listed =
        |labels: &[&'static str]| labels.iter().map(|label| (*label, 5)).collect::<Vec<_>>();
    let without_pca = bci(&listed(&["root", "bca", "gca"]));
    assert!(judge(&gateway(), &crls, &[without_pca]).valid);
    let with_pca = bci(&listed(&["root", "bca", "gca", "pca"]));
    assert_eq!(codes(&judge(&gateway(), &crls, &[with_pca])), ["no-revocation-status"]);
    let newer = bci(&[("root", 5), ("bca", 5), ("gca", 6)]);
    assert_eq!(codes(&judge(&cardholder(), &crls, &[newer])), ["no-revocation-status"]);
}

#[test]
fn bci_of_section_8_3_is_written_byte_for_byte() {
    let tree = tree();
    let order = BciOrder {
        issuer: &tree.bca,
        suite: Suite::Set1997,
        algorithm: SHA_1,
        brand: "Brand",
        sequence_num: 7,
        not_before: time("2026-01-01T00:00:00Z"),
        not_after: time("2026-01-08T00:00:00Z"),
        crls: &[("root", 3), ("bca", 5), ("pca", 2)].map(identifier),
    };
    let prepared = prepare_bci(&order).unwrap();
    assert_eq!(ca_core::hex(&prepared.tbs().whole()), BCI);
    let thumbprint = ca_core::hex(&prepared.thumbprint(Suite::Set1997));
    assert_eq!(thumbprint, "0fb00d4c0c6ed02e47b7665b7d0ff57e5a8b5a85");
}

/// §6.2: cRLNumber and AKI of the signing certificate, entries without extensions.
#[test]
fn crl_says_what_section_6_2_allows_and_no_more() {
    let list = crl("bca", &[9]);
    let tbs = ca_core::hex(list.tbs_der());
    assert!(tbs.contains("300a0603551d140403020105"), "{tbs}");
    assert!(tbs.contains(A2), "{tbs}");
    assert_eq!(list.extensions().len(), 2);
    // userCertificate 9 and revocationDate, nothing behind them.
    assert!(tbs.contains("3012020109170d3236303230313030303030305a"), "{tbs}");
    assert_eq!(list.revoked(&[9]).unwrap().reason, None);
}

#[test]
fn list_of_another_suite_or_beyond_utc_time_is_not_made() {
    let tree = tree();
    let order = CrlOrder { algorithm: SignatureAlgorithm::RsaSha256, ..crl_order(&tree.bca, &[]) };
    let refused = ListError::Algorithm { algorithm: order.algorithm, suite: Suite::Set1997 };
    assert_eq!(prepare_crl(&order).unwrap_err(), refused);
    let late = time("2050-01-01T00:00:00Z");
    let order = CrlOrder { next_update: late, ..crl_order(&tree.bca, &[]) };
    assert_eq!(prepare_crl(&order).unwrap_err(), ListError::BeyondUtc(late));
    let order = CrlOrder { suite: Suite::Modern, ..crl_order(&tree.bca, &[]) };
    assert!(matches!(prepare_crl(&order), Err(ListError::Algorithm { .. })));
}

#[test]
fn cca_has_no_key_for_crls() {
    assert_eq!(prepare_crl(&crl_order(&tree().cca, &[])).unwrap_err(), ListError::Signer);
}

#[test]
fn modern_certificate_under_a_root_of_1997_is_refused() {
    let tree = tree();
    let mut draft = Draft::of(tree.bca.tbs_der());
    draft.fields[2] = unhex(SHA_256);
    let octets = draft.sign(key("root"), SignatureAlgorithm::RsaSha256);
    let bca = Cert::from_der(&octets).unwrap();
    let verdict = off(&bca, &tree.root, &settings());
    assert_eq!(codes(&verdict), ["algorithm-not-allowed", "suite-mixed"]);
}

#[test]
fn certificate_of_1997_under_a_modern_root_is_refused() {
    let tree = tree();
    let mut draft = Draft::of(tree.root.tbs_der());
    draft.fields[2] = unhex(SHA_256);
    let octets = draft.sign(key("root"), SignatureAlgorithm::RsaSha256);
    let root = Cert::from_der(&octets).unwrap();
    let mut settings = settings();
    settings.suite = Suite::Modern;
    let verdict = off(&tree.bca, &root, &settings);
    let found = codes(&verdict);
    assert!(found.contains(&"suite-mixed"), "{found:?}");
    assert!(found.contains(&"algorithm-not-allowed"), "{found:?}");
}

/// §10.2: the format would allow a transition by rollover; we do not offer it.
#[test]
fn root_that_announces_a_modern_successor_is_refused() {
    let tree = tree();
    let sha_256 = "303d303b020100300b060960864801650304020130070605672a03000004200e01e15e93aeced2\
                   b2ffcfba94c7be8ee6dd5c36e0f80da27d445613d1e6b984";
    let mut draft = Draft::of(tree.root.tbs_der());
    let place = draft.extensions.iter().position(|one| ca_core::hex(one).contains("672a0700"));
    draft.extensions[place.unwrap()] = extension("672a0700", true, sha_256);
    let root = Cert::from_der(&draft.sign(key("root"), SHA_1)).unwrap();
    assert_eq!(codes(&off(&root, &root, &settings())), ["suite-mixed"]);
}

/// §3.2.
#[test]
fn key_identifier_is_refused_strictly_and_passes_leniently() {
    let tree = tree();
    let mut draft = Draft::of(tree.bca.tbs_der());
    let old = crate::der::content(&unhex(A2)).to_vec();
    let value = tlv(0x30, &[tlv(0x80, &[7; 20]), old].concat());
    // A2 names the BCA's own certificate; the root's has serial number 1.
    let value = ca_core::hex(&value).replace("820102", "820101");
    draft.extensions[0] = extension("551d23", false, &value);
    let bca = Cert::from_der(&draft.sign(key("root"), SHA_1)).unwrap();
    assert_eq!(codes(&off(&bca, &tree.root, &settings())), ["authority-key-mismatch"]);
    assert!(off(&bca, &tree.root, &settings().lenient()).valid);
}

#[test]
fn policy_qualifier_out_of_line_is_a_warning_in_the_trace() {
    let tree = tree();
    let mut draft = Draft::of(tree.bca.tbs_der());
    let place = draft.extensions.iter().position(|one| one[4..7] == [0x55, 0x1d, 0x20]).unwrap();
    // The root qualifier says "x", the root's certificate says nothing.
    let said = tlv(0x30, &tlv(0x30, &tlv(0x1a, b"x")));
    let info = tlv(0x30, &[unhex("0604672a0706"), said].concat());
    let policy = tlv(0x30, &[unhex("0604672a0500"), tlv(0x30, &info)].concat());
    draft.extensions[place] = extension("551d20", true, &ca_core::hex(&tlv(0x30, &policy)));
    let bca = Cert::from_der(&draft.sign(key("root"), SHA_1)).unwrap();
    let settings = Settings { trace: true, ..settings() };
    let verdict = off(&bca, &tree.root, &settings);
    assert!(verdict.valid, "{:?}", verdict.reasons);
    assert!(verdict.trace.iter().any(|step| step.message.starts_with("warning: the policy")));
}

fn cardholder() -> Cert {
    entity(Role::Cardholder, &tree().cca, 21)
}

fn gateway() -> Cert {
    entity(Role::Gateway, &tree().pca, 22)
}

fn entity(role: Role, issuer: &Cert, serial: u8) -> Cert {
    let roles: &'static [Role] =
        if role == Role::Cardholder { &[Role::Cardholder] } else { &[Role::Gateway] };
    let name = name("Brand", &["Example"], Some("x"));
    let subject = Subject { roles, key_use: KeyUse::MessageSignature, name, key: "end entity" };
    issue(policies(), &subject, Some(issuer), serial)
}

/// CRL number 5 of a CA.
fn crl(label: &str, revoked: &[u8]) -> Crl {
    let entries: Vec<RevokedEntry> = revoked
        .iter()
        .map(|serial| RevokedEntry {
            serial: SerialNumber::from_octets(&[*serial]).unwrap(),
            revocation: Revocation::new(
                time("2026-02-01T00:00:00Z"),
                RevocationReason::KeyCompromise,
            ),
        })
        .collect();
    let prepared = prepare_crl(&crl_order(issuer(label), &entries)).unwrap();
    Crl::from_der(&prepared.sign(&key(label).id(), &keys()).unwrap().whole()).unwrap()
}

fn crl_order<'a>(issuer: &'a Cert, entries: &[RevokedEntry]) -> CrlOrder<'a> {
    CrlOrder {
        issuer,
        suite: Suite::Set1997,
        algorithm: SHA_1,
        kind: CrlKind::COMPLETE,
        number: 5,
        this_update: begin().plus_days(90),
        next_update: begin().plus_days(120),
        entries: EncodedEntries::of(entries, Suite::Set1997).unwrap(),
    }
}

fn bci(listed: &[(&str, u64)]) -> BrandCrlIdentifier {
    let tree = tree();
    let crls: Vec<CrlIdentifier> = listed.iter().copied().map(identifier).collect();
    let order = BciOrder {
        issuer: &tree.bca,
        suite: Suite::Set1997,
        algorithm: SHA_1,
        brand: "Brand",
        sequence_num: 7,
        not_before: begin().plus_days(95),
        not_after: begin().plus_days(102),
        crls: &crls,
    };
    let signed = prepare_bci(&order).unwrap().sign(&key("bca").id(), &keys()).unwrap();
    BrandCrlIdentifier::from_der(&signed.whole()).unwrap()
}

fn identifier((label, number): (&str, u64)) -> CrlIdentifier {
    CrlIdentifier { issuer_der: issuer(label).subject_der().to_vec(), number }
}

fn issuer(label: &str) -> &'static Cert {
    let tree = tree();
    match label {
        "root" => &tree.root,
        "bca" => &tree.bca,
        "gca" => &tree.gca,
        _ => &tree.pca,
    }
}

fn keys() -> SoftwareKeys {
    let copy = |label: &str| PrivateKey::from_pkcs8(key(label).pkcs8_der()).unwrap();
    ["root", "bca", "gca", "pca"].map(copy).into_iter().collect()
}

fn judge(certificate: &Cert, crls: &[Crl], bcis: &[BrandCrlIdentifier]) -> Verdict {
    let tree = tree();
    let untrusted = [&tree.bca, &tree.gca, &tree.cca, &tree.pca].map(Clone::clone);
    let anchors = core::slice::from_ref(&tree.root);
    let settings = &settings();
    validate(&Request {
        certificate,
        untrusted: &untrusted,
        anchors,
        crls,
        bcis,
        ocsp: &[],
        register: &[],
        settings,
    })
}

/// The verdict without revocation.
fn off(certificate: &Cert, root: &Cert, settings: &Settings) -> Verdict {
    let settings = &Settings { revocation: ca_core::path::RevocationMode::Off, ..settings.clone() };
    let anchors = core::slice::from_ref(root);
    let untrusted = &[];
    validate(&Request {
        certificate,
        untrusted,
        anchors,
        crls: &[],
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings,
    })
}

/// Strict, with revocation required.
fn settings() -> Settings {
    Settings::new(Rules::Set, Suite::Set1997, begin().plus_days(100))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons.iter().map(|reason| reason.code.name()).collect()
}

#[test]
fn keys_of_the_tree_are_those_of_their_certificates() {
    assert_eq!(KeyId::of_spki(issuer("bca").spki_der()), Some(key("bca").id()));
}

/// sha256WithRSAEncryption with NULL.
const SHA_256: &str = "300d06092a864886f70d01010b0500";
const A2: &str = "3029a124a4223020310b30090603550406130255533111300f060355040a130853455420526f6f74\
    820102";
const BCI: &str = "3081fe0201000201071a054272616e64180f32303236303130313030303030305a180f3230323630\
    3130383030303030305aa0819630253020310b30090603550406130255533111300f060355040a130853455420526f\
    6f7402010330353030310b3009060355040613025553310e300c060355040a13054272616e643111300f060355040b\
    13084272616e6420434102010530363031310b3009060355040613025553310e300c060355040a13054272616e6431\
    123010060355040b13094272616e6420504341020102a13430320603551d23042b3029a124a4223020310b30090603\
    550406130255533111300f060355040a130853455420526f6f74820102";
