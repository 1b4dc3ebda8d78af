//! Stage 4: CertRes and CertInqRes (spec `set-messages.md` §4.7, "EE on CertRes").

use const_oid::ObjectIdentifier;
use zeroize::Zeroizing;

use super::receive::receive;
use super::trust::{SignedContent, Trusted, verify};
use super::{Cache, CertificateFault, EeError, Pending, Requesting, installed};
use crate::UnixTime;
use crate::envelope::{CERT_RES_ENCK, SignedMessage, open_enck};
use crate::profile::KeyUse;
use crate::signer::PrivateKey;
use crate::wire::{
    BrandCrlIdentifierOctets, CaMsg, Cert, CertRes, CertResData, CertStatus, CertStatusCode,
    FailedItem, Message, oids,
};

/// How a registration ended, or that it has not.
#[derive(Debug)]
pub enum Outcome {
    /// The certificates, checked against everything that was asked for.
    Certified(Box<Certified>),
    /// The CA has not decided yet: [`Pending::inquire`] later.
    Pending(Box<Pending>),
    /// The CA refused.
    Refused(Refused),
}

/// What is to be installed, all of it or nothing.
#[derive(Debug)]
pub struct Certified {
    /// The certificates with their keys: signature first.
    pub issued: Vec<Issued>,
    /// The CAs above them, issuer first, without the root.
    pub chain: Vec<Cert>,
    /// The trusted root at the end of the chain.
    pub root: Cert,
    /// PANSecret of a cardholder: proves to a payment gateway that the certificate is for this
    /// card.
    pub pan_secret: Option<Zeroizing<Vec<u8>>>,
    /// Logos, currency and text of the card issuer.
    pub ca_msg: Option<CaMsg>,
    /// For people.
    pub ee_message: Option<String>,
    /// What need not be sent again in the next registration.
    pub cache: Cache,
}

impl Certified {
    /// The signature certificate, if one was asked for.
    #[must_use]
    pub fn signature(&self) -> Option<&Issued> {
        self.issued.iter().find(|issued| issued.key_use == KeyUse::MessageSignature)
    }

    /// The encryption certificate, if one was asked for.
    #[must_use]
    pub fn encryption(&self) -> Option<&Issued> {
        self.issued.iter().find(|issued| issued.key_use == KeyUse::Encryption)
    }
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Issued {
    /// MessageSignature or Encryption.
    pub key_use: KeyUse,
    /// The certificate.
    pub certificate: Cert,
    /// Its key.
    pub key: PrivateKey,
}

/// Why there is no certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// The reason.
    pub status: CertStatusCode,
    /// For people.
    pub message: Option<String>,
    /// Answers to correct, with regFormAnswerMalformed: numbers count fields from 1, 0 is the
    /// account.
    pub failed_items: Vec<FailedItem>,
}

impl Requesting {
    /// Checks the answer: CertRes, or CertInqRes after an inquiry.
    ///
    /// A failed check leaves the request as it is: whoever put in a false answer must not be able
    /// to make us forget keys that the CA may have certified.
    ///
    /// # Errors
    /// [`EeError`] of the first check that fails; nothing may be installed then.
    pub fn accept(&self, answer: &[u8], now: UnixTime) -> Result<Outcome, EeError> {
        let response =
            self.response(receive(&self.kept.session, answer, &self.pair.rrpid, now)?)?;
        // Step 1.
        let (signed, encrypted) = self.opened(&response)?;
        // Step 2.
        let trusted = verify::<CertResData>(&self.kept.session, &signed, now)?;
        // Step 1 again: what is for us alone never comes in clear (§5 CR-7).
        if !encrypted && self.is_confidential(&trusted.content.cert_status) {
            return Err(EeError::PlainAnswer);
        }
        // Steps 3 and 4.
        self.check(&trusted.content)?;
        // Steps 5 to 11.
        match trusted.content.cert_status.cert_status_code {
            CertStatusCode::RequestComplete => {
                self.complete(trusted, now).map(|done| Outcome::Certified(Box::new(done)))
            }
            code if !code.is_final() => self.wait(code, trusted),
            code => Ok(Outcome::Refused(refused(code, trusted.content.cert_status))),
        }
    }

