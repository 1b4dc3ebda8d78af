//! Stage 4: prepared certificates, lint, serial numbers, CRL, BCI and OCSP objects.
//!
//! What leaves here unsigned is a `Prepared…` value: made by one function, signed once, by the one
//! key it was made for. The caller records it before it signs (`authority`).

mod bci;
mod crl;
mod crl_entries;
mod crl_kind;
mod crl_walk;
mod extensions;
mod lint;
mod list;
mod locations;
mod name;
mod ocsp;
mod policy;
mod prepare;
mod signed;
mod tbs;

pub use bci::{BciOrder, prepare_bci};
pub use crl::{CrlOrder, ListError, prepare_crl};
pub use crl_entries::EncodedEntries;
pub(crate) use crl_entries::push_entry;
pub use crl_kind::CrlKind;
pub(crate) use crl_walk::{Run, delta, entries_in, has_more, partition};
pub use lint::LintError;
pub use list::PreparedList;
pub(crate) use locations::shard_url;
pub use locations::{CrlLocation, Locations};
pub use name::{NameError, SubjectName};
pub use ocsp::{OcspError, OcspOrder, PreparedOcsp, prepare_ocsp, verify_ocsp};
pub use prepare::{CertificateOrder, Issuer, PrepareError, PreparedCertificate, prepare};

#[cfg(test)]
mod crl_kind_tests;
#[cfg(test)]
mod crl_tests;
#[cfg(test)]
mod crl_walk_tests;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod lint_tests;
#[cfg(test)]
mod ocsp_tests;
#[cfg(test)]
mod prepare_tests;
