//! Answers signed before anybody asks: what is asked for often, and the certificates of the CAs.

use crate::UnixTime;
use crate::authority::{Authority, Error, Hierarchy};
use crate::profile::KeyUse;
use crate::wire::Cert;
use crate::wire::ocsp::{CertId, CertIdHash, OcspRequest};

impl Authority {
    /// Signs again what is popular and has lived for a third of its life, so that nobody who asks
    /// for it has to wait for a signature; and what everybody asks for whose answer is not at hand:
    /// the certificates of the CAs. Returns how many answers that were.
    ///
    /// To be called from time to time, and when the hierarchy has changed.
    ///
    /// # Errors
    /// As signing the first that failed; the others were signed nevertheless.
    pub fn refresh_answers(&self) -> Result<u64, Error> {
        let now = self.parts.clock.now();
        let number = self.answers.hierarchy();
        let mut due = self.answers.due(now);
        for request in ca_requests(&self.hierarchy(), now) {
            let kept = self.answers.find(&request);
            if !kept.is_some_and(|kept| kept.is_fresh(number, now)) {
                due.push(request.into());
            }
        }
        due.sort_unstable();
        due.dedup();
        // The rest is for the next call: a list must not wait for all of it.
        due.truncate(AT_ONCE);
        let (mut signed, mut failed) = (0, None);
        for request in due {
            // What is not ours any more is not signed again.
            let Ok(question) = self.question(&request, now) else { continue };
            match self.signed_answer(&question) {
                Ok(_) => {
                    self.ocsp_counts.ahead();
                    signed += 1;
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(signed), Err)
    }
}

/// Answers signed in one call at most: two seconds with an RSA key.
const AT_ONCE: usize = 1_000;

/// The requests that clients write about the certificates of CAs that are valid at `now`.
fn ca_requests(hierarchy: &Hierarchy, now: UnixTime) -> Vec<Vec<u8>> {
    let uses = [KeyUse::CertificateSigning, KeyUse::MessageSignature, KeyUse::Encryption];
    let all = hierarchy.cas().iter().flat_map(|ca| uses.map(|one| ca.generations(one)));
    let living = all.flatten().filter(|certificate| now <= certificate.not_after());
    let issued = living.filter_map(|certificate| {
        let issuer = hierarchy.issuer_of(certificate)?;
        Some([CertIdHash::Sha1, CertIdHash::Sha256].map(|hash| request(hash, issuer, certificate)))
    });
    issued.flatten().flatten().collect()
}

/// The one way to ask for one certificate without extensions: 256 octets at most.
fn request(hash: CertIdHash, issuer: &Cert, certificate: &Cert) -> Option<Vec<u8>> {
    let id = CertId::of(hash, issuer, certificate.serial()).ok()?;
    OcspRequest { cert_ids: vec![id], nonce: None }.to_der().ok()
}
