//! What is in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64Unpadded, Encoding as _};

/// Every file below `folder`, with its octets.
///
/// # Panics
/// If something there cannot be read.
#[must_use]
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("folder can be read") {
            let path = entry.expect("folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let octets = fs::read(&path).expect("file can be read");
                found.insert(path, octets);
            }
        }
    }
    found
}

/// The names of all files and folders below `folder`, sorted; nothing if it is not there.
///
/// The write-ahead log comes and goes with whoever opens the database, so it is left out.
#[must_use]
pub fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.to_string_lossy();
            if name.ends_with("setca.db-wal") || name.ends_with("setca.db-shm") {
                continue;
            }
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A copy of a folder at a place where nothing is yet.
///
/// # Panics
/// If it cannot be made.
pub fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.expect("cp runs").success(), "cp -a {} {}", from.display(), to.display());
}

/// A secret in every form in which it could leak: plain, hexadecimal, base64, UTF-16.
#[derive(Clone, Debug)]
pub struct Forms(Vec<(String, Vec<u8>)>);

impl Forms {
    /// The forms of `secret`.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        let hex: String = secret.iter().map(|octet| format!("{octet:02x}")).collect();
        let wide: Vec<u8> = secret.iter().flat_map(|octet| [0, *octet]).collect();
        let reversed: Vec<u8> = secret.iter().rev().copied().collect();
        let mut forms = vec![
            ("plain".to_owned(), secret.to_vec()),
            ("reversed".to_owned(), reversed),
            ("hexadecimal".to_owned(), hex.clone().into_bytes()),
            ("HEXADECIMAL".to_owned(), hex.to_uppercase().into_bytes()),
            ("UTF-16".to_owned(), wide),
            ("decimal list".to_owned(), list(secret).into_bytes()),
        ];
        forms.extend((0..3).map(|offset| (format!("base64 at {offset}"), base64(secret, offset))));
        Self(forms)
    }

    /// Adds an account number packed two digits to an octet.
    #[must_use]
    pub fn and_packed(mut self, digits: &str) -> Self {
        let packed = digits
            .as_bytes()
            .chunks(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        self.0.push(("packed".to_owned(), packed.collect()));
        self
    }

    /// The form in which the secret stands in `octets`, if it does.
    #[must_use]
    pub fn found_in(&self, octets: &[u8]) -> Option<&str> {
        let holds = |form: &[u8]| octets.windows(form.len()).any(|window| window == form);
        self.0.iter().find(|(_, form)| holds(form)).map(|(name, _)| name.as_str())
    }
}

/// `Debug` of octets: `49, 50, 51`.
fn list(secret: &[u8]) -> String {
    secret.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// What of `secret` shows in the base64 of something that has it `offset` octets after a multiple
/// of three: the characters that depend on its octets alone.
fn base64(secret: &[u8], offset: usize) -> Vec<u8> {
    let padded = [&[0; 2][..offset], secret].concat();
    let text = Base64Unpadded::encode_string(&padded);
    // The first characters hold bits of what is before, the last one bits of what comes after.
    let start = [0, 2, 3][offset];
    text.as_bytes()[start..text.len() - 1].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_form_is_found_wherever_the_secret_stands() {
        let secret = Forms::of(b"4111119876543212");
        for before in ["", "a", "ab", "abc"] {
            let text = Base64Unpadded::encode_string(
                format!("{before}4111119876543212 and more").as_bytes(),
            );
            assert!(secret.found_in(text.as_bytes()).is_some(), "{before}: {text}");
        }
    }
}
