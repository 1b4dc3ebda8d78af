//! Revocation under RFC 5280: a root, the certificates it issued, and lists of every kind.

mod delta;
mod foreign;
mod form;
mod hostile;
mod indirect;
mod ocsp;
mod reasons;
mod scope;

use ca_core::path::{Registered, Request, RevocationMode, Rules, Settings, Verdict, validate};
use ca_core::wire::extensions::{
    DistributionPoint, DistributionPoints, IssuingDistributionPoint, LocationName, PointName,
    ReasonSet,
};
use ca_core::wire::ocsp::BasicOcspResponse;
use ca_core::wire::{Cert, Crl, oids};
use ca_core::{Suite, UnixTime};
use der::Encode;

use crate::support::*;

/// A root, the certificate that is judged, and what is at hand.
struct Scene {
    root: Cert,
    leaf: Cert,
    others: Vec<Cert>,
    crls: Vec<Crl>,
    ocsp: Vec<BasicOcspResponse>,
    register: Vec<Registered>,
}

impl Scene {
    /// Leaf number 4 of the root with these distribution points.
    fn with(points: &[DistributionPoint]) -> Self {
        let mut root = certificate("Root", "root", CERT_SIGN | CRL_SIGN);
        root.issuer = root.subject.clone();
        let root = root.sign(&key("root"));
        let mut leaf = certificate("Leaf", "leaf", SIGN);
        leaf.serial = 4;
        if !points.is_empty() {
            leaf.put(ext(false, &DistributionPoints(points.to_vec())));
        }
        let leaf = leaf.sign(&key("root"));
        let (others, crls, ocsp) = (Vec::new(), Vec::new(), Vec::new());
        Self { root, leaf, others, crls, ocsp, register: Vec::new() }
    }

    /// The same with these lists.
    fn and(mut self, lists: &[List]) -> Self {
        self.crls.extend(lists.iter().map(List::sign));
        self
    }

    fn verdict(&self) -> Verdict {
        self.verdict_with(&required())
    }

    fn verdict_with(&self, settings: &Settings) -> Verdict {
        validate(&Request {
            certificate: &self.leaf,
            untrusted: &self.others,
            anchors: core::slice::from_ref(&self.root),
            crls: &self.crls,
            bcis: &[],
            ocsp: &self.ocsp,
            register: &self.register,
            settings,
        })
    }

    /// The reasons under these lists.
    fn codes(&self) -> Vec<&'static str> {
        codes(&self.verdict())
    }

    /// The message of the one reason.
    fn message(&self) -> String {
        let verdict = self.verdict();
        assert_eq!(verdict.reasons.len(), 1, "{:?}", verdict.reasons);
        verdict.reasons[0].message.clone()
    }
}

fn required() -> Settings {
    Settings { revocation: RevocationMode::Require, ..settings(Rules::Rfc5280) }
}

/// A certificate of the root, of no suite in particular.
fn certificate(unit: &str, label: &str, usage: u16) -> Spec {
    let mut spec = set_spec(&[ca_core::profile::Role::Cca], "Org", unit, &key(label), usage);
    for oid in [oids::CERTIFICATE_TYPE, oids::PRIVATE_KEY_USAGE_PERIOD, oids::CERTIFICATE_POLICIES]
    {
        spec.remove(oid);
    }
    spec.issuer = name("Org", "Root");
    if usage & CERT_SIGN == 0 {
        spec.remove(oids::BASIC_CONSTRAINTS);
    }
    spec
}

/// Everything that stands in a CRL.
#[derive(Clone)]
struct List {
    version: Option<u8>,
    issuer: Vec<u8>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    /// Serial number, time, extensions.
    entries: Vec<(u8, UnixTime, Vec<Ext>)>,
    extensions: Vec<Ext>,
    signer: String,
}

