//! Conformance files: test cases of other projects, judged by this engine.
//!
//! ```text
//! text ─▶ CaseFile (cases of one suite) ─▶ run: path::validate ─▶ Outcome ─▶ Score
//! ```
//!
//! Two formats are read: the table format of NIST's PKITS (`pkits.json`) and the schema of C2SP's
//! x509-limbo, which bettertls is written in too. What a case asks becomes a question to
//! [`crate::path::validate`]; a deviation from what it expects is a failure unless the list of
//! [`Divergences`] justifies it. Pure: the caller reads the files.

mod built_in;
mod case;
mod divergence;
mod error;
mod limbo;
mod objects;
mod pkits;
mod score;
mod time;

use serde::Deserialize;

pub use built_in::{Vector, built_in_cases};
pub use case::{Case, Category, Expected, Outcome, run};
pub use divergence::{Divergence, Divergences};
pub use error::CaseError;
pub use score::{Deviation, Judged, Score, judge};

use crate::UnixTime;
use objects::Tables;

/// The cases of one file.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// What the file calls its format, or else where its kind of case comes from.
    pub format: String,
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
}

impl CaseFile {
    /// Reads a file; `now` is the time of cases that name none.
    ///
    /// # Errors
    /// [`CaseError`] if the text is no JSON of a known format, names an object that it does not
    /// hold, says another number of cases than it has, or has more than [`MAX_CASES`].
    pub fn read(text: &str, now: UnixTime) -> Result<Self, CaseError> {
        let raw: RawFile = serde_json::from_str(text)?;
        let cases: Vec<Case> = match (raw.cases, raw.testcases) {
            (Some(cases), None) => {
                let tables = Tables::of(raw.certs, raw.crls)?;
                cases.into_iter().map(|case| case.resolve(&tables)).collect::<Read<_>>()?
            }
            (None, Some(cases)) => {
                cases.into_iter().map(|case| case.resolve(now)).collect::<Read<_>>()?
            }
            _ => return Err(CaseError::UnknownFormat),
        };
        match raw.count {
            Some(count) if count != cases.len() => {
                Err(CaseError::Count { stated: count, found: cases.len() })
            }
            _ if cases.len() > MAX_CASES => Err(CaseError::TooMany { found: cases.len() }),
            _ => Ok(Self { format: raw.format.unwrap_or_else(|| UPSTREAM.to_owned()), cases }),
        }
    }
}

type Read<T> = Result<T, CaseError>;

#[derive(Deserialize)]
struct RawFile {
    format: Option<String>,
    count: Option<usize>,
    #[serde(default)]
    certs: objects::RawTable,
    #[serde(default)]
    crls: objects::RawTable,
    cases: Option<Vec<pkits::RawCase>>,
    testcases: Option<Vec<limbo::RawCase>>,
}

/// More cases than any suite has: bettertls, the largest, has some 9,600.
pub const MAX_CASES: usize = 100_000;
/// x509-limbo's own file names no format.
const UPSTREAM: &str = "x509-limbo";
