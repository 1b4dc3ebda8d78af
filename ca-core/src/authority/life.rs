//! A CA lives on: its certificates are renewed, its keys rolled over, while it works (spec
//! `set-certificates.md` §1.4, §4).
//!
//! Every step is recorded before the next is begun: whoever reads the hierarchy in between finds
//! one that works, and a run that died is finished by the next.

use super::ca_certificate::{Wanted, issue_ca_certificate, issuer_for};
use super::plan::{NewKey, PlannedKey, successors};
use super::{Authority, Ca, Error};
use crate::issue::SubjectName;
use crate::profile::{KeyUsageBits, KeyUse, Role};
use crate::store::{
    CaCertificate, CaId, CertificateQuery, CertificateRecord, CertificateState, SerialNumber,
};
use crate::wire::Cert;
use crate::wire::extensions::{ExtensionValue as _, HashedRootKey, KeyUsage};

/// A certificate that came into force for a CA.
#[derive(Clone, Debug)]
pub struct Reissued {
    /// What its key is for.
    pub key_use: KeyUse,
    /// The certificate in force now.
    pub certificate: Cert,
    /// The one before; it stays valid until its end.
    pub replaced: Option<Cert>,
}

/// The keys for a rollover of the root.
#[derive(Clone, Copy, Debug)]
pub struct RootKeys<'a> {
    /// The key that the certificate in force announces: it takes over.
    pub announced: &'a NewKey,
    /// The key that the new certificate announces.
    pub next: &'a NewKey,
    /// The key of the responder, in suites that have one.
    pub responder: Option<&'a NewKey>,
}

impl Authority {
    /// The key uses that renewing or rolling over `key_use` (all, if none is named) touches, in the
    /// order in which they are done.
    ///
    /// A responder goes with the certificate that certified it: relying parties take no other.
    ///
    /// # Errors
    /// [`Error::Hierarchy`] if there is no such CA or it has no such certificate.
    pub fn key_uses(&self, ca: &CaId, key_use: Option<KeyUse>) -> Result<Vec<KeyUse>, Error> {
        let hierarchy = self.hierarchy();
        let ca = hierarchy.ca(ca).ok_or_else(|| absent(ca))?;
        if let Some(key_use) = key_use {
            ca.need(key_use)?;
        }
        let touched = |found: &KeyUse| {
            let with_issuer =
                *found == KeyUse::OcspSigning && key_use == Some(KeyUse::CertificateSigning);
            key_use.is_none() || key_use == Some(*found) || with_issuer
        };
        Ok(ORDER.into_iter().filter(|found| ca.held(*found).is_some() && touched(found)).collect())
    }

    /// The keys to make for a rollover of `key_uses` of a CA, in their order.
    ///
    /// # Errors
    /// [`Error::Hierarchy`], [`Error::Policy`].
    pub fn plan_rollover(&self, ca: &CaId, key_uses: &[KeyUse]) -> Result<Vec<PlannedKey>, Error> {
        let hierarchy = self.hierarchy();
        let ca = hierarchy.ca(ca).ok_or_else(|| absent(ca))?;
        successors(&self.parts.policies, &ca.record, key_uses)
    }

    /// Puts in force what an interrupted run issued for a CA and did not come to put in force, and
    /// publishes the lists that follow.
    ///
    /// # Errors
    /// [`Error::Store`]; as [`Authority::publish_crl`].
    pub fn finish_interrupted(&self, ca: &CaId) -> Result<Vec<Reissued>, Error> {
        let hierarchy = self.hierarchy();
        let ca = hierarchy.ca(ca).ok_or_else(|| absent(ca))?;
        let mut finished = Vec::new();
        for key_use in ORDER {
            if let Some(certificate) = self.left_behind(ca, key_use)? {
                finished.push(self.put_in_force(ca, key_use, certificate)?);
            }
        }
        let key_uses: Vec<KeyUse> = finished.iter().map(|one| one.key_use).collect();
        self.publish_if_signer_changed(&ca.record.id, &key_uses)?;
        Ok(finished)
    }

    /// Gives the keys of a CA new certificates, the keys staying what they are, and publishes the
    /// CRL and BCIs that name the old one.
    ///
    /// # Errors
    /// [`Error::Policy`] for the root's own certificate: a root is rolled over. [`Error::Prepare`]
    /// if the superior's key must not sign any more; [`Error::Key`] if it is not here.
    pub fn renew(&self, ca: &CaId, key_uses: &[KeyUse]) -> Result<Vec<Reissued>, Error> {
        let mut renewed = Vec::new();
        for key_use in key_uses {
            let hierarchy = self.hierarchy();
            let ca = hierarchy.ca(ca).ok_or_else(|| absent(ca))?;
            let held = ca.need(*key_use)?;
            if ca.record.superior.is_none() && *key_use == KeyUse::CertificateSigning {
                let text = "a root is not renewed but rolled over: its next key is announced";
                return Err(Error::Policy(text.to_owned()));
            }
            let key = NewKey { id: held.key, spki: held.certificate.spki_der().to_vec() };
            // The issuer is the same CA, whichever of its keys signed the old certificate.
            let renews = SerialNumber::from_octets(held.certificate.serial());
            renewed.push(self.reissue(ca, *key_use, &key, renews)?);
        }
        self.publish_if_signer_changed(ca, key_uses)?;
        Ok(renewed)
    }

