//! CAs are renewed and rolled over while wallets register (spec `set-certificates.md` §1.4, §4).

use std::slice;
use std::sync::Arc;

use ca_core::UnixTime;
use ca_core::authority::{Authority, Error, NewKey, Reissued, RootKeys};
use ca_core::ee::{Certified, EeError, FormAnswer, Outcome, Wallet};
use ca_core::issue::{ListError, verify_ocsp};
use ca_core::path::{Request, RevocationMode, RootHash, Rules, Settings, validate};
use ca_core::profile::KeyUse;
use ca_core::signer::{KeyAlgorithm, PrivateKey, SoftwareKeys};
use ca_core::store::{CaId, CertificateQuery, CertificateState, ListId};
use ca_core::wire::extensions::{AuthorityKeyIdentifier, ExtensionValue};
use ca_core::wire::ocsp::{CertId, CertIdHash, CertStatus, OcspRequest, OcspResponse};
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl, CrlNumber, Pan};
use ca_core::{Suite, hex};

use crate::house::faults::{Act, Fault, FaultySigner, FaultyStore, Journal, Meanwhile};
use crate::house::{House, house};
use crate::middle::*;

/// A hierarchy that gets keys after its beginning.
struct Life {
    house: House,
    /// PKCS#8 of the keys made since.
    made: Vec<Vec<u8>>,
}

impl Life {
    fn begin() -> Self {
        Self { house: house(), made: Vec::new() }
    }

    fn authority(&self) -> &Authority {
        &self.house.authority
    }

    /// A new key, where the authority finds it.
    fn key(&mut self, key_use: KeyUse) -> NewKey {
        let label = format!("made {}", self.made.len());
        let kind = match key_use {
            KeyUse::Encryption => KeyAlgorithm::Rsa(3072),
            _ => KeyAlgorithm::EcP256,
        };
        let key = PrivateKey::generate(kind, &random(&label)).unwrap();
        let new = NewKey { id: key.id(), spki: key.spki_der().to_vec() };
        self.made.push(key.pkcs8_der().to_vec());
        let made = self.made.iter().map(|pkcs8| PrivateKey::from_pkcs8(pkcs8).unwrap());
        let keys: SoftwareKeys = self.house.private_keys().into_iter().chain(made).collect();
        let keys = Arc::new(keys);
        self.house.parts.signer = keys.clone();
        self.house.parts.decryptor = keys;
        self.house.authority = self.house.reopened(|_| {});
        new
    }

    fn rollover(&mut self, ca: &str, key_use: Option<KeyUse>) -> Vec<Reissued> {
        let ca = id(ca);
        let uses = self.authority().key_uses(&ca, key_use).unwrap();
        let keys: Vec<(KeyUse, NewKey)> =
            uses.into_iter().map(|key_use| (key_use, self.key(key_use))).collect();
        self.authority().rollover(&ca, &keys).unwrap()
    }

    fn renew(&self, ca: &str) -> Vec<Reissued> {
        let ca = id(ca);
        let uses = self.authority().key_uses(&ca, None).unwrap();
        self.authority().renew(&ca, &uses).unwrap()
    }

    /// R2 takes over, R3 is announced.
    fn rollover_root(&mut self) -> Vec<Reissued> {
        let announced = self.house.next_root.clone();
        let next = self.key(KeyUse::CertificateSigning);
        let responder = self.key(KeyUse::OcspSigning);
        let keys = RootKeys { announced: &announced, next: &next, responder: Some(&responder) };
        self.authority().rollover_root(&id("root"), keys).unwrap()
    }

    fn register(&self, wallet: Wallet, label: &str) -> Result<Certified, EeError> {
        let house = &self.house;
        let (request, waiting) = wallet.initiate(now(house), &random(label)).unwrap();
        let initiated = waiting.accept(&post(house, &request), now(house))?;
        finish(house, initiated, label)
    }

    fn wallet(&self, anchors: &[&Cert]) -> Wallet {
        let anchors = anchors.iter().map(|root| (*root).clone()).collect();
        wallet_with(Suite::Modern, anchors, "Sample", "en")
    }

