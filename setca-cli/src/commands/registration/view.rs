//! Registrations as text and JSON, from what the service says of them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::failure::Failure;
use crate::report::Report;
use crate::tree::{Shown, Tree};

/// One registration.
pub(super) fn one(registration: &Value) -> Result<Report, Failure> {
    Report::tree(&tree(registration))
}

/// A page of them.
pub(super) fn list(page: &Value) -> Result<Report, Failure> {
    let empty = Vec::new();
    let lines = page["registrations"].as_array().unwrap_or(&empty);
    let mut text = table(lines);
    if let Some(next) = page["next"].as_str() {
        // Writing to a String never fails.
        let _ = writeln!(text, "more: --cursor {}", Shown(next));
    }
    Report::views(text, &tree(page))
}

fn table(lines: &[Value]) -> String {
    if lines.is_empty() {
        return "no registrations\n".to_owned();
    }
    let rows: Vec<[String; 7]> = lines.iter().map(row).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&HEAD.map(str::to_owned)).chain(&rows) {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

fn row(line: &Value) -> [String; 7] {
    let cell = |name: &str| Shown(line[name].as_str().unwrap_or_default()).to_string();
    let (bin, tail, id) = (cell("bin"), cell("pan_tail"), cell("business_id"));
    let account = match (bin.as_str(), tail.as_str()) {
        ("", _) => String::new(),
        (_, "") => format!("{bin}:{id}"),
        _ => format!("{bin}…{tail}"),
    };
    let [state, role, brand, kind, since] =
        ["state", "role", "brand", "request_type", "created"].map(cell);
    [cell("id"), state, role, brand, account, kind, since]
}

/// A JSON value with the names this program uses; what is null is left out.
fn tree(value: &Value) -> Tree {
    match value {
        Value::Array(items) => Tree::List(items.iter().map(tree).collect()),
        Value::Bool(flag) => Tree::Flag(*flag),
        Value::Null => Tree::Text(String::new()),
        Value::Number(number) => match number.as_u64() {
            Some(number) => Tree::Number(number),
            None => Tree::Text(number.to_string()),
        },
        Value::Object(fields) => {
            let mut present: Vec<(&String, &Value)> =
                fields.iter().filter(|(_, value)| !value.is_null()).collect();
            // What is not known comes last, in the order of its names.
            let place = |name: &str| ORDER.iter().position(|known| *known == name);
            present.sort_by_key(|(name, _)| place(name).unwrap_or(ORDER.len()));
            present
                .into_iter()
                .fold(Tree::new(), |fields, (name, value)| fields.with(camel(name), tree(value)))
        }
        Value::String(text) => Tree::Text(text.clone()),
    }
}

/// `pan_tail` → `panTail`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text
}

/// The fields of the service in the order in which people read them.
const ORDER: [&str; 22] = [
    "id",
    "state",
    "role",
    "brand",
    "institution",
    "ca",
    "request_type",
    "bin",
    "pan_tail",
    "business_id",
    "language",
    "form",
    "answers",
    "label",
    "status",
    "refusal",
    "message",
    "decision",
    "issued",
    "peer_error",
    "created",
    "updated",
];
const HEAD: [&str; 7] = ["ID", "STATE", "ROLE", "BRAND", "ACCOUNT", "REQUEST", "SINCE"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_is_shown_by_its_ends_and_a_merchant_by_its_identifier() {
        let card = json!({ "bin": "420000", "pan_tail": "1234" });
        assert_eq!(row(&card)[4], "420000…1234");
        let merchant = json!({ "bin": "490000", "business_id": "SHOP" });
        assert_eq!(row(&merchant)[4], "490000:SHOP");
        assert_eq!(row(&json!({}))[4], "");
    }

    #[test]
    fn names_and_order_are_those_of_this_program_and_null_is_left_out() {
        let value = json!({ "issued": [1, true], "pan_tail": "1234", "peer_error": null, "x": "" });
        let json = serde_json::to_string(&tree(&value)).unwrap();
        assert_eq!(json, r#"{"panTail":"1234","issued":[1,true],"x":""}"#);
    }
}
