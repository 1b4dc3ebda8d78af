//! Mailboxes: rfc822Name and emailAddress.

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::host::host;

/// A mailbox (RFC 5280 §4.2.1.6: `Local-part@Domain` of RFC 2821 §4.1.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::path) struct Mailbox {
    /// The local part, which keeps its case; what was quoted stands here without quotes.
    pub(in crate::path) local: String,
    /// Host name in lower case, or an address in brackets as written.
    pub(in crate::path) domain: String,
}

impl Mailbox {
    pub(in crate::path) fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        let literal = || is_address_literal(domain).then(|| domain.to_ascii_lowercase());
        let domain = host(domain).or_else(literal)?;
        let local = if is_dot_string(local) { Some(local.to_owned()) } else { unquoted(local) };
        Some(Self { local: local?, domain })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// Atoms with single dots between.
fn is_dot_string(text: &str) -> bool {
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

/// `"a\"b"` without quotes and escapes: the same mailbox as unquoted, where that can be written.
fn unquoted(text: &str) -> Option<String> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        let c = match c {
            '"' => return None,
            '\\' => characters.next()?,
            other => other,
        };
        if !matches!(c, ' '..='~') {
            return None;
        }
        out.push(c);
    }
    Some(out)
}

fn is_address_literal(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|inside| match inside.strip_prefix("IPv6:") {
        Some(six) => six.parse::<Ipv6Addr>().is_ok(),
        None => inside.parse::<Ipv4Addr>().is_ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_part_keeps_its_case_and_the_host_does_not() {
        let mailbox = Mailbox::parse("Jane.Doe@Example.COM").unwrap();
        assert_eq!(mailbox.to_string(), "Jane.Doe@example.com");
    }

    #[test]
    fn quotes_make_no_other_mailbox() {
        assert_eq!(Mailbox::parse("\"ja\\ne\"@a.b"), Mailbox::parse("jane@a.b"));
        assert_eq!(Mailbox::parse("\"a@b\"@c.d").unwrap().local, "a@b");
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        for bad in [
            "",
            "@",
            "a",
            "a@",
            "@b.c",
            "a@b@c.d",
            "a b@c.d",
            ".a@b.c",
            "a..b@c.d",
            "a@.c.d",
            "\"a@b.c",
            "\"a\"b\"@c.d",
            "a@[1.2.3]",
            "a@b.c ",
            "https://b.c",
            "a@*.b.c",
            "ä@b.c",
        ] {
            assert_eq!(Mailbox::parse(bad), None, "{bad}");
        }
        assert!(Mailbox::parse("a@[127.0.0.1]").is_some());
        assert!(Mailbox::parse("**@example.com").is_some());
    }
}
