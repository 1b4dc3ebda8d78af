//! Roles, who issues whom, certificate profiles, forms and brands read from `policies/`.
//!
//! [`Policies`] is the checked whole. Rules of the standard are code here ([`Role::may_issue`], the
//! extension matrix); what a brand may decide is data. No I/O: files come in as text.

mod bins;
mod brand;
mod certificate;
mod error;
mod form;
mod form_file;
mod form_rules;
mod lists;
mod matrix;
mod policies;
mod profile_file;
mod profile_rules;
mod role;
mod shipped;
mod source;
mod text;
mod whole_rules;

pub use brand::{Approval, BrandRules, IssuerRules, RootRules};
pub use certificate::{
    CertificateProfile, ExtensionKind, ExtensionRule, KeyUsageBits, KeyUsagePeriod, Presence,
};
pub use error::{PolicyError, RULES};
pub use form::{FormChoice, FormField, FormQuery, FormText, RegistrationForm};
pub use lists::{ListRule, ListRules};
pub use policies::Policies;
pub use role::{KeyUse, Role};
pub use shipped::shipped_files;
