//! A message between CAs taken out of its frame, its signature still unchecked.

use crate::Suite;
use crate::decide::CaRefusal;
use crate::envelope::{OpenError, SignedMessage};
use crate::wire::bounds::MAX_CA_MESSAGE;
use crate::wire::{CaMessage, CaMessageKind, Cert, Crl, DecodeError};

/// A decoded message and what came with it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) kind: CaMessageKind,
    pub(super) signed: SignedMessage,
    pub(super) certificates: Vec<Cert>,
    pub(super) crls: Vec<Crl>,
}

impl Opened {
    /// Decodes frame, SignedData, certificates and CRLs.
    pub(super) fn open(octets: &[u8]) -> Result<Self, CaRefusal> {
        let frame = CaMessage::from_der(octets).map_err(malformed("the message"))?;
        let signed = SignedMessage::decode_within(frame.signed().as_der(), MAX_CA_MESSAGE);
        let signed = signed.map_err(malformed("its SignedData"))?;
        let found = signed.content_type();
        let kind = CaMessageKind::of_content_type(found)
            .ok_or_else(|| CaRefusal::NotAsked(format!("content type {found}")))?;
        let certificates = signed.certificates().map(Cert::from_der).collect::<Result<_, _>>();
        let certificates = certificates.map_err(malformed("an enclosed certificate"))?;
        let crls = signed.crls().map(Crl::from_der_set).collect::<Result<_, _>>();
        let crls = crls.map_err(malformed("an enclosed CRL"))?;
        Ok(Self { kind, signed, certificates, crls })
    }

    /// The content, verified with the sender's key.
    pub(super) fn verified(&self, suite: Suite, sender: &Cert) -> Result<Vec<u8>, CaRefusal> {
        let content_type = self.kind.content_type();
        let verified = self.signed.verify(suite, content_type, None, 0, sender.spki_der());
        let verified = verified.map_err(|error| CaRefusal::Signature {
            what: format!("the {}", self.kind.name()),
            fault: reason(&error),
        })?;
        Ok(verified.content().to_vec())
    }
}

/// Says which part of a message does not decode.
pub(super) fn malformed(what: &'static str) -> impl Fn(DecodeError) -> CaRefusal {
    move |fault| CaRefusal::Malformed { what, fault }
}

fn reason(error: &OpenError) -> String {
    match error {
        OpenError::Signature(fault) => fault.to_string(),
        other => other.to_string(),
    }
}
