//! Files as they come: PEM with text around it, PEM bundles, DER, standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ca_core::wire::{Cert, DecodeError};
use der::pem;

use crate::failure::Failure;

/// One object of a file.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Object {
    /// Bare DER.
    Der(Vec<u8>),
    /// A PEM block: its label and what it holds.
    Pem(String, Vec<u8>),
    /// A PEM block that is not decoded: private keys are named, never shown.
    Secret(String),
}

/// Reads a file whole, `-` being standard input.
///
/// # Errors
/// A file that cannot be read, or is larger than [`MAX_FILE`].
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut octets = Vec::new();
    let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX).saturating_add(1);
    let outcome = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut octets)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut octets))
    };
    outcome.map_err(|e| Failure::file("read", path, &e))?;
    if octets.len() > MAX_FILE {
        return Err(Failure::refused(format!(
            "{} is larger than {} MiB: that is no object of this system",
            path.display(),
            MAX_FILE >> 20
        )));
    }
    Ok(octets)
}

/// The objects of a file: its PEM blocks, or one DER value.
///
/// # Errors
/// A PEM block that cannot be decoded.
pub(crate) fn objects(name: &Path, octets: Vec<u8>) -> Result<Vec<Object>, Failure> {
    let blocks = pem_blocks(name, &octets)?;
    Ok(if blocks.is_empty() { vec![Object::Der(octets)] } else { blocks })
}

/// The certificates of a file, in order; other PEM blocks beside them are passed over.
///
/// # Errors
/// A file without a certificate, or with one that does not decode.
pub(crate) fn certificates(path: &Path) -> Result<Vec<Cert>, Failure> {
    certificates_by(path, Cert::from_der)
}

/// The same, of the 1996 draft too.
///
/// # Errors
/// As [`certificates`].
pub(crate) fn lenient_certificates(path: &Path) -> Result<Vec<Cert>, Failure> {
    certificates_by(path, Cert::from_der_lenient)
}

fn certificates_by(
    path: &Path,
    decode: impl Fn(&[u8]) -> Result<Cert, DecodeError>,
) -> Result<Vec<Cert>, Failure> {
    let found = of_label(path, "CERTIFICATE")?;
    if found.is_empty() {
        let name = path.display();
        return Err(Failure::refused(format!("{name} holds no certificate (PEM or DER)")));
    }
    let read = |octets: Vec<u8>| {
        decode(&octets).map_err(|e| {
            let draft = Cert::from_der_lenient(&octets).is_ok();
            let hint = if draft { ": it is of the 1996 draft of SET, try --lenient" } else { "" };
            Failure::refused(format!("{}: not a certificate: {e}{hint}", path.display()))
        })
    };
    found.into_iter().map(read).collect()
}

/// The DER of each object with this PEM label; a DER file counts as one whatever it is.
///
/// # Errors
/// As [`read`] and [`objects`].
pub(crate) fn of_label(path: &Path, label: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let objects = objects(path, read(path)?)?;
    Ok(objects
        .into_iter()
        .filter_map(|object| match object {
            Object::Der(der) => Some(der),
            Object::Pem(found, der) if found == label => Some(der),
            _ => None,
        })
        .collect())
}

fn pem_blocks(name: &Path, octets: &[u8]) -> Result<Vec<Object>, Failure> {
    let text = String::from_utf8_lossy(octets);
    let mut rest = text.as_ref();
    let mut blocks = Vec::new();
    while let Some((_, after)) = rest.split_once(BEGIN) {
        // The marker inside binary DER is no PEM block: a label ends on its own line.
        let Some((label, _)) = after.split_once(DASHES).filter(|(l, _)| is_label(l)) else {
            rest = after;
            continue;
        };
        let end = format!("-----END {label}-----");
        let Some((block, next)) = after.split_once(&end) else {
            return Err(Failure::refused(format!(
                "{}: PEM block {label} has no end line",
                name.display()
            )));
        };
        blocks.push(if label.contains("PRIVATE KEY") {
            Object::Secret(label.to_owned())
        } else {
            let whole = format!("{BEGIN}{block}{end}\n");
            let (_, der) = pem::decode_vec(whole.as_bytes()).map_err(|e| {
                Failure::refused(format!("{}: PEM block {label}: {e}", name.display()))
            })?;
            Object::Pem(label.to_owned(), der)
        });
        rest = next;
    }
    Ok(blocks)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 64
        && label.bytes().all(|b| b == b' ' || b.is_ascii_alphanumeric())
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
/// Largest file read: a CRL of a million entries has some 40 MB.
pub(crate) const MAX_FILE: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Result<Vec<Object>, Failure> {
        objects(Path::new("test"), text.as_bytes().to_vec())
    }

    #[test]
    fn bundle_with_text_around_is_split_in_order() {
        let text = "subject=x\n-----BEGIN A-----\nMAA=\n-----END A-----\r\ntalk\n\
                    -----BEGIN X509 CRL-----\nBQA=\n-----END X509 CRL-----\n";
        let expected = vec![
            Object::Pem("A".to_owned(), vec![0x30, 0]),
            Object::Pem("X509 CRL".to_owned(), vec![5, 0]),
        ];
        assert_eq!(split(text), Ok(expected));
    }

    #[test]
    fn private_key_is_not_decoded() {
        let text =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n!!!\n-----END ENCRYPTED PRIVATE KEY-----";
        assert_eq!(split(text), Ok(vec![Object::Secret("ENCRYPTED PRIVATE KEY".to_owned())]));
    }

    #[test]
    fn block_without_end_is_refused_by_its_label() {
        let failure = split("-----BEGIN CERTIFICATE-----\nMAA=\n").unwrap_err();
        assert_eq!(failure.to_string(), "test: PEM block CERTIFICATE has no end line");
    }
}
