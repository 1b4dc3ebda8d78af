//! MessageWrapper, its header, the table of messages, and Error (`set-messages.md` §1.1, §1.2,
//! §2.13).

use ca_core::wire::bounds::{MAX_MESSAGE, UB_BAD_WRAPPER};
use ca_core::wire::*;
use ca_core::{Suite, UnixTime, hex};
use der::Encode;

use crate::support::{tlv, unhex, vector};

fn date() -> UnixTime {
    UnixTime::parse_rfc3339("1999-01-02T03:04:05Z").unwrap()
}

fn header(rrpid: Option<Rrpid>) -> MessageHeader {
    MessageHeader::new(date(), rrpid, SwIdent::new("X").unwrap())
}

/// The sample of §1.1.
fn sample_header() -> Vec<u8> {
    unhex(
        "302d 020101 180f31393939303130323033303430355a
         8114 0000000000000000000000000000000000000000 1a0158",
    )
}

vector!(sample_header, MessageHeader, header(Some(Rrpid::new([0; 20]))), super::sample_header());

vector!(
    header_without_rrpid,
    MessageHeader,
    header(None),
    unhex("3017 020101 180f31393939303130323033303430355a 1a0158")
);

vector!(
    header_with_everything,
    MessageHeader,
    MessageHeader {
        version: 2,
        revision: 3,
        message_ids: Some(MessageIds {
            lid_c: Some(LocalId::new(&[1]).unwrap()),
            lid_m: Some(LocalId::new(&[2]).unwrap()),
            xid: Some(Xid::new([3; 20])),
        }),
        ..header(Some(Rrpid::new([0; 20])))
    },
    tlv(
        &[0x30],
        &[
            &unhex("020102 020103 180f31393939303130323033303430355a a01c 800101 810102 8214"),
            &[3; 20],
            &unhex("8114"),
            &[0; 20],
            &unhex("1a0158"),
        ]
    )
);

/// A wrapper around the octets of one Message alternative.
fn wrapper(alternative: &[u8]) -> Vec<u8> {
    tlv(&[0x30], &[&sample_header(), &tlv(&[0xA0], &[alternative])])
}

/// The least CardCInitReq of §2.1 as alternative 22.
fn card_c_init_req() -> Vec<u8> {
    unhex(
        "b639 3037
         0414 1111111111111111111111111111111111111111
         0402 0102
         0414 2222222222222222222222222222222222222222
         1a05 4272616e64",
    )
}

fn opened(alternative: &[u8]) -> Result<Message, DecodeError> {
    Message::from_wrapper(&MessageWrapper::from_der(&wrapper(alternative)).unwrap())
}

#[test]
fn wrapper_gives_header_and_message_octets_without_opening_the_message() {
    let rubbish = unhex("b602 ffff");
    let wrapper = MessageWrapper::from_der(&wrapper(&rubbish)).unwrap();
    assert_eq!(wrapper.header.version, 1);
    assert_eq!(wrapper.header.rrpid, Some(Rrpid::new([0; 20])));
    assert_eq!(wrapper.message.alternative(), tags::CARD_C_INIT_REQ);
    assert_eq!(wrapper.message.as_der(), rubbish);
}

#[test]
fn wrapper_is_built_octet_for_octet() {
    let request = CardCInitReq {
        rrpid: Rrpid::new([0x11; 20]),
        lid_ee: LocalId::new(&[1, 2]).unwrap(),
        chall_ee: Challenge::new([0x22; 20]),
        brand_id: BrandId::new("Brand").unwrap(),
        thumbs: None,
    };
    let message = Message::CardCInitReq(request).to_octets().unwrap();
    let built = MessageWrapper::new(header(Some(Rrpid::new([0; 20]))), message);
    assert_eq!(hex(&built.to_der().unwrap()), hex(&wrapper(&card_c_init_req())));
}

