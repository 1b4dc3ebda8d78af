//! Vectors assembled from the tables of `set-messages.md`: octets, not types.

/// One TLV: `identifier` as it stands in the table, then the parts of the content.
pub(crate) fn tlv(identifier: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut octets = identifier.to_vec();
    match length {
        0..=0x7F => octets.push(length as u8),
        0x80..=0xFF => octets.extend([0x81, length as u8]),
        0x100..=0xFFFF => octets.extend([0x82, (length >> 8) as u8, length as u8]),
        _ => octets.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    octets.extend(content);
    octets
}

/// Octets from hexadecimal digits; spaces are ignored.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    ca_core::unhex(&digits).unwrap()
}

/// Four tests of one type: it encodes to the vector, decodes from it, and neither a truncated nor a
/// longer one is taken.
macro_rules! vector {
    ($name:ident, $type:ty, $value:expr, $octets:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn encodes_to_the_vector() {
                let value: $type = $value;
                assert_eq!(hex(&value.to_der().unwrap()), hex(&$octets));
            }

            #[test]
            fn decodes_from_the_vector() {
                let value: $type = $value;
                assert_eq!(decode::<$type>(&$octets, MAX_MESSAGE).unwrap(), value);
            }

            #[test]
            fn every_truncation_is_refused() {
                let octets: Vec<u8> = $octets;
                for end in 0..octets.len() {
                    assert!(decode::<$type>(&octets[..end], MAX_MESSAGE).is_err(), "cut at {end}");
                }
            }

            #[test]
            fn a_trailing_octet_is_refused() {
                let octets: Vec<u8> = [&$octets[..], &[0]].concat();
                assert!(decode::<$type>(&octets, MAX_MESSAGE).is_err());
            }
        }
    };
}

pub(crate) use vector;
