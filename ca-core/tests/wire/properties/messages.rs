//! Arbitrary messages.

use ca_core::wire::*;
use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use proptest::option;
use proptest::prelude::*;
use x509_cert::ext::Extension;

use super::values::*;

pub(crate) fn card_c_init_req() -> impl Strategy<Value = CardCInitReq> {
    (rrpid(), local_id(), challenge(), brand(), option::of(thumbs())).prop_map(
        |(rrpid, lid_ee, chall_ee, brand_id, thumbs)| CardCInitReq {
            rrpid,
            lid_ee,
            chall_ee,
            brand_id,
            thumbs,
        },
    )
}

pub(crate) fn card_c_init_res_tbs() -> impl Strategy<Value = CardCInitResTbs> {
    let labels = (rrpid(), local_id(), challenge(), option::of(local_id()));
    (labels, cert_thumb(), option::of(bci()), option::of(thumbs())).prop_map(
        |((rrpid, lid_ee, chall_ee, lid_ca), cae_thumb, brand_crl_identifier, thumbs)| {
            CardCInitResTbs {
                rrpid,
                lid_ee,
                chall_ee,
                lid_ca,
                cae_thumb,
                brand_crl_identifier,
                thumbs,
            }
        },
    )
}

pub(crate) fn me_aq_c_init_req() -> impl Strategy<Value = MeAqCInitReq> {
    let labels = (rrpid(), local_id(), challenge());
    (labels, request_type(), id_data(), brand(), language(), option::of(thumbs())).prop_map(
        |((rrpid, lid_ee, chall_ee), request_type, id_data, brand_id, language, thumbs)| {
            MeAqCInitReq {
                rrpid,
                lid_ee,
                chall_ee,
                request_type,
                id_data,
                brand_id,
                language,
                thumbs,
            }
        },
    )
}

pub(crate) fn me_aq_c_init_res_tbs() -> impl Strategy<Value = MeAqCInitResTbs> {
    let labels = (rrpid(), local_id(), challenge(), option::of(local_id()), challenge());
    let form = (request_type(), form_or_referral(), option::of(reg_field()));
    let rest = (option::of(cert_thumb()), option::of(bci()), option::of(thumbs()));
    (labels, form, rest).prop_map(|(labels, form, rest)| MeAqCInitResTbs {
        rrpid: labels.0,
        lid_ee: labels.1,
        chall_ee: labels.2,
        lid_ca: labels.3,
        chall_ca: labels.4,
        request_type: form.0,
        reg_form_or_referral: form.1,
        acct_data_field: form.2,
        cae_thumb: rest.0,
        brand_crl_identifier: rest.1,
        thumbs: rest.2,
    })
}

pub(crate) fn reg_form_req_data() -> impl Strategy<Value = RegFormReqData> {
    let labels = (rrpid(), local_id(), challenge(), option::of(local_id()));
    (labels, request_type(), language(), option::of(thumbs())).prop_map(
        |((rrpid, lid_ee, chall_ee2, lid_ca), request_type, language, thumbs)| RegFormReqData {
            rrpid,
            lid_ee,
            chall_ee2,
            lid_ca,
            request_type,
            language,
            thumbs,
        },
    )
}

pub(crate) fn reg_form_res_tbs() -> impl Strategy<Value = RegFormResTbs> {
    let labels = (rrpid(), local_id(), challenge(), option::of(local_id()), challenge());
    let rest = (option::of(cert_thumb()), option::of(bci()), option::of(thumbs()));
    (labels, request_type(), form_or_referral(), rest).prop_map(
        |(labels, request_type, form_or_referral, rest)| RegFormResTbs {
            rrpid: labels.0,
            lid_ee: labels.1,
            chall_ee2: labels.2,
            lid_ca: labels.3,
            chall_ca: labels.4,
            cae_thumb: rest.0,
            request_type,
            form_or_referral,
            brand_crl_identifier: rest.1,
            thumbs: rest.2,
        },
    )
}

pub(crate) fn cert_req_data() -> impl Strategy<Value = CertReqData> {
    let labels =
        (rrpid(), local_id(), challenge(), option::of(local_id()), option::of(challenge()));
    let request = (request_type(), date(), option::of(id_data()), any::<u64>());
    let rest = (
        option::of(reg_form()),
        option::of(back_key()),
        public_keys(),
        option::of(cert_thumb()),
        option::of(thumbs()),
    );
    (labels, request, rest).prop_map(|(labels, request, rest)| CertReqData {
        rrpid: labels.0,
        lid_ee: labels.1,
        chall_ee3: labels.2,
        lid_ca: labels.3,
        chall_ca: labels.4,
        request_type: request.0,
        request_date: request.1,
        id_data: request.2,
        reg_form_id: request.3,
        reg_form: rest.0,
        ca_back_key_data: rest.1,
        public_key_s_or_e: rest.2,
        ee_thumb: rest.3,
        thumbs: rest.4,
    })
}

