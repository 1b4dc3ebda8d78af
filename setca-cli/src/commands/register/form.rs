//! The policy and the form: shown, agreed to, filled in.

use std::io::{self, IsTerminal};

use ca_core::UnixTime;
use ca_core::authority::Clock as _;
use ca_core::ee::{AnswerFault, FormOffer, Refused};
use ca_core::wire::RegField;
use ca_server::SystemClock;

use super::card::prompt_line;
use super::order::Filling;
use crate::failure::Failure;
use crate::report::say;
use crate::tree::Shown;

/// A form filled in by someone who agreed to the policy.
pub(super) struct Filled {
    /// Label and value.
    pub(super) answers: Vec<(String, String)>,
    /// The bank account, where one is asked for.
    pub(super) account: Option<String>,
    /// When the policy was agreed to.
    pub(super) agreed_at: UnixTime,
}

/// Shows policy and form, takes consent and the answers that are still missing.
///
/// # Errors
/// No consent; an answer is missing or does not fit and there is nobody to ask.
pub(super) fn fill(
    offer: &FormOffer,
    filling: Filling,
    mut account: Option<String>,
) -> Result<Filled, Failure> {
    let mut answers = filling.answer;
    show_policy(offer.policy());
    if !filling.accept_policy && !consent()? {
        return Err(Failure::refused(
            "you did not agree to the policy: no certificate was requested",
        ));
    }
    let agreed_at = SystemClock::default().now();
    if io::stdin().is_terminal() {
        ask_missing(offer, &mut answers)?;
        if let (Some(field), None) = (offer.account_field(), &account) {
            account = Some(ask(field)?);
        }
    }
    offer.check_answers(&answers).map_err(|fault| unanswered(offer, &fault))?;
    // Given though the CA does not want to know it: it is not told.
    let account = account.filter(|text| offer.account_field().is_some() && !text.is_empty());
    offer.check_account(account.as_deref()).map_err(|fault| {
        let option = "give --account or set SETCA_ACCOUNT";
        Failure::usage(format!("{}: {option}", Shown(&fault.to_string())))
    })?;
    Ok(Filled { answers, account, agreed_at })
}

/// The answers that were not refused, label and value.
pub(super) fn without(
    offer: &FormOffer,
    answers: Vec<(String, String)>,
    refused: &Refused,
) -> Vec<(String, String)> {
    let numbers = refused.failed_items.iter().map(|item| usize::from(item.item_number.value()));
    let fields: Vec<&RegField> =
        numbers.filter_map(|number| offer.fields().get(number.checked_sub(1)?)).collect();
    let is_refused = |label: &str| {
        fields.iter().any(|field| field.field_name.iter().any(|name| name.as_str() == label))
    };
    answers.into_iter().filter(|(label, _)| !is_refused(label)).collect()
}

/// A field's first label.
pub(super) fn label(field: &RegField) -> String {
    field.field_name.first().map(|name| name.as_str().to_owned()).unwrap_or_default()
}

/// `LABEL=VALUE` of the command line.
pub(super) fn answer(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((label, value)) if !label.trim().is_empty() => {
            Ok((label.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it as 'LABEL=VALUE'".to_owned()),
    }
}

fn show_policy(policy: &str) {
    say("\nThe CA's policy:\n");
    for line in policy.lines() {
        say(format_args!("  {}", Shown(line)));
    }
    say("");
}

fn consent() -> Result<bool, Failure> {
    let option = "--accept-policy if you agree to the policy above";
    let typed = prompt_line("Do you agree? (yes/no) ", option)?;
    Ok(matches!(typed.to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Asks for every visible field without an answer, again until the answer fits.
fn ask_missing(offer: &FormOffer, answers: &mut Vec<(String, String)>) -> Result<(), Failure> {
    for field in offer.fields().iter().filter(|field| !field.field_invisible) {
        let known = |name: &str| answers.iter().any(|(label, _)| label == name);
        if field.field_name.iter().any(|name| known(name.as_str())) {
            continue;
        }
        answers.push((label(field), ask(field)?));
    }
    Ok(())
}

/// Asks for one field until the answer fits.
fn ask(field: &RegField) -> Result<String, Failure> {
    if let Some(text) = &field.field_desc {
        say(format_args!("  ({})", Shown(text.as_str())));
    }
    let optional = if field.field_required { "" } else { " (may stay empty)" };
    let question = format!("{}{optional}: ", Shown(&label(field)));
    loop {
        let value = prompt_line(&question, "--answer")?;
        let length = value.chars().count();
        let limit = usize::from(field.field_len.value());
        if value.is_empty() && field.field_required {
            say("  this field is required");
        } else if length > limit {
            say(format_args!("  {length} characters, at most {limit} fit"));
        } else {
            return Ok(value);
        }
    }
}

/// The fault, and what the form has.
fn unanswered(offer: &FormOffer, fault: &AnswerFault) -> Failure {
    let labels: Vec<String> = offer
        .fields()
        .iter()
        .map(|field| {
            let required = if field.field_required { " (required)" } else { "" };
            format!("\"{}\"{required}", Shown(&label(field)))
        })
        .collect();
    let hint = match fault {
        AnswerFault::Missing(label) => format!("give --answer '{}=…'; ", Shown(label)),
        _ => String::new(),
    };
    let fault = fault.to_string();
    Failure::usage(format!("{}: {hint}the form has {}", Shown(&fault), labels.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_splits_at_the_first_equals_sign() {
        let pair = ("Full name".to_owned(), "a=b".to_owned());
        assert_eq!(answer("Full name = a=b"), Ok(pair));
        assert!(answer("no value").is_err());
        assert!(answer("=x").is_err());
    }
}
