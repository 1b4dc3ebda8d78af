//! A signed answer becomes trusted content: signer found, signature verified, path and status of
//! the signer judged (spec `set-certificates.md` §5, `set-messages.md` §4.3 step 1).

use const_oid::ObjectIdentifier;
use der::{Decode, Encode};

use super::wallet::Session;
use super::{EeError, bci};
use crate::UnixTime;
use crate::envelope::SignedMessage;
use crate::path::{
    Origin, Purpose, Request, RevocationMode, Rules, Settings, Verdict, trusted_roots, validate,
};
use crate::profile::Role;
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::{
    BrandCrlIdentifier, BrandCrlIdentifierOctets, Cert, CertThumb, Crl, decode, oids,
};

/// Content of an answer that a valid CA of the brand signed.
pub(super) struct Trusted<T> {
    pub(super) content: T,
    /// The certificate it was signed under.
    pub(super) signer: Cert,
    /// Certificates that came with this answer, not those of before.
    pub(super) enclosed: Vec<Cert>,
    pub(super) evidence: Evidence,
}

impl<T> Trusted<T> {
    /// Keeps what came along for the messages to come.
    pub(super) fn remember(self, session: &mut Session) -> T {
        let Evidence { certificates, crls, bci, anchors } = self.evidence;
        session.anchors = anchors;
        session.cache.absorb(certificates, crls);
        session.cache.bci = bci.or_else(|| session.cache.bci.take());
        self.content
    }
}

/// An answer content that may carry a BCI.
pub(super) trait SignedContent: for<'a> Decode<'a, Error = der::Error> + Encode {
    /// Its content type.
    const CONTENT_TYPE: ObjectIdentifier;

    /// brandCRLIdentifier.
    fn bci(&self) -> Option<&BrandCrlIdentifierOctets>;
}

/// Verifies an answer of the CA that serves this kind of end entity.
///
/// The key is used before its certificate is judged because the signed content has the BCI that
/// says which CRLs count; nothing leaves here unless both hold.
pub(super) fn verify<T: SignedContent>(
    session: &Session,
    signed: &SignedMessage,
    now: UnixTime,
) -> Result<Trusted<T>, EeError> {
    let (enclosed, mut evidence) = Evidence::of(session, signed, now)?;
    let signer = signer(signed, &evidence)?.clone();
    let verified = signed.verify(session.suite, T::CONTENT_TYPE, None, 0, signer.spki_der())?;
    let content: T = decode(verified.content(), MAX_MESSAGE)?;
    evidence.bci = Some(bci::current(session, content.bci())?);
    let what = "the certificate that signed the answer";
    evidence.judge(session, what, &signer, Purpose::MessageSignature, session.ca(), now)?;
    Ok(Trusted { content, signer, enclosed, evidence })
}

/// True if an Error was signed by such a CA of the brand. It carries no BCI (decisions.md 8 is
/// about answers), so its CRLs are taken as they come, unless a BCI of before knows better.
pub(super) fn is_authentic(session: &Session, signed: &SignedMessage, now: UnixTime) -> bool {
    let check = || {
        let (_, evidence) = Evidence::of(session, signed, now)?;
        let signer = signer(signed, &evidence)?;
        signed.verify(session.suite, oids::CT_ERROR_TBS, None, 0, signer.spki_der())?;
        let purpose = Purpose::MessageSignature;
        evidence.judge(session, "the signer of the Error", signer, purpose, session.ca(), now)
    };
    check().is_ok()
}

/// Everything at hand to judge certificates by: nothing is believed of it.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub(super) certificates: Vec<Cert>,
    crls: Vec<Crl>,
    /// The one that governs; without any, a CRL of any number counts.
    bci: Option<BrandCrlIdentifier>,
    /// The roots trusted so far, and those that follow from them (spec `set-certificates.md` §4.2).
    anchors: Vec<Cert>,
}

impl Evidence {
    /// What came with the answer, and that with what was seen before.
    fn of(
        session: &Session,
        signed: &SignedMessage,
        now: UnixTime,
    ) -> Result<(Vec<Cert>, Self), EeError> {
        let enclosed = signed.certificates().map(Cert::from_der).collect::<Result<Vec<_>, _>>()?;
        let mut crls = signed.crls().map(Crl::from_der_set).collect::<Result<Vec<_>, _>>()?;
        let mut certificates = enclosed.clone();
        certificates.extend(session.cache.certificates.iter().cloned());
        crls.extend(session.cache.crls.iter().cloned());
        let bci = session.cache.bci.clone();
        let Session { anchors, root_hash, suite, .. } = session;
        let anchors = trusted_roots(anchors, root_hash.as_ref(), &certificates, now, *suite);
        Ok((enclosed, Self { certificates, crls, bci, anchors }))
    }

    /// The certificate that a CertThumb names; `session.anchors` are none of these.
    pub(super) fn named(&self, session: &Session, thumb: &CertThumb) -> Option<&Cert> {
        self.certificates
            .iter()
            .find(|certificate| thumb.names(session.suite, &certificate.thumbprint(session.suite)))
    }

    /// Judges a certificate by the rules of SET, its status included.
    pub(super) fn judge(
        &self,
        session: &Session,
        what: &'static str,
        certificate: &Cert,
        purpose: Purpose,
        role: Role,
        at: UnixTime,
    ) -> Result<Verdict, EeError> {
        let settings = Settings {
            purpose: Some(purpose),
            brand: Some(session.brand.as_str().to_owned()),
            role: Some(role),
            bci: if self.bci.is_some() {
                RevocationMode::Require
            } else {
                RevocationMode::IfAvailable
            },
            ..Settings::new(Rules::Set, session.suite, at)
        };
        let verdict = validate(&Request {
            certificate,
            untrusted: &self.certificates,
            anchors: &self.anchors,
            crls: &self.crls,
            bcis: self.bci.as_slice(),
            ocsp: &[],
            register: &[],
            settings: &settings,
        });
        if verdict.valid {
            return Ok(verdict);
        }
        let thumb = CertThumb::new(session.suite, &certificate.thumbprint(session.suite))
            .map_err(|fault| EeError::Value { what: "thumbprint", fault })?;
        Err(EeError::Certificate { what, verdict: Box::new(verdict), thumb })
    }

    /// The certificates of a judged path above its first, and the root at its end.
    pub(super) fn chain<'a>(&'a self, verdict: &Verdict) -> (Vec<&'a Cert>, Option<&'a Cert>) {
        let mut chain = Vec::new();
        let mut root = None;
        for element in &verdict.path {
            match element.origin {
                Origin::Anchor(index) => root = self.anchors.get(index),
                Origin::Untrusted(index) => chain.extend(self.certificates.get(index)),
                Origin::Certificate | Origin::Ocsp(_) => {}
            }
        }
        (chain, root)
    }
}

/// The certificate of the one signer, by issuer and serial number.
fn signer<'a>(signed: &SignedMessage, evidence: &'a Evidence) -> Result<&'a Cert, EeError> {
    let mut signers = signed.signers();
    let (Some(name), None) = (signers.next(), signers.next()) else {
        return Err(EeError::Signers);
    };
    evidence
        .certificates
        .iter()
        .find(|certificate| name.names(certificate))
        .ok_or(EeError::MissingCertificate("the certificate that signed the answer"))
}
