//! What an end entity wants certified, and what goes with the wish (spec `set-messages.md` §3.3).

use crate::profile::Role;
use crate::signer::PrivateKey;
use crate::wire::{CardExpiry, Cert, Pan, RequestType};

/// What goes into a CertReq beside the form.
///
/// | RequestType | keys | holder | renewed_encryption |
/// |---|---|---|---|
/// | …InitialSig | signature | | |
/// | …InitialBoth | both | | |
/// | …InitialEnc | encryption | yes | |
/// | …RenewalSig | signature | yes | |
/// | …RenewalBoth | both | yes | yes |
/// | …RenewalEnc | encryption | yes | yes |
///
/// The keys must be ones that were never certified.
#[derive(Clone, Copy, Debug)]
pub struct Application<'a> {
    /// Answers to the form: label and value.
    pub answers: &'a [(String, String)],
    /// What the certificate is to stand for in payments.
    pub account: Account<'a>,
    /// New key that will sign messages.
    pub signature_key: Option<&'a PrivateKey>,
    /// New key that will open envelopes.
    pub encryption_key: Option<&'a PrivateKey>,
    /// The signature certificate held so far.
    pub holder: Option<Holder<'a>>,
    /// The encryption certificate that is renewed.
    pub renewed_encryption: Option<&'a Cert>,
}

impl<'a> Application<'a> {
    /// A cardholder's: a card and a new key.
    #[must_use]
    pub const fn card(
        answers: &'a [(String, String)],
        card: &'a PanData,
        key: &'a PrivateKey,
    ) -> Self {
        Self {
            answers,
            account: Account::Card(card),
            signature_key: Some(key),
            encryption_key: None,
            holder: None,
            renewed_encryption: None,
        }
    }

    /// Does it fit the type of request? (§3.3)
    pub(super) fn check(&self, request_type: RequestType) -> Result<(), ApplicationFault> {
        let fault = ApplicationFault::Unfit;
        let fits = |there: bool, wanted: bool, what| {
            if there == wanted { Ok(()) } else { Err(fault(request_type, what)) }
        };
        let (signature, encryption) =
            (request_type.wants_signature(), request_type.wants_encryption());
        let renewal = request_type.is_renewal();
        fits(self.signature_key.is_some(), signature, "new signature key")?;
        fits(self.encryption_key.is_some(), encryption, "new encryption key")?;
        fits(self.holder.is_some(), renewal || !signature, "signature certificate held so far")?;
        let renewed = self.renewed_encryption.is_some();
        fits(renewed, renewal && encryption, "encryption certificate to renew")?;
        let card = matches!(self.account, Account::Card(_));
        fits(card, request_type.role() == Role::Cardholder, "payment card")?;
        match &self.holder {
            Some(held) if held.certificate.spki_der() != held.key.spki_der() => {
                Err(ApplicationFault::HolderKey)
            }
            _ => Ok(()),
        }
    }
}

/// What a certificate is to stand for in payments.
#[derive(Clone, Copy, Debug)]
pub enum Account<'a> {
    /// A cardholder's payment card.
    Card(&'a PanData),
    /// A merchant's or gateway's bank account, where the CA asks for it.
    Bank(&'a str),
    /// Nothing: the CA does not ask, or it may stay empty.
    None,
}

impl<'a> Account<'a> {
    /// The bank account.
    pub(super) const fn bank(self) -> Option<&'a str> {
        match self {
            Self::Bank(text) => Some(text),
            Self::Card(_) | Self::None => None,
        }
    }
}

/// The card to register: the same number as for the form (decisions.md 17), and its expiry.
#[derive(Clone, Debug)]
pub struct PanData {
    /// Account number.
    pub pan: Pan,
    /// Last month in which the card is good.
    pub expiry: CardExpiry,
}

/// A signature certificate of the end entity, and its key.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The certificate.
    pub certificate: &'a Cert,
    /// Its key.
    pub key: &'a PrivateKey,
}

/// Something that was given or left out against the table of [`Application`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplicationFault {
    /// The key is not that of the certificate.
    #[error("the key given for the signature certificate is another one than it certifies")]
    HolderKey,
    /// A merchant's identity for a gateway, or the reverse, or any for a cardholder (§3.2).
    #[error("the identity given is not one for {0}")]
    Identity(RequestType),
    /// Given though not wanted, or the reverse.
    #[error("{1}: given where {0} takes none, or missing where it does")]
    Unfit(RequestType, &'static str),
}