    fn signing(&self, ca: &str) -> Cert {
        ca_certificate(&self.house, ca, KeyUse::CertificateSigning)
    }

    /// The verdict on a certificate by everything that is published.
    fn is_valid(&self, certificate: &Cert, anchors: &[Cert], at: UnixTime) -> bool {
        let store = self.authority().store();
        let hierarchy = self.authority().hierarchy();
        let all = hierarchy.cas().iter().flat_map(|ca| ca.generations(KeyUse::CertificateSigning));
        let untrusted: Vec<Cert> = all.cloned().collect();
        let crls = hierarchy.cas().iter().filter_map(|ca| {
            let list = store.list(&ListId::Crl(ca.record.id.clone())).unwrap()?;
            Some(Crl::from_der(&list.der.whole()).unwrap())
        });
        let crls: Vec<Crl> = crls.collect();
        let bci = BrandCrlIdentifier::from_der(bci(&self.house).as_der()).unwrap();
        let settings = Settings {
            bci: RevocationMode::Require,
            ..Settings::new(Rules::Set, Suite::Modern, at)
        };
        let (untrusted, crls, bcis) = (untrusted.as_slice(), crls.as_slice(), &[bci][..]);
        let settings = &settings;
        validate(&Request {
            certificate,
            untrusted,
            anchors,
            crls,
            bcis,
            ocsp: &[],
            register: &[],
            settings,
        })
        .valid
    }

    fn now(&self) -> UnixTime {
        now(&self.house)
    }
}

fn id(ca: &str) -> CaId {
    CaId::new(ca).unwrap()
}

/// From the CA's first answer to the certificate.
fn finish(
    house: &House,
    initiated: ca_core::ee::Initiated,
    label: &str,
) -> Result<Certified, EeError> {
    let form_random = random(&format!("{label} form"));
    let (request, waiting) =
        initiated.ask_form(&Pan::new(PAN).unwrap(), now(house), &form_random).unwrap();
    let FormAnswer::Form(offer) = waiting.accept(&post(house, &request), now(house))? else {
        panic!("referral")
    };
    let last = random(&format!("{label} request"));
    let (request, waiting) = applied(&offer, &good_answers(), PAN, &key(label), now(house), &last);
    match waiting.accept(&post(house, &request), now(house))? {
        Outcome::Certified(done) => Ok(*done),
        other => panic!("{other:?}"),
    }
}

#[test]
fn after_a_root_rollover_the_old_chains_stay_valid_for_who_trusts_the_old_root() {
    let mut life = Life::begin();
    let c1 = life.signing("root");
    let before = life.register(life.wallet(&[&c1]), "before").unwrap();
    life.house.clock.advance(60);
    life.rollover_root();
    let c2 = life.signing("root");
    assert_ne!(c1, c2);
    // The root's CRL is the new key's: it counts for who has followed to the new root.
    let (old, new) = (slice::from_ref(&c1), slice::from_ref(&c2));
    let roots = ca_core::path::trusted_roots(old, None, new, life.now(), Suite::Modern);
    assert!(life.is_valid(issued(&before), &roots, life.now()));
    // Whoever holds the new root alone cannot know of what the old one signed.
    assert!(!life.is_valid(issued(&before), &[c2], life.now()));
    let after = life.register(life.wallet(&[&c1]), "after").unwrap();
    assert_eq!(after.root, c1);
}

#[test]
fn wallet_that_trusts_the_old_root_learns_the_new_one_from_an_answer() {
    let mut life = Life::begin();
    let c1 = life.signing("root");
    life.rollover_root();
    for ca in ["sample-bca", "sample-cca"] {
        life.renew(ca);
    }
    let c2 = life.signing("root");
    let done = life.register(life.wallet(&[&c1]), "jane").unwrap();
    assert_eq!(done.root, c2);
    assert_eq!(done.chain, [life.signing("sample-cca"), life.signing("sample-bca")]);
    assert_eq!(life.register(life.wallet(&[&c2]), "june").unwrap().root, c2);
}

