//! Registration initiation: the wake-up that a bank's web page hands to a wallet (spec
//! `set-crypto.md` §6.4).
//!
//! A MIME entity: header lines, a blank line, a text for people. Reading is strict about the
//! headers we know (each once, each value in its form, none missing that must stand) and forgiving
//! about what the table leaves open: letter case of names, LF for CRLF, folded lines, headers
//! nobody knows.

mod error;
mod fields;
mod header;

use core::fmt;

use const_oid::ObjectIdentifier;

use self::fields::Fields;
use self::header::{Header, write_header};
use super::{BrandId, Language, RequestType, Url};

pub use error::InitiationError;

/// A Registration-Initiation, as sent and as received.
///
/// ```text
/// SET-Initiation-Type: Registration-Initiation
/// SET-Version: 1.0
/// SET-SET-URL: https://ca.example/set
/// SET-Brand: Sample
/// SET-Language: en
/// SET-Request-Type: 1
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Initiation {
    /// SET-SET-URL: where to POST SET messages, http or https.
    pub set_url: Url,
    /// SET-CA-URL: where the CA is, if not at `set_url`.
    pub ca_url: Option<Url>,
    /// SET-Query-URL: where to POST inquiries.
    pub query_url: Option<Url>,
    /// SET-Success-URL: where the browser goes after success.
    pub success_url: Option<Url>,
    /// SET-Failure-URL: where the browser goes after failure.
    pub failure_url: Option<Url>,
    /// SET-Cancel-URL: where the browser goes when the user stops.
    pub cancel_url: Option<Url>,
    /// SET-Service-URL: the page of customer care.
    pub service_url: Option<Url>,
    /// SET-Diagnostic-URL: where to POST diagnostics.
    pub diagnostic_url: Option<Url>,
    /// SET-Brand: `Brand` or `Brand:Product`.
    pub brand: BrandId,
    /// SET-Language: language of the form.
    pub language: Option<Language>,
    /// SET-Request-Type: what to ask for; its role is who is woken up.
    pub request_type: Option<RequestType>,
    /// SET-Ext-OID, SET-Ext-Data: an extension that need not be understood.
    pub extension: Option<InitiationExtension>,
    /// SET-Echo-In-Request: to be returned in later HTTP requests.
    pub echo_in_request: Option<HeaderText>,
    /// SET-Echo-In-Response: to be returned in an initiation response.
    pub echo_in_response: Option<HeaderText>,
    /// The body: US-ASCII text for people, empty if there is none. May hold control characters.
    pub description: String,
}

/// An extension of the initiation. One that must be understood is never read: we know none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InitiationExtension {
    /// What it is.
    pub oid: ObjectIdentifier,
    /// Its value as text; how it is coded is the extension's business.
    pub data: Option<HeaderText>,
}

/// A header value that we do not interpret: 1 to [`MAX_VALUE`] visible ASCII characters, no space
/// at either end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeaderText(String);

impl HeaderText {
    /// `None` for anything that cannot stand in a header line.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        header::is_value(text).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Initiation {
    /// An initiation of a brand with nothing but what must stand in it.
    #[must_use]
    pub const fn new(set_url: Url, brand: BrandId) -> Self {
        Self {
            set_url,
            ca_url: None,
            query_url: None,
            success_url: None,
            failure_url: None,
            cancel_url: None,
            service_url: None,
            diagnostic_url: None,
            brand,
            language: None,
            request_type: None,
            extension: None,
            echo_in_request: None,
            echo_in_response: None,
            description: String::new(),
        }
    }

    /// Where to POST the registration messages: SET-CA-URL if it is given, else SET-SET-URL.
    #[must_use]
    pub fn endpoint(&self) -> &Url {
        self.ca_url.as_ref().unwrap_or(&self.set_url)
    }

    /// Reads a wake-up file.
    ///
    /// # Errors
    /// [`InitiationError`]; [`InitiationError::field`] is what an initiation response would name.
    pub fn from_octets(octets: &[u8]) -> Result<Self, InitiationError> {
        let (fields, body) = Fields::read(octets)?;
        fields.check_fixed()?;
        let request_type = fields.parsed(Header::RequestType, request_type)?;
        Ok(Self {
            set_url: fields.needed(Header::SetUrl, web_address)?,
            ca_url: fields.parsed(Header::CaUrl, web_address)?,
            query_url: fields.parsed(Header::QueryUrl, web_address)?,
            success_url: fields.parsed(Header::SuccessUrl, web_address)?,
            failure_url: fields.parsed(Header::FailureUrl, web_address)?,
            cancel_url: fields.parsed(Header::CancelUrl, web_address)?,
            service_url: fields.parsed(Header::ServiceUrl, web_address)?,
            diagnostic_url: fields.parsed(Header::DiagnosticUrl, web_address)?,
            brand: fields.needed(Header::Brand, |text| BrandId::new(text).ok())?,
            language: fields.parsed(Header::Language, language)?,
            request_type,
            extension: extension(&fields)?,
            echo_in_request: fields.parsed(Header::EchoInRequest, HeaderText::new)?,
            echo_in_response: fields.parsed(Header::EchoInResponse, HeaderText::new)?,
            description: description(body)?,
        })
    }

