//! Signed notes (C2SP signed-note): text with Ed25519 signatures under it, as witnesses of
//! transparency logs read them.

use core::fmt;

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use crate::signer::{KeyError, KeyId, SignatureAlgorithm, Signer, verify};
use crate::{Suite, hex, unhex};

/// The name and the public key that notes are signed with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoteKey {
    name: String,
    public: [u8; 32],
}

/// A note or a key that cannot be read, or a note that is not signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// No name for a key.
    #[error("a key's name has 1 to 128 octets, none of them a space, a plus sign or a line's end")]
    Name,
    /// No Ed25519 key.
    #[error("the key is no Ed25519 key in the form NAME+ID+BASE64 of a signed note")]
    Key,
    /// No signed note.
    #[error("the note is not text, an empty line and signatures")]
    Form,
    /// No checkpoint.
    #[error("the text is not the origin, the size and the root of a log on a line each")]
    Checkpoint,
    /// Not by this key.
    #[error("the note has no signature by the key")]
    Unsigned,
    /// By this key, of another text.
    #[error("the signature by the key is wrong: the note was changed")]
    Signature,
}

impl NoteKey {
    /// A key under a name.
    ///
    /// # Errors
    /// [`NoteError::Name`] for what is no name; [`NoteError::Key`] if `spki_der` is no DER
    /// SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4).
    pub fn of_spki(name: &str, spki_der: &[u8]) -> Result<Self, NoteError> {
        let public = spki_der.strip_prefix(&SPKI).and_then(|key| key.try_into().ok());
        Self::new(name, public.ok_or(NoteError::Key)?)
    }

    /// Reads `NAME+ID+BASE64`.
    ///
    /// # Errors
    /// [`NoteError::Key`] for another form, another algorithm, or an ID of another key;
    /// [`NoteError::Name`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut fields = text.trim_end().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(NoteError::Key);
        };
        let octets = Base64::decode_vec(key).map_err(|_| NoteError::Key)?;
        let public = octets.strip_prefix(&[ED25519]).and_then(|key| key.try_into().ok());
        let read = Self::new(name, public.ok_or(NoteError::Key)?)?;
        if unhex(id).is_some_and(|id| id == read.id()) { Ok(read) } else { Err(NoteError::Key) }
    }

    fn new(name: &str, public: [u8; 32]) -> Result<Self, NoteError> {
        let fits = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            return Err(NoteError::Name);
        }
        Ok(Self { name: name.to_owned(), public })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs text, which ends with a line.
    ///
    /// # Errors
    /// [`KeyError`] if the signer does not have the key, or fails.
    pub fn sign(&self, text: &str, signer: &dyn Signer) -> Result<String, KeyError> {
        let key = KeyId::of_public_key_bits(&self.public);
        let signature = signer.sign(&key, SignatureAlgorithm::Ed25519, text.as_bytes())?;
        let line = Base64::encode_string(&[&self.id()[..], &signature].concat());
        Ok(format!("{text}\n{DASH}{} {line}\n", self.name))
    }

    /// The text of a note that this key has signed. Signatures by others are passed by.
    ///
    /// # Errors
    /// [`NoteError::Form`], [`NoteError::Unsigned`], [`NoteError::Signature`].
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        if note.len() > LONGEST_NOTE {
            return Err(NoteError::Form);
        }
        // The last empty line: text may have others.
        let end = note.rfind("\n\n").ok_or(NoteError::Form)?.saturating_add(1);
        let (text, signatures) = note.split_at_checked(end).ok_or(NoteError::Form)?;
        let signatures = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let mut outcome = Err(NoteError::Unsigned);
        for line in signatures.ok_or(NoteError::Form)?.split('\n') {
            let (name, value) = signature(line)?;
            let Some(signature) = value.strip_prefix(&self.id()).filter(|_| name == self.name)
            else {
                continue;
            };
            let (algorithm, spki) = (SignatureAlgorithm::Ed25519, self.spki_der());
            verify(Suite::Modern, &spki, algorithm, text.as_bytes(), signature)
                .map_err(|_| NoteError::Signature)?;
            outcome = Ok(text);
        }
        outcome
    }

    /// DER SubjectPublicKeyInfo (RFC 8410 §4).
    #[must_use]
    pub fn spki_der(&self) -> Vec<u8> {
        [&SPKI[..], &self.public].concat()
    }

    /// Four octets that a signature begins with.
    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', ED25519]);
        let [a, b, c, d, ..]: [u8; 32] = hash.chain_update(self.public).finalize().into();
        [a, b, c, d]
    }
}

