//! Arbitrary values of the types that messages are made of.

use ca_core::wire::*;
use ca_core::{Suite, UnixTime};
use const_oid::ObjectIdentifier;
use der::Decode;
use der::asn1::{Any, Null};
use proptest::option;
use proptest::prelude::*;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::support::{tlv, unhex};

/// Any text of 1 to `most` characters: all visible ones, or any of UCS-2.
pub(crate) fn text(most: usize) -> impl Strategy<Value = String> {
    let ucs_2 = prop::char::range('\0', '\u{FFFF}');
    prop_oneof![visible(most), string(ucs_2, most)]
}

/// 1 to `most` characters from space to tilde.
pub(crate) fn visible(most: usize) -> impl Strategy<Value = String> {
    string(prop::char::range(' ', '~'), most)
}

fn string(character: impl Strategy<Value = char>, most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(character, 1..=most).prop_map(|chars| chars.into_iter().collect())
}

pub(crate) fn digits(length: usize) -> impl Strategy<Value = String> {
    string(prop::char::range('0', '9'), length)
        .prop_map(move |digits| format!("{digits:0>length$}"))
}

pub(crate) fn set_string<const MAX: usize>() -> impl Strategy<Value = SetString<MAX>> {
    // Long texts cost time and show nothing that 80 characters do not.
    text(MAX.min(80)).prop_map(|text| SetString::new(&text).unwrap())
}

pub(crate) fn url() -> impl Strategy<Value = Url> {
    visible(80).prop_map(|text| Url::new(&text).unwrap())
}

pub(crate) fn language() -> impl Strategy<Value = Language> {
    visible(35).prop_map(|text| Language::new(&text).unwrap())
}

pub(crate) fn rrpid() -> impl Strategy<Value = Rrpid> {
    any::<[u8; 20]>().prop_map(Rrpid::new)
}

pub(crate) fn challenge() -> impl Strategy<Value = Challenge> {
    any::<[u8; 20]>().prop_map(Challenge::new)
}

pub(crate) fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 20]>().prop_map(Nonce::new)
}

pub(crate) fn local_id() -> impl Strategy<Value = LocalId> {
    prop::collection::vec(any::<u8>(), 1..=20).prop_map(|octets| LocalId::new(&octets).unwrap())
}

pub(crate) fn secret() -> impl Strategy<Value = Secret> {
    let octets = |length| prop::collection::vec(any::<u8>(), length..=length);
    prop_oneof![octets(20), octets(32)].prop_map(|octets| Secret::new(&octets).unwrap())
}

pub(crate) fn date() -> impl Strategy<Value = Date> {
    // To the end of 9999, where GeneralizedTime ends.
    (0..253_402_300_800_u64).prop_map(|secs| Date::from(UnixTime::from_secs(secs)))
}

pub(crate) fn suite() -> impl Strategy<Value = Suite> {
    prop_oneof![Just(Suite::Modern), Just(Suite::Set1997)]
}

pub(crate) fn request_type() -> impl Strategy<Value = RequestType> {
    prop::sample::select(RequestType::ALL)
}

pub(crate) fn oid() -> impl Strategy<Value = ObjectIdentifier> {
    prop::sample::select(vec![
        "2.23.42.2.0",
        "2.23.42.7.1",
        "1.2.840.113549.1.1.6",
        "1.3.6.1.4.1.99999.7",
    ])
    .prop_map(ObjectIdentifier::new_unwrap)
}

pub(crate) fn cert_thumb() -> impl Strategy<Value = CertThumb> {
    (suite(), any::<[u8; 32]>()).prop_map(|(suite, digest)| {
        CertThumb::new(suite, digest.get(..suite.digest_len()).unwrap()).unwrap()
    })
}

pub(crate) fn thumbs() -> impl Strategy<Value = Thumbs> {
    (suite(), digests(), digests(), digests()).prop_map(|(suite, cert, crl, bci)| Thumbs {
        cert_thumbs: cert,
        crl_thumbs: crl,
        brand_crl_id_thumbs: bci,
        ..Thumbs::empty(suite)
    })
}

fn digests() -> impl Strategy<Value = Option<Vec<Digest>>> {
    let digest =
        prop::collection::vec(any::<u8>(), 1..=64).prop_map(|octets| Digest::new(&octets).unwrap());
    option::of(prop::collection::vec(digest, 0..4))
}

/// Any SEQUENCE stands for a BCI here: its own decoder reads it, not the message's.
pub(crate) fn bci() -> impl Strategy<Value = BrandCrlIdentifierOctets> {
    sequence().prop_map(|der| BrandCrlIdentifierOctets::new(der).unwrap())
}

/// A SEQUENCE with anything in it.
pub(crate) fn sequence() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..100).prop_map(|content| {
        let octets = [&[0x04, u8::try_from(content.len()).unwrap()], content.as_slice()].concat();
        [&[0x30, u8::try_from(octets.len()).unwrap()], octets.as_slice()].concat()
    })
}

pub(crate) fn id_data() -> impl Strategy<Value = IdData> {
    let merchant = (digits(6), set_string()).prop_map(|(bin, merchant_id)| {
        let merchant_bin = Bin::new(&bin).unwrap();
        IdData::Merchant(MerchantAcquirerId { merchant_bin, merchant_id })
    });
    let acquirer = (digits(6), option::of(digits(32))).prop_map(|(bin, business)| {
        IdData::Acquirer(AcquirerId {
            acquirer_bin: Bin::new(&bin).unwrap(),
            acquirer_business_id: business.map(|id| NumericString::new(&id).unwrap()),
        })
    });
    prop_oneof![merchant, acquirer]
}

