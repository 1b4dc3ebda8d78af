//! Vectors that are built in: does this build do what the specification of SET prints?

use super::case::{Category, Expected, Outcome};
use super::{CaseError, CaseFile, Deviation, Judged};
use crate::envelope::set_oaep::{CounterOctet, encode};
use crate::envelope::{blinded_name, pan_secret};
use crate::path::{self, ReasonCode, Request, RevocationMode, Rules, Settings, Verdict};
use crate::signer::{SignatureAlgorithm, verify};
use crate::wire::Cert;
use crate::{Suite, UnixTime, unhex};

/// One value of the specification, and how it is met.
#[derive(Clone, Copy, Debug)]
pub struct Vector {
    /// Its name.
    pub id: &'static str,
    /// What is true if it is met, and where it stands.
    pub claim: &'static str,
    check: fn() -> Option<bool>,
}

impl Vector {
    /// Every built-in vector.
    #[must_use]
    pub const fn all() -> &'static [Self] {
        VECTORS
    }

    /// Meets it, or says that it was not met.
    #[must_use]
    pub fn judge(&self) -> Judged {
        if (self.check)() == Some(true) {
            return Judged::Passed;
        }
        Judged::Failed(Deviation {
            id: self.id.to_owned(),
            category: Category::Vector,
            features: Vec::new(),
            expected: Expected { valid: true, policies: None },
            outcome: Outcome {
                valid: false,
                reasons: Vec::new(),
                policies: None,
                unreadable: Vec::new(),
            },
            message: format!("not so: {}", self.claim),
        })
    }
}

/// The built-in cases by the rules of RFC 5280.
///
/// # Errors
/// Never for a file that the tests accepted.
pub fn built_in_cases() -> Result<CaseFile, CaseError> {
    CaseFile::read(include_str!("../../tests/vectors/built-in.json"), UnixTime::default())
}

const VECTORS: &[Vector] = &[
    Vector {
        id: "built-in::thumbprint-sha-1",
        claim: "SHA-1 of the TBSCertificate is the thumbprint (spec set-crypto.md §9.7)",
        check: || Some(Suite::Set1997.digest(&spec("TBSCertificate")?) == spec("thumb SHA-1")?),
    },
    Vector {
        id: "built-in::thumbprint-sha-256",
        claim: "SHA-256 of the TBSCertificate is the thumbprint (spec set-crypto.md §9.7)",
        check: || Some(Suite::Modern.digest(&spec("TBSCertificate")?) == spec("thumb SHA-256")?),
    },
    Vector {
        id: "built-in::signature",
        claim: "the signature over the attributes verifies (spec set-crypto.md §9.5)",
        check: || signature_verifies(&spec("attributes")?),
    },
    Vector {
        id: "built-in::signature-over-another-text",
        claim: "the signature verifies over nothing else (spec set-crypto.md §9.5)",
        check: || signature_verifies(&spec("HD")?).map(|verifies| !verifies),
    },
    Vector {
        id: "built-in::set-oaep",
        claim: "a DES key is padded to R of vector V1 (spec set-crypto.md §9.4)",
        check: || {
            let salt = spec("E-Salt")?.try_into().ok()?;
            let first = *spec("I")?.first()?;
            let block = encode(&CounterOctet, 128, 0, &spec("DES key")?, &salt, first)?;
            Some(*block == spec("V1.R")?)
        },
    },
    Vector {
        id: "built-in::pan-secret",
        claim: "PANSecret is CardSecret XOR nonceCCA (spec set-crypto.md §9.6)",
        check: || {
            let (card, nonce) = (ascending::<20>(0x01), ascending::<20>(0x81));
            let secret = pan_secret(Suite::Set1997, &card, &nonce).ok()?;
            Some(secret.as_slice() == [0x80; 20])
        },
    },
    Vector {
        id: "built-in::blinded-name-set-1997",
        claim: "the cardholder's name is the HMAC-SHA-1 of the card (spec set-crypto.md §9.6)",
        check: || {
            let name = blinded_name(Suite::Set1997, PAN, EXPIRY, &ascending::<20>(0xa0));
            Some(name.ok()? == text("HMAC-SHA-1 a0..b3 base64")?)
        },
    },
    Vector {
        id: "built-in::blinded-name-modern",
        claim: "the cardholder's name is the HMAC-SHA-256 of the card (spec set-crypto.md §9.6)",
        check: || {
            let name = blinded_name(Suite::Modern, PAN, EXPIRY, &ascending::<32>(0xa0));
            Some(name.ok()? == text("HMAC-SHA-256 a0..bf base64")?)
        },
    },
    Vector {
        id: "built-in::set-chain",
        claim: "root, BCA, CCA and cardholder are a chain of SET (spec set-certificates.md §5)",
        check: || Some(set_verdict(&["bca", "cca"], "cardholder")?.valid),
    },
    Vector {
        id: "built-in::set-chain-wrongly-nested",
        claim: "an MCA issues no cardholder (spec set-certificates.md §5.1)",
        check: || {
            let verdict = set_verdict(&["bca", "mca"], "misplaced cardholder")?;
            Some(!verdict.valid && verdict.has(ReasonCode::TypeNesting))
        },
    },
];

