//! Whatever a message holds, it comes back as it was; whatever octets come, nothing panics.

use ca_core::Suite;
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use der::Encode;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1997),
        ..ProptestConfig::default()
    }
}

fn local_id() -> impl Strategy<Value = LocalId> {
    prop::collection::vec(any::<u8>(), 1..=20).prop_map(|octets| LocalId::new(&octets).unwrap())
}

fn brand() -> impl Strategy<Value = BrandId> {
    let ucs_2 = prop::char::range('\0', '\u{FFFF}');
    prop_oneof![
        prop::collection::vec(prop::char::range(' ', '~'), 1..=40),
        prop::collection::vec(ucs_2, 1..=40)
    ]
    .prop_map(|chars| BrandId::new(&chars.into_iter().collect::<String>()).unwrap())
}

fn digests() -> impl Strategy<Value = Option<Vec<Digest>>> {
    let digest =
        prop::collection::vec(any::<u8>(), 1..=64).prop_map(|octets| Digest::new(&octets).unwrap());
    prop::option::of(prop::collection::vec(digest, 0..4))
}

fn thumbs() -> impl Strategy<Value = Option<Thumbs>> {
    let suite = prop_oneof![Just(Suite::Modern), Just(Suite::Set1997)];
    let thumbs =
        (suite, digests(), digests(), digests()).prop_map(|(suite, cert, crl, bci)| Thumbs {
            cert_thumbs: cert,
            crl_thumbs: crl,
            brand_crl_id_thumbs: bci,
            ..Thumbs::empty(suite)
        });
    prop::option::of(thumbs)
}

fn card_c_init_req() -> impl Strategy<Value = CardCInitReq> {
    (any::<[u8; 20]>(), local_id(), any::<[u8; 20]>(), brand(), thumbs()).prop_map(
        |(rrpid, lid_ee, chall_ee, brand_id, thumbs)| CardCInitReq {
            rrpid: Rrpid::new(rrpid),
            lid_ee,
            chall_ee: Challenge::new(chall_ee),
            brand_id,
            thumbs,
        },
    )
}

fn reg_form_req_data() -> impl Strategy<Value = RegFormReqData> {
    let language = prop::collection::vec(prop::char::range(' ', '~'), 1..=35)
        .prop_map(|chars| Language::new(&chars.into_iter().collect::<String>()).unwrap());
    (
        any::<[u8; 20]>(),
        local_id(),
        any::<[u8; 20]>(),
        prop::option::of(local_id()),
        prop::sample::select(RequestType::ALL),
        language,
        thumbs(),
    )
        .prop_map(|(rrpid, lid_ee, chall, lid_ca, request_type, language, thumbs)| {
            RegFormReqData {
                rrpid: Rrpid::new(rrpid),
                lid_ee,
                chall_ee2: Challenge::new(chall),
                lid_ca,
                request_type,
                language,
                thumbs,
            }
        })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn card_c_init_req_comes_back(request in card_c_init_req()) {
        let octets = request.to_der().unwrap();
        prop_assert_eq!(decode::<CardCInitReq>(&octets, MAX_MESSAGE).unwrap(), request);
    }

    #[test]
    fn reg_form_req_data_comes_back(request in reg_form_req_data()) {
        let octets = request.to_der().unwrap();
        prop_assert_eq!(decode::<RegFormReqData>(&octets, MAX_MESSAGE).unwrap(), request);
    }

    #[test]
    fn spliced_octets_do_not_panic(
        request in card_c_init_req(),
        position in any::<prop::sample::Index>(),
        splice in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut octets = request.to_der().unwrap();
        let start = position.index(octets.len());
        let end = octets.len().min(start + 4);
        octets.splice(start..end, splice);
        if let Ok(other) = decode::<CardCInitReq>(&octets, MAX_MESSAGE) {
            prop_assert_eq!(other.to_der().unwrap(), octets);
        }
    }
}
