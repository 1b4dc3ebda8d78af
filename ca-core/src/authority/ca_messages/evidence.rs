//! What a message between CAs is judged by: certificates and CRLs that came along and those that
//! are held here. Nothing is believed of them.

use super::super::{Authority, Ca, Error, Hierarchy};
use super::opened::{Opened, malformed};
use crate::decide::{CaRefusal, DateWindow, check_current, check_list_extensions};
use crate::path::{
    Purpose, Request, RevocationMode, Rules, Settings, name_der_text, validate, verify_bci,
    verify_crl,
};
use crate::profile::{KeyUse, Role};
use crate::store::ListId;
use crate::wire::{BrandCrlIdentifier, Cert, Crl, SetCrl};
use crate::{Suite, UnixTime};

/// Certificates and CRLs of one brand, for one moment.
pub(super) struct Evidence {
    suite: Suite,
    brand: String,
    now: UnixTime,
    anchors: Vec<Cert>,
    certificates: Vec<Cert>,
    crls: Vec<Crl>,
}

impl Evidence {
    /// What came with a message, and what is held of the brand. Of the CRLs held here only those of
    /// `issuers` are read: a CRL may have a million entries.
    pub(super) fn gather(
        authority: &Authority,
        opened: &Opened,
        brand: &str,
        issuers: &[&Ca],
        now: UnixTime,
    ) -> Result<Self, Error> {
        let hierarchy = authority.hierarchy();
        let mut certificates = opened.certificates.clone();
        for ca in hierarchy.brand_and_root(brand) {
            certificates.extend(every_generation(ca)?);
        }
        let roots = hierarchy.brand_and_root(brand).filter(|ca| ca.record.superior.is_none());
        let mut anchors = Vec::new();
        for root in roots {
            anchors.extend(every_generation(root)?);
        }
        let mut crls = opened.crls.clone();
        for ca in issuers {
            crls.extend(authority.held_crl(ca)?);
        }
        let (suite, brand) = (authority.suite(), brand.to_owned());
        Ok(Self { suite, brand, now, anchors, certificates, crls })
    }

    /// The CRLs at hand.
    pub(super) fn crls(&self) -> &[Crl] {
        &self.crls
    }

    /// The certificate that signed a message, its status included.
    pub(super) fn judge_sender(&self, certificate: &Cert, role: Role) -> Result<(), CaRefusal> {
        let purpose = Purpose::MessageSignature;
        self.judge("the sender", certificate, purpose, Some(role), RevocationMode::Require)
    }

    /// Judges a certificate by the rules of SET.
    ///
    /// The BCI is left out: it may be what the message brings, and that every CRL used is as new as
    /// the BCI lists is checked there.
    fn judge(
        &self,
        what: &str,
        certificate: &Cert,
        purpose: Purpose,
        role: Option<Role>,
        revocation: RevocationMode,
    ) -> Result<(), CaRefusal> {
        let settings = Settings {
            purpose: Some(purpose),
            brand: Some(self.brand.clone()),
            role,
            revocation,
            bci: RevocationMode::Off,
            ..Settings::new(Rules::Set, self.suite, self.now)
        };
        let verdict = validate(&Request {
            certificate,
            untrusted: &self.certificates,
            anchors: &self.anchors,
            crls: &self.crls,
            bcis: &[],
            ocsp: &[],
            register: &[],
            settings: &settings,
        });
        if verdict.valid {
            return Ok(());
        }
        let reasons: Vec<String> = verdict.reasons.iter().map(ToString::to_string).collect();
        Err(CaRefusal::Path { what: what.to_owned(), reasons: reasons.join("; ") })
    }

    /// Everything that makes a CRL good but its number: extensions, dates, a valid issuer, the
    /// signature. `revocation` says whether the status of the issuer counts.
    pub(super) fn check_crl(&self, crl: &Crl, revocation: RevocationMode) -> Result<(), CaRefusal> {
        let list = crl_text(crl);
        check_list_extensions(&list, crl.unknown_critical_set())?;
        let period = (crl.this_update(), set_fields(crl)?.next_update);
        check_current(&list, period, self.now, DateWindow::default())?;
        let named = crl.authority_key_identifier().ok().flatten();
        let mut signers = self.certificates.iter().chain(&self.anchors);
        let signer = signers
            .find(|certificate| named.as_ref().is_some_and(|named| named.names(certificate)))
            .filter(|certificate| certificate.subject_der() == crl.issuer_der())
            .ok_or_else(|| CaRefusal::SignerOfList(list.clone()))?;
        let what = format!("the signer of {list}");
        self.judge(&what, signer, Purpose::CrlSigning, None, revocation)?;
        verify_crl(self.suite, crl, signer)
            .map_err(|fault| CaRefusal::Signature { what: list, fault })
    }

