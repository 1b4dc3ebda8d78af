//! CardCInitReq and CardCInitRes as octets, from the tables of `set-messages.md` §2.1 and §2.2,
//! with every OPTIONAL absent and with every OPTIONAL present.

use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use ca_core::{Suite, hex};
use der::Encode;

use crate::samples::*;
use crate::support::{tlv, unhex, vector};

fn card_c_init_req(thumbs: Option<Thumbs>) -> CardCInitReq {
    CardCInitReq {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee: chall(),
        brand_id: text("Brand"),
        thumbs,
    }
}

vector!(
    card_c_init_req_least,
    CardCInitReq,
    card_c_init_req(None),
    unhex(
        "3037
         0414 1111111111111111111111111111111111111111
         0402 0102
         0414 2222222222222222222222222222222222222222
         1a05 4272616e64"
    )
);

vector!(
    card_c_init_req_full,
    CardCInitReq,
    card_c_init_req(Some(thumbs())),
    unhex(
        "306e
         0414 1111111111111111111111111111111111111111
         0402 0102
         0414 2222222222222222222222222222222222222222
         1a05 4272616e64
         a035 3033
              300b 0609 608648016503040201
              a024 3022
                   0420 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    )
);

vector!(
    thumbs_of_all_kinds_in_sha_1,
    Thumbs,
    {
        let digests = |octet| Some(vec![Digest::new(&[octet; 20]).unwrap()]);
        Thumbs {
            cert_thumbs: digests(1),
            crl_thumbs: digests(2),
            brand_crl_id_thumbs: digests(3),
            ..Thumbs::empty(Suite::Set1997)
        }
    },
    unhex(
        "3059
         3009 0605 2b0e03021a 0500
         a018 3016 0414 0101010101010101010101010101010101010101
         a118 3016 0414 0202020202020202020202020202020202020202
         a218 3016 0414 0303030303030303030303030303030303030303"
    )
);

// §2.2

vector!(
    card_c_init_res_least,
    CardCInitResTbs,
    CardCInitResTbs {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee: chall(),
        lid_ca: None,
        cae_thumb: cert_thumb(),
        brand_crl_identifier: None,
        thumbs: None,
    },
    tlv(&[0x30], &[&rrpid_tlv(), &lid_ee_tlv(), &chall_tlv(), &tlv(&[0xA0], &[&cert_thumb_tlv()])])
);

vector!(
    card_c_init_res_full,
    CardCInitResTbs,
    CardCInitResTbs {
        rrpid: rrpid(),
        lid_ee: lid_ee(),
        chall_ee: chall(),
        lid_ca: Some(lid_ca()),
        cae_thumb: cert_thumb(),
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
            &tlv(&[0xA0], &[&cert_thumb_tlv()]),
            &tlv(&[0xA1], &[&unhex(RAW)]),
            &tlv(&[0xA2], &[&thumbs_tlv()]),
        ]
    )
);
