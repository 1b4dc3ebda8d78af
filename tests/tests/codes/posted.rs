//! Errors that an end entity posts: no answer, and the desk shows them (spec `set-messages.md`
//! §2.13, §4.1; decisions.md 22).

use std::fs;
use std::sync::Arc;

use ca_core::ee::{EeError, Holder};
use ca_core::signer::PrivateKey;
use ca_core::wire::{
    ErrorCode, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageWrapper, Nonce, Pan,
};
use ca_core::{Suite, hex};
use ca_server::SystemRandom;
use e2e::forge::{self, Draft, FormDraft, wrapped};
use e2e::wallet::{self, Registered, SET_REGISTRATION, now};
use e2e::{BRAND, PAN};
use serde_json::Value;
use x509_cert::der::Encode as _;

use super::{Site, set};

/// §2.13: all twenty-two, among them those that a CA never raises.
#[test]
fn every_code_is_taken_in_and_shown_at_the_desk() {
    let unhappy = Unhappy::new();
    assert_eq!(ErrorCode::ALL.len(), 22);
    for code in ErrorCode::ALL {
        unhappy.complains(*code);
        let shown = unhappy.shown();
        let error = &shown["peer_error"];
        let told = (error["code"].as_u64(), error["name"].as_str());
        assert_eq!(told, (Some(code.number().into()), Some(code.name())));
        // decisions.md 22: what was issued stays.
        let issued = shown["issued"].as_array().map(Vec::len);
        assert_eq!((shown["state"].as_str(), issued), (Some("complete"), Some(1)));
    }
}

#[test]
fn a_signed_error_is_taken_in_if_the_certificate_it_names_has_signed_it() {
    let unhappy = Unhappy::new();
    let issued = unhappy.registered.certified.signature().unwrap();
    let signed_by = |key: &PrivateKey| {
        let holder = Holder { certificate: &issued.certificate, key };
        let sender = (Suite::Modern, holder);
        let report =
            EeError::Thumbs.signed_report(unhappy.answer(), sender, now(), &SystemRandom).unwrap();
        post(&unhappy.site, &report.unwrap());
        unhappy.shown()["peer_error"]["name"].clone()
    };
    assert_eq!(signed_by(&forge::key()), Value::Null);
    assert_eq!(signed_by(&issued.key), ErrorCode::ThumbsMismatch.name());
}

#[test]
fn what_a_wallet_makes_of_a_forged_answer_is_shown_at_the_desk() {
    let site = Site::shared();
    let wallet = wallet::wallet(&site.hierarchy.root_certificate(), BRAND);
    let (request, waiting) = wallet.initiate(now(), &SystemRandom).unwrap();
    let initiated = waiting.accept(&set(&site.service, &request).body, now()).unwrap();
    let pan = Pan::new(PAN).unwrap();
    let (request, waiting) = initiated.ask_form(&pan, now(), &SystemRandom).unwrap();
    let answer = set(&site.service, &request).body;
    // The signature is the last thing in a SignedData.
    let mut forged = answer.clone();
    *forged.last_mut().unwrap() ^= 1;
    let error = waiting.accept(&forged, now()).unwrap_err();
    post(&site, &error.report(&forged, now(), &SystemRandom).unwrap().unwrap());
    let shown = shown(&site, &label(&site, &answer));
    assert_eq!(shown["peer_error"]["name"], ErrorCode::SignatureFailure.name(), "{shown}");
}

/// A cardholder who has got a certificate and does not like the answer.
struct Unhappy {
    site: Arc<Site>,
    registered: Registered,
    /// LID-CA in hex.
    id: String,
}

impl Unhappy {
    fn new() -> Self {
        let site = Site::shared();
        let root = site.hierarchy.root_certificate();
        let registered = wallet::register(&root, PAN, |request| set(&site.service, request).body);
        let id = label(&site, &registered.exchanges[1].answer);
        Self { site, registered, id }
    }

    /// The CertRes.
    fn answer(&self) -> &[u8] {
        &self.registered.exchanges[2].answer
    }

    /// Posts an unsigned Error about it.
    fn complains(&self, error_code: ErrorCode) {
        let header = MessageWrapper::from_der(self.answer()).unwrap().header;
        let rrpid = header.rrpid.unwrap();
        let tbs = ErrorTbs {
            error_code,
            error_nonce: Nonce::random(&SystemRandom).unwrap(),
            error_oid: None,
            error_thumb: None,
            error_msg: ErrorMsg::MessageHeader(header),
        };
        let error = wrapped(&Message::Error(ErrorMessage::Unsigned(tbs)), rrpid);
        post(&self.site, &error.to_der().unwrap());
    }

    fn shown(&self) -> Value {
        shown(&self.site, &self.id)
    }
}

/// Posts an Error: there is never an answer.
fn post(site: &Site, error: &[u8]) {
    let answer = site.service.post("/set", SET_REGISTRATION, error);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
}

/// LID-CA in a RegFormRes, in hex.
fn label(site: &Site, answer: &[u8]) -> String {
    let lid_ca = Draft::new(&site.cca, &FormDraft::new(), answer).data.lid_ca;
    hex(lid_ca.unwrap().as_bytes())
}

/// A registration as the operator sees it.
fn shown(site: &Site, id: &str) -> Value {
    let token = fs::read_to_string(site.hierarchy.dir().join("operator.token")).unwrap();
    let bearer = format!("Bearer {}", token.trim());
    let path = format!("/v1/registrations/{id}");
    let answer = site.service.fetch_with(&path, "authorization", &bearer);
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_slice(&answer.body).unwrap()
}
