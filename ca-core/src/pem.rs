//! PEM as it comes (RFC 7468): blocks with text around them, bundles of several.

use der::pem;

/// One block of a PEM text.
#[derive(Clone, Eq, PartialEq)]
pub enum PemBlock {
    /// Its label and what it holds.
    Object(String, Vec<u8>),
    /// A private key, by its label alone: it is not decoded.
    Secret(String),
}

/// The blocks of a text, in order; what stands around them is passed over.
///
/// # Errors
/// [`PemError`] for a block that cannot be decoded.
pub fn blocks(text: &str) -> Result<Vec<PemBlock>, PemError> {
    let mut rest = text;
    let mut blocks = Vec::new();
    while let Some((_, after)) = rest.split_once(BEGIN) {
        // The marker inside binary DER is no PEM block: a label ends on its own line.
        let Some((label, _)) = after.split_once(DASHES).filter(|(label, _)| is_label(label)) else {
            rest = after;
            continue;
        };
        let end = format!("-----END {label}-----");
        let Some((block, next)) = after.split_once(&end) else {
            return Err(PemError {
                label: label.to_owned(),
                fault: "it has no end line".to_owned(),
            });
        };
        blocks.push(if label.contains("PRIVATE KEY") {
            PemBlock::Secret(label.to_owned())
        } else {
            let whole = format!("{BEGIN}{block}{end}\n");
            let (_, der) = pem::decode_vec(whole.as_bytes())
                .map_err(|e| PemError { label: label.to_owned(), fault: e.to_string() })?;
            PemBlock::Object(label.to_owned(), der)
        });
        rest = next;
    }
    Ok(blocks)
}

/// A PEM block that cannot be decoded.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("PEM block {label}: {fault}")]
pub struct PemError {
    label: String,
    fault: String,
}

/// What a block holds is not shown: it may be anything.
impl core::fmt::Debug for PemBlock {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Object(label, der) => write!(f, "Object({label}, {} octets)", der.len()),
            Self::Secret(label) => write!(f, "Secret({label})"),
        }
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 64
        && label.bytes().all(|b| b == b' ' || b.is_ascii_alphanumeric())
}

/// Label of a certificate (RFC 7468 §5).
pub const CERTIFICATE: &str = "CERTIFICATE";
/// Label of a CRL (RFC 7468 §6).
pub const CRL: &str = "X509 CRL";
/// Label of a brand CRL identifier: ours, for want of any other.
pub const BCI: &str = "SET BCI";
/// Label of an OCSP response: common use.
pub const OCSP_RESPONSE: &str = "OCSP RESPONSE";
const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundle_with_text_around_is_split_in_order() {
        let text = "subject=x\n-----BEGIN A-----\nMAA=\n-----END A-----\r\ntalk\n\
                    -----BEGIN X509 CRL-----\nBQA=\n-----END X509 CRL-----\n";
        let expected = vec![
            PemBlock::Object("A".to_owned(), vec![0x30, 0]),
            PemBlock::Object("X509 CRL".to_owned(), vec![5, 0]),
        ];
        assert_eq!(blocks(text), Ok(expected));
    }

    #[test]
    fn private_key_is_not_decoded() {
        let text =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n!!!\n-----END ENCRYPTED PRIVATE KEY-----";
        assert_eq!(blocks(text), Ok(vec![PemBlock::Secret("ENCRYPTED PRIVATE KEY".to_owned())]));
    }

    #[test]
    fn block_without_end_is_refused_by_its_label() {
        let error = blocks("-----BEGIN CERTIFICATE-----\nMAA=\n").unwrap_err();
        assert_eq!(error.to_string(), "PEM block CERTIFICATE: it has no end line");
    }
}
