//! Rules on the key to certify (spec `set-messages.md` §4.6 step 8).

use super::Refusal;
use crate::profile::CertificateProfile;
use crate::signer::KeyAlgorithm;

/// The key is of a kind and size that its profile accepts.
///
/// # Errors
/// [`Refusal::KeyKind`] with what was found and what is accepted.
pub fn check_key(spki_der: &[u8], profile: &CertificateProfile) -> Result<(), Refusal> {
    let found = KeyAlgorithm::of_spki(spki_der);
    if found.is_some_and(|kind| profile.key_algorithms.contains(&kind)) {
        Ok(())
    } else {
        Err(Refusal::key_kind(found, &profile.key_algorithms))
    }
}
