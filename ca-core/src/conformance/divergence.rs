//! Where this engine answers otherwise than a suite expects, and why it may.

use serde::Deserialize;

use super::CaseError;

/// The list of deliberate divergences: data, never code.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergences {
    #[serde(default)]
    divergence: Vec<Divergence>,
}

/// One case that is answered otherwise than expected.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    /// The case.
    pub id: String,
    /// What the suite expects.
    pub expected: Word,
    /// What is answered here.
    pub ours: Word,
    /// Document and section.
    pub source: String,
    /// The sentence of the document that justifies it.
    pub sentence: String,
}

/// A verdict.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Refused.
    Invalid,
    /// Accepted.
    Valid,
}

impl Divergences {
    /// Reads the list.
    ///
    /// # Errors
    /// [`CaseError::Divergences`] if it is not one.
    pub fn read(text: &str) -> Result<Self, CaseError> {
        Ok(toml::from_str(text)?)
    }

    /// The list that is built in: `tests/conformance/divergences.toml`.
    ///
    /// # Errors
    /// Never for a list that the tests accepted.
    pub fn built_in() -> Result<Self, CaseError> {
        Self::read(include_str!("../../../tests/conformance/divergences.toml"))
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Divergence] {
        &self.divergence
    }

    /// What is said of a case.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<&Divergence> {
        self.divergence.iter().find(|divergence| divergence.id == id)
    }
}

impl Word {
    /// The word for a verdict.
    #[must_use]
    pub const fn of(valid: bool) -> Self {
        if valid { Self::Valid } else { Self::Invalid }
    }
}
