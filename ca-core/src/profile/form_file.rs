//! A file of `policies/forms/` and its way into a checked form.

use std::collections::{BTreeMap, BTreeSet};

use const_oid::ObjectIdentifier;
use serde::Deserialize;
use toml::Spanned;

use super::Role;
use super::bins::read_bins;
use super::brand::check_brand_name;
use super::error::{FIELD_ID, PolicyError, REQUEST_TYPE};
use super::form::{FormField, FormText, RegistrationForm};
use super::form_rules::{
    check_account, check_description, check_field_count, check_field_languages, check_id,
    check_invisible, check_labels, check_labels_differ, check_max_len, check_merchant_fields,
    check_policy_text,
};
use super::source::Source;
use super::text::{check_language, check_url};

/// A form, and where it begins.
pub(super) struct ReadForm<'a> {
    pub(super) form: RegistrationForm,
    pub(super) source: Source<'a>,
    pub(super) id_at: usize,
    pub(super) account_at: usize,
}

/// Reads one form and checks everything that can be said without the other files.
pub(super) fn read_form(source: Source<'_>) -> Result<ReadForm<'_>, PolicyError> {
    let raw: FormFile = source.read()?;
    check_id(&raw, &source)?;
    check_brand_name(&raw.brand, &source)?;
    check_field_count(&raw, &source)?;
    check_labels_differ(&raw, &source)?;
    check_merchant_fields(&raw, &source)?;
    check_account(&raw, &source)?;
    let request_types = read_request_types(&raw, &source)?;
    let bins = raw.bins.as_deref().map(|bins| read_bins(bins, &source)).transpose()?;
    let texts = raw.text.iter().map(|(language, text)| read_text(&raw, language, text, &source));
    let form = RegistrationForm {
        id: *raw.id.get_ref(),
        brand: raw.brand.get_ref().clone(),
        role: raw.role,
        request_types,
        texts: texts.collect::<Result<_, _>>()?,
        bins,
    };
    let account_at = raw.account.as_ref().map_or(0, |account| account.max_len.span().start);
    Ok(ReadForm { form, source, id_at: raw.id.span().start, account_at })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormFile {
    pub(super) id: Spanned<u64>,
    brand: Spanned<String>,
    pub(super) role: Role,
    bins: Option<Vec<Spanned<String>>>,
    request_types: Spanned<Vec<Spanned<String>>>,
    pub(super) field: Vec<FieldEntry>,
    pub(super) account: Option<FieldEntry>,
    text: BTreeMap<Spanned<String>, TextEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldEntry {
    pub(super) field_id: Option<Spanned<String>>,
    pub(super) max_len: Spanned<u16>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) invisible: bool,
    pub(super) names: Spanned<BTreeMap<String, Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) description: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextEntry {
    policy_text: Spanned<String>,
    brand_logo_url: Option<Spanned<String>>,
    card_logo_url: Option<Spanned<String>>,
}

/// set-messages.md §3.1: each request type belongs to one class of end entities.
fn read_request_types(raw: &FormFile, source: &Source<'_>) -> Result<Vec<u8>, PolicyError> {
    let read = |name: &Spanned<String>| {
        let known = REQUEST_TYPES.iter().find(|(text, ..)| text == name.get_ref());
        match known {
            Some((_, number, role)) if *role == raw.role => Ok(*number),
            Some((.., role)) => {
                let message = format!("{} is for a {role}, not a {}", name.get_ref(), raw.role);
                Err(source.refuse(name, REQUEST_TYPE, message))
            }
            None => {
                let message = format!("`{}`; write one such as cardInitialSig", name.get_ref());
                Err(source.refuse(name, REQUEST_TYPE, message))
            }
        }
    };
    if raw.request_types.get_ref().is_empty() {
        let message = "names no request type; write one such as cardInitialSig";
        return Err(source.refuse(&raw.request_types, REQUEST_TYPE, message));
    }
    raw.request_types.get_ref().iter().map(read).collect()
}

fn read_text(
    raw: &FormFile,
    language: &Spanned<String>,
    text: &TextEntry,
    source: &Source<'_>,
) -> Result<FormText, PolicyError> {
    check_language(language, source)?;
    check_policy_text(&text.policy_text, source)?;
    check_url(text.brand_logo_url.as_ref(), source)?;
    check_url(text.card_logo_url.as_ref(), source)?;
    let languages: BTreeSet<&String> = raw.text.keys().map(Spanned::get_ref).collect();
    let read = |field: &FieldEntry| {
        check_field_languages(field, &languages, source)?;
        read_field(field, language.get_ref(), source)
    };
    Ok(FormText {
        language: language.get_ref().clone(),
        policy_text: text.policy_text.get_ref().clone(),
        fields: raw.field.iter().map(read).collect::<Result<_, _>>()?,
        account: raw.account.as_ref().map(read).transpose()?,
        brand_logo_url: text.brand_logo_url.as_ref().map(|url| url.get_ref().clone()),
        card_logo_url: text.card_logo_url.as_ref().map(|url| url.get_ref().clone()),
    })
}

fn read_field(
    field: &FieldEntry,
    language: &str,
    source: &Source<'_>,
) -> Result<FormField, PolicyError> {
    let labels = field.names.get_ref().get(language).map_or(&[][..], Vec::as_slice);
    check_labels(field, labels, source)?;
    let description = field.description.get(language);
    check_description(description, source)?;
    check_max_len(field, source)?;
    let field_id = read_field_id(field.field_id.as_ref(), source)?;
    check_invisible(field, source)?;
    Ok(FormField {
        field_id,
        names: labels.iter().map(|label| label.get_ref().clone()).collect(),
        description: description.map(|text| text.get_ref().clone()),
        max_len: *field.max_len.get_ref(),
        required: field.required,
        invisible: field.invisible,
    })
}

/// decisions.md 24.
fn read_field_id(
    name: Option<&Spanned<String>>,
    source: &Source<'_>,
) -> Result<Option<ObjectIdentifier>, PolicyError> {
    let Some(name) = name else { return Ok(None) };
    match FIELD_IDS.iter().find(|(text, _)| text == name.get_ref()) {
        Some((_, oid)) => Ok(Some(*oid)),
        None => {
            let names: Vec<&str> = FIELD_IDS.iter().map(|(text, _)| *text).collect();
            let message = format!("`{}` is none of {}", name.get_ref(), names.join(", "));
            Err(source.refuse(name, FIELD_ID, message))
        }
    }
}

/// Arc 2.23.42.2 (set-certificates.md §7, decisions.md 24).
const FIELD_IDS: [(&str, ObjectIdentifier); 13] = [
    ("fullName", ObjectIdentifier::new_unwrap("2.23.42.2.0")),
    ("givenName", ObjectIdentifier::new_unwrap("2.23.42.2.1")),
    ("familyName", ObjectIdentifier::new_unwrap("2.23.42.2.2")),
    ("birthFamilyName", ObjectIdentifier::new_unwrap("2.23.42.2.3")),
    ("placeName", ObjectIdentifier::new_unwrap("2.23.42.2.4")),
    ("identificationNumber", ObjectIdentifier::new_unwrap("2.23.42.2.5")),
    ("month", ObjectIdentifier::new_unwrap("2.23.42.2.6")),
    ("date", ObjectIdentifier::new_unwrap("2.23.42.2.7")),
    ("address", ObjectIdentifier::new_unwrap("2.23.42.2.8")),
    ("telephone", ObjectIdentifier::new_unwrap("2.23.42.2.9")),
    ("amount", ObjectIdentifier::new_unwrap("2.23.42.2.10")),
    ("accountNumber", ObjectIdentifier::new_unwrap("2.23.42.2.11")),
    ("passPhrase", ObjectIdentifier::new_unwrap("2.23.42.2.12")),
];

/// RequestType (set-messages.md §3.1); 2, 3, 11 and 12 are reserved.
const REQUEST_TYPES: [(&str, u8, Role); 14] = [
    ("cardInitialSig", 1, Role::Cardholder),
    ("merInitialSig", 4, Role::Merchant),
    ("merInitialEnc", 5, Role::Merchant),
    ("merInitialBoth", 6, Role::Merchant),
    ("pgwyInitialSig", 7, Role::Gateway),
    ("pgwyInitialEnc", 8, Role::Gateway),
    ("pgwyInitialBoth", 9, Role::Gateway),
    ("cardRenewalSig", 10, Role::Cardholder),
    ("merRenewalSig", 13, Role::Merchant),
    ("merRenewalEnc", 14, Role::Merchant),
    ("merRenewalBoth", 15, Role::Merchant),
    ("pgwyRenewalSig", 16, Role::Gateway),
    ("pgwyRenewalEnc", 17, Role::Gateway),
    ("pgwyRenewalBoth", 18, Role::Gateway),
];
