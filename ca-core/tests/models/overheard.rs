//! Whole runs of end entities, with everything that an eavesdropper, a CA and a log see of them.

use ca_core::authority::ByHandDecision;
use ca_core::ee::{Account, Certified, Outcome};
use ca_core::profile::Role;
use ca_core::signer::PrivateKey;
use ca_core::wire::{
    BackKeyData, CertReqData, CertResData, Message, Pan, RequestType, Secret, decode,
};
use der::Decode;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PrivateKeyParts as _;

use crate::house::House;
use crate::messages::message_of;
use crate::middle::*;
use crate::opened::{inside, inside_answer};
use crate::shop::*;

/// A card of the bank whose registrations people decide.
pub(crate) const CAREFUL_PAN: &str = "4200001234567897";
/// A merchant's account.
pub(crate) const ACCOUNT: &str = "DE02120300000000202051";

/// One run, from first contact over a decision by hand to the certificates.
pub(crate) struct Overheard {
    /// Requests and answers in turn, as they travel.
    pub(crate) octets: Vec<Vec<u8>>,
    /// What the software of the end entity writes into a log, if told to write down everything.
    pub(crate) log: String,
    /// The private keys made for it.
    pub(crate) keys: Vec<PrivateKey>,
    pub(crate) done: Certified,
}

impl Overheard {
    /// A cardholder with a card of the careful bank.
    pub(crate) fn cardholder(house: &House, label: &str) -> Self {
        let mut talk = Talk::new(house);
        let pan = Pan::new(CAREFUL_PAN).unwrap();
        let (request, waiting) = wallet(house).initiate(now(house), &random(label)).unwrap();
        let answer = talk.exchange(request, &waiting);
        let initiated = waiting.accept(&answer, now(house)).unwrap();
        let form_random = random(&format!("{label} form"));
        let (request, waiting) = initiated.ask_form(&pan, now(house), &form_random).unwrap();
        let answer = talk.exchange(request, &waiting);
        let offer = form(waiting.accept(&answer, now(house)));
        let key = key_in(house.suite(), label);
        let request_random = random(&format!("{label} request"));
        let (at, list) = (now(house), good_answers());
        let (request, waiting) = applied(&offer, &list, CAREFUL_PAN, &key, at, &request_random);
        let answer = talk.exchange(request, &(&offer, &waiting));
        let outcome = waiting.accept(&answer, now(house)).unwrap();
        talk.decided(outcome, vec![key], label)
    }

    /// A merchant or gateway of the careful acquirer that registers both keys.
    pub(crate) fn shop(house: &House, role: Role, label: &'static str) -> Self {
        let mut talk = Talk::new(house);
        let (asked, bin, account) = match role {
            Role::Merchant => (RequestType::MerInitialBoth, CAREFUL_BIN, Account::Bank(ACCOUNT)),
            // The careful acquirer runs no gateway.
            _ => (RequestType::PgwyInitialBoth, BIN, Account::None),
        };
        // One house certifies both: each with a key of its own.
        let next = usize::from(role == Role::Gateway);
        let shop = Shop { bin, next, ..Shop::new(role, label) };
        let at = random(&format!("{label} contact"));
        let id = identity(role, bin);
        let (request, waiting) = wallet(house).contact(asked, id, now(house), &at).unwrap();
        let answer = talk.exchange(request, &waiting);
        let offer = form(waiting.accept(&answer, now(house)));
        let (request, waiting) = shop.request(house, &offer, account);
        let answer = talk.exchange(request, &(&offer, &waiting));
        let outcome = waiting.accept(&answer, now(house)).unwrap();
        let suite = house.suite();
        talk.decided(outcome, vec![shop.new_key(suite), encryption_key(suite, next)], label)
    }

    /// Everything there is to be seen: what travels, what is inside it (with the CA's keys), what
    /// the end entity and the authority would log.
    pub(crate) fn everything(&self, house: &House) -> Vec<Vec<u8>> {
        let mut places = self.octets.clone();
        places.extend(self.octets.iter().flat_map(|octets| inside(house, octets)));
        let answers = self.back_key(house).into_iter().flat_map(|back_key| {
            let suite = house.suite();
            let opened = self.octets.iter().map(move |o| inside_answer(suite, o, &back_key));
            opened.flatten().collect::<Vec<_>>()
        });
        places.extend(answers);
        places.extend(self.logs(house));
        places
    }

    /// What either side writes down.
    pub(crate) fn logs(&self, house: &House) -> [Vec<u8>; 2] {
        let kept =
            format!("{:?} {:?} {:?}", house.records, house.keys, house.authority.hierarchy());
        [self.log.clone().into_bytes(), kept.into_bytes()]
    }

