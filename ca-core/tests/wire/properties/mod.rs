//! Whatever a message holds, each optional field present or absent, it comes back as it was;
//! whatever octets come, nothing panics.

mod messages;
mod values;

use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use der::{Decode, Encode};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1997),
        ..ProptestConfig::default()
    }
}

/// Encoded and decoded it is what it was.
fn comes_back<T>(value: &T) -> Result<(), TestCaseError>
where
    T: for<'a> Decode<'a, Error = der::Error> + Encode + PartialEq,
{
    let octets = value.to_der().map_err(|error| TestCaseError::fail(error.to_string()))?;
    let decoded = decode::<T>(&octets, MAX_MESSAGE);
    prop_assert!(decoded.is_ok_and(|decoded| decoded == *value), "{octets:02x?}");
    Ok(())
}

macro_rules! each_comes_back {
    ($($name:ident = $strategy:expr;)*) => {
        proptest! {
            #![proptest_config(config())]
            $(
                #[test]
                fn $name(value in $strategy) {
                    comes_back(&value)?;
                }
            )*
        }
    };
}

each_comes_back! {
    card_c_init_req_comes_back = messages::card_c_init_req();
    card_c_init_res_tbs_comes_back = messages::card_c_init_res_tbs();
    me_aq_c_init_req_comes_back = messages::me_aq_c_init_req();
    me_aq_c_init_res_tbs_comes_back = messages::me_aq_c_init_res_tbs();
    reg_form_req_data_comes_back = messages::reg_form_req_data();
    reg_form_res_tbs_comes_back = messages::reg_form_res_tbs();
    cert_req_data_comes_back = messages::cert_req_data();
    cert_res_data_comes_back = messages::cert_res_data();
    cert_inq_req_tbs_comes_back = messages::cert_inq_req_tbs();
    error_tbs_comes_back = messages::error_tbs();
    pan_only_comes_back = messages::pan_only();
    acct_info_comes_back = messages::acct_info();
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn message_wrapper_comes_back(wrapper in messages::wrapper()) {
        let octets = wrapper.to_der().unwrap();
        prop_assert_eq!(MessageWrapper::from_der(&octets).unwrap(), wrapper);
    }

    #[test]
    fn every_message_comes_back_out_of_its_wrapper(message in messages::message()) {
        let octets = message.to_octets().unwrap();
        let header = MessageHeader::new(
            ca_core::UnixTime::from_secs(0), None, SwIdent::new("X").unwrap());
        let wrapper = MessageWrapper::new(header, octets);
        let wrapper = MessageWrapper::from_der(&wrapper.to_der().unwrap()).unwrap();
        prop_assert_eq!(Message::from_wrapper(&wrapper).unwrap(), message);
    }

    #[test]
    fn spliced_octets_do_not_panic(
        request in messages::cert_req_data(),
        position in any::<prop::sample::Index>(),
        splice in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut octets = request.to_der().unwrap();
        let start = position.index(octets.len());
        let end = octets.len().min(start + 4);
        octets.splice(start..end, splice);
        if let Ok(other) = decode::<CertReqData>(&octets, MAX_MESSAGE) {
            prop_assert_eq!(other.to_der().unwrap(), octets);
        }
    }
}