    fn response(&self, message: Message) -> Result<CertRes, EeError> {
        match (message, self.pair.is_inquiry()) {
            (Message::CertRes(response), false) | (Message::CertInqRes(response), true) => {
                Ok(response)
            }
            (other, inquiry) => {
                let expected = if inquiry { "CertInqRes" } else { "CertRes" };
                Err(EeError::Unexpected { expected, found: other.alternative() })
            }
        }
    }

    fn opened(&self, response: &CertRes) -> Result<(SignedMessage, bool), EeError> {
        match response {
            CertRes::Signed(octets) => Ok((SignedMessage::decode(octets.as_der())?, false)),
            CertRes::Encrypted(octets) => {
                // Only a cardholder has sent a key.
                let card = self.kept.card.as_ref().ok_or(EeError::Undecryptable)?;
                let suite = self.kept.session.suite;
                Ok((open_enck(suite, &CERT_RES_ENCK, octets.as_der(), &card.back_key)?, true))
            }
        }
    }

    /// A merchant's and a gateway's answer is in clear and has nothing to hide (§5 MR-4).
    fn is_confidential(&self, status: &CertStatus) -> bool {
        let complete = status.cert_status_code == CertStatusCode::RequestComplete;
        let for_card = complete || status.ca_msg.is_some();
        status.nonce_cca.is_some() || (self.kept.card.is_some() && for_card)
    }

    fn check(&self, data: &CertResData) -> Result<(), EeError> {
        if data.rrpid != self.pair.rrpid {
            return Err(EeError::Rrpid);
        }
        self.kept.labels.check(&data.lid_ee, data.lid_ca.as_ref())?;
        if data.chall_ee3 != self.pair.chall_ee3 {
            return Err(EeError::Challenge("chall-EE3"));
        }
        if data.thumbs != self.pair.thumbs {
            return Err(EeError::Thumbs);
        }
        Ok(())
    }

    /// Step 9.
    fn wait(
        &self,
        status: CertStatusCode,
        trusted: Trusted<CertResData>,
    ) -> Result<Outcome, EeError> {
        let mut kept = self.kept.clone();
        let data = trusted.remember(&mut kept.session);
        kept.labels.keep(data.lid_ca);
        let lid_ca = kept.labels.lid_ca.clone().ok_or(EeError::NoLabel)?;
        let message = message(&data.cert_status);
        Ok(Outcome::Pending(Box::new(Pending { kept, lid_ca, status, message })))
    }

    /// Steps 5 to 8.
    fn complete(&self, trusted: Trusted<CertResData>, now: UnixTime) -> Result<Certified, EeError> {
        let certificates = installed::issued(&self.kept, &trusted)?;
        let verdict = installed::check(&self.kept, &certificates, &trusted, now)?;
        let issued = certificates
            .iter()
            .map(|(key_use, certificate, key)| {
                let certificate = (*certificate).clone();
                Ok(Issued { key_use: *key_use, certificate, key: key.open()? })
            })
            .collect::<Result<_, EeError>>()?;
        let status = &trusted.content.cert_status;
        let nonce = status.nonce_cca.as_ref();
        let pan_secret = match (&self.kept.card, certificates.first()) {
            (Some(card), Some((_, certificate, _))) => {
                let nonce = nonce.ok_or(CertificateFault::NoNonce)?;
                let suite = self.kept.session.suite;
                Some(installed::check_name(suite, card, certificate, nonce)?)
            }
            _ => None,
        };
        let (chain, root) = trusted.evidence.chain(&verdict);
        let chain = chain.into_iter().cloned().collect();
        let root = root.cloned().ok_or(EeError::MissingCertificate("the root"))?;
        let (ca_msg, ee_message) = (status.ca_msg.clone(), message(status));
        let mut session = self.kept.session.clone();
        drop(trusted.remember(&mut session));
        let cache = session.cache;
        Ok(Certified { issued, chain, root, pan_secret, ca_msg, ee_message, cache })
    }
}

fn refused(code: CertStatusCode, status: CertStatus) -> Refused {
    Refused {
        status: code,
        message: message(&status),
        failed_items: status.failed_item_seq.map(|items| items.into_vec()).unwrap_or_default(),
    }
}

fn message(status: &CertStatus) -> Option<String> {
    status.ee_message.as_ref().map(|text| text.as_str().to_owned())
}

impl SignedContent for CertResData {
    const CONTENT_TYPE: ObjectIdentifier = oids::CT_CERT_RES_DATA;

    fn bci(&self) -> Option<&BrandCrlIdentifierOctets> {
        self.brand_crl_identifier.as_ref()
    }
}
