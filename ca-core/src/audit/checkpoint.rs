//! What a log was at one time (C2SP tlog-checkpoint): the text that is signed.

use core::fmt;

use base64ct::{Base64, Encoding as _};

use super::{Hash, NoteError};

/// Size and root of a log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// Which log: the name of the key that signs it.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Merkle Tree Hash of so many leaves.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a note. Lines after the third, which others may add, are passed by.
    ///
    /// # Errors
    /// [`NoteError::Checkpoint`]
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteError::Checkpoint)?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty());
        let size = lines.next().and_then(decimal);
        let root = lines.next().and_then(|line| Base64::decode_vec(line).ok());
        match (origin, size, root.as_deref().and_then(Hash::from_octets)) {
            (Some(origin), Some(size), Some(root)) => {
                Ok(Self { origin: origin.to_owned(), size, root })
            }
            _ => Err(NoteError::Checkpoint),
        }
    }
}

/// The text to be signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, size, root } = self;
        writeln!(f, "{origin}\n{size}\n{}", Base64::encode_string(&root.0))
    }
}

/// Without a sign and without zeros before it.
fn decimal(text: &str) -> Option<u64> {
    let number = text.parse::<u64>().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of C2SP tlog-checkpoint.
    const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn checkpoint_is_read_and_written_alike() {
        let read = Checkpoint::parse(EXAMPLE).unwrap();
        assert_eq!((read.origin.as_str(), read.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(read.root.0[..4], [0x0a, 0xc5, 0x18, 0x6a]);
        assert_eq!(read.to_string(), EXAMPLE);
        assert_eq!(Checkpoint::parse(&format!("{EXAMPLE}more\n")), Ok(read));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for (from, to) in
            [("20852163", "020852163"), ("20852163", "+1"), ("example", "\nexample"), ("=\n", "=")]
        {
            let text = EXAMPLE.replace(from, to);
            assert_eq!(Checkpoint::parse(&text), Err(NoteError::Checkpoint), "{text:?}");
        }
        assert_eq!(Checkpoint::parse("a\n1\nAAAA\n"), Err(NoteError::Checkpoint));
    }
}
