//! What institutions may revoke by themselves: `policies/revocation.toml`.

use core::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::Role;
use super::error::{PolicyError, REVOCATION_REASON, REVOCATION_ROLE};
use super::source::Source;
use crate::store::RevocationReason;

/// On which side of a payment an institution stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Answers for merchants and payment gateways.
    Acquirer,
    /// Answers for cardholders.
    Issuer,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Acquirer, Self::Issuer];

    /// The stable name used in settings, policies and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acquirer => "acquirer",
            Self::Issuer => "issuer",
        }
    }

    /// The side of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.name() == name)
    }

    /// True if institutions of this side register end entities of the role (SET Book 2 Part II:
    /// issuers cardholders, acquirers merchants and gateways).
    #[must_use]
    pub const fn registers(self, role: Role) -> bool {
        match self {
            Self::Acquirer => matches!(role, Role::Merchant | Role::Gateway),
            Self::Issuer => matches!(role, Role::Cardholder),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What institutions may revoke.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationRules {
    acquirer: SideRules,
    issuer: SideRules,
}

impl RevocationRules {
    /// What those of one side may.
    #[must_use]
    pub const fn of(&self, side: Side) -> &SideRules {
        match side {
            Side::Acquirer => &self.acquirer,
            Side::Issuer => &self.issuer,
        }
    }
}

/// What institutions of one side may revoke.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SideRules {
    /// Whose certificates: end entities only.
    pub roles: Vec<Role>,
    /// Why: never cACompromise.
    pub reasons: Vec<RevocationReason>,
}

/// Reads `revocation.toml`.
pub(super) fn read_revocation(source: Source<'_>) -> Result<RevocationRules, PolicyError> {
    let raw: RevocationFile = source.read()?;
    Ok(RevocationRules {
        acquirer: read_side(Side::Acquirer, &raw.acquirer, &source)?,
        issuer: read_side(Side::Issuer, &raw.issuer, &source)?,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevocationFile {
    acquirer: SideEntry,
    issuer: SideEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SideEntry {
    roles: Vec<Spanned<Role>>,
    reasons: Vec<Spanned<String>>,
}

fn read_side(side: Side, entry: &SideEntry, source: &Source<'_>) -> Result<SideRules, PolicyError> {
    let role = |role: &Spanned<Role>| {
        let found = *role.get_ref();
        if side.registers(found) {
            return Ok(found);
        }
        let message = format!("`{found}` is not registered by an {side}");
        Err(source.refuse(role, REVOCATION_ROLE, message))
    };
    let reason = |name: &Spanned<String>| {
        let known = RevocationReason::named(name.get_ref());
        known.filter(|known| *known != RevocationReason::CaCompromise).ok_or_else(|| {
            let message =
                format!("`{}`; write a name of RFC 5280 but cACompromise", name.get_ref());
            source.refuse(name, REVOCATION_REASON, message)
        })
    };
    Ok(SideRules {
        roles: entry.roles.iter().map(role).collect::<Result<_, _>>()?,
        reasons: entry.reasons.iter().map(reason).collect::<Result<_, _>>()?,
    })
}
