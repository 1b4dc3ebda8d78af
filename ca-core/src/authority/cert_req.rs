//! CertReq opened: what it asks for, and whose signatures it bears (spec `set-messages.md` §2.8,
//! §3.3, §4.6 steps 1 to 5).

use der::Encode;

use super::fault::Fault;
use super::grant::GrantedKey;
use super::reg_form::recipient;
use super::{Authority, Ca, Error, Hierarchy, Stage};
use crate::decide::{
    Refusal, Wanted, check_account_kind, check_same_entity, check_same_name, check_signers,
    check_standing,
};
use crate::envelope::{
    CERT_REQ_ENC, CERT_REQ_ENCX, OpenedEncx, SignedMessage, open_enc, open_encx,
};
use crate::profile::KeyUse;
use crate::store::{CertificateRecord, Registration, SerialNumber};
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::pkcs7::IssuerAndSerial;
use crate::wire::{AcctInfo, Cert, CertReq, CertReqData, CertThumb, decode, oids};
use crate::{Suite, UnixTime};

/// A CertReq that opened. Nobody has verified its signatures yet.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) data: CertReqData,
    opened: Opened,
}

#[derive(Debug)]
enum Opened {
    Enc(SignedMessage),
    EncX(OpenedEncx),
}

/// What the signatures of a request prove.
#[derive(Debug)]
pub(super) struct Verified {
    /// DER SubjectPublicKeyInfo of the keys that signed, in the order of the SignerInfos.
    pub(super) signers: Vec<Vec<u8>>,
    /// The signature certificate whose key signed, if one did.
    pub(super) backing: Option<Backing>,
}

/// A certificate that the request builds on.
#[derive(Debug)]
pub(super) struct Backing {
    pub(super) certificate: Cert,
    record: CertificateRecord,
}

impl Request {
    /// The account in the key block, a card with a CardSecret of the suite's length (§1.5); none in
    /// an Enc (§4.6 step 1a).
    pub(super) fn account(&self, suite: Suite) -> Result<Option<AcctInfo>, Refusal> {
        let Opened::EncX(opened) = &self.opened else { return Ok(None) };
        match decode(&opened.p, MAX_MESSAGE) {
            Ok(AcctInfo::PanData0(card)) if !card.card_secret.is_of(suite) => {
                Err(Refusal::AccountUnreadable)
            }
            Ok(account) => Ok(Some(account)),
            Err(_) => Err(Refusal::AccountUnreadable),
        }
    }

    /// The keys to certify, signature before encryption: DER SubjectPublicKeyInfo.
    pub(super) fn keys(&self) -> Result<Vec<(KeyUse, Vec<u8>)>, Refusal> {
        let keys = &self.data.public_key_s_or_e;
        let signature = keys.signature().map(|key| (KeyUse::MessageSignature, key));
        let encryption = keys.encryption().map(|key| (KeyUse::Encryption, key));
        let both = signature.into_iter().chain(encryption);
        both.map(|(key_use, key)| Ok((key_use, key.to_der().map_err(|_| Refusal::KeysWrong)?)))
            .collect()
    }

    fn signature(&self) -> &SignedMessage {
        match &self.opened {
            Opened::Enc(signed) => signed,
            Opened::EncX(opened) => &opened.signature,
        }
    }

    fn verify(&self, authority: &Authority, signer: usize, spki: &[u8]) -> Result<(), Refusal> {
        let suite = authority.suite();
        let verified = authority.parts.within(Stage::Verify, || match &self.opened {
            Opened::Enc(signed) => signed.verify(suite, oids::CT_CERT_REQ_DATA, None, signer, spki),
            Opened::EncX(opened) => opened.verify(suite, signer, spki),
        });
        verified.map(|_| ()).map_err(|_| Refusal::SignatureInvalid)
    }
}

