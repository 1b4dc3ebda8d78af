//! What a CA states in the certificates it issues: the `[policy]` table of its profile.

use const_oid::ObjectIdentifier;
use serde::Deserialize;
use toml::Spanned;

use super::error::{POLICY_STATEMENT, PolicyError};
use super::profile_file::ProfileFile;
use super::source::Source;
use super::text::{check_url, is_set_string};
use super::{KeyUse, Role};

/// A policy statement of one CA (spec `set-certificates.md` §3.5).
///
/// The root's becomes the rootQualifier of the root's certificate and of every certificate below;
/// that of a BCA, GCA, CCA, MCA or PCA becomes an AdditionalPolicy of what that CA issues.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyStatement {
    /// policyOID; none for the root, whose policy has its OID.
    pub oid: Option<ObjectIdentifier>,
    /// The whole statement, of which only the digest stands in a certificate.
    pub statement: Option<String>,
    /// terseStatement, 1 to 2048 characters.
    pub terse: Option<String>,
    /// policyURL.
    pub url: Option<String>,
    /// policyEmail.
    pub email: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementEntry {
    oid: Option<Spanned<String>>,
    statement: Option<Spanned<String>>,
    terse: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    email: Option<Spanned<String>>,
}

/// set-certificates.md §3.5: only who issues certificates states something, and says what.
pub(super) fn check_statement(
    raw: &ProfileFile,
    source: &Source<'_>,
) -> Result<Option<PolicyStatement>, PolicyError> {
    let Some(at) = &raw.policy else { return Ok(None) };
    let refuse = |message: &str| Err(source.refuse(at, POLICY_STATEMENT, message));
    let entry = at.get_ref();
    if *raw.key_use.get_ref() != KeyUse::CertificateSigning {
        return refuse("only a key for certificate-signing states a policy; leave [policy] out");
    }
    if entry.oid.is_some() && *raw.role.get_ref() == Role::Rca {
        return refuse("the root's policy is 2.23.42.5.0; leave oid out");
    }
    let texts = [&entry.oid, &entry.statement, &entry.terse, &entry.url, &entry.email];
    if texts.iter().all(|text| text.is_none()) {
        return refuse("[policy] is empty; write statement, terse, url or email");
    }
    check_terse(entry, source)?;
    check_url(entry.url.as_ref(), source)?;
    check_url(entry.email.as_ref(), source)?;
    let text = |value: &Option<Spanned<String>>| value.as_ref().map(|text| text.get_ref().clone());
    Ok(Some(PolicyStatement {
        oid: entry.oid.as_ref().map(|oid| read_oid(oid, source)).transpose()?,
        statement: text(&entry.statement),
        terse: text(&entry.terse),
        url: text(&entry.url),
        email: text(&entry.email),
    }))
}

fn check_terse(entry: &StatementEntry, source: &Source<'_>) -> Result<(), PolicyError> {
    match &entry.terse {
        Some(terse) if !is_set_string(terse.get_ref(), MAX_TERSE) => {
            let length = terse.get_ref().chars().count();
            let message = format!("terse has {length} characters; write 1 to {MAX_TERSE}");
            Err(source.refuse(terse, POLICY_STATEMENT, message))
        }
        _ => Ok(()),
    }
}

fn read_oid(oid: &Spanned<String>, source: &Source<'_>) -> Result<ObjectIdentifier, PolicyError> {
    ObjectIdentifier::new(oid.get_ref()).map_err(|_| {
        let message = format!("`{}` is no object identifier such as 1.2.3.4", oid.get_ref());
        source.refuse(oid, POLICY_STATEMENT, message)
    })
}

/// Bound of terseStatement, set-certificates.md §3.5 [BBN].
const MAX_TERSE: usize = 2048;
