//! Why a policy file was refused: one stable code per rule.

/// A policy file that cannot be used: which, where, which rule, and what to write instead.
///
/// Displays as `policies/x.toml:12: rule: what is wrong`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file}:{line}: {rule}: {message}")]
pub struct PolicyError {
    /// Path of the file as it was given to the loader.
    pub file: String,
    /// Line, counted from 1; 1 also for a file that is missing.
    pub line: usize,
    /// Stable code of the rule, one of [`RULES`].
    pub rule: &'static str,
    /// What is wrong with which value, and what may stand there.
    pub message: String,
}

/// Declares the codes once, so that none can be missing from [`RULES`].
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: &str = $code;)*
        /// The code of every rule that a policy file can break.
        pub const RULES: &[&str] = &[$($code),*];
    };
}

rules! {
    /// An account fits the key block: 74 characters, 66 under a 1024-bit key.
    ACCOUNT_LENGTH = "account-length";
    /// An account label is asked of merchants and gateways only.
    ACCOUNT_ROLE = "account-role";
    /// An acquirer's name fits an OU.
    ACQUIRER_NAME = "acquirer-name";
    /// An approval is a word, a list, or a question with key and time limit.
    APPROVAL = "approval";
    /// A list or key is a file of the data folder.
    APPROVAL_FILE = "approval-file";
    /// A question waits 1 to 5 seconds for its answer.
    APPROVAL_TIMEOUT = "approval-timeout";
    /// A question goes to an http URL.
    APPROVAL_URL = "approval-url";
    /// A BIN is six digits, a range is two of them.
    BIN = "bin";
    /// One BIN has one issuer and one acquirer in a brand.
    BIN_OVERLAP = "bin-overlap";
    /// BrandID is 1 to 40 characters.
    BRAND_NAME = "brand-name";
    /// cA agrees with role and key use.
    CA_FLAG = "ca-flag";
    /// A country is two capital letters.
    COUNTRY = "country";
    /// A country's name is 1 to 50 characters.
    COUNTRY_NAME = "country-name";
    /// A country's number is 1 to 999.
    COUNTRY_NUMBER = "country-number";
    /// Criticality is that of the standard.
    CRITICALITY = "criticality";
    /// A CRL has shards or deltas that its readers can use.
    CRL_DIVISION = "crl-division";
    /// A currency's number is 1 to 999.
    CURRENCY = "currency";
    /// A help text is at most 200 characters.
    DESCRIPTION_LENGTH = "description-length";
    /// A brand is described once.
    DUPLICATE_BRAND = "duplicate-brand";
    /// An extension stands once in a profile.
    DUPLICATE_EXTENSION = "duplicate-extension";
    /// `lists.toml`, `revocation.toml` and `root.toml` stand once.
    DUPLICATE_FILE = "duplicate-file";
    /// A form has an identifier of its own.
    DUPLICATE_FORM = "duplicate-form";
    /// A label names one field of a form.
    DUPLICATE_LABEL = "duplicate-label";
    /// A role and key use have one profile.
    DUPLICATE_PROFILE = "duplicate-profile";
    /// A form has 1 to 49 fields.
    FIELD_COUNT = "field-count";
    /// fieldId is a name of the SET field arc.
    FIELD_ID = "field-id";
    /// A field speaks every language of its form, and no other.
    FIELD_LANGUAGE = "field-language";
    /// fieldLen is 1 to 128.
    FIELD_LENGTH = "field-length";
    /// The extension may not stand in this certificate.
    FORBIDDEN_EXTENSION = "forbidden-extension";
    /// regFormID 0 means that there is no form.
    FORM_ID = "form-id";
    /// A form speaks the default language of every brand it serves.
    FORM_LANGUAGE = "form-language";
    /// One request is answered by one form.
    FORM_OVERLAP = "form-overlap";
    /// A required field that nobody sees must be one that software can fill.
    INVISIBLE_FIELD = "invisible-field";
    /// A role is certified by those that may certify it.
    ISSUED_BY = "issued-by";
    /// An issuer's name fits an OU.
    ISSUER_NAME = "issuer-name";
    /// The suite allows the key for this use.
    KEY_ALGORITHM = "key-algorithm";
    /// keyUsage agrees with the key use.
    KEY_USAGE = "key-usage";
    /// A field has 1 to 50 labels of 1 to 128 characters.
    LABEL_LENGTH = "label-length";
    /// A language is a tag of RFC 1766.
    LANGUAGE = "language";
    /// A merchant's form asks for the name and city that stand in the certificate.
    MERCHANT_FIELDS = "merchant-fields";
    /// A message to an end entity is 1 to 128 characters.
    MESSAGE_LENGTH = "message-length";
    /// `lists.toml`, `revocation.toml` and `root.toml` must be there.
    MISSING_FILE = "missing-file";
    /// A key that must be there is not.
    MISSING_KEY = "missing-key";
    /// A certificate that the hierarchy needs has no profile.
    MISSING_PROFILE = "missing-profile";
    /// An issuer lives as long as what it may sign.
    OUTLIVES_ISSUER = "outlives-issuer";
    /// pathLenConstraint is that of the level.
    PATH_LENGTH = "path-length";
    /// A private key is not used longer than its certificate lives.
    PERIOD_BEYOND_CERTIFICATE = "period-beyond-certificate";
    /// A CA key signs for one year at most.
    PERIOD_BEYOND_YEAR = "period-beyond-year";
    /// Encryption and responder keys have no usage period.
    PERIOD_FORBIDDEN = "period-forbidden";
    /// Keys that sign have a usage period.
    PERIOD_MISSING = "period-missing";
    /// A CA that issues certificates states what fits a SET policy qualifier.
    POLICY_STATEMENT = "policy-statement";
    /// A policy text is 1 to 20000 characters.
    POLICY_TEXT_LENGTH = "policy-text-length";
    /// A referral has a reason of 1 to 512 characters, URLs, or both.
    REFERRAL = "referral";
    /// A list is renewed within its life.
    RENEWAL = "renewal";
    /// A form answers request types of its own role.
    REQUEST_TYPE = "request-type";
    /// An extension that must stand in this certificate does not.
    REQUIRED_EXTENSION = "required-extension";
    /// An institution gives reasons of RFC 5280, never that of a CA.
    REVOCATION_REASON = "revocation-reason";
    /// An institution ends what those have whom it registers.
    REVOCATION_ROLE = "revocation-role";
    /// The role has no certificate of that use.
    ROLE_AND_USE = "role-and-use";
    /// The root's organization fits an O.
    ROOT_NAME = "root-name";
    /// A message extension is named by an object identifier.
    SET_EXTENSION = "set-extension";
    /// The file is TOML.
    SYNTAX = "syntax";
    /// A text speaks the default language of its brand.
    TEXT_LANGUAGE = "text-language";
    /// A CA's unit fits an OU.
    UNIT_NAME = "unit-name";
    /// The file has a place among the policies.
    UNKNOWN_FILE = "unknown-file";
    /// A key that nobody reads.
    UNKNOWN_KEY = "unknown-key";
    /// A URL is 1 to 512 visible characters.
    URL = "url";
    /// A certificate lives at least a day.
    VALIDITY = "validity";
    /// The value has another type, or is none of the known words.
    VALUE = "value";
}
