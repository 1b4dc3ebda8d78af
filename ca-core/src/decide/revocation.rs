//! Who may revoke what, and for which reason (spec `set-certificates.md` §6.1).
//!
//! The holder of a certificate is not among those who may: SET has no message for it. It tells its
//! bank, which has a right of its own, or the operator.

use core::fmt;

use crate::profile::{BinRange, KeyUse, RevocationRules, Role, Side, SideRules};
use crate::store::{CaId, CertificateRecord, Registration, RevocationReason, SerialNumber};

/// Who asks, and with what right.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Revoker {
    /// A bank, for its own customers.
    Institution {
        /// The name it is known by here.
        name: String,
        /// Which customers are its own.
        remit: Remit,
    },
    /// The operator of the hierarchy: everything below the root.
    Operator,
}

impl fmt::Display for Revoker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Institution { name, .. } => write!(f, "institution {name}"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

/// Which customers are an institution's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remit {
    /// BrandID.
    pub brand: String,
    /// Whose registrations.
    pub side: Side,
    /// Of which BINs; if none is named, of all.
    pub bins: Vec<BinRange>,
}

impl Remit {
    fn has_bin(&self, bin: Option<&str>) -> bool {
        let among = |bin| self.bins.iter().any(|range| range.contains(bin));
        self.bins.is_empty() || bin.is_some_and(among)
    }
}

/// Why somebody may not revoke a certificate, or release it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{serial} of {issuer} stays as it is: {rule}")]
pub struct RevocationRefusal {
    /// Issuer of the certificate.
    pub issuer: CaId,
    /// Its serial number.
    pub serial: SerialNumber,
    /// The rule that is in the way.
    pub rule: RevocationRule,
}

/// The rules of who may revoke what.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationRule {
    /// An institution has its own BINs.
    #[error("its BIN {} is not one of {who}", .bin.as_deref().unwrap_or("is unknown, and"))]
    Bin {
        /// Who asked.
        who: String,
        /// BIN of the registration, if one is recorded.
        bin: Option<String>,
    },
    /// An institution has one brand.
    #[error("it is of brand {}, {who} is of {own}", .brand.as_deref().unwrap_or("none"))]
    Brand {
        /// Who asked.
        who: String,
        /// Brand of the certificate.
        brand: Option<String>,
        /// Brand of the institution.
        own: String,
    },
    /// X.509 §9.5.3.1 (recalled `[R]`): cACompromise is about the key of a CA that signs
    /// certificates, keyCompromise about any other.
    #[error("{} is not for a {key_use} key of a {role}: write {}", .reason.name(), .instead.name())]
    Compromise {
        /// The reason given.
        reason: RevocationReason,
        /// Role of the certificate.
        role: Role,
        /// What its key is for.
        key_use: KeyUse,
        /// The reason that fits.
        instead: RevocationReason,
    },
    /// `policies/revocation.toml`: an institution has some of the reasons.
    #[error("{} is not a reason that {who} may give", .reason.name())]
    Reason {
        /// Who asked.
        who: String,
        /// The reason given.
        reason: RevocationReason,
    },
    /// An institution ends what it registered.
    #[error("it was issued in no registration of {who}")]
    Registration {
        /// Who asked.
        who: String,
    },
    /// Set-certificates.md §6.1: a CA is revoked by its superior, an end entity by who answers for
    /// it (`policies/revocation.toml`).
    #[error("it is of a {role}: that is not for {who}, an {side}")]
    Role {
        /// Who asked.
        who: String,
        /// On which side that is.
        side: Side,
        /// Role of the certificate.
        role: Role,
    },
    /// Set-certificates.md §6.1: nobody lists the root, it is rolled over out of turn.
    #[error("a root has no superior that could revoke it: roll it over")]
    Root,
}

/// May the certificate be revoked for this reason at all? What the standard says, whoever asks.
///
/// # Errors
/// The rule that is in the way, and the certificate.
pub fn check_reason(
    record: &CertificateRecord,
    reason: RevocationReason,
) -> Result<(), RevocationRefusal> {
    let (role, key_use) = (record.intent.role, record.intent.key_use);
    if role == Role::Rca {
        return Err(refused(record, RevocationRule::Root));
    }
    let signs = role.is_ca() && key_use == KeyUse::CertificateSigning;
    let instead = match reason {
        RevocationReason::CaCompromise if !signs => RevocationReason::KeyCompromise,
        RevocationReason::KeyCompromise if signs => RevocationReason::CaCompromise,
        _ => return Ok(()),
    };
    Err(refused(record, RevocationRule::Compromise { reason, role, key_use, instead }))
}

