//! The options of `setca verify` that say how to judge.

use ca_core::path::{Conformance, KeyPurpose, PeerName, Purpose, Question, RevocationMode, Rules};
use ca_core::profile::Role;
use ca_core::{Suite, UnixTime};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use der::oid::ObjectIdentifier;

/// How to judge.
#[derive(Args, Debug)]
pub(super) struct Asked {
    /// Whose rules: those of SET, or RFC 5280's.
    #[arg(long, default_value = "set", value_parser = words::<Rules>(&["set", "rfc5280"]))]
    rules: Rules,
    /// The time at which everything must hold, YYYY-MM-DDThh:mm:ssZ; default now.
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
    /// What a missing revocation status means: `require` fails closed; default if a CRL or an OCSP
    /// answer is given, else `off`.
    #[arg(long, value_name = "MODE", value_parser =
        words::<RevocationMode>(&["require", "if-available", "off"]))]
    revocation: Option<RevocationMode>,
    /// What the key is wanted for.
    #[arg(long, value_name = "USE", value_parser = words::<Purpose>(&[
        "certificate-signing", "crl-signing", "encryption", "message-signature"]))]
    purpose: Option<Purpose>,
    /// Refuse RSA keys of fewer bits; default 2048, in SET what the suite demands.
    #[arg(long, value_name = "BITS")]
    minimum_rsa_bits: Option<u16>,
    /// Show every step.
    #[arg(long)]
    trace: bool,

    /// The suite of the hierarchy; default the one in which the root is signed.
    #[arg(long, help_heading = "Rules of SET")]
    suite: Option<Suite>,
    /// Accept what SET 1.0 does not: certificates of the 1996 draft, other criticality, short keys.
    #[arg(long, help_heading = "Rules of SET")]
    lenient: bool,
    /// The brand every certificate below the root must carry.
    #[arg(long, value_name = "BRAND", help_heading = "Rules of SET")]
    brand: Option<String>,
    /// The role of the certificate.
    #[arg(long, value_name = "ROLE", value_parser = role, help_heading = "Rules of SET")]
    role: Option<Role>,

    /// A policy of which the path must be valid for one, if it is valid for any; default any.
    #[arg(long = "policy", value_name = "OID", help_heading = "Rules of RFC 5280")]
    policies: Vec<ObjectIdentifier>,
    /// The path must be valid for an acceptable policy (initial-explicit-policy).
    #[arg(long, help_heading = "Rules of RFC 5280")]
    require_policy: bool,
    /// Policies are not mapped (initial-policy-mapping-inhibit).
    #[arg(long, help_heading = "Rules of RFC 5280")]
    inhibit_mapping: bool,
    /// anyPolicy in certificates counts for nothing (initial-any-policy-inhibit).
    #[arg(long, help_heading = "Rules of RFC 5280")]
    inhibit_any_policy: bool,
    /// A purpose that extendedKeyUsage must allow: serverAuth, clientAuth, …, or an OID.
    #[arg(long = "eku", value_name = "PURPOSE", help_heading = "Rules of RFC 5280")]
    extended_key_usages: Vec<KeyPurpose>,
    /// A name the certificate must carry: host, IP address or mailbox; of several, one will do.
    #[arg(long = "name", value_name = "NAME", help_heading = "Rules of RFC 5280")]
    names: Vec<PeerName>,
    /// CA certificates allowed between root and certificate, self-issued ones not counted.
    #[arg(long, value_name = "N", help_heading = "Rules of RFC 5280")]
    max_intermediates: Option<u32>,
    /// `profile` demands what RFC 5280 asks of CAs, too, `web-pki` what the CA/Browser Forum asks
    /// for servers on top; default `path`: what §6 validates.
    #[arg(long, value_name = "DEGREE", help_heading = "Rules of RFC 5280",
        value_parser = words::<Conformance>(&["path", "profile", "web-pki"]))]
    conformance: Option<Conformance>,
    /// Accept signatures over SHA-1.
    #[arg(long, help_heading = "Rules of RFC 5280")]
    sha_1: bool,
    /// Accept DSA keys and signatures.
    #[arg(long, help_heading = "Rules of RFC 5280")]
    dsa: bool,
}

impl Asked {
    /// The same as the library asks it.
    pub(super) fn question(&self) -> Question {
        Question {
            rules: Some(self.rules),
            suite: self.suite,
            at: self.at,
            purpose: self.purpose,
            revocation: self.revocation,
            minimum_rsa_bits: self.minimum_rsa_bits,
            trace: self.trace,
            brand: self.brand.clone(),
            role: self.role,
            lenient: self.lenient,
            policies: self.policies.clone(),
            require_policy: self.require_policy,
            inhibit_mapping: self.inhibit_mapping,
            inhibit_any_policy: self.inhibit_any_policy,
            extended_key_usages: self.extended_key_usages.clone(),
            names: self.names.clone(),
            max_intermediates: self.max_intermediates,
            conformance: self.conformance,
            sha_1: self.sha_1,
            dsa: self.dsa,
        }
    }
}

/// Values that help lists and completion offers, parsed by the library.
fn words<T>(known: &'static [&'static str]) -> impl clap::builder::TypedValueParser<Value = T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>
        + Clone
        + Send
        + Sync
        + 'static,
{
    PossibleValuesParser::new(known).try_map(|word| word.parse::<T>())
}

fn role(text: &str) -> Result<Role, String> {
    let all = [
        Role::Rca,
        Role::Bca,
        Role::Gca,
        Role::Cca,
        Role::Mca,
        Role::Pca,
        Role::Cardholder,
        Role::Merchant,
        Role::Gateway,
    ];
    let known = all.map(Role::name).join(", ");
    all.into_iter().find(|role| role.name() == text).ok_or(format!("known: {known}"))
}
