//! Rules on the answers to a registration form (spec `set-messages.md` §4.6 step 10).

use std::collections::HashSet;

use const_oid::ObjectIdentifier;

use super::{FormFault, Refusal};
use crate::profile::{FormField, FormText};

/// One answer: the labels of its field as they were offered, and the value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answered {
    /// fieldName, copied from the RegField.
    pub labels: Vec<String>,
    /// fieldValue as text; none if it was not text.
    pub value: Option<String>,
}

/// Each answer belongs to a field of the form, once, and fits it; each required field is answered,
/// and the account named if that is required (decisions.md 31).
///
/// `account` is the account data of a merchant or gateway; what nobody asked for is not looked at.
///
/// # Errors
/// [`Refusal::FormMalformed`] with every fault, by position in the form from 1; 0 stands for the
/// account, 50 for a label that is not in the form or is there twice (decisions.md 3).
pub fn check_form(
    form: &FormText,
    answers: &[Answered],
    account: Option<&str>,
) -> Result<(), Refusal> {
    let fields = &form.fields;
    let mut faults = Vec::new();
    faults.extend(form.account.as_ref().and_then(|asked| account_fault(asked, account)));
    let mut answered = HashSet::new();
    for answer in answers {
        let position = fields.iter().position(|field| field.names == answer.labels);
        match position.and_then(|at| fields.get(at).map(|field| (at, field))) {
            Some((at, field)) if answered.insert(at) => {
                let reason = fault_of(field, answer.value.as_deref());
                faults.extend(reason.map(|reason| fault(at, reason)));
            }
            Some(_) => faults.push(stranger("a field is answered twice")),
            None => faults.push(stranger("an answer has a label that is not in the form")),
        }
    }
    for (at, field) in fields.iter().enumerate() {
        if field.required && !answered.contains(&at) {
            faults.push(fault(at, REQUIRED.to_owned()));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    faults.sort_by_key(|fault| fault.item);
    faults.truncate(MOST_FAULTS);
    Err(Refusal::FormMalformed(faults))
}

/// The answer to the field of this meaning, without the spaces around it.
#[must_use]
pub fn answer_for<'a>(
    form: &FormText,
    answers: &'a [Answered],
    field_id: ObjectIdentifier,
) -> Option<&'a str> {
    let field = form.fields.iter().find(|field| field.field_id == Some(field_id))?;
    let answer = answers.iter().find(|answer| answer.labels == field.names)?;
    answer.value.as_deref().map(str::trim).filter(|value| !value.is_empty())
}

fn account_fault(asked: &FormField, account: Option<&str>) -> Option<FormFault> {
    let reason = match account {
        // A value padded with spaces is accepted (spec §6 no. 8).
        Some(account) => fault_of(asked, Some(account.trim_end_matches(' '))),
        None => asked.required.then(|| REQUIRED.to_owned()),
    };
    reason.map(|reason| FormFault { item: ACCOUNT, reason })
}

fn fault_of(field: &FormField, value: Option<&str>) -> Option<String> {
    let Some(value) = value else {
        return Some("the answer is not text".to_owned());
    };
    let length = value.chars().count();
    if length > usize::from(field.max_len) {
        return Some(format!("{length} characters, at most {} fit", field.max_len));
    }
    // It may come to stand in a certificate and on a screen.
    if value.chars().any(char::is_control) {
        return Some("the answer has control characters".to_owned());
    }
    (field.required && value.trim().is_empty()).then(|| REQUIRED.to_owned())
}

fn fault(at: usize, reason: String) -> FormFault {
    FormFault { item: u8::try_from(at + 1).unwrap_or(STRANGER), reason }
}

fn stranger(reason: &str) -> FormFault {
    FormFault { item: STRANGER, reason: reason.to_owned() }
}

