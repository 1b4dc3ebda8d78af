//! A cardholder in this process who keeps every octet sent and received.

use ca_core::Suite;
use ca_core::authority::Clock as _;
use ca_core::ee::{
    Application, Certified, FormAnswer, FormOffer, Outcome, PanData, Requesting, Wallet,
    WalletConfig,
};
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::{CardExpiry, Cert, ErrorCode, ErrorMessage, ErrorTbs, Message, MessageWrapper};
use ca_server::{SystemClock, SystemRandom};

use crate::BRAND;

/// Media type of `POST /set`.
pub const SET_REGISTRATION: &str = "application/set-registration";

/// One message and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// As posted.
    pub request: Vec<u8>,
    /// As received.
    pub answer: Vec<u8>,
}

/// A registration that came to its end.
#[derive(Debug)]
pub struct Registered {
    /// What is to be installed.
    pub certified: Certified,
    /// The three pairs of messages.
    pub exchanges: Vec<Exchange>,
}

/// Registers a cardholder; `post` carries a request to `/set` and brings the answer.
///
/// # Panics
/// If any answer is not to be believed, or it is a refusal.
pub fn register(root: &Cert, pan: &str, mut post: impl FnMut(&[u8]) -> Vec<u8>) -> Registered {
    let mut exchanges = Vec::new();
    let mut exchange = |request: Vec<u8>| {
        let answer = post(&request);
        exchanges.push(Exchange { request, answer: answer.clone() });
        answer
    };
    let offer = offer(root, pan, &mut exchange);
    let (request, waiting) = request(&offer, pan);
    let answer = exchange(request);
    match waiting.accept(&answer, now()).expect("a good CertRes") {
        Outcome::Certified(certified) => Registered { certified: *certified, exchanges },
        other => panic!("not certified: {other:?}"),
    }
}

/// The first two pairs of messages.
///
/// # Panics
/// As [`register`].
pub fn offer(root: &Cert, pan: &str, exchange: &mut dyn FnMut(Vec<u8>) -> Vec<u8>) -> FormOffer {
    let (request, waiting) =
        wallet(root, BRAND).initiate(now(), &SystemRandom).expect("CardCInitReq");
    let initiated = waiting.accept(&exchange(request), now()).expect("a good CardCInitRes");
    let pan = account(pan).pan;
    let (request, waiting) = initiated.ask_form(&pan, now(), &SystemRandom).expect("RegFormReq");
    match waiting.accept(&exchange(request), now()).expect("a good RegFormRes") {
        FormAnswer::Form(offer) => *offer,
        FormAnswer::Referral(referral) => panic!("referred elsewhere: {:?}", referral.reason()),
    }
}

/// CertReq with good answers and a new key.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn request(offer: &FormOffer, pan: &str) -> (Vec<u8>, Requesting) {
    let key = PrivateKey::generate(KeyAlgorithm::EcP256, &SystemRandom).expect("a key");
    let answers =
        [("Full name", "Jane Doe"), ("Town", "Springfield")].map(|(l, v)| (l.into(), v.into()));
    let card = account(pan);
    let application = Application::card(&answers, &card, &key);
    offer.request(&application, now(), &SystemRandom).expect("CertReq")
}

/// An end entity that trusts `root` and has seen nothing yet.
///
/// # Panics
/// If `brand` is no BrandID.
#[must_use]
pub fn wallet(root: &Cert, brand: &str) -> Wallet {
    Wallet::new(WalletConfig {
        suite: Suite::Modern,
        brand: brand.to_owned(),
        language: "en".to_owned(),
        anchors: vec![root.clone()],
    })
    .expect("a wallet")
}

/// The code of a SET Error.
///
/// # Panics
/// If the answer is no Error.
#[must_use]
pub fn error_code(answer: &[u8]) -> ErrorCode {
    let wrapper: MessageWrapper = ca_core::wire::decode(answer, LIMIT).expect("a MessageWrapper");
    match Message::from_wrapper(&wrapper).expect("a message") {
        Message::Error(ErrorMessage::Unsigned(tbs)) => tbs.error_code,
        Message::Error(ErrorMessage::Signed(octets)) => {
            let signed = ca_core::envelope::SignedMessage::decode(octets.as_der()).expect("signed");
            let content = signed.unverified_content().expect("content");
            ca_core::wire::decode::<ErrorTbs>(content, LIMIT).expect("ErrorTBS").error_code
        }
        other => panic!("not an Error: message number {}", other.alternative()),
    }
}

/// The account number number `number` of the test BIN, check digit and all.
#[must_use]
pub fn pan(number: u32) -> String {
    let digits = format!("411111{number:09}");
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0');
            // From the right, before the check digit: every other one counts double.
            let value = if place % 2 == 0 { value * 2 } else { value };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

fn account(pan: &str) -> PanData {
    PanData {
        pan: ca_core::wire::Pan::new(pan).expect("a PAN"),
        expiry: CardExpiry::new(2039, 12).expect("an expiry"),
    }
}

/// The system's time.
#[must_use]
pub fn now() -> ca_core::UnixTime {
    SystemClock::default().now()
}

/// Largest message decoded here.
const LIMIT: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_pass_the_luhn_check() {
        // The usual test number of this BIN.
        assert_eq!(pan(111_111_111), "4111111111111111");
    }
}