pub(crate) fn back_key() -> impl Strategy<Value = BackKeyData> {
    let parameters = prop_oneof![Just(None), Just(Some(Any::from(Null)))];
    (oid(), parameters, prop::collection::vec(any::<u8>(), 1..=32)).prop_map(
        |(oid, parameters, key)| BackKeyData {
            back_alg_id: AlgorithmIdentifierOwned { oid, parameters },
            back_key: BackKey::new(&key).unwrap(),
        },
    )
}

pub(crate) fn public_keys() -> impl Strategy<Value = PublicKeySorE> {
    let key = || SubjectPublicKeyInfoOwned::from_der(&unhex(ED25519_KEY)).unwrap();
    prop_oneof![
        Just((Some(key()), None)),
        Just((None, Some(key()))),
        Just((Some(key()), Some(key())))
    ]
    .prop_map(|(signature, encryption)| PublicKeySorE::new(signature, encryption).unwrap())
}

pub(crate) fn field_name() -> impl Strategy<Value = FieldName> {
    prop::collection::vec(set_string(), 1..4).prop_map(|labels| NonEmpty::new(labels).unwrap())
}

pub(crate) fn reg_field() -> impl Strategy<Value = RegField> {
    (
        option::of(oid()),
        field_name(),
        option::of(set_string()),
        1..=128_u16,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(field_id, field_name, field_desc, length, required, invisible)| RegField {
            field_id,
            field_name,
            field_desc,
            field_len: FieldLen::new(length).unwrap(),
            field_required: required,
            field_invisible: invisible,
        })
}

pub(crate) fn form_or_referral() -> impl Strategy<Value = RegFormOrReferral> {
    let fields = prop::collection::vec(reg_field(), 1..4).prop_map(|f| NonEmpty::new(f).unwrap());
    let template = (any::<u64>(), option::of(url()), option::of(url()), option::of(fields))
        .prop_map(|(reg_form_id, brand_logo_url, card_logo_url, reg_field_seq)| RegTemplate {
            reg_form_id,
            brand_logo_url,
            card_logo_url,
            reg_field_seq,
        });
    let form = (option::of(template), text(200)).prop_map(|(reg_template, policy)| {
        let policy = PolicyText::new(&policy).unwrap();
        RegFormOrReferral::Form(RegFormData { reg_template, policy })
    });
    let urls = prop::collection::vec(url(), 1..4).prop_map(|urls| NonEmpty::new(urls).unwrap());
    let referral =
        (option::of(set_string()), option::of(urls)).prop_map(|(reason, referral_url_seq)| {
            RegFormOrReferral::Referral(ReferralData { reason, referral_url_seq })
        });
    prop_oneof![form, referral]
}

pub(crate) fn reg_form() -> impl Strategy<Value = NonEmpty<RegFormItem, { bounds::UB_FIELD_LIST }>>
{
    let octets = prop::collection::vec(any::<u8>(), 1..=128);
    let value = prop_oneof![
        text(128).prop_map(|text| FieldValue::text(&text).unwrap()),
        octets.prop_map(|octets| FieldValue::from_der(&tlv(&[0x04], &[&octets])).unwrap())
    ];
    let item = (field_name(), value)
        .prop_map(|(field_name, field_value)| RegFormItem { field_name, field_value });
    prop::collection::vec(item, 1..4).prop_map(|items| NonEmpty::new(items).unwrap())
}

pub(crate) fn cert_status() -> impl Strategy<Value = CertStatus> {
    let ca_msg =
        (
            option::of(url()),
            option::of(url()),
            option::of((1..=999_u16).prop_map(|number| Currency::new(number).unwrap())),
            option::of(set_string()),
        )
            .prop_map(|(card_logo_url, brand_logo_url, card_currency, cardholder_msg)| {
                CaMsg { card_logo_url, brand_logo_url, card_currency, cardholder_msg }
            });
    let failed = (0..=50_u16, set_string()).prop_map(|(number, item_reason)| FailedItem {
        item_number: ItemNumber::new(number).unwrap(),
        item_reason,
    });
    let failed = prop::collection::vec(failed, 1..4).prop_map(|f| NonEmpty::new(f).unwrap());
    (
        prop::sample::select(CertStatusCode::ALL),
        option::of(secret()),
        option::of(set_string()),
        option::of(ca_msg),
        option::of(failed),
    )
        .prop_map(|(cert_status_code, nonce_cca, ee_message, ca_msg, failed_item_seq)| {
            CertStatus { cert_status_code, nonce_cca, ee_message, ca_msg, failed_item_seq }
        })
}

pub(crate) fn header() -> impl Strategy<Value = MessageHeader> {
    let xid = any::<[u8; 20]>().prop_map(Xid::new);
    let ids = (option::of(local_id()), option::of(local_id()), option::of(xid))
        .prop_map(|(lid_c, lid_m, xid)| MessageIds { lid_c, lid_m, xid });
    (any::<i32>(), any::<i32>(), date(), option::of(ids), option::of(rrpid()), visible(256))
        .prop_map(|(version, revision, date, message_ids, rrpid, software)| MessageHeader {
            version,
            revision,
            date,
            message_ids,
            rrpid,
            sw_ident: SwIdent::new(&software).unwrap(),
        })
}

/// SubjectPublicKeyInfo of Ed25519 (RFC 8410 §10.1).
const ED25519_KEY: &str =
    "302a300506032b6570032100 19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
