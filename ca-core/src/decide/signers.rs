//! Rules on who signs a CertReq (spec `set-messages.md` §3.3, §4.6 steps 3 to 5).

use super::Refusal;
use crate::UnixTime;
use crate::profile::{KeyUse, Role};
use crate::store::{CertificateRecord, CertificateState};
use crate::wire::RequestType;

/// The signers fit the type: a new signature key signs under the null name, and a certificate
/// signs where one is renewed or where no new signature key is brought.
///
/// `null_names` tells of each SignerInfo whether its issuer name is the null name; their order is
/// free.
///
/// # Errors
/// [`Refusal::SignersWrong`].
pub fn check_signers(request_type: RequestType, null_names: &[bool]) -> Result<(), Refusal> {
    let new_keys = usize::from(request_type.wants_signature());
    let certified = usize::from(request_type.is_renewal() || !request_type.wants_signature());
    let nulls = null_names.iter().filter(|null| **null).count();
    let named = null_names.len().saturating_sub(nulls);
    if nulls == new_keys && named == certified {
        Ok(())
    } else {
        Err(Refusal::SignersWrong { found: null_names.len() })
    }
}

/// What a request needs of a certificate that it builds on: the one whose key signs, or the one
/// that is renewed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The end entity's role.
    pub role: Role,
    /// What the certified key is for.
    pub key_use: KeyUse,
    /// Brand of the registration.
    pub brand: &'a str,
}

/// The certificate was issued here, for this, and is neither revoked nor expired.
///
/// # Errors
/// [`Refusal::CertificateUnknown`], [`Refusal::CertificateRevoked`],
/// [`Refusal::CertificateExpired`].
pub fn check_standing<'a>(
    found: Option<&'a CertificateRecord>,
    wanted: Wanted<'_>,
    now: UnixTime,
) -> Result<&'a CertificateRecord, Refusal> {
    let record = found
        .filter(|record| record.intent.role == wanted.role)
        .filter(|record| record.intent.key_use == wanted.key_use)
        .filter(|record| record.intent.brand.as_deref() == Some(wanted.brand))
        .ok_or(Refusal::CertificateUnknown)?;
    match record.state() {
        // What was never handed out cannot be built on.
        CertificateState::Intent => return Err(Refusal::CertificateUnknown),
        CertificateState::Revoked => return Err(Refusal::CertificateRevoked),
        CertificateState::Issued => {}
    }
    let not_after = record.intent.not_after;
    if not_after < now {
        return Err(Refusal::CertificateExpired { not_after, now });
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{CaId, Intent, Revocation, RevocationReason, SerialNumber};

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
    const WANTED: Wanted<'static> =
        Wanted { role: Role::Merchant, key_use: KeyUse::MessageSignature, brand: "Brand" };

    /// §3.3, columns "SignerInfos" and "Signer identification": one letter for each signer, `n` for
    /// the null name.
    const TABLE: [(RequestType, &str); 14] = [
        (RequestType::CardInitialSig, "n"),
        (RequestType::MerInitialSig, "n"),
        (RequestType::PgwyInitialSig, "n"),
        (RequestType::MerInitialBoth, "n"),
        (RequestType::PgwyInitialBoth, "n"),
        (RequestType::MerInitialEnc, "c"),
        (RequestType::PgwyInitialEnc, "c"),
        (RequestType::CardRenewalSig, "nc"),
        (RequestType::MerRenewalSig, "nc"),
        (RequestType::PgwyRenewalSig, "nc"),
        (RequestType::MerRenewalBoth, "nc"),
        (RequestType::PgwyRenewalBoth, "nc"),
        (RequestType::MerRenewalEnc, "c"),
        (RequestType::PgwyRenewalEnc, "c"),
    ];

    fn record(der: Option<Vec<u8>>) -> CertificateRecord {
        let intent = Intent {
            issuer: CaId::new("brand-mca").unwrap(),
            serial: SerialNumber::from_octets(&[1]).unwrap(),
            tbs: Vec::new(),
            subject: String::new(),
            role: Role::Merchant,
            key_use: KeyUse::MessageSignature,
            brand: Some("Brand".to_owned()),
            public_key: [0; 32],
            thumbprint: Vec::new(),
            not_after: NOW,
            request: None,
            renews: None,
            recorded_at: NOW,
        };
        CertificateRecord { position: 1, intent, der, revocation: None }
    }

    #[test]
    fn each_request_type_has_the_signers_of_the_table_and_no_others() {
        for (request_type, signers) in TABLE {
            for shape in ["", "n", "c", "nn", "nc", "cn", "cc", "nnc"] {
                let nulls: Vec<bool> = shape.chars().map(|signer| signer == 'n').collect();
                let fits = shape == signers || (signers == "nc" && shape == "cn");
                let expected =
                    if fits { Ok(()) } else { Err(Refusal::SignersWrong { found: shape.len() }) };
                assert_eq!(
                    check_signers(request_type, &nulls),
                    expected,
                    "{request_type:?} {shape}"
                );
            }
        }
    }

    #[test]
    fn a_certificate_in_force_may_be_built_on_to_its_last_second() {
        let found = record(Some(vec![0x30]));
        assert_eq!(check_standing(Some(&found), WANTED, NOW), Ok(&found));
        let now = NOW.plus_secs(1);
        assert_eq!(
            check_standing(Some(&found), WANTED, now),
            Err(Refusal::CertificateExpired { not_after: NOW, now })
        );
    }

    #[test]
    fn an_unknown_certificate_or_one_for_something_else_is_not_built_on() {
        let found = record(Some(vec![0x30]));
        let unknown = Err(Refusal::CertificateUnknown);
        assert_eq!(check_standing(None, WANTED, NOW), unknown);
        assert_eq!(check_standing(Some(&record(None)), WANTED, NOW), unknown);
        for wanted in [
            Wanted { role: Role::Gateway, ..WANTED },
            Wanted { key_use: KeyUse::Encryption, ..WANTED },
            Wanted { brand: "Other", ..WANTED },
        ] {
            assert_eq!(check_standing(Some(&found), wanted, NOW), unknown, "{wanted:?}");
        }
    }

    #[test]
    fn a_revoked_certificate_is_not_built_on() {
        let mut found = record(Some(vec![0x30]));
        found.revocation = Some(Revocation::new(NOW, RevocationReason::Unspecified));
        assert_eq!(check_standing(Some(&found), WANTED, NOW), Err(Refusal::CertificateRevoked));
    }
}
