//! Names under RFC 5280: chaining (§7.1), alternative names (§4.2.1.6), purposes (§4.2.1.12) and
//! peers (RFC 9525).

use core::net::IpAddr;

use ca_core::path::{Conformance, PeerName, ReasonCode, Rules};
use ca_core::wire::oids;
use const_oid::ObjectIdentifier;
use der::Encode;

use crate::rfc5280::plain_tree;
use crate::support::*;

/// The reasons after one change to one certificate of a plain path, for these peers and purposes.
fn plain(
    which: &str,
    peers: &[PeerName],
    purposes: &[ObjectIdentifier],
    change: impl Fn(&mut Spec),
) -> Vec<&'static str> {
    let tree = plain_tree(|label, spec| {
        if label == which {
            change(spec);
        }
    });
    let mut settings = settings(Rules::Rfc5280);
    settings.peer_names = peers.to_vec();
    settings.extended_key_usages = purposes.to_vec();
    codes(&tree.verdict_with(&settings))
}

/// `name("Brand", "CCA")` in another case, with other space and string types.
fn respelled() -> Vec<u8> {
    let rdn = |oid: ObjectIdentifier, tag: u8, text: &[u8]| {
        tlv(0x31, &tlv(0x30, &[oid.to_der().unwrap(), tlv(tag, text)].concat()))
    };
    let rdns = [
        rdn(oids::COUNTRY_NAME, 0x13, b"de"),
        rdn(oids::ORGANIZATION_NAME, 0x0c, b"  BRAND "),
        rdn(oids::ORGANIZATIONAL_UNIT_NAME, 0x1e, b"\0c\0c\0a"),
    ];
    tlv(0x30, &rdns.concat())
}

#[test]
fn case_space_and_string_type_of_the_issuer_do_not_count_under_rfc_5280() {
    assert_eq!(plain("leaf", &[], &[], |spec| spec.issuer = respelled()), [""; 0]);
}

#[test]
fn set_compares_names_octet_by_octet() {
    let tree = Tree::with(|label, spec| {
        if label == "leaf" {
            spec.issuer = respelled();
        }
    });
    assert_eq!(codes(&tree.verdict()), ["name-chaining"]);
}

/// RFC 5280 §6.1.4 (l): a self-issued CA certificate takes no room.
#[test]
fn self_issued_is_told_by_comparison() {
    let outcome = |subject: Vec<u8>| {
        let tree = plain_tree(|label, spec| {
            if label == "bca" {
                spec.subject = subject.clone();
            }
        });
        let mut settings = settings(Rules::Rfc5280);
        settings.max_intermediates = Some(1);
        codes(&tree.verdict_with(&settings))
    };
    assert_eq!(outcome(name("set  root", "ROOT")), [""; 0]);
    assert_eq!(outcome(name("set root", "BCA")), ["path-too-long"]);
}

fn alternative(content: &[u8]) -> impl Fn(&mut Spec) {
    let value = tlv(0x30, content);
    move |spec: &mut Spec| spec.put_raw("2.5.29.17", false, &value)
}

#[test]
fn alternative_names_that_are_none_of_their_form_are_refused() {
    for odd in [
        b"".as_slice(),
        b"\x16\x01a",
        b"\x89\x01a",
        b"\x87\x08\xc0\x00\x02\x00\xff\xff\xff\x00",
        b"\x81\x01a",
        b"\x82\x01 ",
        b"\x82\x05a..bc",
        b"\x82\x02\xc3\xa9",
        b"\x86\x02/a",
        b"\xa4\x01a",
    ] {
        assert_eq!(plain("leaf", &[], &[], alternative(odd)), ["malformed-name"], "{odd:02x?}");
    }
    let ascii = |spec: &mut Spec| spec.put_raw("2.5.29.17", false, b"example.com");
    assert_eq!(plain("leaf", &[], &[], ascii), ["malformed-name"]);
}

/// RFC 1034 §3.5 has no underscore, and RFC 5280 §4.2.1.6 has iPAddress for addresses; both are in
/// use, so that path validation by itself takes them.
#[test]
fn host_names_follow_the_preferred_syntax_where_the_profile_is_demanded() {
    for host in [b"_a.example".as_slice(), b"192.0.2.1"] {
        let tree = plain_tree(|label, spec| {
            if label == "leaf" {
                alternative(&tlv(0x82, host))(spec);
            }
        });
        let mut settings = settings(Rules::Rfc5280);
        assert!(tree.verdict_with(&settings).valid);
        settings.conformance = Conformance::Profile;
        assert!(tree.verdict_with(&settings).has(ReasonCode::MalformedName));
    }
}

