//! How CRLs are written: what is read, what does not count, what only the profile demands.

use ca_core::path::Conformance;

use super::*;

fn profile() -> Settings {
    Settings { conformance: Conformance::Profile, ..required() }
}

/// The message of the one reason under the profile of RFC 5280 §5; validation alone has none.
fn only_by_profile(list: List) -> String {
    let scene = Scene::with(&[]).and(&[list]);
    assert_eq!(scene.codes(), VALID);
    let verdict = scene.verdict_with(&profile());
    let mut reasons = verdict.reasons.iter().filter(|r| r.code.name() == "no-revocation-status");
    reasons.next().unwrap().message.clone()
}

/// A CRL as a conforming CA writes it.
fn conforming() -> List {
    let root = Scene::with(&[]).root;
    let mut list = List::number(1);
    list.extensions.extend(CrlSpec::of(&root, "root").extensions.pop());
    list
}

#[test]
fn conforming_crl_counts_under_the_profile() {
    let verdict = Scene::with(&[]).and(&[conforming()]).verdict_with(&profile());
    assert!(!verdict.has(ca_core::path::ReasonCode::NoRevocationStatus), "{:?}", verdict.reasons);
}

#[test]
fn profile_demands_what_validation_does_without() {
    let mut unnumbered = conforming();
    unnumbered.extensions.remove(0);
    assert!(only_by_profile(unnumbered).contains("has no cRLNumber (RFC 5280 §5.2.3)"));
    let mut critical = conforming();
    critical.extensions[0].critical = true;
    assert!(only_by_profile(critical).contains("has a critical cRLNumber"));
    assert!(only_by_profile(List::number(1)).contains("has no authorityKeyIdentifier"));
    let twice = conforming().revoking(7, 1).revoking(7, 1);
    assert!(only_by_profile(twice).contains("lists a serial number twice"));
    let empty = conforming().scope(&IssuingDistributionPoint::default());
    assert!(only_by_profile(empty).contains("has an empty issuingDistributionPoint"));
    let mut v1 = List::number(1);
    (v1.version, v1.extensions) = (None, Vec::new());
    assert!(only_by_profile(v1).contains("is not of v2"));
}

#[test]
fn v1_crl_has_no_extensions_and_v3_is_unknown() {
    let mut v1 = List::number(1);
    v1.version = None;
    assert!(Scene::with(&[]).and(&[v1]).message().ends_with("is of v1 and has extensions"));
    let mut v3 = List::number(1);
    v3.version = Some(2);
    assert!(Scene::with(&[]).and(&[v3]).message().ends_with("is of v3, which nobody knows"));
}

/// RFC 5280 §5.1.2.5 leaves open what becomes of it.
#[test]
fn crl_without_next_update_does_not_count() {
    let mut list = List::number(1);
    list.next_update = None;
    assert!(Scene::with(&[]).and(&[list]).message().ends_with("CRL number 1 has no nextUpdate"));
}

/// §5.3: an entry that is not understood makes the whole CRL unusable, for every certificate.
#[test]
fn unknown_critical_entry_extension_makes_the_crl_unusable() {
    let unknown = ca_core::wire::oids::ISSUER_ALT_NAME;
    for (critical, expected) in [(false, &VALID[..]), (true, &["no-revocation-status"])] {
        let mut list = List::number(1);
        let odd = Ext { oid: unknown, critical, value: vec![0x05, 0x00] };
        list.entries.push((7, time("2026-06-10T08:00:00Z"), vec![odd]));
        assert_eq!(Scene::with(&[]).and(&[list]).codes(), expected);
    }
}

/// §5.3.1, §5.3.2: they say nothing about the status.
#[test]
fn invalidity_date_and_hold_instruction_are_read_over() {
    let mut list = List::number(1).revoking(4, 6);
    let date =
        Ext { oid: oids::INVALIDITY_DATE, critical: false, value: tlv(0x18, b"20260601000000Z") };
    let hold = Ext {
        oid: oids::HOLD_INSTRUCTION_CODE,
        critical: true,
        value: vec![0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x38, 0x02, 0x01],
    };
    list.entries[0].2.extend([date, hold]);
    assert_eq!(Scene::with(&[]).and(&[list]).codes(), ["revoked"]);
}

#[test]
fn extension_of_a_crl_that_occurs_twice_is_refused() {
    let mut list = List::number(1);
    list.extensions.push(list.extensions[0].clone());
    assert!(Crl::from_der(&list.der()).is_err());
}

#[test]
fn truncated_crl_or_one_with_octets_left_over_is_refused() {
    let octets = List::number(2).delta_of(1).scope(&at("http://a")).revoking(4, 8).der();
    for length in 0..octets.len() {
        assert!(Crl::from_der(&octets[..length]).is_err(), "{length} octets");
    }
    assert!(Crl::from_der(&[octets.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn set_reads_no_crl_that_it_does_not_know() {
    let good = List::number(1);
    let mut unnumbered = good.clone();
    unnumbered.extensions.clear();
    let mut endless = good.clone();
    endless.next_update = None;
    let twice = good.clone().revoking(7, 1).revoking(7, 1);
    let foreign = good.clone().revoking_of(&name("Org", "Other"), 7);
    assert!(Crl::from_der_set(&good.der()).is_ok());
    for list in [unnumbered, endless, twice, foreign] {
        assert!(Crl::from_der(&list.der()).is_ok());
        assert!(Crl::from_der_set(&list.der()).is_err());
    }
}

#[test]
fn register_of_the_issuer_tells_the_status() {
    let mut scene = Scene::with(&[]);
    let certificate = scene.leaf.der().to_vec();
    scene.register = vec![Registered { certificate, revoked: None }];
    assert_eq!(scene.codes(), VALID);
    let since = ca_core::wire::RevokedInfo { at: noon(), reason: Some(1) };
    scene.register[0].revoked = Some(since);
    let expected = "revoked on 2026-06-15T12:00:00Z, reason keyCompromise, says the register of \
                    its issuer";
    assert_eq!(scene.message(), expected);
    scene.register[0].revoked =
        Some(ca_core::wire::RevokedInfo { at: noon().plus_secs(1), ..since });
    assert_eq!(scene.codes(), VALID);
}
