//! What the user entered, as the RegForm of a CertReq (decisions.md 3).

use super::FormOffer;
use crate::wire::bounds::{UB_ACCT_IDENTIFICATION, UB_FIELD_LIST};
use crate::wire::{FieldValue, NonEmpty, RegField, RegFormItem, ValueError, VisibleString};

/// An answer that does not fit the form. Names the field, never the value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerFault {
    /// A character that cannot be written.
    #[error("the answer to \"{label}\" cannot be written: {fault}")]
    Characters {
        /// Label of the field.
        label: String,
        /// What is wrong.
        fault: ValueError,
    },
    /// No answer to a required field.
    #[error("the form asks for \"{0}\"")]
    Missing(String),
    /// More characters than the field takes.
    #[error("the answer to \"{label}\" has {found} characters, at most {limit} fit")]
    TooLong {
        /// Label of the field.
        label: String,
        /// Characters entered.
        found: usize,
        /// Most characters.
        limit: usize,
    },
    /// Two answers to one field.
    #[error("\"{0}\" is answered twice")]
    Twice(String),
    /// A label that is not in the form.
    #[error("the form does not ask for \"{0}\"")]
    Unknown(String),
}

impl FormOffer {
    /// Checks answers, label and value each, without sending anything. An empty value is no answer.
    ///
    /// # Errors
    /// [`AnswerFault`] of the first fault.
    pub fn check_answers(&self, answers: &[(String, String)]) -> Result<(), AnswerFault> {
        self.reg_form(answers).map(drop)
    }

    /// Checks what was entered as bank account, without sending anything. Empty is no answer.
    ///
    /// # Errors
    /// [`AnswerFault`], also if the CA does not ask for an account.
    pub fn check_account(&self, account: Option<&str>) -> Result<(), AnswerFault> {
        self.account_identification(account).map(drop)
    }

    /// acctIdentification, if it was asked for and entered (decisions.md 31).
    pub(super) fn account_identification(
        &self,
        account: Option<&str>,
    ) -> Result<Option<VisibleString<UB_ACCT_IDENTIFICATION>>, AnswerFault> {
        let account = account.filter(|text| !text.is_empty());
        let Some(field) = self.account_field() else {
            let unasked = AnswerFault::Unknown("account".to_owned());
            return if account.is_some() { Err(unasked) } else { Ok(None) };
        };
        let Some(text) = account else {
            let missing = AnswerFault::Missing(first_label(field));
            return if field.field_required { Err(missing) } else { Ok(None) };
        };
        check_length(field, text)?;
        let written = VisibleString::new(text);
        written
            .map(Some)
            .map_err(|fault| AnswerFault::Characters { label: first_label(field), fault })
    }

    /// The items in form order, one for each answered field.
    pub(super) fn reg_form(
        &self,
        answers: &[(String, String)],
    ) -> Result<Option<NonEmpty<RegFormItem, UB_FIELD_LIST>>, AnswerFault> {
        let unknown = answers
            .iter()
            .find(|(label, _)| !self.fields().iter().any(|field| has_label(field, label)));
        if let Some((label, _)) = unknown {
            return Err(AnswerFault::Unknown(label.clone()));
        }
        let items = self.fields().iter().map(|field| item(field, answers));
        let items: Vec<RegFormItem> =
            items.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        // A form has at most as many fields as a RegForm has items.
        Ok(NonEmpty::new(items).ok())
    }
}

fn item(
    field: &RegField,
    answers: &[(String, String)],
) -> Result<Option<RegFormItem>, AnswerFault> {
    let label = || first_label(field);
    let mut given = answers.iter().filter(|(label, _)| has_label(field, label));
    let (answer, second) = (given.next(), given.next());
    if second.is_some() {
        return Err(AnswerFault::Twice(label()));
    }
    let value = answer.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty());
    let Some(value) = value else {
        return if field.field_required { Err(AnswerFault::Missing(label())) } else { Ok(None) };
    };
    check_length(field, value)?;
    let field_value = FieldValue::text(value)
        .map_err(|fault| AnswerFault::Characters { label: label(), fault })?;
    Ok(Some(RegFormItem { field_name: field.field_name.clone(), field_value }))
}

fn check_length(field: &RegField, value: &str) -> Result<(), AnswerFault> {
    let (found, limit) = (value.chars().count(), usize::from(field.field_len.value()));
    if found > limit {
        return Err(AnswerFault::TooLong { label: first_label(field), found, limit });
    }
    Ok(())
}

/// A field goes by any of its labels: they are wordings of the same question.
fn has_label(field: &RegField, label: &str) -> bool {
    field.field_name.iter().any(|name| name.as_str() == label)
}

fn first_label(field: &RegField) -> String {
    field.field_name.first().map(|name| name.as_str().to_owned()).unwrap_or_default()
}
