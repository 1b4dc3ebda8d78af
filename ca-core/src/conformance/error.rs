//! Why a conformance file cannot be used.

/// A file that is none of the formats that are read, or contradicts itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The number of cases differs from what the file says.
    #[error("the file says it has {stated} cases and has {found}")]
    Count {
        /// What it says.
        stated: usize,
        /// What there is.
        found: usize,
    },
    /// A case with a value that has no meaning here.
    #[error("case {case}: {what} \"{value}\" is not understood")]
    Value {
        /// Its id.
        case: String,
        /// Which value.
        what: &'static str,
        /// As it stands.
        value: String,
    },
    /// Not JSON, or not of this shape.
    #[error("not a conformance file")]
    Json(#[from] serde_json::Error),
    /// The list of divergences is not TOML of its shape.
    #[error("not a list of divergences")]
    Divergences(#[from] toml::de::Error),
    /// An object that is neither base64 nor PEM.
    #[error("{0} is not base64, or not PEM")]
    Object(String),
    /// A case names an object that the tables do not hold.
    #[error("case {case} names the object {name}, which the file does not hold")]
    Missing {
        /// Its id.
        case: String,
        /// Key of the table.
        name: String,
    },
    /// More cases than are run.
    #[error("the file has {found} cases, more than any suite")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// Neither PKITS nor x509-limbo.
    #[error("the file has neither \"cases\" (PKITS) nor \"testcases\" (x509-limbo)")]
    UnknownFormat,
}
