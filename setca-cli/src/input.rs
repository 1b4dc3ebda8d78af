//! Files as they come: PEM with text around it, PEM bundles, DER, standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ca_core::pem::{self, PemBlock};
use ca_core::wire::{Cert, DecodeError};

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
    let blocks = pem::blocks(&String::from_utf8_lossy(&octets))
        .map_err(|e| Failure::refused(format!("{}: {e}", name.display())))?;
    if blocks.is_empty() {
        return Ok(vec![Object::Der(octets)]);
    }
    let object = |block| match block {
        PemBlock::Object(label, der) => Object::Pem(label, der),
        PemBlock::Secret(label) => Object::Secret(label),
    };
    Ok(blocks.into_iter().map(object).collect())
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
    let found = of_label(path, pem::CERTIFICATE)?;
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

/// Largest file read: a CRL of a million entries has some 40 MB.
pub(crate) const MAX_FILE: usize = 64 << 20;
