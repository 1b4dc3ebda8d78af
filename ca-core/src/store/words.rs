//! The words by which a certificate is found: of its subject, and of what somebody looks for.

use core::fmt;

/// A run of letters and digits, in lower case: 2 characters or more, 64 octets at most, what is
/// longer is cut off.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Word(String);

impl Word {
    /// The words of a text, each once, in the order they come.
    #[must_use]
    pub fn all_in(text: &str) -> Vec<Self> {
        let mut words: Vec<Self> = Vec::new();
        for run in text.split(|c: char| !c.is_alphanumeric()) {
            let word = Self::cut(run.to_lowercase());
            if word.0.chars().nth(1).is_some() && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The words by which a certificate with this [`Intent::subject`](super::Intent::subject) is
    /// found: of the values of CN and OU, the first eight. C and O say the same of whole brands.
    #[must_use]
    pub fn of_subject(subject: &str) -> Vec<Self> {
        let mut words: Vec<Self> = Vec::new();
        for word in named_values(subject).flat_map(Self::all_in) {
            if words.len() < MOST_WORDS && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn cut(mut run: String) -> Self {
        let end = run.char_indices().map(|(start, c)| start.saturating_add(c.len_utf8()));
        let end = end.take_while(|end| *end <= MOST_OCTETS).last().unwrap_or(0);
        run.truncate(end);
        Self(run)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The values of CN and OU in a subject as the inventory has it: `C=US, O=Brand, OU=Bank, CN=Card`,
/// nothing escaped. Whatever does not begin an attribute goes on with the one before.
fn named_values(subject: &str) -> impl Iterator<Item = &str> {
    let mut indexed = false;
    subject.split(", ").filter_map(move |piece| {
        let (value, begun) = match piece.split_once('=') {
            Some(("CN" | "OU", value)) => (value, Some(true)),
            Some(("C" | "O", value)) => (value, Some(false)),
            _ => (piece, None),
        };
        indexed = begun.unwrap_or(indexed);
        indexed.then_some(value)
    })
}

/// Words by which one certificate is found.
const MOST_WORDS: usize = 8;
/// Octets of a word.
const MOST_OCTETS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn words(subject: &str) -> Vec<String> {
        Word::of_subject(subject).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits_of_cn_and_ou() {
        let subject = "C=CH, O=Sample Brand, OU=x Straße, CN=Café-Bar 24, Zürich";
        assert_eq!(words(subject), ["straße", "café", "bar", "24", "zürich"]);
        let blinded = "C=US, O=Sample, OU=Bank, CN=rm+slf/duk==";
        assert_eq!(words(blinded), ["bank", "rm", "slf", "duk"]);
        assert_eq!(words("CN=cardholder 12, O=Sample"), ["cardholder", "12"]);
        assert_eq!(words("OU=a, Bank=Best, CN=Paul, O=x"), ["bank", "best", "paul"]);
    }

    #[test]
    fn word_too_long_is_cut_between_characters() {
        let long = Word::all_in(&"é".repeat(40));
        assert_eq!(long, [Word("é".repeat(32))]);
        let odd = Word::all_in(&format!("a{}", "é".repeat(40)));
        assert_eq!(odd, [Word(format!("a{}", "é".repeat(31)))]);
    }

    #[test]
    fn only_the_first_words_count_and_none_twice() {
        let subject = "CN=one two One TWO three four five six seven eight nine ten";
        let expected = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
        assert_eq!(words(subject), expected);
    }

    #[test]
    fn text_that_is_no_name_has_no_words() {
        for text in ["", "CN", "=", "CN=", ", , ", "plain text", "CN=a", "O=Sample"] {
            assert_eq!(words(text), [] as [&str; 0], "{text}");
        }
    }
}
