//! The policy and the form: shown, agreed to, filled in.

use std::io::{self, IsTerminal};

use ca_core::UnixTime;
use ca_core::authority::Clock as _;
use ca_core::ee::{AnswerFault, FormOffer};
use ca_core::wire::RegField;
use ca_server::SystemClock;

use super::card::prompt_line;
use crate::failure::Failure;
use crate::report::say;
use crate::tree::Shown;

/// A form filled in by someone who agreed to the policy.
pub(super) struct Filled {
    /// Label and value.
    pub(super) answers: Vec<(String, String)>,
    /// When the policy was agreed to.
    pub(super) agreed_at: UnixTime,
}

/// Shows policy and form, takes consent and the answers that are still missing.
///
/// # Errors
/// No consent; an answer is missing or does not fit and there is nobody to ask.
pub(super) fn fill(
    offer: &FormOffer,
    mut answers: Vec<(String, String)>,
    accepted: bool,
) -> Result<Filled, Failure> {
    show_policy(offer.policy());
    if !accepted && !consent()? {
        return Err(Failure::refused(
            "you did not agree to the policy: no certificate was requested",
        ));
    }
    let agreed_at = SystemClock::default().now();
    if io::stdin().is_terminal() {
        ask_missing(offer, &mut answers)?;
    }
    offer.check_answers(&answers).map_err(|fault| unanswered(offer, &fault))?;
    Ok(Filled { answers, agreed_at })
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
        if let Some(text) = &field.field_desc {
            say(format_args!("  ({})", Shown(text.as_str())));
        }
        let label = label(field);
        let optional = if field.field_required { "" } else { " (may stay empty)" };
        let question = format!("{}{optional}: ", Shown(&label));
        loop {
            let value = prompt_line(&question, "--answer")?;
            let length = value.chars().count();
            let limit = usize::from(field.field_len.value());
            if value.is_empty() && field.field_required {
                say("  this field is required");
            } else if length > limit {
                say(format_args!("  {length} characters, at most {limit} fit"));
            } else {
                answers.push((label, value));
                break;
            }
        }
    }
    Ok(())
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
