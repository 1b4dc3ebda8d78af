//! Deltas and shards of a CA's CRL (RFC 5280 §5.2.4, §5.2.5), judged by what they say together.

mod delta;
mod schedule;
mod shards;

use std::collections::BTreeMap;

use ca_core::UnixTime;
use ca_core::authority::Authority;
use ca_core::path::{ReasonCode, Request, RevocationMode, Rules, Settings, validate};
use ca_core::profile::KeyUse;
use ca_core::store::{ListId, PublishedList, RevocationReason, Shard};
use ca_core::wire::extensions::{
    CrlDistributionPoints, DistributionPoint, ExtensionValue as _, FreshestCrl, LocationName,
    PointName,
};
use ca_core::wire::{Cert, Crl};

use crate::cardholders::{self, CCA, certificate, divided, serial, with_lists};
use crate::house::{BEGIN, house};
use crate::messages::{Draft, Heard, ca_certificate, ca_id, form_run, post};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const DELTAS: &str = "delta_hours = 24";
const SHARDS: &str = "shards = 4";

fn revoke(authority: &Authority, certificate: &Cert, reason: RevocationReason) {
    cardholders::revoke(authority, certificate, reason);
    authority.publish_after_revocation(&ca_id(CCA)).unwrap();
}

fn release(authority: &Authority, certificate: &Cert) {
    authority.release(&ca_id(CCA), &serial(certificate)).unwrap();
    authority.publish_after_revocation(&ca_id(CCA)).unwrap();
}

fn complete_id() -> ListId {
    ListId::Crl(ca_id(CCA))
}

fn delta_id() -> ListId {
    ListId::Delta(ca_id(CCA))
}

fn shard_id(shard: Shard) -> ListId {
    ListId::Shard { ca: ca_id(CCA), shard }
}

fn published(authority: &Authority, list: &ListId) -> PublishedList {
    authority.store().list(list).unwrap().unwrap()
}

fn crl(authority: &Authority, list: &ListId) -> Crl {
    Crl::from_der(&published(authority, list).der.to_vec()).unwrap()
}

/// Serial numbers with reasons and times, as a list says them.
fn said(crl: &Crl) -> BTreeMap<Vec<u8>, (Option<u8>, UnixTime)> {
    crl.entries().map(|one| (one.serial.to_vec(), (one.info.reason, one.info.at))).collect()
}

/// A complete CRL brought up to date by a delta.
fn applied(base: &Crl, delta: &Crl) -> BTreeMap<Vec<u8>, (Option<u8>, UnixTime)> {
    assert!(delta.base_number().unwrap() <= base.number().unwrap());
    let mut all = said(base);
    for (serial, what) in said(delta) {
        match what.0 {
            Some(8) => drop(all.remove(&serial)),
            _ => drop(all.insert(serial, what)),
        }
    }
    all
}

/// What path validation says of the status of a cardholder's certificate by these lists.
fn judged(authority: &Authority, certificate: &Cert, lists: &[&Crl]) -> Option<ReasonCode> {
    let crls_of = |ca: &str| {
        let list = authority.store().list(&ListId::Crl(ca_id(ca))).unwrap().unwrap();
        Crl::from_der(&list.der.to_vec()).unwrap()
    };
    let signing = |ca| ca_certificate(authority, ca, KeyUse::CertificateSigning);
    let root = signing("root");
    let mut crls = vec![crls_of("root"), crls_of("sample-bca")];
    crls.extend(lists.iter().map(|list| (*list).clone()));
    let suite = authority.suite();
    let settings = Settings {
        revocation: RevocationMode::Require,
        ..Settings::new(Rules::Rfc5280, suite, authority.now())
    };
    let verdict = validate(&Request {
        certificate,
        untrusted: &[signing("sample-bca"), signing(CCA)],
        anchors: core::slice::from_ref(&root),
        crls: &crls,
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings: &settings,
    });
    let of_status = [ReasonCode::Revoked, ReasonCode::NoRevocationStatus];
    verdict.reasons.iter().map(|reason| reason.code).find(|code| of_status.contains(code))
}

fn uris(points: &[DistributionPoint]) -> Vec<String> {
    points.iter().flat_map(DistributionPoint::names).filter_map(LocationName::as_uri).collect()
}

/// What is renewed now; everything that is due can be.
fn due(authority: &Authority) -> Vec<String> {
    let outcomes = authority.publish_due().into_iter();
    outcomes.map(|(_, outcome)| outcome.unwrap().list.to_string()).collect()
}
