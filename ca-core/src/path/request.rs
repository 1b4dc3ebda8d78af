//! What validation is asked.

use core::fmt;
use core::str::FromStr;

use crate::profile::{KeyUsageBits, Role};
use crate::wire::{BrandCrlIdentifier, Cert, Crl};
use crate::{Suite, UnixTime};

/// One question to [`super::validate`].
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The certificate to judge: the end of the path, end entity or CA.
    pub certificate: &'a Cert,
    /// Certificates that may help to build the path; nothing is believed of them.
    pub untrusted: &'a [Cert],
    /// Trust anchors: for SET the accepted root certificates (spec `set-certificates.md` §4.2).
    pub anchors: &'a [Cert],
    /// CRLs at hand, of any issuer and age.
    pub crls: &'a [Crl],
    /// BCIs at hand, of any brand and age.
    pub bcis: &'a [BrandCrlIdentifier],
    /// Rules, time and purpose.
    pub settings: &'a Settings,
}

/// How a certificate is judged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The table of rules.
    pub rules: Rules,
    /// Suite of the hierarchy: signature algorithms and CRL duty.
    pub suite: Suite,
    /// The time at which everything must hold.
    pub at: UnixTime,
    /// What the key is wanted for; `None` accepts any use.
    pub purpose: Option<Purpose>,
    /// BrandID that every certificate below a SET root must carry; `None` only demands that it is
    /// the same everywhere.
    pub brand: Option<String>,
    /// Role the certificate must have; `None` accepts any. SET only.
    pub role: Option<Role>,
    /// What a missing revocation status means.
    pub revocation: RevocationMode,
    /// What a missing BCI of the brand means (SET only). A BCI at hand tells which CRLs are
    /// too old.
    pub bci: RevocationMode,
    /// How foreign certificates are read (SET only).
    pub strictness: Strictness,
    /// RSA keys of fewer bits are refused (spec `set-certificates.md` §10.2).
    pub minimum_rsa_bits: u16,
    /// Bounds of the work.
    pub budget: Budget,
    /// Whether to record every step.
    pub trace: bool,
}

impl Settings {
    /// Strict settings for `rules` and `suite` at a time: revocation status required, a BCI used
    /// if there is one, no purpose, no brand, no role, no trace.
    #[must_use]
    pub const fn new(rules: Rules, suite: Suite, at: UnixTime) -> Self {
        let minimum_rsa_bits = match (rules, suite) {
            (Rules::Set, Suite::Modern) => SET_MODERN_RSA_BITS,
            (Rules::Set, Suite::Set1997) => SET_1997_RSA_BITS,
            (Rules::Rfc5280, _) => RFC_5280_RSA_BITS,
        };
        Self {
            rules,
            suite,
            at,
            purpose: None,
            brand: None,
            role: None,
            revocation: RevocationMode::Require,
            bci: RevocationMode::IfAvailable,
            strictness: Strictness::Strict,
            minimum_rsa_bits,
            budget: Budget::DEFAULT,
            trace: false,
        }
    }

    /// The same for foreign certificates ([`Strictness::Lenient`]); in `set-1997` with the keys
    /// that cardholders had in 1996.
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.strictness = Strictness::Lenient;
        if matches!((self.rules, self.suite), (Rules::Set, Suite::Set1997)) {
            self.minimum_rsa_bits = LENIENT_1997_RSA_BITS;
        }
        self
    }
}

/// How strictly SET's profile is demanded (spec `set-certificates.md` §9).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Strictness {
    /// Certificates of the 1996 draft pass; either criticality does; an extension in a wrong place
    /// and a root without hashedRootKey are noted in the trace.
    Lenient,
    /// The matrix, bounds and criticality exactly as in SET 1.0.
    Strict,
}

/// The table of rules that judges a path.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Rules {
    /// RFC 5280 §6.
    Rfc5280,
    /// Spec `set-certificates.md` §5.
    Set,
}

impl Rules {
    /// The name used on the command line: `rfc5280`, `set`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rfc5280 => "rfc5280",
            Self::Set => "set",
        }
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Rules {
    type Err = UnknownRules;

    fn from_str(s: &str) -> Result<Self, UnknownRules> {
        match s {
            "rfc5280" => Ok(Self::Rfc5280),
            "set" => Ok(Self::Set),
            _ => Err(UnknownRules),
        }
    }
}

/// A name that is neither `set` nor `rfc5280`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown rules (known: set, rfc5280)")]
pub struct UnknownRules;

/// What the key of the judged certificate is wanted for (spec `set-certificates.md` §3.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Purpose {
    /// Signing certificates: keyCertSign.
    CertificateSigning,
    /// Signing CRLs and BCIs: cRLSign.
    CrlSigning,
    /// The key-exchange key of SET: keyEncipherment and dataEncipherment.
    Encryption,
    /// Signing messages: digitalSignature.
    MessageSignature,
}

impl Purpose {
    /// The stable name used in JSON and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CertificateSigning => "certificate-signing",
            Self::CrlSigning => "crl-signing",
            Self::Encryption => "encryption",
            Self::MessageSignature => "message-signature",
        }
    }

    /// The keyUsage bits it needs.
    #[must_use]
    pub const fn key_usage(self) -> KeyUsageBits {
        match self {
            Self::CertificateSigning => KeyUsageBits::KEY_CERT_SIGN,
            Self::CrlSigning => KeyUsageBits::CRL_SIGN,
            Self::Encryption => KeyUsageBits::ENCIPHERMENT,
            Self::MessageSignature => KeyUsageBits::DIGITAL_SIGNATURE,
        }
    }
}

/// What a missing revocation status, or a missing BCI, means.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RevocationMode {
    /// Fail closed: every certificate with a CRL duty needs a status, every brand a BCI.
    Require,
    /// What is at hand counts, what is missing does not.
    IfAvailable,
    /// CRLs, or BCIs, are not looked at.
    Off,
}

/// Bounds of the work of one validation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// Public-key operations, CRL signatures included.
    pub signature_checks: u32,
    /// Certificates put on a candidate path.
    pub states: u32,
    /// Certificates in one path, anchor included.
    pub path_length: usize,
}

impl Budget {
    /// Enough for every honest hierarchy; about 10 ms of P-256 checks when used up.
    pub const DEFAULT: Self = Self { signature_checks: 128, states: 20_000, path_length: 32 };
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Least RSA modulus of a `modern` hierarchy (spec `set-certificates.md` §10.2).
const SET_MODERN_RSA_BITS: u16 = 3072;
/// Least RSA modulus accepted on input in `set-1997` (spec `set-certificates.md` §10.2).
const SET_1997_RSA_BITS: u16 = 768;
/// The same in lenient mode: the cardholder's certificate of 1996 (spec §8.4).
const LENIENT_1997_RSA_BITS: u16 = 512;
/// Least RSA modulus of a chain that is not SET: 112 bits of strength (NIST SP 800-57 part 1).
const RFC_5280_RSA_BITS: u16 = 2048;