fn signature_verifies(message: &[u8]) -> Option<bool> {
    let certificate = Cert::from_der(&unhex(find(FOREIGN, "certificate")?)?).ok()?;
    let (suite, algorithm) = (Suite::Set1997, SignatureAlgorithm::RsaSha1);
    let signature = spec("signature")?;
    Some(verify(suite, certificate.spki_der(), algorithm, message, &signature).is_ok())
}

/// The verdict of the SET rules on a cardholder of the tree.
fn set_verdict(above: &[&str], leaf: &str) -> Option<Verdict> {
    let certificate = |name: &str| Cert::from_der(&unhex(find(SET_CHAIN, name)?)?).ok();
    let untrusted: Option<Vec<Cert>> = above.iter().map(|name| certificate(name)).collect();
    let settings = Settings {
        revocation: RevocationMode::Off,
        ..Settings::new(Rules::Set, Suite::Modern, UnixTime::parse_rfc3339(NOON)?)
    };
    Some(path::validate(&Request {
        certificate: &certificate(leaf)?,
        untrusted: &untrusted?,
        anchors: &[certificate("root")?],
        crls: &[],
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings: &settings,
    }))
}

/// A value of `set-crypto.md` §9.1 to §9.8.
fn spec(name: &str) -> Option<Vec<u8>> {
    unhex(text(name)?)
}

fn text(name: &str) -> Option<&'static str> {
    find(SPEC, name)
}

fn find(file: &'static str, name: &str) -> Option<&'static str> {
    file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
}

/// `first`, the next number, and so on.
fn ascending<const N: usize>(first: u8) -> [u8; N] {
    let mut next = first;
    [(); N].map(|()| {
        let octet = next;
        next = next.wrapping_add(1);
        octet
    })
}

const SPEC: &str = include_str!("../../tests/vectors/set-1997.txt");
const FOREIGN: &str = include_str!("../../tests/vectors/envelope_1997.txt");
const SET_CHAIN: &str = include_str!("../../tests/vectors/set-chain.txt");
/// The card of spec `set-crypto.md` §9.6.
const PAN: &str = "4111111111111111";
const EXPIRY: &str = "199912";
/// Everything in the tree is valid then.
const NOON: &str = "2026-06-15T12:00:00Z";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{Divergences, Score};

    #[test]
    fn every_vector_is_met() {
        for vector in Vector::all() {
            assert_eq!(vector.judge(), Judged::Passed, "{}", vector.id);
        }
    }

    #[test]
    fn a_vector_that_is_not_met_says_so() {
        let broken = Vector { id: "v", claim: "one is two", check: || None };
        let Judged::Failed(deviation) = broken.judge() else { panic!("passed") };
        assert_eq!(deviation.message, "not so: one is two");
    }

    #[test]
    fn every_case_comes_out_as_expected() {
        let file = built_in_cases().unwrap();
        let score = Score::of(&file.cases, &Divergences::default());
        assert_eq!((score.passed, score.failed), (13, Vec::new()));
    }
}
