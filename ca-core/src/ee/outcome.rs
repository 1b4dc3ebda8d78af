//! Stage 4: CertRes (spec `set-messages.md` §4.7, "EE on CertRes").

use const_oid::ObjectIdentifier;
use zeroize::Zeroizing;

use super::receive::receive;
use super::trust::{SignedContent, Trusted, verify};
use super::{CertificateFault, EeError, Requesting, installed};
use crate::UnixTime;
use crate::envelope::{CERT_RES_ENCK, SignedMessage, open_enck};
use crate::wire::{
    BrandCrlIdentifierOctets, CaMsg, Cert, CertRes, CertResData, CertStatus, CertStatusCode,
    FailedItem, Message, oids,
};

/// How a registration ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The certificate, checked against everything that was asked for.
    Certified(Box<Certified>),
    /// The CA has not decided yet; the key pair is not lost.
    Pending {
        /// requestInProgress or requestPended.
        status: CertStatusCode,
        /// For people.
        message: Option<String>,
    },
    /// The CA refused.
    Refused(Refused),
}

/// What is to be installed, all of it or nothing.
#[derive(Clone, Debug)]
pub struct Certified {
    /// The cardholder's certificate.
    pub certificate: Cert,
    /// The CAs above it, issuer first, without the root.
    pub chain: Vec<Cert>,
    /// The trusted root at the end of the chain.
    pub root: Cert,
    /// PANSecret: proves to a payment gateway that the certificate is for this card.
    pub pan_secret: Zeroizing<Vec<u8>>,
    /// Logos, currency and text of the card issuer.
    pub ca_msg: Option<CaMsg>,
    /// For people.
    pub ee_message: Option<String>,
}

/// Why there is no certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// The reason.
    pub status: CertStatusCode,
    /// For people.
    pub message: Option<String>,
    /// Answers to correct, with regFormAnswerMalformed: numbers count fields from 1.
    pub failed_items: Vec<FailedItem>,
}

impl Requesting {
    /// Checks the answer: CertRes.
    ///
    /// # Errors
    /// [`EeError`] of the first check that fails; nothing may be installed then.
    pub fn accept(self, answer: &[u8], now: UnixTime) -> Result<Outcome, EeError> {
        let response = match receive(&self.session, answer, &self.rrpid, now)? {
            Message::CertRes(response) => response,
            other => {
                let found = other.alternative();
                return Err(EeError::Unexpected { expected: "CertRes", found });
            }
        };
        // Step 1.
        let (signed, encrypted) = match &response {
            CertRes::Encrypted(octets) => {
                let key = self.back_key.as_bytes();
                let suite = self.session.suite;
                (open_enck(suite, &CERT_RES_ENCK, octets.as_der(), key)?, true)
            }
            CertRes::Signed(octets) => (SignedMessage::decode(octets.as_der())?, false),
        };
        // Step 2.
        let trusted = verify::<CertResData>(&self.session, &signed, now)?;
        // Step 1 again: what is for us alone never comes in clear (§5 CR-7).
        if !encrypted && is_confidential(&trusted.content.cert_status) {
            return Err(EeError::PlainAnswer);
        }
        // Steps 3 and 4.
        self.check(&trusted.content)?;
        // Steps 5 to 11.
        match trusted.content.cert_status.cert_status_code {
            CertStatusCode::RequestComplete => {
                self.complete(trusted, now).map(|done| Outcome::Certified(Box::new(done)))
            }
            code if !code.is_final() => Ok(Outcome::Pending {
                status: code,
                message: message(&trusted.content.cert_status),
            }),
            code => Ok(Outcome::Refused(refused(code, trusted.content.cert_status))),
        }
    }

    fn check(&self, data: &CertResData) -> Result<(), EeError> {
        if data.rrpid != self.rrpid {
            return Err(EeError::Rrpid);
        }
        self.labels.check(&data.lid_ee, data.lid_ca.as_ref())?;
        if data.chall_ee3 != self.chall_ee3 {
            return Err(EeError::Challenge("chall-EE3"));
        }
        if data.thumbs.as_ref() != Some(&self.thumbs) {
            return Err(EeError::Thumbs);
        }
        Ok(())
    }

    fn complete(&self, trusted: Trusted<CertResData>, now: UnixTime) -> Result<Certified, EeError> {
        let certificate = installed::issued(&self.session, &trusted)?;
        let verdict = installed::check(self, certificate, &trusted, now)?;
        let status = &trusted.content.cert_status;
        let nonce = status.nonce_cca.as_ref().ok_or(CertificateFault::NoNonce)?;
        let pan_secret = installed::check_name(self, certificate, nonce)?;
        let (chain, root) = trusted.evidence.chain(&self.session, &verdict);
        Ok(Certified {
            certificate: certificate.clone(),
            chain: chain.into_iter().cloned().collect(),
            root: root.cloned().ok_or(EeError::MissingCertificate("the root"))?,
            pan_secret,
            ca_msg: status.ca_msg.clone(),
            ee_message: message(status),
        })
    }
}

fn is_confidential(status: &CertStatus) -> bool {
    status.cert_status_code == CertStatusCode::RequestComplete
        || status.nonce_cca.is_some()
        || status.ca_msg.is_some()
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
