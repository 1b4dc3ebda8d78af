//! The schema of C2SP's x509-limbo: everything in the case, as PEM. bettertls comes in it too.

use const_oid::ObjectIdentifier;
use serde::Deserialize;

use super::case::Objects;
use super::objects::from_pem;
use super::{Case, CaseError, Category, Expected, Read, time};
use crate::path::{Conformance, PeerName, Purpose, RevocationMode, Rules, Settings};
use crate::{Suite, UnixTime};

/// A case as it stands in the file.
#[derive(Deserialize)]
pub(super) struct RawCase {
    id: String,
    #[serde(default)]
    category: Category,
    #[serde(default)]
    features: Vec<String>,
    validation_kind: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    #[serde(default)]
    signature_algorithms: Vec<String>,
    #[serde(default)]
    key_usage: Vec<String>,
    #[serde(default)]
    extended_key_usage: Vec<String>,
    expected_result: String,
    expected_peer_name: Option<RawName>,
    #[serde(default)]
    expected_peer_names: Vec<RawName>,
    max_chain_depth: Option<u32>,
    #[serde(default)]
    crls: Vec<String>,
}

#[derive(Deserialize)]
struct RawName {
    kind: String,
    value: String,
}

impl RawCase {
    /// The case with its objects; `now` is its time if it names none.
    pub(super) fn resolve(self, now: UnixTime) -> Read<Case> {
        let settings = self.settings(now)?;
        let valid = match self.expected_result.as_str() {
            "SUCCESS" => true,
            "FAILURE" => false,
            other => return Err(self.value("expected_result", other)),
        };
        let all = |texts: &[String]| {
            texts.iter().map(|text| from_pem(&self.id, text)).collect::<Read<_>>()
        };
        let objects = Objects {
            certificate: from_pem(&self.id, &self.peer_certificate)?,
            untrusted: all(&self.untrusted_intermediates)?,
            anchors: all(&self.trusted_certs)?,
            crls: all(&self.crls)?,
        };
        Ok(Case {
            unclaimed: self.unclaimed(),
            id: self.id,
            category: self.category,
            features: self.features,
            expected: Expected { valid, policies: None },
            objects,
            settings,
        })
    }

    fn settings(&self, now: UnixTime) -> Read<Settings> {
        let at = match &self.validation_time {
            Some(text) => time::parse(text).ok_or_else(|| self.value("validation_time", text))?,
            None => now,
        };
        // A case without CRLs does not ask for a status; one with a CRL needs it to be usable.
        let revocation =
            if self.crls.is_empty() { RevocationMode::Off } else { RevocationMode::Require };
        Ok(Settings {
            revocation,
            purpose: self.purpose()?,
            extended_key_usages: self.purposes()?,
            peer_names: self.peer_names()?,
            max_intermediates: self.max_chain_depth,
            conformance: match self.category {
                Category::Cabf => Conformance::WebPki,
                _ => Conformance::Profile,
            },
            ..Settings::new(Rules::Rfc5280, Suite::Modern, at)
        })
    }

    fn purpose(&self) -> Read<Option<Purpose>> {
        match self.key_usage.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => Ok(None),
            ["digitalSignature"] => Ok(Some(Purpose::MessageSignature)),
            ["keyCertSign"] => Ok(Some(Purpose::CertificateSigning)),
            ["cRLSign"] => Ok(Some(Purpose::CrlSigning)),
            other => Err(self.value("key_usage", &other.join(", "))),
        }
    }

    /// The purposes named, else the one of the kind of peer.
    fn purposes(&self) -> Read<Vec<ObjectIdentifier>> {
        if !self.extended_key_usage.is_empty() {
            let named = self.extended_key_usage.iter();
            let find = |name: &String| {
                let known = PURPOSES.iter().find(|(known, _)| known == name);
                known.map(|(_, oid)| *oid).ok_or_else(|| self.value("extended_key_usage", name))
            };
            return named.map(find).collect();
        }
        match self.validation_kind.as_str() {
            "SERVER" => Ok(vec![SERVER_AUTH]),
            "CLIENT" => Ok(vec![CLIENT_AUTH]),
            other => Err(self.value("validation_kind", other)),
        }
    }

    fn peer_names(&self) -> Read<Vec<PeerName>> {
        let names = self.expected_peer_name.iter().chain(&self.expected_peer_names);
        let read = |name: &RawName| {
            let bad = || self.value("expected peer name", &name.value);
            match name.kind.as_str() {
                "DNS" => Ok(PeerName::Dns(name.value.clone())),
                "IP" => name.value.parse().map(PeerName::Ip).map_err(|_| bad()),
                "RFC822" => Ok(PeerName::Email(name.value.clone())),
                _ => Err(bad()),
            }
        };
        names.map(read).collect()
    }

    fn unclaimed(&self) -> Option<&'static str> {
        (!self.signature_algorithms.is_empty()).then_some("a list of accepted signature algorithms")
    }

    fn value(&self, what: &'static str, value: &str) -> CaseError {
        CaseError::Value { case: self.id.clone(), what, value: value.to_owned() }
    }
}

/// RFC 5280 §4.2.1.12, RFC 6960 §4.2.2.2.
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const PURPOSES: &[(&str, ObjectIdentifier)] = &[
    ("anyExtendedKeyUsage", ObjectIdentifier::new_unwrap("2.5.29.37.0")),
    ("clientAuth", CLIENT_AUTH),
    ("codeSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3")),
    ("emailProtection", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4")),
    ("OCSPSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9")),
    ("serverAuth", SERVER_AUTH),
    ("timeStamping", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8")),
];
