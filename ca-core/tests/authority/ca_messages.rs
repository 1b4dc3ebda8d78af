//! Messages between CAs of two services (spec `set-certificates.md` §6.3, §6.4).

use std::sync::Arc;

use ca_core::authority::{Authority, CaFault, CaReply, Error};
use ca_core::decide::CaRefusal;
use ca_core::envelope::{Attachments, SignerIdentity, sign};
use ca_core::issue::{BciOrder, CrlKind, CrlOrder, EncodedEntries, prepare_bci, prepare_crl};
use ca_core::profile::KeyUse;
use ca_core::signer::SignatureAlgorithm;
use ca_core::store::conformance::samples;
use ca_core::store::{ListId, MemoryStore, PublishedList, RevocationReason, SerialNumber, Store};
use ca_core::wire::bci::CrlIdentifier;
use ca_core::wire::{
    BciDistributionTbs, BrandCrlIdentifier, BrandCrlIdentifierOctets, CaMessage, CaMessageKind,
    Cert, CertThumb, Crl, CrlNotificationTbs, Date, SignedDataOctets, oids,
};
use ca_core::{Suite, UnixTime};
use der::Encode;

use crate::house::{BEGIN, House, house, house_with};
use crate::messages::{ca_certificate, ca_id};

/// The same CAs in another service: own records, the lists as they stand.
fn other_service(house: &House) -> Authority {
    let (from, to) = (house.authority.store(), Arc::new(MemoryStore::new()));
    let mut lists = Vec::new();
    for ca in from.cas().unwrap() {
        to.record_ca(
            &ca_core::store::CaRecord { certificates: Vec::new(), ..ca.clone() },
            &samples::acting(),
        )
        .unwrap();
        for certificate in &ca.certificates {
            to.record_ca_certificate(&ca.id, certificate, &samples::acting()).unwrap();
        }
        lists.push(ListId::Crl(ca.id));
        lists.extend(ca.brand.map(ListId::Bci));
    }
    lists.sort();
    lists.dedup();
    for list in lists {
        to.record_list(&from.list(&list).unwrap().unwrap(), &samples::acting()).unwrap();
    }
    house.reopened(|parts| parts.store = to)
}

fn list(authority: &Authority, list: &ListId) -> PublishedList {
    authority.store().list(list).unwrap().unwrap()
}

fn crl_id(ca: &str) -> ListId {
    ListId::Crl(ca_id(ca))
}

fn bci_id(brand: &str) -> ListId {
    ListId::Bci(brand.to_owned())
}

fn listed(authority: &Authority, brand: &str, ca: &str) -> Option<u64> {
    let bci = BrandCrlIdentifier::from_der(&list(authority, &bci_id(brand)).der.whole()).unwrap();
    let issuer = ca_certificate(authority, ca, KeyUse::CertificateSigning);
    bci.unsigned().crl_number(issuer.subject_der())
}

