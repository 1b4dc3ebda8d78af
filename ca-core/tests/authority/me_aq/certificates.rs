//! What stands in the certificates, and where it comes from.

use ca_core::Suite;
use ca_core::issue::SubjectName;
use ca_core::path::{Purpose, Request, RevocationMode, Rules, Settings, validate};
use ca_core::profile::{KeyUse, Role};
use ca_core::store::ListId;
use ca_core::wire::extensions::{
    CardCertRequired, ExtensionValue, MerchantData, SetExtensions, Tunneling,
};
use ca_core::wire::{
    AcctData, AcctInfo, AcquirerId, Bin, BrandCrlIdentifier, Cert, CertStatusCode, Crl, IdData,
    Language, Nonce, RequestType, VisibleString, oids,
};

use super::complete;
use crate::entities::*;
use crate::house::{House, house};
use crate::messages::{Heard, ca_certificate, ca_id, items, keys, post, random};

fn subject(certificate: &Cert) -> SubjectName {
    SubjectName::from_der(certificate.subject_der()).unwrap()
}

/// decisions.md 24: name and city from the form, the rest from the acquirer's entry.
#[test]
fn a_merchants_certificates_say_what_form_and_acquirer_say() {
    let house = house();
    let mut request = contact_req(RequestType::MerInitialBoth, "shop");
    request.language = Language::new("de").unwrap();
    let asking = Asking::new(&house, &Tied::by(&house, &request), "shop", None).with(|asking| {
        asking.data.reg_form = items(&[
            (&["Name des Geschäfts", "Name auf der Abrechnung"], " Käse & Söhne "),
            (&["Ort"], "Köln"),
        ]);
    });
    let issued = complete(&house, &asking);
    assert_eq!(issued.len(), 2);
    for certificate in &issued {
        let name = subject(certificate);
        assert_eq!((name.country.as_str(), name.organization.as_str()), ("US", "Sample"));
        assert_eq!(name.units, ["Example Acquirer"]);
        assert_eq!(name.common_name.as_deref(), Some("Käse & Söhne"));
        let data = MerchantData::find(certificate).unwrap().unwrap();
        assert_eq!((data.mer_id.as_str(), data.mer_acquirer_bin.as_str()), ("4711", BIN));
        assert_eq!((data.mer_country, data.mer_auth_flag), (840, true));
        let [shown] = &data.mer_name_seq[..] else { panic!("one name") };
        assert_eq!(shown.language.as_ref().unwrap().as_str(), "de");
        assert_eq!((shown.name.as_str(), shown.city.as_str()), ("Käse & Söhne", "Köln"));
        assert_eq!(shown.country_name.as_str(), "Vereinigte Staaten");
    }
}

/// spec `set-certificates.md` §2.1, §3.10, §8.2: what stands in which certificate.
#[test]
fn a_gateways_certificates_name_bin_and_identifier_and_say_its_terms() {
    let house = house();
    let request = contact_req(RequestType::PgwyInitialBoth, "gateway");
    let issued = complete(&house, &Asking::new(&house, &Tied::by(&house, &request), "g", None));
    let [signature, encryption] = &issued[..] else { panic!("two certificates") };
    for certificate in &issued {
        assert_eq!(subject(certificate).common_name.as_deref(), Some("490000:4711"));
        assert_eq!(MerchantData::find(certificate).unwrap(), None);
        assert_eq!(SetExtensions::find(certificate).unwrap(), None);
    }
    assert_eq!(CardCertRequired::find(encryption).unwrap(), Some(CardCertRequired(false)));
    let algorithms = vec![oids::AES_256_GCM];
    assert_eq!(
        Tunneling::find(encryption).unwrap(),
        Some(Tunneling { tunneling: true, algorithms })
    );
    assert_eq!(CardCertRequired::find(signature).unwrap(), None);
    assert_eq!(Tunneling::find(signature).unwrap(), None);
}

/// A form run of a gateway whose acquirer gave it no number.
fn nameless(house: &House, request_type: RequestType, label: &str) -> Tied {
    let mut request = contact_req(request_type, label);
    let acquirer_bin = Bin::new(BIN).unwrap();
    request.id_data = IdData::Acquirer(AcquirerId { acquirer_bin, acquirer_business_id: None });
    Tied::by(house, &request)
}

#[test]
fn a_gateway_without_a_number_is_given_a_name_and_keeps_it() {
    let house = house();
    let tied = nameless(&house, RequestType::PgwyInitialBoth, "one");
    let asking = Asking::new(&house, &tied, "one", None);
    let [signature, encryption] = &complete(&house, &asking)[..] else { panic!() };
    let name = subject(signature).common_name.unwrap();
    let (bin, identifier) = name.split_once(':').unwrap();
    assert_eq!((bin, identifier.len()), (BIN, 16));
    let held = Held {
        key: asking.new_key.copy(),
        signature: signature.clone(),
        encryption: Some(encryption.clone()),
    };
    let tied = nameless(&house, RequestType::PgwyRenewalBoth, "two");
    for renewed in complete(&house, &Asking::new(&house, &tied, "two", Some(&held))) {
        assert_eq!(subject(&renewed).common_name.as_deref(), Some(name.as_str()));
    }
}

