//! The rules that one registration form must keep by itself, one function each.

use std::collections::BTreeSet;

use toml::Spanned;

use super::Role;
use super::error::{
    ACCOUNT_LENGTH, ACCOUNT_ROLE, DESCRIPTION_LENGTH, DUPLICATE_LABEL, FIELD_COUNT, FIELD_LANGUAGE,
    FIELD_LENGTH, FORM_ID, INVISIBLE_FIELD, LABEL_LENGTH, MERCHANT_FIELDS, POLICY_TEXT_LENGTH,
    PolicyError,
};
use super::form_file::{FieldEntry, FormFile};
use super::source::Source;
use super::text::is_set_string;

/// decisions.md 4: regFormID 0 = no form.
pub(super) fn check_id(raw: &FormFile, source: &Source<'_>) -> Result<(), PolicyError> {
    if *raw.id.get_ref() == 0 {
        return Err(source.refuse(&raw.id, FORM_ID, "0 means no form; write 1 or more"));
    }
    Ok(())
}

/// decisions.md 3: FailedItem numbers the fields from 1 and keeps 50 for what is not in the form.
pub(super) fn check_field_count(raw: &FormFile, source: &Source<'_>) -> Result<(), PolicyError> {
    let count = raw.field.len();
    if (1..=MAX_FIELDS).contains(&count) {
        return Ok(());
    }
    let message = format!("{count} fields; write 1 to {MAX_FIELDS}");
    Err(source.refuse(&raw.id, FIELD_COUNT, message))
}

/// decisions.md 3: answers are matched to fields by label, so a label names one field.
pub(super) fn check_labels_differ(raw: &FormFile, source: &Source<'_>) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    for (language, labels) in raw.field.iter().flat_map(|field| field.names.get_ref()) {
        for label in labels {
            if !seen.insert((language, label.get_ref())) {
                let message = format!("`{}` names two fields in {language}", label.get_ref());
                return Err(source.refuse(label, DUPLICATE_LABEL, message));
            }
        }
    }
    Ok(())
}

/// decisions.md 24: name and city of merchantData come from the form, so it must ask for them, and
/// for no more than fits (set-certificates.md §3.9 [S BBN]).
pub(super) fn check_merchant_fields(
    raw: &FormFile,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    if raw.role != Role::Merchant {
        return Ok(());
    }
    for (meaning, max) in MERCHANT_DATA {
        let means = |field: &&FieldEntry| {
            field.field_id.as_ref().is_some_and(|name| name.get_ref() == meaning)
        };
        match raw.field.iter().find(means) {
            Some(field) if field.required && *field.max_len.get_ref() <= max => {}
            Some(field) => {
                let message = format!("{meaning}; write required = true and max_len <= {max}");
                return Err(source.refuse(&field.max_len, MERCHANT_FIELDS, message));
            }
            None => {
                let message = format!("no field with field_id = \"{meaning}\"");
                return Err(source.refuse(&raw.id, MERCHANT_FIELDS, message));
            }
        }
    }
    Ok(())
}

/// set-messages.md §2.4: acctDataField is of Me-AqCInitRes; a cardholder's account is PANData0.
pub(super) fn check_account(raw: &FormFile, source: &Source<'_>) -> Result<(), PolicyError> {
    let Some(account) = &raw.account else { return Ok(()) };
    if !matches!(raw.role, Role::Merchant | Role::Gateway) {
        let message = format!("a {} names its account apart from the form", raw.role);
        return Err(source.refuse(&account.max_len, ACCOUNT_ROLE, message));
    }
    let max_len = *account.max_len.get_ref();
    if !(1..=MAX_ACCOUNT).contains(&max_len) {
        let message = format!("{max_len}; write 1 to {MAX_ACCOUNT}");
        return Err(source.refuse(&account.max_len, ACCOUNT_LENGTH, message));
    }
    Ok(())
}

pub(super) fn check_field_languages(
    field: &FieldEntry,
    languages: &BTreeSet<&String>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    let names = field.names.get_ref();
    if let Some(missing) = languages.iter().find(|language| !names.contains_key(**language)) {
        let message = format!("the field has no label in {missing}");
        return Err(source.refuse(&field.names, FIELD_LANGUAGE, message));
    }
    let mut spoken = names.keys().chain(field.description.keys());
    if let Some(unknown) = spoken.find(|language| !languages.contains(language)) {
        let message = format!("the form has no [text.{unknown}]");
        return Err(source.refuse(&field.names, FIELD_LANGUAGE, message));
    }
    Ok(())
}

