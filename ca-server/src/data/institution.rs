//! The institutions of the brands that may use the service, each with a token of its own.

use ca_core::decide::{Remit, Revoker};
use ca_core::profile::{BinRange, Side};
use ca_core::store::is_plain_name;
use serde::{Deserialize, Serialize};

use super::OperatorHash;

/// A bank that may end what its own customers have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Institution {
    /// How it is called here: [`is_plain_name`].
    pub name: String,
    /// Which customers are its own.
    pub remit: Remit,
    /// Of its token.
    pub token: OperatorHash,
}

/// Who may use which paths of a service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tokens {
    operator: OperatorHash,
    institutions: Vec<Institution>,
}

impl Tokens {
    /// That of the operator, and those of institutions.
    #[must_use]
    pub const fn new(operator: OperatorHash, institutions: Vec<Institution>) -> Self {
        Self { operator, institutions }
    }

    /// True if the token is the operator's.
    #[must_use]
    pub fn admits_operator(&self, token: &str) -> bool {
        self.operator.admits(token)
    }

    /// Whose token this is, and so who revokes with it.
    #[must_use]
    pub fn revoker(&self, token: &str) -> Option<Revoker> {
        if self.operator.admits(token) {
            return Some(Revoker::Operator);
        }
        let found = self.institutions.iter().find(|one| one.token.admits(token))?;
        let (name, remit) = (found.name.clone(), found.remit.clone());
        Some(Revoker::Institution { name, remit })
    }
}

impl From<OperatorHash> for Tokens {
    fn from(operator: OperatorHash) -> Self {
        Self::new(operator, Vec::new())
    }
}

/// An institution in the settings.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstitutionEntry {
    name: String,
    brand: String,
    side: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bins: Vec<String>,
    token_sha256: String,
}

impl InstitutionEntry {
    /// What is wrong with it, if something is.
    pub(super) fn read(&self) -> Result<Institution, String> {
        let Self { name, brand, side, bins, token_sha256 } = self;
        let wrong = |what: &str| format!("institution {name}: {what}");
        let bin = |text: &String| {
            BinRange::parse(text).ok_or_else(|| wrong("a BIN is six digits, or a range of two"))
        };
        if !is_plain_name(name) {
            return Err(wrong("a name has lower-case letters, digits and hyphens"));
        }
        let side = Side::named(side).ok_or_else(|| wrong("side is issuer or acquirer"))?;
        let token = OperatorHash::parse_hex(token_sha256);
        let token = token.ok_or_else(|| wrong("token_sha256 is not 64 hex digits"))?;
        let bins = bins.iter().map(bin).collect::<Result<_, _>>()?;
        let remit = Remit { brand: brand.clone(), side, bins };
        Ok(Institution { name: name.clone(), remit, token })
    }
}

impl From<&Institution> for InstitutionEntry {
    fn from(institution: &Institution) -> Self {
        let Institution { name, remit, token } = institution;
        Self {
            name: name.clone(),
            brand: remit.brand.clone(),
            side: remit.side.name().to_owned(),
            bins: remit.bins.iter().map(ToString::to_string).collect(),
            token_sha256: token.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;
    use crate::data::OperatorToken;

    #[test]
    fn each_token_is_its_owners() {
        let token = || OperatorToken::generate(&SystemRandom).unwrap();
        let (operator, bank, stranger) = (token(), token(), token());
        let remit = Remit { brand: "Sample".to_owned(), side: Side::Issuer, bins: Vec::new() };
        let institution =
            Institution { name: "bank".to_owned(), remit: remit.clone(), token: bank.hash() };
        let tokens = Tokens::new(operator.hash(), vec![institution]);
        assert_eq!(tokens.revoker(operator.expose()), Some(Revoker::Operator));
        let expected = Revoker::Institution { name: "bank".to_owned(), remit };
        assert_eq!(tokens.revoker(bank.expose()), Some(expected));
        assert_eq!(tokens.revoker(stranger.expose()), None);
        assert!(tokens.admits_operator(operator.expose()));
        assert!(!tokens.admits_operator(bank.expose()));
    }
}
