//! The question of a person or a program, in words: one reading for command line and HTTP.

use core::fmt::Display;
use core::str::FromStr;

use const_oid::ObjectIdentifier;
use serde::{Deserialize, Deserializer, de};

use super::{Conformance, PeerName, PolicyInputs, Purpose, RevocationMode, Rules, Settings};
use crate::profile::Role;
use crate::wire::Cert;
use crate::{Suite, UnixTime};

/// How a certificate is to be judged; what is left out is as [`Settings::new`] has it.
///
/// Read from JSON by `POST /v1/validate` (each value a string as on the command line) and from its
/// options by `setca verify`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Question {
    /// The table of rules; SET's if left out.
    #[serde(deserialize_with = "word")]
    pub rules: Option<Rules>,
    /// The suite; if left out, that of the anchors.
    #[serde(deserialize_with = "word")]
    pub suite: Option<Suite>,
    /// The time at which everything must hold; now if left out.
    #[serde(deserialize_with = "word")]
    pub at: Option<UnixTime>,
    /// What the key is wanted for.
    #[serde(deserialize_with = "word")]
    pub purpose: Option<Purpose>,
    /// What a missing revocation status means.
    #[serde(deserialize_with = "word")]
    pub revocation: Option<RevocationMode>,
    /// RSA keys of fewer bits are refused.
    pub minimum_rsa_bits: Option<u16>,
    /// Whether every step is recorded.
    pub trace: bool,

    /// SET: BrandID of every certificate below the root.
    pub brand: Option<String>,
    /// SET: the role of the certificate.
    pub role: Option<Role>,
    /// SET: foreign certificates and those of the 1996 draft pass.
    pub lenient: bool,

    /// RFC 5280: user-initial-policy-set; empty is any-policy.
    #[serde(deserialize_with = "words")]
    pub policies: Vec<ObjectIdentifier>,
    /// RFC 5280: initial-explicit-policy.
    pub require_policy: bool,
    /// RFC 5280: initial-policy-mapping-inhibit.
    pub inhibit_mapping: bool,
    /// RFC 5280: initial-any-policy-inhibit.
    pub inhibit_any_policy: bool,
    /// RFC 5280: purposes of extendedKeyUsage, all of which must be served.
    #[serde(deserialize_with = "words")]
    pub extended_key_usages: Vec<KeyPurpose>,
    /// RFC 5280: names of which the certificate must carry one.
    #[serde(deserialize_with = "words")]
    pub names: Vec<PeerName>,
    /// RFC 5280: CA certificates between anchor and leaf, self-issued ones not counted.
    pub max_intermediates: Option<u32>,
    /// RFC 5280: how much of it is demanded.
    #[serde(deserialize_with = "word")]
    pub conformance: Option<Conformance>,
    /// RFC 5280: whether signatures over SHA-1 are accepted.
    pub sha_1: bool,
    /// RFC 5280: whether DSA keys and their signatures are accepted.
    pub dsa: bool,
}

impl Question {
    /// The settings that are meant, for `certificate` below one of `anchors`; `now` is the time of
    /// judging and `revocation` what a missing status means where the question is silent.
    ///
    /// # Errors
    /// [`QuestionError`] if something is asked for that the rules do not know.
    pub fn settings(
        &self,
        certificate: &Cert,
        anchors: &[Cert],
        now: UnixTime,
        revocation: RevocationMode,
    ) -> Result<Settings, QuestionError> {
        let rules = self.rules.unwrap_or(Rules::Set);
        self.check(rules)?;
        let suite = self.suite.unwrap_or_else(|| suite(certificate, anchors));
        let settings = Settings::new(rules, suite, self.at.unwrap_or(now));
        let settings = if self.lenient { settings.lenient() } else { settings };
        Ok(Settings {
            purpose: self.purpose,
            revocation: self.revocation.unwrap_or(revocation),
            minimum_rsa_bits: self.minimum_rsa_bits.unwrap_or(settings.minimum_rsa_bits),
            trace: self.trace,
            brand: self.brand.clone(),
            role: self.role,
            policies: PolicyInputs {
                acceptable: self.policies.clone(),
                require_explicit: self.require_policy,
                inhibit_mapping: self.inhibit_mapping,
                inhibit_any: self.inhibit_any_policy,
            },
            extended_key_usages: self.extended_key_usages.iter().map(|usage| usage.0).collect(),
            peer_names: self.names.clone(),
            max_intermediates: self.max_intermediates,
            conformance: self.conformance.unwrap_or(Conformance::Path),
            sha_1: self.sha_1,
            dsa: self.dsa,
            ..settings
        })
    }