/// itemNumber of the account data (spec `set-messages.md` §2.11).
const ACCOUNT: u8 = 0;
/// What is said of an answer that is missing.
const REQUIRED: &str = "an answer is required";
/// itemNumber of an answer that belongs to no field (decisions.md 3).
const STRANGER: u8 = 50;
/// failedItemSeq holds at most ub-FieldList items (spec `set-messages.md` §1.4).
const MOST_FAULTS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, required: bool) -> FormField {
        FormField {
            field_id: None,
            names: vec![name.to_owned()],
            description: None,
            max_len: 5,
            required,
            invisible: false,
        }
    }

    fn answer(name: &str, value: &str) -> Answered {
        Answered { labels: vec![name.to_owned()], value: Some(value.to_owned()) }
    }

    fn items(outcome: Result<(), Refusal>) -> Vec<u8> {
        match outcome {
            Err(Refusal::FormMalformed(faults)) => faults.iter().map(|f| f.item).collect(),
            other => panic!("expected a malformed form, got {other:?}"),
        }
    }

    fn form(fields: &[FormField], account: Option<FormField>) -> FormText {
        FormText {
            language: "en".to_owned(),
            policy_text: String::new(),
            fields: fields.to_vec(),
            account,
            brand_logo_url: None,
            card_logo_url: None,
        }
    }

    fn check(fields: &[FormField], answers: &[Answered]) -> Result<(), Refusal> {
        check_form(&form(fields, None), answers, None)
    }

    #[test]
    fn an_optional_field_may_stay_unanswered_and_a_required_one_may_not() {
        let fields = [field("Name", true), field("Town", false)];
        assert_eq!(check(&fields, &[answer("Name", "Ada")]), Ok(()));
        assert_eq!(items(check(&fields, &[answer("Town", "Bonn")])), [1]);
        assert_eq!(items(check(&fields, &[answer("Name", " ")])), [1]);
    }

    #[test]
    fn a_value_too_long_is_named_by_its_position() {
        let fields = [field("Name", true), field("Town", false)];
        let answers = [answer("Name", "Ada"), answer("Town", "London")];
        assert_eq!(items(check(&fields, &answers)), [2]);
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(items(check(&[field("Name", true)], &[answer("Name", "A\u{1b}[")])), [1]);
    }

    #[test]
    fn a_strange_or_repeated_label_is_item_fifty() {
        let fields = [field("Name", true)];
        let twice = [answer("Name", "Ada"), answer("Name", "Bob")];
        assert_eq!(items(check(&fields, &twice)), [50]);
        let strange = [answer("Name", "Ada"), answer("Shoe", "43")];
        assert_eq!(items(check(&fields, &strange)), [50]);
    }

    /// decisions.md 31; §2.11: item 0.
    #[test]
    fn the_account_is_item_zero_and_demanded_only_where_required() {
        let with = |required| form(&[], Some(field("Account", required)));
        assert_eq!(items(check_form(&with(true), &[], None)), [0]);
        assert_eq!(items(check_form(&with(true), &[], Some("  "))), [0]);
        assert_eq!(check_form(&with(false), &[], None), Ok(()));
        assert_eq!(check_form(&with(true), &[], Some("12345   ")), Ok(()));
        assert_eq!(items(check_form(&with(false), &[], Some("123456"))), [0]);
        assert_eq!(check_form(&form(&[], None), &[], Some("123456")), Ok(()));
    }

    #[test]
    fn an_answer_is_found_by_the_meaning_of_its_field() {
        let name = ObjectIdentifier::new_unwrap("2.23.42.2.0");
        let mut asked = field("Name", true);
        asked.field_id = Some(name);
        let form = form(&[field("Town", false), asked], None);
        let answers = [answer("Town", "Bonn"), answer("Name", " Ada ")];
        assert_eq!(answer_for(&form, &answers, name), Some("Ada"));
        let other = ObjectIdentifier::new_unwrap("2.23.42.2.4");
        assert_eq!(answer_for(&form, &answers, other), None);
        assert_eq!(answer_for(&form, &[answer("Name", " ")], name), None);
    }
}
