//! What validation is asked.

use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;

use const_oid::ObjectIdentifier;

use crate::profile::{KeyUsageBits, Role};
use crate::wire::ocsp::BasicOcspResponse;
use crate::wire::{BrandCrlIdentifier, Cert, Crl, RevokedInfo};
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
    /// OCSP answers at hand, of any responder and age.
    pub ocsp: &'a [BasicOcspResponse],
    /// What the registers of CAs say, as far as the caller has them and believes them.
    pub register: &'a [Registered],
    /// Rules, time and purpose.
    pub settings: &'a Settings,
}

/// What the register of a CA, its own record, says of a certificate it issued: worth a CRL, and it
/// knows of every time (RFC 5280 §3.3 leaves other ways of telling a status open).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registered {
    /// The certificate, DER: the entry is about no other of the same serial number.
    pub certificate: Vec<u8>,
    /// When and why it was revoked.
    pub revoked: Option<RevokedInfo>,
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
    /// Whether signatures over SHA-1 are accepted (RFC 5280 only: a suite of SET knows its digest).
    pub sha_1: bool,
    /// Whether DSA keys, of whatever size, and their signatures are accepted (RFC 5280 only).
    pub dsa: bool,
    /// Inputs of the policy rules (RFC 5280 only).
    pub policies: PolicyInputs,
    /// extendedKeyUsage purposes of which the certificate must serve every one; empty accepts any
    /// (RFC 5280 only).
    pub extended_key_usages: Vec<ObjectIdentifier>,
    /// Names of which the certificate must carry one; empty accepts any (RFC 5280 only).
    pub peer_names: Vec<PeerName>,
    /// CA certificates between anchor and leaf, self-issued ones not counted: the initial
    /// max_path_length (RFC 5280 §6.1.2 (k)); `None` is no bound.
    pub max_intermediates: Option<u32>,
    /// Whether what RFC 5280 demands of conforming CAs is demanded too (RFC 5280 only).
    pub conformance: Conformance,
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
            sha_1: false,
            dsa: false,
            policies: PolicyInputs::ANY,
            extended_key_usages: Vec::new(),
            peer_names: Vec::new(),
            max_intermediates: None,
            conformance: Conformance::Path,
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

/// The inputs of the policy rules (RFC 5280 §6.1.1 (c)-(g)).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyInputs {
    /// user-initial-policy-set; empty is any-policy.
    pub acceptable: Vec<ObjectIdentifier>,
    /// initial-explicit-policy: the path must be valid for one of them.
    pub require_explicit: bool,
    /// initial-policy-mapping-inhibit.
    pub inhibit_mapping: bool,
    /// initial-any-policy-inhibit.
    pub inhibit_any: bool,
}

impl PolicyInputs {
    /// Any policy will do, and none is needed.
    pub const ANY: Self = Self {
        acceptable: Vec::new(),
        require_explicit: false,
        inhibit_mapping: false,
        inhibit_any: false,
    };
}

/// A name by which the judged certificate's subject is expected to go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PeerName {
    /// A host name (RFC 9525).
    Dns(String),
    /// A mailbox (RFC 5280 §4.2.1.6, rfc822Name).
    Email(String),
    /// An address.
    Ip(IpAddr),
}

/// How much of RFC 5280 is demanded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Conformance {
    /// Path validation (§6).
    Path,
    /// The profile too (§4, §5): what a conforming CA must and must not issue.
    Profile,
    /// The Baseline Requirements of the CA/Browser Forum on top of the profile: what a CA that web
    /// browsers trust must and must not issue for servers.
    WebPki,
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
    /// Comparisons of a name with a subtree of nameConstraints.
    pub name_comparisons: u32,
    /// Certificates put on a candidate path, and policies looked at in them.
    pub states: u32,
    /// Certificates in one path, anchor included.
    pub path_length: usize,
}

impl Budget {
    /// Enough for every honest hierarchy; about 10 ms of P-256 checks when used up.
    pub const DEFAULT: Self =
        Self { signature_checks: 128, name_comparisons: 250_000, states: 20_000, path_length: 32 };
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
