//! Is the issued certificate the one that was asked for? (spec `set-messages.md` §4.7 steps 5, 6).

use zeroize::Zeroizing;

use super::trust::Trusted;
use super::wallet::Session;
use super::{EeError, Requesting};
use crate::UnixTime;
use crate::decide::DateWindow;
use crate::envelope::{blinded_name, pan_secret};
use crate::issue::SubjectName;
use crate::path::{Purpose, Verdict};
use crate::profile::Role;
use crate::wire::extensions::{CertificateType, ExtensionValue};
use crate::wire::{Cert, CertResData, Secret, Thumbs};

/// A certificate that must not be installed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// certThumbs does not list exactly the certificates issued.
    #[error("certThumbs does not list exactly one enclosed cardholder certificate")]
    Enclosed,
    /// It was issued by another CA than the one that answered.
    #[error("it was issued by another CA than the one that answered")]
    Issuer,
    /// It is for another key.
    #[error("it is for another public key")]
    Key,
    /// Its commonName is not the one of this card.
    #[error("its commonName is not the keyed hash of this card")]
    Name,
    /// nonceCCA is missing or has the wrong length.
    #[error("the CA's half of the card's secret is missing or too short")]
    NoNonce,
    /// It lives longer than the card.
    #[error("it ends on {not_after}, the card on {card}")]
    OutlivesCard {
        /// notAfter.
        not_after: UnixTime,
        /// Last second of the card.
        card: UnixTime,
    },
}

/// The one certificate issued in this answer (decisions.md 5).
pub(super) fn issued<'a>(
    session: &Session,
    trusted: &'a Trusted<CertResData>,
) -> Result<&'a Cert, CertificateFault> {
    let mut of_end_entities = trusted.enclosed.iter().filter(|certificate| !is_ca(certificate));
    let (Some(certificate), None) = (of_end_entities.next(), of_end_entities.next()) else {
        return Err(CertificateFault::Enclosed);
    };
    let thumb = certificate.thumbprint(session.suite);
    let listed = trusted.content.cert_thumbs.as_ref().is_some_and(|thumbs| {
        thumbs.digest_algorithm.oid == session.suite.digest_oid() && is_only(thumbs, &thumb)
    });
    if listed { Ok(certificate) } else { Err(CertificateFault::Enclosed) }
}

fn is_only(thumbs: &Thumbs, thumb: &[u8]) -> bool {
    let only = matches!(thumbs.cert_thumbs.as_deref(), Some([one]) if one.as_bytes() == thumb);
    only && thumbs.crl_thumbs.is_none() && thumbs.brand_crl_id_thumbs.is_none()
}

/// Without a readable certificateType it counts as an end entity's: then it must be the one issued,
/// and fails later.
fn is_ca(certificate: &Cert) -> bool {
    let types = CertificateType::find(certificate).ok().flatten();
    types.is_some_and(|types| types.roles().iter().all(|role| role.is_ca()))
}

/// Path, issuer, key and validity.
pub(super) fn check(
    request: &Requesting,
    certificate: &Cert,
    trusted: &Trusted<CertResData>,
    now: UnixTime,
) -> Result<Verdict, EeError> {
    // A clock a little behind the CA's does not make a new certificate invalid.
    let newest = now.plus_secs(DateWindow::default().future);
    let at =
        if certificate.not_before() <= newest { now.max(certificate.not_before()) } else { now };
    let (purpose, role) = (Purpose::MessageSignature, Role::Cardholder);
    let what = "the issued certificate";
    let verdict = trusted.evidence.judge(&request.session, what, certificate, purpose, role, at)?;
    if certificate.issuer_der() != trusted.signer.subject_der() {
        return Err(CertificateFault::Issuer.into());
    }
    if certificate.spki_der() != request.spki {
        return Err(CertificateFault::Key.into());
    }
    // A certificate must not outlive the card (SET Book 2, certificate validity; decisions.md 26).
    let expiry = request.card.expiry;
    let not_after = certificate.not_after();
    match UnixTime::end_of_month(expiry.year(), expiry.month()) {
        Some(card) if not_after > card => {
            Err(CertificateFault::OutlivesCard { not_after, card }.into())
        }
        _ => Ok(verdict),
    }
}

/// PANSecret, if the commonName is the card's keyed hash under it (§4.9).
pub(super) fn check_name(
    request: &Requesting,
    certificate: &Cert,
    nonce_cca: &Secret,
) -> Result<Zeroizing<Vec<u8>>, CertificateFault> {
    let suite = request.session.suite;
    let secret = pan_secret(suite, request.card_secret.as_bytes(), nonce_cca.as_bytes())
        .map_err(|_| CertificateFault::NoNonce)?;
    let expiry = request.card.expiry.to_string();
    let expected = blinded_name(suite, request.card.pan.digits(), &expiry, &secret)
        .map_err(|_| CertificateFault::Name)?;
    let subject = SubjectName::from_der(certificate.subject_der());
    let found = subject.ok().and_then(|subject| subject.common_name);
    if found.as_ref() == Some(&expected) { Ok(secret) } else { Err(CertificateFault::Name) }
}
