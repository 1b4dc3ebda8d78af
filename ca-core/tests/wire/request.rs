//! CertReq and what is in it as octets, from the tables of `set-messages.md` §2.8 and §2.9, with
//! every OPTIONAL absent and with every OPTIONAL present.

use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use ca_core::{UnixTime, hex};
use der::{Decode, Encode};

use crate::samples::*;
use crate::support::{tlv, unhex, vector};

fn public_keys(signature: bool, encryption: bool) -> PublicKeySorE {
    let key = || spki::SubjectPublicKeyInfoOwned::from_der(&spki()).unwrap();
    PublicKeySorE::new(signature.then(key), encryption.then(key)).unwrap()
}

fn request_date() -> Date {
    Date::from(UnixTime::parse_rfc3339("2026-11-22T13:00:00Z").unwrap())
}

vector!(
    cert_req_data_least,
    CertReqData,
    CertReqData {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee3: chall(),
        lid_ca: None,
        chall_ca: None,
        request_type: RequestType::PgwyRenewalBoth,
        request_date: request_date(),
        id_data: None,
        reg_form_id: 0,
        reg_form: None,
        ca_back_key_data: None,
        public_key_s_or_e: public_keys(false, true),
        ee_thumb: None,
        thumbs: None,
    },
    tlv(
        &[0x30],
        &[
            &rrpid_tlv(),
            &lid_ee_tlv(),
            &chall_tlv(),
            &unhex("0a01 12"),
            b"\x18\x0F20261122130000Z",
            &unhex("0201 00"),
            &tlv(&[0x30], &[&tlv(&[0xA1], &[&spki()])]),
        ]
    )
);

vector!(
    cert_req_data_full,
    CertReqData,
    CertReqData {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee3: chall(),
        lid_ca: Some(lid_ca()),
        chall_ca: Some(chall()),
        request_type: RequestType::MerInitialBoth,
        request_date: request_date(),
        id_data: Some(IdData::Merchant(MerchantAcquirerId {
            merchant_bin: Bin::new("411111").unwrap(),
            merchant_id: text("M1"),
        })),
        reg_form_id: 7,
        reg_form: Some(
            NonEmpty::new(vec![RegFormItem {
                field_name: label("Ord"),
                field_value: FieldValue::text("Ann").unwrap(),
            }])
            .unwrap()
        ),
        ca_back_key_data: Some(BackKeyData {
            back_alg_id: spki::AlgorithmIdentifier {
                oid: "2.16.840.1.101.3.4.1.46".parse().unwrap(),
                parameters: None,
            },
            back_key: BackKey::new(&[0xEE; 32]).unwrap(),
        }),
        public_key_s_or_e: public_keys(true, true),
        ee_thumb: Some(cert_thumb()),
        thumbs: Some(thumbs()),
    },
    tlv(
        &[0x30],
        &[
            &rrpid_tlv(),
            &lid_ee_tlv(),
            &chall_tlv(),
            &unhex("8001 ca"),
            &tlv(&[0x81], &[&[0x22; 20]]),
            &unhex("0a01 06"),
            b"\x18\x0F20261122130000Z",
            &unhex("a20e a00c 1206 343131313131 1a02 4d31"),
            &unhex("0201 07"),
            &unhex("a30e 300c 3005 1a03 4f7264 1a03 416e6e"),
            &tlv(&[0xA4], &[&unhex("302f 300b 0609 60864801650304012e 0420"), &[0xEE; 32],]),
            &tlv(&[0x30], &[&tlv(&[0xA0], &[&spki()]), &tlv(&[0xA1], &[&spki()])]),
            &tlv(&[0xA5], &[&cert_thumb_tlv()]),
            &tlv(&[0xA6], &[&thumbs_tlv()]),
        ]
    )
);

vector!(
    acquirer_without_business_number,
    IdData,
    IdData::Acquirer(AcquirerId {
        acquirer_bin: Bin::new("411111").unwrap(),
        acquirer_business_id: None,
    }),
    unhex("a108 1206 343131313131")
);

vector!(
    acquirer_with_business_number,
    IdData,
    IdData::Acquirer(AcquirerId {
        acquirer_bin: Bin::new("411111").unwrap(),
        acquirer_business_id: Some(NumericString::new("42").unwrap()),
    }),
    unhex("a10c 1206 343131313131 1202 3432")
);

vector!(
    cert_req_encx,
    CertReq,
    CertReq::EncX(EnvelopedDataOctets::new(unhex(RAW)).unwrap()),
    [&[0xA0, RAW_LENGTH][..], &unhex(RAW)].concat()
);

vector!(
    cert_req_enc,
    CertReq,
    CertReq::Enc(EnvelopedDataOctets::new(unhex(RAW)).unwrap()),
    [&[0xA1, RAW_LENGTH][..], &unhex(RAW)].concat()
);

vector!(
    acct_info_of_a_card,
    AcctInfo,
    AcctInfo::PanData0(PanData0 {
        pan: Pan::new("4111111111111111").unwrap(),
        card_expiry: CardExpiry::new(1999, 12).unwrap(),
        card_secret: Secret::new(&[0xA0; 32]).unwrap(),
        ex_nonce: nonce(),
    }),
    [
        unhex("a054 3052 1210 34313131313131313131313131313131 1206 313939393132 0420"),
        vec![0xA0; 32],
        unhex("0414"),
        vec![0xC0; 20],
    ]
    .concat()
);

vector!(
    acct_info_of_a_bank_account,
    AcctInfo,
    AcctInfo::AcctData(AcctData {
        acct_identification: VisibleString::new("IBAN").unwrap(),
        ex_nonce: nonce(),
    }),
    [unhex("a11e 301c 1a04 4942414e 0414"), vec![0xC0; 20]].concat()
);
