//! Checks of small texts that several policy files share.

use toml::Spanned;

use super::error::{COUNTRY, LANGUAGE, PolicyError, URL};
use super::source::Source;

/// A SETString of 1 to `max` characters: no control character, nothing beyond BMPString
/// (set-messages.md §1.3).
pub(super) fn is_set_string(text: &str, max: usize) -> bool {
    let length = text.chars().count();
    (1..=max).contains(&length) && text.chars().all(|c| u32::from(c) <= 0xffff && !c.is_control())
}

/// ISO 3166 alpha-2, as it stands in countryName (set-certificates.md §2.1).
pub(super) fn check_country(
    country: &Spanned<String>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    let text = country.get_ref();
    if text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_uppercase()) {
        return Ok(());
    }
    let message = format!("`{text}`; write two capital letters, such as NZ");
    Err(source.refuse(country, COUNTRY, message))
}

/// RFC 1766 tag of at most 35 characters (ub-RFC1766-language [R-H]).
pub(super) fn check_language(
    language: &Spanned<String>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    let text = language.get_ref();
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_alphanumeric())
    };
    if text.len() <= 35 && text.split('-').all(part) {
        return Ok(());
    }
    let message = format!("`{text}`; write a language tag, such as de or pt-BR");
    Err(source.refuse(language, LANGUAGE, message))
}

/// VisibleString SIZE(1..512) (ub-URL [R-H]).
pub(super) fn check_url(
    url: Option<&Spanned<String>>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    let Some(url) = url else { return Ok(()) };
    let text = url.get_ref();
    if (1..=512).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Ok(());
    }
    let message = format!("{} octets; write 1 to 512 visible ASCII characters", text.len());
    Err(source.refuse(url, URL, message))
}
