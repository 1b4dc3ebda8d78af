//! Records to try a store with: made from small numbers, all different.

use sha2::Digest as _;

use super::Violation;
use crate::UnixTime;
use crate::audit::{Acting, Actor};
use crate::profile::{KeyUse, Role};
use crate::signer::KeyId;
use crate::store::{
    CaCertificate, CaId, CaRecord, Decided, Intent, IssuedCertificate, ListId, OpenRequest,
    PeerError, PublishedList, Registration, RegistrationState, SerialNumber, StoredAnswer,
};

/// The time at which samples were recorded: 2026-11-22T13:00:00Z.
pub const NOW: UnixTime = UnixTime::from_secs(1_795_352_400);

/// Somebody who acts.
#[must_use]
pub fn acting() -> Acting {
    Acting::new(Actor::Folder, NOW)
}

/// The identifier `text`.
///
/// # Errors
/// If `text` is not an identifier.
pub fn ca_id(text: &str) -> Result<CaId, Violation> {
    CaId::new(text).ok_or_else(|| Violation(format!("sample CA identifier {text:?}")))
}

/// The serial number with this value.
///
/// # Errors
/// If the value is zero.
pub fn serial(value: u64) -> Result<SerialNumber, Violation> {
    let octets = u128::from(value).to_be_bytes();
    let zeros = value.leading_zeros().div_euclid(8) as usize + 8;
    // A leading one bit takes an octet of sign before it.
    let sign = usize::from(value.leading_zeros().is_multiple_of(8));
    octets
        .get(zeros.saturating_sub(sign)..)
        .and_then(SerialNumber::from_octets)
        .ok_or_else(|| Violation(format!("sample serial number {value}")))
}

/// A cardholder's signature certificate about to be signed: own serial, own key.
///
/// # Errors
/// If the issuer is not an identifier or the number is zero.
pub fn intent(issuer: &str, number: u64) -> Result<Intent, Violation> {
    Ok(Intent {
        issuer: ca_id(issuer)?,
        serial: serial(number)?,
        tbs: format!("to be signed: {number} of {issuer}").into_bytes(),
        subject: format!("CN=cardholder {number}, O=Sample"),
        role: Role::Cardholder,
        key_use: KeyUse::MessageSignature,
        brand: Some("Sample".to_owned()),
        public_key: digest(&format!("key {number} of {issuer}")),
        thumbprint: digest(&format!("thumbprint {number} of {issuer}")).to_vec(),
        not_after: NOW.plus_days(365),
        request: None,
        renews: None,
        recorded_at: NOW,
    })
}

/// What an intent becomes.
#[must_use]
pub fn issued(intent: &Intent) -> IssuedCertificate {
    let mut der = b"signed: ".to_vec();
    der.extend_from_slice(&intent.tbs);
    IssuedCertificate { intent: intent.clone(), der }
}

/// A CA under `superior` with one certificate.
///
/// # Errors
/// If a name is not an identifier or the number is zero.
pub fn ca(id: &str, superior: Option<&str>, number: u64) -> Result<CaRecord, Violation> {
    let own = CaCertificate {
        key_use: KeyUse::CertificateSigning,
        key: KeyId([number as u8; 20]),
        der: issued(&intent(superior.unwrap_or(id), number)?).der,
    };
    Ok(CaRecord {
        id: ca_id(id)?,
        superior: superior.map(ca_id).transpose()?,
        roles: if superior.is_some() { vec![Role::Cca, Role::Mca] } else { vec![Role::Rca] },
        brand: superior.map(|_| "Sample".to_owned()),
        certificates: vec![own],
    })
}

/// A registration that has just begun: everything optional is absent.
///
/// # Errors
/// Never: the identifier is fixed.
pub fn registration(number: u8) -> Result<Registration, Violation> {
    let (lid_ca, lid_ee) = (vec![0xca, number], vec![0xee, number]);
    let (ca, brand) = (ca_id("sample-cca")?, "Sample".to_owned());
    Ok(Registration::begun(lid_ca, lid_ee, ca, Role::Cardholder, brand, NOW))
}

/// The same registration later: everything optional is present.
#[must_use]
pub fn moved_on(registration: &Registration) -> Registration {
    Registration {
        state: RegistrationState::Complete,
        request_type: Some(4),
        language: Some("en".to_owned()),
        form_id: Some(u64::MAX),
        chall_ca: Some([0xc4; 20]),
        bin: Some("999999".to_owned()),
        pan_hash: Some([0x9a; 32]),
        pan_tail: Some("0001".to_owned()),
        status: Some(8),
        refusal: Some("late".to_owned()),
        message: Some("ask again".to_owned()),
        business_id: Some("MERCHANT01".to_owned()),
        signers: vec![b"one key".to_vec(), b"another".to_vec()],
        open: Some(open_request(registration)),
        sealed: Some(vec![0x5e; 40]),
        decision: Some(Decided { by: "operator".to_owned(), approved: true, at: NOW }),
        collect_by: Some(NOW.plus_days(90)),
        issued: [1, 0x80, u64::MAX].into_iter().filter_map(|value| serial(value).ok()).collect(),
        peer_error: Some(PeerError { code: 999, at: NOW }),
        updated_at: NOW.plus_secs(60),
        ..recorded(registration)
    }
}

/// The registration as it is found after it was recorded.
#[must_use]
pub fn recorded(registration: &Registration) -> Registration {
    Registration { revision: registration.revision + 1, ..registration.clone() }
}

/// A request in `registration` that waits, with two keys of its own.
#[must_use]
pub fn open_request(registration: &Registration) -> OpenRequest {
    let key = |name: &str| digest(&format!("{name} key of {:?}", registration.lid_ca));
    OpenRequest {
        request: digest(&format!("request of {:?}", registration.lid_ca)),
        public_keys: vec![key("signature"), key("encryption")],
    }
}

/// The answer to a request.
#[must_use]
pub fn answer(rrpid: u8, octets: &[u8]) -> StoredAnswer {
    StoredAnswer {
        rrpid: [rrpid; 20],
        request: digest(&format!("request {rrpid}")),
        lid_ca: vec![0xca, 1],
        octets: octets.to_vec(),
        recorded_at: NOW,
    }
}

/// A list with this number.
#[must_use]
pub fn list(list: &ListId, number: u64) -> PublishedList {
    PublishedList {
        list: list.clone(),
        number,
        der: format!("{list}: {number}").into_bytes().into(),
        this_update: NOW,
        next_update: NOW.plus_days(7),
    }
}

fn digest(text: &str) -> [u8; 32] {
    sha2::Sha256::digest(text).into()
}
