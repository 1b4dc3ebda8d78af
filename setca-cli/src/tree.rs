//! One tree, two views: what a command found out, as text for people and JSON for programs.
//!
//! Both views come from the same value, so they cannot disagree. The text view shortens long octet
//! strings and escapes whatever a terminal would act on: names in certificates are hostile input.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use ca_core::{UnixTime, hex};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value with names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Tree {
    /// Named values in order.
    Fields(Vec<(Cow<'static, str>, Tree)>),
    /// True or false.
    Flag(bool),
    /// Values in order.
    List(Vec<Tree>),
    /// A number.
    Number(u64),
    /// Octets: hexadecimal in both views, shortened in text.
    Octets(Vec<u8>),
    /// Text.
    Text(String),
}

impl Tree {
    /// An empty set of fields, to be filled with [`Tree::with`].
    pub(crate) const fn new() -> Self {
        Self::Fields(Vec::new())
    }

    /// A list of what the items become.
    pub(crate) fn list<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// Adds a field; anything else than fields becomes the field `value` first.
    pub(crate) fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<Self>) -> Self {
        let mut fields = match self {
            Self::Fields(fields) => fields,
            other => vec![(Cow::Borrowed("value"), other)],
        };
        fields.push((name.into(), value.into()));
        Self::Fields(fields)
    }

    /// Adds a field if there is a value.
    pub(crate) fn with_some(
        self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Self>>,
    ) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The text view, a line break at the end of each line.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        match self {
            Self::Fields(fields) => write_fields(&mut out, fields, "", ""),
            Self::List(items) => write_items(&mut out, items, ""),
            scalar => write_line(&mut out, "", &scalar_text(scalar)),
        }
        out
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fields(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(items) => serializer.collect_seq(items),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Octets(octets) => serializer.serialize_str(&hex(octets)),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Tree {
    fn from(octets: &[u8]) -> Self {
        Self::Octets(octets.to_vec())
    }
}

impl From<bool> for Tree {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Tree {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Tree {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Tree {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<UnixTime> for Tree {
    fn from(time: UnixTime) -> Self {
        Self::Text(time.to_string())
    }
}

impl From<Vec<Self>> for Tree {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}

/// Text a terminal shows as it is: control and invisible characters are escaped.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '"' | '\'' | '\\' => f.write_char(c)?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

fn write_fields(out: &mut String, fields: &[(Cow<'static, str>, Tree)], first: &str, indent: &str) {
    let mut margin = first;
    for (name, value) in fields {
        let deeper = format!("{indent}  ");
        match value {
            Tree::Fields(inner) if !inner.is_empty() => {
                write_line(out, margin, &Shown(name));
                write_fields(out, inner, &deeper, &deeper);
            }
            Tree::List(items) if !items.iter().all(is_scalar) || long(items) => {
                write_line(out, margin, &Shown(name));
                write_items(out, items, &deeper);
            }
            scalar => {
                write_line(out, margin, &format_args!("{}: {}", Shown(name), scalar_text(scalar)));
            }
        }
        margin = indent;
    }
}

fn write_items(out: &mut String, items: &[Tree], indent: &str) {
    let (first, deeper) = (format!("{indent}- "), format!("{indent}  "));
    for item in items {
        match item {
            Tree::Fields(fields) if !fields.is_empty() => {
                write_fields(out, fields, &first, &deeper);
            }
            Tree::List(inner) if !inner.is_empty() => {
                write_line(out, &first, &"");
                write_items(out, inner, &deeper);
            }
            scalar => write_line(out, &first, &scalar_text(scalar)),
        }
    }
}

fn write_line(out: &mut String, margin: &str, text: &dyn fmt::Display) {
    let start = out.len();
    // Writing to a String never fails.
    let _ = write!(out, "{margin}{text}");
    out.truncate(start + out.get(start..).map_or(0, |line| line.trim_end().len()));
    out.push('\n');
}

const fn is_scalar(tree: &Tree) -> bool {
    !matches!(tree, Tree::Fields(_) | Tree::List(_))
}

/// True for a list that does not fit behind its name.
fn long(items: &[Tree]) -> bool {
    items.iter().map(|item| scalar_text(item).len() + 2).sum::<usize>() > ROOM
}

fn scalar_text(tree: &Tree) -> String {
    match tree {
        Tree::Fields(_) => "(empty)".to_owned(),
        Tree::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Tree::List(items) if items.is_empty() => "none".to_owned(),
        Tree::List(items) => items.iter().map(scalar_text).collect::<Vec<_>>().join(", "),
        Tree::Number(number) => number.to_string(),
        Tree::Octets(octets) if octets.is_empty() => "(no octets)".to_owned(),
        Tree::Octets(octets) if octets.len() <= SHOWN_OCTETS => hex(octets),
        Tree::Octets(octets) => {
            let shown = octets.get(..SHOWN_OCTETS - 8).unwrap_or(octets);
            format!("{}… ({} octets)", hex(shown), octets.len())
        }
        Tree::Text(text) => Shown(text).to_string(),
    }
}

/// Octets shown whole in text: digests, nonces and serial numbers are, signatures are not.
const SHOWN_OCTETS: usize = 40;
/// Characters of a list that stand behind its name.
const ROOM: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Tree {
        Tree::new()
            .with("serial", "1a")
            .with("ca", true)
            .with("types", Tree::list(["cca", "mca"]))
            .with("none", Tree::List(Vec::new()))
            .with(
                "entries",
                vec![
                    Tree::new().with("serial", "01").with("at", 3_u64),
                    Tree::new().with("serial", "02"),
                ],
            )
            .with("inner", Tree::new().with("digest", &[0xab, 0xcd][..]))
    }

    #[test]
    fn text_nests_by_indentation() {
        let text = "serial: 1a\nca: yes\ntypes: cca, mca\nnone: none\nentries\n  - serial: 01\n    \
                    at: 3\n  - serial: 02\ninner\n  digest: abcd\n";
        assert_eq!(sample().to_text(), text);
    }

    #[test]
    fn json_keeps_the_order_of_the_fields() {
        let json = concat!(
            r#"{"serial":"1a","ca":true,"types":["cca","mca"],"none":[],"#,
            r#""entries":[{"serial":"01","at":3},{"serial":"02"}],"inner":{"digest":"abcd"}}"#,
        );
        assert_eq!(serde_json::to_string(&sample()).unwrap(), json);
    }

    #[test]
    fn text_escapes_what_a_terminal_would_act_on() {
        let tree = Tree::new().with("name", "a\u{1b}[2Jb\nc\u{202e}d \"e\"");
        assert_eq!(tree.to_text(), "name: a\\u{1b}[2Jb\\nc\\u{202e}d \"e\"\n");
    }

    #[test]
    fn long_octets_are_shortened_in_text_and_whole_in_json() {
        let tree = Tree::new().with("signature", &[0x11; 384][..]);
        assert!(tree.to_text().ends_with("… (384 octets)\n"));
        assert!(serde_json::to_string(&tree).unwrap().contains(&"11".repeat(384)));
    }
}