    /// Renews each responder certificate that is due, with its key; one outcome for each. The
    /// root's needs the root's key.
    pub fn renew_responders(&self) -> Vec<(CaId, Result<Vec<Reissued>, Error>)> {
        let now = self.parts.clock.now();
        let before = self.parts.policies.lists().ocsp_responder_renew_before_secs;
        let hierarchy = self.hierarchy();
        let due = hierarchy.cas().iter().filter(|ca| {
            let held = ca.held(KeyUse::OcspSigning);
            held.is_some_and(|held| held.certificate.not_after().minus_secs(before) <= now)
        });
        due.map(|ca| (ca.record.id.clone(), self.renew(&ca.record.id, &[KeyUse::OcspSigning])))
            .collect()
    }

    /// Gives a CA new keys: `keys` in the order of [`Authority::plan_rollover`], their private
    /// halves where the signer finds them. Then publishes CRL and BCIs under the new key.
    ///
    /// # Errors
    /// As [`Authority::renew`]; the root has [`Authority::rollover_root`].
    pub fn rollover(&self, ca: &CaId, keys: &[(KeyUse, NewKey)]) -> Result<Vec<Reissued>, Error> {
        let mut rolled = Vec::new();
        for (key_use, key) in keys {
            let hierarchy = self.hierarchy();
            let ca = hierarchy.ca(ca).ok_or_else(|| absent(ca))?;
            if ca.record.superior.is_none() && *key_use == KeyUse::CertificateSigning {
                let text = "a root's key is replaced by the one it announces, no other";
                return Err(Error::Policy(text.to_owned()));
            }
            rolled.push(self.reissue(ca, *key_use, key, None)?);
        }
        let key_uses: Vec<KeyUse> = keys.iter().map(|(key_use, _)| *key_use).collect();
        self.publish_if_signer_changed(ca, &key_uses)?;
        Ok(rolled)
    }

    /// Makes the announced key the root (§4.1): it signs its own certificate, which announces the
    /// key after it, a responder certificate and the root's CRL; the BCIs follow. What the old key
    /// signed stays valid until its end; the old key signs nothing more.
    ///
    /// # Errors
    /// [`Error::Policy`] if `announced` is not the key that the root certificate in force
    /// announces, else as [`Authority::renew`].
    pub fn rollover_root(&self, root: &CaId, keys: RootKeys<'_>) -> Result<Vec<Reissued>, Error> {
        let hierarchy = self.hierarchy();
        let ca = hierarchy.ca(root).ok_or_else(|| absent(root))?;
        let held = ca.need(KeyUse::CertificateSigning)?;
        let announced = HashedRootKey::find(held.certificate).ok().flatten();
        if !announced.is_some_and(|announced| announced.announces(&keys.announced.spki)) {
            let text = "the root certificate in force announces another key";
            return Err(Error::Policy(text.to_owned()));
        }
        let wanted = Wanted {
            next_root: Some(keys.next),
            self_signed: true,
            ..self.wanted(ca, KeyUse::CertificateSigning, keys.announced, None)?
        };
        let now = self.parts.clock.now();
        let der = issue_ca_certificate(&self.parts, wanted, now)?;
        let mut rolled = vec![self.put_in_force(ca, KeyUse::CertificateSigning, own(&der)?)?];
        if let Some(responder) = keys.responder {
            let hierarchy = self.hierarchy();
            let ca = hierarchy.ca(root).ok_or_else(|| absent(root))?;
            rolled.push(self.reissue(ca, KeyUse::OcspSigning, responder, None)?);
        }
        self.publish_if_signer_changed(root, &[KeyUse::CertificateSigning])?;
        Ok(rolled)
    }

    /// One certificate issued and put in force.
    fn reissue(
        &self,
        ca: &Ca,
        key_use: KeyUse,
        key: &NewKey,
        renews: Option<SerialNumber>,
    ) -> Result<Reissued, Error> {
        let wanted = self.wanted(ca, key_use, key, renews)?;
        let der = issue_ca_certificate(&self.parts, wanted, self.parts.clock.now())?;
        self.put_in_force(ca, key_use, own(&der)?)
    }

