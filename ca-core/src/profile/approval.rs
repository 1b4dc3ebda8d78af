//! Who decides on a registration, as `policies/brands/*.toml` says it.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use toml::Spanned;

use super::error::{APPROVAL, APPROVAL_FILE, APPROVAL_TIMEOUT, APPROVAL_URL, PolicyError};
use super::source::Source;

/// How a registration is decided once every check of the standard has passed (spec
/// `set-messages.md` §4.6 step 14).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Approval {
    /// The institution's own endpoint is asked.
    Ask {
        /// Where: an `http://` URL.
        url: String,
        /// File with the secret that signs question and answer, relative to the data folder.
        key_file: String,
        /// Seconds to wait for the answer, 1 to 5.
        timeout_secs: u64,
    },
    /// Granted.
    Automatic,
    /// Left to a person at the desk.
    ByHand,
    /// Granted to those on a list that the institution keeps, refused to others.
    List {
        /// The list, relative to the data folder.
        file: String,
    },
    /// Never granted.
    Refuse,
}

/// An approval as it is written: a word, or a table.
pub(super) enum ApprovalEntry {
    Automatic,
    ByHand,
    Refuse,
    Table(ApprovalTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovalTable {
    list: Option<Spanned<String>>,
    ask: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    timeout_secs: Option<Spanned<u64>>,
}

/// Checks an approval and gives it its meaning.
pub(super) fn read_approval(
    entry: &Spanned<ApprovalEntry>,
    source: &Source<'_>,
) -> Result<Approval, PolicyError> {
    let table = match entry.get_ref() {
        ApprovalEntry::Automatic => return Ok(Approval::Automatic),
        ApprovalEntry::ByHand => return Ok(Approval::ByHand),
        ApprovalEntry::Refuse => return Ok(Approval::Refuse),
        ApprovalEntry::Table(table) => table,
    };
    match (&table.list, &table.ask, &table.key, &table.timeout_secs) {
        (Some(list), None, None, None) => {
            check_file(list, source)?;
            Ok(Approval::List { file: list.get_ref().clone() })
        }
        (None, Some(url), Some(key), Some(timeout_secs)) => {
            check_ask_url(url, source)?;
            check_file(key, source)?;
            check_timeout(timeout_secs, source)?;
            Ok(Approval::Ask {
                url: url.get_ref().clone(),
                key_file: key.get_ref().clone(),
                timeout_secs: *timeout_secs.get_ref(),
            })
        }
        _ => {
            let message = "write { list = FILE } or { ask = URL, key = FILE, timeout_secs = 3 }";
            Err(source.refuse(entry, APPROVAL, message))
        }
    }
}

/// A file of the data folder: nothing outside it is read.
fn check_file(file: &Spanned<String>, source: &Source<'_>) -> Result<(), PolicyError> {
    let plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|octet| octet.is_ascii_graphic() && !b"\\:".contains(&octet))
    };
    if file.get_ref().split('/').all(plain) {
        return Ok(());
    }
    let message = format!("`{}`; write a path in the data folder: customers/a.txt", file.get_ref());
    Err(source.refuse(file, APPROVAL_FILE, message))
}

/// Plain HTTP: question and answer are signed, and TLS to a bank is a proxy beside the service.
fn check_ask_url(url: &Spanned<String>, source: &Source<'_>) -> Result<(), PolicyError> {
    let text = url.get_ref();
    let host = text.strip_prefix("http://").unwrap_or_default();
    let plain = host.bytes().all(|octet| octet.is_ascii_graphic() && !b"\"<>#".contains(&octet));
    if plain && !host.is_empty() && !host.starts_with(['/', ':']) && text.len() <= MAX_URL {
        return Ok(());
    }
    let message = format!("`{text}`; write a URL such as http://127.0.0.1:9000/decide");
    Err(source.refuse(url, APPROVAL_URL, message))
}

fn check_timeout(seconds: &Spanned<u64>, source: &Source<'_>) -> Result<(), PolicyError> {
    if (1..=MAX_TIMEOUT).contains(seconds.get_ref()) {
        return Ok(());
    }
    let message = format!("{}; write 1 to {MAX_TIMEOUT} seconds", seconds.get_ref());
    Err(source.refuse(seconds, APPROVAL_TIMEOUT, message))
}

impl<'de> Deserialize<'de> for ApprovalEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ApprovalVisitor)
    }
}

/// By hand, because an untagged enum would lose the places of the values.
struct ApprovalVisitor;

impl<'de> Visitor<'de> for ApprovalVisitor {
    type Value = ApprovalEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"automatic\", \"refuse\", \"by-hand\" or a table with list or ask")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<ApprovalEntry, E> {
        match word {
            "automatic" => Ok(ApprovalEntry::Automatic),
            "by-hand" => Ok(ApprovalEntry::ByHand),
            "refuse" => Ok(ApprovalEntry::Refuse),
            _ => Err(E::unknown_variant(word, &["automatic", "by-hand", "refuse"])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ApprovalEntry, A::Error> {
        ApprovalTable::deserialize(MapAccessDeserializer::new(map)).map(ApprovalEntry::Table)
    }
}

/// The service answers within ten seconds, and signing needs some of them.
const MAX_TIMEOUT: u64 = 5;
/// As any URL of ours (ub-URL [R-H]).
const MAX_URL: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        approval: Spanned<ApprovalEntry>,
    }

    fn read(text: &str) -> Result<Approval, &'static str> {
        let text = format!("approval = {text}");
        let source = Source { path: "brands/a.toml", text: &text };
        let file: File = source.read().map_err(|error| error.rule)?;
        read_approval(&file.approval, &source).map_err(|error| error.rule)
    }

    #[test]
    fn words_and_tables_mean_what_they_say() {
        assert_eq!(read("\"automatic\""), Ok(Approval::Automatic));
        assert_eq!(read("\"by-hand\""), Ok(Approval::ByHand));
        assert_eq!(read("\"refuse\""), Ok(Approval::Refuse));
        let list = Approval::List { file: "customers/a.txt".into() };
        assert_eq!(read("{ list = \"customers/a.txt\" }"), Ok(list));
        let ask = Approval::Ask {
            url: "http://127.0.0.1:9000/decide".into(),
            key_file: "bank.key".into(),
            timeout_secs: 3,
        };
        let text =
            "{ ask = \"http://127.0.0.1:9000/decide\", key = \"bank.key\", timeout_secs = 3 }";
        assert_eq!(read(text), Ok(ask));
    }

    #[test]
    fn a_table_is_a_list_or_a_question_and_never_half_of_one() {
        for text in [
            "{}",
            "{ list = \"a\", ask = \"http://b\" }",
            "{ list = \"a\", timeout_secs = 3 }",
            "{ ask = \"http://b\", timeout_secs = 3 }",
            "{ ask = \"http://b\", key = \"k\" }",
        ] {
            assert_eq!(read(text), Err("approval"), "{text}");
        }
    }

    #[test]
    fn a_file_outside_the_data_folder_is_refused() {
        for file in ["", "/etc/passwd", "../x", "a/../x", "a//b", "./a", "c:x", "a\\\\b"] {
            assert_eq!(read(&format!("{{ list = \"{file}\" }}")), Err("approval-file"), "{file}");
        }
    }

    #[test]
    fn an_endpoint_without_a_host_or_under_another_scheme_is_refused() {
        for url in ["", "http://", "http:///x", "http://:80/x", "https://bank/x", "http://a b"] {
            let text = format!("{{ ask = \"{url}\", key = \"k\", timeout_secs = 3 }}");
            assert_eq!(read(&text), Err("approval-url"), "{url}");
        }
    }
}
