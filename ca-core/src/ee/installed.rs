//! Are the issued certificates those that were asked for? (spec `set-messages.md` §4.7 steps 5, 6).

use zeroize::Zeroizing;

use super::EeError;
use super::cache::is_ca;
use super::kept::{Kept, KeptCard, KeptKey};
use super::trust::Trusted;
use super::wallet::Session;
use crate::decide::DateWindow;
use crate::envelope::{blinded_name, pan_secret};
use crate::issue::SubjectName;
use crate::path::{Purpose, Verdict};
use crate::profile::{KeyUse, Role};
use crate::wire::extensions::{ExtensionValue, MerchantData};
use crate::wire::{Cert, CertResData, IdData, Secret, Thumbs};
use crate::{Suite, UnixTime};

/// A certificate that must not be installed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// The two certificates of a merchant say different things about it.
    #[error("the two certificates do not have the same merchantData")]
    Differ,
    /// certThumbs does not list exactly the certificates issued.
    #[error("certThumbs does not list exactly the enclosed certificates of the end entity")]
    Enclosed,
    /// It was issued by another CA than the one that answered.
    #[error("it was issued by another CA than the one that answered")]
    Issuer,
    /// It is for another key.
    #[error("it is for another public key")]
    Key,
    /// merchantData is missing or cannot be read.
    #[error("it has no merchantData that can be read")]
    MerchantData,
    /// merID is not ours.
    #[error("its merchantData names another merchant")]
    MerchantId,
    /// A key that was sent has no certificate.
    #[error("one of the keys has no certificate")]
    Missing,
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

/// A certificate with the use and the key it is for.
pub(super) type Matched<'a> = (KeyUse, &'a Cert, &'a KeptKey);

/// The certificates issued in this answer, exactly one for each key, signature first
/// (decisions.md 5).
pub(super) fn issued<'a>(
    kept: &'a Kept,
    trusted: &'a Trusted<CertResData>,
) -> Result<Vec<Matched<'a>>, CertificateFault> {
    let enclosed: Vec<&Cert> =
        trusted.enclosed.iter().filter(|certificate| !is_ca(certificate)).collect();
    let listed = trusted.content.cert_thumbs.as_ref();
    if enclosed.is_empty() || !listed.is_some_and(|thumbs| lists(&kept.session, thumbs, &enclosed))
    {
        return Err(CertificateFault::Enclosed);
    }
    let known =
        |certificate: &&&Cert| kept.new_keys().all(|key| key.spki != certificate.spki_der());
    if enclosed.iter().any(|certificate| known(&certificate)) {
        return Err(CertificateFault::Key);
    }
    let uses = [
        (KeyUse::MessageSignature, kept.signature_key.as_ref()),
        (KeyUse::Encryption, kept.encryption_key.as_ref()),
    ];
    uses.into_iter()
        .filter_map(|(key_use, key)| Some((key_use, key?)))
        .map(|(key_use, key)| Ok((key_use, only_for(&enclosed, key)?, key)))
        .collect()
}

/// certThumbs names each of these once, and nothing else.
fn lists(session: &Session, thumbs: &Thumbs, enclosed: &[&Cert]) -> bool {
    let mut named: Vec<&[u8]> =
        thumbs.cert_thumbs.iter().flatten().map(|thumb| thumb.as_bytes()).collect();
    let found: Vec<Vec<u8>> =
        enclosed.iter().map(|certificate| certificate.thumbprint(session.suite)).collect();
    let mut found: Vec<&[u8]> = found.iter().map(Vec::as_slice).collect();
    named.sort_unstable();
    found.sort_unstable();
    thumbs.digest_algorithm.oid == session.suite.digest_oid()
        && named == found
        && thumbs.crl_thumbs.is_none()
        && thumbs.brand_crl_id_thumbs.is_none()
}

fn only_for<'a>(enclosed: &[&'a Cert], key: &KeptKey) -> Result<&'a Cert, CertificateFault> {
    let mut matching = enclosed.iter().filter(|certificate| certificate.spki_der() == key.spki);
    match (matching.next(), matching.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(CertificateFault::Enclosed),
        (None, _) => Err(CertificateFault::Missing),
    }
}

