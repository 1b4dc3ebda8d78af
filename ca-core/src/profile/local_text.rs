//! Short texts for people, in several languages.

use std::collections::BTreeMap;

use toml::Spanned;

use super::error::{PolicyError, TEXT_LANGUAGE};
use super::source::Source;
use super::text::{check_language, is_set_string};

/// A text in one or more languages, always in the default language of its brand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalText {
    default: String,
    texts: Vec<(String, String)>,
}

impl LocalText {
    /// The text in the language asked for: exact tag, primary subtag, the brand's default (spec
    /// `set-messages.md` §4.4).
    #[must_use]
    pub fn in_language(&self, language: &str) -> &str {
        let tag = |entry: &(String, String)| language_eq(&entry.0, language);
        let primary = |entry: &(String, String)| language_eq(&entry.0, primary_subtag(language));
        let found = self.texts.iter().find(|e| tag(e)).or(self.texts.iter().find(|e| primary(e)));
        found.map_or(&self.default, |(_, text)| text)
    }
}

/// A text as it is written: `name.en = "…"`.
pub(super) type LocalEntry = Spanned<BTreeMap<Spanned<String>, Spanned<String>>>;

/// Checks that each text is a SETString of at most `max` characters, or it breaks `rule`.
pub(super) fn read_local_text(
    entry: &LocalEntry,
    default_language: &str,
    max: usize,
    rule: &'static str,
    source: &Source<'_>,
) -> Result<LocalText, PolicyError> {
    let mut texts = Vec::new();
    for (language, text) in entry.get_ref() {
        check_language(language, source)?;
        if !is_set_string(text.get_ref(), max) {
            let length = text.get_ref().chars().count();
            let message = format!("{length} characters; write 1 to {max}");
            return Err(source.refuse(text, rule, message));
        }
        texts.push((language.get_ref().clone(), text.get_ref().clone()));
    }
    let default = texts.iter().find(|(language, _)| language_eq(language, default_language));
    let Some((_, default)) = default else {
        return Err(without_default(entry, default_language, source));
    };
    Ok(LocalText { default: default.clone(), texts })
}

/// A text that some reader could not be given in any language.
pub(super) fn without_default<T>(
    entry: &Spanned<T>,
    default_language: &str,
    source: &Source<'_>,
) -> PolicyError {
    let message = format!("says nothing in {default_language}, the default language of the brand");
    source.refuse(entry, TEXT_LANGUAGE, message)
}

/// RFC 1766 §2.1: tags are compared without regard to case.
pub(super) fn language_eq(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// `de` of `de-AT`.
pub(super) fn primary_subtag(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_falls_back_to_its_primary_subtag_and_then_to_the_default() {
        let text = LocalText {
            default: "Hello".into(),
            texts: vec![("en".into(), "Hello".into()), ("de".into(), "Hallo".into())],
        };
        for (asked, found) in [("de", "Hallo"), ("DE-at", "Hallo"), ("mi", "Hello"), ("", "Hello")]
        {
            assert_eq!(text.in_language(asked), found, "{asked}");
        }
    }
}