pub(super) fn check_labels(
    field: &FieldEntry,
    labels: &[Spanned<String>],
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    if !(1..=MAX_LABELS).contains(&labels.len()) {
        let message = format!("{} labels; write 1 to {MAX_LABELS}", labels.len());
        return Err(source.refuse(&field.names, LABEL_LENGTH, message));
    }
    match labels.iter().find(|label| !is_set_string(label.get_ref(), MAX_LABEL)) {
        Some(label) => {
            let length = label.get_ref().chars().count();
            let message = format!("{length} characters; write 1 to {MAX_LABEL}");
            Err(source.refuse(label, LABEL_LENGTH, message))
        }
        None => Ok(()),
    }
}

pub(super) fn check_description(
    description: Option<&Spanned<String>>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    match description {
        Some(text) if !is_set_string(text.get_ref(), MAX_DESCRIPTION) => {
            let length = text.get_ref().chars().count();
            let message = format!("{length} characters; write 1 to {MAX_DESCRIPTION}");
            Err(source.refuse(text, DESCRIPTION_LENGTH, message))
        }
        _ => Ok(()),
    }
}

/// decisions.md 3: nobody sees the field, so only software can fill it, and it must know how.
pub(super) fn check_invisible(field: &FieldEntry, source: &Source<'_>) -> Result<(), PolicyError> {
    let meaning = field.field_id.as_ref().map(|name| name.get_ref().as_str());
    let fillable = meaning.is_some_and(|name| FILLED_BY_SOFTWARE.contains(&name));
    if field.required && field.invisible && !fillable {
        let at = field.field_id.as_ref().map_or(field.names.span().start, |id| id.span().start);
        let message =
            format!("software fills only {}; show the field", FILLED_BY_SOFTWARE.join(", "));
        return Err(source.refuse_at(at, INVISIBLE_FIELD, message));
    }
    Ok(())
}

pub(super) fn check_policy_text(
    text: &Spanned<String>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    // The one text that may have lines.
    if is_set_string(&text.get_ref().replace('\n', " "), MAX_POLICY_TEXT) {
        return Ok(());
    }
    let length = text.get_ref().chars().count();
    let message = format!("{length} characters; write 1 to {MAX_POLICY_TEXT}");
    Err(source.refuse(text, POLICY_TEXT_LENGTH, message))
}

/// fieldLen is INTEGER (1..128): it cannot ask for more than a field value holds.
pub(super) fn check_max_len(field: &FieldEntry, source: &Source<'_>) -> Result<(), PolicyError> {
    let max_len = *field.max_len.get_ref();
    if (1..=MAX_VALUE).contains(&max_len) {
        return Ok(());
    }
    let message = format!("{max_len}; write 1 to {MAX_VALUE}");
    Err(source.refuse(&field.max_len, FIELD_LENGTH, message))
}

/// What end-entity software knows of its owner without asking. Not accountNumber: it travels in
/// the account data, apart from the form.
const FILLED_BY_SOFTWARE: [&str; 1] = ["fullName"];

/// Meaning and most characters of what merchantData takes from a form: ub-merName, ub-cityName.
const MERCHANT_DATA: [(&str, u16); 2] = [("fullName", 25), ("placeName", 50)];
/// ub-acctIdentification, set-messages.md §1.4 [R-M].
const MAX_ACCOUNT: u16 = 74;
/// decisions.md 3.
const MAX_FIELDS: usize = 49;
/// ub-FieldList, set-messages.md §1.4 [R-M].
const MAX_LABELS: usize = 50;
/// ub-FieldName, set-messages.md §1.4 [R-M].
const MAX_LABEL: usize = 128;
/// ub-FieldDesc, set-messages.md §1.4 [R-M].
const MAX_DESCRIPTION: usize = 200;
/// ub-FieldValue, set-messages.md §1.4 [R-M].
const MAX_VALUE: u16 = 128;
/// ub-PolicyText, set-messages.md §1.4 [R-M].
const MAX_POLICY_TEXT: usize = 20_000;
