//! One subtree of names, and which names are in it (RFC 5280 §4.2.1.10).

use core::fmt;
use core::net::IpAddr;

use der::{Decode, SliceReader, Tag};
use x509_cert::name::Name;

use super::extension::whole;
use crate::path::name::{Element, Form, GeneralName, Mailbox, Malformed, host, is_at_or_under};
use crate::path::name::{elements, key, name_text};

/// A GeneralSubtree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Subtree {
    Directory {
        key: Vec<u8>,
        text: String,
    },
    /// A DNS name in lower case; every name if empty.
    Dns(String),
    Ip {
        network: Vec<u8>,
        mask: Vec<u8>,
    },
    MailHosts(Hosts),
    Mailbox(Mailbox),
    UriHosts(Hosts),
    /// Of a form without rules here, or with a minimum or maximum, which no form uses.
    Unsupported(Form),
}

/// How a name stands to a subtree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Relation {
    Inside,
    OtherForm,
    Outside,
    Undecidable,
}

impl Subtree {
    /// Reads the next GeneralSubtree:
    ///
    /// ```text
    /// GeneralSubtree ::= SEQUENCE {
    ///      base                    GeneralName,
    ///      minimum         [0]     BaseDistance DEFAULT 0,
    ///      maximum         [1]     BaseDistance OPTIONAL }
    /// ```
    pub(super) fn read(reader: &mut SliceReader<'_>) -> Result<Self, Malformed> {
        let mut base = None;
        let mut distances = false;
        elements(whole(reader)?, Tag::Sequence, |inside| {
            if base.is_some() {
                distances = true;
                return whole(inside).map(|_| ());
            }
            base = Some(Element::read(inside)?);
            Ok(())
        })?;
        let base = base.ok_or(Malformed::Encoding)?;
        // §4.2.1.10: minimum and maximum are not used; a critical extension with other values is
        // applied or refused once a name of the form appears.
        if distances { Ok(Self::Unsupported(base.form)) } else { Self::of(base) }
    }

    fn of(base: Element<'_>) -> Result<Self, Malformed> {
        let subtree = match base.form {
            Form::Directory => Name::from_der(base.content)
                .ok()
                .map(|name| Self::Directory { key: key(&name), text: name_text(&name) }),
            Form::Dns => base.ia5().and_then(dns_base).map(Self::Dns),
            Form::Ip => network(base.content),
            Form::Mailbox => base.ia5().and_then(mail_base),
            Form::Uri => base.ia5().and_then(Hosts::parse).map(Self::UriHosts),
            Form::EdiParty | Form::Other | Form::RegisteredId | Form::X400 => {
                Some(Self::Unsupported(base.form))
            }
        };
        subtree.ok_or_else(|| Malformed::Name(base.describe()))
    }

    pub(super) const fn form(&self) -> Form {
        match self {
            Self::Directory { .. } => Form::Directory,
            Self::Dns(_) => Form::Dns,
            Self::Ip { .. } => Form::Ip,
            Self::MailHosts(_) | Self::Mailbox(_) => Form::Mailbox,
            Self::Unsupported(form) => *form,
            Self::UriHosts(_) => Form::Uri,
        }
    }

    /// Whether everything that `name` stands for is in the subtree: permitted.
    pub(super) fn holds(&self, name: &GeneralName) -> Relation {
        match (self, name) {
            (Self::Dns(base), GeneralName::Dns(name)) => relation(name.is_within(base)),
            _ => self.relation(name),
        }
    }

    /// Whether anything that `name` stands for is in the subtree: excluded.
    pub(super) fn meets(&self, name: &GeneralName) -> Relation {
        match (self, name) {
            (Self::Dns(base), GeneralName::Dns(name)) => relation(name.meets(base)),
            _ => self.relation(name),
        }
    }

    fn relation(&self, name: &GeneralName) -> Relation {
        match (self, name) {
            _ if self.form() != name.form() => Relation::OtherForm,
            (Self::Directory { key, .. }, GeneralName::Directory { key: name, .. }) => {
                relation(name.starts_with(key))
            }
            (Self::Ip { network, mask }, GeneralName::Ip(address)) => {
                relation(is_in_network(*address, network, mask))
            }
            (Self::MailHosts(hosts), GeneralName::Mailbox(name)) => {
                relation(hosts.hold(&name.domain))
            }
            // §7.5: the local part to the letter, the host in any case.
            (Self::Mailbox(wanted), GeneralName::Mailbox(name)) => relation(wanted == name),
            (Self::UriHosts(hosts), GeneralName::Uri(uri)) => match &uri.host {
                Some(host) => relation(hosts.hold(host)),
                // §4.2.1.10: without an authority, or with an address in it, MUST reject.
                None => Relation::Undecidable,
            },
            _ => Relation::Undecidable,
        }
    }
}

impl fmt::Display for Subtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory { text, .. } => write!(f, "\"{text}\""),
            Self::Dns(base) if base.is_empty() => f.write_str("of all names"),
            Self::Dns(base) => f.write_str(base),
            Self::Ip { network, mask } => {
                let bits: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
                match ip(network) {
                    Some(address) => write!(f, "{address}/{bits}"),
                    None => f.write_str("of an address"),
                }
            }
            Self::MailHosts(hosts) | Self::UriHosts(hosts) => hosts.fmt(f),
            Self::Mailbox(mailbox) => mailbox.fmt(f),
            Self::Unsupported(form) => form.fmt(f),
        }
    }
}