impl List {
    /// The empty CRL of the root of that number, of the week around noon.
    fn number(number: u8) -> Self {
        Self {
            version: Some(1),
            issuer: name("Org", "Root"),
            this_update: time("2026-06-12T00:00:00Z"),
            next_update: Some(time("2026-06-19T00:00:00Z")),
            entries: Vec::new(),
            extensions: vec![Ext {
                oid: oids::CRL_NUMBER,
                critical: false,
                value: integer(number),
            }],
            signer: "root".to_owned(),
        }
    }

    fn scope(mut self, scope: &IssuingDistributionPoint) -> Self {
        self.extensions.push(ext(true, scope));
        self
    }

    fn delta_of(mut self, base: u8) -> Self {
        let (oid, value) = (oids::DELTA_CRL_INDICATOR, integer(base));
        self.extensions.push(Ext { oid, critical: true, value });
        self
    }

    /// Lists a serial number since the tenth of June.
    fn revoking(mut self, serial: u8, reason: u8) -> Self {
        let (oid, value) = (oids::CRL_REASON, vec![0x0a, 0x01, reason]);
        let reason = Ext { oid, critical: false, value };
        self.entries.push((serial, time("2026-06-10T08:00:00Z"), vec![reason]));
        self
    }

    /// The same under another issuer's name from here on.
    fn revoking_of(mut self, issuer: &[u8], serial: u8) -> Self {
        let value = tlv(0x30, &tlv(0xa4, issuer));
        let issuer = Ext { oid: oids::CERTIFICATE_ISSUER, critical: true, value };
        self.entries.push((serial, time("2026-06-10T08:00:00Z"), vec![issuer]));
        self
    }

    fn by(mut self, unit: &str, signer: &str) -> Self {
        self.issuer = name("Org", unit);
        self.signer = signer.to_owned();
        self
    }

    fn der(&self) -> Vec<u8> {
        let utc = |t: UnixTime| t.to_x509().unwrap().to_der().unwrap();
        let mut tbs: Vec<u8> = self.version.map(integer).unwrap_or_default();
        tbs.extend(ED25519);
        tbs.extend(&self.issuer);
        tbs.extend(utc(self.this_update));
        tbs.extend(self.next_update.map(utc).unwrap_or_default());
        if !self.entries.is_empty() {
            let entry = |(serial, at, extensions): &(u8, UnixTime, Vec<Ext>)| {
                let mut content = [integer(*serial), utc(*at)].concat();
                let all: Vec<u8> = extensions.iter().flat_map(write_extension).collect();
                if !all.is_empty() {
                    content.extend(tlv(0x30, &all));
                }
                tlv(0x30, &content)
            };
            tbs.extend(tlv(0x30, &self.entries.iter().flat_map(entry).collect::<Vec<u8>>()));
        }
        let all: Vec<u8> = self.extensions.iter().flat_map(write_extension).collect();
        if !all.is_empty() {
            tbs.extend(tlv(0xa0, &tlv(0x30, &all)));
        }
        signed(&tlv(0x30, &tbs), &self.signer)
    }

    fn sign(&self) -> Crl {
        Crl::from_der(&self.der()).unwrap()
    }
}

/// SEQUENCE { tbs, algorithm, signature } under the key of that label.
fn signed(tbs: &[u8], signer: &str) -> Vec<u8> {
    let signer = key(signer);
    let signature = signer.sign(signer.algorithm().default_signature(Suite::Modern), tbs).unwrap();
    let bits = tlv(0x03, &[&[0], signature.as_slice()].concat());
    tlv(0x30, &[tbs, &ED25519, &bits].concat())
}

fn uri(text: &str) -> PointName {
    PointName::Full(vec![LocationName::Other(tlv(0x86, text.as_bytes()))])
}

/// A distribution point of the certificate's issuer at a URI.
fn point(text: &str) -> DistributionPoint {
    DistributionPoint { name: Some(uri(text)), reasons: None, crl_issuer: Vec::new() }
}

/// The scope of a CRL at a URI.
fn at(text: &str) -> IssuingDistributionPoint {
    IssuingDistributionPoint { name: Some(uri(text)), ..IssuingDistributionPoint::default() }
}

const VALID: [&str; 0] = [];