/// May this one revoke the certificate for this reason? Whoever may put a certificate on hold may
/// also release it: asked with certificateHold. `registration` is the one it was issued in.
///
/// # Errors
/// The rule that is in the way, and the certificate.
pub fn check_revoker(
    revoker: &Revoker,
    record: &CertificateRecord,
    registration: Option<&Registration>,
    reason: RevocationReason,
    rules: &RevocationRules,
) -> Result<(), RevocationRefusal> {
    check_reason(record, reason)?;
    check_own(revoker, record, registration, rules)?;
    let Revoker::Institution { remit, .. } = revoker else { return Ok(()) };
    if rules.of(remit.side).reasons.contains(&reason) {
        return Ok(());
    }
    Err(refused(record, RevocationRule::Reason { who: revoker.to_string(), reason }))
}

/// Is the certificate one that this one may end, for whatever reason?
///
/// # Errors
/// The rule that is in the way, and the certificate.
pub fn check_own(
    revoker: &Revoker,
    record: &CertificateRecord,
    registration: Option<&Registration>,
    rules: &RevocationRules,
) -> Result<(), RevocationRefusal> {
    match revoker {
        Revoker::Operator => Ok(()),
        Revoker::Institution { remit, .. } => {
            let rules = rules.of(remit.side);
            check_remit(revoker, remit, record, registration, rules)
                .map_err(|rule| refused(record, rule))
        }
    }
}

fn check_remit(
    revoker: &Revoker,
    remit: &Remit,
    record: &CertificateRecord,
    registration: Option<&Registration>,
    rules: &SideRules,
) -> Result<(), RevocationRule> {
    let (who, side, role) = (revoker.to_string(), remit.side, record.intent.role);
    if !rules.roles.contains(&role) {
        return Err(RevocationRule::Role { who, side, role });
    }
    if record.intent.brand.as_ref() != Some(&remit.brand) {
        let (brand, own) = (record.intent.brand.clone(), remit.brand.clone());
        return Err(RevocationRule::Brand { who, brand, own });
    }
    // What was not issued to somebody it decided on is not its own, whatever brand it is of.
    let Some(registration) = registration.filter(|found| found.role == role) else {
        return Err(RevocationRule::Registration { who });
    };
    if !remit.has_bin(registration.bin.as_deref()) {
        return Err(RevocationRule::Bin { who, bin: registration.bin.clone() });
    }
    Ok(())
}