pub(crate) fn cert_res_data() -> impl Strategy<Value = CertResData> {
    let labels = (rrpid(), local_id(), challenge(), option::of(local_id()));
    let rest = (option::of(thumbs()), option::of(bci()), option::of(thumbs()));
    (labels, cert_status(), rest).prop_map(
        |((rrpid, lid_ee, chall_ee3, lid_ca), cert_status, rest)| CertResData {
            rrpid,
            lid_ee,
            chall_ee3,
            lid_ca,
            cert_status,
            cert_thumbs: rest.0,
            brand_crl_identifier: rest.1,
            thumbs: rest.2,
        },
    )
}

pub(crate) fn cert_inq_req_tbs() -> impl Strategy<Value = CertInqReqTbs> {
    (rrpid(), local_id(), challenge(), local_id()).prop_map(|(rrpid, lid_ee, chall_ee3, lid_ca)| {
        CertInqReqTbs { rrpid, lid_ee, chall_ee3, lid_ca }
    })
}

pub(crate) fn error_tbs() -> impl Strategy<Value = ErrorTbs> {
    let about = prop_oneof![
        header().prop_map(ErrorMsg::MessageHeader),
        prop::collection::vec(any::<u8>(), 0..300)
            .prop_map(|octets| ErrorMsg::BadWrapper(BadWrapper::new(&octets)))
    ];
    let code = prop::sample::select(ErrorCode::ALL);
    (code, nonce(), option::of(oid()), option::of(cert_thumb()), about).prop_map(
        |(error_code, error_nonce, error_oid, error_thumb, error_msg)| ErrorTbs {
            error_code,
            error_nonce,
            error_oid,
            error_thumb,
            error_msg,
        },
    )
}

pub(crate) fn pan_only() -> impl Strategy<Value = PanOnly> {
    (pan(), nonce()).prop_map(|(pan, ex_nonce)| PanOnly { pan, ex_nonce })
}

pub(crate) fn acct_info() -> impl Strategy<Value = AcctInfo> {
    let expiry = (0..=9999_u16, 1..=12_u8).prop_map(|(y, m)| CardExpiry::new(y, m).unwrap());
    let card =
        (pan(), expiry, secret(), nonce()).prop_map(|(pan, card_expiry, card_secret, ex_nonce)| {
            AcctInfo::PanData0(PanData0 { pan, card_expiry, card_secret, ex_nonce })
        });
    let account = (visible(74), nonce()).prop_map(|(account, ex_nonce)| {
        let acct_identification = VisibleString::new(&account).unwrap();
        AcctInfo::AcctData(AcctData { acct_identification, ex_nonce })
    });
    prop_oneof![card, account]
}

/// Every alternative that is read; what is signed or sealed is any SEQUENCE here.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    let signed = || sequence().prop_map(|der| SignedDataOctets::new(der).unwrap());
    let sealed = || sequence().prop_map(|der| EnvelopedDataOctets::new(der).unwrap());
    let encrypted = sequence().prop_map(|der| EncryptedDataOctets::new(der).unwrap());
    let cert_res =
        prop_oneof![signed().prop_map(CertRes::Signed), encrypted.prop_map(CertRes::Encrypted)]
            .boxed();
    prop_oneof![
        card_c_init_req().prop_map(Message::CardCInitReq),
        signed().prop_map(Message::CardCInitRes),
        me_aq_c_init_req().prop_map(Message::MeAqCInitReq),
        signed().prop_map(Message::MeAqCInitRes),
        sealed().prop_map(Message::RegFormReq),
        signed().prop_map(Message::RegFormRes),
        sealed().prop_map(|octets| Message::CertReq(CertReq::EncX(octets))),
        sealed().prop_map(|octets| Message::CertReq(CertReq::Enc(octets))),
        cert_res.clone().prop_map(Message::CertRes),
        signed().prop_map(Message::CertInqReq),
        cert_res.prop_map(Message::CertInqRes),
        error_tbs().prop_map(|tbs| Message::Error(ErrorMessage::Unsigned(tbs))),
        signed().prop_map(|octets| Message::Error(ErrorMessage::Signed(octets))),
    ]
}

pub(crate) fn wrapper() -> impl Strategy<Value = MessageWrapper> {
    let extension =
        (any::<bool>(), prop::collection::vec(any::<u8>(), 0..9)).prop_map(|(critical, value)| {
            Extension {
                extn_id: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1"),
                critical,
                extn_value: OctetString::new(value).unwrap(),
            }
        });
    let extensions = option::of(prop::collection::vec(extension, 1..3));
    (header(), message(), extensions).prop_map(|(header, message, extensions)| MessageWrapper {
        extensions,
        ..MessageWrapper::new(header, message.to_octets().unwrap())
    })
}

fn brand() -> impl Strategy<Value = BrandId> {
    text(40).prop_map(|text| BrandId::new(&text).unwrap())
}

fn pan() -> impl Strategy<Value = Pan> {
    (1..=19_usize).prop_flat_map(digits).prop_map(|digits| Pan::new(&digits).unwrap())
}
