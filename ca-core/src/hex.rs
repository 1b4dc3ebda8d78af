//! Octets as hexadecimal digits.

/// Lower-case hexadecimal, two digits an octet.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().saturating_mul(2));
    let values = octets.iter().flat_map(|octet| [octet >> 4, octet & 0x0f]);
    // A value below 16 is always a digit.
    text.extend(values.filter_map(|value| char::from_digit(u32::from(value), 16)));
    text
}

/// The octets of an even number of hexadecimal digits, `None` for anything else.
#[must_use]
pub fn unhex(digits: &str) -> Option<Vec<u8>> {
    let values: Option<Vec<u8>> =
        digits.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let values = values?;
    let (pairs, rest) = values.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_two_digits_each() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa0]), "000fa0");
        assert_eq!(unhex("000fA0"), Some(vec![0x00, 0x0f, 0xa0]));
    }

    #[test]
    fn signs_spaces_and_half_octets_are_no_digits() {
        for text in ["+f", "0 ", "0", "000", "g0", "é0"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
