//! Roles, who issues whom, certificate profiles, forms and brands read from `policies/`.
//!
//! [`Policies`] is the checked whole. Rules of the standard are code here ([`Role::may_issue`], the
//! extension matrix); what a brand may decide is data. No I/O: files come in as text.

mod approval;
mod bins;
mod brand;
mod certificate;
mod division;
mod error;
mod form;
mod form_file;
mod form_rules;
mod institution;
mod lists;
mod local_text;
mod matrix;
mod policies;
mod profile_file;
mod profile_rules;
mod referral;
mod revocation;
mod role;
mod shipped;
mod source;
mod statement;
mod text;
mod whole_rules;

pub use approval::Approval;
pub use bins::BinRange;
pub use brand::{BrandRules, RootRules, TEST_MARK};
pub use certificate::{
    CertificateProfile, ExtensionKind, ExtensionRule, KeyUsageBits, KeyUsagePeriod, Presence,
};
pub use division::{DeltaRule, Division};
pub use error::{PolicyError, RULES};
pub use form::{FormChoice, FormField, FormQuery, FormText, RegistrationForm};
pub use institution::{AcquirerRules, IssuerRules};
pub use lists::{ListRule, ListRules};
pub use local_text::LocalText;
pub use policies::Policies;
pub use referral::ReferralText;
pub use revocation::{RevocationRules, Side, SideRules};
pub use role::{KeyUse, Role};
pub use shipped::shipped_files;
pub use statement::PolicyStatement;
