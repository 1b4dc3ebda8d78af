//! The financial institutions of a brand: issuers register cardholders, acquirers register
//! merchants and payment gateways.

use const_oid::ObjectIdentifier;
use serde::Deserialize;
use toml::Spanned;

use super::Role;
use super::approval::{Approval, ApprovalEntry, read_approval};
use super::bins::{BinRange, read_bins};
use super::brand::MAX_NAME_PART;
use super::error::{
    ACQUIRER_NAME, BIN_OVERLAP, COUNTRY_NAME, COUNTRY_NUMBER, CURRENCY, ISSUER_NAME,
    MESSAGE_LENGTH, PolicyError, SET_EXTENSION,
};
use super::local_text::{LocalEntry, LocalText, read_local_text};
use super::source::Source;
use super::text::{check_country, check_url, is_set_string};

/// An issuer of cards: its name in certificates, how it decides, what it tells its cardholders.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IssuerRules {
    /// OU of its cardholders' names.
    pub name: String,
    /// countryName of its cardholders' names, two letters.
    pub country: String,
    /// How a registration is decided.
    pub approval: Approval,
    /// CAMsg.cardLogoURL of a granted request.
    pub card_logo_url: Option<String>,
    /// CAMsg.brandLogoURL of a granted request.
    pub brand_logo_url: Option<String>,
    /// CAMsg.cardCurrency of a granted request, ISO 4217 numeric.
    pub currency: Option<u16>,
    /// CAMsg.cardholderMsg of a granted request.
    pub cardholder_message: Option<LocalText>,
    /// eeMessage while the registration waits for the issuer.
    pub ee_message: Option<LocalText>,
    bins: Vec<BinRange>,
}

impl IssuerRules {
    pub(super) fn serves(&self, bin: &str) -> bool {
        self.bins.iter().any(|range| range.contains(bin))
    }
}

/// An acquirer: its name in certificates, how it decides, what its merchants and gateways are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AcquirerRules {
    /// OU of the names of its merchants and gateways.
    pub name: String,
    /// countryName of those names, two letters.
    pub country: String,
    /// merCountry of its merchants, ISO 3166 numeric (spec `set-certificates.md` §3.9).
    pub country_number: u16,
    /// countryName of MerNames.
    pub country_name: LocalText,
    /// How a merchant is decided.
    pub merchant: Approval,
    /// How a payment gateway is decided.
    pub gateway: Approval,
    /// merAuthFlag: its merchants may receive account numbers.
    pub auth_flag: bool,
    /// cardCertRequired: its gateways take payments only from cardholders with a certificate.
    pub card_cert_required: bool,
    /// setExtensions: message extensions that its gateways support.
    pub set_extensions: Vec<ObjectIdentifier>,
    /// eeMessage while the registration waits for the acquirer.
    pub ee_message: Option<LocalText>,
    bins: Vec<BinRange>,
}

impl AcquirerRules {
    /// How a registration of this role is decided; `None` for a role that acquirers do not
    /// register.
    #[must_use]
    pub const fn approval(&self, role: Role) -> Option<&Approval> {
        match role {
            Role::Merchant => Some(&self.merchant),
            Role::Gateway => Some(&self.gateway),
            _ => None,
        }
    }

