//! Name constraints (RFC 5280 §4.2.1.10): expected results are those of its text.

use ca_core::path::{ReasonCode, Rules, Settings, Verdict};

use crate::rfc5280::plain_tree;
use crate::support::*;

const MAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xa4;
const URI: u8 = 0x86;
const IP: u8 = 0x87;

/// One GeneralName.
type Name = (u8, Vec<u8>);

fn names(tag: u8, texts: &[&str]) -> Vec<Name> {
    texts.iter().map(|text| (tag, text.as_bytes().to_vec())).collect()
}

fn alternative(names: &[Name]) -> Vec<u8> {
    let each = names.iter().flat_map(|(tag, content)| tlv(*tag, content));
    tlv(0x30, &each.collect::<Vec<u8>>())
}

fn constraints(permitted: &[Name], excluded: &[Name]) -> Vec<u8> {
    let subtrees = |tag: u8, names: &[Name]| {
        let each = names.iter().flat_map(|(tag, content)| tlv(0x30, &tlv(*tag, content)));
        if names.is_empty() { Vec::new() } else { tlv(tag, &each.collect::<Vec<u8>>()) }
    };
    tlv(0x30, &[subtrees(0xa0, permitted), subtrees(0xa1, excluded)].concat())
}

/// nameConstraints by label of the CA, subjectAltName by label of the subject.
fn judged(
    limits: &[(&str, Vec<u8>)],
    subjects: &[(&str, Vec<u8>)],
    settings: &Settings,
) -> Verdict {
    let tree = plain_tree(|label, spec| {
        for (_, value) in limits.iter().filter(|(ca, _)| *ca == label) {
            spec.put_raw("2.5.29.30", true, value);
        }
        for (_, value) in subjects.iter().filter(|(subject, _)| *subject == label) {
            spec.put_raw("2.5.29.17", false, value);
        }
    });
    tree.verdict_with(settings)
}

/// The reasons for a leaf of one name below a BCA with these subtrees.
fn reasons(permitted: &[Name], excluded: &[Name], name: &Name) -> Vec<&'static str> {
    let limits = [("bca", constraints(permitted, excluded))];
    let subjects = [("leaf", alternative(core::slice::from_ref(name)))];
    codes(&judged(&limits, &subjects, &settings(Rules::Rfc5280)))
}

/// A subtree permits what is inside and nothing else, and excludes exactly the same.
fn assert_subtree(tag: u8, base: &str, inside: &[&str], outside: &[&str]) {
    let base = names(tag, &[base]);
    for name in names(tag, inside) {
        assert_eq!(reasons(&base, &[], &name), [""; 0], "permitted {base:?} {name:?}");
        assert_eq!(reasons(&[], &base, &name), ["name-excluded"], "excluded {base:?} {name:?}");
    }
    for name in names(tag, outside) {
        assert_eq!(reasons(&base, &[], &name), ["name-not-permitted"], "{base:?} {name:?}");
        assert_eq!(reasons(&[], &base, &name), [""; 0], "excluded {base:?} {name:?}");
    }
}

/// "www.host.example.com would satisfy the constraint but host1.example.com would not."
#[test]
fn dns_name_is_the_base_with_labels_before_it() {
    assert_subtree(
        DNS,
        "host.example.com",
        &["host.example.com", "WWW.Host.example.com", "*.host.example.com"],
        &["host1.example.com", "ahost.example.com", "example.com"],
    );
}

#[test]
fn mailbox_constraint_is_that_mailbox() {
    assert_subtree(
        MAIL,
        "root@example.com",
        &["root@EXAMPLE.com"],
        &["Root@example.com", "root@a.example.com"],
    );
}

/// "to indicate all Internet mail addresses on the host 'example.com'".
#[test]
fn mail_host_is_that_host_alone() {
    assert_subtree(MAIL, "example.com", &["a@example.com"], &["a@b.example.com", "a@c.com"]);
}

/// "any address within a domain is specified with a leading period".
#[test]
fn mail_domain_does_not_hold_itself() {
    assert_subtree(
        MAIL,
        ".example.com",
        &["a@b.example.com"],
        &["a@example.com", "a@xexample.com"],
    );
}

#[test]
fn uri_constraint_is_about_the_host() {
    assert_subtree(URI, "host.com", &["http://host.com:80/x"], &["http://a.host.com/"]);
    assert_subtree(
        URI,
        ".example.com",
        &["http://host.example.com/", "ldap://u@my.host.example.com?x"],
        &["http://example.com/"],
    );
}

