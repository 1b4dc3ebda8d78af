//! A registration from first contact to certificate, by the wallet's own side.

use ca_core::ee::{Application, Certified, FormAnswer, Outcome, PanData, Wallet, WalletConfig};
use ca_core::path::{Purpose, Request, RevocationMode, Rules, Settings, validate};
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::PrivateKey;
use ca_core::store::{CertificateQuery, CertificateState, ListId, RegistrationState};
use ca_core::wire::{BrandCrlIdentifier, CardExpiry, Crl, MessageWrapper, Pan};
use ca_core::{Suite, UnixTime};

use crate::house::{House, house};
use crate::messages::{PAN, ca_certificate, key, random};

/// Everything that went over the wire, and what the wallet has in the end.
struct Run {
    octets: Vec<Vec<u8>>,
    rrpids: Vec<[u8; 20]>,
    certified: Certified,
    key: PrivateKey,
}

fn run(house: &House) -> Run {
    let (authority, random) = (&house.authority, random("wallet"));
    let now = authority.now();
    let mut octets = Vec::new();
    let mut rrpids = Vec::new();
    let mut exchange = |request: Vec<u8>| {
        let answer = crate::messages::post(authority, &request);
        let header = MessageWrapper::from_der(&answer).unwrap().header;
        rrpids.push(*header.rrpid.unwrap().as_bytes());
        octets.extend([request, answer.clone()]);
        answer
    };
    let wallet = Wallet::new(WalletConfig {
        suite: Suite::Modern,
        brand: "Sample".to_owned(),
        language: "en".to_owned(),
        anchors: vec![ca_certificate(authority, "root", KeyUse::CertificateSigning)],
    });
    let (request, waiting) = wallet.unwrap().initiate(now, &random).unwrap();
    let initiated = waiting.accept(&exchange(request), now).unwrap();
    let pan = Pan::new(PAN).unwrap();
    let (request, waiting) = initiated.ask_form(&pan, now, &random).unwrap();
    let FormAnswer::Form(form) = waiting.accept(&exchange(request), now).unwrap() else {
        panic!("a referral");
    };
    let answers = [("Full name", "Ada Lovelace"), ("Town", "London")]
        .map(|(label, text)| (label.to_owned(), text.to_owned()));
    let card = PanData { pan, expiry: CardExpiry::new(2027, 2).unwrap() };
    let key = key("registration");
    let (request, waiting) =
        form.request(&Application::card(&answers, &card, &key), now, &random).unwrap();
    let Outcome::Certified(certified) = waiting.accept(&exchange(request), now).unwrap() else {
        panic!("refused");
    };
    Run { octets, rrpids, certified: *certified, key }
}

#[test]
fn the_certificate_is_that_of_the_key_the_brand_and_the_card() {
    let house = house();
    let Run { certified, key, .. } = run(&house);
    let certificate = &certified.signature().unwrap().certificate;
    assert_eq!(certificate.spki_der(), key.spki_der());
    assert_eq!(certificate.not_before(), house.authority.now());
    // decisions.md 26: a card that ends in February 2027 ends with its last second.
    let card_ends = UnixTime::parse_rfc3339("2027-02-28T23:59:59Z").unwrap();
    assert_eq!(certificate.not_after(), card_ends);
    let page = house.authority.store().certificates(&CertificateQuery {
        role: Some(Role::Cardholder),
        ..CertificateQuery::default()
    });
    let [record] = &page.unwrap().items[..] else { panic!("one certificate") };
    assert_eq!(record.state(), CertificateState::Issued);
    assert_eq!(record.der.as_deref(), Some(certificate.der()));
    assert_eq!(record.intent.issuer.as_str(), "sample-cca");
    // set-messages.md §4.9: C, O and OU of the issuer's entry, the blinded name in Base64: 44
    // characters, the last one `=`.
    let subject = &record.intent.subject;
    for part in ["C=US", "O=Sample", "OU=Example Issuer"] {
        assert!(subject.contains(part), "{part} in {subject}");
    }
    let name = subject.split(',').find_map(|part| part.trim().strip_prefix("CN=")).unwrap();
    assert!(name.len() == 44 && name.ends_with('='), "{name}");
}

#[test]
fn the_certificate_is_valid_with_the_lists_in_force() {
    let house = house();
    let certified = run(&house).certified;
    let authority = &house.authority;
    let root = ca_certificate(authority, "root", KeyUse::CertificateSigning);
    let chain = ["sample-bca", "sample-cca", "sample-mca", "sample-pca"]
        .map(|ca| ca_certificate(authority, ca, KeyUse::CertificateSigning));
    let list = |id| authority.store().list(&id).unwrap().unwrap().der.to_vec();
    let crls: Vec<Crl> = ["root", "sample-bca", "sample-cca", "sample-mca", "sample-pca"]
        .map(|ca| Crl::from_der(&list(ListId::Crl(crate::messages::ca_id(ca)))).unwrap())
        .to_vec();
    let bci = list(ListId::Bci("Sample".to_owned()));
    let bci = BrandCrlIdentifier::from_der(&bci).unwrap();
    let verdict = validate(&Request {
        certificate: &certified.signature().unwrap().certificate,
        untrusted: &chain,
        anchors: core::slice::from_ref(&root),
        crls: &crls,
        bcis: core::slice::from_ref(&bci),
        ocsp: &[],
        register: &[],
        settings: &Settings {
            purpose: Some(Purpose::MessageSignature),
            brand: Some("Sample".to_owned()),
            role: Some(Role::Cardholder),
            revocation: RevocationMode::Require,
            bci: RevocationMode::Require,
            ..Settings::new(Rules::Set, Suite::Modern, authority.now())
        },
    });
    assert!(verdict.valid, "{:#?}", verdict.reasons);
}

#[test]
fn the_registration_is_recorded_as_complete() {
    let house = house();
    let run = run(&house);
    let store = house.authority.store();
    for (rrpid, answer) in run.rrpids.iter().zip(run.octets.chunks(2)) {
        assert_eq!(store.answer(rrpid).unwrap().unwrap().octets, answer[1]);
    }
    let registration = registration_of(&house, &run);
    assert_eq!(registration.state, RegistrationState::Complete);
    assert_eq!(registration.refusal, None);
}

/// The one registration of the house, found by the LID-CA of the first answer.
fn registration_of(house: &House, run: &Run) -> ca_core::store::Registration {
    use ca_core::envelope::SignedMessage;
    use ca_core::wire::{CardCInitResTbs, Message, bounds::MAX_MESSAGE, decode};
    let Message::CardCInitRes(octets) = crate::messages::message_of(&run.octets[1]) else {
        panic!("no CardCInitRes");
    };
    let signed = SignedMessage::decode(octets.as_der()).unwrap();
    let tbs: CardCInitResTbs = decode(signed.unverified_content().unwrap(), MAX_MESSAGE).unwrap();
    let lid_ca = tbs.lid_ca.unwrap();
    house.authority.store().registration(lid_ca.as_bytes()).unwrap().unwrap()
}
