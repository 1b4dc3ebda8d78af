//! The header that signs what passes between setca and a bank: `X-Setca-Signature: t=…,v1=…`.
//!
//! `t` is the Unix time in seconds, `v1` the hex of HMAC-SHA-256 under the shared secret over
//! `t`, a full stop, and the body. Question and answer are signed alike.

use ca_core::{UnixTime, hex, unhex};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// Name of the header.
pub const SIGNATURE_HEADER: &str = "x-setca-signature";

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// Another secret, or another body.
    #[error("the signature does not verify under the shared secret")]
    Forged,
    /// It is not written as it must be.
    #[error("the signature is not written as t=SECONDS,v1=HEX")]
    Malformed,
    /// Recorded and sent again, or a clock is wrong.
    #[error("the signature is {0} s away from our time, more than {MAX_SKEW} s")]
    Stale(u64),
}

/// The header's value for `body` at `at`.
#[must_use]
pub fn sign(secret: &[u8], at: UnixTime, body: &[u8]) -> String {
    let seconds = at.as_secs().to_string();
    format!("t={seconds},v1={}", hex(&mac(secret, &seconds, body)))
}

/// Checks the header's value `found` over `body`.
///
/// # Errors
/// [`SignatureFault`].
pub fn verify(
    secret: &[u8],
    found: &str,
    body: &[u8],
    now: UnixTime,
) -> Result<(), SignatureFault> {
    let (seconds, value) = parts(found).ok_or(SignatureFault::Malformed)?;
    let at: u64 = seconds.parse().map_err(|_| SignatureFault::Malformed)?;
    let value = unhex(value).ok_or(SignatureFault::Malformed)?;
    if !bool::from(mac(secret, seconds, body).ct_eq(&value)) {
        return Err(SignatureFault::Forged);
    }
    let skew = now.as_secs().abs_diff(at);
    if skew > MAX_SKEW { Err(SignatureFault::Stale(skew)) } else { Ok(()) }
}

fn parts(found: &str) -> Option<(&str, &str)> {
    let (time, value) = found.split_once(',')?;
    Some((time.trim().strip_prefix("t=")?, value.trim().strip_prefix("v1=")?))
}

fn mac(secret: &[u8], seconds: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(mac) => mac,
        // RFC 2104 §3: HMAC takes a key of any length.
        Err(_) => unreachable!("HMAC refuses no key"),
    };
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// Seconds by which a bank's clock may differ, and for which a recorded answer could be sent again
/// (for the same registration, which it names).
const MAX_SKEW: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
    /// `printf '1700000000.{"decision":"approve"}' | openssl dgst -sha256 -hmac secret`.
    const BY_OPENSSL: &str = "6cc289908e1e32b22ea6207625fd6b99bbdbe81c4941a07710f2b2264ebe8dbe";

    #[test]
    fn a_signature_is_what_openssl_makes_of_time_and_body() {
        let expected = format!("t=1700000000,v1={BY_OPENSSL}");
        assert_eq!(sign(b"secret", NOW, br#"{"decision":"approve"}"#), expected);
    }

    #[test]
    fn another_secret_body_or_time_is_forged() {
        let signed = sign(b"secret", NOW, b"body");
        assert_eq!(verify(b"secret", &signed, b"body", NOW), Ok(()));
        assert_eq!(verify(b"other", &signed, b"body", NOW), Err(SignatureFault::Forged));
        assert_eq!(verify(b"secret", &signed, b"Body", NOW), Err(SignatureFault::Forged));
        let moved = signed.replace("t=1700000000", "t=1700000001");
        assert_eq!(verify(b"secret", &moved, b"body", NOW), Err(SignatureFault::Forged));
    }

    #[test]
    fn a_signature_lasts_five_minutes_either_way() {
        let signed = sign(b"secret", NOW, b"body");
        for (now, outcome) in [
            (NOW.plus_secs(300), Ok(())),
            (NOW.minus_secs(300), Ok(())),
            (NOW.plus_secs(301), Err(SignatureFault::Stale(301))),
        ] {
            assert_eq!(verify(b"secret", &signed, b"body", now), outcome);
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_signature() {
        for found in ["", "t=1", "v1=00,t=1", "t=x,v1=00", "t=1,v1=0g", "t=1;v1=00"] {
            let outcome = verify(b"secret", found, b"body", NOW);
            assert_eq!(outcome, Err(SignatureFault::Malformed), "{found}");
        }
    }
}