#[test]
fn wallet_that_trusts_the_new_root_alone_needs_chains_below_it() {
    let mut life = Life::begin();
    life.rollover_root();
    let c2 = life.signing("root");
    let error = life.register(life.wallet(&[&c2]), "jane").unwrap_err();
    assert!(matches!(error, EeError::Certificate { .. }), "{error}");
}

#[test]
fn first_root_is_taken_from_the_answer_if_its_hash_was_typed_in() {
    let life = Life::begin();
    let root = life.signing("root");
    let hash = RootHash::of(&root, Suite::Modern);
    let wallet = life.wallet(&[]).with_root_hash(hash);
    assert_eq!(life.register(wallet, "jane").unwrap().root, root);
    let other = RootHash::of(&life.signing("sample-bca"), Suite::Modern);
    let error = life.register(life.wallet(&[]).with_root_hash(other), "june").unwrap_err();
    assert!(matches!(error, EeError::Certificate { .. }), "{error}");
}

#[test]
fn registration_begun_before_a_rollover_of_every_key_is_finished_after_it() {
    let mut life = Life::begin();
    let old = life.signing("sample-cca");
    let begun = initiated(&life.house, "jane");
    life.house.clock.advance(1);
    life.rollover("sample-cca", None);
    life.rollover("sample-bca", None);
    let done = finish(&life.house, begun, "jane").unwrap();
    let issuer = life.signing("sample-cca");
    assert_ne!(issuer, old);
    assert_eq!(done.chain[0], issuer);
    // The CCA's certificate is still the old brand key's, and its chain says so.
    assert_eq!(done.chain.len(), 2);
    assert_ne!(done.chain[1], life.signing("sample-bca"));
}

#[test]
fn what_the_old_keys_signed_stays_valid_under_lists_of_the_new_ones() {
    let mut life = Life::begin();
    let root = life.signing("root");
    let before = life.register(life.wallet(&[&root]), "jane").unwrap();
    for ca in ["sample-cca", "sample-bca"] {
        life.house.clock.advance(60);
        life.rollover(ca, None);
        assert!(life.is_valid(issued(&before), slice::from_ref(&root), life.now()), "{ca}");
    }
    let serial = ca_core::store::SerialNumber::from_octets(issued(&before).serial()).unwrap();
    let reason = ca_core::store::RevocationReason::KeyCompromise;
    life.authority().revoke(&id("sample-cca"), &serial, reason).unwrap();
    life.authority().publish_after_revocation(&id("sample-cca")).unwrap();
    assert!(!life.is_valid(issued(&before), &[root], life.now()));
}

#[test]
fn lists_follow_the_key_at_once() {
    let mut life = Life::begin();
    life.rollover("sample-bca", Some(KeyUse::CertificateSigning));
    let signer = life.signing("sample-bca");
    let crl = Crl::from_der(&crl(&life.house, "sample-bca")).unwrap();
    assert!(crl.authority_key_identifier().unwrap().unwrap().names(&signer));
    let bci = BrandCrlIdentifier::from_der(bci(&life.house).as_der()).unwrap();
    assert!(bci.unsigned().authority_key_identifier().unwrap().unwrap().names(&signer));
    assert_eq!(
        bci.unsigned().crl_number(signer.subject_der()),
        crl.number().and_then(CrlNumber::as_u64)
    );
}

#[test]
fn each_generation_has_its_own_responder() {
    let mut life = Life::begin();
    let root = life.signing("root");
    let first = life.signing("sample-cca");
    let before = issued(&life.register(life.wallet(&[&root]), "jane").unwrap()).clone();
    life.rollover("sample-cca", None);
    let second = life.signing("sample-cca");
    let after = issued(&life.register(life.wallet(&[&root]), "june").unwrap()).clone();
    life.house.clock.advance(1);
    life.renew("sample-cca");
    let third = life.signing("sample-cca");
    let last = issued(&life.register(life.wallet(&[&root]), "jill").unwrap()).clone();
    for (certificate, issuer) in [(before, first), (after, second), (last, third)] {
        let cert_id = CertId::of(CertIdHash::Sha1, &issuer, certificate.serial()).unwrap();
        let request = OcspRequest { cert_ids: vec![cert_id.clone()], nonce: None };
        let reply = life.authority().ocsp(&request.to_der().unwrap());
        let basic = OcspResponse::from_der(&reply.octets).unwrap().basic.unwrap();
        verify_ocsp(&basic, &issuer, life.now()).unwrap();
        assert_eq!(basic.status_of(&cert_id).unwrap().status, CertStatus::Good);
        let named = AuthorityKeyIdentifier::find(&basic.certificates[0]).unwrap().unwrap();
        assert!(named.names(&issuer), "the very certificate that issued it");
    }
}

