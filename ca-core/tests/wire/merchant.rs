//! Me-AqCInitReq, Me-AqCInitRes and CertInqReq as octets, from the tables of `set-messages.md`
//! §2.3, §2.4 and §2.12, with every OPTIONAL absent and with every OPTIONAL present.

use ca_core::hex;
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use der::Encode;

use crate::samples::*;
use crate::support::{tlv, unhex, vector};

fn merchant() -> IdData {
    IdData::Merchant(MerchantAcquirerId {
        merchant_bin: Bin::new("411111").unwrap(),
        merchant_id: text("M1"),
    })
}

fn gateway(business: Option<&str>) -> IdData {
    IdData::Acquirer(AcquirerId {
        acquirer_bin: Bin::new("411111").unwrap(),
        acquirer_business_id: business.map(|id| NumericString::new(id).unwrap()),
    })
}

fn me_aq_c_init_req(
    request_type: RequestType,
    id_data: IdData,
    thumbs: Option<Thumbs>,
) -> MeAqCInitReq {
    MeAqCInitReq {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee: chall(),
        request_type,
        id_data,
        brand_id: text("Brand"),
        language: Language::new("en-US").unwrap(),
        thumbs,
    }
}

// §3.2: `A0 len 12 06 <BIN> 1A <id>`.
vector!(
    merchant_makes_contact_least,
    MeAqCInitReq,
    me_aq_c_init_req(RequestType::MerInitialBoth, merchant(), None),
    unhex(
        "304f
         0414 1111111111111111111111111111111111111111
         0402 0102
         0414 2222222222222222222222222222222222222222
         0a01 06
         a00c 1206 343131313131 1a02 4d31
         1a05 4272616e64
         1a05 656e2d5553"
    )
);

vector!(
    gateway_makes_contact_full,
    MeAqCInitReq,
    me_aq_c_init_req(RequestType::PgwyRenewalEnc, gateway(Some("12345")), Some(thumbs())),
    tlv(
        &[0x30],
        &[
            &rrpid_tlv(),
            &lid_ee_tlv(),
            &chall_tlv(),
            &unhex("0a01 11"),
            &unhex("a10f 1206 343131313131 1205 3132333435"),
            b"\x1A\x05Brand",
            b"\x1A\x05en-US",
            &tlv(&[0xA0], &[&thumbs_tlv()]),
        ]
    )
);

vector!(acquirer_without_a_business_number, IdData, gateway(None), unhex("a108 1206 343131313131"));

// §2.4

fn referral() -> RegFormOrReferral {
    RegFormOrReferral::Referral(ReferralData { reason: None, referral_url_seq: None })
}

vector!(
    me_aq_c_init_res_least,
    MeAqCInitResTbs,
    MeAqCInitResTbs {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee: chall(),
        lid_ca: None,
        chall_ca: chall(),
        request_type: RequestType::MerInitialSig,
        reg_form_or_referral: referral(),
        acct_data_field: None,
        cae_thumb: None,
        brand_crl_identifier: None,
        thumbs: None,
    },
    tlv(
        &[0x30],
        &[
            &rrpid_tlv(),
            &lid_ee_tlv(),
            &chall_tlv(),
            &chall_tlv(),
            &unhex("0a01 04"),
            &unhex("a100"),
        ]
    )
);

vector!(
    me_aq_c_init_res_full,
    MeAqCInitResTbs,
    MeAqCInitResTbs {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee: chall(),
        lid_ca: Some(lid_ca()),
        chall_ca: chall(),
        request_type: RequestType::MerInitialSig,
        reg_form_or_referral: RegFormOrReferral::Form(RegFormData {
            reg_template: None,
            policy: text("Agree?"),
        }),
        acct_data_field: Some(RegField {
            field_id: None,
            field_name: label("IBAN"),
            field_desc: None,
            field_len: FieldLen::new(66).unwrap(),
            field_required: true,
            field_invisible: false,
        }),
        cae_thumb: Some(cert_thumb()),
        brand_crl_identifier: Some(bci()),
        thumbs: Some(thumbs()),
    },
    tlv(
        &[0x30],
        &[
            &rrpid_tlv(),
            &lid_ee_tlv(),
            &chall_tlv(),
            &unhex("8001 ca"),
            &chall_tlv(),
            &unhex("0a01 04"),
            &tlv(&[0xA0], &[b"\x1A\x06Agree?"]),
            // RegField under [1] IMPLICIT: fieldName, fieldLen, fieldRequired.
            &tlv(&[0xA1], &[&tlv(&[0x30], &[b"\x1A\x04IBAN"]), &unhex("020142"), &unhex("8201ff")]),
            &tlv(&[0xA2], &[&cert_thumb_tlv()]),
            &tlv(&[0xA3], &[&unhex(RAW)]),
            &tlv(&[0xA4], &[&thumbs_tlv()]),
        ]
    )
);

// §2.12

vector!(
    cert_inq_req,
    CertInqReqTbs,
    CertInqReqTbs { rrpid: rrpid(), lid_ee: lid_ee(), chall_ee3: chall(), lid_ca: lid_ca() },
    unhex(
        "3033
         0414 1111111111111111111111111111111111111111
         0402 0102
         0414 2222222222222222222222222222222222222222
         0401 ca"
    )
);

#[test]
fn a_reserved_request_type_does_not_decode() {
    let good = me_aq_c_init_req(RequestType::MerInitialBoth, merchant(), None).to_der().unwrap();
    let at = good.windows(3).position(|three| three == [0x0A, 1, 6]).unwrap() + 2;
    for reserved in [0, 2, 3, 11, 12, 19] {
        let mut octets = good.clone();
        octets[at] = reserved;
        assert!(decode::<MeAqCInitReq>(&octets, MAX_MESSAGE).is_err(), "type {reserved}");
    }
}
