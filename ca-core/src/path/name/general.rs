//! GeneralNames (RFC 5280 §4.2.1.6).

use core::fmt;
use core::net::IpAddr;

use der::{Decode, Header, Reader, SliceReader, Tag};
use x509_cert::name::Name;

use super::host::DnsName;
use super::key::key;
use super::mailbox::Mailbox;
use super::text::name_text;
use super::uri::Uri;

/// A name of a certificate, ready for comparison.
#[derive(Clone, Debug)]
pub(in crate::path) enum GeneralName {
    Directory {
        key: Vec<u8>,
        text: String,
    },
    Dns(DnsName),
    Ip(IpAddr),
    Mailbox(Mailbox),
    /// Of a form that has no rules of comparison here.
    Other(Form),
    Uri(Uri),
}

impl GeneralName {
    pub(in crate::path) const fn form(&self) -> Form {
        match self {
            Self::Directory { .. } => Form::Directory,
            Self::Dns(_) => Form::Dns,
            Self::Ip(_) => Form::Ip,
            Self::Mailbox(_) => Form::Mailbox,
            Self::Other(form) => *form,
            Self::Uri(_) => Form::Uri,
        }
    }

    /// A subject or other directory name.
    pub(in crate::path) fn directory(name: &Name) -> Self {
        Self::Directory { key: key(name), text: name_text(name) }
    }

    fn parse(element: Element<'_>) -> Result<Self, Malformed> {
        let form = element.form;
        let parsed = match form {
            Form::Directory => Name::from_der(element.content).ok().map(|n| Self::directory(&n)),
            Form::Dns => element.ia5().and_then(DnsName::parse).map(Self::Dns),
            Form::Ip => address(element.content).map(Self::Ip),
            Form::Mailbox => element.ia5().and_then(Mailbox::parse).map(Self::Mailbox),
            Form::Uri => element.ia5().and_then(Uri::parse).map(Self::Uri),
            Form::EdiParty | Form::Other | Form::RegisteredId | Form::X400 => {
                Some(Self::Other(form))
            }
        };
        parsed.ok_or_else(|| Malformed::Name(element.describe()))
    }
}

impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = self.form();
        match self {
            Self::Directory { text, .. } => write!(f, "{form} \"{text}\""),
            Self::Dns(name) => write!(f, "{form} {name}"),
            Self::Ip(address) => write!(f, "{form} {address}"),
            Self::Mailbox(mailbox) => write!(f, "{form} {mailbox}"),
            Self::Other(_) => write!(f, "{form}"),
            Self::Uri(uri) => write!(f, "{form} {}", uri.text),
        }
    }
}

/// The choices of GeneralName.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::path) enum Form {
    Directory,
    Dns,
    EdiParty,
    Ip,
    Mailbox,
    Other,
    RegisteredId,
    Uri,
    X400,
}

impl Form {
    /// The choice with a tag of this number, and whether it is constructed.
    const fn of(number: u32, constructed: bool) -> Option<Self> {
        let (form, structured) = match number {
            0 => (Self::Other, true),
            1 => (Self::Mailbox, false),
            2 => (Self::Dns, false),
            3 => (Self::X400, true),
            4 => (Self::Directory, true),
            5 => (Self::EdiParty, true),
            6 => (Self::Uri, false),
            7 => (Self::Ip, false),
            8 => (Self::RegisteredId, false),
            _ => return None,
        };
        if structured == constructed { Some(form) } else { None }
    }
}

/// As ASN.1 names them.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "directoryName",
            Self::Dns => "dNSName",
            Self::EdiParty => "ediPartyName",
            Self::Ip => "iPAddress",
            Self::Mailbox => "rfc822Name",
            Self::Other => "otherName",
            Self::RegisteredId => "registeredID",
            Self::Uri => "uniformResourceIdentifier",
            Self::X400 => "x400Address",
        })
    }
}

/// One GeneralName as it is encoded.
#[derive(Clone, Copy, Debug)]
pub(in crate::path) struct Element<'a> {
    pub(in crate::path) form: Form,
    pub(in crate::path) content: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads the next GeneralName.
    pub(in crate::path) fn read(reader: &mut SliceReader<'a>) -> Result<Self, Malformed> {
        let header = Header::decode(reader)?;
        let form = match header.tag() {
            Tag::ContextSpecific { constructed, number } => Form::of(number.value(), constructed),
            _ => None,
        };
        let content = reader.read_slice(header.length())?;
        Ok(Self { form: form.ok_or(Malformed::Encoding)?, content })
    }

    /// The content as IA5String.
    pub(in crate::path) fn ia5(&self) -> Option<&'a str> {
        core::str::from_utf8(self.content).ok().filter(|text| text.is_ascii())
    }

    /// The form with what can be shown of the content.
    pub(in crate::path) fn describe(&self) -> String {
        match self.ia5().filter(|_| !matches!(self.form, Form::Directory | Form::Ip)) {
            Some(text) => format!("{} \"{}\"", self.form, text.escape_default()),
            None => format!("{} of {} octets", self.form, self.content.len()),
        }
    }
}

/// Why a subjectAltName or nameConstraints says nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::path) enum Malformed {
    /// Not DER of its type.
    Encoding,
    /// A name, as text, that is none of its form.
    Name(String),
}

impl From<der::Error> for Malformed {
    fn from(_: der::Error) -> Self {
        Self::Encoding
    }
}

/// The names of a GeneralNames (`SEQUENCE SIZE (1..MAX)`).
pub(in crate::path) fn alternative_names(value: &[u8]) -> Result<Vec<GeneralName>, Malformed> {
    elements(value, Tag::Sequence, |reader| Element::read(reader).and_then(GeneralName::parse))
}

/// What `read` makes of each element of the one `tag` in `value`, of which there is at least one.
pub(in crate::path) fn elements<'a, T>(
    value: &'a [u8],
    tag: Tag,
    mut read: impl FnMut(&mut SliceReader<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut reader = SliceReader::new(value)?;
    let header = Header::decode(&mut reader)?;
    if header.tag() != tag || header.length() != reader.remaining_len() {
        return Err(Malformed::Encoding);
    }
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(read(&mut reader)?);
    }
    if found.is_empty() { Err(Malformed::Encoding) } else { Ok(found) }
}

/// An address of four or sixteen octets.
fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = || <[u8; 4]>::try_from(octets).ok().map(IpAddr::from);
    <[u8; 16]>::try_from(octets).ok().map(IpAddr::from).or_else(four)
}
