//! Merchants and gateways in process: their keys, their identity, their requests.

use ca_core::Suite;
use ca_core::ee::{
    Account, Application, Certified, Contacting, FormOffer, Holder, Outcome, Requesting,
};
use ca_core::profile::Role;
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::{
    AcquirerId, Bin, Cert, IdData, MerchantAcquirerId, MerchantId, NumericString, RequestType,
};

use crate::house::{House, seeded_key};
use crate::middle::*;

/// BIN of "Example Acquirer", which decides at once.
pub(crate) const BIN: &str = "490000";
/// BIN of "Example Careful Acquirer", whose merchants people decide.
pub(crate) const CAREFUL_BIN: &str = "495000";

/// The CA of a role, by its name in the house.
pub(crate) fn ca_of(role: Role) -> &'static str {
    if role == Role::Merchant { "sample-mca" } else { "sample-pca" }
}

pub(crate) fn identity(role: Role, bin: &str) -> IdData {
    let bin = Bin::new(bin).unwrap();
    match role {
        Role::Merchant => IdData::Merchant(MerchantAcquirerId {
            merchant_bin: bin,
            merchant_id: MerchantId::new("SHOP-1").unwrap(),
        }),
        _ => IdData::Acquirer(AcquirerId {
            acquirer_bin: bin,
            acquirer_business_id: Some(NumericString::new("4711").unwrap()),
        }),
    }
}

pub(crate) fn shop_answers(role: Role) -> Vec<(String, String)> {
    match role {
        Role::Merchant => answers(&[("Name of the shop", "Daves Shop"), ("City", "Springfield")]),
        _ => answers(&[("Person in charge", "Dave"), ("Telephone", "1 555 0100")]),
    }
}

/// The encryption key of this number: a house certifies each once, and there are as many as asked.
pub(crate) fn encryption_key(suite: Suite, number: usize) -> PrivateKey {
    let bits = match suite {
        Suite::Modern => 3072,
        Suite::Set1997 => 1024,
    };
    seeded_key(KeyAlgorithm::Rsa(bits), b"wallet", &format!("encryption {number}"))
}

/// What a merchant or gateway has.
pub(crate) struct Shop {
    pub(crate) role: Role,
    pub(crate) bin: &'static str,
    pub(crate) label: &'static str,
    pub(crate) signature: Option<(Cert, PrivateKey)>,
    pub(crate) encryption: Option<Cert>,
    /// Number of the next encryption key.
    pub(crate) next: usize,
}

impl Shop {
    pub(crate) fn new(role: Role, label: &'static str) -> Self {
        Self { role, bin: BIN, label, signature: None, encryption: None, next: 0 }
    }

    /// A new signature key of this shop for one request.
    pub(crate) fn new_key(&self, suite: Suite) -> PrivateKey {
        key_in(suite, &format!("{} {}", self.label, self.next))
    }

    /// Me-AqCInitReq made, posted and answered.
    pub(crate) fn contacted(&self, house: &House, asked: RequestType) -> (Contacting, Vec<u8>) {
        let random = random(&format!("{} {} contact", self.label, self.next));
        let id = identity(self.role, self.bin);
        let (request, waiting) = wallet(house).contact(asked, id, now(house), &random).unwrap();
        let answer = post(house, &request);
        (waiting, answer)
    }

    pub(crate) fn offer(&self, house: &House, asked: RequestType) -> FormOffer {
        let (waiting, answer) = self.contacted(house, asked);
        form(waiting.accept(&answer, now(house)))
    }

    /// CertReq, with what the type needs (§3.3).
    pub(crate) fn request(
        &self,
        house: &House,
        offer: &FormOffer,
        account: Account<'_>,
    ) -> (Vec<u8>, Requesting) {
        let asked = offer.request_type();
        let signature = asked.wants_signature().then(|| self.new_key(house.suite()));
        let encryption = asked.wants_encryption().then(|| encryption_key(house.suite(), self.next));
        let vouches = asked.is_renewal() || !asked.wants_signature();
        let held = self.signature.as_ref().filter(|_| vouches);
        let renewed = asked.is_renewal() && asked.wants_encryption();
        let application = Application {
            answers: &shop_answers(self.role),
            account,
            signature_key: signature.as_ref(),
            encryption_key: encryption.as_ref(),
            holder: held.map(|(certificate, key)| Holder { certificate, key }),
            renewed_encryption: self.encryption.as_ref().filter(|_| renewed),
        };
        let random = random(&format!("{} {} request", self.label, self.next));
        offer.request(&application, now(house), &random).unwrap()
    }

    /// CertReq made, posted and answered: what waits, what was sent, what came.
    pub(crate) fn to_answer(
        &self,
        house: &House,
        asked: RequestType,
    ) -> (Requesting, Vec<u8>, Vec<u8>) {
        let offer = self.offer(house, asked);
        let (request, waiting) = self.request(house, &offer, Account::None);
        let answer = post(house, &request);
        (waiting, request, answer)
    }

    /// A whole registration.
    pub(crate) fn register(&mut self, house: &House, asked: RequestType) -> Certified {
        let (waiting, _, answer) = self.to_answer(house, asked);
        let done = certified(waiting.accept(&answer, now(house)).unwrap());
        self.keep(&done);
        done
    }

    /// Puts new certificates in the place of old ones.
    pub(crate) fn keep(&mut self, done: &Certified) {
        if let Some(issued) = done.signature() {
            let key = PrivateKey::from_pkcs8(issued.key.pkcs8_der()).unwrap();
            self.signature = Some((issued.certificate.clone(), key));
        }
        if let Some(issued) = done.encryption() {
            self.encryption = Some(issued.certificate.clone());
        }
        self.next += 1;
    }
}

pub(crate) fn certified(outcome: Outcome) -> Certified {
    match outcome {
        Outcome::Certified(done) => *done,
        other => panic!("{other:?}"),
    }
}
