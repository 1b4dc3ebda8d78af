//! PANSecret and the blinded name of a cardholder (spec `set-messages.md` §4.9).

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _};
use zeroize::Zeroizing;

use crate::Suite;

/// PANSecret = CardSecret XOR nonceCCA, octet by octet.
///
/// # Errors
/// [`BlindError::SecretLength`] unless both have the suite's secret length.
pub fn pan_secret(
    suite: Suite,
    card_secret: &[u8],
    nonce_cca: &[u8],
) -> Result<Zeroizing<Vec<u8>>, BlindError> {
    check_length(suite, card_secret)?;
    check_length(suite, nonce_cca)?;
    Ok(Zeroizing::new(card_secret.iter().zip(nonce_cca).map(|(a, b)| a ^ b).collect()))
}

/// The commonName of a cardholder certificate: base64 of the HMAC, keyed with PANSecret, of the DER
/// of `SEQUENCE { pan NumericString, cardExpiry NumericString }`. 28 characters in `set-1997`, 44
/// in `modern`.
///
/// # Errors
/// [`BlindError`] if the secret is not of the suite's length, the PAN not 1 to 19 digits or the
/// expiry not six.
pub fn blinded_name(
    suite: Suite,
    pan: &str,
    card_expiry: &str,
    pan_secret: &[u8],
) -> Result<String, BlindError> {
    check_length(suite, pan_secret)?;
    if !is_digits(pan) || pan.len() > MAX_PAN {
        return Err(BlindError::Pan);
    }
    if !is_digits(card_expiry) || card_expiry.len() != EXPIRY_LEN {
        return Err(BlindError::Expiry);
    }
    let fields = [pan.as_bytes(), card_expiry.as_bytes()];
    match suite {
        Suite::Modern => {
            let mac = Hmac::<sha2::Sha256>::new_from_slice(pan_secret);
            fed(mac.map_err(|_| BlindError::SecretLength)?, fields)
        }
        Suite::Set1997 => {
            let mac = Hmac::<sha1::Sha1>::new_from_slice(pan_secret);
            fed(mac.map_err(|_| BlindError::SecretLength)?, fields)
        }
    }
}

/// What cannot be blinded. Never says the value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BlindError {
    /// Not a month.
    #[error("card expiry is not six digits")]
    Expiry,
    /// Not a PAN.
    #[error("PAN is not 1 to 19 digits")]
    Pan,
    /// CardSecret, nonceCCA or PANSecret of another length than the suite's.
    #[error("secret does not have the length of the suite")]
    SecretLength,
}

/// Feeds the DER piece by piece, so that no copy of the PAN is made.
fn fed<M: hmac::Mac>(mut mac: M, fields: [&[u8]; 2]) -> Result<String, BlindError> {
    let content: usize = fields.iter().map(|field| field.len().saturating_add(2)).sum();
    mac.update(&[SEQUENCE, short(content)?]);
    for field in fields {
        mac.update(&[NUMERIC_STRING, short(field.len())?]);
        mac.update(field);
    }
    Ok(Base64::encode_string(&mac.finalize().into_bytes()))
}

/// A DER length of one octet: there are at most 29 octets here.
fn short(length: usize) -> Result<u8, BlindError> {
    u8::try_from(length).map_err(|_| BlindError::Pan)
}

fn check_length(suite: Suite, secret: &[u8]) -> Result<(), BlindError> {
    if secret.len() == suite.secret_len() { Ok(()) } else { Err(BlindError::SecretLength) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// Digits of the longest PAN (spec `set-messages.md` §1.3 `[R-H]`).
const MAX_PAN: usize = 19;
/// Digits of CardExpiry, YYYYMM (spec `set-messages.md` §1.3 `[R-H]`).
const EXPIRY_LEN: usize = 6;
const SEQUENCE: u8 = 0x30;
const NUMERIC_STRING: u8 = 0x12;

#[cfg(test)]
mod tests {
    use super::*;

    const PAN: &str = "4111111111111111";

    fn ascending<const N: usize>(first: u8) -> Vec<u8> {
        (first..).take(N).collect()
    }

    /// Spec `set-crypto.md` §9.6.
    #[test]
    fn names_are_those_of_the_crypto_vectors() {
        assert_eq!(
            blinded_name(Suite::Set1997, PAN, "199912", &ascending::<20>(0xa0)).unwrap(),
            "3rC0yHjKjMa65j1JptKcis2q+to="
        );
        assert_eq!(
            blinded_name(Suite::Modern, PAN, "199912", &ascending::<32>(0xa0)).unwrap(),
            "Yrq1oz1XO1cCNqhP0GmkCSUrlv0YRK3UlQzcnU3FB/k="
        );
    }

    /// Spec `set-crypto.md` §9.6: 0102..14 XOR 8182..94.
    #[test]
    fn pan_secret_is_the_exclusive_or() {
        let secret = pan_secret(Suite::Set1997, &ascending::<20>(0x01), &ascending::<20>(0x81));
        assert_eq!(secret.unwrap().as_slice(), [0x80; 20]);
    }

    /// Spec `set-messages.md` §4.9.
    #[test]
    fn secret_and_name_are_those_of_the_message_vector() {
        let nonce = b"\x0b\x30\x55\x7a\x9f\xc4\xe9\x0e\x33\x58\x7d\xa2\xc7\xec\x11\x36\x5b\x80\xa5\
            \xca";
        let secret = pan_secret(Suite::Set1997, &ascending::<20>(0), nonce).unwrap();
        assert_eq!(crate::hex(&secret), "0b3157799bc1ef093b5177a9cbe11f394b91b7d9");
        assert_eq!(
            blinded_name(Suite::Set1997, PAN, "200012", &secret).unwrap(),
            "dsd21bka16NzXfzC+XJV29rhTDQ="
        );
    }

    #[test]
    fn only_the_secret_length_of_the_suite_is_taken() {
        let short = ascending::<20>(0);
        assert_eq!(pan_secret(Suite::Modern, &short, &short), Err(BlindError::SecretLength));
        assert_eq!(
            blinded_name(Suite::Modern, PAN, "199912", &short),
            Err(BlindError::SecretLength)
        );
    }

    #[test]
    fn only_digits_are_blinded() {
        let secret = ascending::<32>(0);
        let name = |pan, expiry| blinded_name(Suite::Modern, pan, expiry, &secret);
        assert_eq!(name("4111 1111", "199912"), Err(BlindError::Pan));
        assert_eq!(name("", "199912"), Err(BlindError::Pan));
        assert_eq!(name("41111111111111111111", "199912"), Err(BlindError::Pan));
        assert_eq!(name(PAN, "9912"), Err(BlindError::Expiry));
    }
}
