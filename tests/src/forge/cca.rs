//! The CA of cardholders as an end entity knows it, and its answers of any kind.

use ca_core::Suite;
use ca_core::envelope::{CERT_RES_ENCK, SignedMessage, open_enck};
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{Cert, CertRes, CertResData, ErrorMessage, ErrorTbs, Message, decode};
use ca_server::SystemRandom;
use x509_cert::der::{self, Decode, Encode};

use super::{back_key, message_of};
use crate::BRAND;
use crate::wallet::{now, wallet};

/// The CA of cardholders, as its first answer shows it.
#[derive(Clone, Debug)]
pub struct Cca {
    /// Whom messages are sealed to.
    pub(super) exchange: Cert,
    /// Who signs the answers.
    signer: Cert,
}

/// What an answer says, its signature checked.
#[derive(Clone, Debug)]
pub enum Heard {
    /// CertRes; encrypted under the back key of every [`super::Draft`] or in clear.
    Result(Box<CertResData>, Secrecy),
    /// Error, with who signed it.
    Error(Box<ErrorTbs>, Signature),
    /// Any other message.
    Other(Box<Message>),
}

/// How a CertRes came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Secrecy {
    /// Under the back key of the request.
    Encrypted,
    /// For anyone to read.
    Plain,
}

/// Who signed an Error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signature {
    /// The CA.
    Cca,
    /// Nobody.
    None,
}

impl Cca {
    /// Makes contact; a wallet that trusts `root` has checked what comes back. `post` carries a
    /// request to `/set` and brings the answer.
    ///
    /// # Panics
    /// If the answer is not to be believed.
    pub fn met(root: &Cert, post: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let (request, waiting) =
            wallet(root, BRAND).initiate(now(), &SystemRandom).expect("CardCInitReq");
        let answer = post(&request);
        let initiated = waiting.accept(&answer, now()).expect("a good CardCInitRes");
        let Message::CardCInitRes(signed) = message_of(&answer) else { panic!("no CardCInitRes") };
        let signed = SignedMessage::decode(signed.as_der()).expect("SignedData");
        let name = signed.signers().next().expect("a signer").clone();
        let mut certificates = signed.certificates().map(|der| Cert::from_der(der).expect("sent"));
        let signer = certificates.find(|certificate| name.names(certificate)).expect("enclosed");
        Self { exchange: initiated.recipient().clone(), signer }
    }

    /// Reads an answer.
    ///
    /// # Panics
    /// If it does not decode, or is signed by somebody else.
    #[must_use]
    pub fn heard(&self, answer: &[u8]) -> Heard {
        let signed = |octets: &[u8]| SignedMessage::decode(octets).expect("SignedData");
        match message_of(answer) {
            Message::CertRes(CertRes::Signed(octets)) => {
                Heard::Result(self.content(&signed(octets.as_der())), Secrecy::Plain)
            }
            Message::CertRes(CertRes::Encrypted(octets)) => {
                let opened = open_enck(Suite::Modern, &CERT_RES_ENCK, octets.as_der(), &back_key());
                Heard::Result(self.content(&opened.expect("under our key")), Secrecy::Encrypted)
            }
            Message::Error(ErrorMessage::Signed(octets)) => {
                Heard::Error(self.content(&signed(octets.as_der())), Signature::Cca)
            }
            Message::Error(ErrorMessage::Unsigned(tbs)) => {
                Heard::Error(Box::new(tbs), Signature::None)
            }
            other => Heard::Other(Box::new(other)),
        }
    }

    /// What the CA has signed.
    pub(super) fn content<T>(&self, signed: &SignedMessage) -> Box<T>
    where
        T: for<'a> Decode<'a, Error = der::Error> + Encode,
    {
        let spki = self.signer.spki_der();
        let verified = signed.verify(Suite::Modern, signed.content_type(), None, 0, spki);
        Box::new(decode(verified.expect("signed by the CA").content(), MAX_MESSAGE).expect("DER"))
    }
}
