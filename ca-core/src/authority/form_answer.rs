//! A form as it came back, with answers that fit it.

use const_oid::ObjectIdentifier;

use crate::decide::{Answered, answer_for};
use crate::profile::FormText;

/// A form in the language it was given out in, and what was answered.
#[derive(Debug)]
pub(super) struct AnsweredForm<'a> {
    pub(super) text: &'a FormText,
    pub(super) answers: Vec<Answered>,
    /// acctIdentification of a merchant or gateway.
    pub(super) account: Option<String>,
}

impl AnsweredForm<'_> {
    /// The answer to the field of this meaning.
    pub(super) fn answer(&self, field_id: ObjectIdentifier) -> Option<&str> {
        answer_for(self.text, &self.answers, field_id)
    }

    /// First label and value of each answer in the order of the form, the account last: for whoever
    /// decides.
    pub(super) fn listed(&self) -> Vec<(String, String)> {
        let mut listed = Vec::new();
        for field in &self.text.fields {
            let answer = self.answers.iter().find(|answer| answer.labels == field.names);
            let value = answer.and_then(|answer| answer.value.clone());
            listed.extend(field.names.first().cloned().zip(value));
        }
        let asked = self.text.account.as_ref().and_then(|account| account.names.first());
        listed.extend(asked.cloned().zip(self.account.clone()));
        listed
    }
}