/// "a URI that does not include an authority component with a host name … MUST reject".
#[test]
fn uri_without_host_name_is_refused_where_uris_are_constrained() {
    for uri in ["urn:a:b", "http://192.0.2.1/"] {
        let uri = &names(URI, &[uri])[0];
        let base = names(URI, &["example.com"]);
        assert_eq!(reasons(&[], &base, uri), ["unsupported-name-constraint"]);
        assert_eq!(reasons(&[], &names(DNS, &["example.com"]), uri), [""; 0]);
    }
}

/// "192.0.2.0/24 … C0 00 02 00 FF FF FF 00".
#[test]
fn address_is_in_the_network() {
    let net = [(IP, vec![0xc0, 0, 2, 0, 0xff, 0xff, 0xff, 0])];
    let (inside, outside) = ((IP, vec![192, 0, 2, 7]), (IP, vec![192, 0, 3, 7]));
    assert_eq!(reasons(&net, &[], &inside), [""; 0]);
    assert_eq!(reasons(&net, &[], &outside), ["name-not-permitted"]);
    assert_eq!(reasons(&[], &net, &inside), ["name-excluded"]);
    let six = [(IP, [vec![0; 16], vec![0xff; 16]].concat())];
    assert_eq!(reasons(&[], &six, &(IP, vec![0; 16])), ["name-excluded"]);
    assert_eq!(reasons(&six, &[], &outside), ["name-not-permitted"]);
}

#[test]
fn directory_name_applies_to_the_subject_and_to_alternative_names() {
    let inside = (DIRECTORY, name("brand", "x"));
    let brand = |brand: &str| {
        let rdns = name(brand, "x");
        // Without the last relative name: C and O alone.
        let short = rdns[2..rdns.len() - 12].to_vec();
        (DIRECTORY, tlv(0x30, &short))
    };
    assert_eq!(reasons(&[brand("BRAND")], &[], &inside), [""; 0]);
    let other = (DIRECTORY, name("Other", "x"));
    assert_eq!(reasons(&[brand("Brand")], &[], &other), ["name-not-permitted"]);
    assert_eq!(reasons(&[], &[brand("Other")], &other), ["name-excluded"]);
    // The subjects of CCA and leaf are both of the brand.
    assert_eq!(reasons(&[brand("Other")], &[], &other), ["name-not-permitted"; 2]);
}

#[test]
fn each_permitted_list_above_must_hold_the_name() {
    let list = |hosts: &[&str]| constraints(&names(DNS, hosts), &[]);
    let leaf = [("leaf", alternative(&names(DNS, &["a.example"])))];
    let settings = settings(Rules::Rfc5280);
    let both = |upper: &[&str], lower: &[&str]| {
        codes(&judged(&[("bca", list(upper)), ("cca", list(lower))], &leaf, &settings))
    };
    assert_eq!(both(&["a.example", "b.example"], &["a.example"]), [""; 0]);
    assert_eq!(both(&["a.example", "b.example"], &["b.example"]), ["name-not-permitted"]);
    assert_eq!(both(&["b.example"], &["a.example", "b.example"]), ["name-not-permitted"]);
}

#[test]
fn constraints_of_the_anchor_count() {
    let limits = [("root", constraints(&[], &names(DNS, &["example.com"])))];
    let leaf = [("leaf", alternative(&names(DNS, &["example.com"])))];
    let verdict = judged(&limits, &leaf, &settings(Rules::Rfc5280));
    assert_eq!(codes(&verdict), ["name-excluded"]);
}

#[test]
fn constraints_bind_cas_too_and_not_their_own_certificate() {
    let limits = constraints(&[], &names(DNS, &["example.com"]));
    let own = alternative(&names(DNS, &["example.com"]));
    let verdict = |ca: &str| {
        judged(&[("bca", limits.clone())], &[(ca, own.clone())], &settings(Rules::Rfc5280))
    };
    assert_eq!(codes(&verdict("cca")), ["name-excluded"]);
    assert!(verdict("bca").valid);
}

/// "not applied to self-issued certificates (unless the certificate is the final certificate …)".
#[test]
fn self_issued_ca_is_exempt_and_self_issued_leaf_is_not() {
    let outcome = |same: &str, above: Vec<u8>| {
        let tree = plain_tree(|label, spec| {
            if label == "root" {
                let limits = constraints(&[], &names(DNS, &["example.com"]));
                spec.put_raw("2.5.29.30", true, &limits);
            } else if label == same {
                spec.subject = above.clone();
                spec.put_raw("2.5.29.17", false, &alternative(&names(DNS, &["example.com"])));
            }
        });
        codes(&tree.verdict_with(&settings(Rules::Rfc5280)))
    };
    assert_eq!(outcome("bca", name("SET Root", "Root")), [""; 0]);
    assert_eq!(outcome("bca", name("SET Root", "BCA")), ["name-excluded"]);
    assert_eq!(outcome("leaf", name("Brand", "CCA")), ["name-excluded"]);
}

