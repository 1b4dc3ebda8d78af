//! OCSP answers: RFC 6960 §3.2, §4.2.2.

use ca_core::wire::extensions::{ExtendedKeyUsage, OcspNoCheck};
use ca_core::wire::ocsp::{CertId, CertIdHash, OcspResponse, ResponderId};

use super::*;

/// Everything that stands in an answer about the leaf.
struct Said {
    hash: CertIdHash,
    status: Vec<u8>,
    this_update: &'static str,
    next_update: Option<&'static str>,
    produced: &'static str,
    signer: &'static str,
    /// The responder's certificate; `None` is the root itself.
    responder: Option<Cert>,
}

const GOOD: [u8; 2] = [0x80, 0x00];
const UNKNOWN: [u8; 2] = [0x82, 0x00];

/// revoked since the tenth of June.
fn revoked() -> Vec<u8> {
    tlv(0xa1, &tlv(0x18, b"20260610080000Z"))
}

impl Said {
    /// Of the day before noon, by the root.
    fn by_root(status: &[u8]) -> Self {
        Self {
            hash: CertIdHash::Sha256,
            status: status.to_vec(),
            this_update: "20260615000000Z",
            next_update: Some("20260616000000Z"),
            produced: "20260615000000Z",
            signer: "root",
            responder: None,
        }
    }

    /// By a responder of the root.
    fn by(responder: Cert) -> Self {
        Self { signer: "responder", responder: Some(responder), ..Self::by_root(&GOOD) }
    }

    fn sign(&self, scene: &Scene) -> BasicOcspResponse {
        let time = |text: &str| tlv(0x18, text.as_bytes());
        let id = CertId::of(self.hash, &scene.root, scene.leaf.serial()).unwrap();
        let mut one = [id.to_der().unwrap(), self.status.clone(), time(self.this_update)].concat();
        one.extend(self.next_update.map(|end| tlv(0xa0, &time(end))).unwrap_or_default());
        let named = ResponderId::by_key(self.responder.as_ref().unwrap_or(&scene.root)).unwrap();
        let responses = tlv(0x30, &tlv(0x30, &one));
        let data = [named.to_der().unwrap(), time(self.produced), responses].concat();
        let mut basic = signed(&tlv(0x30, &data), self.signer);
        if let Some(responder) = &self.responder {
            let header = basic.len() - content(&basic).len();
            let certificates = tlv(0xa0, &tlv(0x30, responder.der()));
            basic = tlv(0x30, &[&basic[header..], &certificates].concat());
        }
        let kind = oids::OCSP_BASIC.to_der().unwrap();
        let bytes = tlv(0x30, &[kind, tlv(0x04, &basic)].concat());
        let outer = tlv(0x30, &[vec![0x0a, 0x01, 0x00], tlv(0xa0, &bytes)].concat());
        OcspResponse::from_der(&outer).unwrap().basic.unwrap()
    }
}

/// The content of a DER element.
fn content(der: &[u8]) -> &[u8] {
    der::asn1::AnyRef::try_from(der).unwrap().value()
}

fn scene(said: &[Said]) -> Scene {
    let mut scene = Scene::with(&[]);
    scene.ocsp = said.iter().map(|said| said.sign(&scene)).collect();
    scene
}

/// A responder's certificate of the root, number 9.
fn responder(change: impl Fn(&mut Spec)) -> Cert {
    let mut spec = certificate("Responder", "responder", SIGN);
    spec.serial = 9;
    spec.put(ext(true, &ExtendedKeyUsage::ocsp_signing()));
    spec.put(ext(false, &OcspNoCheck));
    change(&mut spec);
    spec.sign(&key("root"))
}

#[test]
fn answer_of_the_issuer_itself_counts() {
    assert_eq!(scene(&[Said::by_root(&GOOD)]).codes(), VALID);
    let sha_1 = Said { hash: CertIdHash::Sha1, ..Said::by_root(&GOOD) };
    assert_eq!(scene(&[sha_1]).codes(), VALID);
}

