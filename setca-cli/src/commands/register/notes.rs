//! What the program keeps of a registration beside keys and certificates.

use std::fs;
use std::path::Path;

use ca_core::ee::Saved;
use ca_core::profile::Role;
use ca_core::wire::{AcquirerId, Bin, IdData, MerchantAcquirerId, MerchantId, NumericString};
use ca_server::data::Passphrase;
use der::asn1::OctetString;
use der::{Decode as _, Encode as _, Sequence};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::sealed;
use crate::failure::Failure;

/// Who registered, and where: what a renewal begins with. Nothing secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Registration {
    /// Layout of this value.
    pub(super) version: u8,
    /// cardholder, merchant or gateway.
    pub(super) role: Role,
    /// BrandID.
    pub(super) brand: String,
    /// Where SET messages are posted.
    pub(super) url: String,
    /// Language of form and policy.
    pub(super) language: String,
    /// BIN of the acquirer: merchants and gateways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bin: Option<String>,
    /// merchantID, or acquirerBusinessID of a gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
}

impl Registration {
    /// Reads registration.json.
    ///
    /// # Errors
    /// It is not there, or is none.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read(path).map_err(|e| Failure::file("read", path, &e))?;
        let found: Self = serde_json::from_slice(&text)
            .map_err(|e| Failure::refused(format!("{}: {e}", path.display())))?;
        if found.version == VERSION {
            return Ok(found);
        }
        Err(Failure::refused(format!(
            "{} has version {}, this program reads {VERSION}",
            path.display(),
            found.version
        )))
    }

    pub(super) fn to_json(&self) -> Result<Vec<u8>, Failure> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|e| Failure::refused(format!("the registration cannot be written: {e}")))?;
        text.push(b'\n');
        Ok(text)
    }

    /// IDData of a merchant or a gateway (spec `set-messages.md` §3.2).
    ///
    /// # Errors
    /// A value does not fit its type, or is missing.
    pub(super) fn id_data(&self) -> Result<IdData, Failure> {
        let text = self.bin.as_deref().unwrap_or_default();
        let bin = Bin::new(text)
            .map_err(|_| Failure::usage(format!("--bin \"{text}\" is not six digits")))?;
        match (self.role, self.id.as_deref()) {
            (Role::Merchant, Some(id)) => {
                let merchant_id = MerchantId::new(id)
                    .map_err(|e| Failure::usage(format!("--merchant-id: {e}")))?;
                Ok(IdData::Merchant(MerchantAcquirerId { merchant_bin: bin, merchant_id }))
            }
            (Role::Gateway, id) => {
                let number = id.map(NumericString::new).transpose();
                let acquirer_business_id =
                    number.map_err(|e| Failure::usage(format!("--business-id: {e}")))?;
                Ok(IdData::Acquirer(AcquirerId { acquirer_bin: bin, acquirer_business_id }))
            }
            _ => Err(Failure::usage("give --merchant-id")),
        }
    }
}

/// A request without its final answer, and what goes with it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) notes: Notes,
    /// [`ca_core::ee::Requesting`] or [`ca_core::ee::Pending`], saved.
    pub(super) run: Zeroizing<Vec<u8>>,
}

/// What was agreed to and answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Notes {
    pub(super) registration: Registration,
    /// The policy that was agreed to.
    pub(super) policy: String,
    /// When, in seconds since the epoch.
    pub(super) agreed_at: u64,
    /// First labels of the form's fields, to name what is refused.
    pub(super) labels: Vec<String>,
}

impl Waiting {
    /// Encrypted under the passphrase: keys and card are in it.
    pub(super) fn seal(&self, passphrase: &Passphrase) -> Result<Vec<u8>, Failure> {
        let failed = |e: &dyn std::fmt::Display| {
            Failure::outside(format!("the request cannot be saved: {e}"))
        };
        let notes = serde_json::to_string(&self.notes).map_err(|e| failed(&e))?;
        let run = OctetString::new(self.run.as_slice()).map_err(|e| failed(&e))?;
        let octets = Zeroizing::new(Stored { notes, run }.to_der().map_err(|e| failed(&e))?);
        sealed::data(&octets, passphrase)
    }

    /// Reads what [`Waiting::seal`] wrote.
    ///
    /// # Errors
    /// It cannot be read, or the passphrase is wrong.
    pub(super) fn open(path: &Path, passphrase: &Passphrase) -> Result<Self, Failure> {
        let damaged = || Failure::refused(format!("{} is damaged", path.display()));
        let octets = sealed::open_data(path, passphrase)?;
        let stored = Stored::from_der(&octets).map_err(|_| damaged())?;
        let notes = serde_json::from_str(&stored.notes).map_err(|_| damaged())?;
        Ok(Self { notes, run: Zeroizing::new(stored.run.into_bytes().to_vec()) })
    }

    /// The request itself.
    ///
    /// # Errors
    /// It was written by another version, or is damaged.
    pub(super) fn restore(&self) -> Result<Saved, Failure> {
        Saved::restore(&self.run).map_err(|e| Failure::refused(e.to_string()))
    }
}

/// ```text
/// Stored ::= SEQUENCE { notes UTF8String, run OCTET STRING }
/// ```
#[derive(Sequence)]
struct Stored {
    notes: String,
    run: OctetString,
}

/// Layout of [`Registration`].
pub(super) const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn merchant() -> Registration {
        Registration {
            version: VERSION,
            role: Role::Merchant,
            brand: "Sample".to_owned(),
            url: "http://h/set".to_owned(),
            language: "en".to_owned(),
            bin: Some("411111".to_owned()),
            id: Some("SHOP-1".to_owned()),
        }
    }

    #[test]
    fn waiting_request_is_read_with_its_passphrase_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pending.p8");
        let passphrase = |text: &str| Passphrase::new(Zeroizing::new(text.to_owned())).unwrap();
        let notes = Notes {
            registration: merchant(),
            policy: "Ü".to_owned(),
            agreed_at: 7,
            labels: vec!["Name".to_owned()],
        };
        let waiting = Waiting { notes, run: Zeroizing::new(b"a secret run".to_vec()) };
        let sealed = waiting.seal(&passphrase("right")).unwrap();
        assert!(!sealed.windows(12).any(|window| window == b"a secret run"));
        fs::write(&path, sealed::pem_of(&sealed).unwrap()).unwrap();
        let opened = Waiting::open(&path, &passphrase("right")).unwrap();
        assert_eq!((opened.notes, opened.run), (waiting.notes, waiting.run));
        let failure = Waiting::open(&path, &passphrase("wrong")).unwrap_err();
        assert!(failure.to_string().contains("passphrase"), "{failure}");
    }

    #[test]
    fn merchant_needs_an_id_and_a_gateway_does_not() {
        assert!(merchant().id_data().is_ok());
        assert!(Registration { id: None, ..merchant() }.id_data().is_err());
        let gateway = Registration { role: Role::Gateway, id: None, ..merchant() };
        assert!(gateway.id_data().is_ok());
        assert!(Registration { id: Some("4711".to_owned()), ..gateway.clone() }.id_data().is_ok());
        assert!(Registration { id: Some("SHOP".to_owned()), ..gateway }.id_data().is_err());
        assert!(Registration { bin: None, ..merchant() }.id_data().is_err());
    }
}
