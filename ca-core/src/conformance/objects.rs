//! Certificates and CRLs as files hold them: base64 in tables, PEM in cases.

use std::collections::HashMap;
use std::sync::Arc;

use super::{CaseError, Read};
use base64ct::{Base64, Encoding as _};

/// DER, shared by the cases that name it.
pub(super) type Der = Arc<[u8]>;
/// Name to base64.
pub(super) type RawTable = HashMap<String, String>;

/// The objects of a file by name.
pub(super) struct Tables {
    certificates: HashMap<String, Der>,
    crls: HashMap<String, Der>,
}

impl Tables {
    pub(super) fn of(certificates: RawTable, crls: RawTable) -> Read<Self> {
        Ok(Self { certificates: decoded(certificates)?, crls: decoded(crls)? })
    }

    pub(super) fn certificate(&self, case: &str, name: &str) -> Read<Der> {
        find(&self.certificates, case, name)
    }

    pub(super) fn certificates(&self, case: &str, names: &[String]) -> Read<Vec<Der>> {
        names.iter().map(|name| self.certificate(case, name)).collect()
    }

    pub(super) fn crls(&self, case: &str, names: &[String]) -> Read<Vec<Der>> {
        names.iter().map(|name| find(&self.crls, case, name)).collect()
    }
}

/// What one PEM block holds, whatever its label. Suites break lines as they like: what stands
/// between the two boundaries counts.
pub(super) fn from_pem(case: &str, text: &str) -> Read<Der> {
    let bad = || CaseError::Object(format!("case {case}: an object"));
    let mut parts = text.split("-----").skip(1);
    let (Some(begin), Some(body), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad());
    };
    let digits: String = body.split_ascii_whitespace().collect();
    let der = Base64::decode_vec(&digits).ok().filter(|_| begin.starts_with("BEGIN "));
    der.map(Into::into).ok_or_else(bad)
}

fn decoded(table: RawTable) -> Read<HashMap<String, Der>> {
    let decode = |(name, text): (String, String)| match Base64::decode_vec(&text) {
        Ok(der) => Ok((name, der.into())),
        Err(_) => Err(CaseError::Object(name)),
    };
    table.into_iter().map(decode).collect()
}

fn find(table: &HashMap<String, Der>, case: &str, name: &str) -> Read<Der> {
    let missing = || CaseError::Missing { case: case.to_owned(), name: name.to_owned() };
    table.get(name).cloned().ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_line_may_follow_the_digits_at_once() {
        let der = from_pem("c", "-----BEGIN X509 CRL-----\nMAA=-----END X509 CRL-----\n").unwrap();
        assert_eq!(*der, [0x30, 0x00]);
        assert!(from_pem("c", "MAA=").is_err());
    }
}
