//! What came of the cases of a file.

use serde::Serialize;

use super::divergence::Word;
use super::{Case, Category, Divergence, Divergences, Expected, Outcome, run};

/// What came of one case.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Judged {
    /// Otherwise than expected, as the list of divergences says.
    Diverged(Divergence),
    /// Otherwise than expected, or listed as a divergence and as expected.
    Failed(Deviation),
    /// As expected.
    Passed,
    /// Not run: it needs something that this engine does not claim.
    Skipped(&'static str),
}

/// A case with an unexpected outcome.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Deviation {
    /// The case.
    pub id: String,
    /// What kind of rule it tests.
    pub category: Category,
    /// What the suite says one needs for it.
    pub features: Vec<String>,
    /// What was expected.
    pub expected: Expected,
    /// What was answered.
    pub outcome: Outcome,
    /// What is wrong with that.
    pub message: String,
}

/// Runs a case and says whether it came out as it must.
#[must_use]
pub fn judge(case: &Case, divergences: &Divergences) -> Judged {
    if let Some(feature) = case.unclaimed {
        return Judged::Skipped(feature);
    }
    let outcome = run(case);
    let met = outcome.meets(&case.expected);
    let expected = &case.expected;
    let message = match divergences.of(&case.id) {
        None if met => return Judged::Passed,
        None => format!("expected {expected}, answered {outcome}"),
        Some(listed) if met => format!(
            "answered {expected} as expected, yet listed as a divergence ({})",
            listed.source
        ),
        Some(listed) if agrees(listed, case, &outcome) => {
            return Judged::Diverged(listed.clone());
        }
        Some(_) => {
            format!("expected {expected}, answered {outcome}; the divergence says otherwise")
        }
    };
    Judged::Failed(Deviation {
        id: case.id.clone(),
        category: case.category,
        features: case.features.clone(),
        expected: case.expected.clone(),
        outcome,
        message,
    })
}

fn agrees(listed: &Divergence, case: &Case, outcome: &Outcome) -> bool {
    listed.expected == Word::of(case.expected.valid) && listed.ours == Word::of(outcome.valid)
}

/// The count of a file. The four numbers add up to its cases.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Score {
    /// Cases that came out as expected.
    pub passed: usize,
    /// Cases that came out otherwise than they must.
    pub failed: Vec<Deviation>,
    /// Cases answered otherwise on purpose: id and document.
    pub diverged: Vec<(String, String)>,
    /// Cases not run: id and what they need.
    pub skipped: Vec<(String, &'static str)>,
}

impl Score {
    /// Counts one more case.
    pub fn add(&mut self, id: &str, judged: Judged) {
        match judged {
            Judged::Diverged(listed) => self.diverged.push((listed.id, listed.source)),
            Judged::Failed(deviation) => self.failed.push(deviation),
            Judged::Passed => self.passed += 1,
            Judged::Skipped(feature) => self.skipped.push((id.to_owned(), feature)),
        }
    }

    /// The score of these cases.
    #[must_use]
    pub fn of(cases: &[Case], divergences: &Divergences) -> Self {
        let mut score = Self::default();
        for case in cases {
            score.add(&case.id, judge(case, divergences));
        }
        score
    }

    /// Cases counted.
    #[must_use]
    pub fn total(&self) -> usize {
        self.passed + self.failed.len() + self.diverged.len() + self.skipped.len()
    }
}
