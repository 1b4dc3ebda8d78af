//! Checks of the fields of a certificate. "§" is spec `set-certificates.md` unless said otherwise.

use x509_cert::time::Time;

use super::{SERIAL_OCTETS, Subject, der_of, profile_name};
use crate::issue::SubjectName;
use crate::signer::{KeyAlgorithm, SignatureAlgorithm};
use crate::wire::Cert;
use crate::wire::extensions::{ExtensionValue, PrivateKeyUsagePeriod};
use crate::{Suite, UnixTime};

/// Spec `set-certificates.md` §2: v3, no unique identifiers.
pub(super) fn check_version(subject: &Subject<'_>) -> Result<(), String> {
    let unique =
        subject.tbs.issuer_unique_id().is_some() || subject.tbs.subject_unique_id().is_some();
    match subject.tbs.version() {
        x509_cert::certificate::Version::V3 if !unique => Ok(()),
        x509_cert::certificate::Version::V3 => Err("unique identifiers are present".to_owned()),
        other => Err(format!("version is {other:?}, not V3")),
    }
}

/// §2: 16 octets, positive, the first not zero.
pub(super) fn check_serial_number(subject: &Subject<'_>) -> Result<(), String> {
    let octets = subject.tbs.serial_number().as_bytes();
    match octets.first() {
        Some(1..=0x7f) if octets.len() == SERIAL_OCTETS => Ok(()),
        _ => Err(format!("serial number has {} octets, or the wrong first one", octets.len())),
    }
}

/// `set-crypto.md` §8.3: a suite's certificates are signed with the suite's algorithms.
pub(super) fn check_signature_algorithm(subject: &Subject<'_>) -> Result<(), String> {
    let algorithm = SignatureAlgorithm::from_identifier(subject.tbs.signature())
        .map_err(|error| error.to_string())?;
    if algorithm.suite() == subject.ordered.suite {
        Ok(())
    } else {
        Err(format!("{} does not belong to suite {}", algorithm.name(), subject.ordered.suite))
    }
}

/// §2: byte-identical copy of the issuer certificate's subject; a root names itself.
pub(super) fn check_issuer_name(subject: &Subject<'_>) -> Result<(), String> {
    let issuer = der_of(subject.tbs.issuer())?;
    let expected = match subject.ordered.issuer {
        Some(certificate) => certificate.subject_der().to_vec(),
        None => der_of(subject.tbs.subject())?,
    };
    if issuer == expected { Ok(()) } else { Err("issuer is not the issuer's subject".to_owned()) }
}

/// RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050; §10.1: `set-1997` knows
/// UTCTime alone.
pub(super) fn check_validity_encoding(subject: &Subject<'_>) -> Result<(), String> {
    let validity = subject.tbs.validity();
    for time in [&validity.not_before, &validity.not_after] {
        let expected = UnixTime::from(time).to_x509().map_err(|error| error.to_string())?;
        if *time != expected {
            return Err(format!("{} has the wrong time type", UnixTime::from(time)));
        }
        if subject.ordered.suite == Suite::Set1997 && !matches!(time, Time::UtcTime(_)) {
            return Err(format!("{} is beyond UTCTime", UnixTime::from(time)));
        }
    }
    Ok(())
}

/// §1.4: not longer than the profile, not beyond the issuer, begun inside the issuer's key period.
pub(super) fn check_validity_length(subject: &Subject<'_>) -> Result<(), String> {
    let (first, last) = (subject.not_before(), subject.not_after());
    let longest = first.plus_days(subject.ordered.profile.validity_days);
    if last <= first || last > longest {
        return Err(format!("notAfter {last} is not between {first} and {longest}"));
    }
    let Some(issuer) = subject.ordered.issuer else { return Ok(()) };
    if last > issuer.not_after() {
        return Err(format!("notAfter {last} is beyond the issuer's {}", issuer.not_after()));
    }
    match PrivateKeyUsagePeriod::find(issuer) {
        Ok(Some(period)) if period.contains(first) => Ok(()),
        Ok(Some(_)) => Err(format!("notBefore {first} is outside the issuer's key usage period")),
        Ok(None) => Err("the issuer has no key usage period".to_owned()),
        Err(error) => Err(format!("key usage period of the issuer: {error}")),
    }
}

/// §2.1.
pub(super) fn check_subject_name(subject: &Subject<'_>) -> Result<(), String> {
    let name = der_of(subject.tbs.subject())?;
    SubjectName::from_der(&name).map(|_| ()).map_err(|error| error.to_string())
}

/// §5 check 11: one BrandID in all certificates below the root.
pub(super) fn check_brand(subject: &Subject<'_>) -> Result<(), String> {
    let Some(issuer) = subject.ordered.issuer else { return Ok(()) };
    if is_root(issuer) {
        return Ok(());
    }
    let organization = |der: &[u8]| SubjectName::from_der(der).map(|name| name.organization);
    let own = organization(&der_of(subject.tbs.subject())?).map_err(|error| error.to_string())?;
    match organization(issuer.subject_der()) {
        Ok(brand) if brand == own => Ok(()),
        Ok(brand) => Err(format!("O is {own:?}, the issuer's brand is {brand:?}")),
        Err(error) => Err(format!("subject of the issuer: {error}")),
    }
}

/// The key is the one ordered, of a kind the profile accepts.
pub(super) fn check_public_key(subject: &Subject<'_>) -> Result<(), String> {
    if der_of(subject.tbs.subject_public_key_info())? != subject.ordered.spki_der {
        return Err("public key is not the one ordered".to_owned());
    }
    match KeyAlgorithm::of_spki(subject.ordered.spki_der) {
        Some(kind) if subject.ordered.profile.key_algorithms.contains(&kind) => Ok(()),
        Some(kind) => Err(format!("profile {} takes no {kind} keys", profile_name(subject))),
        None => Err("public key is of an unknown kind".to_owned()),
    }
}

/// True for a self-issued certificate: only roots issue to themselves here.
fn is_root(certificate: &Cert) -> bool {
    certificate.subject_der() == certificate.issuer_der()
}