/// Path, use, role, issuer, validity and merchantData of each; the verdict is that of the first.
pub(super) fn check(
    kept: &Kept,
    certificates: &[Matched<'_>],
    trusted: &Trusted<CertResData>,
    now: UnixTime,
) -> Result<Verdict, EeError> {
    let mut verdicts = Vec::new();
    for (key_use, certificate, _) in certificates {
        verdicts.push(check_path(kept, *key_use, certificate, trusted, now)?);
        if certificate.issuer_der() != trusted.signer.subject_der() {
            return Err(CertificateFault::Issuer.into());
        }
        if let Some(card) = &kept.card {
            check_card(card, certificate)?;
        }
    }
    if kept.session.role == Role::Merchant {
        check_merchant(kept, certificates)?;
    }
    verdicts.into_iter().next().ok_or_else(|| CertificateFault::Missing.into())
}

fn check_path(
    kept: &Kept,
    key_use: KeyUse,
    certificate: &Cert,
    trusted: &Trusted<CertResData>,
    now: UnixTime,
) -> Result<Verdict, EeError> {
    // A clock a little behind the CA's does not make a new certificate invalid.
    let newest = now.plus_secs(DateWindow::default().future);
    let begins = certificate.not_before();
    let at = if begins <= newest { now.max(begins) } else { now };
    let (what, purpose) = match key_use {
        KeyUse::Encryption => ("the issued encryption certificate", Purpose::Encryption),
        _ => ("the issued certificate", Purpose::MessageSignature),
    };
    let session = &kept.session;
    trusted.evidence.judge(session, what, certificate, purpose, session.role, at)
}

/// A certificate must not outlive the card (SET Book 2, certificate validity; decisions.md 26).
fn check_card(card: &KeptCard, certificate: &Cert) -> Result<(), CertificateFault> {
    let expiry = card.data.expiry;
    let not_after = certificate.not_after();
    match UnixTime::end_of_month(expiry.year(), expiry.month()) {
        Some(card) if not_after > card => Err(CertificateFault::OutlivesCard { not_after, card }),
        _ => Ok(()),
    }
}

/// merID is the one we sent, and both certificates say the same (spec `set-certificates.md` §5
/// check 13). merAcquirerBIN is the acquirer's to choose.
fn check_merchant(kept: &Kept, certificates: &[Matched<'_>]) -> Result<(), CertificateFault> {
    let mut values = Vec::new();
    for (_, certificate, _) in certificates {
        let value = certificate.extension(MerchantData::OID).map(|e| e.extn_value.as_bytes());
        let value = value.ok_or(CertificateFault::MerchantData)?;
        let data =
            MerchantData::from_value_lenient(value).map_err(|_| CertificateFault::MerchantData)?;
        match &kept.id_data {
            Some(IdData::Merchant(own)) if own.merchant_id.as_str() == data.mer_id.as_str() => {
                values.push(value)
            }
            _ => return Err(CertificateFault::MerchantId),
        }
    }
    if values.windows(2).all(|pair| pair.first() == pair.last()) {
        Ok(())
    } else {
        Err(CertificateFault::Differ)
    }
}

/// PANSecret, if the commonName is the card's keyed hash under it (§4.9).
pub(super) fn check_name(
    suite: Suite,
    card: &KeptCard,
    certificate: &Cert,
    nonce_cca: &Secret,
) -> Result<Zeroizing<Vec<u8>>, CertificateFault> {
    let secret = pan_secret(suite, card.card_secret.as_bytes(), nonce_cca.as_bytes())
        .map_err(|_| CertificateFault::NoNonce)?;
    let expiry = card.data.expiry.to_string();
    let expected = blinded_name(suite, card.data.pan.digits(), &expiry, &secret)
        .map_err(|_| CertificateFault::Name)?;
    let subject = SubjectName::from_der(certificate.subject_der());
    let found = subject.ok().and_then(|subject| subject.common_name);
    if found.as_ref() == Some(&expected) { Ok(secret) } else { Err(CertificateFault::Name) }
}