    /// The CertReq.
    pub(crate) fn request(&self) -> &[u8] {
        let is_it = |octets: &&Vec<u8>| matches!(message_of(octets), Message::CertReq(_));
        self.octets.iter().find(is_it).unwrap()
    }

    pub(crate) fn back_key(&self, house: &House) -> Option<BackKeyData> {
        let body = inside(house, self.request()).remove(1);
        let (t, _) = ca_core::wire::pkcs7::pair(&body).ok()?;
        decode::<CertReqData>(t, body.len()).ok()?.ca_back_key_data
    }

    /// nonceCCA, from the answer that brought the certificate.
    pub(crate) fn nonce(&self, house: &House) -> Option<Secret> {
        let back_key = self.back_key(house)?;
        let answer = inside_answer(house.suite(), self.octets.last().unwrap(), &back_key).unwrap();
        CertResData::from_der(&answer).unwrap().cert_status.nonce_cca
    }

    /// PANSecret XOR nonceCCA (§4.9).
    pub(crate) fn card_secret(&self, house: &House) -> Vec<u8> {
        let nonce = self.nonce(house).unwrap();
        let secret = self.done.pan_secret.as_ref().unwrap();
        secret.iter().zip(nonce.as_bytes()).map(|(a, b)| a ^ b).collect()
    }
}

/// A run that goes on.
struct Talk<'a> {
    house: &'a House,
    octets: Vec<Vec<u8>>,
    log: String,
}

impl<'a> Talk<'a> {
    fn new(house: &'a House) -> Self {
        Self { house, octets: Vec::new(), log: String::new() }
    }

    fn exchange(&mut self, request: Vec<u8>, state: &dyn core::fmt::Debug) -> Vec<u8> {
        let answer = post(self.house, &request);
        self.log += &format!("{state:?}\n");
        self.octets.extend([request, answer.clone()]);
        answer
    }

    /// Approves what waits, and asks again.
    fn decided(mut self, outcome: Outcome, keys: Vec<PrivateKey>, label: &str) -> Overheard {
        self.log += &format!("{outcome:?}\n");
        let done = match outcome {
            Outcome::Certified(done) => *done,
            Outcome::Pending(pending) => {
                let yes = ByHandDecision { approve: true, by: "Ann", message: None };
                let lid_ca = pending.lid_ca().as_bytes();
                self.house.authority.decide_registration(lid_ca, yes).unwrap();
                let random = random(&format!("{label} inquiry"));
                let (request, waiting) = pending.inquire(now(self.house), &random).unwrap();
                let answer = self.exchange(request, &waiting);
                certified(waiting.accept(&answer, now(self.house)).unwrap())
            }
            other => panic!("{other:?}"),
        };
        self.log += &format!("{done:?} {keys:?}\n");
        Overheard { octets: self.octets, log: self.log, keys, done }
    }
}

/// What must never be seen of a private key: scalar, or exponent and primes.
pub(crate) fn private_parts(key: &PrivateKey) -> Vec<Vec<u8>> {
    let der = key.pkcs8_der();
    if let Ok(key) = rsa::RsaPrivateKey::from_pkcs8_der(der) {
        let parts = core::iter::once(key.d()).chain(key.primes().iter().map(AsRef::as_ref));
        let octets = parts.map(|number| number.to_be_bytes().to_vec());
        return octets.map(|o| o.into_iter().skip_while(|octet| *octet == 0).collect()).collect();
    }
    // ECPrivateKey: version 1, then the scalar of 32 octets (RFC 5915).
    let mark = [0x02, 0x01, 0x01, 0x04, 0x20];
    let at = der.windows(mark.len()).position(|window| window == mark).unwrap() + mark.len();
    vec![der[at..at + 32].to_vec()]
}

/// True if a secret stands somewhere: as octets, as hexadecimal digits, or as the list of numbers
/// that Debug makes of octets.
pub(crate) fn shows(places: &[Vec<u8>], secret: &[u8]) -> bool {
    assert!(secret.len() >= 8, "too short to be told from chance");
    let hex = ca_core::hex(secret);
    let list = format!("{secret:?}");
    let forms = [
        secret.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        list.trim_matches(['[', ']']).as_bytes().to_vec(),
    ];
    let stands = |place: &Vec<u8>, form: &Vec<u8>| memmem(place, form);
    places.iter().any(|place| forms.iter().any(|form| stands(place, form)))
}

fn memmem(place: &[u8], form: &[u8]) -> bool {
    place.windows(form.len()).any(|window| window == form)
}
