//! Errors that an end entity posts: taken in, never answered, and nothing else changes (spec
//! `set-messages.md` §2.13, §4.1; decisions.md 22).

use ca_core::authority::SetReply;
use ca_core::envelope::{Attachments, SignerIdentity, sign};
use ca_core::signer::{PrivateKey, SoftwareKeys};
use ca_core::store::{
    CertificateQuery, CertificateState, PeerError, Registration, RegistrationState,
};
use ca_core::wire::{
    BadWrapper, Cert, Date, ErrorCode, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageWrapper,
    Nonce, Rrpid, SignedDataOctets, oids,
};
use ca_core::{Suite, UnixTime};
use der::Encode;

use crate::house::{House, house};
use crate::messages::{Draft, FormRun, Heard, form_run, key, post, wrapped, wrapper};

/// A cardholder who has got a certificate and does not like the answer.
struct Unhappy {
    house: House,
    run: FormRun,
    answer: Vec<u8>,
    certificate: Cert,
}

impl Unhappy {
    fn new() -> Self {
        let house = house();
        let run = form_run(&house.authority, "unhappy");
        let request = Draft::new(&run, "unhappy", house.authority.now());
        let answer = post(&house.authority, &request.octets(&house.authority));
        let certificate = Heard::of(&house.authority, &answer).issued().clone();
        Self { house, run, answer, certificate }
    }

    fn now(&self) -> UnixTime {
        self.house.authority.now()
    }

    /// The rrpid of the answer.
    fn rrpid(&self) -> Rrpid {
        MessageWrapper::from_der(&self.answer).unwrap().header.rrpid.unwrap()
    }

    /// An Error about the answer.
    fn tbs(&self, error_code: ErrorCode) -> ErrorTbs {
        ErrorTbs {
            error_code,
            error_nonce: Nonce::new([5; 20]),
            error_oid: None,
            error_thumb: None,
            error_msg: ErrorMsg::MessageHeader(
                MessageWrapper::from_der(&self.answer).unwrap().header,
            ),
        }
    }

    fn unsigned(&self, error_code: ErrorCode) -> Vec<u8> {
        let error = ErrorMessage::Unsigned(self.tbs(error_code));
        wrapped(&Message::Error(error), self.rrpid(), self.now())
    }

    /// In the name of the certificate that was issued, by whatever key.
    fn signed(&self, error_code: ErrorCode, key: &PrivateKey) -> Vec<u8> {
        let identity = SignerIdentity {
            certificate: Some(&self.certificate),
            key: key.id(),
            algorithm: key.algorithm().default_signature(Suite::Modern),
        };
        let copy = PrivateKey::from_pkcs8(key.pkcs8_der()).unwrap();
        let signed = sign(
            Suite::Modern,
            oids::CT_ERROR_TBS,
            &self.tbs(error_code).to_der().unwrap(),
            true,
            &[identity],
            Attachments::default(),
            &SoftwareKeys::from_iter([copy]),
        );
        let error = ErrorMessage::Signed(SignedDataOctets::new(signed.unwrap()).unwrap());
        wrapped(&Message::Error(error), self.rrpid(), self.now())
    }

    /// Posts it: there is never an answer.
    fn post(&self, octets: &[u8]) {
        assert_eq!(self.house.authority.respond(octets).unwrap(), SetReply::Nothing);
    }

    fn registration(&self) -> Registration {
        let store = self.house.authority.store();
        store.registration(self.run.lid_ca.as_bytes()).unwrap().unwrap()
    }

    fn code(&self) -> Option<u16> {
        self.registration().peer_error.map(|error| error.code)
    }
}

#[test]
fn every_code_is_taken_in() {
    let unhappy = Unhappy::new();
    assert_eq!(ErrorCode::ALL.len(), 22);
    for code in ErrorCode::ALL {
        unhappy.house.clock.advance(1);
        unhappy.post(&unhappy.unsigned(*code));
        let expected = PeerError { code: u16::from(code.number()), at: unhappy.now() };
        assert_eq!(unhappy.registration().peer_error, Some(expected), "{code}");
    }
}

#[test]
fn what_was_issued_stays_as_it_was() {
    let unhappy = Unhappy::new();
    let before = unhappy.registration();
    unhappy.post(&unhappy.unsigned(ErrorCode::InvalidCertificate));
    let after = unhappy.registration();
    assert_eq!(after.state, RegistrationState::Complete);
    let (peer_error, revision) = (after.peer_error, after.revision);
    assert_eq!(after, Registration { peer_error, revision, ..before });
    let revoked =
        CertificateQuery { state: Some(CertificateState::Revoked), ..CertificateQuery::default() };
    let revoked = unhappy.house.authority.store().certificates(&revoked).unwrap();
    assert_eq!(revoked.items, []);
}

#[test]
fn a_signed_error_counts_if_the_certificate_it_names_has_signed_it() {
    let unhappy = Unhappy::new();
    unhappy.post(&unhappy.signed(ErrorCode::ThumbsMismatch, &key("forger")));
    assert_eq!(unhappy.code(), None);
    unhappy.post(&unhappy.signed(ErrorCode::ThumbsMismatch, &key("unhappy")));
    assert_eq!(unhappy.code(), Some(18));
}

#[test]
fn an_answer_that_could_not_even_be_decoded_is_found_in_what_comes_back() {
    let unhappy = Unhappy::new();
    let mut tbs = unhappy.tbs(ErrorCode::DecodingFailure);
    tbs.error_msg = ErrorMsg::BadWrapper(BadWrapper::new(&unhappy.answer));
    let error = Message::Error(ErrorMessage::Unsigned(tbs));
    let mut wrapper = wrapper(&error, Rrpid::new([9; 20]), unhappy.now());
    wrapper.header.rrpid = None;
    unhappy.post(&wrapper.to_der().unwrap());
    assert_eq!(unhappy.code(), Some(3));
}

#[test]
fn an_error_about_an_answer_we_never_gave_is_dropped() {
    let unhappy = Unhappy::new();
    let mut tbs = unhappy.tbs(ErrorCode::DecodingFailure);
    let other = Rrpid::new([9; 20]);
    if let ErrorMsg::MessageHeader(header) = &mut tbs.error_msg {
        header.rrpid = Some(other);
    }
    let error = Message::Error(ErrorMessage::Unsigned(tbs));
    unhappy.post(&wrapped(&error, other, unhappy.now()));
    assert_eq!(unhappy.code(), None);
}

#[test]
fn an_error_whose_wrapper_is_not_acceptable_is_dropped() {
    let unhappy = Unhappy::new();
    let good = MessageWrapper::from_der(&unhappy.unsigned(ErrorCode::MessageTooOld)).unwrap();
    let mut old = good.clone();
    old.header.date = Date::from(unhappy.now().minus_secs(86_401));
    let mut newer = good.clone();
    newer.header.version = 2;
    for wrapper in [old, newer] {
        unhappy.post(&wrapper.to_der().unwrap());
        assert_eq!(unhappy.code(), None);
    }
    unhappy.post(&good.to_der().unwrap());
    assert_eq!(unhappy.code(), Some(16));
}

#[test]
fn the_same_complaint_again_is_not_written_again() {
    let unhappy = Unhappy::new();
    unhappy.post(&unhappy.unsigned(ErrorCode::SignatureFailure));
    let first = unhappy.registration();
    unhappy.house.clock.advance(60);
    unhappy.post(&unhappy.unsigned(ErrorCode::SignatureFailure));
    assert_eq!(unhappy.registration(), first);
}