#[test]
fn email_address_of_the_subject_counts_without_subject_alt_name() {
    let outcome = |mailbox: &str, other: bool| {
        let tree = plain_tree(|label, spec| match label {
            "bca" => {
                let limits = constraints(&names(MAIL, &["example.com"]), &[]);
                spec.put_raw("2.5.29.30", true, &limits);
            }
            "leaf" => {
                // emailAddress is 1.2.840.113549.1.9.1.
                let oid = tlv(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01");
                let pair = tlv(0x30, &[oid, tlv(0x16, mailbox.as_bytes())].concat());
                spec.subject = tlv(0x30, &tlv(0x31, &pair));
                if other {
                    spec.put_raw("2.5.29.17", false, &alternative(&names(DNS, &["a.example"])));
                }
            }
            _ => {}
        });
        codes(&tree.verdict_with(&settings(Rules::Rfc5280)))
    };
    assert_eq!(outcome("a@example.com", false), [""; 0]);
    assert_eq!(outcome("a@other.com", false), ["name-not-permitted"]);
    assert_eq!(outcome("no mailbox", false), ["unsupported-name-constraint"]);
    assert_eq!(outcome("a@other.com", true), [""; 0]);
}

/// registeredID and otherName have no rules; a minimum is used with no form.
#[test]
fn constraint_that_cannot_be_applied_refuses_names_of_its_form_alone() {
    let registered = (0x88, vec![0x2a, 0x03]);
    let dns = &names(DNS, &["a.example"])[0];
    let limits = core::slice::from_ref(&registered);
    assert_eq!(reasons(&[], limits, &registered), ["unsupported-name-constraint"]);
    assert_eq!(reasons(&[], limits, dns), [""; 0]);
    let minimum = tlv(0x30, &[tlv(DNS, b"example"), tlv(0x80, &[1])].concat());
    let limits = [("bca", tlv(0x30, &tlv(0xa0, &minimum)))];
    let of = |name: &Name| {
        let leaf = [("leaf", alternative(core::slice::from_ref(name)))];
        codes(&judged(&limits, &leaf, &settings(Rules::Rfc5280)))
    };
    assert_eq!(of(dns), ["unsupported-name-constraint"]);
    assert_eq!(of(&registered), [""; 0]);
}

#[test]
fn malformed_subtrees_are_refused_whatever_the_names() {
    let addresses = [
        vec![192, 0, 2, 0],
        vec![192, 0, 2, 0, 0xff, 0, 0xff, 0],
        vec![192, 0, 2, 0, 0xff, 0xff, 0xfd, 0],
    ];
    let odd = addresses.map(|octets| (IP, octets)).to_vec();
    let texts = [
        names(DNS, &["*.example.com", ".example.com", "a..b"]),
        names(MAIL, &["invalid@invalid@example.com", "@example.com", "*.example.com"]),
        names(URI, &["http://example.com", "example.com:80"]),
    ];
    for base in odd.into_iter().chain(texts.into_iter().flatten()) {
        let found = reasons(core::slice::from_ref(&base), &[], &names(DNS, &["x.example"])[0]);
        assert_eq!(found[0], "malformed-name-constraints", "{base:?}");
    }
}

#[test]
fn more_comparisons_than_the_budget_end_the_search() {
    let hosts: Vec<String> = (0..40).map(|number| format!("t{number}.example")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let limits = [("cca", constraints(&names(DNS, &hosts), &[]))];
    let leaf = [("leaf", alternative(&names(DNS, &hosts)))];
    let mut settings = settings(Rules::Rfc5280);
    // 40 alternative names and the subject, against 40 subtrees.
    settings.budget.name_comparisons = 41 * 40;
    assert!(judged(&limits, &leaf, &settings).valid);
    settings.budget.name_comparisons -= 1;
    let verdict = judged(&limits, &leaf, &settings);
    assert!(verdict.reasons.iter().all(|r| r.code == ReasonCode::BudgetExhausted));
    assert!(!verdict.valid && !verdict.reasons.is_empty());
}