#[test]
fn revoked_certificate_is_refused_with_the_answers_time() {
    let expected = "revoked on 2026-06-10T08:00:00Z, reason not given, says OCSP answer of \
                    2026-06-15T00:00:00Z";
    assert_eq!(scene(&[Said::by_root(&revoked())]).message(), expected);
}

#[test]
fn one_revoked_among_good_answers_revokes() {
    let said = [Said::by_root(&GOOD), Said::by_root(&revoked()), Said::by_root(&GOOD)];
    assert_eq!(scene(&said).codes(), ["revoked"]);
}

#[test]
fn revocation_after_the_time_of_judgement_does_not_count() {
    let later = tlv(0xa1, &tlv(0x18, b"20260615120001Z"));
    assert_eq!(scene(&[Said::by_root(&later)]).codes(), VALID);
}

#[test]
fn unknown_is_no_status() {
    let message = scene(&[Said::by_root(&UNKNOWN)]).message();
    assert!(message.ends_with("OCSP answer of 2026-06-15T00:00:00Z does not know the certificate"));
}

#[test]
fn answer_counts_from_this_update_until_next_update() {
    let good = || Said::by_root(&GOOD);
    let ended = Said { next_update: Some("20260615120000Z"), ..good() };
    let early = Said { this_update: "20260615120001Z", ..good() };
    let unborn = Said { produced: "20260615120001Z", ..good() };
    for said in [ended, early, unborn] {
        assert_eq!(scene(&[said]).codes(), ["no-revocation-status"]);
    }
}

/// RFC 6960 §4.2.2.1: newer information may be had at any time; we take it for a day.
#[test]
fn answer_without_next_update_counts_for_a_day() {
    let open = |this_update| Said { next_update: None, this_update, ..Said::by_root(&GOOD) };
    assert_eq!(scene(&[open("20260614120001Z")]).codes(), VALID);
    assert_eq!(scene(&[open("20260614120000Z")]).codes(), ["no-revocation-status"]);
}

#[test]
fn answer_under_another_key_does_not_count() {
    let forged = Said { signer: "leaf", ..Said::by_root(&GOOD) };
    assert!(scene(&[forged]).message().ends_with("has a bad signature"));
}

#[test]
fn responder_of_the_issuer_counts() {
    assert_eq!(scene(&[Said::by(responder(|_| {}))]).codes(), VALID);
}

#[test]
fn responder_must_be_named_one_by_the_issuer_and_be_valid() {
    type Change = fn(&mut Spec);
    let changes: [(Change, &str); 5] = [
        (|spec| spec.remove(oids::EXT_KEY_USAGE), "no id-kp-OCSPSigning"),
        (|spec| spec.not_after = time("2026-06-15T11:59:59Z"), "notAfter was"),
        (|spec| spec.usage(CRL_SIGN), "keyUsage is cRLSign"),
        (|spec| spec.spoil_signature = true, "signature"),
        (|spec| spec.put_raw("2.5.29.99", true, &[5, 0]), "2.5.29.99"),
    ];
    for (change, expected) in changes {
        let message = scene(&[Said::by(responder(change))]).message();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn certificate_of_another_issuer_is_no_responder() {
    let foreign = responder(|spec| spec.issuer = name("Org", "Other"));
    assert!(scene(&[Said::by(foreign)]).message().contains("certificate is not at hand"));
}

/// RFC 6960 §4.2.2.2.1.
#[test]
fn responder_without_nocheck_needs_a_status_of_its_own() {
    let checked = || Said::by(responder(|spec| spec.remove(oids::OCSP_NOCHECK)));
    assert!(scene(&[checked()]).message().contains("whose own status is not known"));
    let other = List::number(1);
    assert_eq!(scene(&[checked()]).and(core::slice::from_ref(&other)).codes(), VALID);
    // The root's CRL tells of the leaf as well: only the responder is asked about here.
    let revoked = scene(&[checked()]).and(&[other.scope(&at("http://own")).revoking(9, 1)]);
    assert_eq!(revoked.codes(), ["no-revocation-status"]);
}

#[test]
fn status_is_not_asked_for_where_it_is_off() {
    assert!(scene(&[Said::by_root(&revoked())]).verdict_with(&settings(Rules::Rfc5280)).valid);
}