#[test]
fn renewal_keeps_name_and_key_and_can_be_repeated() {
    let life = Life::begin();
    for _ in 0..2 {
        life.house.clock.advance(60);
        let renewed = life.renew("sample-cca");
        assert_eq!(renewed.len(), 4);
        for one in renewed {
            let old = one.replaced.unwrap();
            assert_eq!(old.spki_der(), one.certificate.spki_der());
            assert_eq!(old.subject_der(), one.certificate.subject_der());
            assert_ne!(old.serial(), one.certificate.serial());
            assert!(old.not_before() < one.certificate.not_before());
        }
    }
    let hierarchy = life.authority().hierarchy();
    let cca = hierarchy.ca(&id("sample-cca")).unwrap();
    assert_eq!(cca.generations(KeyUse::Encryption).count(), 3);
}

#[test]
fn root_is_replaced_by_the_key_it_announces_and_no_other() {
    let mut life = Life::begin();
    let (other, next) = (life.key(KeyUse::MessageSignature), life.key(KeyUse::MessageSignature));
    let keys = RootKeys { announced: &other, next: &next, responder: None };
    let refused = life.authority().rollover_root(&id("root"), keys).unwrap_err();
    assert!(matches!(refused, Error::Policy(_)), "{refused}");
    let refused = life.authority().renew(&id("root"), &[KeyUse::CertificateSigning]);
    assert!(matches!(refused, Err(Error::Policy(_))));
    let keys = [(KeyUse::CertificateSigning, other)];
    let refused = life.authority().rollover(&id("root"), &keys);
    assert!(matches!(refused, Err(Error::Policy(_))));
}

#[test]
fn old_root_key_signs_nothing_more() {
    let mut life = Life::begin();
    let c1 = life.signing("root");
    let old = ca_core::signer::KeyId::of_spki(c1.spki_der()).unwrap();
    life.rollover_root();
    // Without the old key everything of the root goes on.
    let made = life.made.iter().map(|pkcs8| PrivateKey::from_pkcs8(pkcs8).unwrap());
    let all = life.house.private_keys().into_iter().chain(made);
    let keys: SoftwareKeys = all.filter(|key| key.id() != old).collect();
    let authority = life.house.reopened(|parts| parts.signer = Arc::new(keys));
    authority.publish_crl(&id("root")).unwrap();
    let uses = authority.key_uses(&id("sample-bca"), None).unwrap();
    authority.renew(&id("sample-bca"), &uses).unwrap();
    let uses = [KeyUse::OcspSigning];
    authority.renew(&id("root"), &uses).unwrap();
}

const YEAR: u64 = 365 * 86_400;

#[test]
fn key_signs_no_list_after_its_period_and_the_next_one_does() {
    let mut life = Life::begin();
    life.house.clock.advance(YEAR - 86_400);
    assert!(life.authority().publish_crl(&id("sample-bca")).is_ok());
    let alarm = life.authority().publish_bci("Sample");
    assert!(matches!(alarm, Err(Error::Exchange { .. })), "other CRLs of the brand have ended");
    // Rolled over in time, below a root that was, too.
    life.rollover_root();
    life.rollover("sample-bca", None);
    life.house.clock.advance(2 * 86_400);
    assert!(life.authority().publish_crl(&id("sample-bca")).is_ok());
    let over = life.authority().publish_crl(&id("sample-cca"));
    assert!(matches!(over, Err(Error::List(ListError::Period(_)))), "{over:?}");
}

