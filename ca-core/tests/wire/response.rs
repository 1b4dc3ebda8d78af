//! CertRes as octets, from the tables of `set-messages.md` §2.10 and §2.11, with every
//! OPTIONAL absent and with every OPTIONAL present.

use ca_core::hex;
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use der::Encode;

use crate::samples::*;
use crate::support::{tlv, unhex, vector};

vector!(
    cert_res_signed,
    CertRes,
    CertRes::Signed(SignedDataOctets::new(unhex(RAW)).unwrap()),
    [&[0xA0, RAW_LENGTH][..], &unhex(RAW)].concat()
);

vector!(
    cert_res_encrypted,
    CertRes,
    CertRes::Encrypted(EncryptedDataOctets::new(unhex(RAW)).unwrap()),
    [&[0xA1, RAW_LENGTH][..], &unhex(RAW)].concat()
);

vector!(
    cert_res_data_least,
    CertResData,
    CertResData {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee3: chall(),
        lid_ca: None,
        cert_status: CertStatus::new(CertStatusCode::UnableToEncryptCertRes),
        cert_thumbs: None,
        brand_crl_identifier: None,
        thumbs: None,
    },
    tlv(&[0x30], &[&rrpid_tlv(), &lid_ee_tlv(), &chall_tlv(), &unhex("3003 0a010c")])
);

vector!(
    cert_res_data_full,
    CertResData,
    CertResData {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee3: chall(),
        lid_ca: Some(lid_ca()),
        cert_status: CertStatus::new(CertStatusCode::RequestComplete),
        cert_thumbs: Some(thumbs()),
        brand_crl_identifier: Some(bci()),
        thumbs: Some(thumbs()),
    },
    tlv(
        &[0x30],
        &[
            &rrpid_tlv(),
            &lid_ee_tlv(),
            &chall_tlv(),
            &unhex("0401 ca"),
            &unhex("3003 0a0101"),
            &tlv(&[0xA0], &[&thumbs_tlv()]),
            &tlv(&[0xA1], &[&unhex(RAW)]),
            &tlv(&[0xA2], &[&thumbs_tlv()]),
        ]
    )
);

vector!(
    cert_status_full,
    CertStatus,
    CertStatus {
        cert_status_code: CertStatusCode::RegFormAnswerMalformed,
        nonce_cca: Some(Secret::new(&[0xDD; 20]).unwrap()),
        ee_message: Some(text("Hi")),
        ca_msg: Some(CaMsg {
            card_logo_url: Some(url("c")),
            brand_logo_url: Some(url("b")),
            card_currency: Some(RangedInt::new(978).unwrap()),
            cardholder_msg: Some(text("m")),
        }),
        failed_item_seq: Some(
            NonEmpty::new(vec![FailedItem {
                item_number: RangedInt::new(0).unwrap(),
                item_reason: text("r"),
            }])
            .unwrap()
        ),
    },
    [
        unhex("3038 0a010a 8014"),
        vec![0xDD; 20],
        unhex("1a02 4869 a10f 800163 810162 820203d2 a303 1a016d a208 3006 020100 1a0172"),
    ]
    .concat()
);

vector!(
    ca_msg_least,
    CaMsg,
    CaMsg { card_logo_url: None, brand_logo_url: None, card_currency: None, cardholder_msg: None },
    unhex("3000")
);