/// `NAME+ID+BASE64`, as others are given it.
impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = Base64::encode_string(&[&[ED25519], &self.public[..]].concat());
        write!(f, "{}+{}+{key}", self.name, hex(&self.id()))
    }
}

/// Name and octets of a signature line.
fn signature(line: &str) -> Result<(&str, Vec<u8>), NoteError> {
    let (name, value) =
        line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Form)?;
    let octets = Base64::decode_vec(value).map_err(|_| NoteError::Form)?;
    if name.is_empty() || octets.len() <= 4 { Err(NoteError::Form) } else { Ok((name, octets)) }
}

/// What a line with a signature begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";
/// Signature type of the key (C2SP signed-note, "Signature types").
const ED25519: u8 = 1;
/// What precedes the 32 octets in a SubjectPublicKeyInfo (RFC 8410 §4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0];
const LONGEST_NAME: usize = 128;
/// Octets; a checkpoint with a hundred witnesses has some ten thousand.
const LONGEST_NOTE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SoftwareKeys};

    /// The example of the package `golang.org/x/mod/sumdb/note`.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKv\
        qfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn ours() -> (NoteKey, SoftwareKeys) {
        let random = SeededRandom::new(b"notes", "key");
        let key = PrivateKey::generate(KeyAlgorithm::Ed25519, &random).unwrap();
        let note = NoteKey::of_spki("setca/test", key.spki_der()).unwrap();
        (note, SoftwareKeys::from_iter([key]))
    }

    #[test]
    fn note_of_another_program_opens() {
        let key = NoteKey::parse(PETER).unwrap();
        assert_eq!(key.to_string(), PETER);
        let text = key.open(NOTE).unwrap();
        assert!(text.starts_with("If you") && text.ends_with("problem is.\n"), "{text}");
    }

    #[test]
    fn changed_note_does_not_open() {
        let key = NoteKey::parse(PETER).unwrap();
        let changed = NOTE.replace("answer", "Answer");
        assert_eq!(key.open(&changed), Err(NoteError::Signature));
        assert_eq!(ours().0.open(NOTE), Err(NoteError::Unsigned));
        for form in
            ["", "\n", "text\n", "text\n\n", "text\n\n\u{2014} name\n", "text\n\nname AAAA\n"]
        {
            assert_eq!(key.open(form), Err(NoteError::Form), "{form:?}");
        }
    }

    #[test]
    fn note_of_ours_opens_beside_the_signatures_of_others() {
        let (key, signer) = ours();
        let note = key.sign("a\n\nb\n", &signer).unwrap();
        assert_eq!(key.open(&note), Ok("a\n\nb\n"));
        let witnessed = format!("{note}\u{2014} witness AAAAAAAA\n");
        assert_eq!(key.open(&witnessed), Ok("a\n\nb\n"));
    }

    #[test]
    fn key_of_another_id_name_or_kind_is_refused() {
        assert_eq!(NoteKey::parse(&PETER.replace("c74f", "c74e")), Err(NoteError::Key));
        assert_eq!(NoteKey::parse(&PETER.replace("Peter", "Petra")), Err(NoteError::Key));
        assert_eq!(NoteKey::parse("name"), Err(NoteError::Key));
        let spki = NoteKey::parse(PETER).unwrap().spki_der();
        assert_eq!(NoteKey::of_spki("two words", &spki), Err(NoteError::Name));
        assert_eq!(NoteKey::of_spki("name", &spki[1..]), Err(NoteError::Key));
    }
}
