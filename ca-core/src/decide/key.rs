//! Rules on the keys to certify (spec `set-messages.md` §4.6 step 8).

use std::collections::HashSet;

use super::Refusal;
use crate::profile::CertificateProfile;
use crate::signer::KeyAlgorithm;
use crate::wire::RequestType;

/// The request holds exactly the keys that its type needs (§3.3).
///
/// # Errors
/// [`Refusal::KeysWrong`].
pub const fn check_keys(
    request_type: RequestType,
    signature: bool,
    encryption: bool,
) -> Result<(), Refusal> {
    let wanted = (request_type.wants_signature(), request_type.wants_encryption());
    match (wanted, (signature, encryption)) {
        ((true, true), (true, true))
        | ((true, false), (true, false))
        | ((false, true), (false, true)) => Ok(()),
        _ => Err(Refusal::KeysWrong),
    }
}

/// No key serves for both: each is certified once (decisions.md 21).
///
/// # Errors
/// [`Refusal::KeysAlike`].
pub fn check_keys_differ<'a>(spkis: impl IntoIterator<Item = &'a [u8]>) -> Result<(), Refusal> {
    let mut known = HashSet::new();
    if spkis.into_iter().all(|spki| known.insert(spki)) { Ok(()) } else { Err(Refusal::KeysAlike) }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// §3.3, second column.
    #[test]
    fn each_request_type_brings_exactly_its_keys() {
        for request_type in RequestType::ALL.iter().copied() {
            let name = request_type.name();
            let needed = (!name.ends_with("Enc"), !name.ends_with("Sig"));
            for given in [(true, true), (true, false), (false, true), (false, false)] {
                let outcome = check_keys(request_type, given.0, given.1);
                assert_eq!(outcome.is_ok(), given == needed, "{name} {given:?}");
            }
        }
    }

    #[test]
    fn one_key_for_both_uses_is_refused() {
        assert_eq!(check_keys_differ([&[1][..], &[2][..]]), Ok(()));
        assert_eq!(check_keys_differ([&[1][..]]), Ok(()));
        assert_eq!(check_keys_differ([&[1][..], &[1][..]]), Err(Refusal::KeysAlike));
    }
}