#[test]
fn a_gateway_without_a_number_does_not_renew_what_another_one_holds() {
    let house = house();
    let registered = |label: &str, number: usize| {
        let tied = nameless(&house, RequestType::PgwyInitialBoth, label);
        let asking = Asking::new(&house, &tied, label, None).with(|asking| {
            let encryption = encryption_key(house.suite(), number);
            asking.data.public_key_s_or_e = keys(Some(&asking.new_key.copy()), Some(&encryption));
        });
        let mut issued = complete(&house, &asking).into_iter();
        let (key, signature) = (asking.new_key.copy(), issued.next().unwrap());
        Held { key, signature, encryption: issued.next() }
    };
    let one = registered("one", 0);
    let held = Held { encryption: registered("other", 2).encryption, ..one };
    let tied = nameless(&house, RequestType::PgwyRenewalEnc, "renewal");
    let asking = Asking::new(&house, &tied, "renewal", Some(&held));
    let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
    assert_eq!(heard.status(), CertStatusCode::RejectedByCa);
    let registration = house.authority.store().registration(tied.lid_ca.as_bytes());
    assert_eq!(registration.unwrap().unwrap().refusal.as_deref(), Some("entity-other"));
}

/// MR-3: whoever trusts the root accepts them, for this use and role.
#[test]
fn the_certificates_are_valid_with_the_lists_in_force() {
    for role in [Role::Merchant, Role::Gateway] {
        let house = house();
        let held = Held::by_registering(&house, role, role.name());
        let encryption = held.encryption.unwrap();
        assert_valid(&house, role, &held.signature, Purpose::MessageSignature);
        assert_valid(&house, role, &encryption, Purpose::Encryption);
    }
}

fn assert_valid(house: &House, role: Role, certificate: &Cert, purpose: Purpose) {
    let authority = &house.authority;
    let anchor = ca_certificate(authority, "root", KeyUse::CertificateSigning);
    let cas = ["sample-bca", "sample-cca", "sample-mca", "sample-pca"];
    let chain = cas.map(|ca| ca_certificate(authority, ca, KeyUse::CertificateSigning));
    let list = |id| authority.store().list(&id).unwrap().unwrap().der.to_vec();
    let crls: Vec<Crl> = ["root"]
        .iter()
        .chain(&cas)
        .map(|ca| Crl::from_der(&list(ListId::Crl(ca_id(ca)))).unwrap())
        .collect();
    let bci = list(ListId::Bci("Sample".to_owned()));
    let bci = BrandCrlIdentifier::from_der(&bci).unwrap();
    let verdict = validate(&Request {
        certificate,
        untrusted: &chain,
        anchors: core::slice::from_ref(&anchor),
        crls: &crls,
        bcis: core::slice::from_ref(&bci),
        ocsp: &[],
        register: &[],
        settings: &Settings {
            purpose: Some(purpose),
            brand: Some("Sample".to_owned()),
            role: Some(role),
            revocation: RevocationMode::Require,
            bci: RevocationMode::Require,
            ..Settings::new(Rules::Set, Suite::Modern, authority.now())
        },
    });
    assert!(verdict.valid, "{role}: {:#?}", verdict.reasons);
}

/// A house whose merchants must name their account.
fn house_that_wants_accounts() -> House {
    let mut house = house();
    house.authority = house.with_policies(|path, text| {
        if path.ends_with("forms/merchant.toml") {
            text.replace("max_len = 34", "required = true\nmax_len = 34")
        } else {
            text.to_owned()
        }
    });
    house
}

fn account(text: &str) -> AcctInfo {
    AcctInfo::AcctData(AcctData {
        acct_identification: VisibleString::new(text).unwrap(),
        ex_nonce: Nonce::random(&random(text)).unwrap(),
    })
}

/// decisions.md 31; §2.11: item 0 is the account.
#[test]
fn an_account_that_is_demanded_must_be_named_and_fit() {
    let house = house_that_wants_accounts();
    let ask = |label: &str, named: Option<AcctInfo>| {
        let tied = Tied::to_form(&house, RequestType::MerInitialSig, label);
        let asking = Asking::new(&house, &tied, label, None).with(|a| a.account = named);
        Heard::of(&house.authority, &post(&house.authority, &asking.octets()))
    };
    let missing = ask("missing", None);
    let long = ask("long", Some(account(&"9".repeat(35))));
    for heard in [missing, long] {
        assert_eq!(heard.status(), CertStatusCode::RegFormAnswerMalformed);
        let items = heard.data().cert_status.failed_item_seq.clone().unwrap();
        let numbers: Vec<u16> = items.iter().map(|item| item.item_number.value()).collect();
        assert_eq!(numbers, [0]);
    }
    assert_eq!(
        ask("good", Some(account("DE02 1203 0000"))).status(),
        CertStatusCode::RequestComplete
    );
}

/// decisions.md 31: without fieldRequired either envelope will do.
#[test]
fn an_account_that_is_not_demanded_may_be_named() {
    let house = house();
    let tied = Tied::to_form(&house, RequestType::MerInitialSig, "named");
    let named = Some(account("DE02 1203 0000"));
    let asking = Asking::new(&house, &tied, "named", None).with(|a| a.account = named);
    complete(&house, &asking);
}

/// §2.11: the extras of the sample issuer, in the language of the form run.
#[test]
fn a_cardholder_is_told_what_the_issuer_says() {
    let house = house();
    let tied = Tied::to_form(&house, RequestType::CardInitialSig, "extras");
    let asking = Asking::new(&house, &tied, "extras", None);
    let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
    let extras = heard.data().cert_status.ca_msg.clone().unwrap();
    assert_eq!(extras.card_logo_url.unwrap().as_str(), "https://logo.example.com/card");
    assert_eq!(extras.brand_logo_url.unwrap().as_str(), "https://logo.example.com/brand");
    assert_eq!(extras.card_currency.unwrap().value(), 840);
    let message = extras.cardholder_msg.unwrap();
    assert_eq!(message.as_str(), "Your card can now be used in shops that show our sign.");
}