#[test]
fn every_truncation_of_a_wrapper_is_refused() {
    let octets = wrapper(&card_c_init_req());
    for end in 0..octets.len() {
        assert!(MessageWrapper::from_der(&octets[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn octets_after_a_wrapper_are_refused() {
    let octets = [wrapper(&card_c_init_req()), vec![0]].concat();
    assert!(MessageWrapper::from_der(&octets).is_err());
}

#[test]
fn octets_after_the_message_inside_its_tag_are_refused() {
    let two = [card_c_init_req(), card_c_init_req()].concat();
    assert!(MessageWrapper::from_der(&wrapper(&two)).is_err(), "two alternatives");
    let longer = tlv(&[0xB6], &[&card_c_init_req()[2..], &[0x05, 0x00]]);
    assert!(opened(&longer).is_err(), "a NULL after CardCInitReq");
}

#[test]
fn a_message_that_is_no_explicit_alternative_is_refused() {
    assert!(MessageWrapper::from_der(&wrapper(&unhex("3000"))).is_err(), "universal");
    assert!(MessageWrapper::from_der(&wrapper(&unhex("960100"))).is_err(), "primitive");
    assert!(MessageWrapper::from_der(&wrapper(&[])).is_err(), "nothing");
}

#[test]
fn a_wrapper_beyond_128_kib_is_too_long() {
    let error = MessageWrapper::from_der(&vec![0x30; MAX_MESSAGE + 1]).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::TooLong);
    let body = vec![0; MAX_MESSAGE - wrapper(&tlv(&[0xBA], &[&[0; 70_000]])).len() + 70_000];
    assert_eq!(wrapper(&tlv(&[0xBA], &[&body])).len(), MAX_MESSAGE);
    assert!(MessageWrapper::from_der(&wrapper(&tlv(&[0xBA], &[&body]))).is_ok());
}

#[test]
fn revision_zero_written_out_is_refused() {
    let header = unhex("301a 020101 020100 180f31393939303130323033303430355a 1a0158");
    let error = decode::<MessageHeader>(&header, MAX_MESSAGE).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::NotCanonical);
}

#[test]
fn critical_false_written_out_is_refused() {
    let octets = with_extension("a10d 300b 0603 672a01 010100 0401 00");
    let error = MessageWrapper::from_der(&octets).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::NotCanonical);
}

/// A wrapper with these mwExtensions.
fn with_extension(extensions: &str) -> Vec<u8> {
    let message = tlv(&[0xA0], &[&card_c_init_req()]);
    tlv(&[0x30], &[&sample_header(), &message, &unhex(extensions)])
}

#[test]
fn only_a_critical_extension_stops_a_wrapper() {
    let octets = with_extension("a10a 3008 0603 672a01 0401 00");
    let wrapper = MessageWrapper::from_der(&octets).unwrap();
    assert_eq!(wrapper.extensions.as_ref().unwrap().len(), 1);
    assert_eq!(wrapper.unknown_critical_extension(), None);
    assert_eq!(wrapper.to_der().unwrap(), octets);

    let octets = with_extension("a10d 300b 0603 672a01 0101ff 0401 00");
    let wrapper = MessageWrapper::from_der(&octets).unwrap();
    let critical = wrapper.unknown_critical_extension().unwrap();
    assert_eq!(critical.extn_id.to_string(), "2.23.42.1");
}

#[test]
fn each_alternative_opens_as_its_type() {
    let raw = unhex("3003 020105");
    let signed = SignedDataOctets::new(raw.clone()).unwrap();
    let enveloped = EnvelopedDataOctets::new(raw.clone()).unwrap();
    let encrypted = EncryptedDataOctets::new(raw.clone()).unwrap();
    let choice = |identifier| tlv(&[identifier], &[&raw]);
    for (octets, message) in [
        (tlv(&[0xB7], &[&raw]), Message::CardCInitRes(signed.clone())),
        (tlv(&[0xB9], &[&raw]), Message::MeAqCInitRes(signed.clone())),
        (tlv(&[0xBA], &[&raw]), Message::RegFormReq(enveloped.clone())),
        (tlv(&[0xBB], &[&raw]), Message::RegFormRes(signed.clone())),
        (tlv(&[0xBC], &[&choice(0xA0)]), Message::CertReq(CertReq::EncX(enveloped.clone()))),
        (tlv(&[0xBC], &[&choice(0xA1)]), Message::CertReq(CertReq::Enc(enveloped))),
        (tlv(&[0xBD], &[&choice(0xA1)]), Message::CertRes(CertRes::Encrypted(encrypted.clone()))),
        (tlv(&[0xBE], &[&raw]), Message::CertInqReq(signed.clone())),
        (
            tlv(&[0xBF, 0x1F], &[&choice(0xA0)]),
            Message::CertInqRes(CertRes::Signed(signed.clone())),
        ),
        (tlv(&[0xBF, 0x1F], &[&choice(0xA1)]), Message::CertInqRes(CertRes::Encrypted(encrypted))),
        (tlv(&[0xBF, 0x87, 0x67], &[&choice(0xA0)]), Message::Error(ErrorMessage::Signed(signed))),
    ] {
        assert_eq!(hex(message.to_octets().unwrap().as_der()), hex(&octets));
        assert_eq!(opened(&octets).unwrap(), message);
    }
    assert!(matches!(opened(&card_c_init_req()).unwrap(), Message::CardCInitReq(_)));
}

#[test]
fn messages_of_set_that_are_not_read_are_told_from_unknown_numbers() {
    for identifier in [&[0xA0][..], &[0xA1], &[0xAA], &[0xB5]] {
        let message = opened(&tlv(identifier, &[&[0x30, 0x00]])).unwrap();
        assert!(matches!(message, Message::Unserved(_)), "{identifier:02x?}");
    }
    for identifier in [&[0xBF, 0x20][..], &[0xBF, 0x87, 0x66], &[0xBF, 0x87, 0x68]] {
        let message = opened(&tlv(identifier, &[&[0x30, 0x00]])).unwrap();
        assert!(matches!(message, Message::Unknown(_)), "{identifier:02x?}");
    }
}

#[test]
fn a_tag_number_in_a_longer_form_than_needed_is_refused() {
    assert!(MessageWrapper::from_der(&wrapper(&unhex("bf16 00"))).is_err(), "22 in long form");
    assert!(MessageWrapper::from_der(&wrapper(&unhex("bf808767 00"))).is_err(), "leading zero");
}

#[test]
fn the_offset_of_an_error_counts_from_the_message() {
    let mut octets = card_c_init_req();
    // The tag of brandID, an octet string instead of a character string.
    let brand = octets.len() - 7;
    octets[brand] = 0x04;
    let error = opened(&octets).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::Malformed);
    assert!((brand..octets.len()).contains(&error.offset), "{error}");
}

#[test]
fn no_change_of_one_octet_makes_the_decoder_panic() {
    let good = wrapper(&card_c_init_req());
    let mut accepted = 0;
    for position in 0..good.len() {
        for octet in 0..=u8::MAX {
            let mut octets = good.clone();
            octets[position] = octet;
            let Ok(wrapper) = MessageWrapper::from_der(&octets) else { continue };
            accepted += usize::from(Message::from_wrapper(&wrapper).is_ok());
        }
    }
    // Nonces, labels and text may change, the structure may not.
    assert!(accepted > good.len() && accepted < good.len() * 200, "{accepted}");
}

// §2.13

fn error_tbs(error_msg: ErrorMsg) -> ErrorTbs {
    ErrorTbs {
        error_code: ErrorCode::UnknownRrpid,
        error_nonce: Nonce::new([0x33; 20]),
        error_oid: None,
        error_thumb: None,
        error_msg,
    }
}

vector!(
    unsigned_error_about_a_header,
    ErrorMessage,
    ErrorMessage::Unsigned(error_tbs(ErrorMsg::MessageHeader(header(Some(Rrpid::new([0; 20])))))),
    tlv(
        &[0xA1],
        &[&tlv(
            &[0x30],
            &[
                &unhex("0a01 13 0414"),
                &[0x33; 20],
                &tlv(&[0xA2], &[&tlv(&[0xA0], &[&super::sample_header()])]),
            ]
        )]
    )
);

vector!(
    unsigned_error_with_everything,
    ErrorMessage,
    ErrorMessage::Unsigned(ErrorTbs {
        error_oid: Some("2.23.42.1".parse().unwrap()),
        error_thumb: Some(CertThumb::new(Suite::Set1997, &[0xBB; 20]).unwrap()),
        ..error_tbs(ErrorMsg::BadWrapper(BadWrapper::new(b"??")))
    }),
    tlv(
        &[0xA1],
        &[&tlv(
            &[0x30],
            &[
                &unhex("0a01 13 0414"),
                &[0x33; 20],
                &unhex("8003 672a01"),
                &unhex("a123 3021 3009 0605 2b0e03021a 0500 0414"),
                &[0xBB; 20],
                &unhex("a204 8102 3f3f"),
            ]
        )]
    )
);

#[test]
fn error_has_the_tag_999() {
    let error = ErrorMessage::Unsigned(error_tbs(ErrorMsg::BadWrapper(BadWrapper::new(b"?"))));
    let octets = Message::Error(error).to_octets().unwrap();
    assert_eq!(octets.as_der().get(..3), Some(&[0xBF, 0x87, 0x67][..]));
    assert_eq!(octets.alternative(), 999);
}

#[test]
fn a_bad_wrapper_is_sent_back_up_to_its_bound() {
    assert_eq!(BadWrapper::new(&[1; UB_BAD_WRAPPER + 1]).as_bytes(), [1; UB_BAD_WRAPPER]);
    let longer = tlv(&[0x81], &[&[1; UB_BAD_WRAPPER + 1]]);
    assert!(decode::<ErrorMsg>(&longer, MAX_MESSAGE).is_err());
    let longest = tlv(&[0x81], &[&[1; UB_BAD_WRAPPER]]);
    assert!(decode::<ErrorMsg>(&longest, MAX_MESSAGE).is_ok());
}