/// The hosts of mailboxes and URIs that a constraint is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Hosts {
    /// Every host: the constraint is empty.
    All,
    /// Hosts below a domain, which is not among them: written with a leading dot.
    Below(String),
    /// This host alone.
    One(String),
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('.') {
            Some(domain) => host(domain).map(Self::Below),
            None if text.is_empty() => Some(Self::All),
            None => host(text).map(Self::One),
        }
    }

    fn hold(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Below(domain) => name != domain && is_at_or_under(name, domain),
            Self::One(host) => host == name,
        }
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("of all hosts"),
            Self::Below(domain) => write!(f, ".{domain}"),
            Self::One(host) => f.write_str(host),
        }
    }
}

const fn relation(inside: bool) -> Relation {
    if inside { Relation::Inside } else { Relation::Outside }
}

/// A host name without wildcard and without leading dot, which only mail and URI constraints have.
fn dns_base(text: &str) -> Option<String> {
    if text.is_empty() { Some(String::new()) } else { host(text) }
}

/// `jane@example.com`, `example.com` or `.example.com`.
fn mail_base(text: &str) -> Option<Subtree> {
    if text.contains('@') {
        return Mailbox::parse(text).map(Subtree::Mailbox);
    }
    Hosts::parse(text).map(Subtree::MailHosts)
}

/// Address and mask in the style of RFC 4632: the ones of the mask come first. Bits of the address
/// outside the mask say nothing.
fn network(octets: &[u8]) -> Option<Subtree> {
    let (network, mask) = octets.split_at_checked(octets.len() / 2)?;
    let mut rest = mask.iter().skip_while(|octet| **octet == 0xFF);
    let edge = rest.next().copied().unwrap_or_default();
    let contiguous = edge.leading_ones() == edge.count_ones() && rest.all(|octet| *octet == 0);
    let sized = matches!(octets.len(), 8 | 32);
    let network = network.iter().zip(mask).map(|(octet, mask)| octet & mask).collect();
    (sized && contiguous).then(|| Subtree::Ip { network, mask: mask.to_vec() })
}

fn is_in_network(address: IpAddr, network: &[u8], mask: &[u8]) -> bool {
    let inside = |octets: &[u8]| {
        octets.len() == network.len()
            && octets.iter().zip(mask).zip(network).all(|((octet, mask), net)| octet & mask == *net)
    };
    match address {
        IpAddr::V4(four) => inside(&four.octets()),
        IpAddr::V6(six) => inside(&six.octets()),
    }
}

fn ip(octets: &[u8]) -> Option<IpAddr> {
    let four = || <[u8; 4]>::try_from(octets).ok().map(IpAddr::from);
    <[u8; 16]>::try_from(octets).ok().map(IpAddr::from).or_else(four)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::path::name::DnsName;

    fn dns(text: &str) -> GeneralName {
        GeneralName::Dns(DnsName::parse(text).unwrap())
    }

    proptest! {
        /// Labels before a name leave it inside, labels before the base never bring it inside.
        #[test]
        fn dns_subtrees_grow_downwards(
            label in "[a-c]", name in "(\\*\\.)?[a-c](\\.[a-c]){0,2}", base in "[a-c](\\.[a-c]){0,2}"
        ) {
            let subtree = Subtree::Dns(base.clone());
            let smaller = Subtree::Dns(format!("{label}.{base}"));
            let name = dns(&name);
            if smaller.holds(&name) == Relation::Inside {
                prop_assert_eq!(subtree.holds(&name), Relation::Inside);
            }
            if smaller.meets(&name) == Relation::Inside {
                prop_assert_eq!(Subtree::Dns(base.clone()).meets(&name), Relation::Inside);
            }
            // What is wholly inside is partly inside.
            if subtree.holds(&name) == Relation::Inside {
                prop_assert_eq!(subtree.meets(&name), Relation::Inside);
            }
            if let GeneralName::Dns(DnsName { wildcard: false, host }) = &name
                && subtree.holds(&name) == Relation::Inside
            {
                prop_assert_eq!(subtree.holds(&dns(&format!("{label}.{host}"))), Relation::Inside);
            }
        }

        /// A shorter mask is a larger network; anything but leading ones is none.
        #[test]
        fn networks_grow_with_shorter_masks(address: u32, other: u32, mask: u32, bits in 1u32..=32) {
            let ones = |bits: u32| u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            let of = |mask: u32| network(&[address.to_be_bytes(), mask.to_be_bytes()].concat());
            let name = GeneralName::Ip(IpAddr::from(other.to_be_bytes()));
            let inside = |bits| of(ones(bits)).unwrap().holds(&name) == Relation::Inside;
            prop_assert!(!inside(bits) || inside(bits - 1));
            prop_assert_eq!(of(mask).is_some(), mask.leading_ones() == mask.count_ones());
        }
    }
}
