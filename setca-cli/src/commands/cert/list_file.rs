//! A list of certificates to be revoked, one a line.

use std::path::Path;

use ca_core::store::{CaId, RevocationReason, SerialNumber};

use super::reason;
use crate::failure::Failure;

/// One line of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    /// The issuing CA, if the line says.
    pub(super) issuer: Option<CaId>,
    /// Serial number.
    pub(super) serial: SerialNumber,
    /// Why.
    pub(super) reason: RevocationReason,
}

/// Reads a list; `otherwise` is the reason of lines that have none.
///
/// # Errors
/// The first line that is no such line: a list is read whole or not at all.
pub(super) fn lines(
    name: &Path,
    text: &str,
    cas: &[CaId],
    otherwise: Option<RevocationReason>,
) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::new();
    for (number, text) in (1..).zip(text.lines()) {
        let said = text.split_once('#').map_or(text, |(said, _)| said).trim();
        if said.is_empty() {
            continue;
        }
        let line = line(number, said, cas, otherwise).map_err(|why| {
            let name = name.display();
            Failure::refused(format!("{name}, line {number}: {why}; nothing was revoked"))
        })?;
        lines.push(line);
    }
    Ok(lines)
}

/// `[ISSUER:]SERIAL[,REASON]`. A serial number may have colons, too: what stands before the first
/// is an issuer if there is a CA of that name.
fn line(
    number: usize,
    text: &str,
    cas: &[CaId],
    otherwise: Option<RevocationReason>,
) -> Result<Line, String> {
    let (name, why) = text.split_once(',').map_or((text, None), |(name, why)| (name, Some(why)));
    let issued = name.split_once(':').and_then(|(issuer, serial)| {
        let issuer = cas.iter().find(|ca| ca.as_str() == issuer.trim())?;
        Some((issuer.clone(), serial))
    });
    let (issuer, hex) = issued.map_or((None, name), |(issuer, serial)| (Some(issuer), serial));
    let serial = SerialNumber::parse_hex(hex.trim()).ok_or_else(|| {
        let shown: String = hex.chars().take(SHOWN).collect();
        format!("{shown:?} is neither a serial number in hexadecimal nor ISSUER:SERIAL")
    })?;
    let reason = match why {
        Some(why) => reason(why.trim())?,
        None => otherwise.ok_or("no reason: write SERIAL,REASON or give --reason")?,
    };
    Ok(Line { number, issuer, serial, reason })
}

/// Characters of a wrong line that are repeated.
const SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, otherwise: Option<RevocationReason>) -> Result<Vec<Line>, Failure> {
        let cas = ["root", "sample-cca"].map(|name| CaId::new(name).unwrap());
        lines(Path::new("list.txt"), text, &cas, otherwise)
    }

    #[test]
    fn every_form_of_a_line_is_read_and_comments_are_not() {
        let text = "# stolen\n\n3f09\n 3F:0a , superseded # one\r\nsample-cca:0b,keyCompromise\n";
        let lines = read(text, Some(RevocationReason::CertificateHold)).unwrap();
        let line = |number, issuer: Option<&str>, octets: &[u8], reason| Line {
            number,
            issuer: issuer.and_then(CaId::new),
            serial: SerialNumber::from_octets(octets).unwrap(),
            reason,
        };
        let expected = [
            line(3, None, &[0x3f, 9], RevocationReason::CertificateHold),
            line(4, None, &[0x3f, 0x0a], RevocationReason::Superseded),
            line(5, Some("sample-cca"), &[0x0b], RevocationReason::KeyCompromise),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_wrong_line_refuses_the_list_and_is_named() {
        let cases = [
            ("01,superseded\nxyz", "line 2: \"xyz\" is neither"),
            ("01,because", "line 1: known: unspecified"),
            ("nobody:01,superseded", "line 1: \"nobody:01\" is neither"),
            ("01", "line 1: no reason"),
        ];
        for (text, expected) in cases {
            let refused = read(text, None).unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
    }
}
