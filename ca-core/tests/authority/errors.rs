//! Error messages: what they carry, who signs them, and what never gets one (spec
//! `set-messages.md` §2.13, §4.1).

use ca_core::authority::SetReply;
use ca_core::envelope::SignedMessage;
use ca_core::profile::KeyUse;
use ca_core::wire::bounds::{MAX_MESSAGE, UB_BAD_WRAPPER};
use ca_core::wire::{
    Date, ErrorCode, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageWrapper, Nonce, Rrpid,
};
use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use x509_cert::ext::Extension;

use crate::house::{House, house};
use crate::messages::{
    FormDraft, Heard, ca_certificate, init_req, message_of, post, wrapped, wrapper,
};

/// A good CardCInitReq.
fn good(house: &House, label: &str) -> MessageWrapper {
    let request = init_req(label, "Sample");
    let rrpid = request.rrpid;
    wrapper(&Message::CardCInitReq(request), rrpid, house.authority.now())
}

/// The Error that comes back for a changed CardCInitReq.
fn error_about(house: &House, change: impl FnOnce(&mut MessageWrapper)) -> (MessageWrapper, Heard) {
    let mut wrapper = good(house, "error");
    change(&mut wrapper);
    let answer = post(&house.authority, &wrapper.to_der().unwrap());
    (wrapper, Heard::of(&house.authority, &answer))
}

#[test]
fn an_error_about_a_readable_wrapper_has_its_header() {
    let house = house();
    let (wrapper, heard) = error_about(&house, |wrapper| wrapper.header.version = 7);
    assert_eq!(heard.error().error_msg, ErrorMsg::MessageHeader(wrapper.header));
}

#[test]
fn an_error_about_no_wrapper_has_its_first_octets_and_no_rrpid() {
    let house = house();
    for length in [0, 1, UB_BAD_WRAPPER, UB_BAD_WRAPPER + 1, MAX_MESSAGE, MAX_MESSAGE + 1] {
        let octets: Vec<u8> = (0..=250).cycle().take(length).collect();
        let answer = post(&house.authority, &octets);
        assert_eq!(MessageWrapper::from_der(&answer).unwrap().header.rrpid, None);
        let heard = Heard::of(&house.authority, &answer);
        let ErrorMsg::BadWrapper(bad) = &heard.error().error_msg else { panic!("a header") };
        assert_eq!(bad.as_bytes(), &octets[..length.min(20_000)], "{length}");
        let too_big = length > 128 * 1024;
        let code = if too_big { ErrorCode::MessageTooBig } else { ErrorCode::DecodingFailure };
        assert_eq!(heard.error().error_code, code, "{length}");
    }
}

#[test]
fn an_unknown_critical_extension_is_named_and_another_is_not_looked_at() {
    let house = house();
    let strange = ObjectIdentifier::new_unwrap("1.2.3.4");
    let extension = |critical| Extension {
        extn_id: strange,
        critical,
        extn_value: OctetString::new(*b"?").unwrap(),
    };
    let (_, heard) =
        error_about(&house, |wrapper| wrapper.extensions = Some(vec![extension(true)]));
    assert_eq!(heard.error().error_oid, Some(strange));
    let (_, heard) =
        error_about(&house, |wrapper| wrapper.extensions = Some(vec![extension(false)]));
    assert!(matches!(heard, Heard::Other));
}

#[test]
fn a_signed_error_brings_the_whole_chain_whatever_thumbs_say() {
    let house = house();
    let authority = &house.authority;
    let signer = ca_certificate(authority, "sample-cca", KeyUse::MessageSignature);
    let chain = ["root", "sample-bca", "sample-cca"]
        .map(|ca| ca_certificate(authority, ca, KeyUse::CertificateSigning));
    let mut form = FormDraft::new("chain");
    form.data.lid_ca = Some(ca_core::wire::LocalId::new(&[1; 20]).unwrap());
    let mut thumbs = ca_core::wire::Thumbs::empty(authority.suite());
    let all = chain
        .iter()
        .map(|ca| ca_core::wire::Digest::new(&ca.thumbprint(authority.suite())).unwrap());
    thumbs.cert_thumbs = Some(all.collect());
    form.data.thumbs = Some(thumbs);
    let answer = post(authority, &form.octets(authority));
    let Message::Error(ErrorMessage::Signed(octets)) = message_of(&answer) else {
        panic!("not a signed Error");
    };
    let signed = SignedMessage::decode(octets.as_der()).unwrap();
    assert!(signed.signers().eq([&ca_core::wire::pkcs7::IssuerAndSerial::of(&signer).unwrap()]));
    for certificate in chain.iter().chain([&signer]) {
        assert!(signed.certificates().any(|octets| octets == certificate.der()));
    }
    // One CRL for each CA of the brand and one for the root.
    assert_eq!(signed.crls().count(), 5);
}

#[test]
fn an_error_goes_back_under_the_rrpid_of_the_message() {
    let house = house();
    let mut wrapper = good(&house, "rrpid");
    wrapper.header.version = 0;
    let answer = post(&house.authority, &wrapper.to_der().unwrap());
    let header = MessageWrapper::from_der(&answer).unwrap().header;
    assert_eq!(header.rrpid, wrapper.header.rrpid);
}

#[test]
fn an_error_uses_up_no_rrpid() {
    let house = house();
    let wrapper = good(&house, "forged");
    let mut forged = wrapper.clone();
    forged.header.date = Date::from(house.authority.now().plus_days(1));
    assert_eq!(
        Heard::of(&house.authority, &post(&house.authority, &forged.to_der().unwrap()))
            .error()
            .error_code,
        ErrorCode::MessageTooNew
    );
    let answer = post(&house.authority, &wrapper.to_der().unwrap());
    assert!(matches!(message_of(&answer), Message::CardCInitRes(_)));
}

#[test]
fn no_two_errors_have_the_same_nonce() {
    let house = house();
    let nonce = || error_about(&house, |w| w.header.version = 0).1.error().error_nonce;
    assert_ne!(nonce(), nonce());
}

#[test]
fn an_error_is_never_answered() {
    let house = house();
    let rrpid = Rrpid::new([4; 20]);
    let tbs = ErrorTbs {
        error_code: ErrorCode::ThumbsMismatch,
        error_nonce: Nonce::new([5; 20]),
        error_oid: None,
        error_thumb: None,
        error_msg: ErrorMsg::MessageHeader(good(&house, "about").header),
    };
    let error = Message::Error(ErrorMessage::Unsigned(tbs));
    let octets = wrapped(&error, rrpid, house.authority.now());
    assert_eq!(house.authority.respond(&octets).unwrap(), SetReply::Nothing);
    // Whatever else is wrong with it.
    let mut wrapper = wrapper(&error, rrpid, house.authority.now().minus_secs(1_000_000));
    wrapper.header.version = 9;
    wrapper.message = der::Decode::from_der(&[0xbf, 0x87, 0x67, 0x02, 0x05, 0x00]).unwrap();
    let octets = wrapper.to_der().unwrap();
    assert_eq!(house.authority.respond(&octets).unwrap(), SetReply::Nothing);
}