    /// Everything that makes a BCI good but its number and its CRLs (§6.3 checks 1 and 2).
    pub(super) fn check_bci(&self, bci: &BrandCrlIdentifier) -> Result<(), CaRefusal> {
        let (list, unsigned) = (bci_text(bci), bci.unsigned());
        check_list_extensions(&list, unsigned.unknown_critical())?;
        // notAfter is the last second of use.
        let period = (unsigned.not_before, unsigned.not_after.plus_secs(1));
        check_current(&list, period, self.now, DateWindow::default())?;
        let named = unsigned.authority_key_identifier().ok().flatten();
        let signer = self
            .certificates
            .iter()
            .find(|certificate| named.as_ref().is_some_and(|named| named.names(certificate)))
            .ok_or_else(|| CaRefusal::SignerOfList(list.clone()))?;
        let (what, role) = (format!("the signer of {list}"), Some(Role::Bca));
        self.judge(&what, signer, Purpose::CrlSigning, role, RevocationMode::Require)?;
        verify_bci(self.suite, bci, signer)
            .map_err(|fault| CaRefusal::Signature { what: list, fault })
    }
}

impl Authority {
    /// The CRL that is held of a CA.
    pub(super) fn held_crl(&self, ca: &Ca) -> Result<Option<Crl>, Error> {
        let id = &ca.record.id;
        let Some(published) = self.held_list(&ListId::Crl(id.clone()))? else { return Ok(None) };
        let crl = Crl::from_der_set(&published.der.whole())
            .map_err(|fault| Error::Hierarchy(format!("published CRL of {id}: {fault}")))?;
        Ok(Some(crl))
    }
}

/// The enclosed certificate of the one signer of a message, by issuer and serial number.
pub(super) fn sender(opened: &Opened) -> Result<&Cert, CaRefusal> {
    let mut signers = opened.signed.signers();
    let (Some(name), None) = (signers.next(), signers.next()) else {
        return Err(CaRefusal::Signer);
    };
    let mut enclosed = opened.certificates.iter();
    enclosed.find(|certificate| name.names(certificate)).ok_or(CaRefusal::Signer)
}

/// A CA and its superiors, up to and including the root.
pub(super) fn with_superiors<'h>(hierarchy: &'h Hierarchy, ca: &'h Ca) -> Vec<&'h Ca> {
    let above = |ca: &&'h Ca| ca.record.superior.as_ref().and_then(|id| hierarchy.ca(id));
    core::iter::successors(Some(ca), above).collect()
}

/// The CA of ours with this name: a CA has one, in all its certificates (spec §2.1).
pub(super) fn ca_named<'h>(hierarchy: &'h Hierarchy, subject_der: &[u8]) -> Option<&'h Ca> {
    hierarchy.cas().iter().find(|ca| {
        ca.held(KeyUse::CertificateSigning)
            .is_some_and(|held| held.certificate.subject_der() == subject_der)
    })
}

/// `CRL number 3 of "C=US, O=Brand"`.
pub(super) fn crl_text(crl: &Crl) -> String {
    let number = crl.number().map_or_else(|| "unknown".to_owned(), |number| number.to_string());
    format!("CRL number {number} of \"{}\"", name_der_text(crl.issuer_der()))
}

/// Number and end of a CRL.
pub(super) fn set_fields(crl: &Crl) -> Result<SetCrl, CaRefusal> {
    crl.set_fields().map_err(|fault| malformed("a CRL")(fault.into()))
}

/// `BCI number 3 of Brand`.
pub(super) fn bci_text(bci: &BrandCrlIdentifier) -> String {
    format!("BCI number {} of {}", bci.unsigned().sequence_num, bci.unsigned().brand_id)
}

/// A CA's certificates for signing certificates and messages, old ones too: a list may have been
/// signed under the one before.
fn every_generation(ca: &Ca) -> Result<Vec<Cert>, Error> {
    let wanted = [KeyUse::CertificateSigning, KeyUse::MessageSignature];
    let certificates = ca.record.certificates.iter();
    certificates
        .filter(|certificate| wanted.contains(&certificate.key_use))
        .map(|certificate| {
            Cert::from_der(&certificate.der)
                .map_err(|fault| Error::Hierarchy(format!("{}: {fault}", ca.record.id)))
        })
        .collect()
}