fn refusal(authority: &Authority, message: &[u8]) -> CaRefusal {
    match authority.take_ca_message(message) {
        Err(CaFault::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn answer(authority: &Authority, message: &[u8]) -> Vec<u8> {
    match authority.take_ca_message(message).unwrap() {
        CaReply::Answer(answer) => answer,
        CaReply::Nothing => panic!("no answer"),
    }
}

/// A message made by hand, so that each part can be wrong.
#[derive(Clone)]
struct Draft {
    content_type: const_oid::ObjectIdentifier,
    ca: &'static str,
    key_use: KeyUse,
    content: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
}

impl Draft {
    fn new(house: &House, kind: CaMessageKind, ca: &'static str, content: Vec<u8>) -> Self {
        let key_use = KeyUse::MessageSignature;
        let certificate = ca_certificate(&house.authority, ca, key_use);
        let certificates = vec![certificate.der().to_vec()];
        let content_type = kind.content_type();
        Self { content_type, ca, key_use, content, certificates, crls: Vec::new() }
    }

    /// A good notification of the CRL published last.
    fn notification(house: &House, ca: &'static str) -> Self {
        Self::of_crl(house, ca, &list(&house.authority, &crl_id(ca)).der.whole())
    }

    fn of_crl(house: &House, ca: &'static str, crl: &[u8]) -> Self {
        let content = notification_tbs(house.authority.now(), crl);
        let crls = vec![crl.to_vec()];
        Self { crls, ..Self::new(house, CaMessageKind::CrlNotification, ca, content) }
    }

    /// A good distribution of the BCI published last, the CRLs left to the receiver.
    fn distribution(house: &House, brand: &str) -> Self {
        let bci = list(&house.authority, &bci_id(brand)).der.to_vec();
        Self::of_bci(house, Some(&bci))
    }

    fn of_bci(house: &House, bci: Option<&[u8]>) -> Self {
        let bci = bci.map(|der| BrandCrlIdentifierOctets::new(der.to_vec()).unwrap());
        let tbs = BciDistributionTbs { date: Date::from(house.authority.now()), bci };
        let content = tbs.to_der().unwrap();
        Self::new(house, CaMessageKind::BciDistribution, "sample-bca", content)
    }

    fn signed(&self, house: &House) -> Vec<u8> {
        let hierarchy = house.authority.hierarchy();
        let held = hierarchy.ca(&ca_id(self.ca)).unwrap().held(self.key_use).unwrap();
        let identity = SignerIdentity {
            certificate: Some(held.certificate),
            key: held.key,
            algorithm: held.algorithm,
        };
        let attachments =
            Attachments { certificates: self.certificates.clone(), crls: self.crls.clone() };
        let suite = Suite::Modern;
        let keys = house.keys.as_ref();
        sign(suite, self.content_type, &self.content, true, &[identity], attachments, keys).unwrap()
    }

    fn octets(&self, house: &House) -> Vec<u8> {
        framed(self.signed(house))
    }
}

fn framed(signed: Vec<u8>) -> Vec<u8> {
    CaMessage::new(SignedDataOctets::new(signed).unwrap()).to_der().unwrap()
}

fn notification_tbs(date: UnixTime, crl: &[u8]) -> Vec<u8> {
    let thumbprint = Crl::from_der(crl).unwrap().thumbprint(Suite::Modern);
    let crl_thumbprint = CertThumb::new(Suite::Modern, &thumbprint).unwrap();
    CrlNotificationTbs { date: Date::from(date), crl_thumbprint }.to_der().unwrap()
}

/// A CRL of a CA with a number and dates of our choice.
fn crl(house: &House, ca: &str, number: u64, (from, until): (UnixTime, UnixTime)) -> Vec<u8> {
    let hierarchy = house.authority.hierarchy();
    let held = hierarchy.ca(&ca_id(ca)).unwrap().held(KeyUse::CertificateSigning).unwrap();
    let order = CrlOrder {
        issuer: held.certificate,
        suite: Suite::Modern,
        algorithm: held.algorithm,
        kind: CrlKind::COMPLETE,
        number,
        this_update: from,
        next_update: until,
        entries: EncodedEntries::default(),
    };
    prepare_crl(&order).unwrap().sign(&held.key, house.keys.as_ref()).unwrap().to_vec()
}

/// A BCI of `sample-bca` with a number, brand and dates of our choice.
fn bci(
    house: &House,
    brand: &str,
    number: u64,
    until: UnixTime,
    crls: &[CrlIdentifier],
) -> Vec<u8> {
    let hierarchy = house.authority.hierarchy();
    let bca = hierarchy.ca(&ca_id("sample-bca")).unwrap();
    let held = bca.held(KeyUse::CertificateSigning).unwrap();
    let order = BciOrder {
        issuer: held.certificate,
        suite: Suite::Modern,
        algorithm: SignatureAlgorithm::EcdsaSha256,
        brand,
        sequence_num: number,
        not_before: house.authority.now().minus_secs(60),
        not_after: until,
        crls,
    };
    prepare_bci(&order).unwrap().sign(&held.key, house.keys.as_ref()).unwrap().to_vec()
}

fn soon(house: &House) -> (UnixTime, UnixTime) {
    let now = house.authority.now();
    (now, now.plus_days(7))
}

/// One octet in the last signature of an object is flipped.
fn damaged(der: &[u8]) -> Vec<u8> {
    let mut octets = der.to_vec();
    *octets.last_mut().unwrap() ^= 1;
    octets
}

#[test]
fn a_crl_of_another_service_is_acknowledged_stored_and_in_the_next_bci() {
    let house = house();
    let bca = other_service(&house);
    let crl = house.authority.publish_crl(&ca_id("sample-pca")).unwrap();
    let notification = house.authority.crl_notification(&ca_id("sample-pca")).unwrap();
    let acknowledgement = answer(&bca, &notification);
    house.authority.check_acknowledgement(&notification, &acknowledgement).unwrap();
    assert_eq!(list(&bca, &crl_id("sample-pca")), crl);
    assert_eq!(listed(&bca, "Sample", "sample-pca"), Some(crl.number - 1));
    let published: Vec<String> = bca.publish_due().iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(published, ["BCI of Sample"]);
    assert_eq!(listed(&bca, "Sample", "sample-pca"), Some(crl.number));
}

#[test]
fn a_notification_that_comes_again_is_acknowledged_and_changes_nothing() {
    let house = house();
    let bca = other_service(&house);
    house.authority.publish_crl(&ca_id("sample-mca")).unwrap();
    let notification = house.authority.crl_notification(&ca_id("sample-mca")).unwrap();
    answer(&bca, &notification);
    let stored = list(&bca, &crl_id("sample-mca"));
    let again = answer(&bca, &notification);
    house.authority.check_acknowledgement(&notification, &again).unwrap();
    assert_eq!(list(&bca, &crl_id("sample-mca")), stored);
}

#[test]
fn a_geo_political_ca_notifies_and_vouches_for_those_below() {
    let house = house_with(&["Sample"], Some("NZ"));
    let bca = other_service(&house);
    for ca in ["sample-nz-gca", "sample-nz-pca"] {
        let crl = house.authority.publish_crl(&ca_id(ca)).unwrap();
        answer(&bca, &house.authority.crl_notification(&ca_id(ca)).unwrap());
        assert_eq!(list(&bca, &crl_id(ca)), crl);
    }
}

#[test]
fn a_distributed_bci_is_stored_with_the_crls_it_lists() {
    let house = house();
    let receiver = other_service(&house);
    let crl = house.authority.publish_crl(&ca_id("sample-cca")).unwrap();
    let bci = house.authority.publish_bci("Sample").unwrap();
    let distribution = house.authority.bci_distribution("Sample").unwrap();
    assert_eq!(receiver.take_ca_message(&distribution).unwrap(), CaReply::Nothing);
    assert_eq!(list(&receiver, &bci_id("Sample")), bci);
    assert_eq!(list(&receiver, &crl_id("sample-cca")), crl);
    // Once more: no change.
    assert_eq!(receiver.take_ca_message(&distribution).unwrap(), CaReply::Nothing);
    assert_eq!(list(&receiver, &bci_id("Sample")), bci);
}

#[test]
fn the_root_and_the_brand_ca_notify_nobody() {
    let house = house();
    for ca in ["root", "sample-bca"] {
        let refused = house.authority.crl_notification(&ca_id(ca));
        let sender = matches!(refused, Err(Error::CaMessage(CaRefusal::SenderRole { .. })));
        assert!(sender, "{refused:?}");
    }
}

#[test]
fn a_ca_whose_messages_the_brand_ca_would_not_take_is_an_alarm_and_its_crl_is_published() {
    let house = house();
    let sender = ca_certificate(&house.authority, "sample-pca", KeyUse::MessageSignature);
    let serial = SerialNumber::from_octets(sender.serial()).unwrap();
    let reason = RevocationReason::KeyCompromise;
    house.authority.revoke(&ca_id("sample-bca"), &serial, reason).unwrap();
    house.authority.publish_after_revocation(&ca_id("sample-bca")).unwrap();
    let before = list(&house.authority, &crl_id("sample-pca")).number;
    let alarm = house.authority.publish_after_revocation(&ca_id("sample-pca")).unwrap_err();
    let Error::Exchange { list: of, refusal } = alarm else { panic!("{alarm}") };
    assert_eq!(of, crl_id("sample-pca"));
    assert!(matches!(&*refusal, CaRefusal::Path { reasons, .. } if reasons.contains("revoked")));
    assert_eq!(list(&house.authority, &crl_id("sample-pca")).number, before + 1);
    assert_eq!(listed(&house.authority, "Sample", "sample-pca"), Some(before + 1));
}

#[test]
fn the_bci_after_the_revocation_of_a_ca_is_taken() {
    let house = house();
    let receiver = other_service(&house);
    let revoked = ca_certificate(&house.authority, "sample-mca", KeyUse::CertificateSigning);
    let serial = SerialNumber::from_octets(revoked.serial()).unwrap();
    let reason = RevocationReason::CaCompromise;
    house.authority.revoke(&ca_id("sample-bca"), &serial, reason).unwrap();
    let crl = house.authority.publish_after_revocation(&ca_id("sample-bca")).unwrap();
    let distribution = house.authority.bci_distribution("Sample").unwrap();
    assert_eq!(receiver.take_ca_message(&distribution).unwrap(), CaReply::Nothing);
    assert_eq!(list(&receiver, &crl_id("sample-bca")), crl.unwrap());
    // A new CRL of that CA is not taken any more.
    let further = self::crl(&house, "sample-mca", 9, soon(&house));
    let further = Draft::of_crl(&house, "sample-mca", &further).octets(&house);
    let refused = refusal(&receiver, &further);
    assert!(matches!(&refused, CaRefusal::Path { reasons, .. } if reasons.contains("revoked")));
}

#[test]
fn hand_made_messages_are_good_until_something_is_wrong_with_them() {
    let house = house();
    let receiver = other_service(&house);
    house.authority.publish_after_revocation(&ca_id("sample-pca")).unwrap();
    answer(&receiver, &Draft::notification(&house, "sample-pca").octets(&house));
    let distribution = Draft::distribution(&house, "Sample").octets(&house);
    assert_eq!(receiver.take_ca_message(&distribution).unwrap(), CaReply::Nothing);
}

#[test]
fn what_does_not_decode_is_refused() {
    let house = house();
    let good = Draft::notification(&house, "sample-pca").octets(&house);
    let authority = &house.authority;
    let malformed =
        |octets: &[u8]| matches!(refusal(authority, octets), CaRefusal::Malformed { .. });
    assert!(malformed(&[]));
    assert!(malformed(&good[..good.len() - 1]));
    // A SignedData without its frame, and a frame around something else.
    assert!(malformed(&Draft::notification(&house, "sample-pca").signed(&house)));
    assert!(malformed(&framed(vec![0x30, 0x00])));
    let content = Draft { content: vec![0x30, 0x00], ..Draft::notification(&house, "sample-pca") };
    assert!(malformed(&content.octets(&house)));
    let enclosed = Draft { crls: vec![vec![0x30, 0x00]], ..content };
    assert!(malformed(&enclosed.octets(&house)));
}

#[test]
fn an_answer_or_another_content_is_not_asked_for() {
    let house = house();
    let authority = &house.authority;
    let notification = authority.crl_notification(&ca_id("sample-pca")).unwrap();
    let unasked = answer(authority, &notification);
    assert!(matches!(refusal(authority, &unasked), CaRefusal::NotAsked(_)));
    let other =
        Draft { content_type: oids::CT_ERROR_TBS, ..Draft::notification(&house, "sample-pca") };
    assert!(matches!(refusal(authority, &other.octets(&house)), CaRefusal::NotAsked(_)));
}

#[test]
fn the_sender_is_one_whose_certificate_is_enclosed_known_valid_and_of_the_right_kind() {
    let house = house();
    let receiver = other_service(&house);
    let good = Draft::notification(&house, "sample-pca");
    let bare = Draft { certificates: Vec::new(), ..good.clone() };
    assert_eq!(refusal(&receiver, &bare.octets(&house)), CaRefusal::Signer);
    // Its certificate-signing key signs no messages.
    let signing = ca_certificate(&house.authority, "sample-pca", KeyUse::CertificateSigning);
    let wrong_key = Draft {
        key_use: KeyUse::CertificateSigning,
        certificates: vec![signing.der().to_vec()],
        ..good.clone()
    };
    let refused = refusal(&receiver, &wrong_key.octets(&house));
    assert!(matches!(refused, CaRefusal::Path { .. }), "{refused}");
    // CAs of a brand that the receiver has not.
    let strangers = house_with(&["Other"], None);
    let stranger = Draft::notification(&strangers, "other-pca").octets(&strangers);
    assert!(matches!(refusal(&receiver, &stranger), CaRefusal::SenderUnknown(_)));
    let unsigned = damaged(&good.octets(&house));
    let refused = refusal(&receiver, &unsigned);
    assert!(matches!(refused, CaRefusal::Signature { .. }), "{refused}");
}

#[test]
fn each_kind_of_message_has_its_senders() {
    let house = house();
    let brand_ca = Draft::notification(&house, "sample-bca").octets(&house);
    let refused = refusal(&house.authority, &brand_ca);
    assert!(matches!(refused, CaRefusal::SenderRole { message: "CRLNotification", .. }));
    let distribution = Draft::distribution(&house, "Sample");
    let pca = ca_certificate(&house.authority, "sample-pca", KeyUse::MessageSignature);
    let by_pca = Draft { ca: "sample-pca", certificates: vec![pca.der().to_vec()], ..distribution };
    let refused = refusal(&house.authority, &by_pca.octets(&house));
    assert!(matches!(refused, CaRefusal::SenderRole { message: "BCIDistribution", .. }));
}

#[test]
fn the_date_lies_in_the_window_of_messages() {
    let house = house();
    let published = list(&house.authority, &crl_id("sample-pca")).der.to_vec();
    let dated = |date| {
        let content = notification_tbs(date, &published);
        let draft = Draft { content, ..Draft::notification(&house, "sample-pca") };
        house.authority.take_ca_message(&draft.octets(&house))
    };
    assert!(dated(BEGIN.minus_secs(24 * 3600)).is_ok());
    assert!(dated(BEGIN.plus_secs(600)).is_ok());
    let old = dated(BEGIN.minus_secs(24 * 3600 + 1));
    assert!(matches!(old, Err(CaFault::Refused(CaRefusal::TooOld { .. }))));
    let new = dated(BEGIN.plus_secs(601));
    assert!(matches!(new, Err(CaFault::Refused(CaRefusal::TooNew { .. }))));
}

#[test]
fn a_notification_carries_the_one_crl_it_names_and_its_sender_issued() {
    let house = house();
    let receiver = other_service(&house);
    let good = Draft::notification(&house, "sample-pca");
    let cca = list(&house.authority, &crl_id("sample-cca")).der.to_vec();
    let none = Draft { crls: Vec::new(), ..good.clone() };
    assert_eq!(refusal(&receiver, &none.octets(&house)), CaRefusal::CrlCount(0));
    let two = Draft { crls: vec![good.crls[0].clone(), cca.clone()], ..good.clone() };
    assert_eq!(refusal(&receiver, &two.octets(&house)), CaRefusal::CrlCount(2));
    let other = Draft { crls: vec![cca.clone()], ..good };
    assert_eq!(refusal(&receiver, &other.octets(&house)), CaRefusal::Thumbprint);
    let foreign = Draft::of_crl(&house, "sample-pca", &cca).octets(&house);
    assert!(matches!(refusal(&receiver, &foreign), CaRefusal::CrlIssuer { .. }));
}

#[test]
fn a_crl_is_newer_than_the_one_held() {
    let house = house();
    let receiver = other_service(&house);
    let first = list(&house.authority, &crl_id("sample-pca"));
    house.clock.advance(60);
    let reused = crl(&house, "sample-pca", first.number, soon(&house));
    let refused = refusal(&receiver, &Draft::of_crl(&house, "sample-pca", &reused).octets(&house));
    assert!(matches!(refused, CaRefusal::NumberReused { number, .. } if number == first.number));
    house.authority.publish_crl(&ca_id("sample-pca")).unwrap();
    answer(&receiver, &Draft::notification(&house, "sample-pca").octets(&house));
    let replay = Draft::of_crl(&house, "sample-pca", &first.der.whole()).octets(&house);
    let refused = refusal(&receiver, &replay);
    assert!(matches!(refused, CaRefusal::NumberOlder { held: 2, offered: 1, .. }), "{refused}");
}

#[test]
fn a_crl_is_current_and_signed() {
    let house = house();
    // Lists may begin a minute ago: the keys are older than that.
    house.clock.advance(120);
    let receiver = other_service(&house);
    let now = house.authority.now();
    let sent =
        |der: &[u8]| refusal(&receiver, &Draft::of_crl(&house, "sample-pca", der).octets(&house));
    let ended = crl(&house, "sample-pca", 9, (now.minus_secs(60), now));
    assert!(matches!(sent(&ended), CaRefusal::Ended { .. }));
    let future = crl(&house, "sample-pca", 9, (now.plus_secs(601), now.plus_days(7)));
    assert!(matches!(sent(&future), CaRefusal::NotBegun { .. }));
    let good = crl(&house, "sample-pca", 9, soon(&house));
    assert!(matches!(sent(&damaged(&good)), CaRefusal::Signature { .. }));
    // authorityKeyIdentifier names a certificate that nobody has.
    let issuer = ca_certificate(&house.authority, "sample-pca", KeyUse::CertificateSigning);
    let serial = issuer.serial();
    let at = good.windows(serial.len()).position(|part| part == serial).unwrap();
    let mut unnamed = good.clone();
    unnamed[at + serial.len() - 1] ^= 1;
    assert!(matches!(sent(&unnamed), CaRefusal::SignerOfList(_)));
    assert_eq!(list(&receiver, &crl_id("sample-pca")).number, 1);
    answer(&receiver, &Draft::of_crl(&house, "sample-pca", &good).octets(&house));
    assert_eq!(list(&receiver, &crl_id("sample-pca")).number, 9);
}

#[test]
fn a_distribution_has_a_bci_of_its_brand() {
    let house = house();
    // Lists may begin a minute ago: the keys are older than that.
    house.clock.advance(120);
    let receiver = other_service(&house);
    let missing = Draft::of_bci(&house, None).octets(&house);
    assert_eq!(refusal(&receiver, &missing), CaRefusal::BciMissing);
    let until = house.authority.now().plus_days(7);
    let other = bci(&house, "Other", 9, until, &[]);
    let refused = refusal(&receiver, &Draft::of_bci(&house, Some(&other)).octets(&house));
    let brands = CaRefusal::BciBrand { expected: "Sample".to_owned(), found: "Other".to_owned() };
    assert_eq!(refused, brands);
}

#[test]
fn a_bci_is_newer_than_the_one_held_current_and_signed() {
    let house = house();
    // Lists may begin a minute ago: the keys are older than that.
    house.clock.advance(120);
    let receiver = other_service(&house);
    let first = list(&house.authority, &bci_id("Sample"));
    let until = house.authority.now().plus_days(7);
    let sent =
        |der: &[u8]| receiver.take_ca_message(&Draft::of_bci(&house, Some(der)).octets(&house));
    let refused = |der: &[u8]| match sent(der) {
        Err(CaFault::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let reused = bci(&house, "Sample", first.number, until, &[]);
    assert!(matches!(refused(&reused), CaRefusal::NumberReused { .. }));
    let ended = bci(&house, "Sample", 9, house.authority.now().minus_secs(1), &[]);
    assert!(matches!(refused(&ended), CaRefusal::Ended { .. }));
    let forged = damaged(&bci(&house, "Sample", 9, until, &[]));
    assert!(matches!(refused(&forged), CaRefusal::Signature { .. }));
    assert_eq!(sent(&bci(&house, "Sample", 9, until, &[])).unwrap(), CaReply::Nothing);
    assert!(matches!(
        refused(&first.der.whole()),
        CaRefusal::NumberOlder { held: 9, offered: 1, .. }
    ));
}

#[test]
fn every_crl_that_the_bci_lists_is_at_hand() {
    let house = house();
    // Lists may begin a minute ago: the keys are older than that.
    house.clock.advance(120);
    let receiver = other_service(&house);
    let until = house.authority.now().plus_days(7);
    let pca = ca_certificate(&house.authority, "sample-pca", KeyUse::CertificateSigning);
    let entry = CrlIdentifier { issuer_der: pca.subject_der().to_vec(), number: 2 };
    let bci = bci(&house, "Sample", 9, until, &[entry]);
    let without = Draft::of_bci(&house, Some(&bci));
    let refused = refusal(&receiver, &without.octets(&house));
    let numbers = matches!(refused, CaRefusal::ListedCrl { listed: 2, held: Some(1), .. });
    assert!(numbers, "{refused}");
    let listed = crl(&house, "sample-pca", 2, soon(&house));
    let forged = Draft { crls: vec![damaged(&listed)], ..without.clone() };
    let refused = refusal(&receiver, &forged.octets(&house));
    assert!(matches!(refused, CaRefusal::Signature { .. }), "{refused}");
    assert_eq!(list(&receiver, &bci_id("Sample")).number, 1);
    let whole = Draft { crls: vec![listed], ..without };
    assert_eq!(receiver.take_ca_message(&whole.octets(&house)).unwrap(), CaReply::Nothing);
    assert_eq!(list(&receiver, &crl_id("sample-pca")).number, 2);
}

#[test]
fn an_acknowledgement_is_the_brand_cas_and_of_this_notification() {
    let house = house_with(&["Sample", "Other"], None);
    let authority = &house.authority;
    let notification = authority.crl_notification(&ca_id("sample-pca")).unwrap();
    let own = answer(authority, &notification);
    authority.check_acknowledgement(&notification, &own).unwrap();
    let refused = |answer: &[u8]| match authority.check_acknowledgement(&notification, answer) {
        Err(CaFault::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let other = answer(authority, &authority.crl_notification(&ca_id("sample-mca")).unwrap());
    assert_eq!(refused(&other), CaRefusal::AcknowledgementOther);
    assert!(matches!(refused(&notification), CaRefusal::NotAsked(_)));
    let content = Draft::notification(&house, "sample-pca").content;
    let by = |ca| {
        let kind = CaMessageKind::CrlNotificationRes;
        Draft::new(&house, kind, ca, content.clone()).octets(&house)
    };
    assert!(matches!(refused(&by("sample-cca")), CaRefusal::SenderRole { .. }));
    // The brand CA of another brand.
    assert!(matches!(refused(&by("other-bca")), CaRefusal::Path { .. }));
    assert!(authority.check_acknowledgement(&notification, &by("sample-bca")).is_ok());
}

#[test]
fn the_frame_is_the_content_info_of_the_spec() {
    let house = house();
    let octets = house.authority.crl_notification(&ca_id("sample-pca")).unwrap();
    // SEQUENCE { signedData, [0] { SEQUENCE { version 2, …: a CRL makes all lengths two octets.
    assert_eq!((octets[0], octets[1]), (0x30, 0x82));
    assert_eq!(octets[4..15], *b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
    assert_eq!((octets[15], octets[16], octets[19], octets[20]), (0xa0, 0x82, 0x30, 0x82));
    assert_eq!(octets[23..26], [0x02, 0x01, 0x02]);
    let chain: Vec<Cert> = ["root", "sample-bca", "sample-pca"]
        .map(|ca| ca_certificate(&house.authority, ca, KeyUse::CertificateSigning))
        .to_vec();
    for certificate in chain {
        assert!(octets.windows(certificate.der().len()).any(|part| part == certificate.der()));
    }
}
