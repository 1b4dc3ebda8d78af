//! Attribute values prepared for comparison (RFC 5280 §7.1, RFC 4518 §2).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `text` such that values which caseIgnoreMatch takes for equal give the same characters; `None`
/// if it holds a character that RFC 4518 §2.4 prohibits, for then nothing equals it but itself.
///
/// Case is folded as RFC 3454 table B.2 does, and NFKC is taken, both in today's Unicode: code
/// points that Unicode 3.2 did not know are compared, not prohibited.
pub(super) fn prepare(text: &str) -> Option<String> {
    if text.is_ascii() {
        let mapped = text.chars().filter_map(mapped).map(|c| c.to_ascii_lowercase());
        return Some(without_insignificant_space(mapped));
    }
    let mut prepared: String = folded(text);
    // Folding after NFKC makes new letters to fold of a few compatibility characters (B.2 has them
    // in its table); a second round settles them.
    for _ in 0..ROUNDS {
        let again = folded(&prepared);
        if again == prepared {
            break;
        }
        prepared = again;
    }
    let allowed = !prepared.chars().any(is_prohibited);
    allowed.then(|| without_insignificant_space(prepared.chars()))
}

/// Map, then normalise (RFC 4518 §2.2, §2.3).
fn folded(text: &str) -> String {
    text.chars().filter_map(mapped).flat_map(Folding::of).nfkc().collect()
}

/// RFC 4518 §2.2: controls and ignorables go, every kind of space becomes SPACE.
fn mapped(c: char) -> Option<char> {
    match c {
        '\u{9}'..='\u{D}' | '\u{85}' => Some(' '),
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{202F}' | '\u{205F}' | '\u{3000}' => Some(' '),
        '\u{0}'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' => None,
        '\u{AD}' | '\u{34F}' | '\u{6DD}' | '\u{70F}' | '\u{1806}' | '\u{180B}'..='\u{180E}' => None,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2063}' => None,
        '\u{206A}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' => None,
        '\u{FFF9}'..='\u{FFFC}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0001}' => None,
        '\u{E0020}'..='\u{E007F}' => None,
        other => Some(other),
    }
}

/// RFC 4518 §2.4: private use, what is no character, and the replacement character.
fn is_prohibited(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' | '\u{FDD0}'..='\u{FDEF}')
        || c == char::REPLACEMENT_CHARACTER
        || code & 0xFFFE == 0xFFFE
}

/// RFC 4518 §2.6.1: no space outside, one for many inside. A space that carries a combining mark is
/// no space.
fn without_insignificant_space(text: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut waiting = false;
    for c in text {
        if c == ' ' {
            waiting = true;
            continue;
        }
        if waiting && (!out.is_empty() || is_combining_mark(c)) {
            out.push(' ');
        }
        waiting = false;
        out.push(c);
    }
    out
}

/// The case folding of one character. Upper case first, because lower case alone leaves what has
/// several lower-case forms: ß and SS, ς and σ.
struct Folding {
    upper: core::char::ToUppercase,
    lower: Option<core::char::ToLowercase>,
    itself: Option<char>,
}

impl Folding {
    fn of(c: char) -> Self {
        // Dotless i is another letter than i (RFC 3454 table B.2 leaves it), yet shares its I.
        let itself = (c == 'ı').then_some(c);
        Self { upper: c.to_uppercase(), lower: None, itself }
    }
}

impl Iterator for Folding {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(c) = self.itself.take() {
            self.upper = ' '.to_uppercase();
            self.upper.next();
            return Some(c);
        }
        loop {
            if let Some(c) = self.lower.as_mut().and_then(Iterator::next) {
                return Some(c);
            }
            self.lower = Some(self.upper.next()?.to_lowercase());
        }
    }
}

/// Enough for every character: the property test below would show one that needs more.
const ROUNDS: usize = 3;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::prepare;

    fn same(one: &str, other: &str) -> bool {
        prepare(one).is_some() && prepare(one) == prepare(other)
    }

    #[test]
    fn case_and_outer_and_repeated_space_do_not_count() {
        assert!(same(" Good  CA ", "good ca"));
        assert!(same("Good\tCA", "GOOD\u{a0}\u{2003}CA"));
        assert!(!same("Good CA", "GoodCA"));
    }

    /// RFC 3454 table B.2: 00DF; 0073 0073 and 03C2; 03C3 and 0130; 0069 0307.
    #[test]
    fn letters_fold_as_stringprep_folds_them() {
        assert_eq!(prepare("Straße"), Some("strasse".to_owned()));
        assert!(same("ΟΔΟΣ", "οδος"));
        assert_eq!(prepare("İ"), Some("i\u{307}".to_owned()));
        assert!(!same("ı", "i"));
    }

    #[test]
    fn composed_decomposed_and_compatible_forms_are_the_same() {
        assert!(same("Müller", "Mu\u{308}ller"));
        assert!(same("Brand", "\u{ff22}\u{ff32}\u{ff21}\u{ff2e}\u{ff24}"));
    }

    #[test]
    fn soft_hyphen_zero_width_and_controls_are_nothing() {
        assert!(same("Br\u{ad}an\u{200b}d\u{7}", "brand"));
    }

    #[test]
    fn prohibited_characters_have_no_prepared_form() {
        for text in ["\u{e000}", "\u{fdd0}", "\u{fffd}", "a\u{1ffff}"] {
            assert_eq!(prepare(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_character_by_itself_is_prepared_once_and_for_all() {
        // Ideographs and syllables in between neither fold nor compose by themselves.
        for c in ('\u{0}'..'\u{3400}').chain('\u{f900}'..'\u{20000}') {
            let Some(once) = prepare(&format!("x{c}x")) else { continue };
            assert_eq!(prepare(&once).as_ref(), Some(&once), "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn preparing_twice_is_preparing_once(text in ".*") {
            if let Some(once) = prepare(&text) {
                prop_assert_eq!(prepare(&once), Some(once));
            }
        }

        #[test]
        fn ascii_is_prepared_as_any_text_is(text in "[ -~\t]*") {
            let long_way = prepare(&format!("{text}é")).unwrap();
            let short_way = prepare(&format!("{text}e")).unwrap();
            prop_assert_eq!(long_way.trim_end_matches('é'), short_way.strip_suffix('e').unwrap());
        }
    }
}
