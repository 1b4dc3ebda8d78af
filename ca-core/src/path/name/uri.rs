//! Uniform resource identifiers: of them only the host counts here.

use core::net::Ipv4Addr;

use super::host::host;

/// An absolute URI (RFC 3986 §3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::path) struct Uri {
    pub(in crate::path) text: String,
    /// Its host in lower case; `None` if it has no authority, or an address for a host.
    pub(in crate::path) host: Option<String>,
}

impl Uri {
    /// `None` if it is relative, or no URI (RFC 5280 §4.2.1.6).
    pub(in crate::path) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let starts = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        let valid = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        let allowed = rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
        if !starts || !valid || !allowed || rest.is_empty() {
            return None;
        }
        let host = rest.strip_prefix("//").and_then(host_of);
        Some(Self { text: text.to_owned(), host })
    }
}

/// The host name of `user@host:port/path`.
fn host_of(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let after_user = authority.rsplit('@').next()?;
    let name = after_user.split(':').next()?;
    // A name that ends in a dot is the same, said to be complete.
    let name = host(name.strip_suffix('.').unwrap_or(name))?;
    name.parse::<Ipv4Addr>().is_err().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Option<String> {
        Uri::parse(text).unwrap().host
    }

    #[test]
    fn host_stands_between_user_and_port() {
        assert_eq!(host("http://WWW.example.com/a@b").as_deref(), Some("www.example.com"));
        assert_eq!(host("ftp://u:p@host.example:21?x").as_deref(), Some("host.example"));
        assert_eq!(host("http://host.example.").as_deref(), Some("host.example"));
    }

    #[test]
    fn addresses_and_missing_authorities_are_no_host() {
        for uri in ["http://127.0.0.1/", "http://[::1]/", "urn:x:y", "http://a%2eb/", "http:///a"] {
            assert_eq!(host(uri), None, "{uri}");
        }
    }

    #[test]
    fn relative_and_broken_uris_are_none() {
        for uri in
            ["", "/a", "//host/a", "host", ":", "1a:b", "http://a b/", "http:", "http://a\\@b/"]
        {
            assert_eq!(Uri::parse(uri), None, "{uri}");
        }
    }
}