fn refused(record: &CertificateRecord, rule: RevocationRule) -> RevocationRefusal {
    let (issuer, serial) = (record.intent.issuer.clone(), record.intent.serial);
    RevocationRefusal { issuer, serial, rule }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;
    use crate::decide::fixture;
    use crate::profile::Policies;
    use crate::store::conformance::samples;

    fn record(role: Role, key_use: KeyUse) -> CertificateRecord {
        let intent = samples::intent("brand-ca", 5).unwrap();
        let intent =
            crate::store::Intent { role, key_use, brand: Some("Brand".to_owned()), ..intent };
        CertificateRecord { position: 1, intent, der: None, revocation: None }
    }

    fn bank(side: Side, bins: &[&str]) -> Revoker {
        let bins = bins.iter().map(|bin| BinRange::parse(bin).unwrap()).collect();
        let remit = Remit { brand: "Brand".to_owned(), side, bins };
        Revoker::Institution { name: "bank".to_owned(), remit }
    }

    /// BIN of the registration is 411111.
    fn asked(
        revoker: &Revoker,
        record: &CertificateRecord,
        reason: RevocationReason,
    ) -> Result<(), RevocationRule> {
        let rules = Policies::shipped(Suite::Modern).unwrap();
        let registration = fixture::registration(record.intent.role);
        check_revoker(revoker, record, Some(&registration), reason, rules.revocation())
            .map_err(|refusal| refusal.rule)
    }

    const SIGNATURE: KeyUse = KeyUse::MessageSignature;

    #[test]
    fn operator_may_end_everything_below_the_root() {
        use RevocationReason::{CaCompromise, CessationOfOperation};
        let cca = record(Role::Cca, KeyUse::CertificateSigning);
        assert_eq!(asked(&Revoker::Operator, &cca, CaCompromise), Ok(()));
        for role in [Role::Bca, Role::Cca, Role::Ocsp, Role::Cardholder, Role::Gateway] {
            let record = record(role, SIGNATURE);
            assert_eq!(asked(&Revoker::Operator, &record, CessationOfOperation), Ok(()), "{role}");
        }
        let root = record(Role::Rca, KeyUse::CertificateSigning);
        let refused = asked(&Revoker::Operator, &root, CessationOfOperation);
        assert_eq!(refused, Err(RevocationRule::Root));
    }

    #[test]
    fn compromise_is_named_after_the_key_it_is_about() {
        use RevocationReason::{CaCompromise, KeyCompromise};
        for (role, key_use, fits, other) in [
            (Role::Cca, KeyUse::CertificateSigning, CaCompromise, KeyCompromise),
            (Role::Cca, KeyUse::Encryption, KeyCompromise, CaCompromise),
            (Role::Cca, SIGNATURE, KeyCompromise, CaCompromise),
            (Role::Ocsp, KeyUse::OcspSigning, KeyCompromise, CaCompromise),
            (Role::Merchant, SIGNATURE, KeyCompromise, CaCompromise),
        ] {
            let record = record(role, key_use);
            assert_eq!(check_reason(&record, fits), Ok(()), "{role} {key_use}");
            let refused = check_reason(&record, other).map_err(|refusal| refusal.rule);
            let rule = RevocationRule::Compromise { reason: other, role, key_use, instead: fits };
            assert_eq!(refused, Err(rule), "{role} {key_use}");
        }
    }

    #[test]
    fn institution_ends_what_its_own_customers_have() {
        let reason = RevocationReason::PrivilegeWithdrawn;
        for (side, role) in [
            (Side::Issuer, Role::Cardholder),
            (Side::Acquirer, Role::Merchant),
            (Side::Acquirer, Role::Gateway),
        ] {
            for bins in [&[][..], &["411111"], &["400000", "411100-411199"]] {
                let record = record(role, SIGNATURE);
                assert_eq!(asked(&bank(side, bins), &record, reason), Ok(()), "{side} {role}");
            }
        }
    }

    #[test]
    fn institution_ends_nothing_else() {
        let who = || "institution bank".to_owned();
        let reason = RevocationReason::PrivilegeWithdrawn;
        let issuer = bank(Side::Issuer, &["411111"]);
        let side = Side::Issuer;
        for role in [Role::Bca, Role::Cca, Role::Ocsp, Role::Merchant, Role::Gateway] {
            let refused = asked(&issuer, &record(role, SIGNATURE), reason);
            assert_eq!(refused, Err(RevocationRule::Role { who: who(), side, role }));
        }
        let card = record(Role::Cardholder, SIGNATURE);
        let refused = asked(&bank(side, &["411112"]), &card, reason);
        let bin = Some("411111".to_owned());
        assert_eq!(refused, Err(RevocationRule::Bin { who: who(), bin }));
        let unspecified = RevocationReason::Unspecified;
        let refused = asked(&issuer, &card, unspecified);
        assert_eq!(refused, Err(RevocationRule::Reason { who: who(), reason: unspecified }));

        let rules = Policies::shipped(Suite::Modern).unwrap();
        let by = |record: &CertificateRecord, registration: Option<Registration>| {
            check_revoker(&issuer, record, registration.as_ref(), reason, rules.revocation())
                .map_err(|refusal| refusal.rule)
        };
        let none = Err(RevocationRule::Registration { who: who() });
        assert_eq!(by(&card, None), none);
        // That of somebody else who happens to stand there.
        assert_eq!(by(&card, Some(fixture::registration(Role::Merchant))), none);
        let mut other = card.clone();
        other.intent.brand = Some("Other".to_owned());
        let (brand, own) = (Some("Other".to_owned()), "Brand".to_owned());
        let refused = by(&other, Some(fixture::registration(Role::Cardholder)));
        assert_eq!(refused, Err(RevocationRule::Brand { who: who(), brand, own }));
    }

    #[test]
    fn refusal_names_certificate_and_rule() {
        let card = record(Role::Cardholder, SIGNATURE);
        let refusal = check_reason(&card, RevocationReason::CaCompromise).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "05 of brand-ca stays as it is: cACompromise is not for a message-signature key of a \
             cardholder: write keyCompromise"
        );
    }
}
