//! RegFormReq and RegFormRes as octets, from the tables of `set-messages.md` §2.5 to §2.7, with
//! every OPTIONAL absent and with every OPTIONAL present.

use ca_core::hex;
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use der::Encode;

use crate::samples::*;
use crate::support::{tlv, unhex, vector};

// §2.5

fn reg_form_req(lid_ca: Option<LocalId>, thumbs: Option<Thumbs>) -> RegFormReqData {
    RegFormReqData {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee2: chall(),
        lid_ca,
        request_type: RequestType::CardRenewalSig,
        language: Language::new("en-US").unwrap(),
        thumbs,
    }
}

vector!(
    reg_form_req_least,
    RegFormReqData,
    reg_form_req(None, None),
    tlv(&[0x30], &[&rrpid_tlv(), &lid_ee_tlv(), &chall_tlv(), &unhex("0a01 0a"), b"\x1A\x05en-US"])
);

vector!(
    reg_form_req_full,
    RegFormReqData,
    reg_form_req(Some(lid_ca()), Some(thumbs())),
    tlv(
        &[0x30],
        &[
            &rrpid_tlv(),
            &lid_ee_tlv(),
            &chall_tlv(),
            &unhex("8001 ca"),
            &unhex("0a01 0a"),
            b"\x1A\x05en-US",
            &tlv(&[0xA1], &[&thumbs_tlv()]),
        ]
    )
);

// set-crypto.md §9.2: PANOnly, 42 octets.
vector!(
    pan_only,
    PanOnly,
    PanOnly {
        pan: Pan::new("4111111111111111").unwrap(),
        ex_nonce: Nonce::new(core::array::from_fn(|i| 0xC0 + u8::try_from(i).unwrap())),
    },
    unhex(
        "30281210343131313131313131313131313131310414
         c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3"
    )
);

// §2.6, §2.7

vector!(
    reg_form_res_with_a_referral_least,
    RegFormResTbs,
    RegFormResTbs {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee2: chall(),
        lid_ca: None,
        chall_ca: chall(),
        cae_thumb: None,
        request_type: RequestType::CardInitialSig,
        form_or_referral: RegFormOrReferral::Referral(ReferralData {
            reason: None,
            referral_url_seq: None,
        }),
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
            &unhex("0a01 01"),
            &unhex("a100"),
        ]
    )
);

vector!(
    reg_form_res_with_a_form_full,
    RegFormResTbs,
    RegFormResTbs {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee2: chall(),
        lid_ca: Some(lid_ca()),
        chall_ca: chall(),
        cae_thumb: Some(cert_thumb()),
        request_type: RequestType::CardInitialSig,
        form_or_referral: RegFormOrReferral::Form(RegFormData {
            reg_template: None,
            policy: text("Agree?"),
        }),
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
            &tlv(&[0xA1], &[&cert_thumb_tlv()]),
            &unhex("0a01 01"),
            b"\xA0\x08\x1A\x06Agree?",
            &tlv(&[0xA2], &[&unhex(RAW)]),
            &tlv(&[0xA3], &[&thumbs_tlv()]),
        ]
    )
);

vector!(
    referral_full,
    ReferralData,
    ReferralData {
        reason: Some(text("No")),
        referral_url_seq: Some(NonEmpty::new(vec![url("http://a"), url("http://b")]).unwrap()),
    },
    [&b"\x30\x1A\x1A\x02No\x30\x14"[..], b"\x1A\x08http://a", b"\x1A\x08http://b"].concat()
);

vector!(
    reg_template_least,
    RegTemplate,
    RegTemplate { reg_form_id: 0, brand_logo_url: None, card_logo_url: None, reg_field_seq: None },
    unhex("3003 020100")
);

vector!(
    reg_template_full,
    RegTemplate,
    RegTemplate {
        reg_form_id: 300,
        brand_logo_url: Some(url("b")),
        card_logo_url: Some(url("c")),
        reg_field_seq: Some(NonEmpty::new(vec![reg_field_least()]).unwrap()),
    },
    unhex("3015 0202012c 800162 810163 3009 3007 3005 1a03 4f7264")
);

fn reg_field_least() -> RegField {
    RegField {
        field_id: None,
        field_name: label("Ord"),
        field_desc: None,
        field_len: FieldLen::new(128).unwrap(),
        field_required: false,
        field_invisible: false,
    }
}

vector!(reg_field_defaults_are_absent, RegField, reg_field_least(), unhex("3007 3005 1a03 4f7264"));

vector!(
    reg_field_full,
    RegField,
    RegField {
        field_id: Some("2.23.42.2.0".parse().unwrap()),
        field_name: NonEmpty::new(vec![text("A"), text("Ä")]).unwrap(),
        field_desc: Some(text("D")),
        field_len: FieldLen::new(9).unwrap(),
        field_required: true,
        field_invisible: true,
    },
    unhex("301d 8004 672a0200 3007 1a0141 1e0200c4 a103 1a0144 020109 8201ff 8301ff")
);