#[test]
fn critical_alternative_names_are_applied() {
    let name = tlv(0x30, b"\x82\x01a");
    for oid in ["2.5.29.17", "2.5.29.18"] {
        assert_eq!(plain("cca", &[], &[], |spec| spec.put_raw(oid, true, &name)), [""; 0]);
    }
    let odd = |spec: &mut Spec| spec.put_raw("2.5.29.18", true, &[0x30, 0x00]);
    assert_eq!(plain("cca", &[], &[], odd), ["malformed-name"]);
}

fn usage(purposes: &[ObjectIdentifier]) -> impl Fn(&mut Spec) {
    let content: Vec<u8> = purposes.iter().flat_map(|oid| oid.to_der().unwrap()).collect();
    let value = tlv(0x30, &content);
    move |spec: &mut Spec| spec.put_raw("2.5.29.37", true, &value)
}

#[test]
fn leaf_and_cas_between_must_serve_every_wanted_purpose() {
    let (server, client) = (oids::KP_SERVER_AUTH, oids::KP_CLIENT_AUTH);
    for which in ["leaf", "cca"] {
        let given = |wanted: &[ObjectIdentifier], found: &[ObjectIdentifier]| {
            plain(which, &[], wanted, usage(found))
        };
        assert_eq!(given(&[server], &[client, server]), [""; 0]);
        assert_eq!(given(&[server], &[client]), ["extended-key-usage"]);
        assert_eq!(given(&[server, client], &[client]), ["extended-key-usage"]);
        assert_eq!(given(&[server], &[oids::ANY_EXTENDED_KEY_USAGE]), [""; 0]);
        assert_eq!(given(&[], &[client]), [""; 0]);
        assert_eq!(given(&[server], &[]), ["malformed-extension"]);
    }
    assert_eq!(plain("root", &[], &[server], usage(&[client])), [""; 0]);
}

#[test]
fn one_of_the_wanted_names_must_stand_in_subject_alt_name() {
    let dns = |text: &str| PeerName::Dns(text.to_owned());
    let mail = |text: &str| PeerName::Email(text.to_owned());
    let ip = |text: &str| PeerName::Ip(text.parse::<IpAddr>().unwrap());
    let content = [
        tlv(0x82, b"www.Example.com"),
        tlv(0x82, b"*.shop.example"),
        tlv(0x81, b"Jane@example.com"),
        tlv(0x87, &[192, 0, 2, 1]),
        tlv(0x82, b"192.0.2.2"),
    ]
    .concat();
    let outcome = |peers: &[PeerName]| plain("leaf", peers, &[], alternative(&content));
    for peer in [
        dns("WWW.example.COM"),
        dns("www.example.com."),
        dns("a.shop.example"),
        mail("Jane@EXAMPLE.com"),
        ip("192.0.2.1"),
    ] {
        assert_eq!(outcome(core::slice::from_ref(&peer)), [""; 0], "{peer:?}");
        assert_eq!(outcome(&[dns("other.example"), peer]), [""; 0]);
    }
    for peer in [
        dns("example.com"),
        dns("shop.example"),
        dns("b.a.shop.example"),
        dns("*.shop.example"),
        dns(""),
        dns("192.0.2.2"),
        mail("jane@example.com"),
        ip("192.0.2.2"),
    ] {
        let found = outcome(core::slice::from_ref(&peer));
        assert_eq!(found, ["peer-name-mismatch"], "{peer:?}");
    }
}

/// RFC 9525 §2: a host name in the subject is none.
#[test]
fn subject_is_never_a_peer_name() {
    let common_name = |spec: &mut Spec| {
        let pair = [oids::COMMON_NAME.to_der().unwrap(), tlv(0x0c, b"a.example")].concat();
        spec.subject = tlv(0x30, &tlv(0x31, &tlv(0x30, &pair)));
    };
    let wanted = [PeerName::Dns("a.example".to_owned())];
    assert_eq!(plain("leaf", &wanted, &[], common_name), ["peer-name-mismatch"]);
}