    fn wanted<'a>(
        &self,
        ca: &'a Ca,
        key_use: KeyUse,
        key: &'a NewKey,
        renews: Option<SerialNumber>,
    ) -> Result<Wanted<'a>, Error> {
        let held = ca.need(key_use)?;
        let odd = |_| Error::Hierarchy(format!("name of {}", ca.record.id));
        let mut subject = SubjectName::from_der(held.certificate.subject_der()).map_err(odd)?;
        if key_use == KeyUse::OcspSigning && held.key != key.id {
            subject.common_name = subject.common_name.as_deref().map(next_responder_name);
        }
        Ok(Wanted {
            ca: &ca.record.id,
            superior: ca.record.superior.as_ref(),
            roles: &ca.record.roles,
            brand: ca.record.brand.as_deref(),
            key_use,
            subject,
            key,
            next_root: None,
            self_signed: false,
            renews,
        })
    }

    fn put_in_force(&self, ca: &Ca, key_use: KeyUse, certificate: Cert) -> Result<Reissued, Error> {
        let odd = || Error::Hierarchy(format!("key of {}", ca.record.id));
        let key = crate::signer::KeyId::of_spki(certificate.spki_der()).ok_or_else(odd)?;
        let held = CaCertificate { key_use, key, der: certificate.der().to_vec() };
        self.parts.store.record_ca_certificate(&ca.record.id, &held, &self.parts.acting())?;
        self.reload()?;
        let replaced = ca.held(key_use).map(|held| held.certificate.clone());
        Ok(Reissued { key_use, certificate, replaced })
    }

    /// The lists of a CA follow its certificate.
    fn publish_if_signer_changed(&self, ca: &CaId, key_uses: &[KeyUse]) -> Result<(), Error> {
        if !key_uses.contains(&KeyUse::CertificateSigning) {
            return Ok(());
        }
        let hierarchy = self.hierarchy();
        let signing =
            hierarchy.ca(ca).ok_or_else(|| absent(ca))?.need(KeyUse::CertificateSigning)?;
        // In `set-1997` a CCA or MCA issues no CRL (§1.1).
        let usage = KeyUsage::find(signing.certificate).ok().flatten();
        if usage.is_some_and(|usage| usage.0.contains(KeyUsageBits::CRL_SIGN)) {
            match self.publish_lists(ca) {
                // The lists are published; the alarm is about others, and comes again with them.
                Ok(_) | Err(Error::Exchange { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The newest certificate issued for a key use of the CA that never came into force.
    fn left_behind(&self, ca: &Ca, key_use: KeyUse) -> Result<Option<Cert>, Error> {
        let Some(held) = ca.held(key_use) else { return Ok(None) };
        let responder = key_use == KeyUse::OcspSigning;
        let role = if responder { Some(Role::Ocsp) } else { ca.record.roles.first().copied() };
        let issuer = issuer_for(&ca.record.id, ca.record.superior.as_ref(), key_use);
        let mut query = CertificateQuery {
            issuer: Some(issuer.clone()),
            role,
            state: Some(CertificateState::Issued),
            ..CertificateQuery::default()
        };
        let mut found = None;
        loop {
            let page = self.parts.store.certificates(&query)?;
            let own = page.items.iter().filter(|record| record.intent.key_use == key_use);
            for certificate in own.filter_map(certificate_of) {
                let same_ca =
                    responder || certificate.subject_der() == held.certificate.subject_der();
                let known = ca.generations(key_use).any(|own| *own == certificate);
                if same_ca && !known && certificate.not_before() >= held.certificate.not_before() {
                    found = Some(certificate);
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(found),
            }
        }
    }
}

fn certificate_of(record: &CertificateRecord) -> Option<Cert> {
    Cert::from_der(record.der.as_ref()?).ok()
}

fn own(der: &[u8]) -> Result<Cert, Error> {
    Cert::from_der(der).map_err(|fault| Error::Hierarchy(format!("certificate just made: {fault}")))
}

fn absent(ca: &CaId) -> Error {
    Error::Hierarchy(format!("there is no CA {ca}"))
}

/// `OCSP 1` is followed by `OCSP 2` (§10.5: CN is `OCSP` and a key number).
fn next_responder_name(name: &str) -> String {
    match name.rsplit_once(' ').and_then(|(word, number)| Some((word, number.parse::<u32>().ok()?)))
    {
        Some((word, number)) => format!("{word} {}", number.saturating_add(1)),
        None => format!("{name} 2"),
    }
}

/// A CA's own certificate first, then its responder's, which it issues itself.
const ORDER: [KeyUse; 4] =
    [KeyUse::CertificateSigning, KeyUse::OcspSigning, KeyUse::MessageSignature, KeyUse::Encryption];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responders_are_numbered() {
        assert_eq!(next_responder_name("OCSP 1"), "OCSP 2");
        assert_eq!(next_responder_name("OCSP 9"), "OCSP 10");
    }
}