    pub(super) fn serves(&self, bin: &str) -> bool {
        self.bins.iter().any(|range| range.contains(bin))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssuerEntry {
    name: Spanned<String>,
    country: Spanned<String>,
    bins: Vec<Spanned<String>>,
    approval: Spanned<ApprovalEntry>,
    card_logo_url: Option<Spanned<String>>,
    brand_logo_url: Option<Spanned<String>>,
    currency: Option<Spanned<u16>>,
    cardholder_message: Option<LocalEntry>,
    ee_message: Option<LocalEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcquirerEntry {
    name: Spanned<String>,
    country: Spanned<String>,
    country_number: Spanned<u16>,
    country_name: LocalEntry,
    bins: Vec<Spanned<String>>,
    merchant: Spanned<ApprovalEntry>,
    gateway: Spanned<ApprovalEntry>,
    auth_flag: bool,
    card_cert_required: bool,
    #[serde(default)]
    set_extensions: Vec<Spanned<String>>,
    ee_message: Option<LocalEntry>,
}

/// Reads the issuers of a brand.
pub(super) fn read_issuers(
    entries: &[IssuerEntry],
    default_language: &str,
    source: &Source<'_>,
) -> Result<Vec<IssuerRules>, PolicyError> {
    check_bin_overlap(entries.iter().map(|entry| (&entry.name, &entry.bins)), source)?;
    entries.iter().map(|entry| read_issuer(entry, default_language, source)).collect()
}

/// Reads the acquirers of a brand.
pub(super) fn read_acquirers(
    entries: &[AcquirerEntry],
    default_language: &str,
    source: &Source<'_>,
) -> Result<Vec<AcquirerRules>, PolicyError> {
    check_bin_overlap(entries.iter().map(|entry| (&entry.name, &entry.bins)), source)?;
    entries.iter().map(|entry| read_acquirer(entry, default_language, source)).collect()
}

fn read_issuer(
    raw: &IssuerEntry,
    default_language: &str,
    source: &Source<'_>,
) -> Result<IssuerRules, PolicyError> {
    check_unit(&raw.name, ISSUER_NAME, source)?;
    check_country(&raw.country, source)?;
    check_url(raw.card_logo_url.as_ref(), source)?;
    check_url(raw.brand_logo_url.as_ref(), source)?;
    if let Some(currency) = &raw.currency {
        check_iso_number(currency, CURRENCY, "ISO 4217 number, such as 840", source)?;
    }
    let message = |entry: &Option<LocalEntry>| read_message(entry, default_language, source);
    Ok(IssuerRules {
        name: raw.name.get_ref().clone(),
        country: raw.country.get_ref().clone(),
        approval: read_approval(&raw.approval, source)?,
        card_logo_url: raw.card_logo_url.as_ref().map(|url| url.get_ref().clone()),
        brand_logo_url: raw.brand_logo_url.as_ref().map(|url| url.get_ref().clone()),
        currency: raw.currency.as_ref().map(|currency| *currency.get_ref()),
        cardholder_message: message(&raw.cardholder_message)?,
        ee_message: message(&raw.ee_message)?,
        bins: read_bins(&raw.bins, source)?,
    })
}

fn read_acquirer(
    raw: &AcquirerEntry,
    default_language: &str,
    source: &Source<'_>,
) -> Result<AcquirerRules, PolicyError> {
    check_unit(&raw.name, ACQUIRER_NAME, source)?;
    check_country(&raw.country, source)?;
    check_iso_number(&raw.country_number, COUNTRY_NUMBER, "ISO 3166 number, such as 554", source)?;
    let (name, max) = (&raw.country_name, MAX_COUNTRY_NAME);
    let oids = raw.set_extensions.iter().map(|text| read_extension(text, source));
    Ok(AcquirerRules {
        name: raw.name.get_ref().clone(),
        country: raw.country.get_ref().clone(),
        country_number: *raw.country_number.get_ref(),
        country_name: read_local_text(name, default_language, max, COUNTRY_NAME, source)?,
        merchant: read_approval(&raw.merchant, source)?,
        gateway: read_approval(&raw.gateway, source)?,
        auth_flag: raw.auth_flag,
        card_cert_required: raw.card_cert_required,
        set_extensions: oids.collect::<Result<_, _>>()?,
        ee_message: read_message(&raw.ee_message, default_language, source)?,
        bins: read_bins(&raw.bins, source)?,
    })
}

fn read_message(
    entry: &Option<LocalEntry>,
    default_language: &str,
    source: &Source<'_>,
) -> Result<Option<LocalText>, PolicyError> {
    let read =
        |entry| read_local_text(entry, default_language, MAX_MESSAGE, MESSAGE_LENGTH, source);
    entry.as_ref().map(read).transpose()
}

fn read_extension(
    text: &Spanned<String>,
    source: &Source<'_>,
) -> Result<ObjectIdentifier, PolicyError> {
    ObjectIdentifier::new(text.get_ref()).map_err(|_| {
        let message =
            format!("`{}`; write an object identifier, such as 2.23.42.1.1", text.get_ref());
        source.refuse(text, SET_EXTENSION, message)
    })
}

/// It becomes an OU (set-certificates.md §2.1).
fn check_unit(
    name: &Spanned<String>,
    rule: &'static str,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    if is_set_string(name.get_ref(), MAX_NAME_PART) {
        return Ok(());
    }
    let message = format!("`{}`; write 1 to {MAX_NAME_PART} characters", name.get_ref());
    Err(source.refuse(name, rule, message))
}

fn check_iso_number(
    number: &Spanned<u16>,
    rule: &'static str,
    what: &str,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    if (1..=MAX_ISO_NUMBER).contains(number.get_ref()) {
        return Ok(());
    }
    Err(source.refuse(number, rule, format!("{}; write an {what}", number.get_ref())))
}

/// One BIN, one institution of a kind: the question who decides must have one answer.
fn check_bin_overlap<'a>(
    institutions: impl Iterator<Item = (&'a Spanned<String>, &'a Vec<Spanned<String>>)>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    let mut ranges = Vec::new();
    for (name, texts) in institutions {
        let bins = read_bins(texts, source)?;
        ranges.extend(bins.into_iter().zip(texts).map(|(range, at)| (range, at, name)));
    }
    ranges.sort_by_key(|(range, at, _)| (*range, at.span().start));
    for pair in ranges.windows(2) {
        let [(range, _, name), (next, at, _)] = pair else { continue };
        if range.overlaps(*next) {
            let message = format!("{} is taken by {}", at.get_ref(), name.get_ref());
            return Err(source.refuse(*at, BIN_OVERLAP, message));
        }
    }
    Ok(())
}

/// ub-eeMessage and ub-cardholderMsg, set-messages.md §1.4 [R-L].
const MAX_MESSAGE: usize = 128;
/// ub-countryName, set-certificates.md §3.9 [S BBN].
const MAX_COUNTRY_NAME: usize = 50;
/// Currency (set-messages.md §1.3 [R-H]) and merCountry (set-certificates.md §3.9 [S BBN, CL]).
const MAX_ISO_NUMBER: u16 = 999;