    fn check(&self, rules: Rules) -> Result<(), QuestionError> {
        let foreign: &[(bool, &'static str)] = match rules {
            Rules::Set => &[
                (!self.policies.is_empty(), "acceptable policies"),
                (self.require_policy, "a required policy"),
                (self.inhibit_mapping, "inhibited policy mapping"),
                (self.inhibit_any_policy, "an inhibited any-policy"),
                (!self.extended_key_usages.is_empty(), "an extended key usage"),
                (!self.names.is_empty(), "a peer name"),
                (self.max_intermediates.is_some(), "a bound on CA certificates"),
                (self.conformance.is_some(), "a degree of conformance"),
                (self.sha_1, "SHA-1"),
                (self.dsa, "DSA"),
            ],
            Rules::Rfc5280 => &[
                (self.brand.is_some(), "a brand"),
                (self.role.is_some(), "a role"),
                (self.lenient, "leniency"),
            ],
        };
        match foreign.iter().find(|(asked, _)| *asked) {
            Some((_, what)) => Err(QuestionError { rules, what }),
            None => Ok(()),
        }
    }
}

/// Something is asked for that belongs to the other table of rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the rules {rules} know nothing of {what}: ask by the other rules, or leave it out")]
pub struct QuestionError {
    rules: Rules,
    what: &'static str,
}

/// A KeyPurposeId by its name in RFC 5280 §4.2.1.12 (`serverAuth`), or as an OID.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyPurpose(pub ObjectIdentifier);

impl FromStr for KeyPurpose {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = KEY_PURPOSES.iter().find(|(name, _)| *name == text).map(|(_, oid)| *oid);
        known.or_else(|| ObjectIdentifier::new(text).ok()).map(Self).ok_or(UnknownWord(
            "serverAuth, clientAuth, codeSigning, emailProtection, \
                                timeStamping, OCSPSigning, or an OID",
        ))
    }
}

impl FromStr for Purpose {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all =
            [Self::CertificateSigning, Self::CrlSigning, Self::Encryption, Self::MessageSignature];
        all.into_iter()
            .find(|purpose| purpose.name() == text)
            .ok_or(UnknownWord("certificate-signing, crl-signing, encryption, message-signature"))
    }
}

impl FromStr for RevocationMode {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "require" => Ok(Self::Require),
            "if-available" => Ok(Self::IfAvailable),
            "off" => Ok(Self::Off),
            _ => Err(UnknownWord("require, if-available, off")),
        }
    }
}

impl FromStr for Conformance {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "path" => Ok(Self::Path),
            "profile" => Ok(Self::Profile),
            "web-pki" => Ok(Self::WebPki),
            _ => Err(UnknownWord("path, profile, web-pki")),
        }
    }
}

impl FromStr for PeerName {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let is_label = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        match text.parse() {
            Ok(address) => Ok(Self::Ip(address)),
            Err(_) if text.contains('@') => Ok(Self::Email(text.to_owned())),
            Err(_) if !text.is_empty() && text.chars().all(is_label) => {
                Ok(Self::Dns(text.to_owned()))
            }
            Err(_) => Err(UnknownWord("a host name in ASCII, an IP address or a mailbox")),
        }
    }
}

/// A word that names none of what is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not understood (known: {0})")]
pub struct UnknownWord(&'static str);

/// The suite of a hierarchy is told by its root (spec `set-certificates.md` §10.2); where roots of
/// both are trusted, by the certificate, whose chain must be of one suite anyhow.
fn suite(certificate: &Cert, anchors: &[Cert]) -> Suite {
    let of = |cert: &Cert| Suite::of_signature(cert.inner().signature_algorithm());
    let mut suites = anchors.iter().map(of);
    match suites.next() {
        Some(first) if suites.all(|other| other == first) => first,
        _ => of(certificate),
    }
}

fn word<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    Option::<String>::deserialize(deserializer)?.map(|text| parse(&text)).transpose()
}

fn words<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    Vec::<String>::deserialize(deserializer)?.iter().map(|text| parse(text)).collect()
}

fn parse<T: FromStr<Err: Display>, E: de::Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(|error| E::custom(format_args!("\"{text}\": {error}")))
}

/// RFC 5280 §4.2.1.12.
const KEY_PURPOSES: [(&str, ObjectIdentifier); 6] = [
    ("serverAuth", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1")),
    ("clientAuth", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2")),
    ("codeSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3")),
    ("emailProtection", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4")),
    ("timeStamping", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8")),
    ("OCSPSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_command_line_are_those_of_json() {
        let question: Question = serde_json::from_str(
            r#"{"rules": "rfc5280", "at": "2026-11-22T00:00:00Z", "revocation": "if-available",
                "policies": ["2.5.29.32.0"], "extended_key_usages": ["serverAuth"],
                "names": ["shop.example", "::1", "dave@shop.example"], "conformance": "profile"}"#,
        )
        .unwrap();
        assert_eq!(question.rules, Some(Rules::Rfc5280));
        assert_eq!(question.at, UnixTime::parse_rfc3339("2026-11-22T00:00:00Z"));
        assert_eq!(
            question.extended_key_usages,
            [KeyPurpose(ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"))]
        );
        let names = [
            PeerName::Dns("shop.example".to_owned()),
            PeerName::Ip("::1".parse().unwrap()),
            PeerName::Email("dave@shop.example".to_owned()),
        ];
        assert_eq!(question.names, names);
    }

    #[test]
    fn a_word_nobody_knows_is_named_with_what_would_do() {
        let error = serde_json::from_str::<Question>(r#"{"purpose": "tls"}"#).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("\"tls\": not understood (known: certificate-signing,"), "{text}");
        assert!(serde_json::from_str::<Question>(r#"{"purposes": "tls"}"#).is_err());
    }

    #[test]
    fn what_belongs_to_the_other_rules_is_not_passed_over() {
        let asked = Question { require_policy: true, ..Question::default() };
        let error = asked.check(Rules::Set).unwrap_err();
        assert!(error.to_string().contains("a required policy"));
        assert_eq!(asked.check(Rules::Rfc5280), Ok(()));
        let asked = Question { brand: Some("Sample".to_owned()), ..Question::default() };
        assert!(asked.check(Rules::Rfc5280).is_err());
    }
}
