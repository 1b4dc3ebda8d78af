//! The verdict as a person reads it.

use std::fmt::Write as _;

use ca_core::path::{Origin, PathElement, Settings, TraceStep, Verdict};

use crate::tree::Shown;

/// The verdict as a person reads it, top to bottom.
pub(super) fn text(verdict: &Verdict, settings: &Settings, trusted: usize) -> String {
    let mut out = String::new();
    let word = if verdict.valid { "VALID" } else { "INVALID" };
    // Writing to a String never fails.
    let _ = writeln!(out, "{word} at {} by the rules {}\n", settings.at, settings.rules);
    if !verdict.reasons.is_empty() {
        let _ = writeln!(out, "Why:");
        for reason in &verdict.reasons {
            let _ = writeln!(out, "  - {}  [{}]", Shown(&reason.message), reason.code);
            let _ = writeln!(out, "    certificate: {}", Shown(&reason.subject));
            let _ = writeln!(out, "    rule:        {}", reason.rule);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "Path, the certificate first:");
    for element in &verdict.path {
        let _ = writeln!(out, "  {}", line(element, trusted));
    }
    if !verdict.trace.is_empty() {
        let _ = writeln!(out, "\nSteps:");
        for step in &verdict.trace {
            let _ = writeln!(out, "  {}", step_line(step));
            if step.before != step.after {
                let _ =
                    writeln!(out, "     state: {} -> {}", Shown(&step.before), Shown(&step.after));
            }
        }
    }
    out
}

fn line(element: &PathElement, trusted: usize) -> String {
    let origin = match element.origin {
        Origin::Anchor(index) if index >= trusted => "  (trusted: a trusted root announces it)",
        Origin::Anchor(_) => "  (trusted)",
        _ => "",
    };
    format!("{}  serial {}{origin}", Shown(&element.subject), element.serial)
}

fn step_line(step: &TraceStep) -> String {
    let outcome = step.code.map_or_else(|| "ok".to_owned(), |code| format!("FAILS [{code}]"));
    let (subject, message) = (Shown(&step.subject), Shown(&step.message));
    let input = if step.input.is_empty() {
        String::new()
    } else {
        format!("\n     looks at: {}", Shown(&step.input))
    };
    format!("{}. {subject}: {message} ({}): {outcome}{input}", step.candidate, step.rule)
}