    /// Writes it, lines ended with CRLF.
    ///
    /// # Errors
    /// [`InitiationError::Value`] for what does not fit US-ASCII header lines (a brand in other
    /// letters) or is no web address, [`InitiationError::TooLong`] above [`MAX_INITIATION`].
    pub fn to_octets(&self) -> Result<Vec<u8>, InitiationError> {
        let mut text = String::new();
        for header in Header::ALL {
            if let Some(value) = self.value(*header) {
                write_header(&mut text, *header, &value)?;
            }
        }
        text.push_str("\r\n");
        text.push_str(&self.description);
        // One table of rules for both: what we write must be what we would read.
        Self::from_octets(text.as_bytes())?;
        Ok(text.into_bytes())
    }

    fn value(&self, header: Header) -> Option<String> {
        let url = |url: &Option<Url>| url.as_ref().map(ToString::to_string);
        let text = |text: &Option<HeaderText>| text.as_ref().map(ToString::to_string);
        let extension = self.extension.as_ref();
        match header {
            Header::SetUrl => Some(self.set_url.to_string()),
            Header::QueryUrl => url(&self.query_url),
            Header::SuccessUrl => url(&self.success_url),
            Header::FailureUrl => url(&self.failure_url),
            Header::CancelUrl => url(&self.cancel_url),
            Header::ServiceUrl => url(&self.service_url),
            Header::DiagnosticUrl => url(&self.diagnostic_url),
            Header::Brand => Some(self.brand.to_string()),
            Header::CaUrl => url(&self.ca_url),
            Header::Language => self.language.as_ref().map(ToString::to_string),
            Header::RequestType => self.request_type.map(|asked| asked.number().to_string()),
            Header::ExtOid => extension.map(|extension| extension.oid.to_string()),
            Header::ExtData => extension.and_then(|extension| text(&extension.data)),
            Header::ExtMandatory => extension.map(|_| "false".to_owned()),
            Header::EchoInRequest => text(&self.echo_in_request),
            Header::EchoInResponse => text(&self.echo_in_response),
            fixed => fixed.fixed_value().map(ToOwned::to_owned),
        }
    }
}

/// http or https with a host, no space: it is opened, posted to and shown.
fn web_address(text: &str) -> Option<Url> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| text.get(scheme.len()..))?
    })?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fits = !host.is_empty() && !text.contains(' ');
    fits.then(|| Url::new(text).ok())?
}

/// Letters, digits and hyphens (RFC 5646 §2.1), in SET's bound.
fn language(text: &str) -> Option<Language> {
    let fits = text.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
    fits.then(|| Language::new(text).ok())?
}

/// The number of a RequestType, reserved ones excluded.
fn request_type(text: &str) -> Option<RequestType> {
    let number: u8 = text.parse().ok()?;
    RequestType::ALL.iter().copied().find(|request| request.number() == number)
}

/// SET-Ext-*: data and flag stand with an OID only; what must be understood is refused.
fn extension(fields: &Fields) -> Result<Option<InitiationExtension>, InitiationError> {
    let oid = fields.parsed(Header::ExtOid, |text| ObjectIdentifier::new(text).ok())?;
    let data = fields.parsed(Header::ExtData, HeaderText::new)?;
    let mandatory = fields.parsed(Header::ExtMandatory, truth)?;
    match (oid, mandatory) {
        (Some(oid), Some(true)) => Err(InitiationError::Extension(oid)),
        (Some(oid), _) => Ok(Some(InitiationExtension { oid, data })),
        (None, None) if data.is_none() => Ok(None),
        (None, _) => Err(InitiationError::Missing(Header::ExtOid.name())),
    }
}

/// The table does not say how the flag is spelled `[P]`; another spelling is refused, because it
/// might mean that we must understand.
fn truth(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "yes", "1"]) {
        return Some(true);
    }
    is(["false", "no", "0"]).then_some(false)
}

fn description(body: &[u8]) -> Result<String, InitiationError> {
    let text = core::str::from_utf8(body).ok().filter(|text| text.is_ascii());
    text.map(ToOwned::to_owned).ok_or(InitiationError::Body)
}

/// Octets of an initiation that is read at all, description included `[P]`.
pub const MAX_INITIATION: usize = 32 * 1024;
/// Octets of a header's value: a line of RFC 5322 §2.1.1 has at most 998.
pub const MAX_VALUE: usize = 900;

#[cfg(test)]
mod tests;