impl Authority {
    /// Opens a CertReq. Every fault of the envelope is one and the same Error (spec
    /// `set-crypto.md` §5.4), and so is a plaintext that does not decode.
    pub(super) fn open_request<'a>(
        &self,
        hierarchy: &'a Hierarchy,
        message: &CertReq,
    ) -> Result<(&'a Ca, Request), Fault> {
        let (slot, envelope) = match message {
            CertReq::EncX(envelope) => (&CERT_REQ_ENCX, envelope.as_der()),
            CertReq::Enc(envelope) => (&CERT_REQ_ENC, envelope.as_der()),
        };
        let ca = self.parts.within(Stage::Decode, || recipient(hierarchy, slot, envelope))?;
        let recipients: Vec<_> = ca.generations(KeyUse::Encryption).collect();
        let (decryptor, random) = (self.parts.decryptor.as_ref(), self.parts.random.as_ref());
        let suite = self.suite();
        let open = || match message {
            CertReq::EncX(_) => {
                open_encx(suite, slot, envelope, &recipients, decryptor, random).map(Opened::EncX)
            }
            CertReq::Enc(_) => {
                open_enc(suite, slot, envelope, &recipients, decryptor, random).map(Opened::Enc)
            }
        };
        let opened = self.parts.within(Stage::Open, open).map_err(Fault::opening)?;
        let content = match &opened {
            Opened::EncX(opened) => Some(opened.t.as_slice()),
            // Nobody signed anything else: `verify` covers these very octets.
            Opened::Enc(signed) => signed.unverified_content(),
        };
        let content = content.ok_or(Refusal::Undecryptable)?;
        let data = self.parts.within(Stage::Decode, || decode(content, MAX_MESSAGE));
        let data = data.map_err(|_| Refusal::Undecryptable)?;
        Ok((ca, Request { data, opened }))
    }

    /// The account data reads as what was asked for; the signatures are those that §3.3 asks of the
    /// request type, each verified with the key it must be made with.
    pub(super) fn verified(
        &self,
        ca: &Ca,
        registration: &Registration,
        request: &Request,
        now: UnixTime,
    ) -> Result<Verified, Fault> {
        check_account_kind(registration.role, request.account(self.suite())?.as_ref())?;
        let null_names: Vec<bool> = request.signature().signers().map(|s| s.is_null()).collect();
        check_signers(request.data.request_type, &null_names)?;
        let mut verified = Verified { signers: Vec::new(), backing: None };
        for (number, signer) in request.signature().signers().enumerate() {
            let spki = if signer.is_null() {
                let keys = request.keys()?;
                let own =
                    keys.into_iter().find(|(key_use, _)| *key_use == KeyUse::MessageSignature);
                own.ok_or(Refusal::KeysWrong)?.1
            } else {
                let backing = self.named(ca, signer)?.ok_or(Refusal::CertificateUnknown)?;
                let spki = backing.certificate.spki_der().to_vec();
                verified.backing = Some(backing);
                spki
            };
            request.verify(self, number, &spki)?;
            verified.signers.push(spki);
        }
        if let Some(backing) = &verified.backing {
            check_backing(registration, backing, KeyUse::MessageSignature, now)?;
        }
        Ok(verified)
    }

    /// The keys of the request, each with what it renews (§4.6 step 5, §6 no. 15).
    pub(super) fn granted_keys(
        &self,
        ca: &Ca,
        registration: &Registration,
        request: &Request,
        verified: &Verified,
        now: UnixTime,
    ) -> Result<Vec<GrantedKey>, Fault> {
        let renewal = request.data.request_type.is_renewal();
        let mut keys = Vec::new();
        for (key_use, spki) in request.keys()? {
            let renews = match key_use {
                _ if !renewal => None,
                KeyUse::Encryption => {
                    let thumb = request.data.ee_thumb.as_ref().ok_or(Refusal::RenewedUnnamed)?;
                    let backing = self.thumbed(ca, thumb)?.ok_or(Refusal::RenewedUnnamed)?;
                    check_backing(registration, &backing, key_use, now)?;
                    if let Some(signing) = &verified.backing {
                        let (renewed, signing) = (&backing.certificate, &signing.certificate);
                        check_same_name(registration.role, renewed, signing)?;
                    }
                    Some(backing.record.intent.serial)
                }
                _ => verified.backing.as_ref().map(|backing| backing.record.intent.serial),
            };
            keys.push(GrantedKey { key_use, spki, renews });
        }
        Ok(keys)
    }

    /// The certificate of this CA under an issuer name and serial number.
    fn named(&self, ca: &Ca, name: &IssuerAndSerial) -> Result<Option<Backing>, Error> {
        let Some(serial) = SerialNumber::from_octets(name.serial.as_bytes()) else {
            return Ok(None);
        };
        let found = backing(self.parts.store.certificate(&ca.record.id, &serial)?);
        Ok(found.filter(|backing| name.names(&backing.certificate)))
    }

    /// The certificate of this CA with a thumbprint.
    fn thumbed(&self, ca: &Ca, thumb: &CertThumb) -> Result<Option<Backing>, Error> {
        let thumbprint = thumb.thumbprint.as_bytes();
        if !thumb.names(self.suite(), thumbprint) {
            return Ok(None);
        }
        let found = backing(self.parts.store.certificate_by_thumbprint(thumbprint)?);
        Ok(found.filter(|backing| backing.record.intent.issuer == ca.record.id))
    }
}

fn backing(record: Option<CertificateRecord>) -> Option<Backing> {
    let record = record?;
    let certificate = Cert::from_der(record.der.as_deref()?).ok()?;
    Some(Backing { certificate, record })
}

/// The certificate is in force, for this, and of the entity that asks.
fn check_backing(
    registration: &Registration,
    backing: &Backing,
    key_use: KeyUse,
    now: UnixTime,
) -> Result<(), Refusal> {
    let wanted = Wanted { role: registration.role, key_use, brand: &registration.brand };
    check_standing(Some(&backing.record), wanted, now)?;
    check_same_entity(registration, &backing.certificate)
}