#[test]
fn endings_are_told_a_month_before_and_after() {
    let mut life = Life::begin();
    let told = |life: &Life| {
        let endings = life.authority().hierarchy().endings(life.now());
        endings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told(&life), [""; 0]);
    // The responders live 90 days.
    life.house.clock.advance(61 * 86_400);
    assert_eq!(told(&life).len(), 5);
    for (ca, renewed) in life.authority().renew_responders() {
        assert_eq!(renewed.unwrap().len(), 1, "{ca}");
    }
    assert_eq!(told(&life), [""; 0]);
    life.house.clock.advance(YEAR - 90 * 86_400);
    life.rollover_root();
    let text = told(&life).join("\n");
    assert!(!text.contains("setca ca rollover root"), "{text}");
    assert!(text.contains("setca ca renew sample-cca --key-use message-signature"), "{text}");
    life.house.clock.advance(31 * 86_400);
    let over = life.authority().hierarchy().endings(life.now());
    let signing = |e: &&ca_core::authority::Ending| e.key_use == KeyUse::CertificateSigning;
    assert!(over.iter().filter(signing).all(|ending| ending.over));
}

/// Whatever act a rollover dies at, the next run ends with one new certificate in force for each
/// use, and the announced root key is not lost to an intent nobody fulfils.
#[test]
fn interrupted_rollover_of_the_root_is_finished_by_the_next_run() {
    for (act, number) in [
        (Act::Intent, 1),
        (Act::Sign, 1),
        (Act::Issued, 1),
        (Act::Intent, 2),
        (Act::Issued, 2),
        (Act::Sign, 3),
    ] {
        let mut life = Life::begin();
        let announced = life.house.next_root.clone();
        let next = life.key(KeyUse::CertificateSigning);
        let responder = life.key(KeyUse::OcspSigning);
        let keys = RootKeys { announced: &announced, next: &next, responder: Some(&responder) };
        life.house.clock.advance(60);
        let journal = Journal::new(Some(Fault::DiesAfter(act, number)));
        let dying = life.house.reopened(|parts| {
            let (store, signer) = (parts.store.clone(), parts.signer.clone());
            parts.store = Arc::new(FaultyStore {
                inner: store,
                journal: journal.clone(),
                meanwhile: Meanwhile::default(),
            });
            parts.signer = Arc::new(FaultySigner { inner: signer, journal: journal.clone() });
        });
        assert!(dying.rollover_root(&id("root"), keys).is_err(), "{act:?} {number}");

        life.house.authority = life.house.reopened(|_| {});
        let finished = life.authority().finish_interrupted(&id("root")).unwrap();
        let done = |key_use| {
            let hierarchy = life.authority().hierarchy();
            let generations = hierarchy.ca(&id("root")).unwrap().generations(key_use).count();
            assert!(generations <= 2);
            generations == 2
        };
        assert!(finished.len() <= 1);
        if !done(KeyUse::CertificateSigning) {
            life.authority().rollover_root(&id("root"), keys).unwrap();
        } else if !done(KeyUse::OcspSigning) {
            let responder = life.key(KeyUse::OcspSigning);
            let keys = [(KeyUse::OcspSigning, responder)];
            life.authority().rollover(&id("root"), &keys).unwrap();
        }
        let root = life.signing("root");
        assert_eq!(hex(root.spki_der()), hex(&announced.spki), "{act:?} {number}");
        // Only where the new root was in force before it died.
        assert_eq!(life.authority().is_crl_behind(&id("root")), number > 1, "{act:?} {number}");
        life.authority().publish_after_revocation(&id("root")).unwrap();
        assert!(!life.authority().is_crl_behind(&id("root")));
        let issued = CertificateQuery {
            role: Some(ca_core::profile::Role::Rca),
            state: Some(CertificateState::Issued),
            ..CertificateQuery::default()
        };
        let issued = life.authority().store().certificates(&issued).unwrap();
        assert_eq!(issued.items.len(), 2, "{act:?} {number}");
    }
}
