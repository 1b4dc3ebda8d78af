//! Rules on the answers to a registration form (spec `set-messages.md` §4.6 step 10).

use std::collections::HashSet;

use super::{FormFault, Refusal};
use crate::profile::FormField;

/// One answer: the labels of its field as they were offered, and the value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answered {
    /// fieldName, copied from the RegField.
    pub labels: Vec<String>,
    /// fieldValue as text; none if it was not text.
    pub value: Option<String>,
}

/// Each answer belongs to a field of the form, once, and fits it; each required field is answered.
///
/// # Errors
/// [`Refusal::FormMalformed`] with every fault, by position in the form from 1; 50 stands for a
/// label that is not in the form or is there twice (decisions.md 3).
pub fn check_form(fields: &[FormField], answers: &[Answered]) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let mut answered = HashSet::new();
    for answer in answers {
        let position = fields.iter().position(|field| field.names == answer.labels);
        match position.and_then(|at| fields.get(at).map(|field| (at, field))) {
            Some((at, field)) if answered.insert(at) => {
                faults.extend(fault_of(field, answer).map(|reason| fault(at, reason)));
            }
            Some(_) => faults.push(stranger("a field is answered twice")),
            None => faults.push(stranger("an answer has a label that is not in the form")),
        }
    }
    for (at, field) in fields.iter().enumerate() {
        if field.required && !answered.contains(&at) {
            faults.push(fault(at, "an answer is required".to_owned()));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    faults.sort_by_key(|fault| fault.item);
    faults.truncate(MOST_FAULTS);
    Err(Refusal::FormMalformed(faults))
}

fn fault_of(field: &FormField, answer: &Answered) -> Option<String> {
    let Some(value) = &answer.value else {
        return Some("the answer is not text".to_owned());
    };
    let length = value.chars().count();
    if length > usize::from(field.max_len) {
        return Some(format!("{length} characters, at most {} fit", field.max_len));
    }
    (field.required && value.trim().is_empty()).then(|| "an answer is required".to_owned())
}

fn fault(at: usize, reason: String) -> FormFault {
    FormFault { item: u8::try_from(at + 1).unwrap_or(STRANGER), reason }
}

fn stranger(reason: &str) -> FormFault {
    FormFault { item: STRANGER, reason: reason.to_owned() }
}

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

    #[test]
    fn an_optional_field_may_stay_unanswered_and_a_required_one_may_not() {
        let fields = [field("Name", true), field("Town", false)];
        assert_eq!(check_form(&fields, &[answer("Name", "Ada")]), Ok(()));
        assert_eq!(items(check_form(&fields, &[answer("Town", "Bonn")])), [1]);
        assert_eq!(items(check_form(&fields, &[answer("Name", " ")])), [1]);
    }

    #[test]
    fn a_value_too_long_is_named_by_its_position() {
        let fields = [field("Name", true), field("Town", false)];
        let answers = [answer("Name", "Ada"), answer("Town", "London")];
        assert_eq!(items(check_form(&fields, &answers)), [2]);
    }

    #[test]
    fn a_strange_or_repeated_label_is_item_fifty() {
        let fields = [field("Name", true)];
        let twice = [answer("Name", "Ada"), answer("Name", "Bob")];
        assert_eq!(items(check_form(&fields, &twice)), [50]);
        let strange = [answer("Name", "Ada"), answer("Shoe", "43")];
        assert_eq!(items(check_form(&fields, &strange)), [50]);
    }
}
