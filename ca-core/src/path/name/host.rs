//! DNS names in certificates.

use core::fmt;

/// A dNSName of subjectAltName: a host name, or a wildcard over the hosts right below one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::path) struct DnsName {
    /// True if the left-most label is `*` (RFC 9525 §6.3).
    pub(in crate::path) wildcard: bool,
    /// The name in lower case, without the `*.`.
    pub(in crate::path) host: String,
}

impl DnsName {
    /// `None` if it is not in preferred name syntax (RFC 5280 §4.2.1.6), but for a left-most
    /// wildcard and underscores, which are in use.
    pub(in crate::path) fn parse(text: &str) -> Option<Self> {
        let (wildcard, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        host(rest).map(|host| Self { wildcard, host })
    }

    /// True if `reference`, in lower case, is a host this name stands for (RFC 9525 §6.3): the
    /// wildcard is one label, and not one right below a top-level name (§7.1 leaves that to us).
    pub(in crate::path) fn names(&self, reference: &str) -> bool {
        if !self.wildcard {
            return self.host == reference;
        }
        let below = reference.split_once('.').map(|(_, parent)| parent);
        self.host.contains('.') && below == Some(self.host.as_str())
    }

    /// True if every host of this name is `base` or below it.
    pub(in crate::path) fn is_within(&self, base: &str) -> bool {
        is_at_or_under(&self.host, base)
    }

    /// True if some host of this name is `base` or below it.
    pub(in crate::path) fn meets(&self, base: &str) -> bool {
        let one_label_below = || base.split_once('.').is_some_and(|(_, rest)| rest == self.host);
        self.is_within(base) || (self.wildcard && one_label_below())
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.wildcard { "*." } else { "" }, self.host)
    }
}

/// A host name in lower case: labels of letters, digits, hyphens inside, and underscores.
pub(in crate::path) fn host(text: &str) -> Option<String> {
    let label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let valid = text.len() <= MAX_HOST && text.split('.').all(label);
    valid.then(|| text.to_ascii_lowercase())
}

/// True if `host` is `base` with zero or more labels before it (RFC 5280 §4.2.1.10); every host is
/// under the empty base.
pub(in crate::path) fn is_at_or_under(host: &str, base: &str) -> bool {
    let before = host.strip_suffix(base);
    before.is_some_and(|before| base.is_empty() || before.is_empty() || before.ends_with('.'))
}

/// Octets of a label and of a name (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;
const MAX_HOST: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(text: &str) -> DnsName {
        DnsName::parse(text).unwrap()
    }

    #[test]
    fn only_host_names_and_left_most_wildcards_are_names() {
        for good in ["localhost", "a.example", "*.example.com", "xn--bcher-kva.de", "_a.b", "1.2"] {
            assert!(DnsName::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            " ",
            ".example.com",
            "example.com.",
            "a..b",
            "*",
            "*.",
            "f*.example.com",
            "a.*.example.com",
            "*.*.example.com",
            "-a.com",
            "a b.com",
            "bücher.de",
            "a\0.com",
        ] {
            assert!(DnsName::parse(bad).is_none(), "{bad}");
        }
        assert!(DnsName::parse(&format!("{}.com", "a".repeat(64))).is_none());
    }

    /// RFC 9525 §6.3: `*.example.com` is `foo.example.com`, not `bar.foo.example.com`.
    #[test]
    fn wildcard_names_one_label() {
        assert!(dns("*.Example.com").names("foo.example.com"));
        assert!(!dns("*.example.com").names("bar.foo.example.com"));
        assert!(!dns("*.example.com").names("example.com"));
        assert!(!dns("*.com").names("example.com"));
    }

    #[test]
    fn base_ends_at_a_label() {
        assert!(is_at_or_under("www.host.example.com", "host.example.com"));
        assert!(is_at_or_under("host.example.com", "host.example.com"));
        assert!(!is_at_or_under("host1.example.com", "ost1.example.com"));
        assert!(!is_at_or_under("example.com", "host.example.com"));
        assert!(is_at_or_under("example.com", ""));
    }

    #[test]
    fn wildcard_meets_a_base_that_one_of_its_hosts_is() {
        assert!(dns("*.example.com").meets("bar.example.com"));
        assert!(!dns("*.example.com").is_within("bar.example.com"));
        assert!(!dns("*.example.com").meets("a.bar.example.com"));
        assert!(!dns("example.com").meets("bar.example.com"));
        assert!(dns("*.example.com").is_within("example.com"));
    }
}
